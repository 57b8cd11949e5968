"""Files in the state folder that no row speaks of any more: of removed projects, and of runs whose worker died."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import delete, insert, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.store.database import Database
from tierwright.store.platform_tables import removed_folders
from tierwright.store.retention import ARTIFACTS_FOLDER
from tierwright.store.sweep import RUNNING
from tierwright.store.tables import test_executions

FRAMES_FOLDER = "frames"
PROJECTS_FOLDER = "projects"
_AT_ONCE = 200


async def give_up_files(connection: AsyncConnection, project_id: str) -> None:
    """Note, in the transaction that removes a project, which folders go after it: those of its runs, and its own."""
    of_runs = select(literal(ARTIFACTS_FOLDER), test_executions.c.id).where(test_executions.c.project == project_id)
    await connection.execute(insert(removed_folders).from_select(["parent", "name"], of_runs))
    await connection.execute(insert(removed_folders).values(parent=PROJECTS_FOLDER, name=project_id))


async def remove_given_up(database: Database, state_dir: Path) -> int:
    """Remove the folders that were noted; returns how many. What was interrupted is done again."""
    folder, removed = removed_folders.c, 0
    while True:
        async with database.read() as connection:
            rows = await connection.execute(select(folder.parent, folder.name).limit(_AT_ONCE))
            found = [(row.parent, row.name) for row in rows]
        if not found:
            return removed
        await asyncio.to_thread(_remove, state_dir, found)
        async with database.write() as connection:
            await connection.execute(delete(removed_folders).where(tuple_(folder.parent, folder.name).in_(found)))
        removed += len(found)


def _remove(state_dir: Path, folders: Sequence[tuple[str, str]]) -> None:
    for parent, name in folders:
        if Path(name).name == name:  # never a way out of it
            shutil.rmtree(state_dir / parent / name, ignore_errors=True)


async def remove_dead_frames(database: Database, state_dir: Path) -> int:
    """Remove the current pictures of runs that nobody makes any more; returns how many. Raises MachineryError."""
    frames = await asyncio.to_thread(_frames, state_dir / FRAMES_FOLDER)
    if not frames:
        return 0
    runs = test_executions.c
    async with database.read() as connection:
        query = select(runs.id).where(runs.status == RUNNING, runs.id.in_(set(frames.values())))
        alive = set(await connection.scalars(query))
    dead = [file for file, run_id in frames.items() if run_id not in alive]
    await asyncio.to_thread(_unlink, dead)
    return len(dead)


def _frames(folder: Path) -> Mapping[Path, str]:
    """The pictures, also those that were being written (`.RUN.new.jpg`), and whose each is."""
    files = folder.glob("*.jpg") if folder.is_dir() else ()
    return {file: file.name.lstrip(".").partition(".")[0] for file in files}


def _unlink(files: Sequence[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
