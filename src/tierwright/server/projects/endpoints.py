"""`/projects`, and each one's settings."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from sqlalchemy import Row

from tierwright.server.access import AdminProject, Caller, Principal, ReadProject, role_in
from tierwright.server.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page_of
from tierwright.server.platform import ThePlatform
from tierwright.server.projects.members.endpoints import router as members
from tierwright.server.projects.schemas import ProjectChange, ProjectNew, ProjectOut
from tierwright.server.projects.secrets.endpoints import router as secrets
from tierwright.server.projects.service import (
    add_project,
    change_project,
    checked_settings,
    project_row,
    projects_of,
    remove_project,
)
from tierwright.server.projects.settings import ProjectSettings, project_settings
from tierwright.server.transactions import Reading, Writing
from tierwright.store.platform_tables import projects

router = APIRouter(prefix="/projects", tags=["projects"])
router.include_router(members)
router.include_router(secrets)


def _shown(caller: Principal, row: Row[Any]) -> ProjectOut:
    return ProjectOut(
        id=row.id,
        name=row.name,
        role=role_in(caller, row.member),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


@router.get("")
async def list_projects(
    caller: Caller, connection: Reading, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[ProjectOut]:
    """The projects that I can see, newest first."""
    keys = (projects.c.created_at, projects.c.id)
    return await page_of(
        connection, projects_of(caller), keys, lambda row: _shown(caller, row), cursor=cursor, limit=limit
    )


@router.post("", status_code=201)
async def create_project(new: ProjectNew, caller: Caller, platform: ThePlatform, connection: Writing) -> ProjectOut:
    """Make a project, which I administer."""
    project_id = await add_project(platform.database, connection, caller, new.name)
    return _shown(caller, await project_row(connection, caller, project_id))


@router.get("/{project_id}")
async def read_project(project_id: str, caller: Caller, connection: Reading) -> ProjectOut:
    """One project."""
    return _shown(caller, await project_row(connection, caller, project_id))


@router.patch("/{project_id}")
async def update_project(
    change: ProjectChange, caller: Caller, project: AdminProject, platform: ThePlatform, connection: Writing
) -> ProjectOut:
    """Change a project's name."""
    await change_project(platform.database, connection, project.id, change.model_dump(exclude_unset=True))
    return _shown(caller, await project_row(connection, caller, project.id))


@router.delete("/{project_id}", status_code=204)
async def delete_project(project: AdminProject, connection: Writing) -> None:
    """Remove a project with its tests, runs, heals and secrets."""
    await remove_project(connection, project.id)


@router.get("/{project_id}/settings", response_model_exclude_none=True)
async def read_project_settings(project: ReadProject) -> ProjectSettings:
    """How the project's tests run; what has no limit is left out."""
    return project_settings(project.settings)


@router.put("/{project_id}/settings", response_model_exclude_none=True)
async def write_project_settings(
    wanted: ProjectSettings, caller: Caller, project: AdminProject, platform: ThePlatform, connection: Writing
) -> ProjectSettings:
    """Replace the settings; what is left out gets its default."""
    settings = checked_settings(caller, project.settings, wanted)
    await change_project(platform.database, connection, project.id, {"settings": settings})
    return wanted
