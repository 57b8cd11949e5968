"""One deadline around everything a step does: no wait without an end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Protocol


class Clock(Protocol):
    """Where time comes from, so that tests can set it."""

    def now(self) -> datetime:
        """The wall clock, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back; the event loop's own scale."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The wall clock, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back; the event loop's own scale."""
        return monotonic()


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on a clock's monotonic scale by which something must be done."""

    clock: Clock
    at: float

    @classmethod
    def after(cls, clock: Clock, seconds: float) -> Deadline:
        """A deadline this many seconds from now."""
        return cls(clock, clock.monotonic() + seconds)

    @property
    def remaining_seconds(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.at - self.clock.monotonic())

    @property
    def remaining_ms(self) -> float:
        """Milliseconds left, at least 1, because Playwright reads a timeout of 0 as none at all."""
        return max(1.0, self.remaining_seconds * 1000)

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return self.remaining_seconds <= 0

    def within(self, seconds: float) -> Deadline:
        """The earlier of this deadline and one this many seconds from now."""
        return Deadline(self.clock, min(self.at, self.clock.monotonic() + seconds))

    def earlier(self, seconds: float) -> Deadline:
        """A deadline this many seconds before this one: time kept for what comes after."""
        return Deadline(self.clock, self.at - seconds)

    def timeout(self) -> asyncio.Timeout:
        """An asyncio timeout that ends at this deadline and raises TimeoutError."""
        return asyncio.timeout(self.remaining_seconds)
