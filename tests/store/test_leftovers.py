"""Files that no row speaks of any more are removed, and no others."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import insert, update
from tests.server.runs import record

from tierwright.store.database import Database
from tierwright.store.leftovers import give_up_files, remove_dead_frames, remove_given_up
from tierwright.store.platform_tables import removed_folders
from tierwright.store.tables import test_executions


def file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


async def test_pictures_of_runs_that_nobody_makes_go_and_those_of_others_stay(
    database: Database, tmp_path: Path
) -> None:
    assert await remove_dead_frames(database, tmp_path) == 0
    await record(database, {"run_id": "dead"}, {"run_id": "alive"})
    async with database.write() as connection:
        alive = update(test_executions).where(test_executions.c.id == "alive")
        await connection.execute(alive.values(status="running", finished_at=None))
    kept = [file(tmp_path / "frames" / name) for name in ("alive.jpg", ".alive.new.jpg")]
    for name in ("dead.jpg", ".dead.new.jpg", "nobody.jpg"):
        file(tmp_path / "frames" / name)
    assert await remove_dead_frames(database, tmp_path) == 3
    assert sorted((tmp_path / "frames").iterdir()) == sorted(kept)


async def test_files_of_a_removed_project_go_when_its_removal_is_certain(database: Database, tmp_path: Path) -> None:
    await record(database, {"run_id": "r1", "project": "p"}, {"run_id": "r2", "project": "q"})
    names = ("artifacts/r1/try-1/a.png", "artifacts/r2/try-1/a.png", "projects/p/files/f", "projects/q/files/f")
    for name in names:
        file(tmp_path / name)
    assert await remove_given_up(database, tmp_path) == 0
    async with database.write() as connection:
        await give_up_files(connection, "p")
    assert await remove_given_up(database, tmp_path) == 2
    left = [name for name in names if (tmp_path / name).exists()]
    assert left == ["artifacts/r2/try-1/a.png", "projects/q/files/f"]
    assert await remove_given_up(database, tmp_path) == 0


async def test_no_name_leads_out_of_the_state(database: Database, tmp_path: Path) -> None:
    outside = file(tmp_path / "outside" / "f")
    async with database.write() as connection:
        await connection.execute(insert(removed_folders).values(parent="artifacts", name="../../outside"))
    await remove_given_up(database, tmp_path / "state")
    assert outside.exists()
