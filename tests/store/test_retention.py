from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, update
from tests.server.runs import record
from tests.store.examples import BEGAN

from tierwright.store.analytics import Filter, tier_distribution
from tierwright.store.database import Database
from tierwright.store.retention import Retention, Swept, sweep_old
from tierwright.store.rollups import refresh_rollups
from tierwright.store.tables import artifacts, steps, test_executions, tier_execution_logs

DAY = timedelta(days=1)


async def three_runs(database: Database, state: Path) -> None:
    """One run of ten days ago, one of now, and an old one of another project; each with a file."""
    runs = (("old", "p", BEGAN - 10 * DAY), ("new", "p", BEGAN), ("other", "q", BEGAN - 10 * DAY))
    for run_id, project, began in runs:
        await record(
            database,
            {"run_id": run_id, "project": project, "began": began, "columns": {"finished_at": began}},
        )
        folder = state / "artifacts" / run_id / "try-1"
        folder.mkdir(parents=True)
        (folder / "step2.png").write_bytes(b"x")


async def ids(database: Database) -> set[str]:
    async with database.read() as connection:
        return set((await connection.execute(select(test_executions.c.id))).scalars())


async def count(database: Database, table) -> int:
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def test_old_runs_go_with_their_rows_and_files_and_figures_stay_right(
    database: Database, clock, tmp_path: Path
) -> None:
    await three_runs(database, tmp_path)
    clock.move(hours=5)
    await refresh_rollups(database)
    swept = await sweep_old(database, clock, [Retention("p", runs=5 * DAY)], tmp_path)
    assert swept == Swept(runs=1)
    assert await ids(database) == {"new", "other"}
    assert sorted(f.name for f in (tmp_path / "artifacts").iterdir()) == ["new", "other"]
    for table in (steps, tier_execution_logs, artifacts):
        async with database.read() as connection:
            assert "old" not in (await connection.execute(select(table.c.test_execution_id))).scalars().all()
    for limit in (-1, 10**9):
        assert (await tier_distribution(database, Filter(projects=("p",)), exact_up_to=limit)).total_executions == 1
    assert await sweep_old(database, clock, [Retention("p", runs=5 * DAY)], tmp_path) == Swept()


async def test_files_can_go_before_their_runs(database: Database, clock, tmp_path: Path) -> None:
    await three_runs(database, tmp_path)
    before = await count(database, artifacts)
    swept = await sweep_old(database, clock, [Retention("p", artifacts=5 * DAY), Retention("q")], tmp_path)
    assert swept == Swept(artifacts=1)
    assert await ids(database) == {"old", "new", "other"}
    assert await count(database, artifacts) == before - 1
    assert not (tmp_path / "artifacts" / "old").exists()


async def test_a_run_that_has_not_ended_stays(database: Database, clock, tmp_path: Path) -> None:
    await three_runs(database, tmp_path)
    async with database.write() as connection:
        await connection.execute(update(test_executions).values(finished_at=None, status="running"))
    assert await sweep_old(database, clock, [Retention("p", runs=DAY, artifacts=DAY)], tmp_path) == Swept()
    assert (tmp_path / "artifacts" / "old").exists()
