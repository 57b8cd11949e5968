"""What signing in looks like over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field, SecretStr

from tierwright.server.access import Role, Scope
from tierwright.server.text import Password, Strict


class DemoUser(BaseModel):
    """The user of `serve --demo`, whom everybody knows."""

    username: str
    password: str


class Start(BaseModel):
    """What is asked before signing in. Without users the first one is made by `tierwright user create`."""

    has_users: bool
    demo: DemoUser | None


class LoginForm(Strict):
    """The login's form."""

    username: str = Field(max_length=1024)
    password: SecretStr = Field(max_length=1024)


class SignedIn(BaseModel):
    """A session. The same token is in the cookie, for browsers."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a kind, not a token
    expires_at: datetime


class Me(BaseModel):
    """Who asks. `scopes` is null for somebody who signed in with their password."""

    id: str
    username: str
    role: Role
    scopes: list[Scope] | None


class PasswordChange(Strict):
    """A new password, and the old one as proof."""

    old_password: Password
    new_password: Password
