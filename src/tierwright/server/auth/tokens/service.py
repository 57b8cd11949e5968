"""Makes and revokes API tokens."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.server.access import API_TOKEN_PREFIX, Principal, Scope, token_hash
from tierwright.server.problems import forbidden, invalid, not_found
from tierwright.store.database import Database
from tierwright.store.platform_tables import api_tokens

LONGEST_LIFE = timedelta(days=3653)
_SHOWN_CHARACTERS = len(API_TOKEN_PREFIX) + 6


async def add_token(
    database: Database,
    connection: AsyncConnection,
    caller: Principal,
    name: str,
    scopes: AbstractSet[Scope],
    expires_at: datetime | None,
) -> tuple[Row[Any], str]:
    """Make a token of the caller's; returns its row and, this once, the token.

    Raises Problem: 403 for scopes or a life beyond those of the token that asks, 422 for one that is over already.
    """
    now, token = database.clock.now(), API_TOKEN_PREFIX + secrets.token_urlsafe(32)
    if expires_at is not None and expires_at <= now:
        raise invalid("body.expires_at", "is over already")
    if expires_at is not None and expires_at > now + LONGEST_LIFE:
        raise invalid("body.expires_at", "is more than ten years away; leave it out for a token without an end")
    if caller.scopes is not None:
        await _within_its_maker(connection, caller, caller.scopes, scopes, expires_at)
    values = {
        "id": uuid.uuid4().hex,
        "user_id": caller.user_id,
        "name": name,
        "token_hash": token_hash(token),
        "prefix": token[:_SHOWN_CHARACTERS],
        "scopes": sorted(scopes),
        "created_at": now,
        "expires_at": expires_at,
    }
    await connection.execute(insert(api_tokens).values(**values))
    row = (await connection.execute(select(api_tokens).where(api_tokens.c.id == values["id"]))).one()
    return row, token


async def _within_its_maker(
    connection: AsyncConnection,
    caller: Principal,
    own: AbstractSet[Scope],
    scopes: AbstractSet[Scope],
    expires_at: datetime | None,
) -> None:
    if not scopes <= own:
        raise forbidden(f"this API token cannot give the scopes {', '.join(sorted(scopes - own))}")
    mine = api_tokens.c.token_hash == caller.token_hash
    end: datetime | None = await connection.scalar(select(api_tokens.c.expires_at).where(mine))
    if end is not None and (expires_at is None or expires_at > end):
        raise forbidden("this API token cannot make one that outlives it; give expires_at")


async def revoke_token(database: Database, connection: AsyncConnection, caller: Principal, token_id: str) -> None:
    """Revoke one of the caller's tokens; again changes nothing. Raises Problem (404)."""
    mine = (api_tokens.c.id == token_id) & (api_tokens.c.user_id == caller.user_id)
    at = func.coalesce(api_tokens.c.revoked_at, database.clock.now())
    if (await connection.execute(update(api_tokens).where(mine).values(revoked_at=at))).rowcount == 0:
        raise not_found("token")
