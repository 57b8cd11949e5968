"""Starts what is due. However many servers look, a schedule's time comes once; times that were missed come once too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.errors import MachineryError, UsageError
from tierwright.server.problems import Problem
from tierwright.server.schedules.cron import upcoming
from tierwright.server.schedules.schemas import Overlap
from tierwright.store.database import Database
from tierwright.store.platform_tables import schedules, suite_tests, tests, users
from tierwright.store.tables import test_executions

_logger = logging.getLogger(__name__)

POLL_SECONDS = 5.0
"""How often somebody looks whether a schedule is due."""

_UNFINISHED = ("queued", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The runs that a schedule asks for: of these tests, in this order, as its maker would start them."""

    project_id: str
    user_id: str
    schedule_id: str
    suite_id: str | None
    test_ids: tuple[str, ...]
    overrides: Mapping[str, Any]


class Enqueue(Protocol):
    """Queues the runs of an order in the caller's transaction. Raises UsageError or Problem for what cannot run."""

    async def __call__(self, connection: AsyncConnection, order: Order) -> None:
        """Queue them."""
        ...


class Outcome(StrEnum):
    """What became of a schedule's time."""

    STARTED = "started"
    SKIPPED = "skipped"
    """The runs of the time before are not finished."""
    EMPTY = "empty"
    """None of its tests is there any more."""
    REFUSED = "refused"
    """A test cannot be run, or this machine does not know the time zone."""
    LEFT = "left"
    """Who made it may no longer sign in, and starts nothing by a clock either."""
    TAKEN = "taken"
    """Another server was faster, or the schedule was changed."""


async def due_schedules(database: Database) -> Sequence[Row[Any]]:
    """The schedules whose time has come, the longest overdue first."""
    due = schedules.c.active & (schedules.c.next_run_at <= database.clock.now())
    async with database.read() as connection:
        return (await connection.execute(select(schedules).where(due).order_by(schedules.c.next_run_at))).all()


async def fire_due(database: Database, enqueue: Enqueue) -> dict[str, Outcome]:
    """Start everything that is due; says by schedule what became of it. Raises MachineryError."""
    return {row.id: await fire(database, enqueue, row) for row in await due_schedules(database)}


async def fire(database: Database, enqueue: Enqueue, row: Row[Any]) -> Outcome:
    """Start one schedule, once, however many times it missed, and set when it comes round again."""
    again = None
    try:
        again = await _next_after(database, row)
        async with database.write() as connection:
            return await _fire(connection, database, enqueue, row, again)
    except (UsageError, Problem) as error:
        _logger.warning("the schedule %s (%s) cannot start: %s", row.name, row.id, error)
        why = str(error)
    async with database.write() as connection:
        await _claim(connection, row, {"next_run_at": again, "last_error": why})
    return Outcome.REFUSED


async def _next_after(database: Database, row: Row[Any]) -> datetime | None:
    after = await asyncio.to_thread(upcoming, row.cron, row.time_zone, database.clock.now(), 1)
    return after[0] if after else None


async def _fire(
    connection: AsyncConnection, database: Database, enqueue: Enqueue, row: Row[Any], again: datetime | None
) -> Outcome:
    if not await _claim(connection, row, {"next_run_at": again}):
        return Outcome.TAKEN
    if not await _is_active(connection, row.user_id):
        _logger.warning("the schedule %s (%s) starts nothing: who made it was deactivated", row.name, row.id)
        await _set(connection, row, last_error="who made it was deactivated; somebody else has to make it anew")
        return Outcome.LEFT
    if row.overlap == Overlap.SKIP and await _unfinished(connection, row.id):
        return Outcome.SKIPPED
    test_ids = await _tests_of(connection, row)
    if not test_ids:
        await _set(connection, row, last_error="none of its tests is there any more; give it others")
        return Outcome.EMPTY
    await _set(connection, row, last_run_at=database.clock.now(), last_error=None)
    await enqueue(connection, _order(row, test_ids))
    return Outcome.STARTED


def _order(row: Row[Any], test_ids: Sequence[str]) -> Order:
    return Order(
        project_id=row.project_id,
        user_id=row.user_id,
        schedule_id=row.id,
        suite_id=row.suite_id,
        test_ids=tuple(test_ids),
        overrides=row.overrides,
    )


async def _claim(connection: AsyncConnection, row: Row[Any], values: Mapping[str, Any]) -> bool:
    """Take a schedule's time for ourselves; False when somebody else has it, or it was changed."""
    same = (schedules.c.id == row.id) & schedules.c.active & (schedules.c.next_run_at == row.next_run_at)
    return (await connection.execute(update(schedules).where(same).values(**values))).rowcount == 1


async def _set(connection: AsyncConnection, row: Row[Any], **values: Any) -> None:
    await connection.execute(update(schedules).where(schedules.c.id == row.id).values(**values))


async def _is_active(connection: AsyncConnection, user_id: str) -> bool:
    return bool(await connection.scalar(select(users.c.active).where(users.c.id == user_id)))


async def _unfinished(connection: AsyncConnection, schedule_id: str) -> bool:
    runs = test_executions.c
    mine = (runs.schedule_id == schedule_id) & runs.status.in_(_UNFINISHED)
    return (await connection.execute(select(runs.id).where(mine).limit(1))).first() is not None


async def _tests_of(connection: AsyncConnection, row: Row[Any]) -> list[str]:
    """The tests that are there now, in the order of the suite or the schedule."""
    if row.suite_id is not None:
        ordered = select(suite_tests.c.test_id).where(suite_tests.c.suite_id == row.suite_id)
        return list(await connection.scalars(ordered.order_by(suite_tests.c.position)))
    mine = (tests.c.project_id == row.project_id) & tests.c.id.in_(row.test_ids)
    there = set(await connection.scalars(select(tests.c.id).where(mine)))
    return [test_id for test_id in row.test_ids if test_id in there]


async def keep_firing(database: Database, enqueue: Enqueue, poll_seconds: float = POLL_SECONDS) -> None:
    """Start what is due for as long as the server runs; a database that is away is asked again later."""
    while True:
        try:
            await fire_due(database, enqueue)
        except MachineryError as error:
            _logger.warning("no schedule could be started: %s", error)
        await asyncio.sleep(poll_seconds)
