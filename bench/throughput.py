"""Runs a minute with one worker and with two, on the demo's suite (bench/README.md).

usage: ./dev bench throughput [--rounds N] [--markdown] [--browser PATH]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

from _measure import arguments, bootstrap, browser_path, heading, median, table
from tierwright.demo.assets import suite_dir
from tierwright.demo.server import serve
from tierwright.demo.shop import DEMO_PASSWORD

WORKERS = (1, 2)


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its runs and steps, and the seconds from its start to its end."""

    runs: int
    steps: int
    seconds: float

    @property
    def runs_a_minute(self) -> float:
        """Whole runs, browser start included."""
        return 60 * self.runs / self.seconds


Round = dict[int, Command]
"""The same suite once with each number of workers."""


def one_command(workers: int, base_url: str, browser: Path, state: Path) -> Command:
    """Run the demo's suite with the real command. All of it must pass."""
    words: list[str | Path] = [
        sys.executable,
        "-m",
        "tierwright",
        "run",
        suite_dir(),
        "--base-url",
        base_url,
        "--state",
        state,
    ]
    words += ["--browser", browser, "--workers", str(workers), "--json", "-"]
    started = perf_counter()
    done = subprocess.run(
        words,
        env={**os.environ, "TIERWRIGHT_SECRET_PASSWORD": DEMO_PASSWORD},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = perf_counter() - started
    if done.returncode:
        raise SystemExit(f"the run ended with {done.returncode}:\n{done.stderr}")
    summary = json.loads(done.stdout)["summary"]
    return Command(summary["tests"], summary["steps"], seconds)


def one_round(order: Sequence[int], browser: Path) -> Round:
    """Every number of workers once, in this order."""
    seen: Round = {}
    for workers in order:
        with serve(1) as shop, tempfile.TemporaryDirectory() as folder:
            seen[workers] = one_command(workers, shop.base_url, browser, Path(folder))
    return seen


def rate(workers: int, rounds: Sequence[Round]) -> float:
    """The median of runs a minute."""
    return median([r[workers].runs_a_minute for r in rounds])


def report(rounds: Sequence[Round], browser: Path, markdown: bool) -> None:
    """Print the rates and what the second worker brings."""
    first = rounds[0][WORKERS[0]]
    facts = f"{len(rounds)} rounds of {first.runs} runs with {first.steps} steps"
    print(heading("Runs a minute, on version 1 of the demo shop", browser, facts, markdown))
    rows = []
    for workers in WORKERS:
        shown = bootstrap(rounds, partial(rate, workers)).shown(".1f")
        seconds = median([r[workers].seconds for r in rounds])
        rows.append([str(workers), shown, f"{seconds:.1f} s"])
    print(table(("workers", "runs a minute (95 %)", "the suite"), rows, markdown))
    ratio = bootstrap(rounds, lambda drawn: rate(2, drawn) / rate(1, drawn))
    print(f"\nTwo workers do {ratio.shown()} times as much as one.")


def main() -> int:
    """Run the benchmark."""
    given = arguments(__doc__, rounds=5)
    browser = browser_path(given.browser)
    rounds = [one_round(WORKERS if at % 2 else WORKERS[::-1], browser) for at in range(given.rounds)]
    report(rounds, browser, given.markdown)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
