"""No secret leaves with a result, whichever part of it the page or an error wrote."""

from __future__ import annotations

from tierwright.core.identity import ElementLocator, Fingerprint
from tierwright.core.masking import masked_result
from tierwright.core.results import (
    Attempt,
    ErrorKind,
    Evidence,
    Failure,
    Notice,
    Proposal,
    ScoredElement,
    StepResult,
    StepStatus,
)
from tierwright.core.steps import Action, Step
from tierwright.core.strategy import TierNumber
from tierwright.core.variables import Variables

SECRET = "hunter2-secret"
SAID = f"it says {SECRET}"
STEP = Step(action=Action.CLICK, selector="#x", instruction="Click {{password}}")
EVIDENCE = Evidence((ScoredElement(SAID, "button", SAID, 0.9),), (SAID,), "local")
FAILURE = Failure(ErrorKind.NOT_FOUND, SAID)
PROPOSAL = Proposal(
    id="p",
    kind="heal",
    test="t",
    file="f",
    step_index=0,
    step=STEP,
    old_selector="#x",
    new_locator=ElementLocator("text={{password}}"),
    alternatives=(),
    tier=TierNumber.HYBRID,
    confidence=0.9,
    margin=0.5,
    baseline_key="b",
    candidate_key="c",
    baseline=None,
    candidate=Fingerprint(tag="button", name="{{password}}"),
    evidence=EVIDENCE,
)
RESULT = StepResult(
    index=0,
    step=STEP,
    status=StepStatus.HEALED,
    locator=SAID,
    xpath=SAID,
    error=FAILURE,
    warnings=(Notice("dialog", SAID),),
    attempts=(
        Attempt(
            tier=TierNumber.DIRECT,
            ordinal=1,
            success=False,
            duration_ms=1.0,
            error=FAILURE,
            locator=SAID,
            evidence=EVIDENCE,
        ),
    ),
    proposal=PROPOSAL,
)


def test_every_part_of_a_result_is_masked() -> None:
    variables = Variables({"password": SECRET}, frozenset({"password"}))
    masked = masked_result(RESULT, variables.mask)
    assert SECRET in repr(RESULT)
    assert SECRET not in repr(masked)
    assert masked.proposal
    assert masked.proposal.new_locator == PROPOSAL.new_locator
