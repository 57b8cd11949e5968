"""Heavy requests come one after the other: each takes a processor for seconds, and others want to be answered too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tierwright.server.problems import Problem

WAIT_SECONDS = 30.0
"""How long a request waits for its turn at most."""


@dataclass(frozen=True, slots=True)
class Turns:
    """A queue of one for what takes long."""

    wait_seconds: float = WAIT_SECONDS
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for the turn, and have it. Raises Problem (503, with Retry-After) when it does not come."""
        try:
            async with asyncio.timeout(self.wait_seconds):
                await self._lock.acquire()
        except TimeoutError:
            words = "others are importing tests; try again in a moment"
            raise Problem(503, "busy", words, headers={"Retry-After": "5"}) from None
        try:
            yield
        finally:
            self._lock.release()
