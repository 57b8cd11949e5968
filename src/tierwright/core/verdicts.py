"""From what the tiers did to what the step is called: passed, healed, failed, skipped (healing.md, section 1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from tierwright.core.effects import NOTICED
from tierwright.core.identity import Fingerprint
from tierwright.core.keys import proposal_id
from tierwright.core.ports import Baseline
from tierwright.core.results import (
    CHANGED,
    Actuator,
    ErrorKind,
    Failure,
    Grounding,
    Healed,
    Notice,
    Proposal,
    RunStatus,
    StepResult,
    StepStatus,
)
from tierwright.core.steps import Step
from tierwright.core.strategy import TierNumber
from tierwright.core.three_tier import Outcome
from tierwright.core.tier import Found, Performed, StepCall

CONTRACT_GREENS = 2
"""How many green runs must agree before a contract binds (H-16)."""

OTHERS_LAST = timedelta(days=1)
"""How long what was noted of the rest of a page is good enough, so that most runs need not look."""


def step_result(call: StepCall, outcome: Outcome, duration_ms: float, file: str) -> StepResult:
    """The result of a step whose climb ended; healed and grounded steps carry their proposal."""
    base = StepResult(
        index=call.index,
        step=call.written,
        status=StepStatus.FAILED,
        duration_ms=duration_ms,
        error=outcome.error,
        attempts=outcome.attempts,
    )
    if outcome.performed is None:
        return _not_performed(base, outcome)
    return _performed(base, call, outcome.performed, file)


def _not_performed(base: StepResult, outcome: Outcome) -> StepResult:
    last = outcome.attempts[-1] if outcome.attempts else None
    status = StepStatus.SKIPPED if outcome.skipped else StepStatus.FAILED
    return replace(base, status=status, tier=last.tier if last else None, cache=last.cache if last else base.cache)


def _performed(base: StepResult, call: StepCall, performed: Performed, file: str) -> StepResult:
    found = performed.found
    result = replace(
        base,
        status=StepStatus.PASSED,
        error=None,
        tier=found.tier,
        actuator=performed.actuator or Actuator.PLAYWRIGHT,
        locator=str(found.locator) if found.locator else None,
        xpath=found.xpath,
        cache=found.cache,
        confidence=found.confidence,
        margin=found.margin,
        warnings=found.warnings + performed.warnings,
        artifacts=performed.artifacts,
    )
    return _relocated(result, call, found, file) if _is_relocated(found) else result


def is_offered(call: StepCall, found: Found) -> bool:
    """Whether what was found is offered for review, if it can be used: as a heal, or as a first find (H-31)."""
    return _is_relocated(found) and (is_heal(call, found) or call.baseline is None)


def _is_relocated(found: Found) -> bool:
    return found.locator is not None and found.tier is not TierNumber.DIRECT


def is_heal(call: StepCall, found: Found) -> bool:
    """Whether a selector or an accepted baseline failed and another way found the element (H-3)."""
    return _is_relocated(found) and bool(call.written.selector or (call.baseline and not found.agrees))


def _relocated(result: StepResult, call: StepCall, found: Found, file: str) -> StepResult:
    """A heal where a selector or an accepted baseline failed; a grounding where the step had neither (H-3)."""
    to = str(found.durable or found.locator)
    if is_heal(call, found):
        proposal = _proposal(result, call, found, "heal", file)
        healed = Healed(call.written.selector or _describe(call.known), to, proposal.id)
        return replace(result, status=StepStatus.HEALED, healed=healed, proposal=proposal)
    if call.baseline is None:
        proposal = _proposal(result, call, found, "grounding", file)
        return replace(result, grounding=Grounding(to, proposal.id), proposal=proposal)
    return result


def _proposal(result: StepResult, call: StepCall, found: Found, kind: str, file: str) -> Proposal:
    assert found.locator
    assert found.fingerprint
    key = call.baseline_key
    return Proposal(
        id=proposal_id(call.project, call.test, key.digest, found.fingerprint.key),
        kind=kind,
        test=call.test,
        file=file,
        step_index=result.index,
        step=call.written,
        old_selector=call.written.selector,
        new_locator=found.durable or found.locator,
        alternatives=found.alternatives,
        tier=found.tier,
        confidence=found.confidence,
        margin=found.margin,
        baseline_key=key.digest,
        candidate_key=found.fingerprint.key,
        baseline=call.known,
        candidate=found.fingerprint,
        evidence=found.evidence,
    )


def _describe(known: Fingerprint | None) -> str:
    return f'{known.role or known.tag} "{known.name or known.text}"' if known else "the instruction"


def missing_of_contract(call: StepCall, effects: frozenset[str]) -> frozenset[str]:
    """What the step's earlier green runs had in common and this one lacks; empty while too few are known (H-16)."""
    baseline = call.baseline
    if baseline is None or baseline.greens < CONTRACT_GREENS:
        return frozenset()
    return baseline.contract - effects


