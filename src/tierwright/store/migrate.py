"""Brings a database's schema up to date, once, also when two commands open one state at the same time."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from tierwright.core.errors import MachineryError

REVISIONS = ("0001", "0002", "0003", "0004")
"""All revisions in order; the last one is what this program needs. A test compares them with the files."""

HEAD = REVISIONS[-1]
_LOCK_NUMBER = 7_413_210_001  # any number that no other user of the PostgreSQL server's advisory locks picks
_WAL_TRIES = 100


async def schema_version(engine: AsyncEngine) -> str | None:
    """The revision a database is at; None for one without our tables."""
    async with engine.connect() as connection:
        return await connection.run_sync(_version)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("select version_num from alembic_version")).scalar()
    return found


async def upgrade_if_needed(engine: AsyncEngine, shown: str, guard: AbstractContextManager[None]) -> bool:
    """Upgrade a database that is behind; True when something was done. Raises MachineryError for one that is ahead."""
    with guard:
        version = await schema_version(engine)
        if version == HEAD:
            return False
        if version is not None and version not in REVISIONS:
            raise MachineryError(
                f"the database {shown} was written by a newer Tierwright (schema {version}, this one knows {HEAD}); "
                "upgrade Tierwright, or name another state with --state"
            )
        if engine.dialect.name == "sqlite":
            await _write_ahead_log(engine)
        async with engine.execution_options(tierwright_writes=True).begin() as connection:
            return await connection.run_sync(_upgrade)


async def _write_ahead_log(engine: AsyncEngine) -> None:
    """Set the journal mode, which SQLite does not wait for when another process sets it at the same time."""
    for remaining in reversed(range(_WAL_TRIES)):
        try:
            async with engine.execution_options(tierwright_bare=True).connect() as connection:
                await connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            break
        except OperationalError as error:
            if "locked" not in str(error) or not remaining:
                raise
            await asyncio.sleep(0.05)


def _upgrade(connection: Connection) -> bool:
    from alembic import command  # heavy, and only needed when the schema is behind
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER})
    if _version(connection) == HEAD:
        return False  # another command was faster
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return True
