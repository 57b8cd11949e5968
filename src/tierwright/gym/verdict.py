"""What a trial proved: from the try with the change, and from a reference try where one is needed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tierwright.core.results import ErrorKind, RunStatus, StepResult, StepStatus, TryResult
from tierwright.core.strategy import FallbackStrategy, TierNumber
from tierwright.gym.kinds import Kind
from tierwright.gym.trial import Trial


class Verdict(StrEnum):
    """What became of one change.

    Of benign changes: `right` (acted on the same element, test green), `wrong` (acted on another), `abstained` (red,
    and nothing wrong was touched). Of defects: `caught` (red), `warned` (green, with a warning that the step no longer
    does what it did), `false` (acted on another element in place of the defective one), `masked` (green although the
    test covers the defect), `gap` (green, and nothing in the test covers it).
    """

    RIGHT = "right"
    WRONG = "wrong"
    ABSTAINED = "abstained"
    CAUGHT = "caught"
    WARNED = "warned"
    FALSE = "false"
    MASKED = "masked"
    GAP = "gap"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """One change, tried. `step_index` counts from 0; `tier` is who acted in the changed step, None for nobody.

    `thorough`: what selectors hold on to was changed as well.
    """

    test: str
    file: str
    step_index: int
    step: str
    kind: Kind
    thorough: bool
    strategy: FallbackStrategy
    verdict: Verdict
    tier: TierNumber | None
    error: str
    duration_ms: float


def needs_reference(trial: Trial, result: TryResult) -> bool:
    """Whether only a reference try can say what the change meant.

    A benign change that was not survived may have broken the page itself; a defect that went green may be covered by
    nothing.
    """
    if trial.recipe.kind.is_defect:
        return result.status.green and not acted_wrongly(trial, result)
    return not _right(trial, result) and not acted_wrongly(trial, result)


def verdict_of(trial: Trial, result: TryResult, reference: TryResult | None) -> Verdict | None:
    """What the change proved; None where it proved nothing, because it broke the page for everybody."""
    covered = reference is not None and _is_red(reference, trial.at)
    if trial.recipe.kind.is_defect:
        return _of_defect(trial, result, covered=covered)
    if covered:
        return None
    if acted_wrongly(trial, result):
        return Verdict.WRONG
    return Verdict.RIGHT if _right(trial, result) else Verdict.ABSTAINED


def _of_defect(trial: Trial, result: TryResult, *, covered: bool) -> Verdict:
    green = result.status.green
    if acted_wrongly(trial, result):
        return Verdict.MASKED if green else Verdict.FALSE
    if not green:
        return Verdict.CAUGHT
    if _warns(result, trial.at):
        return Verdict.WARNED
    return Verdict.MASKED if covered else Verdict.GAP


def acted_wrongly(trial: Trial, result: TryResult) -> bool:
    """Whether an action was sent to another element than the step means, or another one was judged in its place.

    Where two elements swapped their labels nobody can say which one is meant: there only the end of the run counts.
    """
    if trial.recipe.kind is Kind.LABEL_SWAPPED:
        return False
    step = result.steps[trial.at]
    kind = step.error.kind if step.error else None
    sent = step.status in (StepStatus.PASSED, StepStatus.HEALED) or kind in (ErrorKind.UNVERIFIED, ErrorKind.CONTRACT)
    return sent and bool(trial.hits) and not trial.hits[-1][1]


def _right(trial: Trial, result: TryResult) -> bool:
    return result.status.green and bool(trial.hits) and trial.hits[-1][1]


def _warns(result: TryResult, at: int) -> bool:
    """Whether the changed step, or one after it, was said to have broken its contract."""
    return any(notice.kind == ErrorKind.CONTRACT for step in result.steps[at:] for notice in step.warnings)


def _is_red(reference: TryResult, at: int) -> bool:
    """Whether a reference shows the change: it failed, warned, or only went on by finding something else."""
    healed = any(_healed_after(step, at) for step in reference.steps)
    return reference.status is RunStatus.FAILED or healed or _warns(reference, at)


def _healed_after(step: StepResult, at: int) -> bool:
    return step.index > at and step.status is StepStatus.HEALED
