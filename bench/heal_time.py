"""How long a broken selector costs: until tier 2 starts, until the healed action, and what the cache saves (README).

usage: ./dev bench heal_time [--rounds N] [--markdown] [--browser PATH]
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from _measure import Figure, Place, Stopwatch, Timed, arguments, bootstrap, browser_path, heading, late, median, table
from _measure import run_config as demo_config
from tierwright.core.config import RunConfig
from tierwright.core.results import StepStatus
from tierwright.core.steps import TestCase
from tierwright.core.strategy import TierNumber
from tierwright.core.tier import Found, Miss, StepCall
from tierwright.demo.assets import REMOVED_TEST, suite_dir
from tierwright.demo.server import serve
from tierwright.testfiles.loader import load
from tierwright.tiers.tier2_hybrid import Tier2HybridExecutor
from tierwright.worker.suite import run_suite

START_TARGET_MS = 1000.0
HEAL_TARGET_MS = 500.0
CACHE_TARGET = 5.0


@dataclass(frozen=True, slots=True)
class Heal:
    """One healed step, in milliseconds: until tier 2 began, in tier 2's search alone, until it had acted."""

    tier2_starts: float
    find: float
    acted: float


@dataclass(frozen=True, slots=True)
class Round:
    """The same steps twice on the redesign: first searched, then remembered."""

    searched: dict[Place, Heal]
    cached: dict[Place, Heal]

    @property
    def both(self) -> list[Place]:
        """Steps healed both times."""
        return [place for place in self.searched if place in self.cached]


@dataclass(slots=True)
class Finds:
    """How long tier 2 searched, by step."""

    ms: dict[Place, float] = field(default_factory=dict)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the time of every search of tier 2 while the block runs; the search itself is not changed."""
        original, kept_ms = Tier2HybridExecutor.find, self.ms

        async def timed(self: Tier2HybridExecutor, call: StepCall) -> Found | Miss:
            started = perf_counter()
            outcome = await original(self, call)
            kept_ms[call.test, call.index] = (perf_counter() - started) * 1000
            return outcome

        Tier2HybridExecutor.find = timed  # type: ignore[method-assign]
        try:
            yield
        finally:
            Tier2HybridExecutor.find = original  # type: ignore[method-assign]


async def healed_steps(config: RunConfig, tests: Sequence[TestCase]) -> dict[Place, Heal]:
    """Run the tests, one after the other; the steps that tier 2 found at its first try."""
    watch, finds = Stopwatch(), Finds()
    with finds.kept():
        await run_suite(config, tests, [watch])
    healed = [timed for timed in watch.steps if _healed_by_tier2(timed)]
    return {timed.place: _heal(timed, finds.ms[timed.place]) for timed in healed}


def _healed_by_tier2(timed: Timed) -> bool:
    result = timed.result
    return bool(result and result.status is StepStatus.HEALED and result.tier is TierNumber.HYBRID)


def _heal(timed: Timed, find_ms: float) -> Heal:
    assert timed.tier2_started is not None
    assert timed.acted is not None
    started = timed.started
    return Heal((timed.tier2_started - started) * 1000, find_ms, (timed.acted - started) * 1000)


async def one_round(tests: Sequence[TestCase], addresses: tuple[str, str], state: Path, browser: Path) -> Round:
    """A green run on the shop as it is, then its redesign twice; a state of its own."""
    before, after = (demo_config([suite_dir()], address, state, browser, 4.0) for address in addresses)
    await run_suite(before, tests, [])
    searched = await healed_steps(after, tests)
    return Round(searched, await healed_steps(after, tests))


async def measure(rounds: int, browser: Path) -> list[Round]:
    """All rounds, each from an empty state."""
    tests = [t for t in load([suite_dir()]).tests if t.name != REMOVED_TEST]
    done = []
    with serve(1) as before, serve(2) as after, tempfile.TemporaryDirectory() as folder:
        for at in range(rounds):
            addresses = (before.base_url, after.base_url)
            done.append(await one_round(tests, addresses, Path(folder) / str(at), browser))
    return done


# --- the figures ------------------------------------------------------------------------------------------


def searched(of: Callable[[Heal], float]) -> Callable[[Sequence[Round]], float]:
    """The median of a time over all heals that were searched."""
    return lambda rounds: median([of(h) for r in rounds for h in r.searched.values()])


def saved(of: Callable[[Heal], float]) -> Callable[[Sequence[Round]], float]:
    """How many times faster the remembered heals are: the median over the steps healed both ways."""
    return lambda rounds: median([of(r.searched[p]) / of(r.cached[p]) for r in rounds for p in r.both])


def row(name: str, rounds: Sequence[Round], of: Callable[[Heal], float], target: str, good: bool) -> list[str]:
    """One line: the median with its interval, the 95th percentile, the target."""
    every = [of(h) for r in rounds for h in r.searched.values()]
    figure = bootstrap(rounds, searched(of))
    return [name, f"{figure.shown('.0f')} ms", f"{late(every):.0f} ms", target, "reached" if good else "MISSED"]


def cache_row(name: str, rounds: Sequence[Round], of: Callable[[Heal], float], target: float | None) -> list[str]:
    """One line: median searched, median cached, how many times faster."""
    cached = median([of(h) for r in rounds for h in r.cached.values()])
    times: Figure = bootstrap(rounds, saved(of))
    verdict = "" if target is None else f"{target:g} times: " + ("reached" if times.value >= target else "MISSED")
    return [name, f"{searched(of)(rounds):.0f} ms", f"{cached:.0f} ms", f"{times.shown('.1f')} times", verdict]


def report(rounds: Sequence[Round], browser: Path, markdown: bool) -> None:
    """Print both tables."""
    count = sum(len(r.searched) for r in rounds)
    facts = f"{len(rounds)} rounds, {count} heals by `local`, {sum(len(r.both) for r in rounds)} of them cached"
    print(heading("A broken selector, on version 2 of the demo shop", browser, facts, markdown))

    def starts(heal: Heal) -> float:
        return heal.tier2_starts

    def acted(heal: Heal) -> float:
        return heal.acted

    def find(heal: Heal) -> float:
        return heal.find

    rows = [
        row("step start to start of tier 2", rounds, starts, "1000 ms", searched(starts)(rounds) < START_TARGET_MS),
        row("step start to healed action done", rounds, acted, "500 ms", searched(acted)(rounds) < HEAL_TARGET_MS),
    ]
    print(table(("", "median (95 %)", "95th percentile", "target at the median", ""), rows, markdown))
    print()
    cached = [
        cache_row("tier 2's search alone", rounds, find, CACHE_TARGET),
        cache_row("whole step, tier 1's look included", rounds, acted, None),
    ]
    print(table(("", "searched", "cached", "faster (95 %)", "target"), cached, markdown))


def main() -> int:
    """Run the benchmark."""
    given = arguments(__doc__, rounds=3)
    browser = browser_path(given.browser)
    report(asyncio.run(measure(given.rounds, browser)), browser, given.markdown)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
