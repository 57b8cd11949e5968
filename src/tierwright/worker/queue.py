"""How a worker hears that a run waits: on PostgreSQL by procrastinate's jobs, on SQLite inside the one process.

A delivery says only "look for work". Which run is made, and by whom, is decided by `claims` alone; so a delivery that
comes twice, late or never changes no run.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.cancel import heed_cancellation
from tierwright.core.errors import MachineryError
from tierwright.store.database import Database
from tierwright.worker.signals import QUEUE, LocalSignals, Signals, woken

_logger = logging.getLogger(__name__)

POLL_SECONDS = 2.0
"""How often a free place looks for work although nothing was delivered."""

Work = Callable[[], Awaitable[None]]
"""Makes runs in a free place of this process until none can be claimed any more; returns at once without a place."""


class Queue(Protocol):
    """Delivers runs to workers. Two kinds, one behaviour: tests/server/test_queue.py."""

    async def deliver(self, connection: AsyncConnection, run_ids: Sequence[str]) -> None:
        """See to it that a worker looks for these runs when the transaction is committed."""
        ...

    async def serve(self, work: Work, places: int, name: str) -> None:
        """Call `work` in so many places at a time whenever something may wait, until it is cancelled."""
        ...

    async def tidy(self) -> None:
        """Forget deliveries whose worker died."""
        ...


class LocalQueue:
    """Deliveries inside one process, for SQLite."""

    def __init__(self, signals: Signals, poll_seconds: float = POLL_SECONDS) -> None:
        self._signals = signals
        self._poll_seconds = poll_seconds

    async def deliver(self, connection: AsyncConnection, run_ids: Sequence[str]) -> None:
        """Wake the places of this process when the transaction is committed."""
        if run_ids:
            await self._signals.tell(connection, QUEUE)

    async def serve(self, work: Work, places: int, name: str) -> None:  # noqa: ARG002 - of use to other queues
        """Call `work` in so many places at a time, until it is cancelled."""
        await look_when_woken(self._signals, work, places, self._poll_seconds)

    async def tidy(self) -> None:
        """Nothing outlives this process."""


async def look_when_woken(signals: Signals, work: Work, places: int, poll_seconds: float) -> None:
    """Let each of so many places look for work when it is told of some, and now and then, until it is cancelled."""

    async def place() -> None:
        with signals.here.subscribed(QUEUE) as there_is_work:
            while True:
                await looked_for(work)
                await woken(there_is_work, poll_seconds)

    async with asyncio.TaskGroup() as group:
        for _ in range(places):
            group.create_task(place())


async def looked_for(work: Work) -> None:
    """Look for work once; a database that is away is looked for again later."""
    try:
        await work()
    except MachineryError as error:
        heed_cancellation()
        _logger.warning("no run could be claimed: %s", error)


@asynccontextmanager
async def open_queue(database: Database, signals: Signals) -> AsyncIterator[Queue]:
    """The queue that fits a database. Raises MachineryError when its tables cannot be made."""
    if isinstance(signals, LocalSignals):
        yield LocalQueue(signals)
        return
    # Imported here: procrastinate comes with the `postgres` extra only.
    from tierwright.worker.procrastinate_jobs import ProcrastinateQueue, prepare_tables

    await prepare_tables(database)
    yield ProcrastinateQueue(database, signals)
