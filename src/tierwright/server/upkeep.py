"""What a server does for its database while it runs: adds up hours, and deletes what is no longer kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog
from sqlalchemy import select

from tierwright.core.errors import MachineryError
from tierwright.server.platform import Platform
from tierwright.server.projects.settings import project_settings
from tierwright.server.security.login_limits import forget_old_guesses
from tierwright.store.leftovers import remove_dead_frames, remove_given_up
from tierwright.store.platform_tables import projects
from tierwright.store.retention import Retention, Swept, sweep_old
from tierwright.store.rollups import refresh_rollups

PAUSE_SECONDS = 60.0
SWEEP_EVERY = 60
"""Rounds of adding up for each sweep of old runs: once an hour."""

_log = structlog.get_logger("tierwright.upkeep")


@asynccontextmanager
async def upkeep(platform: Platform, pause_seconds: float = PAUSE_SECONDS) -> AsyncIterator[None]:
    """Look after the database until the server stops."""
    task = asyncio.create_task(_keep_up(platform, pause_seconds), name="tierwright-upkeep")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _keep_up(platform: Platform, pause_seconds: float) -> None:
    number = 0
    while True:
        try:
            await refresh_rollups(platform.database)
            await remove_leftovers(platform)
            await forget_old_guesses(platform.database)
            if number % SWEEP_EVERY == 0:
                await sweep_projects(platform)
        except MachineryError as error:
            _log.warning("upkeep failed; it is tried again", reason=str(error))
        number += 1
        await asyncio.sleep(pause_seconds)


async def remove_leftovers(platform: Platform) -> int:
    """Remove files of removed projects and pictures of dead runs; returns how many. Raises MachineryError."""
    state_dir = platform.settings.state_dir
    folders = await remove_given_up(platform.database, state_dir)
    return folders + await remove_dead_frames(platform.database, state_dir)


async def sweep_projects(platform: Platform) -> Swept:
    """Delete what the projects' settings say is old. Raises MachineryError."""
    async with platform.database.read() as connection:
        rows = (await connection.execute(select(projects.c.id, projects.c.settings))).all()
    kept = [_retention(row.id, row.settings) for row in rows]
    swept = await sweep_old(platform.database, platform.clock, kept, platform.settings.state_dir)
    if swept != Swept():
        _log.info("old runs deleted", runs=swept.runs, files_of_runs=swept.artifacts)
    return swept


def _retention(project_id: str, stored: dict[str, object]) -> Retention:
    days = project_settings(stored).retention_days
    return Retention(project_id, runs=_span(days.runs), artifacts=_span(days.artifacts))


def _span(days: int | None) -> timedelta | None:
    return None if days is None else timedelta(days=days)
