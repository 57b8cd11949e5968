"""Opens the state's database: SQLite in the state folder, or PostgreSQL by URL; migrated, swept, and closed again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Table, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DataError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from tierwright.core.deadline import Clock
from tierwright.core.errors import MachineryError, UsageError
from tierwright.store.migrate import upgrade_if_needed
from tierwright.store.sweep import sweep_dead_runs

DATABASE_NAME = "tierwright.db"
BUSY_TIMEOUT_SECONDS = 30
KEPT_CONNECTIONS = 5
_MOST_CONNECTIONS = 15
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def database_url(state_dir: Path, env: Mapping[str, str]) -> str:
    """The database of a state: `TIERWRIGHT_DATABASE_URL` where it is set, else SQLite in the state folder."""
    return env.get("TIERWRIGHT_DATABASE_URL") or str(_sqlite_url(state_dir / DATABASE_NAME))


def _sqlite_url(path: Path) -> URL:
    return URL.create("sqlite+aiosqlite", database=str(path.absolute()))


def parse_url(url_or_state_dir: str | Path) -> URL:
    """The URL with the driver we use. Raises UsageError, which never shows the password, for what we cannot open."""
    if isinstance(url_or_state_dir, Path):
        return _sqlite_url(url_or_state_dir / DATABASE_NAME)
    if "://" not in url_or_state_dir:
        return _sqlite_url(Path(url_or_state_dir) / DATABASE_NAME)
    try:
        url = make_url(url_or_state_dir)
    except (ArgumentError, ValueError):
        raise UsageError("the database URL cannot be read; write postgresql://user:password@host/name") from None
    if url.drivername not in _DRIVERS:
        raise UsageError(f"the database kind {url.drivername!r} is not supported; use postgresql:// or sqlite:///")
    return url.set(drivername=_DRIVERS[url.drivername])


@dataclass(frozen=True, slots=True)
class Database:
    """An open state. `shown` is its address without the password."""

    engine: AsyncEngine = field(repr=False)
    clock: Clock
    shown: str
    _afterwards: dict[int, list[Callable[[], None]]] = field(default_factory=dict, repr=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite, which has one writer at a time."""
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection to read from, in one transaction. Raises MachineryError when the database fails."""
        with translated(self.shown):
            async with self.engine.connect() as connection, connection.begin():
                yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """As `read`, and all of its queries see the state of one moment. Raises MachineryError."""
        engine = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        with translated(self.shown):
            async with engine.connect() as connection, connection.begin():
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One writing transaction, committed at the end. Raises MachineryError when the database fails."""
        with translated(self.shown):
            key = 0
            try:
                async with self.engine.execution_options(tierwright_writes=True).begin() as connection:
                    key = id(connection)
                    yield connection
            except BaseException:
                self._afterwards.pop(key, None)
                raise
            for call in self._afterwards.pop(key, ()):
                call()

    def write_unfenced(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """As `write`; of a claimed run's database also when the claim was lost."""
        return self.write()

    def after_commit(self, connection: AsyncConnection, call: Callable[[], None]) -> None:
        """Call this when the transaction that `write` gave this connection is committed, and never when it is not."""
        self._afterwards.setdefault(id(connection), []).append(call)

    async def upsert(
        self, connection: AsyncConnection, table: Table, values: Mapping[str, Any], keys: tuple[str, ...]
    ) -> None:
        """Insert a row, or overwrite the one with the same keys (its `created_at` stays)."""
        insert = self._insert(table).values(**values)
        changed = {c: insert.excluded[c] for c in values if c not in (*keys, "created_at")}
        await connection.execute(insert.on_conflict_do_update(index_elements=list(keys), set_=changed))

    async def insert_new(
        self, connection: AsyncConnection, table: Table, values: Mapping[str, Any], keys: tuple[str, ...]
    ) -> bool:
        """Insert a row unless one with the same keys is there; True when it was inserted."""
        insert = self._insert(table).values(**values).on_conflict_do_nothing(index_elements=list(keys))
        inserted = await connection.execute(insert.execution_options(preserve_rowcount=True))
        return inserted.rowcount > 0

    def _insert(self, table: Table) -> Any:
        return (sqlite.insert if self.is_sqlite else postgresql.insert)(table)


class translated:  # noqa: N801 - reads as a word in `with translated(...)`
    """Turns what the driver raises into MachineryError, without statement, parameters or password.

    A text that no database can keep is the fault of who sent it: UsageError.
    """

    def __init__(self, shown: str) -> None:
        self._shown = shown

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, DataError) and "NUL" in str(error.orig):
            raise UsageError("a text holds the character NUL, which a database cannot keep") from None
        if isinstance(error, SQLAlchemyError | OSError):
            raise MachineryError(_explanation(error, self._shown)) from None


