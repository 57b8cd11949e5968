"""Starts runs: of tests, of a suite, of a schedule, and of runs once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.errors import UsageError
from tierwright.core.settings import ExecutionSettings
from tierwright.server.execution_settings.service import as_engine_settings, settings_row
from tierwright.server.executions.schemas import Only, Queued, QueuedOut
from tierwright.server.platform import Platform
from tierwright.server.problems import Problem, conflict, invalid, not_found
from tierwright.server.projects.settings import project_settings
from tierwright.server.schedules.firing import Order
from tierwright.store.platform_tables import projects, run_requests, suite_tests, tests
from tierwright.store.tables import test_executions
from tierwright.worker.opening import model_for
from tierwright.worker.requests import QueuedGroup, TestToRun, Wish, enqueue_again, enqueue_runs

_COLUMNS = (tests.c.id, tests.c.version, tests.c.name, tests.c.yaml)
_RED = ("failed", "error")
_UNFINISHED = ("queued", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Who starts runs, in which project, and what they want otherwise."""

    project_id: str
    user_id: str
    overrides: Mapping[str, Any]
    priority: int = 0
    suite_id: str | None = None
    schedule_id: str | None = None


async def start_tests(
    platform: Platform, connection: AsyncConnection, start: Start, test_ids: Sequence[str]
) -> QueuedOut:
    """Queue the runs of tests of one project, in this order. Raises Problem: 404 missing, 422 bad."""
    mine = (tests.c.project_id == start.project_id) & tests.c.id.in_(test_ids)
    rows = {row.id: row for row in await connection.execute(select(*_COLUMNS).where(mine))}
    missing = [test_id for test_id in test_ids if test_id not in rows]
    if missing:
        raise not_found(f"test in this project: {missing[0]}")
    wanted = [_to_run(rows[test_id]) for test_id in dict.fromkeys(test_ids)]
    wish = await _wish(platform, connection, start)
    try:
        group = await enqueue_runs(connection, platform.database, platform.queue, wish, wanted)
    except UsageError as error:
        raise Problem(422, "invalid", str(error)) from None
    return _told(platform, connection, group)


async def start_suite(platform: Platform, connection: AsyncConnection, start: Start) -> QueuedOut:
    """Queue the runs of a suite, in its order. Raises Problem (422) for an empty one."""
    members = select(suite_tests.c.test_id).where(suite_tests.c.suite_id == start.suite_id)
    test_ids = list(await connection.scalars(members.order_by(suite_tests.c.position)))
    if not test_ids:
        raise invalid("body.suite_id", "this suite holds no test")
    return await start_tests(platform, connection, start, test_ids)


async def start_schedule(platform: Platform, connection: AsyncConnection, order: Order) -> None:
    """Queue what a schedule asks for, with its maker's settings."""
    start = Start(
        project_id=order.project_id,
        user_id=order.user_id,
        overrides=order.overrides,
        suite_id=order.suite_id,
        schedule_id=order.schedule_id,
    )
    await start_tests(platform, connection, start, order.test_ids)


async def start_again(
    platform: Platform, connection: AsyncConnection, run: Row[Any], user_id: str, only: Only | None
) -> QueuedOut:
    """Queue a run once more, or of its whole group what failed, each with the text and overrides it had.

    Raises Problem (409) where runs of the group are not finished, or none of them failed.
    """
    rows = await _to_repeat(connection, run, only)
    if not rows:
        raise conflict("nothing failed here: there is nothing to run again")
    start = Start(
        project_id=run.project,
        user_id=user_id,
        overrides=rows[0].overrides,
        priority=run.priority,
        suite_id=run.suite_id,
    )
    wish = await _wish(platform, connection, start)
    again = [(_asked(row), row.example) for row in rows]
    return _told(platform, connection, await enqueue_again(connection, platform.database, platform.queue, wish, again))


async def _to_repeat(connection: AsyncConnection, run: Row[Any], only: Only | None) -> Sequence[Row[Any]]:
    runs = test_executions.c
    which = runs.id == run.id
    if only is Only.FAILED and run.group_id is not None:
        which = (runs.group_id == run.group_id) & (runs.project == run.project)
    query = (
        select(test_executions, run_requests.c.yaml, run_requests.c.overrides)
        .join(run_requests, run_requests.c.test_execution_id == runs.id)
        .where(which)
        .order_by(runs.queued_at, runs.id)
    )
    rows = (await connection.execute(query)).all()
    if not rows:
        raise conflict("this run was made by the command line, which runs it again")
    if any(row.status in _UNFINISHED for row in rows):
        raise conflict("this run is not finished yet" if len(rows) == 1 else "runs of this group are not finished yet")
    return [row for row in rows if row.status in _RED] if only is Only.FAILED else rows


def _to_run(row: Any) -> TestToRun:
    return TestToRun(id=row.id, version=row.version, name=row.name, yaml=row.yaml)


def _asked(row: Row[Any]) -> TestToRun:
    return TestToRun(id=row.test_id or "", version=row.test_version or 0, name=row.test_name, yaml=row.yaml)


async def _wish(platform: Platform, connection: AsyncConnection, start: Start) -> Wish:
    stored = await connection.scalar(select(projects.c.settings).where(projects.c.id == start.project_id))
    return Wish(
        project=start.project_id,
        user_id=start.user_id,
        settings=await settings_of(platform, connection, start.user_id),
        default_model=model_for({}, stored or {}, platform.settings.model),
        heal_policy=project_settings(stored or {}).heal_policy,
        overrides=start.overrides,
        priority=start.priority,
        suite_id=start.suite_id,
        schedule_id=start.schedule_id,
    )


async def settings_of(platform: Platform, connection: AsyncConnection, user_id: str) -> ExecutionSettings:
    """The starter's execution settings, as they are now."""
    return as_engine_settings(await settings_row(platform.database, connection, user_id))


def _told(platform: Platform, connection: AsyncConnection, group: QueuedGroup) -> QueuedOut:
    """What was queued; its traces begin when it is."""
    if platform.tracing:
        begin = partial(platform.tracing.queued, [run.id for run in group.runs])
        platform.database.after_commit(connection, begin)
    return QueuedOut(group_id=group.id, runs=[Queued.model_validate(run) for run in group.runs])
