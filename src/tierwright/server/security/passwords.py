"""Password hashes: Argon2id, made and checked in threads, and what a password must be like."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST = 8
LONGEST = 256
HASHES_AT_ONCE = 2
"""Each takes a core and 64 MB for a moment: a crowd at the login waits in a queue and not in the machine's memory."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a password is right, and the hash to store instead where the stored one is of an older kind."""

    right: bool
    renewed: str | None = None


class Passwords:
    """Makes and checks hashes without holding up the event loop."""

    def __init__(self, hasher: Argon2Hasher | None = None) -> None:
        self._hash = PasswordHash((hasher or Argon2Hasher(),))
        self._turn = asyncio.Semaphore(HASHES_AT_ONCE)
        self._nobodys = cache(lambda: self._hash.hash("nobody has this password"))

    async def hashed(self, password: str) -> str:
        """The hash to store. It takes long: call it before a transaction opens."""
        return await self._in_turn(lambda: self._hash.hash(password))

    async def check(self, password: str, stored: str | None) -> Checked:
        """Hold a password against a stored hash; where there is none, it takes as long and is wrong."""
        return await self._in_turn(lambda: self._check(password, stored))

    async def _in_turn(self, work: Callable[[], _Answer]) -> _Answer:
        async with self._turn:
            return await asyncio.to_thread(work)

    def _check(self, password: str, stored: str | None) -> Checked:
        try:
            right, renewed = self._hash.verify_and_update(password, self._nobodys() if stored is None else stored)
        except UnknownHashError:
            return self._check(password, None)
        return Checked(right and stored is not None, renewed)


def password_fault(username: str, password: str) -> str | None:
    """What is wrong with a new password, in words; None for a good one."""
    if len(password) < SHORTEST:
        return f"a password has at least {SHORTEST} characters"
    if len(password) > LONGEST:
        return f"a password has at most {LONGEST} characters"
    if password.casefold().strip() == username.casefold():
        return "a password is not the user name"
    if len(set(password)) == 1:
        return "a password is not one character again and again"
    return None
