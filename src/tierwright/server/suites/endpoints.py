"""`/suites`: tests in an order."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy import Row

from tierwright.server.access import Caller, Scope, of_visible_projects, project_for, row_changing
from tierwright.server.bodies import IdInPath, ProjectAsked
from tierwright.server.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page_of
from tierwright.server.platform import ThePlatform
from tierwright.server.suites.schemas import Moved, SuiteChange, SuiteItem, SuiteNew, SuiteOut, TestsAdded
from tierwright.server.suites.service import (
    add_tests,
    change_suite,
    create_suite,
    delete_suite,
    item_of,
    last_groups,
    move_test,
    remove_test,
    shown,
    suites_with_counts,
)
from tierwright.server.transactions import Reading, Writing
from tierwright.store.platform_tables import suites

router = APIRouter(prefix="/suites", tags=["suites"])


async def suite_changing(caller: Caller, platform: ThePlatform, suite_id: IdInPath) -> Row[Any]:
    """A suite that the caller may change. Raises Problem (404, 403)."""
    return await row_changing(caller, platform, suites.c.project_id, suite_id, "suite")


SuiteChanging = Annotated[Row[Any], Depends(suite_changing)]


@router.get("")
async def list_suites(
    project: ProjectAsked, connection: Reading, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[SuiteItem]:
    """A project's suites, last changed first."""
    query = suites_with_counts(suites.c.project_id == project.id)
    keys = (suites.c.updated_at, suites.c.id)
    page = await page_of(connection, query, keys, item_of, cursor=cursor, limit=limit)
    last = await last_groups(connection, [item.id for item in page.items])
    items = [item.model_copy(update={"last_run": last.get(item.id)}) for item in page.items]
    return Page(items=items, next_cursor=page.next_cursor)


@router.post("", status_code=201)
async def make_suite(new: SuiteNew, caller: Caller, platform: ThePlatform) -> SuiteOut:
    """Make a suite of tests of one project."""
    project = await project_for(platform, caller, new.project_id, to=Scope.WRITE)
    async with platform.database.write() as connection:
        suite_id = await create_suite(connection, platform.database, project.id, new)
        return await shown(connection, suites.c.id == suite_id)


@router.get("/{suite_id}")
async def read_suite(suite_id: IdInPath, caller: Caller, connection: Reading) -> SuiteOut:
    """One suite with its tests in their order."""
    return await shown(connection, (suites.c.id == suite_id) & of_visible_projects(caller, suites.c.project_id))


@router.patch("/{suite_id}")
async def update_suite(change: SuiteChange, row: SuiteChanging, platform: ThePlatform, connection: Writing) -> SuiteOut:
    """Rename a suite, describe it, or give it other tests."""
    await change_suite(connection, platform.database, row, change)
    return await shown(connection, suites.c.id == row.id)


@router.delete("/{suite_id}", status_code=204)
async def drop_suite(row: SuiteChanging, connection: Writing) -> None:
    """Remove a suite; its tests stay, its schedules go."""
    await delete_suite(connection, row.id)


@router.post("/{suite_id}/tests")
async def put_tests(body: TestsAdded, row: SuiteChanging, platform: ThePlatform, connection: Writing) -> SuiteOut:
    """Add tests to a suite."""
    await add_tests(connection, platform.database, row, body.test_ids, body.position)
    return await shown(connection, suites.c.id == row.id)


@router.delete("/{suite_id}/tests/{test_id}")
async def take_test(test_id: IdInPath, row: SuiteChanging, platform: ThePlatform, connection: Writing) -> SuiteOut:
    """Take a test out of a suite."""
    await remove_test(connection, platform.database, row, test_id)
    return await shown(connection, suites.c.id == row.id)


@router.post("/{suite_id}/tests/{test_id}/move")
async def put_test_elsewhere(
    body: Moved, test_id: IdInPath, row: SuiteChanging, platform: ThePlatform, connection: Writing
) -> SuiteOut:
    """Put a test of a suite to another place."""
    await move_test(connection, platform.database, row, test_id, body.position)
    return await shown(connection, suites.c.id == row.id)
