"""When a page has settled, without sleeping and without waiting for network idle (healing.md, H-8)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Error, Frame, Page, Request

from tierwright.core.deadline import Clock, Deadline, SystemClock
from tierwright.page.inject import ask

FORCED_AFTER_SECONDS = 5.0
QUIET_MS = 100.0
_COUNTED = frozenset({"fetch", "xhr"})
_BURST_SECONDS = 0.05
_LONG_NUMBER = re.compile(r"\d{6,}")


@dataclass(frozen=True, slots=True)
class Settled:
    """How the wait ended. `forced`: it was given up, and `why` says what was still going on."""

    forced: bool
    waited_ms: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Flight:
    """A request under way: what it asks, and the action or navigation it began after."""

    address: str
    epoch: int
    navigates: bool


class PageActivity:
    """What a page has under way on the network, told by Playwright's events; attach it when the page opens."""

    def __init__(self, page: Page, clock: Clock = SystemClock()) -> None:
        self._clock = clock
        self._epoch = 0
        self._flights: dict[Request, _Flight] = {}
        self._begun: dict[str, list[float]] = {}
        self._polling: set[str] = set()
        self._navigating = False
        self._last_event = 0.0
        self._changed = asyncio.Event()
        self._main = page.main_frame
        page.on("request", self._on_request)
        page.on("requestfinished", self._on_end)
        page.on("requestfailed", self._on_end)
        page.on("framenavigated", self._on_navigated)

    def mark_action(self) -> None:
        """An action is being sent: only requests that begin from now on count."""
        self._begin_epoch()

    @property
    def busy_with(self) -> str:
        """The request that is waited for, or "". Pollers and what began before the last action do not count."""
        for flight in self._flights.values():
            if flight.epoch == self._epoch and (flight.navigates or flight.address not in self._polling):
                return f"waiting for {flight.address}"
        return ""

    @property
    def quiet_ms(self) -> float:
        """Milliseconds since a counted request ended, an action was sent, or a document was opened."""
        return (self._clock.monotonic() - self._last_event) * 1000

    async def wait_idle(self, deadline: Deadline) -> bool:
        """Wait until nothing counted is under way; False when the deadline came first."""
        while self.busy_with:
            if not await self.wait_for_event(deadline):
                return False
        return True

    async def wait_for_event(self, deadline: Deadline) -> bool:
        """Wait for the next request to begin or end, or a navigation; False when the deadline came first."""
        try:
            async with deadline.timeout():
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def _on_request(self, request: Request) -> None:
        navigates = request.is_navigation_request()
        if not navigates and request.resource_type not in _COUNTED:
            return
        if navigates and _is_main(request, self._main):
            self._navigating = True
        flight = _Flight(_address(request), self._epoch, navigates)
        self._note_polling(flight)
        self._flights[request] = flight
        self._wake()

    def _note_polling(self, flight: _Flight) -> None:
        """The same question asked again and again without an action between is polling."""
        times = self._begun.setdefault(flight.address, [])
        if not times or self._clock.monotonic() - times[-1] > _BURST_SECONDS:
            times.append(self._clock.monotonic())
        if len(times) > 2:
            self._polling.add(flight.address)

    def _on_end(self, request: Request) -> None:
        flight = self._flights.pop(request, None)
        if flight is None:
            return
        if flight.address not in self._polling:
            self._last_event = self._clock.monotonic()
        self._wake()

    def _on_navigated(self, frame: Frame) -> None:
        if frame is self._main and self._navigating:
            self._navigating = False
            self._polling.clear()
            self._begin_epoch()
            self._flights = {
                r: _Flight(f.address, self._epoch, navigates=True) for r, f in self._flights.items() if f.navigates
            }
        self._wake()

    def _begin_epoch(self) -> None:
        self._epoch += 1
        self._begun.clear()
        self._last_event = self._clock.monotonic()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _is_main(request: Request, main: Frame) -> bool:
    try:
        return request.frame is main
    except Error:  # Playwright has no frame yet for a navigation that opens the page
        return True


