"""Stores suites. Their order is rewritten whole, under a lock of the suite's row: no two tests share a place."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.server.problems import FieldProblem, Problem, conflict, invalid, not_found
from tierwright.server.suites.schemas import MOST_TESTS, SuiteChange, SuiteItem, SuiteNew, SuiteOut, SuiteRun, SuiteTest
from tierwright.store.database import Database
from tierwright.store.platform_tables import suite_tests, suites, tests
from tierwright.store.tables import test_executions


def suites_with_counts(which: ColumnElement[bool]) -> Select[Any]:
    """Rows of suites, and how many tests each has as `test_count`."""
    count = select(func.count()).where(suite_tests.c.suite_id == suites.c.id).scalar_subquery()
    return select(suites, count.label("test_count")).where(which)


def item_of(row: Row[Any]) -> SuiteItem:
    """A row as it stands in a list."""
    return SuiteItem.model_validate(row, from_attributes=True)


async def shown(connection: AsyncConnection, which: ColumnElement[bool]) -> SuiteOut:
    """One suite with its tests. Raises Problem (404)."""
    row = (await connection.execute(suites_with_counts(which))).first()
    if row is None:
        raise not_found("suite")
    columns = (tests.c.id, tests.c.name, tests.c.version, tests.c.tags)
    query = select(*columns).join(suite_tests, suite_tests.c.test_id == tests.c.id)
    ordered = query.where(suite_tests.c.suite_id == row.id).order_by(suite_tests.c.position)
    members = [SuiteTest.model_validate(test, from_attributes=True) for test in await connection.execute(ordered)]
    last = await last_groups(connection, [row.id])
    item = item_of(row).model_copy(update={"last_run": last.get(row.id)})
    return SuiteOut(**item.model_dump(), tests=members)


async def last_groups(connection: AsyncConnection, suite_ids: Sequence[str]) -> Mapping[str, SuiteRun]:
    """How the runs stand that were last started together of each of these suites."""
    runs, newest = test_executions.c, test_executions.alias().c
    mine = select(newest.group_id).where(newest.suite_id == suites.c.id, newest.group_id.is_not(None))
    group = mine.order_by(newest.queued_at.desc(), newest.id.desc()).limit(1).correlate(suites).scalar_subquery()
    query = (
        select(
            suites.c.id, runs.group_id, runs.status, func.count().label("runs"), func.min(runs.queued_at).label("at")
        )
        .select_from(suites)
        .join(test_executions, runs.group_id == group)
        .where(suites.c.id.in_(suite_ids))
        .group_by(suites.c.id, runs.group_id, runs.status)
    )
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in await connection.execute(query):
        found[row.id].append(row)
    return {suite_id: _group(rows) for suite_id, rows in found.items()}


def _group(rows: Sequence[Row[Any]]) -> SuiteRun:
    statuses = {row.status: row.runs for row in rows}
    return SuiteRun(group_id=rows[0].group_id, queued_at=min(row.at for row in rows), statuses=statuses)


async def create_suite(connection: AsyncConnection, database: Database, project_id: str, new: SuiteNew) -> str:
    """Store a new suite; returns its id. Raises Problem: 409 for a taken name, 422 for tests that are not there."""
    await check_tests(connection, project_id, new.test_ids)
    now = database.clock.now()
    row = {
        "id": uuid.uuid4().hex,
        "project_id": project_id,
        "name": new.name,
        "description": new.description,
        "created_at": now,
        "updated_at": now,
    }
    if not await database.insert_new(connection, suites, row, ("project_id", "name")):
        raise _taken(new.name)
    await _put_order(connection, str(row["id"]), new.test_ids)
    return str(row["id"])


async def change_suite(connection: AsyncConnection, database: Database, row: Row[Any], change: SuiteChange) -> None:
    """Set what the change names. Raises Problem as `create_suite`."""
    await _lock(connection, row.id)
    if change.test_ids is not None:
        await check_tests(connection, row.project_id, change.test_ids)
        await _put_order(connection, row.id, change.test_ids)
    values = change.model_dump(exclude_unset=True, exclude={"test_ids"})
    if change.model_fields_set:
        await _touch(connection, database, row.id, values)


async def add_tests(
    connection: AsyncConnection, database: Database, row: Row[Any], test_ids: Sequence[str], position: int | None
) -> None:
    """Put tests into a suite. Raises Problem: 409 for those that are in it, 422 for those that are not there."""
    await _lock(connection, row.id)
    await check_tests(connection, row.project_id, test_ids)
    order = await _order(connection, row.id)
    there = [test_id for test_id in test_ids if test_id in order]
    if there:
        raise conflict(f"these tests are in the suite already: {', '.join(there)}")
    if len(order) + len(test_ids) > MOST_TESTS:
        raise invalid("body.test_ids", f"a suite has at most {MOST_TESTS} tests")
    at = len(order) if position is None else position
    await _put_order(connection, row.id, [*order[:at], *test_ids, *order[at:]])
    await _touch(connection, database, row.id)


async def remove_test(connection: AsyncConnection, database: Database, row: Row[Any], test_id: str) -> None:
    """Take a test out of a suite. Raises Problem (404)."""
    order = await _others(connection, row.id, test_id)
    await _put_order(connection, row.id, order)
    await _touch(connection, database, row.id)


async def move_test(
    connection: AsyncConnection, database: Database, row: Row[Any], test_id: str, position: int
) -> None:
    """Put a test of a suite to another place. Raises Problem (404)."""
    order = await _others(connection, row.id, test_id)
    await _put_order(connection, row.id, [*order[:position], test_id, *order[position:]])
    await _touch(connection, database, row.id)


async def _others(connection: AsyncConnection, suite_id: str, test_id: str) -> list[str]:
    await _lock(connection, suite_id)
    order = await _order(connection, suite_id)
    if test_id not in order:
        raise not_found("test in this suite")
    return [other for other in order if other != test_id]


async def _lock(connection: AsyncConnection, suite_id: str) -> None:
    locked = select(suites.c.id).where(suites.c.id == suite_id).with_for_update()
    if (await connection.execute(locked)).first() is None:
        raise not_found("suite")


async def _order(connection: AsyncConnection, suite_id: str) -> list[str]:
    here = suite_tests.c.suite_id == suite_id
    return list(await connection.scalars(select(suite_tests.c.test_id).where(here).order_by(suite_tests.c.position)))


async def _put_order(connection: AsyncConnection, suite_id: str, test_ids: Sequence[str]) -> None:
    await connection.execute(delete(suite_tests).where(suite_tests.c.suite_id == suite_id))
    rows = [{"suite_id": suite_id, "test_id": test_id, "position": at} for at, test_id in enumerate(test_ids)]
    if rows:
        await connection.execute(insert(suite_tests), rows)


async def _touch(
    connection: AsyncConnection, database: Database, suite_id: str, values: Mapping[str, Any] | None = None
) -> None:
    changed = update(suites).where(suites.c.id == suite_id).values(**(values or {}), updated_at=database.clock.now())
    try:
        async with connection.begin_nested():
            await connection.execute(changed)
    except IntegrityError:
        raise _taken(str((values or {}).get("name"))) from None


def _taken(name: str) -> Problem:
    return conflict(f'the name "{name}" is taken by another suite of this project')


async def check_tests(connection: AsyncConnection, project_id: str, test_ids: Sequence[str]) -> None:
    """Raises Problem (422) that names each test which is twice there, or is none of the project."""
    if not test_ids:
        return
    mine = (tests.c.project_id == project_id) & tests.c.id.in_(set(test_ids))
    known = set(await connection.scalars(select(tests.c.id).where(mine)))
    errors = [
        FieldProblem(
            path=f"body.test_ids.{at}",
            message="stands twice" if test_id in known else "there is no such test in this project",
        )
        for at, test_id in enumerate(test_ids)
        if test_id not in known or test_id in test_ids[:at]
    ]
    if errors:
        raise Problem(422, "invalid", "; ".join(f"{e.path}: {e.message}" for e in errors), errors)


async def delete_suite(connection: AsyncConnection, suite_id: str) -> None:
    """Remove a suite; its tests stay. Raises Problem (404)."""
    if (await connection.execute(delete(suites).where(suites.c.id == suite_id))).rowcount == 0:
        raise not_found("suite")
