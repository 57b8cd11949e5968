"""Stores schedules."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.errors import UsageError
from tierwright.server.problems import invalid, not_found
from tierwright.server.schedules.cron import check_times, upcoming
from tierwright.server.schedules.schemas import SHOWN_RUNS, ScheduleChange, ScheduleNew, ScheduleOut
from tierwright.server.suites.service import check_tests
from tierwright.store.database import Database
from tierwright.store.platform_tables import schedules, suites


async def shown_all(rows: Sequence[Row[Any]], now: datetime) -> list[ScheduleOut]:
    """Schedules with their next runs."""
    return await asyncio.to_thread(lambda: [_shown(row, now) for row in rows])


def _shown(row: Row[Any], now: datetime) -> ScheduleOut:
    return ScheduleOut.model_validate({**row._mapping, "next_runs": list(_next_runs(row, now))})


def _next_runs(row: Row[Any], now: datetime) -> Sequence[datetime]:
    try:
        return upcoming(row.cron, row.time_zone, now, SHOWN_RUNS) if row.active else ()
    except UsageError:
        return ()  # the time zone was known when it was made, and is not on this machine


async def times_of(database: Database, cron: str, time_zone: str) -> list[datetime]:
    """The next moments of times that nobody stored yet. Raises Problem (422) for times that cannot be."""
    now = database.clock.now()
    await first_run(database, cron, time_zone)
    return list(await asyncio.to_thread(upcoming, cron, time_zone, now, SHOWN_RUNS))


async def first_run(database: Database, cron: str, time_zone: str) -> datetime:
    """When a schedule begins. Raises Problem (422) for times that cannot be."""
    return await asyncio.to_thread(check_times, cron, time_zone, database.clock.now())


async def first_run_after(database: Database, row: Row[Any], change: ScheduleChange) -> datetime | None:
    """When a changed schedule begins, where that changes; None where it is switched off. Raises Problem (422)."""
    if not change.active and not change.model_fields_set & {"cron", "time_zone"}:
        return None
    return await first_run(database, change.cron or row.cron, change.time_zone or row.time_zone)


async def create_schedule(
    connection: AsyncConnection, database: Database, project_id: str, user_id: str, new: ScheduleNew, first: datetime
) -> str:
    """Store a new schedule; returns its id. Raises Problem (422) for a suite or tests that are not there."""
    await _check_what(connection, project_id, new.suite_id, new.test_ids)
    now = database.clock.now()
    row = {
        **new.model_dump(mode="json", exclude={"overrides", "project_id", "test_ids"}),
        "id": uuid.uuid4().hex,
        "project_id": project_id,
        "user_id": user_id,
        "test_ids": new.test_ids or [],
        "overrides": new.overrides.stored(),
        "next_run_at": first if new.active else None,
        "created_at": now,
        "updated_at": now,
    }
    await connection.execute(insert(schedules).values(row))
    return str(row["id"])


async def change_schedule(
    connection: AsyncConnection, database: Database, row: Row[Any], change: ScheduleChange, first: datetime | None
) -> None:
    """Set what the change names; `first` is what `first_run_after` said. Raises Problem (404, 422)."""
    await _check_what(connection, row.project_id, change.suite_id, change.test_ids)
    values = change.model_dump(mode="json", exclude_unset=True)
    if change.suite_id is not None:
        values["test_ids"] = []
    if change.test_ids is not None:
        values["suite_id"] = None
    if change.overrides is not None:
        values["overrides"] = change.overrides.stored()
    if change.model_fields_set & {"cron", "time_zone", "active"}:
        values["next_run_at"] = first if values.get("active", row.active) else None
    if change.model_fields_set - {"name"}:
        values["last_error"] = None
    changed = update(schedules).where(schedules.c.id == row.id).values(**values, updated_at=database.clock.now())
    if (await connection.execute(changed)).rowcount == 0:
        raise not_found("schedule")


async def _check_what(
    connection: AsyncConnection, project_id: str, suite_id: str | None, test_ids: Sequence[str] | None
) -> None:
    await check_tests(connection, project_id, test_ids or ())
    if suite_id is not None:
        mine = (suites.c.id == suite_id) & (suites.c.project_id == project_id)
        if (await connection.execute(select(suites.c.id).where(mine))).first() is None:
            raise invalid("body.suite_id", "there is no such suite in this project")


async def delete_schedule(connection: AsyncConnection, schedule_id: str) -> None:
    """Remove a schedule; its runs stay. Raises Problem (404)."""
    if (await connection.execute(delete(schedules).where(schedules.c.id == schedule_id))).rowcount == 0:
        raise not_found("schedule")
