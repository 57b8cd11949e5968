"""How fast the API answers, and how many runs a minute go through the queue, SQLite and PostgreSQL (bench/README.md).

usage: ./dev bench api [--requests N] [--at-once N] [--runs N] [--postgres URL] [--no-browser] [--markdown]

Everything is made for it and taken away again: a state folder, and a database on the PostgreSQL server of --postgres.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import httpx
import psycopg
from pydantic import SecretStr
from sqlalchemy import func, select, update

from _analytics_rows import sign_in
from _measure import browser_path, heading, table
from tierwright.core.deadline import SystemClock
from tierwright.core.settings import ExecutionSettings
from tierwright.server.app import API, open_platform
from tierwright.server.platform import Platform
from tierwright.server.settings import ServerSettings
from tierwright.server.users.service import DEMO_PASSWORD, DEMO_USER
from tierwright.store.platform_tables import projects
from tierwright.store.tables import test_executions
from tierwright.worker.requests import TestToRun, Wish, enqueue_runs

POSTGRES = "postgresql://postgres@127.0.0.1:5432/test"
WORKERS = (1, 2, 4)
BROWSER_WORKERS = (1, 2)
PROJECT = "p0"
TESTS = 50
STUB_STEPS = 5
_PATIENCE_SECONDS = 600

YAML = "name: {name}\ntags: [bench]\nsteps:\n" + "".join(
    f'  - {{{{action: click, instruction: "Click button {n}", selector: "#b{n}"}}}}\n' for n in range(STUB_STEPS)
)


@dataclass(frozen=True, slots=True)
class Place:
    """A state to measure on: what it is called, its folder, and its URL where it is no file."""

    name: str
    state: Path
    url: str | None

    @property
    def settings(self) -> ServerSettings:
        """Settings of a server on this state that runs nothing itself."""
        return ServerSettings(
            state_dir=self.state, database_url=SecretStr(self.url) if self.url else None, workers=0, demo=False
        )

    @property
    def env(self) -> dict[str, str]:
        """The environment of processes that shall use this state."""
        mine = {key: value for key, value in os.environ.items() if not key.startswith("TIERWRIGHT_")}
        return {**mine, "TIERWRIGHT_DATABASE_URL": self.url} if self.url else mine


@dataclass(frozen=True, slots=True)
class Asked:
    """An endpoint, the milliseconds of its answers, and the seconds that all took."""

    database: str
    endpoint: str
    taken: tuple[float, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Made:
    """Runs that went through the queue, from the first claim to the last end."""

    what: str
    workers: int
    runs: int
    seconds: float

    @property
    def runs_a_minute(self) -> float:
        """The rate."""
        return 60 * self.runs / self.seconds


# --- processes --------------------------------------------------------------------------------------------


@contextmanager
def process(*words: str | Path, env: dict[str, str], begins: str) -> Iterator[str]:
    """A process that says a line which begins so when it is ready; yields that line, and ends the process."""
    started = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)
    try:
        assert started.stdout
        said = next((line for line in started.stdout if line.startswith(begins)), None)
        if said is None:
            raise SystemExit(f"{' '.join(map(str, words))} ended with {started.wait()}")
        yield said
    finally:
        started.terminate()
        with suppress(subprocess.TimeoutExpired):
            started.wait(60)
        started.kill()
        started.wait()
        if started.stdout:
            started.stdout.close()


@contextmanager
def served(place: Place, *words: str) -> Iterator[str]:
    """`tierwright serve` as users start it; yields the address of its API."""
    command = [sys.executable, "-m", "tierwright", "serve", "--port", "0", "--state", str(place.state), *words]
    with process(*command, env=place.env, begins="Tierwright is at ") as said:
        yield said.split()[3] + API


@contextmanager
def stub_workers(place: Place, count: int) -> Iterator[None]:
    """Workers without browsers: on PostgreSQL a process each, on SQLite places of one process, as in use."""
    file = str(Path(__file__).with_name("_stub_worker.py"))
    processes, places = (count, 1) if place.url else (1, count)
    with ExitStack() as stack:
        for _ in range(processes):
            words = (sys.executable, file, place.url or str(place.state), str(places))
            stack.enter_context(process(*words, env=place.env, begins="ready"))
        yield


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """The address of a new database on a server, dropped at the end."""
    name = f"twbench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'create database "{name}"')
    try:
        yield server.rpartition("/")[0] + f"/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'drop database "{name}" with (force)')


# --- runs through the queue -------------------------------------------------------------------------------


async def queue_rates(place: Place, runs: int) -> tuple[str, list[Made]]:
    """Make a user, and so many runs with each number of workers; returns the user's token and the rates."""
    async with open_platform(place.settings, SystemClock()) as platform:
        token = await sign_in(platform.database, "bench", "admin", 0, platform.clock.now())
        async with platform.database.write() as connection:
            wide = update(projects).where(projects.c.id == PROJECT).values(settings={"concurrency": 64})
            await connection.execute(wide)
        return token, [await _queue_rate(place, platform, runs, workers) for workers in WORKERS]


