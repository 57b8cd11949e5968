"""A cancel token: it reaches into every await of the run that entered its scope."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class CancelToken:
    """Cancels what runs in its scopes, and whatever enters one later."""

    def __init__(self) -> None:
        self.cancelled = False
        self._tasks: set[asyncio.Task[object]] = set()

    def cancel(self) -> None:
        """Stop everything in scope at its next (or present) await. May be called from a signal handler of the loop."""
        self.cancelled = True
        for task in self._tasks:
            task.cancel()

    @contextmanager
    def scope(self) -> Iterator[None]:
        """The code that this token may cancel. Raises CancelledError at once when it was cancelled before."""
        task = asyncio.current_task()
        if self.cancelled or task is None:
            raise asyncio.CancelledError
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)


def heed_cancellation() -> None:
    """Raises CancelledError in a task that is being cancelled and caught another error instead: none comes again."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
