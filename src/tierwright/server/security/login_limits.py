"""How often a password may be guessed: waits that grow with the guesses, and end.

Nobody can lock somebody else out. Guesses count against the address they come from; those from everywhere count
against an address only once it has guessed wrong itself. So a right password from a fresh address works at once,
and any other after the longest window at the latest. The counts are rows, so that all servers of a database share them.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.server.problems import Problem
from tierwright.store.database import Database
from tierwright.store.platform_tables import login_guesses


@dataclass(frozen=True, slots=True)
class Window:
    """So many guesses in so many seconds."""

    guesses: int
    seconds: int


ONE_ADDRESS = (Window(5, 15), Window(10, 60), Window(20, 300))
"""Guesses at one user from one address."""
ALL_ADDRESSES = (Window(20, 30), Window(60, 300))
"""Guesses at one user from everywhere."""
_LOCK_CLASS = 7414


@dataclass(frozen=True, slots=True)
class LoginLimits:
    """Counts guesses in the database."""

    database: Database
    one_address: Sequence[Window] = ONE_ADDRESS
    all_addresses: Sequence[Window] = ALL_ADDRESSES

    async def admit(self, address: str, username: str) -> None:
        """Count one guess. Raises Problem (429, with Retry-After) for one too many, which is not counted."""
        here, everywhere = _here(address, username), _key("user", username)
        async with self.database.write() as connection:
            await self._one_guess_at_a_time(connection, everywhere)
            mine = await self._guesses(connection, here)
            waits = [*self._waits(self.one_address, mine)]
            if mine:
                waits += self._waits(self.all_addresses, await self._guesses(connection, everywhere))
            if waits:
                raise _too_many(max(waits))
            now = self.database.clock.now()
            await connection.execute(insert(login_guesses), [{"key": key, "at": now} for key in (here, everywhere)])

    async def forgive(self, address: str, username: str) -> None:
        """Forget the guesses from an address, after the right password came from it."""
        async with self.database.write() as connection:
            here = login_guesses.c.key == _here(address, username)
            await connection.execute(delete(login_guesses).where(here))

    async def _one_guess_at_a_time(self, connection: AsyncConnection, key: str) -> None:
        """Two servers must not both see the last guess that is left; SQLite has one writer anyway."""
        if not self.database.is_sqlite:
            lock = text("select pg_advisory_xact_lock(:class, hashtext(:key))")
            await connection.execute(lock, {"class": _LOCK_CLASS, "key": key})

    async def _guesses(self, connection: AsyncConnection, key: str) -> Sequence[datetime]:
        """When a key was guessed at, the newest first, as far back as any window looks."""
        guess = login_guesses.c
        windows = (*self.one_address, *self.all_addresses)
        since = self.database.clock.now() - timedelta(seconds=max(window.seconds for window in windows))
        query = select(guess.at).where(guess.key == key, guess.at > since).order_by(guess.at.desc())
        return (await connection.scalars(query.limit(max(window.guesses for window in windows)))).all()

    def _waits(self, windows: Sequence[Window], guesses: Sequence[datetime]) -> Iterator[float]:
        """Seconds until each window that is full has room again."""
        now = self.database.clock.now()
        for window in windows:
            if len(guesses) >= window.guesses:
                wait = (guesses[window.guesses - 1] - now).total_seconds() + window.seconds
                if wait > 0:
                    yield wait


async def forget_old_guesses(database: Database) -> None:
    """Delete the guesses that no window looks at any more. Raises MachineryError."""
    longest = max(window.seconds for window in (*ONE_ADDRESS, *ALL_ADDRESSES))
    before = database.clock.now() - timedelta(seconds=longest)
    async with database.read() as connection:
        old = await connection.scalar(select(func.count()).where(login_guesses.c.at <= before))
    if old:
        async with database.write() as connection:
            await connection.execute(delete(login_guesses).where(login_guesses.c.at <= before))


def _here(address: str, username: str) -> str:
    return _key("here", _network(address), username)


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()


def _network(address: str) -> str:
    """The address, and of IPv6 the network: whoever has one address there has 2^64 of them."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ipaddress.ip_network(f"{parsed}/64", strict=False))


def _too_many(wait_seconds: float) -> Problem:
    wait = max(1, math.ceil(wait_seconds))
    return Problem(
        429,
        "too_many_attempts",
        f"too many wrong passwords; try again in {wait} seconds",
        headers={"Retry-After": str(wait)},
    )
