"""A claimed run's database waits for a database that is away while the lease lasts, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.server.rows import made

from tierwright.core.errors import MachineryError
from tierwright.store.database import Database
from tierwright.store.fence import ClaimLostError, FencedDatabase, fenced
from tierwright.store.tables import test_executions


@dataclass
class Held:
    """Says that the lease lasts, so many times; `asked` counts."""

    times: int = 1000
    asked: int = 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.asked <= self.times


@contextmanager
def away(database: Database, times: int) -> Iterator[None]:
    """The database refuses to begin, so many times."""
    left = [times]

    def refuse(_connection: object) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise OSError("the database went away")

    event.listen(database.engine.sync_engine, "begin", refuse)
    try:
        yield
    finally:
        event.remove(database.engine.sync_engine, "begin", refuse)


@pytest.fixture
async def claimed(database: Database) -> Callable[[Held], FencedDatabase]:
    async with database.write() as connection:
        await made(connection, test_executions, id="r1", status="running", claim_no=3)
    return lambda held: fenced(database, "r1", 3, held)


async def note(connection: AsyncConnection, worker: str) -> None:
    await connection.execute(update(test_executions).values(worker=worker))


async def worker_of(database: Database) -> str | None:
    async with database.read() as connection:
        found: str | None = await connection.scalar(select(test_executions.c.worker))
        return found


async def test_a_write_waits_for_a_database_that_is_away_while_the_lease_lasts(database: Database, claimed) -> None:
    held = Held()
    with away(database, 1):
        async with claimed(held).write() as connection:
            await note(connection, "w")
    assert (await worker_of(database), held.asked) == ("w", 1)


async def test_a_read_and_what_is_not_fenced_wait_too(database: Database, claimed) -> None:
    held = Held()
    with away(database, 1):
        assert await worker_of(claimed(held)) is None
    with away(database, 1):
        async with claimed(held).write_unfenced() as connection:
            await note(connection, "spent")
    assert (await worker_of(database), held.asked) == ("spent", 2)


async def test_nobody_waits_longer_than_the_lease(database: Database, claimed) -> None:
    for held in (Held(0), Held(1)):
        with away(database, 5), pytest.raises(MachineryError, match="went away"):
            async with claimed(held).write() as connection:
                await note(connection, "w")
    assert await worker_of(database) is None


async def test_a_lost_claim_is_not_waited_for(database: Database, claimed) -> None:
    held, mine = Held(), claimed
    async with database.write() as connection:
        await connection.execute(update(test_executions).values(claim_no=4))
    with pytest.raises(ClaimLostError):
        async with mine(held).write() as connection:
            await note(connection, "late")
    assert (await worker_of(database), held.asked) == (None, 0)


async def test_what_fails_inside_a_transaction_is_not_done_twice(database: Database, claimed) -> None:
    held, done = Held(), []

    async def broken() -> None:
        async with claimed(held).write() as connection:
            done.append("begun")
            await note(connection, "w")
            raise OSError("the disk went away")

    with pytest.raises(MachineryError):
        await broken()
    assert (await worker_of(database), done, held.asked) == (None, ["begun"], 0)
