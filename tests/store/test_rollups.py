"""Roll-ups never disagree with the rows, whatever happens to the rows (docs/decisions/0094)."""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.store.examples import BEGAN

from tierwright.store.analytics import Bucket, Filter, strategy_effectiveness, tier_distribution
from tierwright.store.database import Database
from tierwright.store.figures import TIME_ERROR_PERCENT
from tierwright.store.rollups import refresh_rollups
from tierwright.store.tables import (
    analytics_hours,
    analytics_tiers,
    steps,
    test_executions,
    tier_execution_logs,
)

ROWS_ALONE = 10**9
PROJECTS = ("p1", "p2")


def run_row(run_id: str, began: datetime, draw: random.Random, **parts: Any) -> dict[str, Any]:
    row = {
        "id": run_id,
        "project": draw.choice(PROJECTS),
        "test_name": draw.choice("ab"),
        "test_file": "a.tw.yaml",
        "example_digest": "",
        "status": draw.choice(("passed", "failed", "cancelled", "queued")),
        "strategy": draw.choice(("option_a", "option_b", "option_c")),
        "model": "local",
        "settings": {},
        "track_effectiveness": draw.random() < 0.8,
        "started_at": began,
        "tokens": 0,
        "owner_host": "h",
        "owner_pid": 1,
        "owner_started": "",
    }
    return {**row, **parts}


def step_row(run_id: str, index: int, draw: random.Random) -> dict[str, Any]:
    return {
        "test_execution_id": run_id,
        "try_ordinal": 1,
        "step_index": index,
        "baseline_digest": "",
        "action": "click",
        "title": "",
        "instruction": "",
        "status": draw.choice(("passed", "healed", "failed", "skipped")),
        "tier": draw.choice((1, 2, 3, None)),
        "duration_ms": draw.lognormvariate(5, 1),
        "cache": "none",
        "tokens": draw.randrange(50),
        "cost_usd": draw.choice((0.0, 0.25, 0.5)) if draw.random() < 0.99 else None,
        "warnings": [],
    }


def attempt_row(run_id: str, index: int, draw: random.Random) -> dict[str, Any]:
    return {
        "test_execution_id": run_id,
        "try_ordinal": 1,
        "step_index": index,
        "tier_attempted": draw.choice((1, 1, 1, 2, 3)),
        "ordinal": 1,
        "success": draw.random() < 0.7,
        "execution_time_ms": draw.choice((0.0, 0.01, draw.lognormvariate(5, 1.5))),
        "tokens_used": draw.randrange(50),
        "cost_usd": draw.choice((0.0, 0.125)) if draw.random() < 0.99 else None,
        "cache": draw.choice(("hit", "miss", "invalid", "none")),
        "extra_data": {},
        "created_at": BEGAN,
    }


