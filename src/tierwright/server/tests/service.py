"""Stores tests and their versions: every save that changes something is a version, and nobody overwrites another."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, delete, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import TableValuedAlias

from tierwright.core.errors import UsageError
from tierwright.server.problems import Problem, conflict, invalid, not_found
from tierwright.server.tests.schemas import Imported, ImportOut, LastRun, OnConflict, TestItem, TierMix
from tierwright.server.tests.source import LONGEST_NAME, CheckedTest, checked_all, test_file
from tierwright.store.database import Database
from tierwright.store.platform_tables import test_versions, tests
from tierwright.store.tables import steps, test_executions
from tierwright.testfiles.writer import rename_test

_AT_ONCE = 500
"""Names or ids in one question; databases limit how many values it may hold."""


_MIXED_RUNS = 10
_TIER_COUNTS = (
    *(func.count(case((steps.c.tier == tier, 1))).label(f"tier{tier}") for tier in (1, 2, 3)),
    func.count(case((steps.c.status.in_(("failed", "error")), 1))).label("failed"),
)


@dataclass(frozen=True, slots=True)
class Author:
    """Who saves, and in which project."""

    project_id: str
    user_id: str


# --- finding ----------------------------------------------------------------------------------------------


def tags_of(database: Database) -> TableValuedAlias:
    """The tags of each row of `tests` as rows of one column, `value`."""
    each = func.json_each if database.is_sqlite else func.json_array_elements_text
    return each(tests.c.tags).table_valued("value", joins_implicitly=True)


def tests_in(database: Database, project_id: str, *, q: str | None, tag: str | None) -> Select[Any]:
    """The rows of a project's tests whose name holds `q` and that have a tag."""
    query = select(tests).where(tests.c.project_id == project_id)
    if q:
        query = query.where(tests.c.name.icontains(q, autoescape=True))
    if tag is not None:
        each = tags_of(database)
        query = query.where(select(literal(1)).select_from(each).where(each.c.value == tag).exists())
    return query


async def last_runs(connection: AsyncConnection, test_ids: Sequence[str]) -> Mapping[str, LastRun]:
    """The newest run of each of these tests that has one."""
    runs = test_executions.c
    newest = (
        select(runs.id)
        .where(runs.test_id == tests.c.id)
        .order_by(runs.queued_at.desc(), runs.id.desc())
        .limit(1)
        .correlate(tests)
        .scalar_subquery()
    )
    ids = select(newest).where(tests.c.id.in_(test_ids))
    shown = (runs.test_id, runs.id, runs.status, runs.queued_at, runs.finished_at, runs.duration_ms)
    rows = await connection.execute(select(*shown).where(runs.id.in_(ids)))
    return {row.test_id: LastRun.model_validate(row, from_attributes=True) for row in rows}


async def tier_mixes(connection: AsyncConnection, test_ids: Sequence[str]) -> Mapping[str, list[TierMix]]:
    """The tiers of the last ten runs that ended of each of these tests, oldest first."""
    runs, newest = test_executions.c, test_executions.alias().c
    mine = (newest.test_id == tests.c.id) & newest.duration_ms.is_not(None)
    tenth = select(newest.queued_at).where(mine).order_by(newest.queued_at.desc()).limit(1).offset(_MIXED_RUNS - 1)
    since = func.coalesce(tenth.correlate(tests).scalar_subquery(), datetime(1970, 1, 1, tzinfo=UTC))
    recent = (runs.test_id == tests.c.id) & runs.duration_ms.is_not(None) & (runs.queued_at >= since)
    query = (
        select(runs.test_id, runs.id.label("run_id"), runs.status, *_TIER_COUNTS)
        .select_from(tests)
        .join(test_executions, recent)
        .outerjoin(steps, steps.c.test_execution_id == runs.id)
        .where(tests.c.id.in_(test_ids))
        .group_by(runs.test_id, runs.id, runs.status, runs.queued_at)
        .order_by(runs.queued_at, runs.id)
    )
    found: defaultdict[str, list[TierMix]] = defaultdict(list)
    for row in await connection.execute(query):
        found[row.test_id].append(TierMix.model_validate(row, from_attributes=True))
    return {test_id: mixes[-_MIXED_RUNS:] for test_id, mixes in found.items()}


def item_of(row: Row[Any]) -> TestItem:
    """A row as it stands in a list, without its last run."""
    return TestItem.model_validate(row, from_attributes=True)


