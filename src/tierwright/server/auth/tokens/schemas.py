"""What API tokens look like over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from tierwright.server.access import Scope
from tierwright.server.text import Change, Title


class TokenNew(Change):
    """A token to make. `expires_at` left out: it is good until it is revoked. Scopes add up; none brings another."""

    name: Title
    scopes: Annotated[set[Scope], Field(min_length=1)]
    expires_at: AwareDatetime | None = None


class TokenOut(BaseModel):
    """A token, without the secret part. `prefix` is how it begins."""

    id: str
    name: str
    prefix: str
    scopes: list[Scope]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


class TokenMade(TokenOut):
    """A token just made: the only time that it is shown."""

    token: str
