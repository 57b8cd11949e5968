"""What members of a project look like over HTTP."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from tierwright.server.access import Role
from tierwright.server.text import Strict, Username


class MemberOut(BaseModel):
    """A member of a project. A user who is a viewer of the installation stays one whatever their role here."""

    user_id: str
    username: str
    role: Role
    created_at: datetime


class MemberNew(Strict):
    """A user to take in. `admin` here administers this project, and nothing else."""

    username: Username
    role: Role = Role.MEMBER


class MemberChange(Strict):
    """A member's new role."""

    role: Role