async def tag_counts(connection: AsyncConnection, database: Database, project_id: str) -> Sequence[Row[Any]]:
    """Every tag of a project and how many tests have it, by name."""
    each = tags_of(database)
    query = (
        select(each.c.value.label("tag"), func.count().label("tests"))
        .select_from(tests)
        .join(each, literal(True))
        .where(tests.c.project_id == project_id)
        .group_by(each.c.value)
        .order_by(each.c.value)
    )
    return (await connection.execute(query)).all()


# --- saving -----------------------------------------------------------------------------------------------


async def create_test(
    connection: AsyncConnection, database: Database, author: Author, made: CheckedTest, note: str
) -> str:
    """Store a new test; returns its id. Raises Problem (409) when the name is taken."""
    row = _new_row(database, author, made)
    if not await database.insert_new(connection, tests, row, ("project_id", "name")):
        raise _taken(made.test.name)
    await _keep_versions(connection, database, author, [row], note)
    return str(row["id"])


async def save_test(
    connection: AsyncConnection, database: Database, author: Author, row: Row[Any], made: CheckedTest, note: str
) -> bool:
    """Store a test's new text over the version that `row` has; False when it is the same as before.

    Raises Problem (409) when somebody else saved in the meantime, or the new name is taken.
    """
    if made.yaml == row.yaml:
        return False
    values = {
        "name": made.test.name,
        "yaml": made.yaml,
        "tags": list(made.test.tags),
        "version": row.version + 1,
        "updated_at": database.clock.now(),
    }
    here = (tests.c.id == row.id) & (tests.c.version == row.version)
    try:
        async with connection.begin_nested():
            saved = await connection.execute(update(tests).where(here).values(**values))
    except IntegrityError:
        raise _taken(made.test.name) from None
    if saved.rowcount == 0:
        raise conflict("this test was changed in the meantime; read it again")
    await _keep_versions(connection, database, author, [{**values, "id": row.id}], note)
    return True


def check_version(row: Row[Any], known: int) -> None:
    """Raises Problem (409) when the test has another version than the one somebody knows."""
    if row.version != known:
        raise conflict(f"this test is at version {row.version}, not {known}; read it again before you change it")


def _new_row(database: Database, author: Author, made: CheckedTest) -> dict[str, Any]:
    now = database.clock.now()
    return {
        "id": uuid.uuid4().hex,
        "project_id": author.project_id,
        "name": made.test.name,
        "version": 1,
        "yaml": made.yaml,
        "tags": list(made.test.tags),
        "user_id": author.user_id,
        "created_at": now,
        "updated_at": now,
    }


async def _keep_versions(
    connection: AsyncConnection, database: Database, author: Author, rows: Sequence[Mapping[str, Any]], note: str
) -> None:
    now = database.clock.now()
    versions = [
        {
            "test_id": row["id"],
            "version": row["version"],
            "yaml": row["yaml"],
            "note": note,
            "user_id": author.user_id,
            "created_at": now,
        }
        for row in rows
    ]
    await connection.execute(insert(test_versions), versions)


def _taken(name: str) -> Problem:
    return conflict(f'the name "{name}" is taken by another test of this project')


async def delete_test(connection: AsyncConnection, test_id: str) -> None:
    """Remove a test and its versions; its runs stay. Raises Problem (404)."""
    if (await connection.execute(delete(tests).where(tests.c.id == test_id))).rowcount == 0:
        raise not_found("test")


# --- versions ---------------------------------------------------------------------------------------------


async def version_row(connection: AsyncConnection, test_id: str, version: int) -> Row[Any]:
    """One version of a test. Raises Problem (404)."""
    here = (test_versions.c.test_id == test_id) & (test_versions.c.version == version)
    row = (await connection.execute(select(test_versions).where(here))).first()
    if row is None:
        raise not_found("version")
    return row


# --- copies -----------------------------------------------------------------------------------------------


async def copy_named(row: Row[Any], name: str) -> CheckedTest:
    """The test of a row under another name. Raises Problem (422) where its text has become wrong or is too long."""
    try:
        text = await asyncio.to_thread(rename_test, row.yaml, test_file(row.name), name)
    except UsageError as error:
        raise invalid("body.name", str(error)) from None
    (made,) = await checked_all(text)
    return made


