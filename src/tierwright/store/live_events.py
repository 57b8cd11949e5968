"""What happens in a run as rows of `run_events`: what those who watch are told, in order, and can ask for again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.events import (
    AttemptFinished,
    Event,
    ProposalMade,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    TierStarted,
    TryFinished,
    TryStarted,
)
from tierwright.core.results import Failure
from tierwright.store.codec import Json
from tierwright.store.database import Database
from tierwright.store.platform_tables import run_events

RUN_FINISHED = "run_finished"
"""The last event of every run."""


def live_event(event: Event) -> tuple[str, Json] | None:
    """The kind and the data of what those who watch are told; None for what concerns no single run."""
    shown = _SHOWN.get(type(event))
    return (shown[0], shown[1](event)) if shown else None


def _run_started(event: RunStarted) -> Json:
    return {"model": event.model, "strategy": event.settings.fallback_strategy.value}


def _try_started(event: TryStarted) -> Json:
    return {"try": event.ordinal}


def _step_started(event: StepStarted) -> Json:
    return {"step_index": event.index, "title": event.step.title, "action": event.step.action.value}


def _tier_started(event: TierStarted) -> Json:
    return {"step_index": event.index, "tier": int(event.tier)}


def _proposal_made(event: ProposalMade) -> Json:
    return {"step_index": event.proposal.step_index, "proposal_id": event.proposal.id}


def _try_finished(event: TryFinished) -> Json:
    return {"try": event.ordinal, "status": event.result.status.value, **_error(event.result.error)}


def _run_finished(event: RunFinished) -> Json:
    return {"status": event.result.status.value, **_error(event.result.error)}


def _attempt_finished(event: AttemptFinished) -> Json:
    attempt = event.attempt
    return {
        "step_index": event.index,
        "tier": int(attempt.tier),
        "success": attempt.success,
        "duration_ms": attempt.duration_ms,
        "cache": attempt.cache.value,
        **_error(attempt.error),
    }


def _step_finished(event: StepFinished) -> Json:
    result = event.result
    return {
        "try": event.try_ordinal,
        "step_index": result.index,
        "status": result.status.value,
        "tier": None if result.tier is None else int(result.tier),
        "duration_ms": result.duration_ms,
        "tokens": result.tokens,
        "cost_usd": result.cost_usd,
        "warnings": [warning.message for warning in result.warnings],
        **_error(result.error),
    }


def _error(error: Failure | None) -> Json:
    return {"error_kind": str(error.kind), "error_message": error.message} if error else {}


_SHOWN: Mapping[type[Any], tuple[str, Callable[[Any], Json]]] = {
    RunStarted: ("run_started", _run_started),
    TryStarted: ("try_started", _try_started),
    StepStarted: ("step_started", _step_started),
    TierStarted: ("tier_started", _tier_started),
    AttemptFinished: ("attempt_finished", _attempt_finished),
    StepFinished: ("step_finished", _step_finished),
    ProposalMade: ("proposal_made", _proposal_made),
    TryFinished: ("try_finished", _try_finished),
    RunFinished: (RUN_FINISHED, _run_finished),
}


async def put_events(
    connection: AsyncConnection, database: Database, rows: Sequence[tuple[str, str, Mapping[str, Any]]]
) -> None:
    """Add rows of run id, kind and data of what happens now, in this order."""
    now = database.clock.now()
    await put_events_of(connection, [(now, *row) for row in rows])


async def put_events_of(
    connection: AsyncConnection, rows: Sequence[tuple[datetime, str, str, Mapping[str, Any]]]
) -> None:
    """Add rows of moment, run id, kind and data, in this order."""
    values = [
        {"test_execution_id": run_id, "kind": kind, "data": dict(data), "created_at": at}
        for at, run_id, kind, data in rows
    ]
    if values:
        await connection.execute(insert(run_events), values)
