"""What the benchmarks share: the machine in one line, medians with intervals, tables, a listener that keeps time."""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from tierwright.browser.find import find_browser
from tierwright.core.config import RunConfig, ScreenshotMode, TraceMode
from tierwright.core.events import (
    AttemptFinished,
    Event,
    RunStarted,
    StepFinished,
    StepStarted,
    TierStarted,
    TryFinished,
)
from tierwright.core.results import StepResult
from tierwright.core.settings import ExecutionSettings
from tierwright.demo.shop import DEMO_PASSWORD

Round = TypeVar("Round")

RESAMPLES = 2000
SEED = 20261123


def arguments(description: str | None, rounds: int) -> argparse.Namespace:
    """The flags of every benchmark: `--rounds`, `--markdown`, `--browser`."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    add_flags(parser, rounds)
    return parser.parse_args()


def add_flags(parser: argparse.ArgumentParser, rounds: int) -> None:
    """Add the shared flags to a parser."""
    parser.add_argument("--rounds", type=int, default=rounds, help=f"how many rounds ({rounds})")
    parser.add_argument("--markdown", action="store_true", help="print tables for bench/README.md")
    parser.add_argument("--browser", type=Path, help="path of a Chromium; found by itself without")


# --- the machine ------------------------------------------------------------------------------------------


def machine_line(browser: Path | None) -> str:
    """Date, processor, cores, system, versions, and how busy the machine was when asked."""
    load = os.getloadavg()[0]
    parts = (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"{os.cpu_count()} cores of {_processor()}",
        f"{platform.system()} {platform.machine()}",
        *([_version(browser)] if browser else []),
        f"Python {platform.python_version()}",
        f"load {load:.1f}",
    )
    return ", ".join(parts)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _version(browser: Path) -> str:
    said = subprocess.run([browser, "--version"], capture_output=True, text=True, check=False).stdout
    return " ".join(said.split()[:2]) or str(browser)


def browser_path(given: Path | None) -> Path:
    """The browser to measure with, found as the product finds it."""
    return find_browser(given, os.environ).path


# --- figures ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    """A statistic of all rounds, and the interval that holds 95 in 100 of its bootstrap resamples."""

    value: float
    low: float
    high: float

    def shown(self, form: str = ".2f") -> str:
        """`1.07 (1.02 to 1.11)`."""
        return f"{self.value:{form}} ({self.low:{form}} to {self.high:{form}})"


def bootstrap(rounds: Sequence[Round], statistic: Callable[[Sequence[Round]], float]) -> Figure:
    """A statistic over rounds, and its interval by drawing whole rounds again: both sides of a ratio stay paired."""
    draw = random.Random(SEED)
    again = sorted(statistic(draw.choices(rounds, k=len(rounds))) for _ in range(RESAMPLES))
    return Figure(statistic(rounds), again[int(0.025 * RESAMPLES)], again[int(0.975 * RESAMPLES)])


def median(values: Sequence[float]) -> float:
    """The median; nan of nothing."""
    return statistics.median(values) if values else float("nan")


def late(values: Sequence[float]) -> float:
    """The 95th percentile; nan of nothing."""
    return sorted(values)[int(0.95 * (len(values) - 1))] if values else float("nan")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], markdown: bool) -> str:
    """A table: the first column to the left, the others to the right."""
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]

    def line(row: Sequence[str]) -> str:
        cells = [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]
        return f"| {' | '.join(cells)} |" if markdown else "  ".join(cells).rstrip()

    rule = ["| " + " | ".join(["-" * widths[0], *("-" * (w - 1) + ":" for w in widths[1:])]) + " |"]
    return "\n".join([line(head), *(rule if markdown else []), *(line(row) for row in rows)])


def heading(title: str, browser: Path | None, facts: str, markdown: bool) -> str:
    """The first lines of an output: what, where, when, how often."""
    where = f"{machine_line(browser)}; {facts}"
    return f"Last output: {where}.\n" if markdown else f"{title}\n{where}\n"


# --- runs of the product ----------------------------------------------------------------------------------


Place = tuple[str, int]
"""A step: its test and its index."""


@dataclass(slots=True)
class Timed:
    """One step as the clock saw it, in seconds since some moment. `ended` is the start of what came after it."""

    place: Place
    started: float
    tier2_started: float | None = None
    acted: float | None = None
    finished: float = 0.0
    ended: float = 0.0
    result: StepResult | None = None

    @property
    def wall_ms(self) -> float:
        """From the step's start to the start of the next one: everything the product does for it."""
        return (self.ended - self.started) * 1000


@dataclass(slots=True)
class Stopwatch:
    """A listener that keeps the time of every step, in order, of tests that run one after the other."""

    test: str = ""
    steps: list[Timed] = field(default_factory=list)

    async def on_event(self, event: Event) -> None:
        """Note when it happened."""
        now = perf_counter()
        if isinstance(event, RunStarted):
            self.test = event.test.name
        elif isinstance(event, StepStarted):
            self._close(now)
            self.steps.append(Timed((self.test, event.index), now))
        elif isinstance(event, TierStarted) and event.tier == 2:
            self.steps[-1].tier2_started = self.steps[-1].tier2_started or now
        elif isinstance(event, AttemptFinished) and event.attempt.success:
            self.steps[-1].acted = now
        elif isinstance(event, StepFinished) and self.steps:
            self.steps[-1].finished, self.steps[-1].result = now, event.result
        elif isinstance(event, TryFinished):
            self._close(now)

    def _close(self, now: float) -> None:
        if self.steps and not self.steps[-1].ended:
            self.steps[-1].ended = now


def run_config(paths: Sequence[Path], base_url: str, state: Path, browser: Path, seconds: float = 10.0) -> RunConfig:
    """A run on the demo shop that takes no pictures and no trace."""
    return RunConfig(
        paths=tuple(paths),
        settings=ExecutionSettings(
            tier1_timeout_seconds=seconds, tier2_timeout_seconds=seconds, tier3_timeout_seconds=seconds
        ),
        base_url=base_url,
        state_dir=state,
        secrets={"password": DEMO_PASSWORD},
        screenshots=ScreenshotMode.OFF,
        trace=TraceMode.OFF,
        browser_path=browser,
    )
