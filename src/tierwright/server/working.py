"""What a server does besides answering: its workers make runs, and its clock starts schedules."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.browser.access import AccessPolicy
from tierwright.compose import open_machinery
from tierwright.core.ports import Listener
from tierwright.reports.multiplex import Multiplexer
from tierwright.server.executions.starting import start_schedule
from tierwright.server.logs import LogRuns, MaskSecrets
from tierwright.server.platform import Platform
from tierwright.server.projects.secrets.service import project_secrets
from tierwright.server.schedules.firing import Order, keep_firing
from tierwright.server.security.browser_access import browser_access
from tierwright.worker.fleet import Fleet, FleetOptions, running_fleet
from tierwright.worker.opening import EngineOpener, WorkerSettings

_logger = logging.getLogger(__name__)


@asynccontextmanager
async def at_work(platform: Platform, masks: MaskSecrets | None = None) -> AsyncIterator[None]:
    """Make runs and start schedules while the server answers; runs that are not finished at its end are given back.

    `masks` are those of the process's logs.
    """
    async with AsyncExitStack() as stack:
        if platform.settings.workers:
            await stack.enter_async_context(fleet_of(platform, masks or MaskSecrets()))
        firing = asyncio.create_task(_keep_firing(platform), name="tierwright-schedules")
        try:
            yield
        finally:
            firing.cancel()
            await asyncio.wait([firing])


async def _keep_firing(platform: Platform) -> None:
    async def enqueue(connection: AsyncConnection, order: Order) -> None:
        await start_schedule(platform, connection, order)

    await keep_firing(platform.database, enqueue)


@asynccontextmanager
async def fleet_of(platform: Platform, masks: MaskSecrets, *, apart: bool = False) -> AsyncIterator[Fleet]:
    """The workers of a process, with real browsers; `apart` from a server. Raises MachineryError without a browser."""
    settings = platform.settings
    worker = WorkerSettings(
        state_dir=settings.state_dir,
        model=settings.model,
        model_base_url=settings.model_base_url,
        browser_path=settings.chrome_path,
        prices=settings.model_prices,
        env=dict(os.environ),
    )

    async def secrets_of(project_id: str) -> Mapping[str, str]:
        async with platform.database.read() as connection:
            return await project_secrets(connection, platform.secret_box, project_id)

    async def access_of(stored: Mapping[str, Any]) -> AccessPolicy | None:
        async with platform.database.read() as connection:
            return await browser_access(connection, settings, stored, apart=apart)

    machinery = open_machinery(settings.chrome_path, settings.workers, worker.env, platform.clock)
    options = FleetOptions(places=settings.workers, watching=listeners_of_runs(platform, masks))
    async with machinery as shared:
        opener = EngineOpener(shared, worker, secrets_of, access_of, masks.hiding)
        async with running_fleet(platform.database, platform.signals, platform.queue, opener, options) as fleet:
            yield fleet


def listeners_of_runs(platform: Platform, masks: MaskSecrets) -> Listener:
    """Who is told of every run: the logs, and the traces where they are on."""
    listeners: list[Listener] = [LogRuns()]
    if platform.tracing:
        listeners.append(platform.tracing.of_runs(masks.text))
    return Multiplexer(listeners, _logger.error)
