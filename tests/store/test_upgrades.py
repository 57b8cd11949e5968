"""Every schema that was released is brought to the newest one, and its rows are still there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select, text

import tierwright.store
from tierwright.store.analytics import Filter, tier_distribution
from tierwright.store.database import _engine, open_database, parse_url
from tierwright.store.migrate import HEAD, REVISIONS, schema_version
from tierwright.store.rollups import refresh_rollups
from tierwright.store.tables import test_executions

BEGAN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

ROWS_OF_0001 = (
    """insert into test_executions (id, project, test_name, test_file, example_digest, status, strategy, model,
        settings, track_effectiveness, started_at, finished_at, duration_ms, tokens, owner_host, owner_pid,
        owner_started)
    values ('r1', 'default', 'Sign in', 'a.tw.yaml', '', 'passed', 'option_c', 'local', '{}', true,
        '2026-11-20 09:30:00.000000', '2026-11-20 09:31:00.000000', 60000, 3, 'h', 1, '')""",
    """insert into test_execution_tags (test_execution_id, tag) values ('r1', 'smoke')""",
    """insert into steps (test_execution_id, try_ordinal, step_index, baseline_digest, action, title, instruction,
        status, tier, duration_ms, cache, tokens, cost_usd, warnings)
    values ('r1', 1, 0, 'd', 'click', '', '', 'passed', 1, 20, 'none', 3, 0.5, '[]')""",
    """insert into tier_execution_logs (test_execution_id, try_ordinal, step_index, tier_attempted, ordinal, success,
        execution_time_ms, tokens_used, cost_usd, cache, extra_data, created_at)
    values ('r1', 1, 0, 1, 1, true, 12.5, 3, 0.5, 'none', '{}', '2026-11-20 09:30:01.000000')""",
)

_QUEUED = ("update test_executions set queued_at = started_at",)
SINCE = {"0002": _QUEUED, "0003": _QUEUED}
"""What later releases wrote into a run besides."""


@pytest.mark.parametrize("revision", REVISIONS[:-1])
async def test_a_released_schema_is_upgraded_with_its_rows(state_address, clock, revision: str) -> None:
    await made_at(state_address, revision)
    async with open_database(state_address, clock) as database:
        assert await schema_version(database.engine) == HEAD
        async with database.read() as connection:
            run = (await connection.execute(select(test_executions))).one()
        assert (run.id, run.started_at, run.queued_at) == ("r1", BEGAN, BEGAN)
        assert (run.priority, run.claim_no, run.crashes, run.user_id) == (0, 0, 0, None)
        assert await refresh_rollups(database) == 1  # rows from before the triggers are marked too
        figures = await tier_distribution(database, Filter(projects=("default",)), exact_up_to=-1)
        assert (figures.total_executions, figures.total_steps, figures.tiers[0].cost_usd) == (1, 1, 0.5)


async def made_at(state_address: Path | str, revision: str) -> None:
    """A database as the release with this schema made it, with a run in it."""
    if isinstance(state_address, Path):
        await asyncio.to_thread(state_address.mkdir)
    engine = _engine(parse_url(state_address))
    async with engine.execution_options(tierwright_writes=True).begin() as connection:
        await connection.run_sync(_migrated, revision)
        for row in (*ROWS_OF_0001, *SINCE.get(revision, ())):
            await connection.execute(text(row))
    await engine.dispose()


def _migrated(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(tierwright.store.__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
