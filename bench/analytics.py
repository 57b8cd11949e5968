"""How long both analytics take over HTTP on a large database, SQLite and PostgreSQL (bench/README.md).

usage: ./dev bench analytics [--rows N] [--rounds N] [--markdown] [--postgres URL] [--keep DIR]

A database is made, filled and taken away again. With --keep SQLite's stays in DIR, and is filled up next time; the
database of --postgres is never taken away.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import platform
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import structlog
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import event

from _analytics_rows import DAYS, PROJECTS, fill, forget_numbers, sign_in
from _measure import late, median, table
from tierwright.core.deadline import SystemClock
from tierwright.server.app import API, create_app, open_platform
from tierwright.server.platform import Platform
from tierwright.server.settings import ServerSettings
from tierwright.store.rollups import refresh_rollups

QUESTIONS = ("tier-distribution", "strategy-effectiveness")
WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question on one database, and the milliseconds of its answers."""

    database: str
    attempts: int
    who: str
    question: str
    seen: int
    taken: tuple[float, ...]


@asynccontextmanager
async def served(settings: ServerSettings) -> AsyncIterator[tuple[Platform, ASGITransport]]:
    """The application, without a socket."""
    app = create_app(settings)
    async with open_platform(settings, SystemClock()) as opened:
        app.state.platform = opened
        yield opened, ASGITransport(app)


async def measure(settings: ServerSettings, rows: int, rounds: int, plan: bool) -> list[Asked]:
    """Fill a database and ask both questions: a user of each project in turn, and an administrator of all."""
    async with served(settings) as (opened, transport):
        database = opened.database
        print(f"{database.engine.dialect.name}: filled up in {await fill(database, rows):.0f} s", flush=True)
        started = perf_counter()
        hours = await refresh_rollups(database)
        print(f"  {hours} hours added up in {perf_counter() - started:.0f} s", flush=True)
        tokens = [await sign_in(database, f"user{n}", "member", n, opened.clock.now()) for n in range(PROJECTS)]
        admin = await sign_in(database, "admin", "admin", None, opened.clock.now())
        asked = []
        for question in QUESTIONS:
            for who, theirs in (("a user of one project", tokens), ("an administrator, all projects", [admin])):
                answers = await ask(transport, question, theirs, rounds)
                asked.append(Asked(database.engine.dialect.name, rows, who, question, *answers))
        if plan:
            await show_plan(opened, transport, tokens[0])
        await forget_numbers(database)
        return asked


async def ask(transport: ASGITransport, question: str, tokens: list[str], rounds: int) -> tuple[int, tuple[float, ...]]:
    """Ask for the last 30 days; returns the steps in the last answer, and all milliseconds."""
    address = f"http://bench{API}/settings/analytics/{question}"
    taken, body = [], {}
    async with AsyncClient(transport=transport, timeout=60) as client:
        for number in range(rounds):
            params = {"from": f"{datetime.now(UTC) - WINDOW:%Y-%m-%dT%H:%M:%SZ}"}
            headers = {"Authorization": f"Bearer {tokens[number % len(tokens)]}"}
            started = perf_counter()
            answer = await client.get(address, params=params, headers=headers)
            taken.append((perf_counter() - started) * 1000)
            body = answer.raise_for_status().json()
    return steps_in(body), tuple(taken)


def steps_in(body: dict[str, Any]) -> int:
    """Steps that an answer is of."""
    parts = [body] if "total_steps" in body else [body[f"option_{letter}"] for letter in "abc"]
    return sum(part["total_steps"] for part in parts)


async def show_plan(opened: Platform, transport: ASGITransport, token: str) -> None:
    """Print how the database answers the dearest statement of the tier distribution."""
    seen: list[tuple[float, str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        seen.append((perf_counter(), statement, parameters))

    event.listen(opened.database.engine.sync_engine, "before_cursor_execute", note)
    await ask(transport, QUESTIONS[0], [token], 1)
    event.remove(opened.database.engine.sync_engine, "before_cursor_execute", note)
    ends = [moment for moment, _, _ in seen[1:]] + [perf_counter()]
    _, statement, parameters = max(zip(ends, seen, strict=True), key=lambda pair: pair[0] - pair[1][0])[1]
    explain = "EXPLAIN QUERY PLAN " if opened.database.is_sqlite else "EXPLAIN (ANALYZE, TIMING OFF) "
    async with opened.database.read() as connection:
        print("\nPlan of the dearest statement:\n" + statement)
        for row in await connection.exec_driver_sql(explain + statement, parameters):
            print(f"  {row[-1]}"[:160])


def report(asked: list[Asked], rounds: int, markdown: bool) -> None:
    """Print the times."""
    load = os.getloadavg()[0]
    facts = f"{os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f}; {rounds} requests each"
    print(f"\nBoth analytics of the last 30 of {DAYS} days, over HTTP without a socket\n{facts}\n")
    head = (
        "question",
        "database",
        "attempts in it",
        "who asks",
        "steps of the answer",
        "median ms",
        "95th percentile ms",
    )
    rows = [
        (
            one.question,
            one.database,
            f"{one.attempts:,}",
            one.who,
            f"{one.seen:,}",
            f"{median(one.taken):.0f}",
            f"{late(one.taken):.0f}",
        )
        for one in asked
    ]
    print(table(head, rows, markdown))


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="attempts in the database (1000000)")
    parser.add_argument("--rounds", type=int, default=40, help="requests for each question (40)")
    parser.add_argument("--markdown", action="store_true", help="print tables for bench/README.md")
    parser.add_argument("--plan", action="store_true", help="show how the database answers")
    parser.add_argument("--postgres", help="URL of a PostgreSQL database to fill; without it SQLite is measured")
    parser.add_argument("--keep", type=Path, help="folder in which SQLite's database stays")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as folder:
        state = given.keep or Path(folder)
        url = SecretStr(given.postgres) if given.postgres else None
        settings = ServerSettings(state_dir=state, database_url=url, workers=0)
        report(asyncio.run(measure(settings, given.rows, given.rounds, given.plan)), given.rounds, given.markdown)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
