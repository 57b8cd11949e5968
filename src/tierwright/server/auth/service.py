"""Begins and ends sessions. Passwords are checked and hashed before a transaction opens: both take long."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.server.access import Principal, token_hash
from tierwright.server.platform import Platform
from tierwright.server.problems import Problem, invalid
from tierwright.server.security.passwords import password_fault
from tierwright.server.users.service import end_sessions
from tierwright.store.platform_tables import user_sessions, users


@dataclass(frozen=True, slots=True)
class Session:
    """A session that has begun."""

    token: str = field(repr=False)
    expires_at: datetime


async def sign_in(platform: Platform, username: str, password: str, address: str) -> Session:
    """Begin a session. Raises Problem: 401 for a wrong name or password, 429 for too many of them."""
    name = username.strip().lower()
    await platform.login_limits.admit(address, name)
    user = await _active_user(platform, name)
    checked = await platform.passwords.check(password, user.password_hash if user else None)
    if user is None or not checked.right:
        raise _wrong_login()
    await platform.login_limits.forgive(address, name)
    async with platform.database.write() as connection:
        return await _begun(platform, connection, user, checked.renewed)


def _wrong_login() -> Problem:
    return Problem(401, "wrong_login", "the user name or the password is wrong")


async def _active_user(platform: Platform, name: str) -> Row[Any] | None:
    if "\0" in name:
        return None  # PostgreSQL refuses to be asked for it
    query = select(users).where(users.c.username == name, users.c.active)
    async with platform.database.read() as connection:
        return (await connection.execute(query)).first()


async def _begun(platform: Platform, connection: AsyncConnection, user: Row[Any], renewed: str | None) -> Session:
    """The session, unless the user was shut out or got another password since theirs was checked."""
    still = (users.c.id == user.id) & (users.c.password_hash == user.password_hash) & users.c.active
    changed = await connection.execute(update(users).where(still).values(password_hash=renewed or user.password_hash))
    if changed.rowcount == 0:
        raise _wrong_login()
    now = platform.clock.now()
    await connection.execute(
        delete(user_sessions).where(user_sessions.c.user_id == user.id, user_sessions.c.expires_at <= now)
    )
    session = Session(secrets.token_urlsafe(32), now + timedelta(hours=platform.settings.session_hours))
    kept = {"token_hash": token_hash(session.token), "user_id": user.id, "created_at": now, "last_used_at": now}
    await connection.execute(insert(user_sessions).values(**kept, expires_at=session.expires_at))
    return session


async def sign_out(connection: AsyncConnection, caller: Principal) -> None:
    """End the session that asks."""
    await connection.execute(delete(user_sessions).where(user_sessions.c.token_hash == caller.token_hash))


async def change_password(platform: Platform, caller: Principal, old: str, new: str, address: str) -> None:
    """Set one's own password and end all other sessions. Raises Problem (422, 429)."""
    fault = password_fault(caller.username, new)
    if fault:
        raise invalid("body.new_password", fault)
    await platform.login_limits.admit(address, caller.username)
    mine = users.c.id == caller.user_id
    async with platform.database.read() as connection:
        stored = await connection.scalar(select(users.c.password_hash).where(mine))
    if not (await platform.passwords.check(old, stored)).right:
        raise invalid("body.old_password", "this is not your password")
    await platform.login_limits.forgive(address, caller.username)
    values = {"password_hash": await platform.passwords.hashed(new), "updated_at": platform.clock.now()}
    async with platform.database.write() as connection:
        unchanged = mine & (users.c.password_hash == stored)
        if (await connection.execute(update(users).where(unchanged).values(**values))).rowcount == 0:
            raise invalid("body.old_password", "your password was changed in the meantime")
        await end_sessions(connection, caller.user_id, but=caller.token_hash)
