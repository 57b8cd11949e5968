"""What runs cost: by test, by model, by day, and against the month's budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.server.analytics.asked import Window
from tierwright.server.analytics.schemas import Budget, CostsOut, Spent, SpentOnDay, SpentOnModel, SpentOnTest
from tierwright.server.projects.settings import project_settings
from tierwright.store.database import Database
from tierwright.store.figures import begun_runs
from tierwright.store.moments import Bucket
from tierwright.store.platform_tables import project_spending, projects
from tierwright.store.spending import month_of
from tierwright.store.tables import test_executions

COSTS_WINDOW = timedelta(days=30)
DEAREST_TESTS = 50


def bounded(window: Window, now: datetime) -> tuple[datetime, datetime]:
    """The window, or where it has no end: up to now, and 30 days."""
    end = window.end or max(now, window.start or now) + timedelta(microseconds=1)
    return window.start or end - COSTS_WINDOW, end


async def costs(database: Database, seen: Sequence[str], window: Window) -> CostsOut:
    """What the runs of these projects cost in a window. All runs count, also those that analytics leave out."""
    start, end = bounded(window, database.clock.now())
    runs = test_executions.c
    spent = _spent(seen, start, end)
    day = Bucket.DAY.floor_column(runs.started_at)
    test = (runs.project, runs.test_id, runs.test_name)
    dearest = spent.add_columns(*test).group_by(*test).order_by(func.sum(runs.cost_usd).desc().nulls_last(), *test)
    async with database.snapshot() as connection:
        return CostsOut(
            begin=start,
            to=end,
            total=Spent(**_figures((await connection.execute(spent)).one())),
            by_test=[_of_test(row) for row in await connection.execute(dearest.limit(DEAREST_TESTS))],
            by_model=[
                SpentOnModel(model=row.model, **_figures(row))
                for row in await connection.execute(
                    spent.add_columns(runs.model).group_by(runs.model).order_by(runs.model)
                )
            ],
            by_day=[
                SpentOnDay(day=row.day.date(), **_figures(row))
                for row in await connection.execute(spent.add_columns(day.label("day")).group_by(day).order_by(day))
            ],
            budgets=await budgets(connection, seen, database.clock.now()),
        )


async def budgets(connection: AsyncConnection, seen: Sequence[str], now: datetime) -> list[Budget]:
    """What each of these projects spent this month, calls of runs under way included, and may spend."""
    month = Bucket.DAY.floor(now).replace(day=1)
    run, spending = test_executions.c, project_spending.c
    made = _spent(seen, month, None).add_columns(run.project).group_by(run.project)
    unpriced = {row.project: int(row.unpriced) for row in await connection.execute(made)}
    this_month = (spending.project == projects.c.id) & (spending.month == month_of(now))
    query: Select[Any] = (
        select(projects.c.id, projects.c.settings, spending.spent_usd)
        .outerjoin(project_spending, this_month)
        .where(projects.c.id.in_(seen))
        .order_by(projects.c.id)
    )
    return [_budget(row, unpriced.get(row.id, 0), month) for row in await connection.execute(query)]


def _budget(project: Row[Any], unpriced: int, month: datetime) -> Budget:
    limit = project_settings(project.settings).budget_usd
    known = round(project.spent_usd or 0.0, 8)
    return Budget(
        project_id=project.id,
        month=month.date(),
        budget_usd=limit,
        spent_usd=known,
        remaining_usd=None if limit is None else round(limit - known, 8),
        unpriced_runs=unpriced,
    )


def _spent(seen: Sequence[str], start: datetime, end: datetime | None) -> Select[Any]:
    """What finished runs cost; columns to group by are added by who asks."""
    run = test_executions.c
    conditions: list[ColumnElement[bool]] = [begun_runs(), run.finished_at.is_not(None), run.started_at >= start]
    if end is not None:
        conditions.append(run.started_at < end)
    return select(
        func.count().label("runs"),
        func.coalesce(func.sum(run.tokens), 0).label("tokens"),
        func.coalesce(func.sum(run.cost_usd), 0.0).label("known"),
        (func.count() - func.count(run.cost_usd)).label("unpriced"),
    ).where(run.project.in_(seen), *conditions)


def _figures(row: Row[Any]) -> Mapping[str, Any]:
    known = round(float(row.known), 8)
    return {
        "runs": row.runs,
        "tokens": int(row.tokens),
        "cost_usd": None if row.unpriced else known,
        "known_cost_usd": known,
        "unpriced_runs": row.unpriced,
    }


def _of_test(row: Row[Any]) -> SpentOnTest:
    return SpentOnTest(project_id=row.project, test_id=row.test_id, test_name=row.test_name, **_figures(row))
