"""Who asks, and what they may: found once a request from a session cookie or a bearer token.

What a caller may not see does not exist for them (404); what they can see and may not do is refused (403).
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Column, ColumnElement, Row, Table, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.server.platform import Platform, ThePlatform
from tierwright.server.problems import Problem, forbidden, not_found
from tierwright.store.platform_tables import api_tokens, project_members, projects, user_sessions, users

SESSION_COOKIE = "tierwright_session"
API_TOKEN_PREFIX = "twp_"  # noqa: S105 - what marks a token in a log or a leak scanner; no secret
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LAST_USED_GRAIN = timedelta(minutes=1)


class Role(StrEnum):
    """What a user may do at most, and what a member may do in a project."""

    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Scope(StrEnum):
    """What an API token may be used for."""

    READ = "read"
    RUN = "run"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks. `scopes` None: a person signed in, with all their rights. `by_cookie`: a browser sends it unasked."""

    user_id: str
    username: str
    role: Role
    token_hash: str
    scopes: frozenset[Scope] | None = None
    by_cookie: bool = False

    def allows(self, scope: Scope) -> bool:
        """Whether the way they came in may be used for this."""
        return self.scopes is None or scope in self.scopes

    @property
    def is_admin(self) -> bool:
        """Whether they administer the installation, and came in a way that may."""
        return self.role is Role.ADMIN and self.allows(Scope.ADMIN)


def token_hash(token: str) -> str:
    """What is stored of a session or API token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


_BEARER = HTTPBearer(auto_error=False, description="The `access_token` of a login, or an API token.")
_COOKIE = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="Set by a login, for browsers.")


async def signed_in(
    request: Request,
    platform: ThePlatform,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
    cookie: Annotated[str | None, Security(_COOKIE)],
) -> Principal:
    """Who asks, whatever their token's scopes. Raises Problem: 401 for nobody, 403 for a form of another site."""
    principal = await _principal_of(platform, bearer.credentials.strip() if bearer else None, cookie)
    if principal is None:
        raise Problem(401, "unauthorized", "sign in, or send an API token", headers={"WWW-Authenticate": "Bearer"})
    if request.method not in SAFE_METHODS and principal.by_cookie:
        refuse_other_sites(request, platform)
    return principal


async def current_principal(request: Request, caller: Annotated[Principal, Depends(signed_in)]) -> Principal:
    """Who asks, where reading needs the scope `read` and everything else `write`. Raises Problem (401, 403)."""
    return with_scope(caller, Scope.READ if request.method in SAFE_METHODS else Scope.WRITE)


async def running_principal(caller: Annotated[Principal, Depends(signed_in)]) -> Principal:
    """Who starts, cancels or repeats a run, which needs the scope `run` and no other. Raises Problem (401, 403)."""
    return with_scope(caller, Scope.RUN)


def with_scope(caller: Principal, scope: Scope) -> Principal:
    """The caller, if the way they came in may be used for this. Raises Problem (403)."""
    if not caller.allows(scope):
        raise forbidden(f"this API token lacks the scope {scope.value}")
    return caller


async def _principal_of(platform: Platform, bearer: str | None, cookie: str | None) -> Principal | None:
    if bearer:
        by_token = _by_api_token if bearer.startswith(API_TOKEN_PREFIX) else _by_session
        return await by_token(platform, token_hash(bearer))
    return await _by_session(platform, token_hash(cookie), by_cookie=True) if cookie else None


async def _by_session(platform: Platform, digest: str, *, by_cookie: bool = False) -> Principal | None:
    session = user_sessions.c
    query = (
        select(users.c.id, users.c.username, users.c.role, session.last_used_at)
        .join(users, users.c.id == session.user_id)
        .where(session.token_hash == digest, session.expires_at > platform.clock.now(), users.c.active)
    )
    async with platform.database.read() as connection:
        row = (await connection.execute(query)).first()
    if row is None:
        return None
    await _note_use(platform, user_sessions, session.token_hash == digest, row.last_used_at)
    return Principal(user_id=row.id, username=row.username, role=Role(row.role), token_hash=digest, by_cookie=by_cookie)


async def _by_api_token(platform: Platform, digest: str) -> Principal | None:
    token, now = api_tokens.c, platform.clock.now()
    query = (
        select(users.c.id, users.c.username, users.c.role, token.scopes, token.last_used_at)
        .join(users, users.c.id == token.user_id)
        .where(
            token.token_hash == digest,
            token.revoked_at.is_(None),
            token.expires_at.is_(None) | (token.expires_at > now),
            users.c.active,
        )
    )
    async with platform.database.read() as connection:
        row = (await connection.execute(query)).first()
    if row is None:
        return None
    await _note_use(platform, api_tokens, token.token_hash == digest, row.last_used_at)
    scopes = frozenset(Scope(scope) for scope in row.scopes)
    return Principal(user_id=row.id, username=row.username, role=Role(row.role), token_hash=digest, scopes=scopes)


async def _note_use(platform: Platform, table: Table, which: ColumnElement[bool], last: datetime | None) -> None:
    """Remember when it was last used, to the minute: a write for every request would queue every reader of SQLite."""
    now = platform.clock.now()
    if last is None or now - last > _LAST_USED_GRAIN:
        async with platform.database.write() as connection:
            await connection.execute(update(table).where(which).values(last_used_at=now))


