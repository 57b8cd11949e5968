"""What projects look like over HTTP."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from tierwright.server.access import Role
from tierwright.server.text import Change, Strict, Title


class ProjectOut(BaseModel):
    """A project. `role` is what the caller may do in it."""

    id: str
    name: str
    role: Role
    created_at: datetime
    updated_at: datetime


class ProjectNew(Strict):
    """A project to make; whoever makes it administers it."""

    name: Title


class ProjectChange(Change):
    """What to change; what is left out stays."""

    name: Title | None = None
