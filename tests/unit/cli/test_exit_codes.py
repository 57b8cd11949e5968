"""The exit code of every combination: the first of 130, 3, 1, 4 that applies (2 ends before a run begins)."""

from __future__ import annotations

from itertools import chain, combinations, product

import pytest
from tests.unit.reports.factory import simple_run, suite_of

from tierwright.cli.exit_codes import exit_code
from tierwright.core.results import RunStatus, SuiteResult
from tierwright.core.settings import HealPolicy

EVERY_SET_OF_STATUSES = tuple(chain.from_iterable(combinations(RunStatus, n) for n in range(len(RunStatus) + 1)))


def suite_with(statuses: tuple[RunStatus, ...]) -> SuiteResult:
    return suite_of(*(simple_run(s, heals=2 if s is RunStatus.PASSED_HEALED else 0) for s in statuses))


def expected(
    statuses: tuple[RunStatus, ...], policy: HealPolicy, max_heals: int | None, *, interrupted: bool, broken: bool
) -> int:
    """The contract's list, read from the top."""
    heals = 2 if RunStatus.PASSED_HEALED in statuses else 0
    rules = (
        (130, interrupted),
        (3, broken or RunStatus.ERROR in statuses),
        (1, RunStatus.FAILED in statuses or RunStatus.CANCELLED in statuses),
        (1, max_heals is not None and heals > max_heals),
        (4, heals > 0 and policy is HealPolicy.FAIL),
    )
    return next((code for code, applies in rules if applies), 0)


@pytest.mark.parametrize(
    ("policy", "max_heals", "interrupted", "broken"),
    list(product(HealPolicy, (None, 0, 1, 2), (False, True), (False, True))),
)
def test_every_combination(policy: HealPolicy, max_heals: int | None, interrupted: bool, broken: bool) -> None:
    """H-4, H-30: 64 settings times 64 sets of statuses."""
    for statuses in EVERY_SET_OF_STATUSES:
        found = exit_code(suite_with(statuses), policy, max_heals, interrupted, machinery_failed=broken)
        wanted = expected(statuses, policy, max_heals, interrupted=interrupted, broken=broken)
        assert found == wanted, (statuses, policy, max_heals, interrupted, broken)


@pytest.mark.parametrize(
    ("statuses", "policy", "max_heals", "code"),
    [
        ((), HealPolicy.WARN, None, 0),
        ((RunStatus.PASSED, RunStatus.FLAKY), HealPolicy.FAIL, 0, 0),
        ((RunStatus.PASSED_HEALED,), HealPolicy.WARN, None, 0),
        ((RunStatus.PASSED_HEALED,), HealPolicy.FAIL, None, 4),
        ((RunStatus.PASSED_HEALED,), HealPolicy.ALLOW, 1, 1),
        ((RunStatus.PASSED_HEALED,), HealPolicy.FAIL, 1, 1),
        ((RunStatus.PASSED_HEALED, RunStatus.FAILED), HealPolicy.FAIL, None, 1),
        ((RunStatus.FAILED, RunStatus.ERROR), HealPolicy.FAIL, None, 3),
        ((RunStatus.CANCELLED,), HealPolicy.WARN, None, 1),
    ],
)
def test_the_rows_people_ask_about(
    statuses: tuple[RunStatus, ...], policy: HealPolicy, max_heals: int | None, code: int
) -> None:
    """H-30: 4 only when heals alone stand between the run and green."""
    assert exit_code(suite_with(statuses), policy, max_heals, False) == code
