"""What users look like over HTTP."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, StrictBool

from tierwright.server.access import Role
from tierwright.server.text import Change, Password, Strict, Username


class UserOut(BaseModel):
    """A user, without the password."""

    id: str
    username: str
    role: Role
    active: bool
    created_at: datetime
    updated_at: datetime


class UserNew(Strict):
    """A user to make, with a project of their own."""

    username: Username
    password: Password
    role: Role = Role.MEMBER


class UserChange(Change):
    """What to change; what is left out stays. A new password ends the user's sessions, `active: false` tokens too."""

    role: Role | None = None
    active: StrictBool | None = None
    password: Password | None = None
