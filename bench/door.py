"""What Stagehand takes in one browser: connect, observe, act, close, without a model (bench/README.md).

usage: ./dev bench door [--rounds N] [--markdown] [--browser PATH]
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from playwright.async_api import Playwright

from _measure import Figure, arguments, bootstrap, browser_path, heading, late, median, table
from tierwright.browser.launch import LaunchOptions, launch, started_playwright
from tierwright.core.deadline import Deadline, SystemClock
from tierwright.demo.server import serve
from tierwright.models.stagehand import Choice, Question, StagehandDoor, nothing

SECONDS = 20.0
CALLS = 10
"""Observes and acts in each browser; the first ones of a browser are measured like the others."""


@dataclass
class Times:
    """Milliseconds, by what took them, in the order it happened."""

    taken: dict[str, list[float]] = field(default_factory=dict)

    async def of(self, name: str, call: Awaitable[Any]) -> Any:
        """Await a call and keep what it took."""
        started = perf_counter()
        answer = await call
        self.taken.setdefault(name, []).append((perf_counter() - started) * 1000)
        return answer


async def none(question: Question) -> Mapping[str, Any]:
    """The answer to an observe: nothing found."""
    return nothing(question.purpose)


async def hover_a_link(question: Question) -> Mapping[str, Any]:
    """The answer to an act: the mouse over the first link of the tree."""
    found = re.search(r"\[(\d+-\d+)\] link", question.prompt)
    assert found, "the page has no link"
    return Choice(found.group(1), "hover").as_json()


async def one_browser(playwright: Playwright, browser: Path, address: str, times: Times) -> None:
    """Launch a browser, connect, and ask and act on a page of the demo shop."""
    opened = await times.of("launch (Playwright alone)", launch(playwright, LaunchOptions(executable=browser)))
    try:
        assert opened.cdp_url
        door: StagehandDoor = await times.of("connect and create", StagehandDoor.connect(opened.cdp_url))
        page, clock = opened.page, SystemClock()
        await page.goto(address, wait_until="networkidle")
        for _ in range(CALLS):
            await times.of("observe", door.observe("x", page, Deadline.after(clock, SECONDS), none))
        for _ in range(CALLS):
            said = await times.of("act (hover)", door.act("x", page, Deadline.after(clock, SECONDS), hover_a_link))
            assert said is None, said
        await times.of("close", door.close())
    finally:
        await opened.close()


async def measure(rounds: int, browser: Path) -> Times:
    """All rounds, each in a fresh browser."""
    times = Times()
    async with started_playwright() as playwright:
        with serve(1) as shop:
            for _ in range(rounds):
                await one_browser(playwright, browser, shop.base_url, times)
    return times


def figure(values: list[float]) -> Figure:
    """The median of all values, with its interval."""
    return bootstrap(values, median)


def main() -> int:
    """Run the benchmark."""
    given = arguments(__doc__, rounds=5)
    browser = browser_path(given.browser)
    times = asyncio.run(measure(given.rounds, browser))
    facts = f"{given.rounds} browsers, {CALLS} calls in each, milliseconds"
    print(heading("Stagehand without a model", browser, facts, given.markdown))
    rows = [
        (name, str(len(taken)), figure(taken).shown(".0f"), f"{late(taken):.0f}") for name, taken in times.taken.items()
    ]
    print(table(("", "n", "median (95 %)", "95th percentile"), rows, given.markdown))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
