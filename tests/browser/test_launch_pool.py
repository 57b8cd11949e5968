"""The warm pool: one browser a run, the next one ready, the dead ones replaced, none left."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Playwright

from tierwright.browser import reaper
from tierwright.browser.launch import LaunchedBrowser, LaunchOptions, launch
from tierwright.browser.pool import BrowserPool
from tierwright.core.errors import MachineryError

pytestmark = pytest.mark.browser


class Launches:
    """Launches for real and remembers what it launched."""

    def __init__(self, playwright: Playwright) -> None:
        self.playwright = playwright
        self.all: list[LaunchedBrowser] = []

    async def __call__(self, options: LaunchOptions) -> LaunchedBrowser:
        browser = await launch(self.playwright, options)
        self.all.append(browser)
        return browser


async def title_page(browser: LaunchedBrowser) -> str:
    """A warm-up whose effect can be seen: it sees a browser that has loaded nothing."""
    return f"warmed at {browser.page.url}"


@pytest.fixture
def launches(playwright: Playwright) -> Launches:
    return Launches(playwright)


@pytest.fixture
def options(chromium_path: Path) -> LaunchOptions:
    return LaunchOptions(executable=chromium_path, stagehand=False)


@pytest_asyncio.fixture
async def pool(launches: Launches):
    pool = BrowserPool(launches, 1, title_page)
    yield pool
    await pool.close()
    for browser in launches.all:
        assert reaper.processes_of(str(browser.profile)) == []
        assert not browser.profile.exists()


async def warmed(pool: BrowserPool[str], options: LaunchOptions) -> LaunchedBrowser:
    return (await pool._warm[options]).browser


@pytest.mark.serial
async def test_every_run_has_a_new_browser_and_the_next_is_warm(pool, launches, options):
    async with pool.browser(options) as first:
        assert first.attached == "warmed at about:blank"
        waiting = await warmed(pool, options)
    started = time.monotonic()
    async with pool.browser(options, more=False) as second:
        assert time.monotonic() - started < 0.1
        assert second.browser is waiting
        assert second.browser.profile != first.browser.profile
    assert not first.browser.alive
    assert len(launches.all) == 2


async def test_other_options_have_another_browser(pool, options, chromium_path):
    german = LaunchOptions(executable=chromium_path, stagehand=False, locale="de")
    pool.prepare(options)
    async with pool.browser(german, more=False) as warm:
        assert await warm.browser.page.evaluate("navigator.language") == "de"


async def test_no_more_browsers_than_the_size_are_kept_warm(pool, launches, options, chromium_path):
    for locale in ("de", "fr"):
        pool.prepare(LaunchOptions(executable=chromium_path, stagehand=False, locale=locale))
    pool.prepare(options)
    await warmed(pool, options)
    await asyncio.gather(*pool._endings)
    assert [b.options.locale for b in launches.all if b.alive] == [None]


async def test_a_warm_browser_that_died_is_replaced(pool, launches, options):
    pool.prepare(options)
    dead = await warmed(pool, options)
    await dead.context.close()
    async with pool.browser(options, more=False) as warm:
        assert warm.browser is not dead
        assert warm.browser.alive
    assert len(launches.all) == 2


async def test_no_more_runs_than_the_size_hold_a_browser(pool, options):
    async with pool.browser(options, more=False):
        with pytest.raises(MachineryError, match="within 0 s"):
            await pool.acquire(options, more=False, seconds=0.3)
    async with pool.browser(options, more=False) as after:
        assert after.browser.alive


async def test_a_warm_up_that_fails_ends_its_browser_and_the_error_is_told(launches, options):
    async def refuse(browser: LaunchedBrowser) -> None:
        raise MachineryError("cannot attach")

    pool = BrowserPool(launches, 1, refuse)
    with pytest.raises(MachineryError, match="cannot attach"):
        await pool.acquire(options)
    assert [b.alive for b in launches.all] == [False]
    await pool.close()


async def test_closing_ends_what_is_lent_warm_and_starting(pool, launches, options, chromium_path):
    lent = await pool.acquire(options)
    await warmed(pool, options)
    pool.prepare(LaunchOptions(executable=chromium_path, stagehand=False, locale="fr"))
    await asyncio.sleep(0.2)
    await pool.close()
    assert not lent.browser.alive
    await pool.release(lent)
    with pytest.raises(MachineryError, match="closed"):
        await pool.acquire(options)


async def test_a_cancelled_acquire_gives_its_place_back(pool, options):
    waiting = asyncio.create_task(pool.acquire(options, more=False))
    await asyncio.sleep(0.1)
    waiting.cancel()
    await asyncio.wait([waiting])
    async with pool.browser(options, more=False) as warm:
        assert warm.browser.alive
