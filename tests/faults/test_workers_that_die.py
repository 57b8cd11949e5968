"""Real worker processes, killed and stopped in mid-run: nothing is lost, nothing is made twice."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from tests.server.queueing import Wired, a_test, a_wish, all_ended, until, wired

from tierwright.core.deadline import SystemClock
from tierwright.store.database import open_database
from tierwright.worker.fleet import LEASE_SECONDS

SCRIPT = Path(__file__).with_name("stub_worker.py")
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
async def wires(state_address: Path | str) -> AsyncIterator[Wired]:
    async with open_database(state_address, SystemClock()) as database, wired(database) as made:
        yield made


class Workers:
    """Worker processes of a test, and the log of every step that one of them acted."""

    def __init__(self, address: Path | str, folder: Path) -> None:
        self.address = str(address)
        self.log = folder / "acted.log"
        self.log.touch()
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *, lease: float, step: float, places: int = 1) -> subprocess.Popen[str]:
        words = [self.address, str(places), str(lease), str(step), str(self.log)]
        process = subprocess.Popen([sys.executable, str(SCRIPT), *words], stdout=subprocess.PIPE, text=True)
        self.started.append(process)
        return process

    def acted(self) -> list[tuple[int, str, int, float]]:
        lines = [line.split() for line in self.log.read_text().splitlines()]
        return [(int(pid), run_id, int(index), float(at)) for pid, run_id, index, at in lines]

    async def has_acted(self) -> bool:
        return bool(self.acted())

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


@pytest.fixture
def workers(state_address: Path | str, tmp_path: Path) -> Iterator[Workers]:
    made = Workers(state_address, tmp_path)
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_run_whose_worker_was_killed_is_found_within_a_minute_and_made_again(
    wires: Wired, workers: Workers
) -> None:
    await wires.enqueue([a_test()])
    first = workers.start(lease=LEASE_SECONDS, step=30.0)
    await until(workers.has_acted, 40)
    first.kill()
    first.wait()
    killed = time.monotonic()
    workers.start(lease=LEASE_SECONDS, step=0.1)

    async def found() -> bool:
        return await wires.tries() != [(1, "running", None)]

    await until(found, 60)
    assert time.monotonic() - killed < 60
    assert await all_ended(wires, 60) == ["passed"]
    assert await wires.tries() == [(1, "error", "crashed"), (2, "passed", None)]


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_worker_that_slept_through_its_lease_acts_and_writes_nothing_any_more(
    wires: Wired, workers: Workers
) -> None:
    await wires.enqueue([a_test()])
    sleeper = workers.start(lease=4.0, step=2.0)
    await until(workers.has_acted, 40)
    sleeper.send_signal(signal.SIGSTOP)
    workers.start(lease=4.0, step=0.1)
    assert await all_ended(wires, 60) == ["passed"]
    before, acted = await wires.steps(), workers.acted()
    sleeper.send_signal(signal.SIGCONT)
    await asyncio.sleep(4.0)
    assert sleeper.poll() is None, "it lives, and would have written"
    assert workers.acted() == acted, "it acted after another worker had the run"
    assert await wires.steps() == before
    assert await wires.tries() == [(1, "error", "crashed"), (2, "passed", None)]
    assert await wires.statuses() == ["passed"]


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_runs_outlive_a_restart_of_everything(wires: Wired, workers: Workers) -> None:
    await wires.enqueue([a_test(f"t{n}") for n in range(6)])
    first = workers.start(lease=4.0, step=0.3)
    await until(workers.has_acted, 40)
    first.terminate()
    assert first.wait(30) == 0
    assert "running" not in await wires.statuses(), "what was not finished was given back"
    workers.start(lease=4.0, step=0.05)
    assert await all_ended(wires, 90) == ["passed"] * 6
    assert {kind for _, _, kind in await wires.tries()} == {None}, "a stop is no crash"


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(300)
@pytest.mark.parametrize("state_address", ["postgres"], indirect=True)
async def test_four_workers_make_forty_runs_right_although_one_is_killed(wires: Wired, workers: Workers) -> None:
    await wires.project("p1", concurrency=8)
    four = [workers.start(lease=5.0, step=0.2, places=2) for _ in range(4)]
    await wires.enqueue([a_test(f"t{n:02}") for n in range(40)], a_wish("p1"))

    async def half_way() -> bool:
        return (await wires.statuses()).count("passed") >= 8

    await until(half_way, 90)
    four[0].kill()
    four[0].wait()
    assert Counter(await all_ended(wires, 150)) == {"passed": 40}
    green = [ordinal for ordinal, status, _ in await wires.tries() if status == "passed"]
    assert len(green) == 40, "each run passed exactly once"
    assert {s for _, s, _ in await wires.tries()} <= {"passed", "error"}
    times = {(run, i): [a for a in workers.acted() if a[1:3] == (run, i)] for _, run, i, _ in workers.acted()}
    twice = [acts for acts in times.values() if len(acts) > 1]
    assert all(acts[0][0] == four[0].pid for acts in twice), "only what the killed worker had begun was acted again"
