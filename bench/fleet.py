"""What the queue and PostgreSQL bear: a fleet of up to hundreds of workers with a stub engine (bench/README.md).

usage: ./dev bench fleet [--workers N,N,...] [--seconds S] [--step S] [--projects N] [--markdown]

Each worker claims, renews, writes and ends runs by the product's code, over connections of its own; only its steps are
a pause. They are tasks of a few processes, because one machine cannot hold so many. PostgreSQL is made for it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import insert

from _measure import heading, late, median, table
from tierwright.core.deadline import SystemClock
from tierwright.core.settings import ExecutionSettings
from tierwright.store.database import open_database
from tierwright.store.platform_tables import projects
from tierwright.worker.queue import open_queue
from tierwright.worker.requests import TestToRun, Wish, enqueue_runs
from tierwright.worker.signals import open_signals

sys.path.append(str(Path(__file__).parents[1]))
from tests.faults.cluster import Cluster, children_of, own_cluster, why_no_cluster

WORKERS = "4,50,200,500"
PROCESSES = 4
STEPS = 5
IDLE_SECONDS = 10.0
_PATIENCE_SECONDS = 240
_AT_ONCE = 500
_OPTIONS = "-c max_connections=4000 -c shared_buffers=256MB -c shared_preload_libraries=pg_stat_statements"
_TICKS = os.sysconf("SC_CLK_TCK")
YAML = "name: {name}\nsteps:\n" + '  - {{action: click, selector: "#a"}}\n' * STEPS


@dataclass(frozen=True, slots=True)
class Load:
    """What a span of time asked of PostgreSQL and of the workers' processes; processors are in cores."""

    seconds: float
    ended: int
    statements: int
    database_cores: float
    worker_cores: float


@dataclass(frozen=True, slots=True)
class Seen:
    """One size of the fleet: at rest, and with work for everybody."""

    workers: int
    connections: int
    idle: Load
    filled_seconds: float | None
    busy: Load
    claims: Sequence[float]
    dearest: Sequence[tuple[str, float]]


# --- the machine ------------------------------------------------------------------------------------------


def _cpu(pid: int, *, with_ended_children: bool = False) -> float:
    """Seconds of processor that a process has used."""
    with suppress(OSError):
        words = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return sum(map(int, words[11 : 15 if with_ended_children else 13])) / _TICKS
    return 0.0


@dataclass(slots=True)
class Meter:
    """Reads what the cluster and the workers' processes have done so far."""

    cluster: Cluster
    connection: psycopg.Connection[tuple[int]]
    pids: Sequence[int]

    def number(self, query: str) -> int:
        """The one number that a query answers."""
        row = self.connection.execute(query.encode()).fetchone()
        assert row
        return int(row[0])

    def during(self, seconds: float) -> Load:
        """What happens from now on for so many seconds."""
        before, started = self._now(), time.perf_counter()
        time.sleep(seconds)
        took = time.perf_counter() - started
        ended, statements, database, workers = (b - a for a, b in zip(before, self._now(), strict=True))
        return Load(took, int(ended), int(statements), database / took, workers / took)

    def _now(self) -> tuple[float, float, float, float]:
        postmaster = self.cluster.postmaster
        database = _cpu(postmaster, with_ended_children=True) + sum(map(_cpu, children_of(postmaster)))
        ended = self.number("select count(*) from test_executions where finished_at is not null")
        return ended, self.number("select sum(calls) from pg_stat_statements"), database, sum(map(_cpu, self.pids))


