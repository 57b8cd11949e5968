from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

import tierwright.store
from tierwright.core.deadline import SystemClock
from tierwright.core.errors import MachineryError, UsageError
from tierwright.store import platform_tables
from tierwright.store.database import DATABASE_NAME, Database, database_url, open_database, parse_url, translated
from tierwright.store.migrate import REVISIONS
from tierwright.store.tables import metadata

CONTRACT = {
    "execution_settings": "id user_id fallback_strategy tier1_timeout_seconds tier2_timeout_seconds "
    "tier3_timeout_seconds max_retries_per_tier track_effectiveness created_at updated_at",
    "xpath_cache": "id instruction instruction_hash xpath page_context hit_count validation_failures "
    "last_validated_at created_at expires_at",
    "tier_execution_logs": "id test_execution_id step_index tier_attempted success execution_time_ms tokens_used "
    "error_message extra_data created_at",
}


async def test_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    async with database.read() as connection:
        changes = await connection.run_sync(
            lambda c: compare_metadata(MigrationContext.configure(c, opts={"compare_type": True}), metadata)
        )
    assert changes == []
    assert platform_tables.users.metadata is metadata  # the platform's tables are among those compared


async def test_tables_carry_the_names_of_the_original_design(database: Database) -> None:
    for table, columns in CONTRACT.items():
        async with database.read() as connection:
            await connection.execute(text(f"select {', '.join(columns.split())} from {table}"))


async def test_revisions_named_in_the_code_are_those_of_the_files() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(tierwright.store.__file__).parent / "migrations"))
    found = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(found)) == REVISIONS


async def test_a_database_newer_than_the_program_is_refused(state_address) -> None:
    async with open_database(state_address, SystemClock()) as database, database.write() as connection:
        await connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(MachineryError, match="written by a newer Tierwright"):
        async with open_database(state_address, SystemClock()):
            pass


async def test_a_failed_write_leaves_nothing_behind(database: Database) -> None:
    async def half_a_write() -> None:
        async with database.write() as connection:
            await connection.execute(text("insert into cache_counters values ('p', '2026-11-22', 'hit', 1)"))
            await connection.execute(text("select * from no_such_table"))

    with pytest.raises(MachineryError, match="no_such_table"):
        await half_a_write()
    async with database.read() as connection:
        assert (await connection.execute(text("select count(*) from cache_counters"))).scalar() == 0


async def test_sqlite_uses_a_write_ahead_log_and_waits_for_other_writers(tmp_path: Path) -> None:
    async with open_database(tmp_path, SystemClock()) as database, database.read() as connection:
        assert (await connection.execute(text("pragma journal_mode"))).scalar() == "wal"
        assert (await connection.execute(text("pragma busy_timeout"))).scalar() == 30_000
        assert (await connection.execute(text("pragma foreign_keys"))).scalar() == 1
    assert (tmp_path / DATABASE_NAME).is_file()


async def test_a_damaged_file_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).write_text("this is no database, it is a letter " * 100)
    with pytest.raises(MachineryError, match=r"not a database.*move it away"):
        async with open_database(tmp_path, SystemClock()):
            pass


async def test_a_folder_that_cannot_be_made_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineryError, match="--state"):
        async with open_database(tmp_path / "file" / "state", SystemClock()):
            pass


async def test_a_read_only_database_is_named_with_the_way_out(tmp_path: Path) -> None:
    async with open_database(tmp_path, SystemClock()):
        pass
    url = f"sqlite:///file:{tmp_path / DATABASE_NAME}?mode=ro&uri=true"
    with pytest.raises(MachineryError, match=r"readonly.*write access"):
        async with open_database(url, SystemClock()) as database, database.write() as connection:
            await connection.execute(text("delete from heals"))


@pytest.mark.postgres
async def test_a_password_is_never_shown(postgres_server: str) -> None:
    address = "postgresql://nobody:geheim123@127.0.0.1:5432/no_such_database"
    with pytest.raises(MachineryError) as raised:
        async with open_database(address, SystemClock()):
            pass
    assert "no_such_database" in str(raised.value)
    assert "geheim123" not in str(raised.value)


async def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(MachineryError) as raised:
        async with open_database("postgresql://ada:geheim123@127.0.0.1:9/x", SystemClock()):
            pass
    assert "127.0.0.1" in str(raised.value)
    assert "geheim123" not in str(raised.value)


@pytest.mark.parametrize("address", ["mysql://u:geheim123@h/x", "://geheim123", "postgresql://u:geheim123@h:port/x"])
def test_addresses_that_cannot_be_used_are_refused_without_their_password(address: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_url(address)
    assert "geheim123" not in str(raised.value)


def test_the_environment_replaces_the_state_folder(tmp_path: Path) -> None:
    assert database_url(tmp_path, {}).endswith(f"{tmp_path}/{DATABASE_NAME}")
    assert database_url(tmp_path, {"TIERWRIGHT_DATABASE_URL": "postgresql://h/x"}) == "postgresql://h/x"
    assert parse_url("postgres://h/x").drivername == "postgresql+psycopg"


WRITER = """
import asyncio, sys
from pathlib import Path
from tierwright.core.deadline import SystemClock
from tierwright.store.database import open_database
from tierwright.store.element_cache import SqlElementCache
from tierwright.store.baselines import SqlBaselineStore
from tierwright.core.keys import baseline_key_of
from tierwright.core.identity import Fingerprint
from tierwright.core.ports import Baseline

async def main(address, name):
    async with open_database(address if "://" in address else Path(address), SystemClock()) as database:
        cache, baselines = SqlElementCache(database), SqlBaselineStore(database)
        for number in range(25):
            await cache.count("p", "hit")
            key = baseline_key_of("p", "t", f"step {number % 5}", name)
            await baselines.put(key, Baseline(key.digest, Fingerprint(tag="a", name=str(number))))
            assert (await baselines.get(key)).fingerprint.name == str(number)

asyncio.run(main(*sys.argv[1:]))
"""


def test_two_commands_on_one_new_state_do_not_break_each_other(state_address) -> None:
    """Three real processes migrate, read and write one state at the same time, and nothing is lost."""
    command = [sys.executable, "-W", "error", "-c", WRITER, str(state_address)]
    processes = [
        subprocess.Popen([*command, name], stderr=subprocess.PIPE, env=dict(os.environ)) for name in ("a", "b", "c")
    ]
    errors = [process.communicate(timeout=50)[1].decode() for process in processes]
    assert errors == ["", "", ""]
    assert [process.returncode for process in processes] == [0, 0, 0]
    counted, kept = "select sum(count) from cache_counters", "select count(*) from fingerprints"
    if isinstance(state_address, Path):
        plain = sqlite3.connect(state_address / DATABASE_NAME)
        totals = (plain.execute(counted).fetchone()[0], plain.execute(kept).fetchone()[0])
        plain.close()
    else:
        with psycopg.connect(state_address) as plain_postgres:
            rows = [plain_postgres.execute(query).fetchone() for query in (counted, kept)]
        totals = tuple(row[0] for row in rows if row)
    assert totals == (75, 15)


def test_a_full_disk_of_postgresql_is_named_with_the_way_out() -> None:
    full = Exception('could not extend file "base/5/16384": No space left on device\nHINT: Check free disk space.')
    with pytest.raises(MachineryError, match=r"No space left on device\. Free some space") as told, translated("db"):
        raise OperationalError("insert into secrets", {"value": "geheim"}, full)
    assert "geheim" not in str(told.value)
