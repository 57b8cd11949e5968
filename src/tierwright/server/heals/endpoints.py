"""`/heals`: the queue of what a machine found and a person has to judge."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse

from tierwright.server.access import Caller, Scope, of_visible_projects, project_for
from tierwright.server.bodies import IdInPath, ProjectAsked, Text
from tierwright.server.heals.schemas import Decided, Decision, HealItem, HealKind, HealOut
from tierwright.server.heals.service import Decider, crop_file, decide, heal_row, heals_with_tests, item_of, shown
from tierwright.server.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page_of
from tierwright.server.platform import ThePlatform
from tierwright.server.transactions import Reading, Writing
from tierwright.store.proposals import ProposalStatus
from tierwright.store.tables import heals

router = APIRouter(prefix="/heals", tags=["heals"])


async def heal_changing(caller: Caller, platform: ThePlatform, heal_id: IdInPath) -> str:
    """The id of a heal that the caller may decide. Raises Problem (404, 403)."""
    async with platform.database.read() as connection:
        row = await heal_row(connection, (heals.c.id == heal_id) & of_visible_projects(caller, heals.c.project))
    await project_for(platform, caller, row.project, to=Scope.WRITE)
    return str(row.id)


HealChanging = Annotated[str, Depends(heal_changing)]


def api_of(request: Request, heal_id: IdInPath) -> str:
    """Where the API's addresses begin, as this request has it."""
    return request.url.path.partition(f"/heals/{heal_id}")[0]


Api = Annotated[str, Depends(api_of)]


@router.get("")
async def list_heals(
    project: ProjectAsked,
    connection: Reading,
    status: ProposalStatus | None = None,
    kind: HealKind | None = None,
    test: Annotated[Text | None, Query(max_length=500, description="The name of a test.")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[HealItem]:
    """A project's heals, last offered first."""
    asked = ((heals.c.status, status), (heals.c.kind, kind), (heals.c.test_name, test))
    query = heals_with_tests(heals.c.project == project.id)
    query = query.where(*(column == str(value) for column, value in asked if value is not None))
    return await page_of(connection, query, (heals.c.updated_at, heals.c.id), item_of, cursor=cursor, limit=limit)


@router.get("/{heal_id}")
async def read_heal(heal_id: IdInPath, caller: Caller, api: Api, connection: Reading) -> HealOut:
    """One heal: what was known, what was found, how sure, what else it could have been."""
    mine = (heals.c.id == heal_id) & of_visible_projects(caller, heals.c.project)
    return await shown(connection, mine, api)


@router.get("/{heal_id}/crop", response_class=FileResponse, responses={200: {"content": {"image/png": {}}}})
async def read_crop(heal_id: IdInPath, caller: Caller, platform: ThePlatform, connection: Reading) -> FileResponse:
    """The picture of the element that was found."""
    mine = (heals.c.id == heal_id) & of_visible_projects(caller, heals.c.project)
    row = await heal_row(connection, mine)
    return FileResponse(await crop_file(platform.settings.state_dir, row.crop), media_type="image/png")


@router.post("/{heal_id}/approve")
async def approve_heal(
    body: Decision, caller: Caller, platform: ThePlatform, heal_id: HealChanging, api: Api, connection: Writing
) -> Decided:
    """Write a heal's selector into its test, as a new version, and take its element for the step's from now on."""
    decider = Decider(connection, platform.database, caller.user_id)
    also, left = await decide(connection, heal_id, decider.approve, also_sharing=body.also_sharing)
    return Decided(heal=await shown(connection, heals.c.id == heal_id, api), also=also, undecided=left)


@router.post("/{heal_id}/reject")
async def reject_heal(
    body: Decision, caller: Caller, platform: ThePlatform, heal_id: HealChanging, api: Api, connection: Writing
) -> Decided:
    """Refuse a heal: the cache forgets it, and it is not offered again."""
    decider = Decider(connection, platform.database, caller.user_id)
    also, left = await decide(connection, heal_id, decider.reject, also_sharing=body.also_sharing)
    return Decided(heal=await shown(connection, heals.c.id == heal_id, api), also=also, undecided=left)