def _explanation(error: Exception, shown: str) -> str:
    reason = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
    return f"the database {shown} failed: {reason[0]}. {_way_out(reason[0].lower())}"


def _way_out(reason: str) -> str:
    for words, advice in (
        ("readonly", "Give yourself write access to the state folder, or name another with --state."),
        ("unable to open", "Check that the state folder can be written, or name another with --state."),
        ("permission denied", "Check the rights of the folder or the database user, or name another with --state."),
        ("not a database", "The file is damaged: move it away, and a new one is made."),
        ("malformed", "The file is damaged: move it away, and a new one is made."),
        ("disk is full", "Free some disk space and run again."),
        ("no space left", "Free some space on the database's disk and run again."),
        ("locked", "Another program holds the file: end it and run again."),
    ):
        if words in reason:
            return advice
    return "Check TIERWRIGHT_DATABASE_URL or --state, and that the server is up."


@asynccontextmanager
async def open_database(
    url_or_state_dir: str | Path, clock: Clock, *, kept_connections: int = KEPT_CONNECTIONS
) -> AsyncIterator[Database]:
    """Open a state: make the folder, bring the schema up to date, end the runs that died, close at the end.

    So many connections to PostgreSQL are kept when they are idle; in a rush there may be more, for a moment.

    Raises UsageError for a URL that cannot be used, MachineryError for a database that cannot be opened, is
    newer than this program, read-only or damaged; both say what to do and never show a password.
    """
    url = parse_url(url_or_state_dir)
    shown = url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    with translated(shown):
        if url.get_backend_name() == "sqlite":
            await asyncio.to_thread(_make_folder, Path(url.database or ""))
        engine = _engine(url, kept_connections)
    database = Database(engine, clock, shown)
    try:
        await upgrade_if_needed(engine, shown, translated(shown))
        async with database.write() as connection:
            await sweep_dead_runs(connection, clock)
        yield database
    finally:
        await engine.dispose()


def _make_folder(database_file: Path) -> None:
    if str(database_file).startswith("file:"):
        return  # an SQLite URI, with options of its own
    folder = database_file.parent
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if database_file.name == DATABASE_NAME and not database_file.exists() and not ignore.exists():
        ignore.write_text("*\n")
    if database_file.exists() and not os.access(database_file, os.W_OK):
        raise PermissionError(f"permission denied: {database_file}")


def _engine(url: URL, kept_connections: int = KEPT_CONNECTIONS) -> AsyncEngine:
    try:
        if url.get_backend_name() == "sqlite":
            return _sqlite_engine(url)
        return create_async_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=kept_connections,
            max_overflow=_MOST_CONNECTIONS - kept_connections,
            connect_args={"connect_timeout": BUSY_TIMEOUT_SECONDS},
        )
    except (ModuleNotFoundError, NoSuchModuleError):
        raise MachineryError(
            "the driver for this database is not installed; install it with: pip install 'tierwright[postgres]'"
        ) from None


def _sqlite_engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver opens no transactions of its own; `begin` below does
        cursor = connection.cursor()
        for pragma in ("foreign_keys = ON", "synchronous = NORMAL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        options = connection.get_execution_options()
        if not options.get("tierwright_bare", False):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("tierwright_writes", False) else "BEGIN")

    return engine
