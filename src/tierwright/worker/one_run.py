"""One run with all its tries: red ones again, one more after the machinery broke, an honest end however it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tierwright.core.cancel import CancelToken
from tierwright.core.deadline import Clock
from tierwright.core.errors import TierwrightError, UsageError
from tierwright.core.events import RunStarted, TryFinished
from tierwright.core.ports import Listener
from tierwright.core.results import ErrorKind, Failure, RunResult, RunStatus, TryResult
from tierwright.core.settings import ExecutionSettings
from tierwright.core.steps import TestCase

_logger = logging.getLogger(__name__)

CRASH_RETRIES = 1
"""How often a run whose browser died is tried again; both tries stay on record (table of kinds, `crashed`)."""

Mask = Callable[[str], str]
RunTry = Callable[[int], Awaitable[TryResult]]
"""Makes the try with this ordinal."""


@dataclass(slots=True, kw_only=True)
class OneRun:
    """One run that is about to be made. `first_ordinal` is not 1 where another worker tried before.

    It becomes `hopeless` by what another try would not change: a secret that is missing, a model that nobody knows.
    """

    run_id: str
    test: TestCase
    example: Mapping[str, str] | None
    settings: ExecutionSettings
    model: str
    project: str
    retries: int
    clock: Clock
    listener: Listener
    cancel: CancelToken
    mask: Mask
    run_try: RunTry
    first_ordinal: int = 1
    tries: list[TryResult] = field(default_factory=list)
    hopeless: bool = False

    async def start(self) -> datetime:
        """Tell that it begins; returns when."""
        started_at = self.clock.now()
        await self.listener.on_event(
            RunStarted(self.run_id, self.test, self.example, self.settings, self.model, self.project, started_at)
        )
        return started_at

    async def run(self) -> RunResult:
        """Make the tries; the caller tells that it has ended."""
        started_at = await self.start()
        try:
            await self._all_tries()
        except asyncio.CancelledError:
            if not self.cancel.cancelled:
                raise
        return self.result(started_at)

    def result(self, started_at: datetime) -> RunResult:
        """What became of it; without a try it was cancelled."""
        return RunResult(
            run_id=self.run_id,
            test=self.test,
            status=run_status(self.tries),
            started_at=started_at,
            tries=tuple(self.tries),
            strategy=self.settings.fallback_strategy,
            model=self.model,
            example=self.example,
            error=self.tries[-1].error if self.tries else None,
        )

    async def _all_tries(self) -> None:
        crashes = 0
        while True:
            self.tries.append(await self._try(self.first_ordinal + len(self.tries)))
            last = self.tries[-1].status
            if self.hopeless:
                return
            if last is RunStatus.ERROR and crashes < CRASH_RETRIES:
                crashes += 1
            elif last not in (RunStatus.FAILED, RunStatus.ERROR) or len(self.tries) - crashes > self.retries:
                return

    async def _try(self, ordinal: int) -> TryResult:
        started_at, started = self.clock.now(), self.clock.monotonic()
        try:
            return await self.run_try(ordinal)
        except Exception as error:  # the outermost loop: a bug ends one run as `error`, not the command
            self.hopeless = isinstance(error, UsageError)
            if not isinstance(error, TierwrightError):
                _logger.exception("a run ended by a bug")
            broken = TryResult(
                status=RunStatus.ERROR,
                started_at=started_at,
                duration_ms=(self.clock.monotonic() - started) * 1000,
                error=Failure(ErrorKind.CRASHED, self.mask(words_of(error))),
            )
        # Told here: whoever made the try did not come to say how it ended, and every try is on record.
        await self.listener.on_event(TryFinished(self.run_id, ordinal, broken))
        return broken


def words_of(error: Exception) -> str:
    """What an error that ended a try is called in results."""
    return str(error) if isinstance(error, TierwrightError) else f"a bug of Tierwright: {type(error).__name__}: {error}"


def run_status(tries: Sequence[TryResult]) -> RunStatus:
    """How a run ended (H-4): passed after a try that failed is flaky; without a try it was cancelled.

    A try that the machinery broke says nothing of the test: passed after it is passed.
    """
    if not tries:
        return RunStatus.CANCELLED
    last = tries[-1].status
    failed_before = any(t.status is RunStatus.FAILED for t in tries)
    return RunStatus.FLAKY if last.green and failed_before else last