async def free_name(connection: AsyncConnection, row: Row[Any]) -> str:
    """`Name (copy)`, or with a number the first that no test of the project has."""
    stem = row.name[: LONGEST_NAME - len(" (copy 99999)")]
    like = (tests.c.project_id == row.project_id) & tests.c.name.startswith(f"{stem} (copy", autoescape=True)
    taken = set((await connection.execute(select(tests.c.name).where(like))).scalars())
    numbered = (f"{stem} (copy {number})" for number in range(2, len(taken) + 3))
    return next(name for name in (f"{stem} (copy)", *numbered) if name not in taken)


# --- import and export ------------------------------------------------------------------------------------


async def import_tests(
    connection: AsyncConnection,
    database: Database,
    author: Author,
    made: Sequence[CheckedTest],
    on_conflict: OnConflict,
) -> ImportOut:
    """Store several tests at once. Raises Problem (409) for taken names, where they shall not be."""
    there = await _rows_named(connection, author.project_id, [one.test.name for one in made])
    if there and on_conflict is OnConflict.FAIL:
        raise conflict(f"these tests are there already: {', '.join(sorted(there))}")
    fresh = [_new_row(database, author, one) for one in made if one.test.name not in there]
    known = [(there[one.test.name], one) for one in made if one.test.name in there]
    differing = [(row, one) for row, one in known if row.yaml != one.yaml]
    changed = differing if on_conflict is OnConflict.UPDATE else []
    await _insert_all(connection, database, author, fresh)
    await _update_all(connection, database, author, changed)
    unchanged = [row for row, one in known if row.yaml == one.yaml]
    return ImportOut(
        created=[Imported.model_validate(row) for row in fresh],
        updated=[Imported(id=row.id, name=row.name, version=row.version + 1) for row, _ in changed],
        unchanged=[_imported(row) for row in unchanged],
        skipped=[_imported(row) for row, _ in differing if on_conflict is OnConflict.SKIP],
    )


def _imported(row: Row[Any]) -> Imported:
    return Imported.model_validate(row, from_attributes=True)


async def _rows_named(connection: AsyncConnection, project_id: str, names: Sequence[str]) -> dict[str, Row[Any]]:
    """The tests that have these names, none of which changes before this transaction ends."""
    found: dict[str, Row[Any]] = {}
    for at in range(0, len(names), _AT_ONCE):
        some = tests.c.name.in_(names[at : at + _AT_ONCE])
        query = select(tests).where(tests.c.project_id == project_id, some).order_by(tests.c.id).with_for_update()
        found |= {row.name: row for row in await connection.execute(query)}
    return found


async def _insert_all(
    connection: AsyncConnection, database: Database, author: Author, rows: Sequence[Mapping[str, Any]]
) -> None:
    if not rows:
        return
    try:
        async with connection.begin_nested():
            await connection.execute(insert(tests), rows)
    except IntegrityError:
        raise conflict("tests of these names were made in the meantime; import again") from None
    await _keep_versions(connection, database, author, rows, "imported")


async def _update_all(
    connection: AsyncConnection,
    database: Database,
    author: Author,
    changed: Sequence[tuple[Row[Any], CheckedTest]],
) -> None:
    if not changed:
        return
    saved = {"yaml": bindparam("new_yaml"), "tags": bindparam("new_tags"), "version": tests.c.version + 1}
    change = update(tests).where(tests.c.id == bindparam("row_id"))
    new = [{"row_id": row.id, "new_yaml": one.yaml, "new_tags": list(one.test.tags)} for row, one in changed]
    await connection.execute(change.values(**saved, updated_at=database.clock.now()), new)
    rows = [{"id": row.id, "version": row.version + 1, "yaml": one.yaml} for row, one in changed]
    await _keep_versions(connection, database, author, rows, "imported")


async def exported(connection: AsyncConnection, project_id: str, ids: Sequence[str]) -> str:
    """Tests of a project, all or these, as one YAML stream, by name. Raises Problem (404) for an id it has not."""
    query = select(tests.c.id, tests.c.yaml).where(tests.c.project_id == project_id).order_by(tests.c.name)
    rows = (await connection.execute(query.where(tests.c.id.in_(ids)) if ids else query)).all()
    missing = set(ids) - {row.id for row in rows}
    if missing:
        raise not_found(f"test: {min(missing)}")
    return "---\n".join(row.yaml for row in rows)
