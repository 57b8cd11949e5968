"""`/schedules`: suites and tests by the clock."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Row, select

from tierwright.server.access import Caller, Scope, project_for, row_changing, row_of, row_seen
from tierwright.server.bodies import IdInPath, ProjectAsked
from tierwright.server.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page_of
from tierwright.server.platform import Platform, ThePlatform
from tierwright.server.schedules.schemas import Cron, ScheduleChange, ScheduleNew, ScheduleOut, TimesOut, TimeZone
from tierwright.server.schedules.service import (
    change_schedule,
    create_schedule,
    delete_schedule,
    first_run,
    first_run_after,
    shown_all,
    times_of,
)
from tierwright.server.transactions import Reading, Writing
from tierwright.store.platform_tables import schedules

router = APIRouter(prefix="/schedules", tags=["schedules"])


async def schedule_seen(caller: Caller, platform: ThePlatform, schedule_id: IdInPath) -> Row[Any]:
    """A schedule that the caller can see. Raises Problem (404)."""
    return await row_seen(caller, platform, schedules.c.project_id, schedule_id, "schedule")


ScheduleSeen = Annotated[Row[Any], Depends(schedule_seen)]


async def schedule_changing(caller: Caller, platform: ThePlatform, schedule_id: IdInPath) -> Row[Any]:
    """A schedule that the caller may change. Raises Problem (404, 403)."""
    return await row_changing(caller, platform, schedules.c.project_id, schedule_id, "schedule")


ScheduleChanging = Annotated[Row[Any], Depends(schedule_changing)]


async def _shown(platform: Platform, schedule_id: str) -> ScheduleOut:
    async with platform.database.read() as connection:
        row = await row_of(connection, schedules, schedules.c.id == schedule_id, "schedule")
    (shown,) = await shown_all([row], platform.clock.now())
    return shown


@router.get("")
async def list_schedules(
    project: ProjectAsked,
    platform: ThePlatform,
    connection: Reading,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ScheduleOut]:
    """A project's schedules with their next runs, newest first."""
    query = select(schedules).where(schedules.c.project_id == project.id)
    keys = (schedules.c.created_at, schedules.c.id)
    page: Page[Any] = await page_of(connection, query, keys, _row, cursor=cursor, limit=limit)
    return Page(items=await shown_all(page.items, platform.clock.now()), next_cursor=page.next_cursor)


def _row(row: Row[Any]) -> Row[Any]:
    return row


@router.post("", status_code=201)
async def make_schedule(new: ScheduleNew, caller: Caller, platform: ThePlatform) -> ScheduleOut:
    """Make a schedule; its runs have the execution settings of whoever made it."""
    project = await project_for(platform, caller, new.project_id, to=Scope.WRITE)
    first = await first_run(platform.database, new.cron, new.time_zone)
    async with platform.database.write() as connection:
        database = platform.database
        schedule_id = await create_schedule(connection, database, project.id, caller.user_id, new, first)
    return await _shown(platform, schedule_id)


@router.get("/times")
async def read_times(
    cron: Annotated[Cron, Query(max_length=200)],
    platform: ThePlatform,
    caller: Caller,  # noqa: ARG001 - that there is one counts
    time_zone: Annotated[TimeZone, Query(max_length=100)] = "UTC",
) -> TimesOut:
    """When a schedule of these times would run; 422 for times that cannot be, as when one is made."""
    return TimesOut(next_runs=await times_of(platform.database, cron, time_zone))


@router.get("/{schedule_id}")
async def read_schedule(row: ScheduleSeen, platform: ThePlatform) -> ScheduleOut:
    """One schedule with its next runs."""
    (shown,) = await shown_all([row], platform.clock.now())
    return shown


@router.patch("/{schedule_id}")
async def update_schedule(change: ScheduleChange, row: ScheduleChanging, platform: ThePlatform) -> ScheduleOut:
    """Change a schedule, or switch it on or off; a time that it missed while it was off does not come."""
    first = await first_run_after(platform.database, row, change)
    async with platform.database.write() as connection:
        await change_schedule(connection, platform.database, row, change, first)
    return await _shown(platform, row.id)


@router.delete("/{schedule_id}", status_code=204)
async def drop_schedule(row: ScheduleChanging, connection: Writing) -> None:
    """Remove a schedule; its runs stay."""
    await delete_schedule(connection, row.id)
