"""States to test on: SQLite in a folder, and a PostgreSQL database of this test session's own."""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from tierwright.core.deadline import SystemClock
from tierwright.store.database import Database, open_database

ADMIN = os.environ.get("TIERWRIGHT_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


@dataclass
class SetClock:
    """A clock that stands until it is moved."""

    moment: datetime = field(default=datetime(2026, 11, 22, 10, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def move(self, **span: float) -> None:
        self.moment += timedelta(**span)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The server's admin address; skips with a reason where none answers, and never on CI."""
    try:
        with psycopg.connect(ADMIN, connect_timeout=3):
            return ADMIN
    except psycopg.OperationalError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL answers at 127.0.0.1:5432: {str(error).splitlines()[0]}")


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """The address of a new, empty database, dropped at the end."""
    name = f"twtest_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'create database "{name}"')
    try:
        yield server.rpartition("/")[0] + f"/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'drop database "{name}" with (force)')


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A new, empty database, dropped at the end."""
    with new_database(postgres_server) as address:
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def state_address(request: pytest.FixtureRequest, tmp_path):
    """Where a state may live: a folder, or a URL."""
    return tmp_path / "state" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


def migrated(address: Path | str) -> None:
    """Bring a state up to date, in a loop of its own: fixtures of a session cannot wait in the tests' loop."""

    async def open_once() -> None:
        async with open_database(address, SystemClock()):
            pass

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, open_once()).result()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder that is up to date and empty, to be copied."""
    folder = tmp_path_factory.mktemp("template") / "state"
    migrated(folder)
    return folder


@pytest.fixture(scope="session")
def postgres_shared(postgres_server: str) -> Iterator[str]:
    """The address of a database that is up to date, for tests to use in turn."""
    with new_database(postgres_server) as address:
        migrated(address)
        yield address


_END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
# Not TRUNCATE, which makes new files for forty tables and takes a second; in this mode no trigger and no key looks on.
_DELETE_ALL = """
DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;
    SET LOCAL synchronous_commit = off;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
        AND tablename NOT IN ('alembic_version', 'procrastinate_version')
    LOOP EXECUTE 'DELETE FROM ' || quote_ident(name); END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'
    LOOP PERFORM setval(quote_ident(name), 1, false); END LOOP;
END $$
"""


def emptied(address: str) -> None:
    """End whoever still uses a database, and take all rows out of it."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(_END_OTHERS)
        connection.execute(_DELETE_ALL)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def migrated_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """A state that is up to date and empty. Making a database for each test would take most of the suite's time."""
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_template"), tmp_path / "state")
        yield tmp_path / "state"
        return
    address = request.getfixturevalue("postgres_shared")
    yield address
    emptied(address)


@pytest.fixture
async def database(migrated_address: Path | str, clock: SetClock) -> AsyncIterator[Database]:
    async with open_database(migrated_address, clock) as opened:
        yield opened
        await asyncio.sleep(0)
