"""What a trial of the gym proves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tierwright.compose import RunPlan
from tierwright.core.results import ErrorKind, Failure, Notice, RunStatus, StepResult, StepStatus, TryResult
from tierwright.core.steps import Action, Condition, Step, TestCase
from tierwright.core.strategy import FallbackStrategy, TierNumber
from tierwright.gym.change import Recipe
from tierwright.gym.exercise import Exercise, changes_of
from tierwright.gym.kinds import BENIGN, DEFECTS, Kind, suits
from tierwright.gym.report import benign_rows, defect_rows, gaps, is_clean
from tierwright.gym.trial import Trial
from tierwright.gym.verdict import TrialResult, Verdict, needs_reference, verdict_of

CLICK = Step(action=Action.CLICK, selector="#save")
EXPECT = Step(action=Action.EXPECT, condition=Condition.TEXT, selector="#state", value="Saved")
WARNING = Notice("contract", "the step sent no request")


def tried(status: RunStatus, *steps: StepStatus, kind: ErrorKind | None = None, warned: bool = False) -> TryResult:
    error = Failure(kind, "") if kind else None
    made = tuple(
        StepResult(
            index=i,
            step=CLICK,
            status=s,
            error=error if s is StepStatus.FAILED else None,
            warnings=(WARNING,) if warned else (),
        )
        for i, s in enumerate(steps)
    )
    return TryResult(status=status, started_at=datetime.now(UTC), duration_ms=1, steps=made, error=error)


GREEN = tried(RunStatus.PASSED, StepStatus.PASSED, StepStatus.PASSED)
HEALED = tried(RunStatus.PASSED_HEALED, StepStatus.HEALED, StepStatus.PASSED)
HEALED_LATER = tried(RunStatus.PASSED_HEALED, StepStatus.PASSED, StepStatus.HEALED)
WARNED = tried(RunStatus.PASSED, StepStatus.PASSED, StepStatus.PASSED, warned=True)
RED = tried(RunStatus.FAILED, StepStatus.FAILED, StepStatus.SKIPPED, kind=ErrorKind.NOT_FOUND)
BROKE = tried(RunStatus.FAILED, StepStatus.FAILED, StepStatus.SKIPPED, kind=ErrorKind.CONTRACT)
RED_LATER = tried(RunStatus.FAILED, StepStatus.PASSED, StepStatus.FAILED, kind=ErrorKind.EXPECTATION)


def trial(kind: Kind, *hits: bool) -> Trial:
    made = Trial(0, Recipe(kind, "s"))
    made.hits = [(TierNumber.HYBRID, right) for right in hits]
    return made


@pytest.mark.parametrize(
    ("kind", "hits", "result", "reference", "verdict"),
    [
        (Kind.MOVED, (True,), HEALED, None, Verdict.RIGHT),
        (Kind.MOVED, (False,), HEALED, None, Verdict.WRONG),
        (Kind.MOVED, (False,), BROKE, None, Verdict.WRONG),
        (Kind.MOVED, (), RED, GREEN, Verdict.ABSTAINED),
        (Kind.MOVED, (True,), RED_LATER, GREEN, Verdict.ABSTAINED),
        (Kind.MOVED, (), RED, RED, None),
        (Kind.REMOVED, (), RED, None, Verdict.CAUGHT),
        (Kind.REMOVED, (False,), HEALED, None, Verdict.MASKED),
        (Kind.REMOVED, (False,), BROKE, None, Verdict.FALSE),
        (Kind.HANDLER_GONE, (True,), RED_LATER, None, Verdict.CAUGHT),
        (Kind.HANDLER_GONE, (True,), WARNED, WARNED, Verdict.WARNED),
        (Kind.HANDLER_GONE, (True,), GREEN, GREEN, Verdict.GAP),
        (Kind.HANDLER_GONE, (True,), GREEN, RED_LATER, Verdict.MASKED),
        (Kind.HANDLER_GONE, (True,), GREEN, WARNED, Verdict.MASKED),
        (Kind.HANDLER_GONE, (True,), GREEN, HEALED_LATER, Verdict.MASKED),
        (Kind.LABEL_SWAPPED, (False,), HEALED, GREEN, Verdict.GAP),
    ],
)
def test_a_verdict(
    kind: Kind, hits: tuple[bool, ...], result: TryResult, reference: TryResult | None, verdict: Verdict | None
):
    made = trial(kind, *hits)

    assert verdict_of(made, result, reference) is verdict
    assert needs_reference(made, result) is (reference is not None)


def test_a_step_that_judged_another_element_and_failed_touched_nothing():
    made = trial(Kind.REMOVED, False)
    judged = tried(RunStatus.FAILED, StepStatus.FAILED, kind=ErrorKind.EXPECTATION)

    assert verdict_of(made, judged, None) is Verdict.CAUGHT


PLAN = RunPlan("r", TestCase(name="t", steps=(Step(action=Action.NAVIGATE, value="/"), CLICK, EXPECT)))


def test_the_same_seed_tries_the_same_changes_and_the_kinds_take_turns():
    kinds = (Kind.REMOVED, Kind.MOVED, Kind.WRONG_VALUE)

    once, again = (list(changes_of([PLAN], kinds, 7)) for _ in range(2))

    assert once == again != list(changes_of([PLAN], kinds, 8))
    assert [c.recipe.kind for c in once[:3]] == list(kinds)
    assert {c.at for c in once} == {1, 2}
    assert not any(c.recipe.thorough for c in once if c.recipe.kind in DEFECTS)


@pytest.mark.parametrize(
    ("kind", "step", "fits"),
    [
        (Kind.MOVED, CLICK, True),
        (Kind.MOVED, Step(action=Action.NAVIGATE, value="/"), False),
        (Kind.MOVED, Step(action=Action.EXPECT, condition=Condition.HIDDEN, selector="p"), False),
        (Kind.REWORDED, EXPECT, False),
        (Kind.WRONG_VALUE, EXPECT, True),
        (Kind.WRONG_VALUE, CLICK, False),
        (Kind.FORM_NOWHERE, Step(action=Action.FILL, selector="input", value="x"), False),
        (Kind.DISABLED, EXPECT, False),
    ],
)
def test_which_changes_suit_a_step(kind: Kind, step: Step, fits: bool):
    assert suits(kind, step) is fits


def test_every_kind_is_benign_or_a_defect():
    assert frozenset(Kind) == BENIGN | DEFECTS
    assert not BENIGN & DEFECTS


def result(kind: Kind, verdict: Verdict, tier: TierNumber | None = TierNumber.DIRECT) -> TrialResult:
    return TrialResult(
        test="t",
        file="t.tw.yaml",
        step_index=1,
        step="Save",
        kind=kind,
        thorough=False,
        strategy=FallbackStrategy.OPTION_C,
        verdict=verdict,
        tier=tier,
        error="",
        duration_ms=1,
    )


def test_the_tables_add_up_and_gaps_are_told_once():
    exercise = Exercise(
        FallbackStrategy.OPTION_C,
        (
            result(Kind.MOVED, Verdict.RIGHT),
            result(Kind.MOVED, Verdict.RIGHT, TierNumber.HYBRID),
            result(Kind.REORDER, Verdict.ABSTAINED, None),
            result(Kind.HANDLER_GONE, Verdict.GAP),
            result(Kind.HANDLER_GONE, Verdict.GAP),
            result(Kind.REMOVED, Verdict.CAUGHT, None),
        ),
        not_applicable=2,
    )

    assert benign_rows(exercise)[-1] == ("all benign changes", "3", "2", "0", "1", "67 %", "1 / 1 / 0", "1 of 2")
    assert defect_rows(exercise)[-1] == ("all defects", "3", "1", "0", "0", "0", "2")
    assert len(gaps([exercise])) == 1
    assert is_clean([exercise])


@pytest.mark.parametrize("bad", [Verdict.WRONG, Verdict.FALSE, Verdict.MASKED])
def test_what_turns_bugs_green_is_not_clean(bad: Verdict):
    assert not is_clean([Exercise(FallbackStrategy.OPTION_A, (result(Kind.REMOVED, bad),), 0)])