class Life:
    """Random things that happen to runs and their rows, each in a transaction of its own."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database, self.draw, self.made = database, random.Random(seed), 0

    async def happen(self) -> None:
        what = self.draw.choice(
            (self.a_run, self.a_run, self.a_run, self.a_deletion, self.a_move, self.a_change, self.a_late_row)
        )
        async with self.database.write() as connection:
            await what(connection)

    async def a_run(self, connection: AsyncConnection) -> None:
        for _ in range(3):
            self.made += 1
            run_id, began = f"r{self.made}", BEGAN + timedelta(minutes=self.draw.randrange(60 * 30))
            await connection.execute(insert(test_executions).values(run_row(run_id, began, self.draw)))
            for index in range(self.draw.randrange(4)):
                await self.rows(connection, run_id, index)

    async def rows(self, connection: AsyncConnection, run_id: str, index: int) -> None:
        keys = ("test_execution_id", "try_ordinal", "step_index")
        await self.database.upsert(connection, steps, step_row(run_id, index, self.draw), keys)
        attempts = [attempt_row(run_id, index, self.draw) for _ in range(self.draw.randrange(1, 4))]
        await connection.execute(insert(tier_execution_logs), attempts)

    async def a_deletion(self, connection: AsyncConnection) -> None:
        await connection.execute(delete(test_executions).where(test_executions.c.id.in_(self.some())))
        await connection.execute(delete(steps).where(steps.c.test_execution_id.in_(self.some())))
        await connection.execute(
            delete(tier_execution_logs).where(tier_execution_logs.c.test_execution_id.in_(self.some()))
        )

    async def a_move(self, connection: AsyncConnection) -> None:
        began = BEGAN + timedelta(minutes=self.draw.randrange(60 * 30))
        runs = test_executions.c.id.in_(self.some())
        await connection.execute(
            update(test_executions).where(runs).values(started_at=began, project=self.draw.choice(PROJECTS))
        )

    async def a_change(self, connection: AsyncConnection) -> None:
        run = run_row("", BEGAN, self.draw)
        changed = {name: run[name] for name in ("status", "strategy", "track_effectiveness")}
        await connection.execute(update(test_executions).where(test_executions.c.id.in_(self.some())).values(changed))
        theirs = steps.c.test_execution_id.in_(self.some())
        await connection.execute(update(steps).where(theirs).values(status="failed", tokens=steps.c.tokens + 1))
        logs = tier_execution_logs.c.test_execution_id.in_(self.some())
        await connection.execute(update(tier_execution_logs).where(logs).values(success=False, cost_usd=None))

    async def a_late_row(self, connection: AsyncConnection) -> None:
        there = select(test_executions.c.id).where(test_executions.c.id.in_(self.some()))
        for run_id in (await connection.execute(there)).scalars().all():
            await self.rows(connection, run_id, self.draw.randrange(6))

    def some(self) -> list[str]:
        return [f"r{self.draw.randrange(self.made + 1)}" for _ in range(2)]


def flat(data: Any, path: str = "") -> dict[str, Any]:
    if isinstance(data, dict):
        return {k: v for name, inner in data.items() for k, v in flat(inner, f"{path}.{name}").items()}
    if isinstance(data, list):
        return {k: v for number, inner in enumerate(data) for k, v in flat(inner, f"{path}.{number}").items()}
    return {path: data}


def same(kept: dict[str, Any], rows: dict[str, Any]) -> None:
    """Counts and unknowns are equal, sums up to rounding, the 95th percentile as near as promised."""
    kept, rows = flat(kept), flat(rows)
    assert kept.keys() == rows.keys()
    for path, value in rows.items():
        if not isinstance(value, float) or kept[path] is None:
            assert kept[path] == value, path
        elif "p95" in path:
            assert math.isclose(kept[path], value, rel_tol=TIME_ERROR_PERCENT / 100, abs_tol=0.011), path
        else:
            assert math.isclose(kept[path], value, rel_tol=1e-9, abs_tol=0.011), path


WINDOWS = (
    Filter(),
    Filter(projects=("p1",)),
    Filter(projects=PROJECTS, start=BEGAN + timedelta(hours=3, minutes=17), end=BEGAN + timedelta(hours=20, minutes=1)),
    Filter(projects=("p2",), start=BEGAN + timedelta(minutes=5), end=BEGAN + timedelta(minutes=50)),
)


async def everything_agrees(database: Database) -> None:
    for wanted in WINDOWS:
        for bucket in (None, Bucket.DAY, Bucket.HOUR):
            for question in (tier_distribution, strategy_effectiveness):
                kept = await question(database, wanted, bucket, exact_up_to=-1)
                rows = await question(database, wanted, bucket, exact_up_to=ROWS_ALONE)
                same(kept.as_json(), rows.as_json())


async def attempts_in_rollups(database: Database) -> int:
    kept = select(func.coalesce(func.sum(analytics_tiers.c.attempts), 0))
    kept = kept.join_from(analytics_tiers, analytics_hours, analytics_tiers.c.project == analytics_hours.c.project)
    kept = kept.where(analytics_tiers.c.hour == analytics_hours.c.hour, analytics_hours.c.fresh)
    async with database.read() as connection:
        return int((await connection.execute(kept)).scalar_one())


@pytest.mark.timeout(300)
async def test_rollups_equal_the_rows_after_anything_that_can_happen_to_them(database: Database, clock) -> None:
    life, read_from_rollups = Life(database, seed=94), 0
    clock.move(hours=18)  # some of the hours have ended, some have not
    for turn in range(120):
        await life.happen()
        if turn % 20 == 13:
            await refresh_rollups(database)
        if turn % 20 == 15:
            read_from_rollups += await attempts_in_rollups(database)
            await everything_agrees(database)
    clock.move(hours=40)
    await refresh_rollups(database)
    await everything_agrees(database)
    assert read_from_rollups > 100  # or the test compared rows with rows


async def test_a_run_that_changes_is_read_from_its_rows_at_once(database: Database, clock) -> None:
    life = Life(database, seed=1)
    tracked = run_row("one", BEGAN, life.draw, project="p1", status="passed", track_effectiveness=True)
    async with database.write() as connection:
        await connection.execute(insert(test_executions).values(tracked))
    clock.move(hours=2)
    assert await refresh_rollups(database) == 1
    assert await refresh_rollups(database) == 0
    everything = Filter(projects=("p1",))
    assert (await tier_distribution(database, everything, exact_up_to=-1)).total_executions == 1
    async with database.write() as connection:
        await connection.execute(delete(test_executions))
    assert (await tier_distribution(database, everything, exact_up_to=-1)).total_executions == 0


async def test_an_hour_that_has_not_ended_stays_with_its_rows(database: Database, clock) -> None:
    row = run_row("one", clock.now(), random.Random(1), status="passed")
    async with database.write() as connection:
        await connection.execute(insert(test_executions).values(row))
    assert await refresh_rollups(database) == 0
