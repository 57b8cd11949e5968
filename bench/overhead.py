"""What a step of tier 1 costs beside the same call in plain Playwright (bench/README.md).

usage: ./dev bench overhead [--rounds N] [--strategy option_a|option_b|option_c] [--markdown] [--browser PATH]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from playwright.async_api import Page, Playwright, expect

from _measure import Stopwatch, add_flags, bootstrap, browser_path, heading, median, run_config, table
from tierwright.browser.launch import LaunchOptions, launch, started_playwright
from tierwright.core.results import StepStatus
from tierwright.core.steps import Action, Condition, Step, TestCase
from tierwright.core.strategy import FallbackStrategy, TierNumber
from tierwright.core.variables import Variables
from tierwright.demo.server import serve
from tierwright.demo.shop import DEMO_PASSWORD
from tierwright.testfiles.loader import load
from tierwright.worker.suite import run_suite

SUITE = Path(__file__).with_name("shop.tw.yaml")
TARGET = 1.10

Times = Sequence[float]
"""Milliseconds of each step of the script, in order."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One round: the same script both ways, one right after the other."""

    plain: Times
    ours: Times


# --- the script in plain Playwright -----------------------------------------------------------------------


async def plain_step(page: Page, step: Step, base_url: str) -> None:
    """The one call that a tester would write for this step."""
    value, element = step.value or "", page.locator(step.selector or "html")
    calls: dict[Action, Callable[[], Awaitable[object]]] = {
        Action.NAVIGATE: lambda: page.goto(base_url + value),
        Action.CLICK: element.click,
        Action.FILL: lambda: element.fill(value),
        Action.CHECK: element.check,
        Action.SELECT: lambda: element.select_option(value),
        Action.PRESS: lambda: element.press(step.key or ""),
        Action.EXPECT: lambda: plain_expect(page, step),
    }
    await calls[step.action]()


async def plain_expect(page: Page, step: Step) -> None:
    """Playwright's own assertion for a condition."""
    it, value = expect(page.locator(step.selector or "html")), step.value or ""
    calls: dict[Condition, Callable[[], Awaitable[None]]] = {
        Condition.TEXT: lambda: it.to_have_text(value),
        Condition.CONTAINS: lambda: it.to_contain_text(value),
        Condition.CHECKED: it.to_be_checked,
        Condition.VISIBLE: it.to_be_visible,
    }
    await calls[step.condition or Condition.VISIBLE]()


async def plain_run(playwright: Playwright, options: LaunchOptions, steps: Sequence[Step], base_url: str) -> Times:
    """The script in a fresh browser with the product's flags, without anything of ours in the page."""
    browser = await launch(playwright, options)
    times = []
    try:
        for step in steps:
            started = perf_counter()
            await plain_step(browser.page, step, base_url)
            times.append((perf_counter() - started) * 1000)
    finally:
        await browser.close()
    return times


# --- the script through the product -----------------------------------------------------------------------


async def our_run(test: TestCase, base_url: str, state: Path, browser: Path, strategy: FallbackStrategy) -> Times:
    """The script as `tierwright run` runs it, its database included; from each step's start to the next one's."""
    config, watch = run_config([SUITE], base_url, state, browser), Stopwatch()
    config = replace(config, settings=replace(config.settings, fallback_strategy=strategy))
    await run_suite(config, [test], [watch])
    for timed in watch.steps:
        assert timed.result, "a step never ended"
        assert timed.result.status is StepStatus.PASSED, timed.result
        assert timed.result.tier in (TierNumber.DIRECT, None), timed.result
    return [timed.wall_ms for timed in watch.steps]


async def measure(test: TestCase, rounds: int, browser: Path, strategy: FallbackStrategy) -> list[Pair]:
    """Alternate the two ways, in changing order, after one round that is thrown away."""
    stagehand = TierNumber.AI in strategy.tiers
    options = LaunchOptions(executable=browser, stagehand=stagehand)
    variables = Variables({**test.variables, "password": DEMO_PASSWORD})
    steps = [variables.bind(step) for step in test.all_steps]
    pairs = []
    with serve(1) as shop, tempfile.TemporaryDirectory() as folder:
        async with started_playwright() as playwright:
            for at in range(rounds + 1):
                first = await plain_run(playwright, options, steps, shop.base_url) if at % 2 else None
                ours = await our_run(test, shop.base_url, Path(folder), browser, strategy)
                plain = first or await plain_run(playwright, options, steps, shop.base_url)
                pairs.append(Pair(plain, ours))
    return pairs[1:]


# --- the figures ------------------------------------------------------------------------------------------


def per_step(rounds: Sequence[Times], indexes: Sequence[int]) -> list[float]:
    """The median of each step over the rounds."""
    return [median([times[i] for times in rounds]) for i in indexes]


def ratio_of_median_steps(pairs: Sequence[Pair], indexes: Sequence[int]) -> float:
    """Our median step over plain Playwright's."""
    ours, plain = per_step([p.ours for p in pairs], indexes), per_step([p.plain for p in pairs], indexes)
    return median(ours) / median(plain)


def ratio_of_scripts(pairs: Sequence[Pair]) -> float:
    """Our whole script over plain Playwright's."""
    return median([sum(p.ours) for p in pairs]) / median([sum(p.plain) for p in pairs])


def row(name: str, pairs: Sequence[Pair], indexes: Sequence[int]) -> list[str]:
    """One line: median step of both, what it adds, the ratio."""
    ours = median(per_step([p.ours for p in pairs], indexes))
    plain = median(per_step([p.plain for p in pairs], indexes))
    ratio = bootstrap(pairs, lambda drawn: ratio_of_median_steps(drawn, indexes))
    return [name, str(len(indexes)), f"{plain:.1f} ms", f"{ours:.1f} ms", f"{ours - plain:+.1f} ms", ratio.shown()]


def report(test: TestCase, pairs: Sequence[Pair], browser: Path, strategy: str, markdown: bool) -> None:
    """Print the table an action, and what the target is about."""
    actions = list(dict.fromkeys(step.action for step in test.all_steps))
    of = {action: [i for i, s in enumerate(test.all_steps) if s.action is action] for action in actions}
    every = list(range(len(test.all_steps)))
    rows = [row("median step", pairs, every), *(row(str(action), pairs, of[action]) for action in actions)]
    facts = f"{len(pairs)} rounds of {len(every)} steps each way, {strategy}"
    print(heading("Tier 1 beside plain Playwright, on version 1 of the demo shop", browser, facts, markdown))
    print(table(("", "steps", "Playwright", "tierwright", "added", "ratio (95 %)"), rows, markdown))
    whole = bootstrap(pairs, ratio_of_scripts)
    seconds = median([sum(p.plain) for p in pairs]) / 1000, median([sum(p.ours) for p in pairs]) / 1000
    print(f"\nWhole script: {seconds[0]:.2f} s and {seconds[1]:.2f} s, ratio {whole.shown()}.")
    reached = "reached" if ratio_of_median_steps(pairs, every) <= TARGET else "MISSED"
    print(f"Target: the median step within {100 * (TARGET - 1):.0f} %: {reached}.")


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_flags(parser, rounds=15)
    parser.add_argument("--strategy", type=FallbackStrategy, default=FallbackStrategy.OPTION_C, help="(option_c)")
    given = parser.parse_args()
    browser, test = browser_path(given.browser), load([SUITE]).tests[0]
    pairs = asyncio.run(measure(test, given.rounds, browser, given.strategy))
    report(test, pairs, browser, given.strategy, given.markdown)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
