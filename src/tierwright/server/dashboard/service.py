"""Reads the parts of the dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.results import RunStatus
from tierwright.core.settings import HealPolicy
from tierwright.server.analytics.asked import Window
from tierwright.server.analytics.schemas import TierCounts
from tierwright.server.analytics.service import bounded, budgets
from tierwright.server.dashboard.schemas import (
    DashboardOut,
    Flakiest,
    FlakyTest,
    HealsWaiting,
    Money,
    PassRate,
    PassRateDay,
    Slowest,
    SlowTest,
    Tiers,
    Today,
)
from tierwright.store.analytics import Filter, strategy_effectiveness
from tierwright.store.database import Database
from tierwright.store.figures import begun_runs, count_if
from tierwright.store.moments import Bucket
from tierwright.store.proposals import ProposalStatus
from tierwright.store.tables import heals, test_executions

TESTS_SHOWN = 5
FEWEST_RUNS = 2
"""Runs that a test needs before it is called slow or flaky: one run says little."""

_PASSED = tuple(status.value for status in RunStatus if status.green)
_VERDICTS = (*_PASSED, RunStatus.FAILED.value, RunStatus.ERROR.value)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which runs the dashboard is of."""

    projects: tuple[str, ...]
    project_id: str | None
    start: datetime
    end: datetime

    def link(self, path: str, **query: str) -> str:
        """The path of the rows behind a part."""
        its = {"project_id": self.project_id} if self.project_id else {}
        found = {**its, **query}
        return f"{path}?{urlencode(found)}" if found else path

    def window(self) -> dict[str, str]:
        """The window as the API's other questions take it."""
        return {"from": self.start.isoformat(), "to": self.end.isoformat()}

    def runs(self, *columns: Any) -> Select[Any]:
        """Columns of the runs that came to a verdict."""
        run = test_executions.c
        within = (run.started_at >= self.start, run.started_at < self.end)
        return select(*columns).where(run.project.in_(self.projects), *within, run.status.in_(_VERDICTS))


async def dashboard(
    database: Database, projects: tuple[str, ...], project_id: str | None, window: Window
) -> DashboardOut:
    """How these projects are; without a window the last 30 days."""
    now = database.clock.now()
    asked = _Asked(projects, project_id, *bounded(window, now))
    tiers = await _tiers(database, asked)
    async with database.snapshot() as connection:
        return DashboardOut(
            pass_rate=await _pass_rate(connection, asked),
            today=await _today(connection, asked, now),
            tiers=tiers,
            heals_waiting=await _heals_waiting(connection, asked),
            cost=Money(
                budgets=await budgets(connection, projects, now), link=asked.link("/analytics/costs", **asked.window())
            ),
            slowest=await _slowest(connection, asked),
            flakiest=await _flakiest(connection, asked),
        )


async def _pass_rate(connection: AsyncConnection, asked: _Asked) -> PassRate:
    run = test_executions.c
    day = Bucket.DAY.floor_column(run.started_at)
    query = asked.runs(day.label("day"), func.count().label("runs"), count_if(_green()).label("passed"))
    rows = (await connection.execute(query.group_by(day).order_by(day))).all()
    sample, passed = sum(row.runs for row in rows), sum(int(row.passed) for row in rows)
    days = [
        PassRateDay(
            day=row.day.date(), runs=row.runs, passed=int(row.passed), pass_rate=_rate(int(row.passed), row.runs)
        )
        for row in rows
    ]
    return PassRate(
        **_part(asked, sample, asked.link("/executions", **asked.window())), pass_rate=_rate(passed, sample), days=days
    )


def _green() -> ColumnElement[bool]:
    """As `executions.service.is_green`: under the policy `fail` a run that passed by a heal alone is not green."""
    run = test_executions.c
    policy = func.coalesce(run.settings["heal_policy"].as_string(), HealPolicy.WARN.value)
    in_vain = (run.status == RunStatus.PASSED_HEALED.value) & (policy == HealPolicy.FAIL.value)
    return run.status.in_(_PASSED) & ~in_vain


