"""Deliveries on PostgreSQL: procrastinate's jobs, made in the transaction that queues a run.

Only delivery is procrastinate's. It does not ask which worker ends a job, its worker leaves when the database
restarts, and it sweeps nothing by itself; so the truth about a run is its row, and a loop here starts again. Its own
listener takes a connection of each process, wakes each of them for every single job, and can miss that it is cancelled:
the wake-ups come through `signals`, one for a transaction, and its worker only looks now and then.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence

import procrastinate
import psycopg
from procrastinate.exceptions import ProcrastinateException
from procrastinate.schema import SchemaManager
from procrastinate.types import JSONDict
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.cancel import heed_cancellation
from tierwright.store.database import Database
from tierwright.worker.queue import POLL_SECONDS, Work, look_when_woken, looked_for
from tierwright.worker.signals import QUEUE, RECONNECT_SECONDS, Signals, conninfo

_logger = logging.getLogger(__name__)

JOBS = "runs"
TASK = "tierwright.look_for_work"
HEARTBEAT_SECONDS = 10.0
JOBS_SECONDS = 5.0
"""How often a free worker looks for jobs. That runs wait it is told at once."""

_TABLES_LOCK = 7_413_210_002
_TIDY = text(
    """
    delete from procrastinate_jobs where queue_name = :jobs and status = 'doing' and not exists (
        select 1 from procrastinate_workers w
        where w.id = procrastinate_jobs.worker_id and w.last_heartbeat > now() - make_interval(secs => :silent))
    """
)


async def prepare_tables(database: Database) -> None:
    """Make procrastinate's tables where they are missing, once, also when two servers start at the same time."""
    async with database.write() as connection:
        await connection.execute(text("select pg_advisory_xact_lock(:number)"), {"number": _TABLES_LOCK})
        there = await connection.execute(text("select to_regclass('procrastinate_jobs') is not null"))
        if not there.scalar_one():
            raw = await connection.get_raw_connection()
            assert raw.driver_connection is not None
            await raw.driver_connection.execute(SchemaManager.get_schema())


class ProcrastinateQueue:
    """Deliveries as procrastinate's jobs. A free place also looks when it is woken, and now and then by itself."""

    def __init__(self, database: Database, signals: Signals, poll_seconds: float = POLL_SECONDS) -> None:
        self._database = database
        self._signals = signals
        self._address = conninfo(database.engine.url)
        self._poll_seconds = poll_seconds
        self._tidy_at = 0.0
        self._app = procrastinate.App(connector=procrastinate.PsycopgConnector())

    async def deliver(self, connection: AsyncConnection, run_ids: Sequence[str]) -> None:
        """One job a run, committed and rolled back with the rows of the runs."""
        if not run_ids:
            return
        raw = await connection.get_raw_connection()
        deferrer = self._app.configure_task(TASK, queue=JOBS, allow_unknown=True, connection=raw.driver_connection)
        jobs: list[JSONDict] = [{"run_id": run_id} for run_id in run_ids]
        await deferrer.batch_defer_async(*jobs)
        await self._signals.tell(connection, QUEUE)

    async def serve(self, work: Work, places: int, name: str) -> None:
        """Call `work` in so many places at a time, until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(look_when_woken(self._signals, work, places, self._poll_seconds))
            while True:
                await self._serve_jobs(work, places, name)
                heed_cancellation()
                await asyncio.sleep(RECONNECT_SECONDS)

    async def tidy(self) -> None:
        """Forget jobs that a dead worker left half done, once in a while: the runs are swept by their leases."""
        now = asyncio.get_running_loop().time()
        if now < self._tidy_at:
            return
        self._tidy_at = now + 3 * HEARTBEAT_SECONDS
        async with self._database.write() as connection:
            await connection.execute(_TIDY, {"jobs": JOBS, "silent": 6 * HEARTBEAT_SECONDS})

    async def _serve_jobs(self, work: Work, places: int, name: str) -> None:
        """Procrastinate's worker, until it or the database ends."""
        app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(conninfo=self._address, min_size=1, max_size=1)
        )

        async def look_for_work(run_id: str) -> None:  # noqa: ARG001 - for those who read the jobs
            await looked_for(work)

        app.task(name=TASK, queue=JOBS)(look_for_work)
        with contextlib.suppress(ProcrastinateException, psycopg.Error, OSError):
            async with app.open_async():
                await app.run_worker_async(
                    queues=[JOBS],
                    concurrency=places,
                    name=name,
                    delete_jobs="always",
                    install_signal_handlers=False,
                    listen_notify=False,
                    fetch_job_polling_interval=JOBS_SECONDS,
                    update_heartbeat_interval=HEARTBEAT_SECONDS,
                    shutdown_graceful_timeout=0.0,
                )
        _logger.warning("the delivery of runs ended; starting it again")
