"""The most memory that one run holds: the command, Playwright's node, the browser (bench/README.md).

usage: ./dev bench memory [--rounds N] [--markdown] [--browser PATH]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from _measure import arguments, browser_path, heading, median, table
from _processes import Memory, marked_environment, memories
from tierwright.demo.assets import suite_dir
from tierwright.demo.server import serve
from tierwright.demo.shop import DEMO_PASSWORD

SECONDS_BETWEEN_LOOKS = 0.2
KINDS = ("command", "Playwright's node", "browser")
WORKLOADS = {"one test": suite_dir() / "06-checkout.tw.yaml", "suite": suite_dir()}
"""The demo's longest test, and all of them: between two tests the next browser is already warm."""


@dataclass(frozen=True, slots=True)
class Peak:
    """The look at which all processes together held most, by their PSS; `looks` is how often was looked."""

    at: Sequence[Memory]
    looks: int

    def of(self, kind: str | None) -> tuple[float, float, int]:
        """PSS and RSS in MiB, and how many processes, of one kind or of all."""
        chosen = [m for m in self.at if kind in (None, m.kind)]
        return sum(m.pss for m in chosen), sum(m.rss for m in chosen), len(chosen)


def one_run(tests: Path, base_url: str, browser: Path, state: Path) -> Peak:
    """Run tests with the real command, one worker, and watch it."""
    mark, env = marked_environment()
    command: list[str | Path] = [sys.executable, "-m", "tierwright", "run", tests, "--base-url", base_url]
    command += ["--state", state, "--browser", browser]
    process = subprocess.Popen(
        command,
        env={**env, "TIERWRIGHT_SECRET_PASSWORD": DEMO_PASSWORD},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    peak: Sequence[Memory] = ()
    looks = 0
    while process.poll() is None:
        seen = list(memories(mark))
        looks += 1
        peak = max(peak, seen, key=lambda all_of_it: sum(m.pss for m in all_of_it))
        time.sleep(SECONDS_BETWEEN_LOOKS)
    _, said = process.communicate()
    if process.returncode:
        raise SystemExit(f"the run ended with {process.returncode}:\n{said.decode(errors='replace')}")
    return Peak(peak, looks)


def row(workload: str, kind: str | None, peaks: Sequence[Peak]) -> list[str]:
    """One line: the medians over the rounds."""
    seen = [peak.of(kind) for peak in peaks]
    pss, rss, count = (median([s[i] for s in seen]) for i in range(3))
    return [f"{workload}: {kind or 'together'}", f"{count:.0f}", f"{pss:.0f} MiB", f"{rss:.0f} MiB"]


def report(peaks: Mapping[str, Sequence[Peak]], browser: Path, markdown: bool) -> None:
    """Print the table."""
    every = [peak for found in peaks.values() for peak in found]
    facts = f"{len(every) // len(peaks)} rounds, one worker, {sum(p.looks for p in every)} looks"
    print(heading("Peak memory of a run, on version 1 of the demo shop", browser, facts, markdown))
    rows = [row(name, kind, found) for name, found in peaks.items() for kind in (*KINDS, None)]
    print(table(("at the peak", "processes", "PSS", "RSS"), rows, markdown))
    print("\nPSS counts a page that processes share once; RSS counts it in each of them, and is only for comparison.")


def main() -> int:
    """Run the benchmark."""
    given = arguments(__doc__, rounds=3)
    if not Path("/proc/self/smaps_rollup").exists():
        print("memory is read from /proc, which this system does not have", file=sys.stderr)
        return 2
    browser = browser_path(given.browser)
    peaks: dict[str, list[Peak]] = {name: [] for name in WORKLOADS}
    for _ in range(given.rounds):
        for name, tests in WORKLOADS.items():
            with serve(1) as shop, tempfile.TemporaryDirectory() as folder:
                peaks[name].append(one_run(tests, shop.base_url, browser, Path(folder)))
    report(peaks, browser, given.markdown)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
