"""Keeps what the rows of an hour add up to, so that a month of a large installation is read at once.

A trigger marks an hour as soon as one of its rows changes, in the same transaction (migrations/hour_marks.py).
Marked hours are read from their rows until `refresh_rollups` adds them up anew: a roll-up is never read while it
could disagree with its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.store.database import Database
from tierwright.store.figures import (
    STEP_SUMS,
    TIER_SUMS,
    attempts_of,
    counted_runs,
    executions_of,
    histograms_of,
    steps_of,
    summed,
)
from tierwright.store.moments import Bucket
from tierwright.store.tables import (
    analytics_histograms,
    analytics_hours,
    analytics_strategies,
    analytics_tiers,
    test_executions,
)

HOURS_AT_ONCE = 200
"""Hours a transaction: writers of these hours wait for it, and on SQLite all writers do."""

_Hour = tuple[str, datetime]


async def refresh_rollups(database: Database) -> int:
    """Add up anew every marked hour that has ended; returns how many there were."""
    done = 0
    while hours := await _refresh_some(database):
        done += hours
    return done


async def _refresh_some(database: Database) -> int:
    async with database.write() as connection:
        chosen = await _marked_hours(connection, database.clock.now())
        if chosen:
            await _add_up(connection, chosen)
    return len(chosen)


async def _marked_hours(connection: AsyncConnection, now: datetime) -> Sequence[_Hour]:
    """Some marked hours, locked: a writer in one of them commits before its rows are read, or marks it again after."""
    hour = analytics_hours.c
    query = (
        select(hour.project, hour.hour)
        .where(hour.fresh.is_(False), hour.ends_at <= now)
        .order_by(hour.hour, hour.project)
        .limit(HOURS_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return [(row.project, row.hour) for row in await connection.execute(query)]


async def _add_up(connection: AsyncConnection, chosen: Sequence[_Hour]) -> None:
    for table in (analytics_strategies, analytics_tiers, analytics_histograms):
        await connection.execute(delete(table).where(_among(table, chosen)))
    run = test_executions.c
    hour = Bucket.HOUR.floor_column(run.started_at)
    among = tuple_(run.project, hour).in_(chosen)
    theirs = (
        select(run.id, run.strategy, run.project, hour.label("hour"))
        .where(_around(chosen), among, counted_runs())
        .subquery()
    )
    by = (theirs.c.project, theirs.c.hour)
    names = ("project", "hour")
    await _keep(connection, analytics_strategies, (*names, "strategy", *STEP_SUMS), _by_strategy(theirs, by))
    await _keep(connection, analytics_tiers, (*names, "tier", *TIER_SUMS), attempts_of(theirs, *by))
    await _keep(connection, analytics_histograms, (*names, "tier", "times"), histograms_of(theirs, *by))
    fresh = update(analytics_hours).where(_among(analytics_hours, chosen)).values(fresh=True)
    await connection.execute(fresh)


def _by_strategy(runs: Any, by: tuple[ColumnElement[Any], ...]) -> Any:
    parts = executions_of(runs, *by).union_all(steps_of(runs, *by)).subquery()
    keys = (parts.c.project, parts.c.hour, parts.c.strategy)
    return summed(parts, keys, STEP_SUMS)


def _around(chosen: Sequence[_Hour]) -> ColumnElement[bool]:
    """Where these hours lie, in plain values: with them both databases find the runs by their index."""
    run = test_executions.c
    moments = [hour for _, hour in chosen]
    begun = and_(run.started_at >= min(moments), run.started_at < max(moments) + Bucket.HOUR.span)
    return and_(run.project.in_({project for project, _ in chosen}), begun)


async def _keep(connection: AsyncConnection, table: Table, names: tuple[str, ...], query: Any) -> None:
    await connection.execute(insert(table).from_select(list(names), query))


def _among(table: Table, chosen: Sequence[_Hour]) -> ColumnElement[bool]:
    return tuple_(table.c.project, table.c.hour).in_(chosen)
