"""What tests of the queue share: stored texts, a wish, and a fleet with a stub instead of browsers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, insert, select

from tierwright.core.settings import ExecutionSettings
from tierwright.store.database import Database
from tierwright.store.platform_tables import projects, run_events
from tierwright.store.tables import steps, test_executions, tries
from tierwright.testing import StubOpener
from tierwright.worker.fleet import Fleet, FleetOptions, running_fleet
from tierwright.worker.opening import Opener
from tierwright.worker.queue import Queue, open_queue
from tierwright.worker.requests import QueuedGroup, TestToRun, Wish, enqueue_runs, test_of
from tierwright.worker.signals import Signals, open_signals

THREE_STEPS = """\
name: {name}
steps:
  - {{action: navigate, value: "http://127.0.0.1/"}}
  - {{action: click, selector: "#a"}}
  - {{action: click, selector: "#b"}}
"""


def a_test(name: str = "sign in", yaml: str | None = None) -> TestToRun:
    return TestToRun(id=f"t-{name}", version=1, name=name, yaml=yaml or THREE_STEPS.format(name=name))


def a_wish(project: str = "p1", **more: Any) -> Wish:
    return Wish(
        **{"project": project, "user_id": "u1", "settings": ExecutionSettings(), "default_model": "local", **more}
    )


@dataclass(frozen=True)
class Wired:
    """An open database with the queue that fits it."""

    database: Database
    signals: Signals
    queue: Queue

    async def enqueue(self, tests: Sequence[TestToRun], wish: Wish | None = None) -> QueuedGroup:
        async with self.database.write() as connection:
            return await enqueue_runs(connection, self.database, self.queue, wish or a_wish(), tests)

    async def project(self, project_id: str = "p1", **settings: Any) -> None:
        now = self.database.clock.now()
        row = {"id": project_id, "name": project_id, "settings": settings, "created_at": now, "updated_at": now}
        async with self.database.write() as connection:
            await connection.execute(insert(projects).values(row))

    async def runs(self) -> list[Row[Any]]:
        async with self.database.read() as connection:
            return list((await connection.execute(select(test_executions).order_by(test_executions.c.test_name))).all())

    async def statuses(self) -> list[str]:
        return [run.status for run in await self.runs()]

    async def tries(self) -> list[tuple[int, str, str | None]]:
        async with self.database.read() as connection:
            rows = await connection.execute(select(tries).order_by(tries.c.test_execution_id, tries.c.ordinal))
            return [(row.ordinal, row.status, row.error_kind) for row in rows]

    async def events(self, run_id: str) -> list[str]:
        query = select(run_events.c.kind).where(run_events.c.test_execution_id == run_id).order_by(run_events.c.id)
        async with self.database.read() as connection:
            return list((await connection.execute(query)).scalars())

    async def steps(self) -> int:
        async with self.database.read() as connection:
            return len((await connection.execute(select(steps.c.id))).all())

    @asynccontextmanager
    async def fleet(self, opener: Opener | None = None, **options: Any) -> AsyncIterator[Fleet]:
        settings = FleetOptions(**{"places": 1, "lease_seconds": 3.0, "grace_seconds": 5.0, **options})
        async with running_fleet(self.database, self.signals, self.queue, opener or stub(), settings) as fleet:
            yield fleet


def stub(**how: Any) -> StubOpener:
    return StubOpener(test_of=test_of, **how)


@asynccontextmanager
async def wired(database: Database) -> AsyncIterator[Wired]:
    async with open_signals(database) as signals, open_queue(database, signals) as queue:
        yield Wired(database, signals, queue)


async def until(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    """Wait until an async condition holds."""
    end = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.05)


async def all_ended(wires: Wired, seconds: float = 20.0) -> list[str]:
    async def ended() -> bool:
        return not {"queued", "running"} & set(await wires.statuses())

    await until(ended, seconds)
    return await wires.statuses()
