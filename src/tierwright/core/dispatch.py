"""The dispatch token: one act a step, whoever acts (H-6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable


async def _nothing_to_stop() -> None:
    return None


class DispatchToken:
    """Taken once, right before an action is sent; after that no tier of the step may act.

    `stop_searches` is awaited when the token is taken, before the holder acts: every other search ends first.
    """

    def __init__(self, stop_searches: Callable[[], Awaitable[None]] = _nothing_to_stop) -> None:
        self._holder: str | None = None
        self._stop_searches = stop_searches

    @property
    def used(self) -> bool:
        """Whether somebody has the right to act, or acted."""
        return self._holder is not None

    @property
    def holder(self) -> str | None:
        """Who took it."""
        return self._holder

    async def take(self, holder: str) -> None:
        """Claim the right to act. Raises RuntimeError when it was taken before: that would be a second act."""
        if self._holder is not None:
            raise RuntimeError(f"{holder} may not act: {self._holder} already acted in this step")
        self._holder = holder
        await self._stop_searches()

    def give_back(self, holder: str) -> None:
        """Return the token because nothing was sent: the element went away, or became unusable, just before."""
        if self._holder != holder:
            raise RuntimeError(f"{holder} cannot give back a token that {self._holder} holds")
        self._holder = None
