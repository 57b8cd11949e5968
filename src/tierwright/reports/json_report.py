"""The result as JSON, `schema_version` 1: what scripts and other programs rely on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO, TypedDict

from tierwright import __version__
from tierwright.core.events import Event, SuiteFinished
from tierwright.core.results import (
    Attempt,
    Evidence,
    Failure,
    Grounding,
    Healed,
    RunResult,
    RunStatus,
    StepResult,
    SuiteResult,
    TryResult,
    total_cost_usd,
)
from tierwright.reports.files import write_report
from tierwright.reports.masking import Mask, masked, unchanged

SCHEMA_VERSION = 1


class MessageJson(TypedDict):
    """An error or a warning: its kind for the machine, its message for a person."""

    kind: str
    message: str


class CandidateJson(TypedDict):
    """A candidate of the evidence; `score` in 0..1."""

    locator: str
    role: str
    name: str
    score: float


class EvidenceJson(TypedDict):
    """Why an element was chosen, or why none was."""

    candidates: list[CandidateJson]
    reasons: list[str]
    source: str
    forced: bool


class AttemptJson(TypedDict):
    """One try of one tier."""

    tier: int
    ordinal: int
    success: bool
    duration_ms: float
    error_kind: str | None
    error: str | None
    cache: str
    locator: str | None
    tokens: int
    cost_usd: float | None
    evidence: EvidenceJson | None


# "from" is a word of Python's, so this one cannot be a class.
HealedJson = TypedDict("HealedJson", {"from": str, "to": str, "proposal_id": str})


class GroundingJson(TypedDict):
    """The first find of a step without a selector."""

    to: str
    proposal_id: str


class StepJson(TypedDict):
    """One step; `index` counts from 0."""

    index: int
    action: str
    instruction: str
    status: str
    tier: int | None
    actuator: str | None
    duration_ms: float
    selector: str | None
    locator: str | None
    xpath: str | None
    cache: str
    confidence: float | None
    margin: float | None
    tokens: int
    cost_usd: float | None
    error: MessageJson | None
    healed: HealedJson | None
    grounding: GroundingJson | None
    warnings: list[MessageJson]
    artifacts: list[str]
    attempts: list[AttemptJson]


class TryJson(TypedDict):
    """One try of a run."""

    status: str
    duration_ms: float
    error: MessageJson | None


class RunJson(TypedDict):
    """One run: one test, or one row of its examples."""

    test: str
    file: str
    status: str
    duration_ms: float
    cost_usd: float | None
    tokens: int
    error: MessageJson | None
    example: Mapping[str, str] | None
    tries: list[TryJson]
    steps: list[StepJson]


class SummaryJson(TypedDict):
    """How many runs ended how; `tests` counts runs, `steps` those of each run's last try."""

    tests: int
    passed: int
    passed_healed: int
    flaky: int
    failed: int
    error: int
    cancelled: int
    steps: int
    healed_steps: int
    tokens: int
    cost_usd: float | None


class ResultJson(TypedDict):
    """The whole document."""

    schema_version: int
    tool_version: str
    started_at: str
    duration_ms: float
    strategy: str
    model: str
    summary: SummaryJson
    runs: list[RunJson]


class JsonReport:
    """Writes the result of a suite as JSON."""

    title = "the JSON report"

    def __init__(self, file: Path, stdout: TextIO, *, mask: Mask = unchanged) -> None:
        self._file, self._stdout, self._mask = file, stdout, mask

    async def on_event(self, event: Event) -> None:
        """Write when the suite has ended. Raises OSError."""
        if isinstance(event, SuiteFinished):
            document = result_json(masked(event.result, self._mask))
            write_report(json.dumps(document, indent=2, ensure_ascii=False), self._file, self._stdout)


