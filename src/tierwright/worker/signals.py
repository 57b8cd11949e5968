"""Wakes those who wait for something in the database: over PostgreSQL's NOTIFY, or inside the one process on SQLite.

A wake-up says only that there may be something to see; who is woken looks into the database. So a lost one costs a
moment, and never an event.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Protocol

from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.store.database import Database

_logger = logging.getLogger(__name__)

CHANNEL = "tierwright"
QUEUE = "queue"
RECONNECT_SECONDS = 1.0


def events_of(run_id: str) -> str:
    """The topic of a run's events."""
    return f"events:{run_id}"


def cancel_of(run_id: str) -> str:
    """The topic of a wish to cancel a run."""
    return f"cancel:{run_id}"


class Wakeups:
    """Who waits for what in this process."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def wake(self, topic: str) -> None:
        """Wake those who wait for a topic."""
        for event in self._waiting.get(topic, ()):
            event.set()

    def wake_all(self) -> None:
        """Wake everybody: something may have been missed."""
        for topic in list(self._waiting):
            self.wake(topic)

    @contextmanager
    def subscribed(self, topic: str) -> Iterator[asyncio.Event]:
        """An event that is set by every wake-up of a topic; who waits clears it."""
        event = asyncio.Event()
        self._waiting[topic].add(event)
        try:
            yield event
        finally:
            self._waiting[topic].discard(event)
            if not self._waiting[topic]:
                del self._waiting[topic]


class Signals(Protocol):
    """Tells all processes of an installation that there is something to see."""

    @property
    def here(self) -> Wakeups:
        """Who waits in this process."""
        ...

    async def tell(self, connection: AsyncConnection, topic: str) -> None:
        """Wake those who wait for a topic when this transaction is committed."""
        ...


class LocalSignals:
    """Signals inside one process, for SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.here = Wakeups()

    async def tell(self, connection: AsyncConnection, topic: str) -> None:
        """Wake those who wait for a topic when this transaction is committed."""
        self._database.after_commit(connection, partial(self.here.wake, topic))


class PostgresSignals:
    """Signals through NOTIFY: told when the transaction commits, heard by every process that listens."""

    def __init__(self) -> None:
        self.here = Wakeups()

    async def tell(self, connection: AsyncConnection, topic: str) -> None:
        """Wake those who wait for a topic when this transaction is committed."""
        await connection.execute(text("select pg_notify(:channel, :topic)"), {"channel": CHANNEL, "topic": topic})

    async def listen(self, url: URL) -> None:
        """Hear what other processes tell, for ever; a lost connection is opened again, and everybody woken."""
        import psycopg

        address = conninfo(url)
        while True:
            with contextlib.suppress(psycopg.Error, OSError):
                async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    self.here.wake_all()
                    async for notice in connection.notifies():
                        self.here.wake(notice.payload)
            _logger.warning("the database's notices are lost; connecting again")
            await asyncio.sleep(RECONNECT_SECONDS)


def conninfo(url: URL) -> str:
    """The address as psycopg and procrastinate take it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@asynccontextmanager
async def open_signals(database: Database) -> AsyncIterator[Signals]:
    """The signals that fit a database, listening while they are open."""
    if database.is_sqlite:
        yield LocalSignals(database)
        return
    signals = PostgresSignals()
    listening = asyncio.create_task(signals.listen(database.engine.url), name="tierwright-listen")
    try:
        yield signals
    finally:
        listening.cancel()
        await asyncio.wait([listening])


async def woken(event: asyncio.Event, seconds: float) -> bool:
    """Wait for a wake-up, at most so long; False when the time was up."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    event.clear()
    return True
