"""The workers of one process: each claims a run, makes it while it holds the lease, and looks for the next."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.cancel import CancelToken, heed_cancellation
from tierwright.core.errors import MachineryError, TierwrightError
from tierwright.core.events import Event, RunFinished, StepStarted, TierStarted
from tierwright.core.ports import Listener
from tierwright.core.results import RunResult, RunStatus, TryResult
from tierwright.core.steps import TestCase
from tierwright.store.database import KEPT_CONNECTIONS, Database
from tierwright.store.fence import RETRY_SECONDS, FencedDatabase, fenced
from tierwright.store.recorder import RunRecorder
from tierwright.worker.claims import Claim, claim_again, claim_next, give_back, renew, sweep_leases
from tierwright.worker.one_run import OneRun
from tierwright.worker.opening import OpenedRun, Opener, Unopened, settings_from_json
from tierwright.worker.queue import Queue
from tierwright.worker.signals import Signals, cancel_of, events_of, woken

_logger = logging.getLogger(__name__)

LEASE_SECONDS = 15.0
"""How long a run is held without news. A dead worker's run is found after this and one sweep, in 20 s."""

GRACE_SECONDS = 30.0
"""How long a worker that is to stop lets its runs finish before it gives them back."""

_RENEWALS_A_LEASE = 3


