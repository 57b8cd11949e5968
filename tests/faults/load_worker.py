"""A worker process under load, with a stub instead of browsers, which writes down who acts when: broken by the suite.

`python load_worker.py ADDRESS PLACES LEASE_SECONDS STEP_SECONDS LOG CLOCK`: the machine's clock is off by the seconds
that stand in the file CLOCK.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tierwright.core.deadline import SystemClock
from tierwright.store.database import open_database
from tierwright.testing import StubOpener
from tierwright.worker.fleet import FleetOptions, running_fleet
from tierwright.worker.queue import open_queue
from tierwright.worker.requests import test_of
from tierwright.worker.signals import open_signals


@dataclass(frozen=True)
class JumpingClock(SystemClock):
    """The machine's clock, set by somebody to another time (core.deadline.Clock)."""

    file: Path

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=float(self.file.read_text()))


class LoggingOpener(StubOpener):
    """Writes a line when a step begins to act and one when it has acted; the kernel keeps appended lines apart."""

    log: int = -1

    async def _before_step(self, run_id: str, index: int) -> None:
        self._note("begin", run_id, index)
        await asyncio.sleep(self.step_seconds)
        self._note("end", run_id, index)

    def _note(self, what: str, run_id: str, index: int) -> None:
        os.write(self.log, f"{os.getpid()} {what} {run_id} {index} {time.monotonic()}\n".encode())


async def main(address: str, options: FleetOptions, step: float, log: Path, clock: Path) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    opener = LoggingOpener(test_of=test_of, step_seconds=step)
    opener.log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    async with (
        open_database(address if "://" in address else Path(address), JumpingClock(clock)) as database,
        open_signals(database) as signals,
        open_queue(database, signals) as queue,
        running_fleet(database, signals, queue, opener, options),
    ):
        await stop.wait()


if __name__ == "__main__":
    where, places, lease, step, log, clock = sys.argv[1:]
    chosen = FleetOptions(places=int(places), lease_seconds=float(lease), grace_seconds=5.0)
    asyncio.run(main(where, chosen, float(step), Path(log), Path(clock)))
