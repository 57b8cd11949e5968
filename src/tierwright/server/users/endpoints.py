"""`/users`, for administrators."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from sqlalchemy import Row, select

from tierwright.server.access import AdminCaller
from tierwright.server.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page_of
from tierwright.server.platform import ThePlatform
from tierwright.server.problems import forbidden, invalid
from tierwright.server.security.passwords import password_fault
from tierwright.server.transactions import Reading, Writing
from tierwright.server.users.schemas import UserChange, UserNew, UserOut
from tierwright.server.users.service import NewUser, add_user, change_user, remove_user, user_row
from tierwright.store.platform_tables import users

router = APIRouter(prefix="/users", tags=["users"])

_SHOWN = (users.c.id, users.c.username, users.c.role, users.c.active, users.c.created_at, users.c.updated_at)


def _shown(row: Row[Any]) -> UserOut:
    return UserOut.model_validate({column.name: row._mapping[column.name] for column in _SHOWN})


@router.get("")
async def list_users(
    caller: AdminCaller,  # noqa: ARG001 - that they are one is what counts
    connection: Reading,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[UserOut]:
    """All users, newest first."""
    keys = (users.c.created_at, users.c.id)
    return await page_of(connection, select(*_SHOWN), keys, _shown, cursor=cursor, limit=limit)


@router.post("", status_code=201)
async def create_user(new: UserNew, caller: AdminCaller, platform: ThePlatform) -> UserOut:  # noqa: ARG001
    """Make a user, and a project of their own."""
    password = _good_password(new.username, new.password.get_secret_value())
    made = NewUser(username=new.username, password_hash=await platform.passwords.hashed(password), role=new.role)
    async with platform.database.write() as connection:
        return _shown(await user_row(connection, await add_user(platform.database, connection, made)))


@router.get("/{user_id}")
async def read_user(user_id: str, caller: AdminCaller, connection: Reading) -> UserOut:  # noqa: ARG001
    """One user."""
    return _shown(await user_row(connection, user_id))


@router.patch("/{user_id}")
async def update_user(user_id: str, change: UserChange, caller: AdminCaller, platform: ThePlatform) -> UserOut:
    """Change a user's role or password, or whether they may come in."""
    if change.role not in (None, caller.role) and user_id == caller.user_id:
        raise forbidden("nobody sets their own role; ask another administrator")
    values = change.model_dump(mode="json", exclude_unset=True, exclude={"password"})
    if change.password is not None:
        async with platform.database.read() as connection:
            username = (await user_row(connection, user_id)).username
        password = _good_password(username, change.password.get_secret_value())
        values["password_hash"] = await platform.passwords.hashed(password)
    async with platform.database.write() as connection:
        return _shown(await change_user(platform.database, connection, user_id, values))


@router.delete("/{user_id}", status_code=204)
async def delete_user(user_id: str, caller: AdminCaller, connection: Writing) -> None:  # noqa: ARG001
    """Remove a user; what they made stays in its projects."""
    await remove_user(connection, user_id)


def _good_password(username: str, password: str) -> str:
    fault = password_fault(username, password)
    if fault:
        raise invalid("body.password", fault)
    return password
