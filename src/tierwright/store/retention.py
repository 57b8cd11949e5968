"""Deletes what projects no longer want to keep: runs with all their rows and files, or the files alone."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Delete, delete, exists, select

from tierwright.core.deadline import Clock
from tierwright.store.database import Database
from tierwright.store.tables import artifacts, test_executions

RUNS_AT_ONCE = 200
ARTIFACTS_FOLDER = "artifacts"


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a project keeps its finished runs and their files; None: for ever."""

    project: str
    runs: timedelta | None = None
    artifacts: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Swept:
    """Runs that were deleted, and runs that lost their files alone."""

    runs: int = 0
    artifacts: int = 0


async def sweep_old(database: Database, clock: Clock, retention: Sequence[Retention], state_dir: Path) -> Swept:
    """Delete what these projects no longer keep. Runs that have not ended stay. Raises MachineryError."""
    runs = files = 0
    for one in retention:
        if one.runs is not None:
            runs += await _sweep(database, one.project, clock.now() - one.runs, state_dir, whole=True)
        if one.artifacts is not None:
            files += await _sweep(database, one.project, clock.now() - one.artifacts, state_dir, whole=False)
    return Swept(runs, files)


async def _sweep(database: Database, project: str, before: datetime, state_dir: Path, *, whole: bool) -> int:
    swept = 0
    while found := await _some(database, project, before, whole=whole):
        # Files first: what is interrupted here is found again by its rows, and a file without a row never is.
        await asyncio.to_thread(_remove_files, state_dir, found)
        async with database.write() as connection:
            await connection.execute(_deletion(found, whole=whole))
        swept += len(found)
    return swept


async def _some(database: Database, project: str, before: datetime, *, whole: bool) -> Sequence[str]:
    run = test_executions.c
    query = select(run.id).where(run.project == project, run.finished_at < before)
    if not whole:
        query = query.where(exists().where(artifacts.c.test_execution_id == run.id))
    async with database.read() as connection:
        return (await connection.execute(query.order_by(run.started_at).limit(RUNS_AT_ONCE))).scalars().all()


def _deletion(found: Sequence[str], *, whole: bool) -> Delete:
    if whole:
        return delete(test_executions).where(test_executions.c.id.in_(found))
    return delete(artifacts).where(artifacts.c.test_execution_id.in_(found))


def _remove_files(state_dir: Path, run_ids: Sequence[str]) -> None:
    for run_id in run_ids:
        if Path(run_id).name == run_id:  # an id is a folder's name, and never a way out of it
            shutil.rmtree(state_dir / ARTIFACTS_FOLDER / run_id, ignore_errors=True)
