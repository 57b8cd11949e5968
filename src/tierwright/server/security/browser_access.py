"""Which hosts the browsers of a project may open, and when anything is limited at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.browser.access import AccessPolicy, access_policy
from tierwright.server.projects.settings import project_settings
from tierwright.server.settings import ServerSettings
from tierwright.store.platform_tables import users


async def browser_access(
    connection: AsyncConnection, settings: ServerSettings, stored: Mapping[str, Any], *, apart: bool
) -> AccessPolicy | None:
    """What a project's browsers may open besides public hosts; None where one person alone uses their own machine.

    `apart` is a worker without a server, which cannot know who reaches the server.
    """
    named = settings.allowed_hosts.split(",") if settings.allowed_hosts.strip() else []
    reachable = apart or not settings.on_loopback or settings.public_url is not None
    alone = not reachable and not named and await _people(connection) <= 1
    if alone:
        return None
    return access_policy([*named, *project_settings(stored).allowed_hosts])


async def _people(connection: AsyncConnection) -> int:
    return int((await connection.execute(select(func.count()).select_from(users))).scalar_one())