@contextmanager
def processes(address: str, workers: int, step: float, claims: list[tuple[float, float]]) -> Iterator[list[int]]:
    """The workers, spread over processes; at the end their claims are added to the list."""
    file = str(Path(__file__).with_name("_fleet_workers.py"))
    shares = [workers // PROCESSES + (n < workers % PROCESSES) for n in range(PROCESSES)]
    with ExitStack() as stack:
        started = [_started(stack, file, address, share, step) for share in shares if share]
        for one in started:
            if one.stdout is None or one.stdout.readline().strip() != "ready":
                raise SystemExit("the workers did not start")
        yield [one.pid for one in started]
        for one in started:
            one.terminate()
        for one in started:
            said, _ = one.communicate(timeout=_PATIENCE_SECONDS)
            claims += [tuple(json.loads(line)) for line in said.splitlines()]


def _started(stack: ExitStack, file: str, address: str, share: int, step: float) -> subprocess.Popen[str]:
    words = [sys.executable, file, address, str(share), str(step)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    stack.callback(process.wait)
    stack.callback(process.kill)
    give_up = threading.Timer(2 * _PATIENCE_SECONDS, process.kill)
    give_up.start()
    stack.callback(give_up.cancel)
    return process


# --- the work ---------------------------------------------------------------------------------------------


async def make_projects(address: str, count: int) -> None:
    """A state with so many projects that have room for everybody."""
    settings = {"concurrency": 64}
    async with (
        open_database(address, SystemClock()) as database,
        open_signals(database) as signals,
        open_queue(database, signals),
        database.write() as connection,
    ):
        stamps = {"created_at": database.clock.now(), "updated_at": database.clock.now()}
        rows = [{"id": f"p{n}", "name": f"p{n}", "settings": settings, **stamps} for n in range(count)]
        await connection.execute(insert(projects), rows)


async def enqueue(address: str, runs: int, count: int) -> None:
    """Queue runs, in turn for each project."""
    async with (
        open_database(address, SystemClock()) as database,
        open_signals(database) as signals,
        open_queue(database, signals) as queue,
    ):
        for first in range(0, runs, _AT_ONCE):
            async with database.write() as connection:
                for project in range(count):
                    numbers = [n for n in range(first, min(first + _AT_ONCE, runs)) if n % count == project]
                    if numbers:
                        await enqueue_runs(connection, database, queue, _wish(project), [_test(n) for n in numbers])


def _wish(project: int) -> Wish:
    return Wish(project=f"p{project}", user_id="bench", settings=ExecutionSettings(), default_model="local")


def _test(number: int) -> TestToRun:
    return TestToRun(id=f"t{number}", version=1, name=f"t{number}", yaml=YAML.format(name=f"t{number}"))


def filled(meter: Meter, workers: int) -> float | None:
    """Seconds until 95 in 100 workers hold a run; None when that did not happen in a minute."""
    running = "select count(*) from test_executions where status = 'running'"
    started = time.perf_counter()
    while time.perf_counter() - started < 60:
        if meter.number(running) >= 0.95 * workers:
            return time.perf_counter() - started
        time.sleep(0.25)
    return None


_DEAREST = """select left(regexp_replace(query, '\\s+', ' ', 'g'), 60), total_exec_time / 1000
from pg_stat_statements order by 2 desc limit 3"""


def one_size(workers: int, given: argparse.Namespace) -> Seen:
    """A fleet of one size on a cluster of its own."""
    claims: list[tuple[float, float]] = []
    run_seconds = STEPS * given.step
    with own_cluster(_OPTIONS) as cluster, psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute("create extension pg_stat_statements")
        asyncio.run(make_projects(cluster.url, given.projects))
        with processes(cluster.url, workers, given.step, claims) as pids:
            meter = Meter(cluster, connection, pids)
            idle = meter.during(IDLE_SECONDS)
            runs = int(workers * (2 + (60 + run_seconds + given.seconds) / run_seconds))
            asyncio.run(enqueue(cluster.url, runs, given.projects))
            took = filled(meter, workers)
            time.sleep(run_seconds)
            connection.execute("select pg_stat_statements_reset()")
            began = time.time()
            busy = meter.during(given.seconds)
            held = meter.number("select count(*) from pg_stat_activity where backend_type = 'client backend'") - 1
            dearest = connection.execute(_DEAREST).fetchall()
            end = time.time()
    in_time = [took_ms for at, took_ms in claims if began <= at <= end]
    return Seen(workers, held, idle, took, busy, in_time, [(str(q), float(s)) for q, s in dearest])


# --- the report -------------------------------------------------------------------------------------------


def _row(seen: Seen, run_seconds: float) -> list[str]:
    busy, idle = seen.busy, seen.idle
    return [
        str(seen.workers),
        str(seen.connections),
        f"{idle.statements / idle.seconds:.0f}",
        f"{idle.database_cores:.2f}",
        "not in 60 s" if seen.filled_seconds is None else f"{seen.filled_seconds:.1f} s",
        f"{busy.ended / busy.seconds:.1f} of {seen.workers / run_seconds:.1f}",
        f"{busy.statements / busy.seconds:.0f}",
        f"{median(seen.claims):.0f} / {late(seen.claims):.0f} ms",
        f"{busy.database_cores:.2f}",
        f"{busy.worker_cores:.2f}",
    ]


def report(seen: Sequence[Seen], given: argparse.Namespace) -> None:
    """Print the table, and what the database spent most on."""
    run_seconds = STEPS * given.step
    facts = f"runs of {run_seconds:.0f} s, {given.projects} projects, {given.seconds:.0f} s a size"
    print(heading("A fleet of workers with a stub engine on PostgreSQL", None, facts, given.markdown))
    head = ("workers", "connections", "statements/s at rest", "database cores at rest", "all busy after")
    head += ("runs/s", "statements/s", "claim median / p95", "database cores", "worker cores")
    print(table(head, [_row(one, run_seconds) for one in seen], given.markdown))
    print("\nMost of PostgreSQL's time in statements:")
    for one in seen:
        print(f"  {one.workers}: " + "; ".join(f"{query} ({seconds:.1f} s)" for query, seconds in one.dearest))


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workers", default=WORKERS, help=f"sizes of the fleet ({WORKERS})")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each size is measured (20)")
    parser.add_argument("--step", type=float, default=2.0, help=f"seconds a step; a run has {STEPS} (2)")
    parser.add_argument("--projects", type=int, default=20, help="projects that the runs are in (20)")
    parser.add_argument("--markdown", action="store_true", help="print tables for docs/workers.md")
    given = parser.parse_args()
    if reason := why_no_cluster():
        raise SystemExit(f"a cluster of its own is needed: {reason}")
    seen = []
    for workers in map(int, given.workers.split(",")):
        print(f"{workers} workers ...", file=sys.stderr, flush=True)
        seen.append(one_size(workers, given))
    report(seen, given)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
