"""Whose figures are asked for, and of which time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Query
from pydantic import Field
from sqlalchemy import exists, select

from tierwright.server.access import Caller, project_for, visible_projects
from tierwright.server.bodies import RowId, Text
from tierwright.server.platform import Platform, ThePlatform
from tierwright.server.problems import invalid, not_found
from tierwright.store.analytics import Filter
from tierwright.store.platform_tables import projects, tests
from tierwright.store.tables import test_executions

FIRST_YEAR, LAST_YEAR = 1970, 9000

MomentText = Annotated[str, Field(max_length=40, examples=["2026-11-01", "2026-11-01T08:00:00Z"])]
ProjectId = Annotated[RowId | None, Query(description="Left out: all projects that you can see.")]


async def seen_projects(caller: Caller, platform: ThePlatform, project_id: ProjectId = None) -> tuple[str, ...]:
    """The ids of the projects asked of. Raises Problem (404)."""
    if project_id is not None:
        return ((await project_for(platform, caller, project_id)).id,)
    query = select(projects.c.id).where(visible_projects(caller)).order_by(projects.c.id)
    async with platform.database.read() as connection:
        return tuple((await connection.execute(query)).scalars())


SeenProjects = Annotated[tuple[str, ...], Depends(seen_projects)]


@dataclass(frozen=True, slots=True)
class Window:
    """Runs begun at `start` or later, and before `end`; None: without an end."""

    start: datetime | None = None
    end: datetime | None = None


def window_asked(
    begin: Annotated[
        MomentText | None, Query(alias="from", description="Runs begun then or later; without a zone it is UTC.")
    ] = None,
    to: Annotated[MomentText | None, Query(description="Runs begun before; a date is meant up to its end.")] = None,
) -> Window:
    """The time asked of. Raises Problem (422)."""
    start = None if begin is None else _moment("from", begin)
    end = None if to is None else _moment("to", to) + (timedelta(days=1) if _is_date(to) else timedelta())
    if start is not None and end is not None and start >= end:
        raise invalid("query.to", "must be later than from")
    return Window(start, end)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _moment(name: str, text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(f"query.{name}", "is no date; write 2026-11-01 or 2026-11-01T08:00:00Z") from None
    if not FIRST_YEAR < given.year < LAST_YEAR:
        raise invalid(f"query.{name}", f"must be after {FIRST_YEAR} and before {LAST_YEAR}")
    return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)


WindowAsked = Annotated[Window, Depends(window_asked)]


async def runs_asked(
    platform: ThePlatform,
    seen: SeenProjects,
    window: WindowAsked,
    test_id: Annotated[RowId | None, Query(description="Only runs of this test.")] = None,
    tag: Annotated[Text | None, Query(max_length=200, description="Only runs of tests with this tag.")] = None,
) -> Filter:
    """The runs whose figures are asked for. Raises Problem (404, 422)."""
    if test_id is not None and not await _is_seen(platform, seen, test_id):
        raise not_found("test")
    return Filter(projects=seen, start=window.start, end=window.end, test_id=test_id, tag=tag)


async def _is_seen(platform: Platform, seen: tuple[str, ...], test_id: str) -> bool:
    """Whether a test is in these projects, or was when it ran."""
    there = exists().where(tests.c.id == test_id, tests.c.project_id.in_(seen))
    ran = exists().where(test_executions.c.test_id == test_id, test_executions.c.project.in_(seen))
    async with platform.database.read() as connection:
        return bool(await connection.scalar(select(there | ran)))


RunsAsked = Annotated[Filter, Depends(runs_asked)]
