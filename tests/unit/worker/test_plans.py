"""Which runs a command makes, and what a run is called by its tries."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tierwright.core.config import Shard
from tierwright.core.results import RunStatus, TryResult
from tierwright.core.steps import TestCase
from tierwright.worker.one_run import run_status
from tierwright.worker.suite import plans_of

S = RunStatus
TESTS = [TestCase(name=f"test {n}") for n in range(5)]


def test_one_run_a_test_and_one_a_row_of_its_examples() -> None:
    rows = TestCase(name="rows", examples=({"a": "1"}, {"a": "2"}))
    plans = plans_of([TESTS[0], rows], None)
    assert [(p.test.name, p.example) for p in plans] == [("test 0", None), ("rows", {"a": "1"}), ("rows", {"a": "2"})]
    assert len({p.run_id for p in plans}) == 3


@pytest.mark.parametrize("total", [1, 2, 3, 7])
def test_shards_are_disjoint_and_together_everything(total: int) -> None:
    parts = [[p.test.name for p in plans_of(TESTS, Shard(i, total))] for i in range(1, total + 1)]
    assert sorted(name for part in parts for name in part) == [t.name for t in TESTS]
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize(
    ("tries", "status"),
    [
        ([], S.CANCELLED),
        ([S.PASSED], S.PASSED),
        ([S.PASSED_HEALED], S.PASSED_HEALED),
        ([S.FAILED, S.PASSED], S.FLAKY),
        ([S.FAILED, S.FAILED, S.PASSED_HEALED], S.FLAKY),
        ([S.FAILED, S.FAILED], S.FAILED),
        ([S.ERROR, S.PASSED], S.PASSED),
        ([S.ERROR, S.ERROR], S.ERROR),
        ([S.ERROR, S.FAILED], S.FAILED),
        ([S.FAILED, S.ERROR], S.ERROR),
        ([S.FAILED, S.CANCELLED], S.CANCELLED),
    ],
)
def test_what_a_run_is_called(tries: list[RunStatus], status: RunStatus) -> None:
    """H-4: flaky is passed on a later try; nothing that did not happen is ever passed."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert run_status([TryResult(status=t, started_at=moment, duration_ms=1.0) for t in tries]) is status
