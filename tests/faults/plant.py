"""Runs under load, who acted on them, and the account that is drawn up after a fault."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
from tests.server.queueing import THREE_STEPS, a_test, a_wish, wired

from tierwright.core.deadline import SystemClock
from tierwright.store.database import DATABASE_NAME, open_database

SCRIPT = Path(__file__).with_name("load_worker.py")
PROJECT = "p1"


@dataclass(frozen=True)
class Outcome:
    """A row of the table. `wrong` says what is not as it must be."""

    fault: str
    runs: int
    passed: int
    error: int
    crashed: int
    double: int
    seconds: float
    wrong: tuple[str, ...]


@dataclass
class Plant:
    """A state under load, and the processes that work on it."""

    address: str
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    killed: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.log.touch()
        self.set_clock(0)

    @property
    def log(self) -> Path:
        return self.folder / "acted.log"

    def set_clock(self, seconds: float) -> None:
        new = self.folder / "clock.new"
        new.write_text(str(seconds))
        new.rename(self.folder / "clock")

    # --- processes -----------------------------------------------------------------------------------------

    def worker(self, *, places: int, lease: float, step: float) -> subprocess.Popen[bytes]:
        words = [self.address, places, lease, step, self.log, self.folder / "clock"]
        return self.process(sys.executable, SCRIPT, *words)

    def process(self, *words: object, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        """A process whose words are kept in a file of the folder."""
        with (self.folder / f"said-{len(self.processes)}.log").open("wb") as said:
            env = {**os.environ, **(env or {})}
            process = subprocess.Popen([str(w) for w in words], stdout=said, stderr=said, env=env)
        self.processes.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()
        self.killed[process.pid] = time.monotonic()

    def stop(self) -> None:
        """Let every process end by itself, as an operator would."""
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    # --- runs ----------------------------------------------------------------------------------------------

    def enqueue(self, runs: int, yaml: str = THREE_STEPS, **wish: Any) -> None:
        asyncio.run(self._enqueue(runs, yaml, wish))

    async def _enqueue(self, runs: int, yaml: str, wish: dict[str, Any]) -> None:
        where = self.address if "://" in self.address else Path(self.address)
        async with open_database(where, SystemClock()) as database, wired(database) as wires:
            await wires.project(PROJECT, concurrency=8)
            tests = [a_test(name, yaml.format(name=name)) for name in (f"t{n:03}" for n in range(runs))]
            await wires.enqueue(tests, a_wish(PROJECT, **wish))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database answers, waited for while it is away."""
        until = time.monotonic() + 60
        while True:
            try:
                return self._rows(query)
            except (psycopg.OperationalError, sqlite3.OperationalError):
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        if "://" in self.address:
            with psycopg.connect(self.address, autocommit=True, connect_timeout=5) as connection:
                done = connection.execute(query.encode())
                return done.fetchall() if done.description else []
        connection = sqlite3.connect(Path(self.address) / DATABASE_NAME, timeout=30)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def number(self, query: str) -> int:
        return int(self.rows(query)[0][0])

    def ended(self) -> int:
        return self.number("select count(*) from test_executions where status not in ('queued', 'running')")

    def wait_for(self, what: Callable[[], bool], seconds: float, words: str) -> float:
        """Seconds until something holds. Raises AssertionError, with what the processes said, when it does not."""
        began = time.monotonic()
        while not what():
            if time.monotonic() - began > seconds:
                raise AssertionError(f"not within {seconds:.0f} s: {words}\n{self._said()}")
            time.sleep(0.1)
        return time.monotonic() - began

    def wait_for_all(self, runs: int, seconds: float) -> None:
        self.wait_for(lambda: self.ended() >= runs, seconds, f"{runs} runs ended")

    def wait_for_more(self) -> float:
        """Seconds until two more runs have ended, or all."""
        before, all_of_them = self.ended(), self.number("select count(*) from test_executions")
        return self.wait_for(lambda: self.ended() >= min(before + 2, all_of_them), 60, "runs end again")

    def _said(self) -> str:
        counts = self.rows("select status, count(*) from test_executions group by status")
        return "\n".join([str(counts), *(f.read_text()[-2000:] for f in sorted(self.folder.glob("said-*.log")))])

    # --- the account ---------------------------------------------------------------------------------------

    def account(
        self, fault: str, runs: int, seconds: float, *, crashes: range, status: str = "passed", steps: int = 3
    ) -> Outcome:
        """What became of every run, and what of it is wrong."""
        by_status = dict(self.rows("select status, count(*) from test_executions group by status"))
        crashed = self.number("select count(*) from tries where error_kind = 'crashed'")
        double = self.double_acts()
        wrong = [
            *_unless(by_status == {status: runs}, f"runs ended {by_status}, not {runs} {status}"),
            *_unless(crashed in crashes, f"{crashed} tries crashed, not {crashes.start} to {crashes.stop - 1}"),
            *_unless(double == 0, f"{double} runs were made by two at once"),
            *self._wrong_rows(steps if status == "passed" else 0),
            *self._wrong_deliveries(),
        ]
        passed, error = by_status.get("passed", 0), by_status.get("error", 0)
        return Outcome(fault, sum(by_status.values()), passed, error, crashed, double, seconds, tuple(wrong))

    def _wrong_rows(self, steps: int) -> Iterator[str]:
        for words, query in _MUST_BE_NONE.items():
            yield from _unless((found := self.number(query)) == 0, f"{found} {words}")
        if steps:
            query = _TRIES_WITH_OTHER_ATTEMPTS.format(steps=steps)
            yield from _unless((found := self.number(query)) == 0, f"{found} tries have not {steps} attempts")

    def _wrong_deliveries(self) -> Iterator[str]:
        """Jobs are done, or a minute after a worker's death forgotten: the minute is passed in the rows."""
        if "://" not in self.address:
            return
        todo = "select count(*) from procrastinate_jobs where status <> 'doing'"
        with suppress(AssertionError):
            self.wait_for(lambda: self.number(todo) == 0, 20, "what was delivered is taken")
        yield from _unless((found := self.number(todo)) == 0, f"{found} jobs wait although no run does")
        self.stop()
        self.rows("update procrastinate_workers set last_heartbeat = last_heartbeat - interval '1 hour'")
        asyncio.run(self._tidy())
        left = self.number("select count(*) from procrastinate_jobs")
        yield from _unless(left == 0, f"{left} jobs of dead workers stay for ever")

    async def _tidy(self) -> None:
        async with open_database(self.address, SystemClock()) as database, wired(database) as wires:
            await wires.queue.tidy()

    def double_acts(self) -> int:
        """Runs on which two acted at the same time; who was killed acted until then."""
        windows = defaultdict[str, list[tuple[float, float]]](list)
        for run_id, begin, end in self._windows():
            windows[run_id].append((begin, end))
        return sum(any(a[1] > b[0] for a, b in pairwise(sorted(of_run))) for of_run in windows.values())

    def _windows(self) -> Iterable[tuple[str, float, float]]:
        begun: dict[tuple[str, str, str], float] = {}
        for line in self.log.read_text().splitlines():
            pid, what, run_id, index, at = line.split()
            if what == "begin":
                begun[pid, run_id, index] = float(at)
            else:
                yield run_id, begun.pop((pid, run_id, index)), float(at)
        for (pid, run_id, _), begin in begun.items():
            yield run_id, begin, self.killed.get(int(pid), begin)


