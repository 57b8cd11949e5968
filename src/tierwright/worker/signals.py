"""Wakes those who wait for something in the database: over PostgreSQL's NOTIFY, or inside the one process on SQLite.

A wake-up says only that there may be something to see; who is woken looks into the database. So a lost one costs a
moment, and never an event.

PostgreSQL lets one transaction with a NOTIFY commit at a time, and each waits for the disk: where every run's events
told of themselves, the whole installation wrote no faster than one disk flush after the other. So events are told
after their transaction, many at once, in one that waits for no disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Protocol

from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.cancel import heed_cancellation
from tierwright.core.errors import MachineryError
from tierwright.store.database import Database

_logger = logging.getLogger(__name__)

EVENTS_CHANNEL = "tierwright_events"
"""Heard by processes in which somebody may follow a run."""

WORK_CHANNEL = "tierwright_work"
"""Heard by processes that make runs: that runs wait, and that one is to end. They need to hear nothing else."""

QUEUE = "queue"
RECONNECT_SECONDS = 1.0
GATHER_SECONDS = 0.02
"""How long events are gathered for one NOTIFY."""

_LAST_WORDS_SECONDS = 2.0
_EVENTS = "events:"
_TELL_NOW = text("select pg_notify(:channel, :topic)")
_TELL_OF_EVENTS = text(
    "select set_config('synchronous_commit', 'off', true), count(pg_notify(:channel, topic)) "
    "from unnest(cast(:topics as text[])) as topics (topic)"
)


def events_of(run_id: str) -> str:
    """The topic of a run's events."""
    return f"{_EVENTS}{run_id}"


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
    """Signals through NOTIFY, heard by every process that listens; of events just after the transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._untold: set[str] = set()
        self._news = asyncio.Event()
        self.here = Wakeups()

    async def tell(self, connection: AsyncConnection, topic: str) -> None:
        """Wake those who wait for a topic when this transaction is committed, or a moment later."""
        if topic.startswith(_EVENTS):
            self._database.after_commit(connection, partial(self._tell_soon, topic))
        else:
            await connection.execute(_TELL_NOW, {"channel": WORK_CHANNEL, "topic": topic})

    def _tell_soon(self, topic: str) -> None:
        self._untold.add(topic)
        self._news.set()

    async def keep_telling(self) -> None:
        """Tell of events that were committed, for ever; what a lost connection did not take is told again."""
        while True:
            await self._news.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._news.clear()
            try:
                await self.tell_all()
            except MachineryError as error:
                heed_cancellation()
                _logger.warning("events could not be told of: %s", error)
                await asyncio.sleep(RECONNECT_SECONDS)
                self._news.set()

    async def tell_all(self) -> None:
        """Tell of the events that were not told of yet. Raises MachineryError, and keeps them."""
        topics = sorted(self._untold)
        self._untold.clear()  # before they are told: what is committed meanwhile must be told of once more
        if not topics:
            return
        try:
            async with self._database.write() as connection:
                await connection.execute(_TELL_OF_EVENTS, {"channel": EVENTS_CHANNEL, "topics": topics})
        except BaseException:
            self._untold.update(topics)
            raise

    async def listen(self, url: URL, channels: Sequence[str]) -> None:
        """Hear what other processes tell, for ever; a lost connection is opened again, and everybody woken."""
        import psycopg

        address = conninfo(url)
        while True:
            with contextlib.suppress(psycopg.Error, OSError):
                async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
                    for channel in channels:
                        await connection.execute(f"listen {channel}".encode())
                    self.here.wake_all()
                    async for notice in connection.notifies():
                        self.here.wake(notice.payload)
            heed_cancellation()
            _logger.warning("the database's notices are lost; connecting again")
            await asyncio.sleep(RECONNECT_SECONDS)


def conninfo(url: URL) -> str:
    """The address as psycopg and procrastinate take it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@asynccontextmanager
async def open_signals(database: Database, *, follows: bool = True) -> AsyncIterator[Signals]:
    """The signals that fit a database, listening while they are open; for events only where somebody `follows` runs."""
    if database.is_sqlite:
        yield LocalSignals(database)
        return
    signals = PostgresSignals(database)
    channels = (WORK_CHANNEL, EVENTS_CHANNEL) if follows else (WORK_CHANNEL,)
    tasks = [
        asyncio.create_task(signals.listen(database.engine.url, channels), name="tierwright-listen"),
        asyncio.create_task(signals.keep_telling(), name="tierwright-tell"),
    ]
    try:
        yield signals
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        with contextlib.suppress(MachineryError, TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                await signals.tell_all()


async def woken(event: asyncio.Event, seconds: float) -> bool:
    """Wait for a wake-up, at most so long; False when the time was up."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    event.clear()
    return True
