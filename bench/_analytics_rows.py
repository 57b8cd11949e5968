"""Fills a database with runs, steps and attempts for `bench/analytics.py`, in SQL: ten attempts a run, over a year."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from sqlalchemy import func, insert, select, text

from tierwright.server.access import token_hash
from tierwright.store.database import Database
from tierwright.store.platform_tables import project_members, projects, user_sessions, users
from tierwright.store.tables import tier_execution_logs

ATTEMPTS_A_RUN = 10
PROJECTS = 10
DAYS = 365
RUNS_AT_ONCE = 20_000

_SPELLING: Mapping[str, Mapping[str, str]] = {
    "sqlite": {
        "random": "(abs(random()) / 9223372036854775808.0)",
        "moment": "strftime('%Y-%m-%d %H:%M:%f000', julianday('{now}') - {random} * {days})",
        "begun": "'{now}'",
        "json": "'{{}}'",
        "true": "1",
    },
    "postgresql": {
        "random": "random()",
        "moment": "timestamptz '{now}' - {random} * {days} * interval '1 day'",
        "begun": "timestamptz '{now}'",
        "json": "json '{{}}'",
        "true": "true",
    },
}

_NUMBERS = """
INSERT INTO bench_numbers WITH RECURSIVE more(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM more WHERE n < {last})
SELECT n FROM more
"""

_RUNS = """
INSERT INTO test_executions (id, project, test_name, test_file, example_digest, status, strategy, model, settings,
    track_effectiveness, started_at, queued_at, duration_ms, tokens, cost_usd, owner_host, owner_pid, owner_started)
SELECT 'r' || ({first} + n), 'p' || (n % {projects}), 'test ' || (n % 200), 'a.tw.yaml', '',
    CASE WHEN {random} < 0.9 THEN 'passed' ELSE 'failed' END, 'option_' || substr('abccc', 1 + n % 5, 1), 'local',
    {json}, {true}, {moment}, {begun}, 5000, 100, 0.001, 'bench', 1, ''
FROM bench_numbers WHERE n < {runs}
"""

# Of eight steps, two climb to tier 2: ten attempts.
_STEPS = """
INSERT INTO steps (test_execution_id, try_ordinal, step_index, baseline_digest, action, title, instruction, status,
    tier, duration_ms, cache, tokens, cost_usd, warnings)
SELECT 'r' || ({first} + run.n), 1, step.n, 'd' || step.n, 'click', 'Click the button', 'Click the button',
    CASE WHEN step.n = 7 AND run.n % 10 = 0 THEN 'failed' WHEN step.n >= 6 THEN 'healed' ELSE 'passed' END,
    CASE WHEN step.n >= 6 THEN 2 ELSE 1 END, {ms}, 'none', 12, 0.0001, {json}
FROM bench_numbers AS run CROSS JOIN bench_numbers AS step WHERE run.n < {runs} AND step.n < 8
"""

_ATTEMPTS = """
INSERT INTO tier_execution_logs (test_execution_id, try_ordinal, step_index, tier_attempted, ordinal, success,
    execution_time_ms, tokens_used, cost_usd, cache, extra_data, created_at)
SELECT 'r' || ({first} + run.n), 1, CASE WHEN one.n < 8 THEN one.n ELSE one.n - 2 END,
    CASE WHEN one.n < 8 THEN 1 ELSE 2 END,
    1, NOT (one.n IN (6, 7) OR (one.n = 9 AND run.n % 10 = 0)), {ms}, 10, 0.0001,
    CASE WHEN one.n < 8 THEN 'none' WHEN {random} < 0.6 THEN 'hit' ELSE 'miss' END, {json}, {begun}
FROM bench_numbers AS run CROSS JOIN bench_numbers AS one WHERE run.n < {runs} AND one.n < 10
"""

_MS = "exp(4.0 + 1.2 * ({random} + {random} + {random} + {random} - 2))"
"""About 55 ms in the middle, one in twenty above 170 ms: times of steps are skewed to the right."""


async def fill(database: Database, attempts: int) -> float:
    """Add runs until there are so many attempts; returns the seconds it took."""
    started = perf_counter()
    there = await _there(database) // ATTEMPTS_A_RUN
    await _numbers(database)
    for first in range(there, attempts // ATTEMPTS_A_RUN, RUNS_AT_ONCE):
        runs = min(RUNS_AT_ONCE, attempts // ATTEMPTS_A_RUN - first)
        async with database.write() as connection:
            for statement in (_RUNS, _STEPS, _ATTEMPTS):
                await connection.exec_driver_sql(_spelled(database, statement, first, runs))
    await _analyze(database)
    return perf_counter() - started


async def _there(database: Database) -> int:
    async with database.read() as connection:
        return int((await connection.execute(select(func.count()).select_from(tier_execution_logs))).scalar_one())


async def _numbers(database: Database) -> None:
    async with database.write() as connection:
        await connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS bench_numbers (n integer primary key)")
        await connection.exec_driver_sql("DELETE FROM bench_numbers")
        await connection.exec_driver_sql(_NUMBERS.format(last=RUNS_AT_ONCE - 1))


async def _analyze(database: Database) -> None:
    """Statistics for the planner, which a server in use has from its autovacuum."""
    async with database.write() as connection:
        await connection.exec_driver_sql("ANALYZE")


def _spelled(database: Database, statement: str, first: int, runs: int) -> str:
    spelling = _SPELLING[database.engine.dialect.name]
    numbers = {"first": first, "runs": runs, "projects": PROJECTS, "days": DAYS}
    now = f"{database.clock.now():%Y-%m-%d %H:%M:%S}.000000" + ("" if database.is_sqlite else "+00")
    words: dict[str, Any] = {"random": spelling["random"], "true": spelling["true"], **numbers}
    moment = spelling["moment"].format(now=now, random=spelling["random"], days=DAYS)
    begun, json = spelling["begun"].format(now=now), spelling["json"].format()
    ms = _MS.format(random=spelling["random"])
    spelled = statement.format(**words, moment=moment, begun=begun, json=json, ms=ms)
    return spelled if database.is_sqlite else spelled.replace("%", "%%")


async def sign_in(database: Database, username: str, role: str, project: int | None, now: datetime) -> str:
    """Make a user, of one project or of none, and give the token they are signed in with."""
    token = secrets.token_urlsafe(32)
    stamps = {"created_at": now, "updated_at": now}
    async with database.write() as connection:
        for table in (user_sessions, project_members):
            await connection.execute(table.delete().where(table.c.user_id == username))
        await connection.execute(users.delete().where(users.c.id == username))
        who = {"id": username, "username": username, "password_hash": "!", "role": role, "active": True}
        await connection.execute(insert(users).values(**who, **stamps))
        if project is not None:
            project_id = f"p{project}"
            row = {"id": project_id, "name": project_id, "settings": {}, **stamps}
            await database.insert_new(connection, projects, row, ("id",))
            member = {"project_id": project_id, "user_id": username, "role": "member", "created_at": now}
            await connection.execute(insert(project_members).values(**member))
        session = {"token_hash": token_hash(token), "user_id": username, "created_at": now, "last_used_at": now}
        await connection.execute(insert(user_sessions).values(**session, expires_at=now + timedelta(days=1)))
    return token


async def forget_numbers(database: Database) -> None:
    """Take away the helper table."""
    async with database.write() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS bench_numbers"))
