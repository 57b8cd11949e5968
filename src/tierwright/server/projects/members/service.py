"""Takes users into projects, and lets them go."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.server.access import Role
from tierwright.server.problems import conflict, invalid, not_found
from tierwright.store.database import Database
from tierwright.store.platform_tables import project_members, users

_member = project_members.c


def members_of(project_id: str) -> Select[Any]:
    """The members of a project."""
    return (
        select(_member.user_id, users.c.username, _member.role, _member.created_at)
        .join(users, users.c.id == _member.user_id)
        .where(_member.project_id == project_id)
    )


async def member_row(connection: AsyncConnection, project_id: str, user_id: str) -> Row[Any]:
    """One member. Raises Problem (404)."""
    row: Row[Any] | None = (await connection.execute(members_of(project_id).where(_member.user_id == user_id))).first()
    if row is None:
        raise not_found("member")
    return row


async def add_member(
    database: Database, connection: AsyncConnection, project_id: str, username: str, role: Role
) -> Row[Any]:
    """Take a user in. Raises Problem: 422 for a name that nobody has, 409 for a member."""
    known = (users.c.username == username.lower()) & users.c.active
    user_id: str | None = await connection.scalar(select(users.c.id).where(known))
    if user_id is None:
        raise invalid("body.username", "nobody has this name")
    values = {"project_id": project_id, "user_id": user_id, "role": role.value, "created_at": database.clock.now()}
    if not await database.insert_new(connection, project_members, values, ("project_id", "user_id")):
        raise conflict(f"{username} is a member already")
    return await member_row(connection, project_id, user_id)


async def set_member_role(connection: AsyncConnection, project_id: str, user_id: str, role: Role) -> Row[Any]:
    """Change what a member may do. Raises Problem (404)."""
    await connection.execute(update(project_members).where(_this(project_id, user_id)).values(role=role.value))
    return await member_row(connection, project_id, user_id)


async def remove_member(connection: AsyncConnection, project_id: str, user_id: str) -> None:
    """Let a member go. Raises Problem (404)."""
    if (await connection.execute(delete(project_members).where(_this(project_id, user_id)))).rowcount == 0:
        raise not_found("member")


def _this(project_id: str, user_id: str) -> ColumnElement[bool]:
    return (_member.project_id == project_id) & (_member.user_id == user_id)