def _unless(right: bool, words: str) -> list[str]:
    return [] if right else [words]


_MUST_BE_NONE = {
    "runs are left": "select count(*) from test_executions where status in ('queued', 'running')",
    "tries are left running": "select count(*) from tries where status = 'running'",
    "runs did not end exactly once": """
        select count(*) from test_executions e where 1 <> (
            select count(*) from run_events v where v.test_execution_id = e.id and v.kind = 'run_finished')""",
    "runs ended otherwise than their last try": """
        select count(*) from test_executions e where e.status <> (
            select t.status from tries t where t.test_execution_id = e.id order by t.ordinal desc limit 1)""",
    "runs have tries that are not numbered through": """
        select count(*) from test_executions e where
            (select count(*) from tries t where t.test_execution_id = e.id)
            <> (select max(t.ordinal) from tries t where t.test_execution_id = e.id)""",
}
_TRIES_WITH_OTHER_ATTEMPTS = """
    select count(*) from tries t where t.status = 'passed' and {steps} <> (
        select count(*) from tier_execution_logs a
        where a.test_execution_id = t.test_execution_id and a.try_ordinal = t.ordinal)"""


@contextmanager
def a_plant(address: str, folder: Path) -> Iterator[Plant]:
    """A state and its processes, which end with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    plant = Plant(address, folder)
    try:
        yield plant
    finally:
        plant.stop()