async def _queue_rate(place: Place, platform: Platform, runs: int, workers: int) -> Made:
    starting = stub_workers(place, workers)
    await asyncio.to_thread(starting.__enter__)
    try:
        group_id = await _enqueued(platform, runs)
        seconds = await _until_ended(platform, group_id)
    finally:
        await asyncio.to_thread(starting.__exit__, None, None, None)
    return Made(f"{place.name}, stub engine", workers, runs, seconds)


async def _enqueued(platform: Platform, runs: int) -> str:
    names = [f"bench {number % TESTS}" for number in range(runs)]
    tests = [TestToRun(id=name, version=1, name=name, yaml=YAML.format(name=name)) for name in names]
    wish = Wish(project=PROJECT, user_id="bench", settings=ExecutionSettings(), default_model="local")
    async with platform.database.write() as connection:
        return (await enqueue_runs(connection, platform.database, platform.queue, wish, tests)).id


async def _until_ended(platform: Platform, group_id: str) -> float:
    """Seconds from the first claim to the last end."""
    mine = test_executions.c.group_id == group_id
    open_ones = select(func.count()).where(mine, test_executions.c.finished_at.is_(None))
    first_and_last = select(func.min(test_executions.c.started_at), func.max(test_executions.c.finished_at))
    until = perf_counter() + _PATIENCE_SECONDS
    while perf_counter() < until:
        async with platform.database.read() as connection:
            if await connection.scalar(open_ones) == 0:
                bad = await connection.scalar(
                    select(func.count()).where(mine, test_executions.c.status != "passed").select_from(test_executions)
                )
                first, last = (await connection.execute(first_and_last.where(mine))).one()
                assert bad == 0, f"{bad} runs did not pass"
                return float((last - first).total_seconds())
        await asyncio.sleep(0.25)
    raise SystemExit(f"the runs did not end within {_PATIENCE_SECONDS} s")


def browser_rate(folder: Path, workers: int, browser: Path) -> Made:
    """The demo's suite on version 1 of its shop by `serve --demo`, with real browsers; all of it must pass."""
    place = Place("SQLite", folder, None)
    os.environ["CHROME_PATH"] = str(browser)
    with served(place, "--demo", "--workers", str(workers)) as address, httpx.Client(base_url=address) as client:
        signed_in = client.post("/auth/login", data={"username": DEMO_USER, "password": DEMO_PASSWORD})
        client.headers["Authorization"] = f"Bearer {signed_in.raise_for_status().json()['access_token']}"
        client.cookies.clear()
        suite = client.get("/suites").raise_for_status().json()["items"][0]["id"]
        group = client.post("/executions", json={"suite_id": suite}).raise_for_status().json()
        return _browser_rate(client, group["group_id"], workers, len(group["runs"]))


def _browser_rate(client: httpx.Client, group_id: str, workers: int, count: int) -> Made:
    until = perf_counter() + _PATIENCE_SECONDS
    while perf_counter() < until:
        runs = client.get("/executions", params={"group_id": group_id}).raise_for_status().json()["items"]
        if all(run["finished_at"] for run in runs):
            failed = [run["test_name"] for run in runs if run["status"] != "passed"]
            assert not failed, f"did not pass: {failed}"
            first, last = min(_moments(runs, "started_at")), max(_moments(runs, "finished_at"))
            return Made("SQLite, real browser", workers, count, (last - first).total_seconds())
        sleep(0.5)
    raise SystemExit(f"the runs did not end within {_PATIENCE_SECONDS} s")


def _moments(runs: Sequence[dict[str, Any]], key: str) -> list[datetime]:
    return [datetime.fromisoformat(run[key]) for run in runs]


# --- requests ---------------------------------------------------------------------------------------------

Call = Callable[[int], Awaitable[httpx.Response]]
"""One request, the how manieth it is."""


