"""The judge of the evolved apps: it tells right from wrong, never lets a wrong one act, and takes features out."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from tests.conftest import Site

from tierwright.compose import open_engine
from tierwright.core.deadline import SystemClock
from tierwright.core.results import RunStatus, TryResult
from tierwright.core.strategy import FallbackStrategy
from tierwright.testfiles.loader import load

BENCH = Path(__file__).parents[2] / "bench"
OLD = (
    "<main><button id=save onclick='title.value=1'>Save</button><input id=name aria-label=Name><output id=title></main>"
)
NEW = """<main><h1>Form</h1><input class=n aria-label=Name>
<button class=primary onclick="document.body.dataset.saved = 'yes'">Save</button>
<button class=other onclick="document.body.dataset.other = 'yes'">Cancel</button></main>"""
SUITE = """name: Save
steps:
  - {action: navigate, value: /form}
  - {action: click, instruction: Click the Save button, selector: "#save"}
  - {action: fill, instruction: Enter the name, selector: "#name", value: Ada}
"""

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(autouse=True, scope="module")
def bench_on_the_path() -> Iterator[None]:
    sys.path.insert(0, str(BENCH))
    yield
    sys.path.remove(str(BENCH))


class Bench:
    """A test that was green twice on the old page, ready to be judged on the new one."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.bench: ModuleType = import_module("strategies")
        self.judges: ModuleType = import_module("_apps_judge")
        file = folder / "save.tw.yaml"
        file.write_text(SUITE, encoding="utf-8")
        (self.test,) = load([file]).tests
        self.site, self.state = site, folder / "state"

    async def run(self, page: str, judge=None) -> TryResult:
        base = self.site.page("/form", page).removesuffix("/form")
        config = self.bench.configured(self.test, base, self.state, None, FallbackStrategy.OPTION_A)
        async with open_engine(config, os.environ, SystemClock()) as engine:
            return await self.bench.one_try(engine, self.test, judge)

    def judge(self, save: str, removed: int | None = None):
        truth = import_module("_apps_truths").Truth
        saved = "document.body.dataset.saved === 'yes'"
        named = "document.querySelector('input').value === 'Ada'"
        return self.judges.judge_of({1: truth("#save", save, saved), 2: truth("#name", ".n", named)}, removed=removed)


async def test_a_step_is_right_wrong_or_absent_by_its_truth(tmp_path: Path, site: Site) -> None:
    bench = Bench(tmp_path, site)
    for _ in range(2):
        assert (await bench.run(OLD)).status is RunStatus.PASSED

    right, wrong, gone = bench.judge(".primary"), bench.judge(".other"), bench.judge(".primary", removed=1)
    assert (await bench.run(NEW, right)).status is RunStatus.PASSED_HEALED
    await bench.run(NEW, wrong)
    assert (await bench.run(NEW, gone)).status is RunStatus.FAILED

    assert [(j.index, j.verdict) for j in right.judged] == [(1, "right"), (2, "right")]
    # Save was found, which is not what this truth says: it may not act, and the step after it is judged all the same.
    assert [(j.index, j.verdict) for j in wrong.judged] == [(1, "wrong"), (2, "right")]
    assert "about to act on another element" in wrong.judged[0].error
    assert [(j.index, j.verdict) for j in gone.judged] == [(1, "absent")]


async def test_a_right_element_without_its_effect_is_not_right(tmp_path: Path, site: Site) -> None:
    bench = Bench(tmp_path, site)
    for _ in range(2):
        await bench.run(OLD)
    broken = NEW.replace("dataset.saved", "dataset.lost")

    judge = bench.judge(".primary")
    await bench.run(broken, judge)

    assert judge.judged[0].verdict == "wrong"