async def _today(connection: AsyncConnection, asked: _Asked, now: datetime) -> Today:
    run, begin = test_executions.c, Bucket.DAY.floor(now)
    query = select(run.status, func.count()).where(run.project.in_(asked.projects), run.started_at >= begin)
    by_status = {row[0]: row[1] for row in await connection.execute(query.group_by(run.status))}
    link = asked.link("/executions")
    return Today(
        begin=begin, end=begin + Bucket.DAY.span, sample=sum(by_status.values()), link=link, by_status=by_status
    )


async def _tiers(database: Database, asked: _Asked) -> Tiers:
    wanted = Filter(projects=asked.projects, start=asked.start, end=asked.end)
    figures = await strategy_effectiveness(database, wanted)
    all_three = (figures.option_a, figures.option_b, figures.option_c)
    first, second, third = (sum(one.tier_counts[at] for one in all_three) for at in range(3))
    link = asked.link("/settings/analytics/tier-distribution", **asked.window())
    counts = TierCounts(tier1=first, tier2=second, tier3=third)
    return Tiers(**_part(asked, sum(one.total_steps for one in all_three), link), tiers=counts)


async def _heals_waiting(connection: AsyncConnection, asked: _Asked) -> HealsWaiting:
    waiting = (heals.c.project.in_(asked.projects), heals.c.status == ProposalStatus.PROPOSED.value)
    query = select(heals.c.kind, func.count()).where(*waiting).group_by(heals.c.kind)
    by_kind: dict[str, int] = {row[0]: row[1] for row in await connection.execute(query)}
    link = asked.link("/heals", status=ProposalStatus.PROPOSED.value)
    return HealsWaiting(heals=by_kind.get("heal", 0), groundings=by_kind.get("grounding", 0), link=link)


async def _slowest(connection: AsyncConnection, asked: _Asked) -> Slowest:
    run = test_executions.c
    took = func.avg(run.duration_ms)
    query = asked.runs(*_test_columns(), func.count().label("runs"), took.label("took"))
    query = query.where(begun_runs(), run.status.in_(_PASSED), run.duration_ms.is_not(None))
    rows = (await connection.execute(_of_tests(query, took.desc()))).all()
    tests = [SlowTest(**_test(asked, row), avg_duration_ms=round(float(row.took), 2)) for row in rows]
    return Slowest(
        **_part(asked, sum(row.runs for row in rows), asked.link("/executions", **asked.window())), tests=tests
    )


async def _flakiest(connection: AsyncConnection, asked: _Asked) -> Flakiest:
    run = test_executions.c
    flaky = count_if(run.status == RunStatus.FLAKY.value)
    query = asked.runs(*_test_columns(), func.count().label("runs"), flaky.label("flaky")).having(flaky > 0)
    rows = (await connection.execute(_of_tests(query, (flaky * 1.0 / func.count()).desc()))).all()
    tests = [
        FlakyTest(**_test(asked, row), flaky=int(row.flaky), flaky_rate=_rate(int(row.flaky), row.runs)) for row in rows
    ]
    return Flakiest(
        **_part(asked, sum(row.runs for row in rows), asked.link("/executions", **asked.window())), tests=tests
    )


def _test_columns() -> tuple[Any, Any, Any]:
    run = test_executions.c
    return run.project, run.test_id, run.test_name


def _of_tests(query: Select[Any], order: Any) -> Select[Any]:
    grouped = query.group_by(*_test_columns()).having(func.count() >= FEWEST_RUNS)
    return grouped.order_by(order, *_test_columns()).limit(TESTS_SHOWN)


def _test(asked: _Asked, row: Row[Any]) -> Mapping[str, Any]:
    its = {"test_id": row.test_id} if row.test_id else {}
    link = asked.link("/executions", **its, **asked.window())
    return {
        "project_id": row.project,
        "test_id": row.test_id,
        "test_name": row.test_name,
        "runs": row.runs,
        "link": link,
    }


def _part(asked: _Asked, sample: int, link: str) -> Mapping[str, Any]:
    return {"begin": asked.start, "end": asked.end, "sample": sample, "link": link}


def _rate(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None
