"""Secrets taken out of results before anybody else sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tierwright.core.results import Attempt, Evidence, Failure, Notice, Proposal, ScoredElement, StepResult

Mask = Callable[[str], str]


def masked_result(result: StepResult, mask: Mask) -> StepResult:
    """The result with every text that came from the page or an error masked."""
    return replace(
        result,
        error=masked_failure(result.error, mask),
        locator=_maybe(result.locator, mask),
        xpath=_maybe(result.xpath, mask),
        warnings=tuple(Notice(w.kind, mask(w.message)) for w in result.warnings),
        attempts=tuple(masked_attempt(a, mask) for a in result.attempts),
        proposal=_masked_proposal(result.proposal, mask),
    )


def _masked_proposal(proposal: Proposal | None, mask: Mask) -> Proposal | None:
    """The proposal with its evidence masked; locators and fingerprints hold `{{name}}` in place of values."""
    return replace(proposal, evidence=masked_evidence(proposal.evidence, mask)) if proposal else None


def masked_attempt(attempt: Attempt, mask: Mask) -> Attempt:
    """The attempt with its message, locator and evidence masked."""
    return replace(
        attempt,
        error=masked_failure(attempt.error, mask),
        locator=_maybe(attempt.locator, mask),
        evidence=masked_evidence(attempt.evidence, mask),
    )


def masked_failure(failure: Failure | None, mask: Mask) -> Failure | None:
    """The failure with its message masked."""
    return Failure(failure.kind, mask(failure.message)) if failure else None


def masked_evidence(evidence: Evidence | None, mask: Mask) -> Evidence | None:
    """The evidence with names, locators and reasons masked."""
    if evidence is None:
        return None
    shown = tuple(ScoredElement(mask(c.locator), c.role, mask(c.name), c.score) for c in evidence.candidates)
    return replace(evidence, candidates=shown, reasons=tuple(mask(r) for r in evidence.reasons))


def _maybe(text: str | None, mask: Mask) -> str | None:
    return None if text is None else mask(text)
