"""Backup and restore, as docs/operations.md says them."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from tests.server.runs import record

from tierwright.cli.db import db
from tierwright.core.errors import MachineryError, UsageError
from tierwright.store.analytics import Filter, tier_distribution
from tierwright.store.backup import back_up
from tierwright.store.database import DATABASE_NAME, Database, open_database


async def runs_in(address: Path | str, clock) -> int:
    async with open_database(address, clock) as database:
        return (await tier_distribution(database, Filter())).total_executions


async def test_a_state_in_use_is_copied_and_the_copy_is_a_state(tmp_path: Path, clock) -> None:
    async with open_database(tmp_path / "state", clock) as database:
        await record(database, {"run_id": "r1"})
        async with database.write():  # a writer in the middle of its work does not stop the copy
            assert back_up(tmp_path / "state" / DATABASE_NAME, tmp_path / "copy.db") > 0
        await record(database, {"run_id": "r2"})
    (tmp_path / "restored").mkdir()
    shutil.copy(tmp_path / "copy.db", tmp_path / "restored" / DATABASE_NAME)
    assert await runs_in(tmp_path / "restored", clock) == 1
    assert await runs_in(tmp_path / "state", clock) == 2


async def test_the_command_copies_and_overwrites_nothing(tmp_path: Path, clock) -> None:
    async with open_database(tmp_path / "state", clock):
        pass
    words = ["backup", "--state", str(tmp_path / "state"), str(tmp_path / "copy.db")]
    done = CliRunner().invoke(db, words, catch_exceptions=False)
    assert (done.exit_code, "copy.db" in done.output) == (0, True)
    with pytest.raises(UsageError, match="is there already"):
        CliRunner().invoke(db, words, catch_exceptions=False)


def test_what_cannot_be_copied_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.db").write_text("this is no database " * 100)
    with pytest.raises(MachineryError, match="could not be copied"):
        back_up(tmp_path / "bad.db", tmp_path / "copy.db")
    assert [file.name for file in tmp_path.iterdir()] == ["bad.db"]
    words = ["backup", "--state", str(tmp_path / "nowhere"), str(tmp_path / "copy.db")]
    with pytest.raises(UsageError, match="there is no database"):
        CliRunner().invoke(db, words, catch_exceptions=False)


def test_a_postgres_state_is_told_its_own_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERWRIGHT_DATABASE_URL", "postgresql://ada:geheim@127.0.0.1/x")
    with pytest.raises(UsageError, match="pg_dump"):
        CliRunner().invoke(db, ["backup", str(tmp_path / "copy.db")], catch_exceptions=False)


@pytest.mark.postgres
@pytest.mark.skipif(not (shutil.which("pg_dump") and shutil.which("pg_restore")), reason="needs PostgreSQL's client")
async def test_pg_dump_and_pg_restore_bring_a_state_back_with_its_triggers(postgres_url: str, tmp_path, clock) -> None:
    async with open_database(postgres_url, clock) as database:
        await record(database, {"run_id": "r1"})
    other = postgres_url + "_restored"
    await run("pg_dump", "--format=custom", f"--file={tmp_path}/state.dump", postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f'create database "{other.rpartition("/")[2]}"')
    try:
        await run("pg_restore", "--no-owner", f"--dbname={other}", f"{tmp_path}/state.dump")
        async with open_database(other, clock) as restored:
            await record(restored, {"run_id": "r2"})
            await marked(restored)
        assert await runs_in(other, clock) == 2
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute(f'drop database "{other.rpartition("/")[2]}" with (force)')


async def run(*words: str) -> None:
    assert await (await asyncio.create_subprocess_exec(*words)).wait() == 0


async def marked(database: Database) -> None:
    async with database.read() as connection:
        marks = (await connection.exec_driver_sql("select count(*) from analytics_hours where not fresh")).scalar_one()
    assert marks == 1
