"""Workers as tasks of one process, each with connections, queue and leases of its own (bench/fleet.py).

`_fleet_workers.py ADDRESS WORKERS STEP_SECONDS`: says `ready` when all look for runs; after SIGTERM it prints every
claim as a line of JSON: when it was committed, and the milliseconds since its transaction asked for the project's lock.
"""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import sys
import time
from typing import Any

from sqlalchemy import Engine, event

from tierwright.core.deadline import SystemClock
from tierwright.store.database import open_database
from tierwright.testing import StubOpener
from tierwright.worker.fleet import FleetOptions, connections_of_worker, running_fleet
from tierwright.worker.queue import open_queue
from tierwright.worker.requests import test_of
from tierwright.worker.signals import open_signals

OPENED_AT_ONCE = 4
Claims = list[tuple[float, float]]


def timed(engine: Engine, claims: Claims) -> None:
    """Note the transactions that claim a run; which those are is seen by the lock they take."""

    @event.listens_for(engine, "before_cursor_execute")
    def executing(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "pg_advisory_xact_lock" in statement:
            connection.info["claiming_since"] = time.perf_counter()

    @event.listens_for(engine, "commit")
    def committing(connection: Any) -> None:
        since = connection.info.pop("claiming_since", None)
        if since is not None:
            claims.append((time.time(), (time.perf_counter() - since) * 1000))


async def one_worker(address: str, step: float, opening: asyncio.Semaphore, ready: asyncio.Queue[None]) -> Claims:
    """A worker with one place, as a process of its own would be, until it is cancelled; returns its claims."""
    claims: Claims = []
    options = FleetOptions(places=1, grace_seconds=1.0)
    await opening.acquire()
    async with (
        open_database(address, SystemClock(), kept_connections=connections_of_worker(1)) as database,
        open_signals(database, follows=False) as signals,
        open_queue(database, signals) as queue,
        running_fleet(database, signals, queue, StubOpener(test_of=test_of, step_seconds=step), options),
    ):
        opening.release()
        timed(database.engine.sync_engine, claims)
        ready.put_nowait(None)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return claims
    return claims


async def main(address: str, workers: int, step: float) -> None:
    """All workers until SIGTERM."""
    stop, ready = asyncio.Event(), asyncio.Queue[None]()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    opening = asyncio.Semaphore(OPENED_AT_ONCE)
    tasks = [asyncio.create_task(one_worker(address, step, opening, ready)) for _ in range(workers)]
    for _ in tasks:
        await ready.get()
    print("ready", flush=True)
    await stop.wait()
    for task in tasks:
        task.cancel()
    for claims in await asyncio.gather(*tasks):
        for claim in claims:
            print(json.dumps(claim))


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
