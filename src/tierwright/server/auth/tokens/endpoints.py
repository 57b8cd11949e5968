"""`/auth/tokens`: one's own."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from sqlalchemy import Row, select

from tierwright.server.access import Caller
from tierwright.server.auth.tokens.schemas import TokenMade, TokenNew, TokenOut
from tierwright.server.auth.tokens.service import add_token, revoke_token
from tierwright.server.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page_of
from tierwright.server.platform import ThePlatform
from tierwright.server.transactions import Reading, Writing
from tierwright.store.platform_tables import api_tokens

router = APIRouter(prefix="/tokens")


def _shown(row: Row[Any]) -> TokenOut:
    return TokenOut.model_validate(row._asdict())


@router.post("", status_code=201)
async def create_token(new: TokenNew, caller: Caller, platform: ThePlatform, connection: Writing) -> TokenMade:
    """Make a token. It is shown in this answer and never again."""
    row, token = await add_token(platform.database, connection, caller, new.name, new.scopes, new.expires_at)
    return TokenMade.model_validate({**row._asdict(), "token": token})


@router.get("")
async def list_tokens(
    caller: Caller, connection: Reading, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[TokenOut]:
    """My tokens, newest first, those that are revoked too."""
    query = select(api_tokens).where(api_tokens.c.user_id == caller.user_id)
    return await page_of(
        connection, query, (api_tokens.c.created_at, api_tokens.c.id), _shown, cursor=cursor, limit=limit
    )


@router.delete("/{token_id}", status_code=204)
async def delete_token(token_id: str, caller: Caller, platform: ThePlatform, connection: Writing) -> None:
    """Revoke a token; it stays in the list."""
    await revoke_token(platform.database, connection, caller, token_id)