def connections_of_worker(places: int) -> int:
    """How many idle connections a process of so many places keeps, besides the two by which it is told of things."""
    return min(KEPT_CONNECTIONS, max(1, places // 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetOptions:
    """How many runs a process makes at a time, and how long it may be silent or slow to stop."""

    places: int = 1
    lease_seconds: float = LEASE_SECONDS
    grace_seconds: float = GRACE_SECONDS
    watching: Listener | None = None


class _Cause(StrEnum):
    """Why a run was cancelled."""

    ASKED = "asked"
    LOST = "lost"
    STOPPING = "stopping"


class Fleet:
    """The places of one process, in which runs are made."""

    def __init__(
        self, database: Database, signals: Signals, queue: Queue, opener: Opener, options: FleetOptions
    ) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self._database = database
        self._signals = signals
        self._queue = queue
        self._opener = opener
        self._options = options
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: dict[str, _HeldRun] = {}
        self._claiming = asyncio.Lock()
        self._doubt_until = 0.0

    @property
    def running(self) -> tuple[str, ...]:
        """The runs that are being made."""
        return tuple(self._held)

    async def serve(self) -> None:
        """Make runs until cancelled; then let those under way finish, or give them back."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._queue.serve(self.look_for_work, self._options.places, self.name))
                group.create_task(self._sweep_for_ever())
        finally:
            await self._drain()

    async def look_for_work(self) -> None:
        """Make runs in a free place until none can be claimed; returns at once when no place is free.

        A run goes on when this call is cancelled: only `serve` ends runs.
        """
        if self._stopping or len(self._tasks) >= self._options.places:
            return
        task = asyncio.create_task(self._work_off())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.shield(task)

    async def _work_off(self) -> None:
        while not self._stopping:
            held = await self._take()
            if held is None:
                return
            try:
                await held.make()
            finally:
                del self._held[held.claim.run_id]

    async def _take(self) -> _HeldRun | None:
        # One at a time: then what is claimed in our name and not held can only be a claim whose answer was lost.
        async with self._claiming:
            claim = await self._claim()
            if claim is None:
                return None
            held = _HeldRun(claim, self._database, self._signals, self._queue, self._opener, self._options)
            self._held[claim.run_id] = held
            return held

    async def _claim(self) -> Claim | None:
        """A run to make, first of all one that a lost answer kept from us."""
        name, lease = self.name, self._options.lease_seconds
        try:
            found = _seconds() < self._doubt_until and await claim_again(self._database, name, lease, self.running)
            return found or await claim_next(self._database, name, lease)
        except MachineryError:
            self._doubt_until = _seconds() + lease  # for as long as a claim that we do not know of may hold
            raise

    async def _sweep_for_ever(self) -> None:
        pause = self._options.lease_seconds / _RENEWALS_A_LEASE
        while True:
            try:
                await sweep_leases(self._database, self._signals, self._queue, self.running)
                await self._queue.tidy()
            except MachineryError as error:
                heed_cancellation()
                _logger.warning("leases could not be swept: %s", error)
            await asyncio.sleep(pause)

    async def _drain(self) -> None:
        self._stopping = True
        tasks = list(self._tasks)
        if not tasks:
            return
        await asyncio.wait(tasks, timeout=self._options.grace_seconds)
        for held in list(self._held.values()):
            held.end(_Cause.STOPPING)
        await asyncio.wait(tasks)


@asynccontextmanager
async def running_fleet(
    database: Database, signals: Signals, queue: Queue, opener: Opener, options: FleetOptions
) -> AsyncIterator[Fleet]:
    """A fleet that makes runs while this is open, and drains at the end."""
    fleet = Fleet(database, signals, queue, opener, options)
    serving = asyncio.create_task(fleet.serve(), name="tierwright-fleet")
    serving.add_done_callback(_tell_of_a_bug)
    try:
        yield fleet
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


def _tell_of_a_bug(serving: asyncio.Task[None]) -> None:
    if not serving.cancelled() and serving.exception():
        _logger.critical("the workers of this process ended by a bug", exc_info=serving.exception())


@dataclass(slots=True)
class _HeldRun:
    """One claimed run, from its opening to its end, and the lease that is renewed meanwhile."""

    claim: Claim
    database: Database
    signals: Signals
    queue: Queue
    opener: Opener
    options: FleetOptions
    cancel: CancelToken = field(default_factory=CancelToken)
    cause: _Cause | None = None
    held_until: float = 0.0

    def end(self, cause: _Cause) -> None:
        """Cancel whatever the run is doing; the first cause stands, but a lost claim comes before all."""
        if self.cause is None or cause is _Cause.LOST:
            self.cause = cause
        self.cancel.cancel()

    async def make(self) -> None:
        """Make the run and write down how it ended, unless the claim was lost."""
        self.held_until = self.claim.asked_at + self.options.lease_seconds
        keeping = asyncio.create_task(self._keep(), name="tierwright-lease")
        # A task of its own: a cancellation must not linger in the task that makes the next run.
        making = asyncio.create_task(self._make(), name=f"tierwright-run-{self.claim.run_id}")
        try:
            await asyncio.wait([making])
            making.result()
        except (TierwrightError, asyncio.CancelledError) as error:
            _logger.warning("the run %s was not finished here: %s", self.claim.run_id, error or self.cause)
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])

    async def _make(self) -> None:
        database = fenced(self.database, self.claim.run_id, self.claim.claim_no, self.is_held)
        recorder = RunRecorder(
            database, tell=self._tell_watchers, on_broken=lambda _: self.end(_Cause.LOST), held=self.is_held
        )
        try:
            result = await self._result(database, recorder)
            if self.cause is _Cause.STOPPING and result.status is RunStatus.CANCELLED:
                await recorder.close()
                await give_back(database, self.claim, self.queue)
            elif self.cause is not _Cause.LOST:
                await _WhileHeld(self, recorder).on_event(RunFinished(result))
        finally:
            await recorder.close()

    async def _tell_watchers(self, connection: AsyncConnection, run_id: str) -> None:
        await self.signals.tell(connection, events_of(run_id))

    async def _result(self, database: FencedDatabase, recorder: RunRecorder) -> RunResult:
        async with AsyncExitStack() as stack:
            opened = await self._opened(database, stack)
            recorder.mask_run(self.claim.run_id, opened.mask)
            listener = _WhileHeld(self, recorder)

            async def run_try(ordinal: int) -> TryResult:
                return await opened.run_try(ordinal, listener, self.cancel)

            run = OneRun(
                run_id=self.claim.run_id,
                test=opened.test,
                example=self.claim.example,
                settings=settings_from_json(self.claim.settings),
                model=opened.model,
                project=self.claim.project,
                retries=opened.retries,
                clock=self.database.clock,
                listener=listener,
                cancel=self.cancel,
                mask=opened.mask,
                run_try=run_try,
                first_ordinal=self.claim.first_ordinal,
            )
            return await run.run()

    async def _opened(self, database: FencedDatabase, stack: AsyncExitStack) -> OpenedRun:
        why: Exception = TierwrightError("cancelled before it began")
        try:
            with self.cancel.scope():
                return await stack.enter_async_context(self.opener.open(self.claim, database))
        except TierwrightError as error:
            why = error
        except asyncio.CancelledError:
            if not self.cancel.cancelled:
                raise
        return Unopened(TestCase(name=self.claim.test_name), self.claim.model, why)

    # --- the lease ------------------------------------------------------------------------------------------

    async def _keep(self) -> None:
        pause = self.options.lease_seconds / _RENEWALS_A_LEASE
        with self.signals.here.subscribed(cancel_of(self.claim.run_id)) as asked:
            answered = True
            while self.cause is not _Cause.LOST:
                await woken(asked, pause if answered else min(pause, RETRY_SECONDS))
                answered = await self._renew()

    async def _renew(self) -> bool:
        """Whether the database answered."""
        asked_at = _seconds()
        try:
            async with asyncio.timeout_at(max(self.held_until, asked_at)):
                answer = await renew(self.database, self.claim, self.options.lease_seconds)
        except (MachineryError, TimeoutError):
            heed_cancellation()
            self.check_lease()
            return False
        if answer == "lost":
            self.end(_Cause.LOST)
        else:
            self.held_until = asked_at + self.options.lease_seconds
        if answer == "cancel" and self.cause is None:
            self.end(_Cause.ASKED)
        return True

    def is_held(self) -> bool:
        """Whether no other worker can have the run, by our own clock."""
        return self.cause is not _Cause.LOST and _seconds() <= self.held_until

    def check_lease(self) -> None:
        """End the run when its lease ran out by our own clock: another worker may have it."""
        if not self.is_held():
            self.end(_Cause.LOST)


@dataclass(frozen=True, slots=True)
class _WhileHeld:
    """Passes events on; whoever slept through the lease stops before the next step or tier acts."""

    held: _HeldRun
    recorder: RunRecorder

    async def on_event(self, event: Event) -> None:
        if isinstance(event, StepStarted | TierStarted):
            self.held.check_lease()
        if self.held.cause is _Cause.LOST:
            await asyncio.sleep(0)  # here the cancellation strikes, and not after the next thing was sent to the page
        await self.recorder.on_event(event)
        if self.held.options.watching:
            await self.held.options.watching.on_event(event)


def _seconds() -> float:
    """The event loop's clock, which no one sets."""
    return asyncio.get_running_loop().time()
