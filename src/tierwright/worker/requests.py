"""Queues runs: their rows, what they were asked to do, and their delivery, in the caller's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.errors import UsageError
from tierwright.core.settings import ExecutionSettings, HealPolicy
from tierwright.core.steps import TestCase
from tierwright.core.strategy import FallbackStrategy
from tierwright.store.database import Database
from tierwright.store.live_events import put_events
from tierwright.store.platform_tables import run_requests
from tierwright.store.runs import example_digest
from tierwright.store.sweep import QUEUED
from tierwright.store.tables import test_execution_tags, test_executions
from tierwright.testfiles.loader import load_text
from tierwright.worker.claims import Deliver

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class TestToRun:
    """A stored test as it is now; the run keeps its text, whatever becomes of the test."""

    __test__ = False  # pytest must not collect it

    id: str
    version: int
    name: str
    yaml: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a group of runs has in common.

    `settings` are the starter's, copied onto every run. `overrides` come before everything else: `strategy`,
    `base_url`, `browser` (`viewport` as width and height, `locale`), `variables`, `retries`, `trace`, `screenshots`,
    `model`. Of equal age the higher `priority` runs first. `default_model` is the project's or the server's.
    `heal_policy` says whether a healed run counts as green (H-30).
    """

    project: str
    user_id: str
    settings: ExecutionSettings
    default_model: str
    heal_policy: HealPolicy = HealPolicy.WARN
    overrides: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    priority: int = 0
    suite_id: str | None = None
    schedule_id: str | None = None


@dataclass(frozen=True, slots=True)
class QueuedRun:
    """A run that was queued."""

    id: str
    test_id: str
    test_name: str
    example: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class QueuedGroup:
    """Runs that were queued together."""

    id: str
    runs: tuple[QueuedRun, ...]


def test_of(text: str, name: str) -> TestCase:
    """The one test of a stored text. Raises UsageError, which names every problem, for one that cannot be run."""
    loaded = load_text(text, name, check_variables=False)
    if loaded.problems or len(loaded.tests) != 1:
        problems = "; ".join(map(str, loaded.problems)) or f"holds {len(loaded.tests)} tests"
        raise UsageError(f'the test "{name}" cannot be run: {problems}')
    return loaded.tests[0]


async def enqueue_runs(
    connection: AsyncConnection, database: Database, queue: Deliver, wish: Wish, tests: Sequence[TestToRun]
) -> QueuedGroup:
    """Queue one run a test, or one a row of its examples. Raises UsageError for a test that cannot be run."""
    pairs = [(test, test_of(test.yaml, test.name)) for test in tests]
    planned = [(_run_of(test, example), test, case) for test, case in pairs for example in (case.examples or (None,))]
    return await _enqueue(connection, database, queue, wish, planned)


async def enqueue_again(
    connection: AsyncConnection,
    database: Database,
    queue: Deliver,
    wish: Wish,
    again: Sequence[tuple[TestToRun, Mapping[str, str] | None]],
) -> QueuedGroup:
    """Queue single runs once more, each with the row of examples it had."""
    planned = [(_run_of(test, example), test, test_of(test.yaml, test.name)) for test, example in again]
    return await _enqueue(connection, database, queue, wish, planned)


_Planned = tuple[QueuedRun, TestToRun, TestCase]


async def _enqueue(
    connection: AsyncConnection, database: Database, queue: Deliver, wish: Wish, planned: Sequence[_Planned]
) -> QueuedGroup:
    group = QueuedGroup(uuid.uuid4().hex, tuple(run for run, _, _ in planned))
    common = _common(database, wish, group.id)
    rows = [common | _own(run, test) for run, test, _ in planned]
    requests = [
        {"test_execution_id": run.id, "yaml": test.yaml, "overrides": dict(wish.overrides)} for run, test, _ in planned
    ]
    tags = list(_tags(planned))
    if not rows:
        return group
    await connection.execute(insert(test_executions), rows)
    await connection.execute(insert(run_requests), requests)
    if tags:
        await connection.execute(insert(test_execution_tags), tags)
    await put_events(connection, database, [(run.id, "queued", {}) for run in group.runs])
    await queue.deliver(connection, [run.id for run in group.runs])
    return group


def _run_of(test: TestToRun, example: Mapping[str, str] | None) -> QueuedRun:
    return QueuedRun(uuid.uuid4().hex, test.id, test.name, example)


def _common(database: Database, wish: Wish, group_id: str) -> dict[str, Any]:
    now, settings = database.clock.now(), settings_with(wish.settings, wish.overrides)
    return {
        "project": wish.project,
        "test_file": "",
        "status": QUEUED,
        "strategy": settings.fallback_strategy.value,
        "model": wish.overrides.get("model") or wish.default_model,
        "settings": {**asdict(settings), "heal_policy": wish.heal_policy.value},
        "track_effectiveness": settings.track_effectiveness,
        "queued_at": now,
        "started_at": now,
        "tokens": 0,
        "cost_usd": 0.0,
        "owner_host": "",
        "owner_pid": 0,
        "owner_started": "",
        "user_id": wish.user_id,
        "suite_id": wish.suite_id,
        "schedule_id": wish.schedule_id,
        "group_id": group_id,
        "priority": wish.priority,
    }


def _own(run: QueuedRun, test: TestToRun) -> dict[str, Any]:
    return {
        "id": run.id,
        "test_name": test.name,
        "test_id": test.id,
        "test_version": test.version,
        "example": dict(run.example) if run.example else None,
        "example_digest": example_digest(run.example),
    }


def _tags(planned: Sequence[_Planned]) -> Iterator[dict[str, str]]:
    for run, _, case in planned:
        for tag in sorted(set(case.tags)):
            yield {"test_execution_id": run.id, "tag": tag}


def settings_with(settings: ExecutionSettings, overrides: Mapping[str, Any]) -> ExecutionSettings:
    """Settings with a run's own strategy before them."""
    strategy = overrides.get("strategy")
    return replace(settings, fallback_strategy=FallbackStrategy(strategy)) if strategy else settings
