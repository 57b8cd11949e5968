"""Every fault of `./dev faults` with fewer runs: each run is accounted for exactly once."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.faults.scenarios import FAULTS, why_not

RUNS = 20
LEASE = 6.0
BROWSERS = frozenset({"browsers_killed", "serve_killed_with_browser"})
MODELS = frozenset({"model_hangs", "model_429", "model_lies"})


def _marked(name: str) -> object:
    marks = [pytest.mark.browser] if name in BROWSERS | MODELS else []
    return pytest.param(name, marks=[*marks, *([pytest.mark.stagehand] if name in MODELS else [])])


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [_marked(name) for name in FAULTS])
def test_every_run_is_accounted_for_exactly_once(name: str, tmp_path: Path) -> None:
    if reason := why_not(name, tmp_path):
        pytest.skip(reason)
    outcome = FAULTS[name](tmp_path / name, RUNS, LEASE)
    assert outcome.wrong == ()
