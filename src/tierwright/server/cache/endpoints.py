"""`/cache`: the elements that tier 2 remembers, by project."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from sqlalchemy import Row, delete, select

from tierwright.server.access import Caller, ProjectAccess, Scope, project_for, row_changing
from tierwright.server.bodies import ProjectAsked
from tierwright.server.cache.schemas import CacheEntryOut, CacheStatsOut, Forgotten
from tierwright.server.cache.service import shown
from tierwright.server.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page_of
from tierwright.server.platform import ThePlatform
from tierwright.server.transactions import Reading, Writing
from tierwright.store.element_cache import SqlElementCache
from tierwright.store.tables import xpath_cache

router = APIRouter(prefix="/cache", tags=["cache"])

EntryId = Annotated[int, Path(ge=1, le=2**31 - 1)]


async def entry_forgettable(caller: Caller, platform: ThePlatform, entry_id: EntryId) -> Row[Any]:
    """An entry that the caller may delete. Raises Problem (404, 403)."""
    return await row_changing(caller, platform, xpath_cache.c.project, entry_id, "entry")


async def project_clearable(caller: Caller, platform: ThePlatform, asked: ProjectAsked) -> ProjectAccess:
    """A project whose cache the caller may clear. Raises Problem (404, 403)."""
    return await project_for(platform, caller, asked.id, to=Scope.WRITE)


@router.get("/stats")
async def read_stats(project: ProjectAsked, platform: ThePlatform) -> CacheStatsOut:
    """How many entries there are, and how often they hit."""
    return CacheStatsOut.model_validate((await SqlElementCache(platform.database).stats(project.id)).as_json())


@router.get("")
async def list_entries(
    project: ProjectAsked, connection: Reading, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[CacheEntryOut]:
    """A project's entries, newest first."""
    query = select(xpath_cache).where(xpath_cache.c.project == project.id)
    keys = (xpath_cache.c.created_at, xpath_cache.c.id)
    return await page_of(connection, query, keys, shown, cursor=cursor, limit=limit)


@router.delete("")
async def clear_cache(project: Annotated[ProjectAccess, Depends(project_clearable)], connection: Writing) -> Forgotten:
    """Forget all entries of a project: the next runs find their elements anew."""
    gone = await connection.execute(delete(xpath_cache).where(xpath_cache.c.project == project.id))
    return Forgotten(deleted=gone.rowcount)


@router.delete("/{entry_id}", status_code=204)
async def forget_entry(row: Annotated[Row[Any], Depends(entry_forgettable)], connection: Writing) -> None:
    """Forget one entry."""
    await connection.execute(delete(xpath_cache).where(xpath_cache.c.id == row.id))