def result_json(suite: SuiteResult) -> ResultJson:
    """The document of a suite."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool_version": __version__,
        "started_at": suite.started_at.isoformat(),
        "duration_ms": _ms(suite.duration_ms),
        "strategy": suite.strategy.value,
        "model": suite.model,
        "summary": _summary(suite),
        "runs": [_run(run) for run in suite.runs],
    }


def _summary(suite: SuiteResult) -> SummaryJson:
    return {
        "tests": len(suite.runs),
        "passed": suite.count(RunStatus.PASSED),
        "passed_healed": suite.count(RunStatus.PASSED_HEALED),
        "flaky": suite.count(RunStatus.FLAKY),
        "failed": suite.count(RunStatus.FAILED),
        "error": suite.count(RunStatus.ERROR),
        "cancelled": suite.count(RunStatus.CANCELLED),
        "steps": sum(len(run.steps) for run in suite.runs),
        "healed_steps": sum(len(run.healed_steps) for run in suite.runs),
        "tokens": sum(run.tokens for run in suite.runs),
        "cost_usd": total_cost_usd(run.cost_usd for run in suite.runs),
    }


def _run(run: RunResult) -> RunJson:
    return {
        "test": run.test.name,
        "file": run.test.file,
        "status": run.status.value,
        "duration_ms": _ms(run.duration_ms),
        "cost_usd": run.cost_usd,
        "tokens": run.tokens,
        "error": _failure(run.error),
        "example": dict(run.example) if run.example is not None else None,
        "tries": [_try(t) for t in run.tries],
        "steps": [_step(step) for step in run.steps],
    }


def _try(one: TryResult) -> TryJson:
    return {"status": one.status.value, "duration_ms": _ms(one.duration_ms), "error": _failure(one.error)}


def _step(result: StepResult) -> StepJson:
    return {
        "index": result.index,
        "action": result.step.action.value,
        "instruction": result.step.text,
        "status": result.status.value,
        "tier": int(result.tier) if result.tier is not None else None,
        "actuator": result.actuator.value if result.actuator else None,
        "duration_ms": _ms(result.duration_ms),
        "selector": result.step.selector,
        "locator": result.locator,
        "xpath": result.xpath,
        "cache": result.cache.value,
        "confidence": result.confidence,
        "margin": result.margin,
        "tokens": result.tokens,
        "cost_usd": result.cost_usd,
        "error": _failure(result.error),
        "healed": _healed(result.healed),
        "grounding": _grounding(result.grounding),
        "warnings": [{"kind": w.kind, "message": w.message} for w in result.warnings],
        "artifacts": list(result.artifacts),
        "attempts": [_attempt(attempt) for attempt in result.attempts],
    }


def _attempt(attempt: Attempt) -> AttemptJson:
    return {
        "tier": int(attempt.tier),
        "ordinal": attempt.ordinal,
        "success": attempt.success,
        "duration_ms": _ms(attempt.duration_ms),
        "error_kind": attempt.error.kind.value if attempt.error else None,
        "error": attempt.error.message if attempt.error else None,
        "cache": attempt.cache.value,
        "locator": attempt.locator,
        "tokens": attempt.tokens,
        "cost_usd": attempt.cost_usd,
        "evidence": _evidence(attempt.evidence),
    }


def _evidence(evidence: Evidence | None) -> EvidenceJson | None:
    if evidence is None:
        return None
    return {
        "candidates": [
            {"locator": c.locator, "role": c.role, "name": c.name, "score": c.score} for c in evidence.candidates
        ],
        "reasons": list(evidence.reasons),
        "source": evidence.source,
        "forced": evidence.forced,
    }


def _failure(failure: Failure | None) -> MessageJson | None:
    return {"kind": failure.kind.value, "message": failure.message} if failure else None


def _healed(healed: Healed | None) -> HealedJson | None:
    return {"from": healed.from_, "to": healed.to, "proposal_id": healed.proposal_id} if healed else None


def _grounding(grounding: Grounding | None) -> GroundingJson | None:
    return {"to": grounding.to, "proposal_id": grounding.proposal_id} if grounding else None


def _ms(ms: float) -> float:
    return round(ms, 3)
