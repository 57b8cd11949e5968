"""Makes, changes and removes projects."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, Select, delete, exists, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.config import DEFAULT_PROJECT
from tierwright.server.access import Principal, Role, visible_projects
from tierwright.server.problems import conflict, forbidden, not_found
from tierwright.server.projects.settings import ADMINS_ALONE, ProjectSettings, project_settings
from tierwright.store.database import Database
from tierwright.store.leftovers import give_up_files
from tierwright.store.platform_tables import project_members, projects
from tierwright.store.tables import metadata, test_executions


def projects_of(caller: Principal) -> Select[Any]:
    """The projects that a caller can see, each with their own `member` role in it."""
    mine = (project_members.c.project_id == projects.c.id) & (project_members.c.user_id == caller.user_id)
    return (
        select(projects, project_members.c.role.label("member"))
        .outerjoin(project_members, mine)
        .where(visible_projects(caller))
    )


async def project_row(connection: AsyncConnection, caller: Principal, project_id: str) -> Row[Any]:
    """A project that a caller can see. Raises Problem (404)."""
    this = projects_of(caller).where(projects.c.id == project_id)
    row: Row[Any] | None = (await connection.execute(this)).first()
    if row is None:
        raise not_found("project")
    return row


async def add_project(database: Database, connection: AsyncConnection, caller: Principal, name: str) -> str:
    """Make a project that the caller administers; returns its id. Raises Problem (403) for viewers."""
    if caller.role is Role.VIEWER:
        raise forbidden("viewers look, and make nothing")
    now, project_id = database.clock.now(), uuid.uuid4().hex
    values = {"id": project_id, "name": name, "settings": {}, "created_at": now, "updated_at": now}
    await connection.execute(insert(projects).values(**values))
    mine = {"project_id": project_id, "user_id": caller.user_id, "role": Role.ADMIN.value, "created_at": now}
    await connection.execute(insert(project_members).values(**mine))
    return project_id


async def change_project(
    database: Database, connection: AsyncConnection, project_id: str, values: Mapping[str, Any]
) -> None:
    """Set name or settings."""
    if values:
        this = projects.c.id == project_id
        await connection.execute(update(projects).where(this).values(**values, updated_at=database.clock.now()))


async def remove_project(connection: AsyncConnection, project_id: str) -> None:
    """Remove a project with everything in it; its files go when that is certain.

    Raises Problem (409) for the command line's, and while it runs tests.
    """
    if project_id == DEFAULT_PROJECT:
        raise conflict("this is the project of the command line; it stays")
    its_runs = (test_executions.c.project == project_id) & test_executions.c.finished_at.is_(None)
    if await connection.scalar(select(exists(select(literal(1)).where(its_runs)))):
        raise conflict("tests of this project are running or queued; cancel them first")
    await give_up_files(connection, project_id)
    await connection.execute(delete(projects).where(projects.c.id == project_id))
    # Runs first: triggers note in other tables of the project that they went.
    for table in (test_executions, *reversed(metadata.sorted_tables)):
        if "project" in table.c:
            await connection.execute(delete(table).where(table.c.project == project_id))


def checked_settings(caller: Principal, stored: Mapping[str, Any], wanted: ProjectSettings) -> Mapping[str, Any]:
    """The settings as they are stored. Raises Problem (403) for those that only administrators change."""
    before = project_settings(stored)
    for name in ADMINS_ALONE:
        if getattr(wanted, name) != getattr(before, name) and not caller.is_admin:
            raise forbidden(f"only an administrator of this installation changes {name}")
    return wanted.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