def is_watched(step: Step, baseline: Baseline | None) -> bool:
    """Whether it matters what appears and vanishes in a step: a contract is to begin, or holds such effects (H-16).

    A contract is what all green runs had in common: what it did not begin with, no later run adds to it.
    """
    if not step.needs_element or step.judges:
        return False
    return baseline is None or baseline.greens == 0 or not NOTICED.isdisjoint(baseline.contract)


def learns_others(baseline: Baseline | None, now: datetime) -> bool:
    """Whether a passing step is to note anew what else its page shows: while it is learned, then once a day (H-11)."""
    if baseline is None or baseline.greens < CONTRACT_GREENS or not baseline.fingerprint.others:
        return True
    return baseline.updated_at is None or now - baseline.updated_at > OTHERS_LAST


def contract_words(call: StepCall, effects: frozenset[str]) -> str:
    """Both sides of a broken contract, in words."""
    wanted = call.baseline.contract if call.baseline else frozenset()
    brought = _listed(effects) if effects else "none of it"
    return f"its earlier green runs brought {_listed(wanted)}; this one brought {brought}"


def broken_contract(result: StepResult, call: StepCall, effects: frozenset[str]) -> StepResult:
    """A step on another element than before that lacks what its green runs had in common fails; others warn (H-16)."""
    if not missing_of_contract(call, effects):
        return result
    words = contract_words(call, effects)
    if not is_on_another(result):
        return replace(result, warnings=(*result.warnings, Notice(ErrorKind.CONTRACT.value, words)))
    said = f"healed to {result.locator}" if result.status is StepStatus.HEALED else _drift(result)
    error = Failure(ErrorKind.CONTRACT, f"{said}, but {words}")
    return replace(result, status=StepStatus.FAILED, error=error, healed=None, proposal=None)


def is_on_another(result: StepResult) -> bool:
    """Whether a step that went well acted on another element than before: a heal, or a selector that drifted."""
    drifted = result.status is StepStatus.PASSED and _drift(result) != ""
    return drifted or result.status is StepStatus.HEALED


def _drift(result: StepResult) -> str:
    """What the step's selector meant before and means now; empty where that is the same, as far as is known (H-10)."""
    return next((warning.message for warning in result.warnings if warning.kind == CHANGED), "")


def _listed(effects: frozenset[str]) -> str:
    return ", ".join(sorted(effects)) or "nothing"


def try_status(results: list[StepResult], broken: Failure | None, *, cancelled: bool) -> RunStatus:
    """How a try ended (H-4): nothing that did not happen is ever passed."""
    if broken:
        return RunStatus.ERROR
    if cancelled:
        return RunStatus.CANCELLED
    if any(r.status is StepStatus.FAILED for r in results):
        return RunStatus.FAILED
    healed = any(r.status is StepStatus.HEALED for r in results)
    return RunStatus.PASSED_HEALED if healed else RunStatus.PASSED
