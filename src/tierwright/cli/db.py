"""`tierwright db`, and how every command that reads the state opens it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from tierwright.cli.config import resolve_state
from tierwright.core.config import StateLocation
from tierwright.core.deadline import SystemClock
from tierwright.core.errors import UsageError
from tierwright.store.backup import back_up
from tierwright.store.database import Database, open_database, parse_url

Answer = TypeVar("Answer")
_Command = TypeVar("_Command", bound=Callable[..., Any])


def state_option(command: _Command) -> _Command:
    """Give a command `--state DIR`."""
    return click.option(
        "--state",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Folder of the state (default .tierwright, or TIERWRIGHT_STATE_DIR). Example: --state /tmp/tw",
    )(command)


def on_state(state: Path | None, work: Callable[[Database, StateLocation], Awaitable[Answer]]) -> Answer:
    """Open the state that flag, environment and settings file name, do the work, close it."""
    location = resolve_state(state, os.environ, Path.cwd())

    async def opened() -> Answer:
        async with open_database(location.database_url or location.state_dir, SystemClock()) as database:
            return await work(database, location)

    return asyncio.run(opened())


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> str:
    """Rows as text in columns; the columns in `right` are aligned to the right. No colours, so that pipes are clean."""
    widths = [max(len(row[i]) for row in (heads, *rows)) for i in range(len(heads))]

    def line(row: Sequence[str]) -> str:
        cells = [c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        return "  ".join(cells).rstrip()

    return "\n".join(line(row) for row in (heads, *rows))


@click.group(epilog="Example: tierwright db upgrade --state .tierwright")
def db() -> None:
    """Look after the state's database."""


@db.command(epilog="Example: TIERWRIGHT_DATABASE_URL=postgresql://tw@db/tierwright tierwright db upgrade")
@state_option
def upgrade(state: Path | None) -> None:
    """Bring the database's tables up to date.

    Every command that opens the state does the same by itself; run this to do it at a moment of your choice.
    """

    async def report(database: Database, _location: StateLocation) -> str:
        return database.shown

    click.echo(f"{on_state(state, report)} is up to date")


@db.command(epilog="Example: tierwright db backup /backups/tierwright-2026-11-27.db")
@state_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
def backup(state: Path | None, file: Path) -> None:
    """Copy the state's SQLite database to FILE, also while a server uses it.

    To restore, stop the server and put the copy where the database was (docs/operations.md). A PostgreSQL database is
    copied with pg_dump.
    """
    location = resolve_state(state, os.environ, Path.cwd())
    url = parse_url(location.database_url or location.state_dir)
    if url.get_backend_name() != "sqlite":
        raise UsageError("this state is in PostgreSQL; copy it with: pg_dump --format=custom --file=FILE DATABASE")
    database_file = Path(url.database or "")
    if not database_file.exists():
        raise UsageError(f"there is no database at {database_file}")
    size = back_up(database_file, file)
    click.echo(f"{file}: {size / 1024 / 1024:.1f} MiB. The state folder's artifacts and key are files; copy them too.")
