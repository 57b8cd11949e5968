"""A worker process with a stub instead of browsers, which writes down every step it acts: killed by tests.

`python stub_worker.py ADDRESS PLACES LEASE_SECONDS STEP_SECONDS LOG`
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from tierwright.core.deadline import SystemClock
from tierwright.store.database import open_database
from tierwright.testing import StubOpener
from tierwright.worker.fleet import FleetOptions, running_fleet
from tierwright.worker.queue import open_queue
from tierwright.worker.requests import test_of
from tierwright.worker.signals import open_signals


async def main(address: str, places: int, lease: float, step: float, log: Path) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    async def note(run_id: str, index: int) -> None:
        with log.open("a") as file:
            file.write(f"{os.getpid()} {run_id} {index} {time.time()}\n")

    opener = StubOpener(test_of=test_of, step_seconds=step, before_step=note)
    options = FleetOptions(places=places, lease_seconds=lease, grace_seconds=5.0)
    async with (
        open_database(address if "://" in address else Path(address), SystemClock()) as database,
        open_signals(database) as signals,
        open_queue(database, signals) as queue,
        running_fleet(database, signals, queue, opener, options),
    ):
        await stop.wait()


if __name__ == "__main__":
    where, places, lease, step, log = sys.argv[1:]
    asyncio.run(main(where, int(places), float(lease), float(step), Path(log)))
