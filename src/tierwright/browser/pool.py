"""Keeps a browser warm for the next run, so that no run waits for one to start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tierwright.browser.launch import LaunchedBrowser, LaunchOptions
from tierwright.core.errors import MachineryError

ACQUIRE_SECONDS = 60.0

Attached = TypeVar("Attached")
Launcher = Callable[[LaunchOptions], Awaitable[LaunchedBrowser]]
WarmUp = Callable[[LaunchedBrowser], Awaitable[Attached]]


@dataclass(frozen=True, slots=True)
class WarmBrowser(Generic[Attached]):
    """A browser for one run, and what the warm-up attached to it before any page was loaded."""

    browser: LaunchedBrowser
    attached: Attached


@dataclass(slots=True)
class BrowserPool(Generic[Attached]):
    """Warm browsers keyed by launch options; each serves one run and is closed after it.

    `size` is how many runs may hold a browser at once, and how many browsers are kept warm besides; of those there is
    one for each set of options, and the one that waited longest goes when there are too many. `warm_up` is called
    with every browser before a page is loaded in it; what it raises reaches whoever acquires, and ends the browser.
    """

    launcher: Launcher
    size: int
    warm_up: WarmUp[Attached]
    _slots: asyncio.Semaphore = field(init=False)
    _warm: dict[LaunchOptions, asyncio.Task[WarmBrowser[Attached]]] = field(init=False, default_factory=dict)
    _lent: set[LaunchedBrowser] = field(init=False, default_factory=set)
    _endings: set[asyncio.Task[None]] = field(init=False, default_factory=set)
    _closed: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.size)

    @asynccontextmanager
    async def browser(
        self, options: LaunchOptions, *, more: bool = True, seconds: float = ACQUIRE_SECONDS
    ) -> AsyncIterator[WarmBrowser[Attached]]:
        """A browser for one run, closed afterwards; see `acquire`."""
        warm = await self.acquire(options, more=more, seconds=seconds)
        try:
            yield warm
        finally:
            await self.release(warm)

    async def acquire(
        self, options: LaunchOptions, *, more: bool = True, seconds: float = ACQUIRE_SECONDS
    ) -> WarmBrowser[Attached]:
        """A browser that no run has used. `more`: another run with these options will follow, so warm one for it.

        Raises MachineryError when none is ready in time or none can be started.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self._acquire(options, more)
        except TimeoutError as error:
            raise MachineryError(f"no browser was ready within {seconds:.0f} s") from error

    async def release(self, warm: WarmBrowser[Attached]) -> None:
        """End a browser that was acquired and let the next run have its place."""
        if warm.browser not in self._lent:
            return
        self._lent.discard(warm.browser)
        try:
            await warm.browser.close()
        finally:
            self._slots.release()

    def prepare(self, options: LaunchOptions) -> None:
        """Start to warm a browser for a run that is about to ask, unless one is warm already."""
        if self._closed or options in self._warm:
            return
        while len(self._warm) >= self.size:
            self._discard(self._warm.pop(next(iter(self._warm))))
        self._warm[options] = asyncio.create_task(self._start(options))

    async def close(self) -> None:
        """End every browser, warm, lent or just starting; none can be acquired any more."""
        self._closed = True
        for task in self._warm.values():
            self._discard(task)
        self._warm.clear()
        lent, self._lent = self._lent, set()
        await asyncio.gather(*self._endings, *(browser.close() for browser in lent))

    async def _acquire(self, options: LaunchOptions, more: bool) -> WarmBrowser[Attached]:
        if self._closed:
            raise MachineryError("the browsers were closed")
        await self._slots.acquire()
        try:
            warm = await self._next(options)
        except BaseException:
            self._slots.release()
            raise
        self._lent.add(warm.browser)
        if more:
            self.prepare(options)
        return warm

    async def _next(self, options: LaunchOptions) -> WarmBrowser[Attached]:
        """The warm browser of these options; one that died while it waited is replaced by a new one."""
        task = self._warm.pop(options, None)
        if task is None:
            return await self._start(options)
        try:
            warm = await asyncio.shield(task)
        except asyncio.CancelledError:
            self._discard(task)
            raise
        except MachineryError:
            return await self._start(options)
        if warm.browser.alive:
            return warm
        self._discard(task)
        return await self._start(options)

    async def _start(self, options: LaunchOptions) -> WarmBrowser[Attached]:
        browser = await self.launcher(options)
        try:
            return WarmBrowser(browser, await self.warm_up(browser))
        except BaseException:
            await browser.close()
            raise

    def _discard(self, task: asyncio.Task[WarmBrowser[Attached]]) -> None:
        """End the browser of a warming task in the background, whatever stage the task is in."""
        ending = asyncio.create_task(_end(task))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)


async def _end(task: asyncio.Task[WarmBrowser[Attached]]) -> None:
    if not task.done():
        task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and task.exception() is None:
        await task.result().browser.close()
