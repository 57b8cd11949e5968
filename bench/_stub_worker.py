"""A worker process with the shipped stub instead of browsers: `_stub_worker.py ADDRESS PLACES` (bench/api.py)."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from tierwright.core.deadline import SystemClock
from tierwright.store.database import open_database
from tierwright.testing import StubOpener
from tierwright.worker.fleet import FleetOptions, running_fleet
from tierwright.worker.queue import open_queue
from tierwright.worker.requests import test_of
from tierwright.worker.signals import open_signals


async def main(address: str, places: int) -> None:
    """Make runs until SIGTERM; says `ready` when it looks for them."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with (
        open_database(address if "://" in address else Path(address), SystemClock()) as database,
        open_signals(database) as signals,
        open_queue(database, signals) as queue,
        running_fleet(database, signals, queue, StubOpener(test_of=test_of), FleetOptions(places=places)),
    ):
        print("ready", flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