async def latencies(place: Place, address: str, token: str, requests: int, at_once: int) -> list[Asked]:
    """Ask representative endpoints, one after the other, each by so many callers at once."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client:
        calls = await _calls(client)
        asked = []
        for name, call in calls.items():
            await _load(call, at_once, at_once)  # connections and caches are made before the clock runs
            started = perf_counter()
            taken = await _load(call, requests, at_once)
            asked.append(Asked(place.name, name, taken, perf_counter() - started))
        return asked


async def _load(call: Call, requests: int, at_once: int) -> tuple[float, ...]:
    taken: list[float] = []
    numbers = iter(range(requests))

    async def caller() -> None:
        for number in numbers:
            started = perf_counter()
            answer = await call(number)
            taken.append((perf_counter() - started) * 1000)
            answer.raise_for_status()

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(caller())
    return tuple(taken)


async def _calls(client: httpx.AsyncClient) -> dict[str, Call]:
    stream = "---\n".join(YAML.format(name=f"bench {number}") for number in range(TESTS))
    imported = await client.post("/tests/import", json={"yaml": stream})
    test = imported.raise_for_status().json()["created"][0]["id"]
    run = (await client.get("/executions?limit=1")).raise_for_status().json()["items"][0]["id"]
    return {
        "GET /auth/me": lambda _: client.get("/auth/me"),
        "GET /tests": lambda _: client.get("/tests"),
        "GET /tests/{id}": lambda _: client.get(f"/tests/{test}"),
        "GET /executions": lambda _: client.get("/executions"),
        "GET /executions/{id}": lambda _: client.get(f"/executions/{run}"),
        "GET /dashboard": lambda _: client.get("/dashboard"),
        "GET …/tier-distribution": lambda _: client.get("/settings/analytics/tier-distribution"),
        "PUT /settings/execution": lambda at: client.put(
            "/settings/execution", json={"tier1_timeout_seconds": 1 + at % 300}
        ),
        "POST /tests": lambda _: client.post("/tests", json={"yaml": YAML.format(name=uuid.uuid4().hex)}),
        "POST /executions": lambda _: client.post("/executions", json={"test_ids": [test]}),
    }


# --- all of it --------------------------------------------------------------------------------------------


@contextmanager
def places(postgres: str) -> Iterator[list[Place]]:
    """SQLite in a folder, and a new database of PostgreSQL where one answers."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        found = [Place("SQLite", folder / "sqlite", None)]
        try:
            url = stack.enter_context(new_database(postgres))
            found.append(Place("PostgreSQL", folder / "postgres", url))
        except psycopg.OperationalError as error:
            print(f"PostgreSQL is not measured: {str(error).splitlines()[0]}\n")
        yield found


def measure(given: argparse.Namespace) -> tuple[list[Asked], list[Made]]:
    """Rates first: the requests are asked on what the runs left."""
    asked: list[Asked] = []
    made: list[Made] = []
    with places(given.postgres) as found:
        for place in found:
            token, rates = asyncio.run(queue_rates(place, given.runs))
            made += rates
            with served(place, "--workers", "0") as address:
                asked += asyncio.run(latencies(place, address, token, given.requests, given.at_once))
    return asked, made


def measure_browsers(browser: Path) -> list[Made]:
    """The demo's suite with each number of workers, each on a state of its own."""
    made = []
    for workers in BROWSER_WORKERS:
        with tempfile.TemporaryDirectory() as folder:
            made.append(browser_rate(Path(folder), workers, browser))
    return made


def report(asked: Sequence[Asked], made: Sequence[Made], browser: Path, given: argparse.Namespace) -> None:
    """Print both tables."""
    facts = f"{given.requests} requests an endpoint, {given.at_once} at once, by one process on the same cores"
    print(heading("The API over HTTP on loopback, and runs through the queue", browser, facts, given.markdown))
    head = ("request", "database", "median ms", "95th percentile", "99th percentile", "requests a second")
    rows = [(one.endpoint, one.database, *_percentiles(one.taken), f"{_rate(one):.0f}") for one in asked]
    print(table(head, rows, given.markdown) + "\n")
    head = ("runs of", "workers", "runs", "seconds", "runs a minute")
    rates = [
        (one.what, str(one.workers), str(one.runs), f"{one.seconds:.1f}", f"{one.runs_a_minute:.0f}") for one in made
    ]
    print(table(head, rates, given.markdown))


def _percentiles(taken: Sequence[float]) -> tuple[str, str, str]:
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return f"{cuts[49]:.1f}", f"{cuts[94]:.1f}", f"{cuts[98]:.1f}"


def _rate(asked: Asked) -> float:
    return len(asked.taken) / asked.seconds


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=400, help="requests an endpoint (400)")
    parser.add_argument("--at-once", type=int, default=8, help="callers at once (8)")
    parser.add_argument("--runs", type=int, default=400, help="runs with the stub engine for each number (400)")
    parser.add_argument("--postgres", default=os.environ.get("TIERWRIGHT_TEST_POSTGRES", POSTGRES), help="a server")
    parser.add_argument("--no-browser", action="store_true", help="leave out the runs with a real browser")
    parser.add_argument("--markdown", action="store_true", help="print tables for bench/README.md")
    parser.add_argument("--browser", type=Path, help="path of a Chromium; found by itself without")
    given = parser.parse_args()
    browser = browser_path(given.browser)
    with_browsers = [] if given.no_browser else measure_browsers(browser)
    asked, made = measure(given)
    report(asked, made + with_browsers, browser, given)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