def _address(request: Request) -> str:
    """What a request asks: method, address without counters and time stamps, and the body it sends."""
    body = request.post_data_buffer
    url = _LONG_NUMBER.sub("…", request.url)
    return f"{request.method} {url}" + (f" #{hash(body) & 0xFFFF:x}" if body else "")


async def wait_settled(activity: PageActivity, page: Page, deadline: Deadline) -> Settled:
    """Wait until document, DOM, busy indicators and requests are at rest; forced after 5 s or at the deadline."""
    clock = deadline.clock
    started = clock.monotonic()
    limit = deadline.within(FORCED_AFTER_SECONDS)
    why = _SILENT
    while not limit.passed and not page.is_closed():
        await activity.wait_idle(limit)
        seen = activity.busy_with or await _restless(page, activity.quiet_ms, limit)
        why = why if seen == _SILENT and limit.passed else seen
        if not why and not activity.busy_with:
            return Settled(forced=False, waited_ms=(clock.monotonic() - started) * 1000)
        if why.startswith(_AWAY):
            await activity.wait_for_event(limit.within(QUIET_MS / 1000))
    return Settled(forced=True, waited_ms=(clock.monotonic() - started) * 1000, why=why or "a request began")


_AWAY = "the page is navigating"
_SILENT = "a frame did not answer"


async def _restless(page: Page, quiet_ms: float, limit: Deadline) -> str:
    """Why the frames of a page are not at rest by the limit; "" when they all are."""
    timeout_ms = max(1.0, limit.remaining_ms * 0.9)  # the rest is for the answer's way back
    wanted = {"quietMs": QUIET_MS, "sinceMs": quiet_ms, "timeoutMs": timeout_ms}
    asked = [asyncio.ensure_future(_ask_quiet(page, frame, wanted)) for frame in page.frames]
    answers = await _results(asked, limit)
    if len(answers) < len(asked):
        return _SILENT
    return next((why for why in answers if why), "")


async def _ask_quiet(page: Page, frame: Frame, wanted: dict[str, float]) -> str:
    try:
        why: str = await ask(frame, "tw.whenQuiet(arg)", wanted)
    except Error:
        return _AWAY if frame is page.main_frame else ""
    return why


async def wait_for_change(page: Page, deadline: Deadline) -> bool:
    """Wait for a DOM change or a navigation in any frame since the last probe there; False when the deadline came."""
    navigated = asyncio.get_running_loop().create_future()

    def on_navigated(_: Frame) -> None:
        if not navigated.done():
            navigated.set_result(True)

    page.on("framenavigated", on_navigated)
    waits = [asyncio.ensure_future(_ask_changed(frame, deadline)) for frame in page.frames]
    try:
        return await _first_true([navigated, *waits], deadline)
    finally:
        page.remove_listener("framenavigated", on_navigated)
        for wait in (navigated, *waits):
            wait.cancel()


async def _ask_changed(frame: Frame, deadline: Deadline) -> bool:
    try:
        changed: bool = await ask(frame, "tw.whenChanged(arg)", {"timeoutMs": deadline.remaining_ms})
    except Error:
        return not frame.is_detached()
    return changed


async def _first_true(futures: Iterable[asyncio.Future[bool]], deadline: Deadline) -> bool:
    pending = set(futures)
    while pending:
        done, pending = await asyncio.wait(
            pending, timeout=deadline.remaining_seconds, return_when=asyncio.FIRST_COMPLETED
        )
        if any(future.result() for future in done):
            return True
        if not done:
            return False
    return False


async def _results(tasks: list[asyncio.Task[str]], limit: Deadline) -> list[Any]:
    """What the tasks said by the limit; those that did not answer are cancelled and left out."""
    try:
        done, _ = await asyncio.wait(tasks, timeout=limit.remaining_seconds)
        return [task.result() for task in done]
    finally:
        for task in tasks:
            task.cancel()
