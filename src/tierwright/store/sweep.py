"""Runs whose process died are not left `running` for ever: they end as `error`, kind `crashed`."""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Row, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from tierwright.core.deadline import Clock
from tierwright.core.results import ErrorKind, RunStatus
from tierwright.store.tables import test_executions

QUEUED = "queued"
RUNNING = "running"
_WAITS: ColumnElement[str] = literal_column(f"'{QUEUED}'")
_IS_MADE: ColumnElement[str] = literal_column(f"'{RUNNING}'")
OTHER_HOST_HOURS = 24
"""A process of another machine cannot be looked at; a run of one that began longer ago is taken for dead."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that makes a run. `started` tells it from a later process with the same number."""

    host: str
    pid: int
    started: str

    @classmethod
    def this_process(cls) -> Owner:
        """The process we are in."""
        return cls(socket.gethostname(), os.getpid(), _process_started(os.getpid()))

    @property
    def alive(self) -> bool:
        """Whether this process of this machine still lives."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass  # it lives and belongs to somebody else
        return _process_started(self.pid) == self.started


def waits(runs: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    """Runs that nobody has claimed; written out, because an index of them alone serves no parameter."""
    waiting: ColumnElement[bool] = runs.status == _WAITS
    return waiting


def is_made(runs: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    """Runs that are under way; written out as well."""
    made: ColumnElement[bool] = runs.status == _IS_MADE
    return made


def _process_started(pid: int) -> str:
    """When a process began, in clock ticks since boot; empty where the machine does not say (no /proc)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


def _is_dead(row: Row[Any], now: datetime) -> bool:
    if row.owner_host == socket.gethostname():
        return not Owner(row.owner_host, row.owner_pid, row.owner_started).alive
    return bool(now - row.started_at > timedelta(hours=OTHER_HOST_HOURS))


async def sweep_dead_runs(connection: AsyncConnection, clock: Clock) -> int:
    """End the runs of dead processes; returns how many there were. Runs of the queue have a lease, and are not ours."""
    now, runs = clock.now(), test_executions.c
    of_commands = is_made(runs) & runs.lease_until.is_(None)
    rows = (await connection.execute(select(test_executions).where(of_commands))).all()
    dead = await asyncio.to_thread(lambda: [row.id for row in rows if _is_dead(row, now)])
    if dead:
        await connection.execute(
            update(test_executions)
            .where(test_executions.c.id.in_(dead), test_executions.c.status == RUNNING)
            .values(
                status=RunStatus.ERROR.value,
                error_kind=ErrorKind.CRASHED.value,
                error_message="the process that made this run ended before the run did",
                finished_at=now,
            )
        )
    return len(dead)
