"""`/projects/{project_id}/members`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from sqlalchemy import Row

from tierwright.server.access import AdminProject, Caller, ReadProject, Scope, project_for
from tierwright.server.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page_of
from tierwright.server.platform import ThePlatform
from tierwright.server.projects.members.schemas import MemberChange, MemberNew, MemberOut
from tierwright.server.projects.members.service import add_member, members_of, remove_member, set_member_role
from tierwright.server.transactions import Reading, Writing
from tierwright.store.platform_tables import project_members

router = APIRouter(prefix="/{project_id}/members")


def _shown(row: Row[Any]) -> MemberOut:
    return MemberOut.model_validate(row._asdict())


@router.get("")
async def list_members(
    project: ReadProject, connection: Reading, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[MemberOut]:
    """The members of a project, newest first."""
    keys = (project_members.c.created_at, project_members.c.user_id)
    return await page_of(connection, members_of(project.id), keys, _shown, cursor=cursor, limit=limit)


@router.post("", status_code=201)
async def create_member(new: MemberNew, project: AdminProject, platform: ThePlatform, connection: Writing) -> MemberOut:
    """Take a user into a project."""
    return _shown(await add_member(platform.database, connection, project.id, new.username, new.role))


@router.patch("/{user_id}")
async def update_member(user_id: str, change: MemberChange, project: AdminProject, connection: Writing) -> MemberOut:
    """Change what a member may do."""
    return _shown(await set_member_role(connection, project.id, user_id, change.role))


@router.delete("/{user_id}", status_code=204)
async def delete_member(project_id: str, user_id: str, caller: Caller, platform: ThePlatform) -> None:
    """Let a member go. Everybody may leave by themselves."""
    to = Scope.READ if user_id == caller.user_id else Scope.ADMIN
    project = await project_for(platform, caller, project_id, to=to)
    async with platform.database.write() as connection:
        await remove_member(connection, project.id, user_id)
