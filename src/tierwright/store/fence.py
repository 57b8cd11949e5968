"""A database that a claimed run writes to: no transaction of it is committed once another worker holds the run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.errors import MachineryError
from tierwright.store.database import Database
from tierwright.store.sweep import RUNNING
from tierwright.store.tables import test_executions

RETRY_SECONDS = 0.5
"""How often a database that is away is asked again."""


def never() -> bool:
    """The patience of those who hold no lease."""
    return False


class ClaimLostError(MachineryError):
    """Another worker holds the run by now, or it has ended: nothing more may be written for it."""


@dataclass(frozen=True, slots=True)
class FencedDatabase(Database):
    """A database for one claim of one run. Every `write` raises ClaimLostError when the claim is not the newest.

    While `held` says that the lease lasts, a database that is away is waited for: nobody else can have the run.
    """

    run_id: str = ""
    claim_no: int = 0
    held: Callable[[], bool] = never

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection to read from, in one transaction."""
        async with AsyncExitStack() as stack:
            yield await self._begun(stack, lambda: Database.read(self))

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One writing transaction, in which the claim stands until it is committed."""
        async with AsyncExitStack() as stack:
            yield await self._begun(stack, self._checked)

    @asynccontextmanager
    async def write_unfenced(self) -> AsyncIterator[AsyncConnection]:
        """One writing transaction for what holds whoever has the run: money that was spent."""
        async with AsyncExitStack() as stack:
            yield await self._begun(stack, lambda: Database.write(self))

    async def _begun(
        self, stack: AsyncExitStack, begin: Callable[[], AbstractAsyncContextManager[AsyncConnection]]
    ) -> AsyncConnection:
        while True:
            try:
                return await stack.enter_async_context(begin())
            except ClaimLostError:
                raise
            except MachineryError:
                if not self.held():
                    raise
            await asyncio.sleep(RETRY_SECONDS)

    @asynccontextmanager
    async def _checked(self) -> AsyncIterator[AsyncConnection]:
        async with Database.write(self) as connection:
            await self._check(connection)
            yield connection

    async def _check(self, connection: AsyncConnection) -> None:
        runs = test_executions.c
        mine = (runs.id == self.run_id) & (runs.claim_no == self.claim_no) & (runs.status == RUNNING)
        # The lock lets the sweep wait for us and not overtake us; SQLite has one writer anyway.
        query = select(runs.id).where(mine).with_for_update(key_share=True)
        if (await connection.execute(query)).first() is None:
            raise ClaimLostError(f"the run {self.run_id} was taken from this worker")


def fenced(database: Database, run_id: str, claim_no: int, held: Callable[[], bool] = never) -> FencedDatabase:
    """The same database, for one claim of one run, waited for while the claim is held."""
    return FencedDatabase(
        database.engine,
        database.clock,
        database.shown,
        database._afterwards,
        run_id=run_id,
        claim_no=claim_no,
        held=held,
    )
