"""The benchmarks' own arithmetic, and that each one says how it is used and is listed in bench/README.md."""

from __future__ import annotations

import importlib.util
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]
BENCH = ROOT / "bench"
NAMES = sorted(p.stem for p in BENCH.glob("*.py") if not p.stem.startswith("_"))


def bench_module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"bench_{name}", BENCH / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


measure = bench_module("_measure")
processes = bench_module("_processes")


@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_says_how_it_is_used_and_is_described(name: str) -> None:
    done = subprocess.run(
        [sys.executable, BENCH / f"{name}.py", "--help"], capture_output=True, text=True, check=False, timeout=50
    )

    assert done.returncode == 0, done.stderr
    uses_a_browser = "browser" in (BENCH / f"{name}.py").read_text(encoding="utf-8")
    assert ("--browser PATH" in done.stdout or "--browser BROWSER" in done.stdout) is uses_a_browser
    assert f"./dev bench {name}" in (BENCH / "README.md").read_text(encoding="utf-8")


def test_the_interval_of_a_ratio_holds_it_and_narrows_with_agreement() -> None:
    def ratio(pairs: list[tuple[float, float]]) -> float:
        return measure.median([a for a, _ in pairs]) / measure.median([b for _, b in pairs])

    same = measure.bootstrap([(11.0, 10.0)] * 8, ratio)
    wide = measure.bootstrap([(9.0 + i, 10.0) for i in range(8)], ratio)

    assert (same.value, same.low, same.high) == (1.1, 1.1, 1.1)
    assert wide.low < wide.value < wide.high
    assert same.shown() == "1.10 (1.10 to 1.10)"


def test_a_median_of_nothing_is_not_a_number() -> None:
    assert math.isnan(measure.median([]))
    assert math.isnan(measure.late([]))
    assert measure.late(list(range(101))) == 95


def test_a_table_is_plain_or_markdown() -> None:
    rows = [["click", "12.0 ms"], ["fill", "7.5 ms"]]

    assert measure.table(("", "time"), rows, False) == "          time\nclick  12.0 ms\nfill    7.5 ms"
    assert measure.table(("", "time"), rows, True).splitlines()[1] == "| ----- | ------: |"


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="memory is read from Linux's /proc")
def test_the_memory_of_a_command_counts_what_it_started() -> None:
    mark, env = processes.marked_environment()
    # The child forgets its environment, as Chromium's helpers do.
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(30)'], env={})"
    process = subprocess.Popen([sys.executable, "-c", code], env=env, start_new_session=True)
    try:
        until = time.monotonic() + 20
        while len(seen := list(processes.memories(mark))) < 2 and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    assert len(seen) == 2
    assert {m.kind for m in seen} == {"command"}
    assert all(0 < m.pss <= m.rss for m in seen)
