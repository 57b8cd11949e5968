"""A run's events as they happen: rows of `run_events`, from where a reader stopped to the run's last one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from fastapi.sse import ServerSentEvent
from sqlalchemy import Row, select

from tierwright.server.platform import Platform
from tierwright.store.live_events import RUN_FINISHED
from tierwright.store.platform_tables import run_events
from tierwright.store.sweep import QUEUED, RUNNING
from tierwright.store.tables import test_executions
from tierwright.worker.signals import events_of, woken

POLL_SECONDS = 1.0
"""How often the database is looked into although nobody told that there is something: a wake-up may be lost."""

_AT_ONCE = 500


async def follow(platform: Platform, run_id: str, after: int) -> AsyncIterator[ServerSentEvent]:
    """The events after one, until the run's last; no connection is held while there is none."""
    with platform.signals.here.subscribed(events_of(run_id)) as news:
        while True:
            ended = await _ended(platform, run_id)
            rows = await _rows(platform, run_id, after)
            for row in rows:
                after = row.id
                yield ServerSentEvent(id=str(row.id), event=row.kind, data=_data(run_id, row))
            last = bool(rows) and rows[-1].kind == RUN_FINISHED
            if last or (ended and not rows):
                return
            if not rows:
                await woken(news, POLL_SECONDS)


def _data(run_id: str, row: Row[Any]) -> dict[str, Any]:
    return {"run_id": run_id, "at": row.created_at.isoformat(), **row.data}


async def _ended(platform: Platform, run_id: str) -> bool:
    """Whether no event will follow: the run has ended, or is gone."""
    query = select(test_executions.c.status).where(test_executions.c.id == run_id)
    async with platform.database.read() as connection:
        return await connection.scalar(query) not in (QUEUED, RUNNING)


async def _rows(platform: Platform, run_id: str, after: int) -> Sequence[Row[Any]]:
    events = run_events.c
    query = select(run_events).where(events.test_execution_id == run_id, events.id > after)
    async with platform.database.read() as connection:
        return (await connection.execute(query.order_by(events.id).limit(_AT_ONCE))).all()
