"""How long the dashboard takes until a person can use it, in a browser that has nothing of it yet (bench/README.md).

usage: ./dev bench interface [--rounds N] [--markdown] [--browser PATH]

`tierwright serve` on a database of its own with a year of runs; each round is a new browser context, so that nothing is
cached. The interface has to be built: `./dev ui check` does it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from playwright.async_api import Browser, BrowserContext, async_playwright

from _analytics_rows import fill, forget_numbers, sign_in
from _measure import arguments, browser_path, heading, late, median, table
from api import Place, served
from tierwright.browser.find import is_root
from tierwright.core.deadline import SystemClock
from tierwright.server.access import SESSION_COOKIE
from tierwright.server.app import API, open_platform
from tierwright.store.rollups import refresh_rollups

ATTEMPTS = 100_000
USER = "bench"
DASHBOARD = "/p/p0/"
TARGET_MS = 2000.0
"""Until a click is answered, at the median, on a machine of two cores."""

_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening of the dashboard, in milliseconds: the first paint, a click that is answered, the last figure."""

    painted: float
    answered: float
    complete: float


async def session_of(place: Place) -> str:
    """Fill the database, and give the session of an administrator."""
    async with open_platform(place.settings, SystemClock()) as platform:
        await fill(platform.database, ATTEMPTS)
        await refresh_rollups(platform.database)
        await forget_numbers(platform.database)
        await sign_in(platform.database, "owner", "member", 0, platform.clock.now())
        return await sign_in(platform.database, USER, "admin", None, platform.clock.now())


async def open_once(context: BrowserContext, origin: str) -> Opened:
    """Open the dashboard and press the first thing that shows and answers: the menu of who is signed in."""
    page = await context.new_page()
    began = perf_counter()
    await page.goto(origin + DASHBOARD, wait_until="commit")
    await page.get_by_role("button", name=USER).click()
    await page.get_by_role("menu").wait_for()
    answered = perf_counter() - began
    await page.get_by_test_id("loading").first.wait_for(state="detached")
    complete = perf_counter() - began
    return Opened(await page.evaluate(_PAINTED), answered * 1000, complete * 1000)


async def open_anew(browser: Browser, origin: str, token: str) -> Opened:
    """One opening by a browser that has nothing of the interface, but is signed in."""
    context = await browser.new_context(reduced_motion="reduce")
    await context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": origin}])
    opened = await open_once(context, origin)
    await context.close()
    return opened


async def measure(chromium: Path, rounds: int) -> list[Opened]:
    """All rounds, after one that warms the server."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place("SQLite", Path(folder) / "state", None)
        token = await session_of(place)
        with served(place, "--workers", "0") as address:
            origin = address.removesuffix(API)
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=chromium, chromium_sandbox=not is_root())
                found = [await open_anew(browser, origin, token) for _ in range(rounds + 1)]
                await browser.close()
                return found[1:]


def rows_of(opened: Sequence[Opened]) -> list[list[str]]:
    """A row for each moment."""
    moments = {
        "first paint": [one.painted for one in opened],
        "a click is answered": [one.answered for one in opened],
        "all figures are there": [one.complete for one in opened],
    }
    reached = "reached" if median(moments["a click is answered"]) < TARGET_MS else "MISSED"
    targets = {"a click is answered": f"{TARGET_MS:.0f} ms: {reached}"}
    return [
        [name, f"{median(taken):.0f} ms", f"{late(taken):.0f} ms", targets.get(name, "")]
        for name, taken in moments.items()
    ]


def main() -> int:
    """Measure and print."""
    asked = arguments(__doc__, rounds=15)
    browser = browser_path(asked.browser)
    opened = asyncio.run(measure(browser, asked.rounds))
    facts = f"{asked.rounds} openings, {ATTEMPTS:,} attempts in the database"
    print(heading("Opening the dashboard", browser, facts, asked.markdown))
    print(table(["moment", "median", "95th percentile", "target"], rows_of(opened), asked.markdown))
    return 0


if __name__ == "__main__":
    sys.exit(main())
