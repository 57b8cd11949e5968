"""How long a page is looked at, read and ranked: probe, snapshot, ranker (bench/README.md).

usage: ./dev bench reading [--rounds N] [--markdown] [--browser PATH]
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter, process_time

from playwright.async_api import Page, async_playwright

from _measure import arguments, browser_path, heading, median, table
from tierwright.browser.find import is_root
from tierwright.core.deadline import Deadline, SystemClock
from tierwright.core.identity import Query
from tierwright.core.steps import Action
from tierwright.models.local import LocalRanker
from tierwright.page.inject import install
from tierwright.page.probe import probe
from tierwright.page.snapshot import LiveSnapshot, take_snapshot

CARD = (
    "<li class=item><h3>Mug {0}</h3><p>Price <b>5</b></p><div><a href='/p/{0}'>View</a><button>Add</button></div></li>"
)
SIZES = {"about 1,500 elements": 210, "about 20,000 elements": 2_850}
TARGETS_MS = {"about 1,500 elements": 50.0, "about 20,000 elements": 300.0}
"""What reading and ranking together may take at the median, in milliseconds of our own time."""


async def seconds_of(call: Callable[[], Awaitable[object]]) -> float:
    """The wall time of one awaited call."""
    began = perf_counter()
    await call()
    return perf_counter() - began


async def snapshot_of(page: Page) -> LiveSnapshot:
    """Everything on the page."""
    limit = Deadline.after(SystemClock(), 30)
    return await take_snapshot(page, unexpand=str, page_path="/", frame_path=None, deadline=limit)


def ranked_seconds(live: LiveSnapshot) -> float:
    """The processor time of one ranking."""
    middle = live.snapshot.candidates[len(live.snapshot.candidates) // 2].fingerprint
    began = process_time()
    LocalRanker().rank(Query(action=Action.CLICK, baseline=middle, selector="#view"), live.snapshot)
    return process_time() - began


async def figures(page: Page, rounds: int) -> list[str]:
    """One row: how many candidates, and the medians."""
    times: dict[str, list[float]] = {"bare": [], "probe": [], "snapshot": [], "rank": []}
    live = await snapshot_of(page)
    for _ in range(rounds):
        times["bare"].append(await seconds_of(lambda: page.locator("#x").evaluate_all("els => els.length")))
        times["probe"].append(await seconds_of(lambda: probe(page.main_frame, "#x", unexpand=str)))
        times["snapshot"].append(await seconds_of(lambda: snapshot_of(page)))
        times["rank"].append(ranked_seconds(live))
    return [str(len(live.snapshot.candidates)), *(f"{median(found) * 1000:.1f}" for found in times.values())]


async def measure(browser: Path, rounds: int) -> list[list[str]]:
    """A row for each size of page."""
    rows = []
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser, chromium_sandbox=not is_root())
        for size, cards in SIZES.items():
            context = await chromium.new_context()
            await install(context)
            page = await context.new_page()
            listed = "".join(CARD.format(number) for number in range(cards))
            await page.set_content(f"<main><ul>{listed}</ul><button id=x>Go</button></main>")
            row = await figures(page, rounds)
            own = float(row[-2]) + float(row[-1])
            reached = "reached" if own < TARGETS_MS[size] else "MISSED"
            rows.append([size, *row, f"{own:.1f}", f"{TARGETS_MS[size]:.0f}: {reached}"])
            await context.close()
        await chromium.close()
    return rows


def main() -> int:
    """Measure and print."""
    asked = arguments(__doc__, rounds=15)
    browser = browser_path(asked.browser)
    rows = asyncio.run(measure(browser, asked.rounds))
    facts = f"medians of {asked.rounds} rounds, ms; ranking in processor time"
    print(heading("Reading and ranking a page", browser, facts, asked.markdown))
    head = ["page", "candidates", "bare call", "probe", "snapshot", "rank", "both", "target"]
    print(table(head, rows, asked.markdown))
    return 0


if __name__ == "__main__":
    sys.exit(main())