def refuse_other_sites(request: Request, platform: Platform) -> None:
    """A browser sends the cookie for forms of any site: only pages of this one may change something.

    Raises Problem (403). Browsers set `Origin` on every request that changes something, and `Sec-Fetch-Site` on all.
    """
    origin = request.headers.get("origin")
    own = {str(request.base_url).rstrip("/"), (platform.settings.public_url or "").rstrip("/")}
    if origin is not None and origin.rstrip("/") not in own:
        raise forbidden("this request came from a page of another site")
    if origin is None and request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise forbidden("this request came from a page of another site")


Caller = Annotated[Principal, Depends(current_principal)]

RunCaller = Annotated[Principal, Depends(running_principal)]
"""For what starts, cancels and repeats runs: an API token needs the scope `run` for it, and not `write`."""


def _admin(caller: Caller) -> Principal:
    if not caller.is_admin:
        raise forbidden("only an administrator may do this")
    return caller


AdminCaller = Annotated[Principal, Depends(_admin)]


def _person(caller: Annotated[Principal, Depends(signed_in)]) -> Principal:
    if caller.scopes is not None:
        raise forbidden("an API token may not do this; sign in with the password")
    return caller


PersonCaller = Annotated[Principal, Depends(_person)]
"""Somebody who signed in with their password."""

# --- projects ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProjectAccess:
    """A project that the caller can see, and what they may do in it."""

    id: str
    name: str
    role: Role
    settings: Mapping[str, Any]


def visible_projects(caller: Principal) -> ColumnElement[bool]:
    """The condition on `projects` rows that a caller can see: their own, and for an administrator all."""
    if caller.is_admin:
        return true()
    mine = select(project_members.c.project_id).where(project_members.c.user_id == caller.user_id)
    return projects.c.id.in_(mine)


def of_visible_projects(caller: Principal, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition on rows of any table whose column holds a project's id."""
    return column.in_(select(projects.c.id).where(visible_projects(caller)))


async def row_of(connection: AsyncConnection, table: Table, which: ColumnElement[bool], what: str) -> Row[Any]:
    """One row of a table; `what` it is called. Raises Problem (404)."""
    row: Row[Any] | None = (await connection.execute(select(table).where(which))).first()
    if row is None:
        raise not_found(what)
    return row


async def row_seen(caller: Principal, platform: Platform, project: Column[Any], row_id: object, what: str) -> Row[Any]:
    """A row that the caller can see, of the table whose column holds a project's id. Raises Problem (404)."""
    mine = (project.table.c.id == row_id) & of_visible_projects(caller, project)
    async with platform.database.read() as connection:
        return await row_of(connection, project.table, mine, what)


async def row_changing(
    caller: Principal, platform: Platform, project: Column[Any], row_id: object, what: str
) -> Row[Any]:
    """The same, of a project in which the caller may change things. Raises Problem (404, 403)."""
    row = await row_seen(caller, platform, project, row_id, what)
    await project_for(platform, caller, row._mapping[project], to=Scope.WRITE)
    return row


async def project_for(
    platform: Platform, caller: Principal, project_id: str | None, *, to: Scope = Scope.READ
) -> ProjectAccess:
    """A project by its id, or the caller's first one. Raises Problem: 404 unseen, 403 where `to` needs more rights."""
    query = (
        select(projects, project_members.c.role)
        .outerjoin(
            project_members,
            (project_members.c.project_id == projects.c.id) & (project_members.c.user_id == caller.user_id),
        )
        .where(visible_projects(caller))
        .order_by(project_members.c.created_at.is_(None), project_members.c.created_at, projects.c.created_at)
        .limit(1)
    )
    if project_id is not None:
        query = query.where(projects.c.id == project_id)
    async with platform.database.read() as connection:
        row = (await connection.execute(query)).first()
    if row is None:
        raise not_found("project")
    access = ProjectAccess(row.id, row.name, role_in(caller, row.role), row.settings)
    _check_rights(caller, access, to)
    return access


def role_in(caller: Principal, member: str | None) -> Role:
    """What a caller may do in a project in which they are this sort of member."""
    if caller.is_admin:
        return Role.ADMIN
    return Role.VIEWER if Role.VIEWER in (caller.role, member) else Role(member or Role.VIEWER)


def _check_rights(caller: Principal, access: ProjectAccess, to: Scope) -> None:
    with_scope(caller, to)
    if to in (Scope.WRITE, Scope.RUN) and access.role is Role.VIEWER:
        raise forbidden(f"viewers of {access.name} look, and change nothing")
    if to is Scope.ADMIN and access.role is not Role.ADMIN:
        raise forbidden(f"only an administrator of {access.name} may do this")


def _of_path(to: Scope) -> Callable[..., Awaitable[ProjectAccess]]:
    async def project_of_path(project_id: str, caller: Caller, platform: ThePlatform) -> ProjectAccess:
        return await project_for(platform, caller, project_id, to=to)

    return project_of_path


# The project of a path's `{project_id}`. An endpoint names it before its connection, as it does with its caller:
# who holds one connection and waits for a second one can wait for ever.
ReadProject = Annotated[ProjectAccess, Depends(_of_path(Scope.READ))]
WriteProject = Annotated[ProjectAccess, Depends(_of_path(Scope.WRITE))]
AdminProject = Annotated[ProjectAccess, Depends(_of_path(Scope.ADMIN))]
