"""Makes, changes and removes users. Whoever calls has hashed the password before, outside the transaction."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.config import DEFAULT_PROJECT
from tierwright.core.errors import UsageError
from tierwright.server.access import Role
from tierwright.server.problems import conflict, not_found
from tierwright.server.security.passwords import Passwords
from tierwright.server.settings import ServerSettings
from tierwright.store.database import Database
from tierwright.store.platform_tables import api_tokens, project_members, projects, user_sessions, users
from tierwright.store.tables import execution_settings

DEMO_USER = "testuser"
DEMO_PASSWORD = "testpassword123"  # noqa: S105 - the documented one, refused beyond loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """A user to be made."""

    username: str
    password_hash: str = field(repr=False)
    role: Role = Role.MEMBER


async def add_user(database: Database, connection: AsyncConnection, new: NewUser) -> str:
    """Make a user and a project of their own; returns the user's id. Raises Problem (409) where the name is taken."""
    now = database.clock.now()
    user_id, username = uuid.uuid4().hex, new.username.lower()
    first_admin = new.role is Role.ADMIN and not await has_admin(connection)
    values = {
        "id": user_id,
        "username": username,
        "password_hash": new.password_hash,
        "role": new.role.value,
        "active": True,
        "created_at": now,
        "updated_at": now,
    }
    if not await database.insert_new(connection, users, values, ("username",)):
        raise conflict(f"the user name {username} is taken")
    project = DEFAULT_PROJECT if first_admin else uuid.uuid4().hex
    row = {"id": project, "name": username, "settings": {}, "created_at": now, "updated_at": now}
    await database.insert_new(connection, projects, row, ("id",))
    mine = {"project_id": project, "user_id": user_id, "role": Role.ADMIN.value, "created_at": now}
    await connection.execute(insert(project_members).values(**mine))
    return user_id


async def has_users(connection: AsyncConnection) -> bool:
    """Whether anybody can sign in here at all."""
    return bool(await connection.scalar(select(exists().where(users.c.active))))


async def has_admin(connection: AsyncConnection) -> bool:
    """Whether anybody administers this installation."""
    return bool(await connection.scalar(select(exists().where(users.c.role == Role.ADMIN.value))))


async def user_row(connection: AsyncConnection, user_id: str) -> Row[Any]:
    """A user. Raises Problem (404)."""
    row = (await connection.execute(select(users).where(users.c.id == user_id))).first()
    if row is None:
        raise not_found("user")
    return row


async def change_user(
    database: Database, connection: AsyncConnection, user_id: str, values: Mapping[str, Any]
) -> Row[Any]:
    """Set role, active or password_hash. Raises Problem: 404, and 409 for the last administrator."""
    row = await user_row(connection, user_id)
    if values.get("role", Role.ADMIN.value) != Role.ADMIN.value or values.get("active") is False:
        await _keep_an_admin(connection, row)
    if values:
        now = database.clock.now()
        await connection.execute(update(users).where(users.c.id == user_id).values(**values, updated_at=now))
    if values.get("active") is False:
        await _revoke_tokens(database, connection, user_id)
    if values.get("active") is False or "password_hash" in values:
        await end_sessions(connection, user_id)
    return await user_row(connection, user_id)


async def remove_user(connection: AsyncConnection, user_id: str) -> None:
    """Remove a user with their sessions, tokens and settings; runs and projects stay. Raises Problem (404, 409)."""
    await _keep_an_admin(connection, await user_row(connection, user_id))
    await connection.execute(delete(users).where(users.c.id == user_id))
    await connection.execute(delete(execution_settings).where(execution_settings.c.user_id == user_id))


async def end_sessions(connection: AsyncConnection, user_id: str, *, but: str | None = None) -> None:
    """Sign a user out everywhere, but for the session of this token hash."""
    which: ColumnElement[bool] = user_sessions.c.user_id == user_id
    if but is not None:
        which &= user_sessions.c.token_hash != but
    await connection.execute(delete(user_sessions).where(which))


async def _revoke_tokens(database: Database, connection: AsyncConnection, user_id: str) -> None:
    living = (api_tokens.c.user_id == user_id) & api_tokens.c.revoked_at.is_(None)
    await connection.execute(update(api_tokens).where(living).values(revoked_at=database.clock.now()))


async def _keep_an_admin(connection: AsyncConnection, row: Row[Any]) -> None:
    """Refuse to lose the last administrator. The rows are locked in one order: two who demote each other take turns."""
    admins = (
        select(users.c.id)
        .where(users.c.role == Role.ADMIN.value, users.c.active)
        .order_by(users.c.id)
        .with_for_update()
    )
    if list(await connection.scalars(admins)) == [row.id]:
        raise conflict("this is the last administrator; make another one first")


async def create_demo_user(database: Database, passwords: Passwords, settings: ServerSettings) -> bool:
    """Make the documented user of `serve --demo` as administrator; False where it is there already.

    Raises UsageError where others can reach the server, and on a database that has users.
    """
    if not settings.on_loopback:
        raise UsageError(f"--demo has a password that everybody knows: it needs --host 127.0.0.1, not {settings.host}")
    password_hash = await passwords.hashed(DEMO_PASSWORD)
    async with database.write() as connection:
        names = set(await connection.scalars(select(users.c.username).limit(2)))
        if DEMO_USER in names:
            return False
        if names:
            raise UsageError("--demo needs an empty database, and this one has users; name another folder with --state")
        await add_user(database, connection, NewUser(username=DEMO_USER, password_hash=password_hash, role=Role.ADMIN))
    return True
