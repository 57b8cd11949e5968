"""What the cache looks like over HTTP."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from tierwright.server.heals.schemas import LocatorOut


class CacheStatsOut(BaseModel):
    """How the cache of a project is doing. `hit_rate` is per cent, null where nothing was asked."""

    entries: int
    provisional: int
    hits: int
    misses: int
    invalid: int
    evictions: int
    hit_rate: float | None


class CacheEntryOut(BaseModel):
    """A remembered way to an element. `provisional`: of a run that has not passed yet."""

    id: int
    digest: str
    instruction: str
    selector: str
    action: str
    page: str
    frame: list[str]
    locators: list[LocatorOut]
    xpath: str
    role: str
    name: str
    provisional: bool
    hit_count: int
    validation_failures: int
    created_at: datetime
    last_validated_at: datetime | None
    expires_at: datetime | None


class Forgotten(BaseModel):
    """How many entries were forgotten."""

    deleted: int
