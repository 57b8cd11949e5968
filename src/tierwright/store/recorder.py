"""Writes what happens in a run to the database, behind the run's back: the step path never waits for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.errors import MachineryError
from tierwright.core.events import (
    AttemptFinished,
    Event,
    ProposalMade,
    RunFinished,
    RunStarted,
    StepFinished,
    SuiteFinished,
    SuiteStarted,
    TryFinished,
    TryStarted,
)
from tierwright.core.keys import baseline_key, baseline_keys, selector_text
from tierwright.core.ports import BaselineKey
from tierwright.core.results import Attempt, Failure, RunResult, StepResult
from tierwright.core.steps import Step
from tierwright.store.codec import Json, evidence_to_json
from tierwright.store.database import Database
from tierwright.store.fence import RETRY_SECONDS, ClaimLostError, never
from tierwright.store.live_events import live_event, put_events_of
from tierwright.store.platform_tables import run_events
from tierwright.store.proposals import record_proposal
from tierwright.store.runs import example_digest
from tierwright.store.spending import add_spending
from tierwright.store.sweep import QUEUED, RUNNING, Owner
from tierwright.store.tables import (
    artifacts,
    steps,
    test_execution_tags,
    test_executions,
    tier_execution_logs,
    tries,
)

_OUR_WORDS = frozenset(
    {"id", "test_execution_id", "project", "status", "kind", "strategy", "action", "actuator", "cache", "error_kind"}
    | {"example_digest", "baseline_digest", "candidate_key", "proposal_id", "settings", "owner_host", "owner_started"}
)
"""Columns that hold our own words and hashes: masking a secret such as `passed` there would break the row."""

_WRITTEN = (RunStarted, TryStarted, StepFinished, ProposalMade, TryFinished, RunFinished)
"""The events that reach the database; the others are for those who watch."""

_FOUND_OUT_AT_START = ("model", "started_at", "owner_host", "owner_pid", "owner_started")
"""What is not known of a queued run before it starts."""

LINGER_SECONDS = 0.15
"""How long events are gathered for one transaction: the writer shares the machine with the steps it writes of, and
who watches wants to see a step within 0.2 seconds."""

Mask = Callable[[str], str]
Tell = Callable[[AsyncConnection, str], Awaitable[None]]
"""Tells those who watch a run, in the transaction that wrote what there is to see."""


def no_mask(text: str) -> str:
    """Leaves a text as it is."""
    return text


@dataclass(frozen=True, slots=True)
class _Flush:
    done: asyncio.Event


@dataclass(frozen=True, slots=True)
class _Heard:
    """An event and when it was told: it is written a moment later. `attempts`: when each of a step's attempts ended."""

    event: Event
    at: datetime
    attempts: tuple[datetime, ...] = ()


_AttemptKey = tuple[str, int, int, int]
"""A run, a step's index, a tier and the attempt's ordinal."""


class RunRecorder:
    """A listener that records runs, tries, steps, attempts and proposals through one writer task.

    Every text is masked before it is stored. When the database breaks, the run goes on, and `close` raises
    MachineryError, so that the command's verdict says so; `on_broken` is called at once.

    With `tell` it records a run of the queue, whose row is there already: the row is updated, and every event is kept
    for those who watch. While `held` says that its lease lasts, what a failing database did not take is written again.
    """

    def __init__(
        self,
        database: Database,
        mask: Mask = no_mask,
        *,
        tell: Tell | None = None,
        on_broken: Callable[[MachineryError], None] = lambda _: None,
        held: Callable[[], bool] = never,
    ) -> None:
        self._database = database
        self._mask = mask
        self._tell = tell
        self._on_broken = on_broken
        self._held = held
        self._kept = 0
        self._masks: dict[str, Mask] = {}
        self._started: dict[str, RunStarted] = {}
        self._keys: dict[str, tuple[BaselineKey, ...]] = {}
        self._attempted: dict[_AttemptKey, datetime] = {}
        self._as_it_ended: dict[str, dict[tuple[int, int], StepResult]] = {}
        self._queue: asyncio.Queue[_Heard | _Flush] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None
        self._broken: MachineryError | None = None

    def mask_run(self, run_id: str, mask: Mask) -> None:
        """Take out one run's secrets, on top of the common mask."""
        self._masks[run_id] = mask

    async def on_event(self, event: Event) -> None:
        """Take one event; returns at once, except at the end of a run, which waits until it is on disk."""
        heard = self._heard(event)
        if not isinstance(event, _WRITTEN) and (self._tell is None or live_event(event) is None):
            return
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all(), name="tierwright-recorder")
        self._queue.put_nowait(heard)
        if isinstance(event, RunFinished):
            await self._flush()

    def _heard(self, event: Event) -> _Heard:
        now = self._database.clock.now()
        if isinstance(event, AttemptFinished):
            self._attempted[_attempt_key(event.run_id, event.index, event.attempt)] = now
        if not isinstance(event, StepFinished):
            return _Heard(event, now)
        keys = (_attempt_key(event.run_id, event.result.index, attempt) for attempt in event.result.attempts)
        return _Heard(event, now, tuple(self._attempted.pop(key, now) for key in keys))

    async def close(self) -> None:
        """Write what is left and end the writer. Raises MachineryError when anything could not be written."""
        if self._writer is not None:
            await self._flush()
            self._writer.cancel()
            await asyncio.wait([self._writer])
            self._writer = None
        if self._broken is not None:
            raise self._broken

    async def _flush(self) -> None:
        flush = _Flush(asyncio.Event())
        self._queue.put_nowait(flush)
        await flush.done.wait()

    async def _write_all(self) -> None:
        while True:
            batch = await self._batch()
            try:
                await self._write([heard for heard in batch if isinstance(heard, _Heard)])
            finally:
                for flush in batch:
                    if isinstance(flush, _Flush):
                        flush.done.set()

    async def _batch(self) -> list[_Heard | _Flush]:
        """What comes within a moment, or until somebody waits for it."""
        batch = [await self._queue.get()]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while not isinstance(batch[-1], _Flush):
                    batch.append(await self._queue.get())
        return batch

    async def _write(self, batch: list[_Heard]) -> None:
        if not batch or self._broken:
            return
        kept = 0
        while True:
            try:
                async with self._database.write() as connection:
                    if kept == 0 or not await self._is_written(connection, batch):
                        kept = await self._write_batch(connection, batch)
                break
            except MachineryError as error:
                if isinstance(error, ClaimLostError) or not self._held():
                    self._broken = MachineryError(f"the run could not be recorded: {error}")
                    self._on_broken(error)
                    return
            await asyncio.sleep(RETRY_SECONDS)
        self._kept += kept
        for heard in batch:
            if isinstance(heard.event, RunFinished):
                self._forget(heard.event.result.run_id)

    async def _write_batch(self, connection: AsyncConnection, batch: list[_Heard]) -> int:
        """Write events; returns how many those who watch are told of."""
        for heard in batch:
            await self._write_one(connection, heard)
        return await self._put_live(connection, self._tell, batch) if self._tell else 0

    async def _is_written(self, connection: AsyncConnection, batch: list[_Heard]) -> bool:
        """Whether a transaction whose answer was lost was committed: then there are more events of this claim."""
        e = run_events.c
        mine = e.test_execution_id == run_of(batch[0].event)
        claimed = select(func.coalesce(func.max(e.id), 0)).where(mine, e.kind == QUEUED).scalar_subquery()
        there = await connection.scalar(select(func.count()).where(mine, e.id > claimed))
        return int(there or 0) > self._kept

    async def _put_live(self, connection: AsyncConnection, tell: Tell, batch: list[_Heard]) -> int:
        rows = []
        for heard in batch:
            shown = live_event(heard.event)
            if shown:
                run_id = run_of(heard.event)
                rows.append((heard.at, run_id, shown[0], self._masked(run_id, shown[1])))
        await put_events_of(connection, rows)
        for run_id in {row[1] for row in rows}:
            await tell(connection, run_id)
        return len(rows)

    async def _write_one(self, connection: AsyncConnection, heard: _Heard) -> None:
        event, at = heard.event, heard.at
        if isinstance(event, RunStarted):
            self._started[event.run_id] = event
            await self._run_started(connection, event)
        elif isinstance(event, TryStarted):
            await self._try_started(connection, event, at)
        elif isinstance(event, StepFinished):
            await self._step_finished(connection, event, heard)
        elif isinstance(event, ProposalMade):
            await self._proposal_made(connection, event)
        elif isinstance(event, TryFinished):
            await self._try_finished(connection, event, at)
        elif isinstance(event, RunFinished):
            await self._run_finished(connection, event.result, at)

    async def _run_started(self, connection: AsyncConnection, event: RunStarted) -> None:
        owner = await asyncio.to_thread(Owner.this_process)
        values = {
            "id": event.run_id,
            "project": event.project,
            "test_name": event.test.name,
            "test_file": event.test.file,
            "example": dict(event.example) if event.example else None,
            "example_digest": example_digest(event.example),
            "status": RUNNING,
            "strategy": event.settings.fallback_strategy.value,
            "model": event.model,
            "settings": asdict(event.settings),
            "track_effectiveness": event.settings.track_effectiveness,
            "started_at": event.started_at,
            "tokens": 0,
            "owner_host": owner.host,
            "owner_pid": owner.pid,
            "owner_started": owner.started,
        }
        if self._tell:
            changed = {name: values[name] for name in _FOUND_OUT_AT_START}
            mine = test_executions.c.id == event.run_id
            await connection.execute(test_executions.update().where(mine).values(**self._masked(event.run_id, changed)))
            return
        values["queued_at"] = event.started_at
        await connection.execute(insert(test_executions).values(**self._masked(event.run_id, values)))
        for tag in sorted(set(event.test.tags)):
            await connection.execute(insert(test_execution_tags).values(test_execution_id=event.run_id, tag=tag))

    async def _try_started(self, connection: AsyncConnection, event: TryStarted, at: datetime) -> None:
        values = {
            "test_execution_id": event.run_id,
            "ordinal": event.ordinal,
            "status": RUNNING,
            "started_at": at,
        }
        await self._database.upsert(connection, tries, values, ("test_execution_id", "ordinal"))

    async def _try_finished(self, connection: AsyncConnection, event: TryFinished, at: datetime) -> None:
        result = event.result
        values = {
            "test_execution_id": event.run_id,
            "ordinal": event.ordinal,
            "status": result.status.value,
            "started_at": result.started_at,
            "duration_ms": result.duration_ms,
            **_failure(result.error),
        }
        masked = self._masked(event.run_id, values)
        await self._database.upsert(connection, tries, masked, ("test_execution_id", "ordinal"))
        for step in result.steps:  # the runner's last word: contract failures are found after a step ended (H-16)
            if self._as_it_ended.get(event.run_id, {}).get((event.ordinal, step.index)) != step:
                await self._put_step(connection, event.run_id, event.ordinal, step)
        await self._put_artifacts(connection, (event.run_id, event.ordinal, None), result.artifacts, at)

    async def _step_finished(self, connection: AsyncConnection, event: StepFinished, heard: _Heard) -> None:
        run_id, ordinal, result = event.run_id, event.try_ordinal, event.result
        await self._put_step(connection, run_id, ordinal, result)
        self._as_it_ended.setdefault(run_id, {})[ordinal, result.index] = result
        rows = [
            self._masked(run_id, _attempt_row(run_id, ordinal, result.index, attempt)) | {"created_at": ended}
            for attempt, ended in zip(result.attempts, heard.attempts, strict=True)
        ]
        if rows:
            await connection.execute(insert(tier_execution_logs), rows)
        await self._put_artifacts(connection, (run_id, ordinal, result.index), result.artifacts, heard.at)

    async def _put_step(self, connection: AsyncConnection, run_id: str, ordinal: int, result: StepResult) -> None:
        if run_id in self._started:
            row = self._masked(run_id, self._step_row(run_id, ordinal, result))
            await self._database.upsert(connection, steps, row, ("test_execution_id", "try_ordinal", "step_index"))

    def _step_row(self, run_id: str, ordinal: int, result: StepResult) -> Json:
        written = self._written(run_id, result.index, result.step)
        return {
            "test_execution_id": run_id,
            "try_ordinal": ordinal,
            "step_index": result.index,
            "baseline_digest": self._key(run_id, result.index, result.step).digest,
            "action": written.action.value,
            "title": written.title,
            "instruction": written.instruction,
            "selector": selector_text(written.selector, written.frame) or None,
            "status": result.status.value,
            "tier": None if result.tier is None else int(result.tier),
            "actuator": None if result.actuator is None else result.actuator.value,
            "duration_ms": result.duration_ms,
            "locator": result.locator,
            "xpath": result.xpath,
            "cache": result.cache.value,
            "confidence": result.confidence,
            "margin": result.margin,
            "tokens": result.tokens,
            "cost_usd": result.cost_usd,
            **_failure(result.error),
            "proposal_id": _proposal_of(result),
            "warnings": [asdict(warning) for warning in result.warnings],
        }

    def _written(self, run_id: str, index: int, bound: Step) -> Step:
        """The step as it stands in the file: what was bound to values may hold secrets and gives other keys."""
        all_steps = self._started[run_id].test.all_steps
        return all_steps[index] if index < len(all_steps) else bound

    def _key(self, run_id: str, index: int, bound: Step) -> BaselineKey:
        started = self._started[run_id]
        if run_id not in self._keys:
            self._keys[run_id] = baseline_keys(started.project, started.test.name, started.test.all_steps)
        keys = self._keys[run_id]
        return keys[index] if index < len(keys) else baseline_key(started.project, started.test.name, bound)

    async def _put_artifacts(
        self, connection: AsyncConnection, of: tuple[str, int, int | None], paths: tuple[str, ...], at: datetime
    ) -> None:
        """`of` a run, a try and a step, or of the whole try."""
        run_id, ordinal, index = of
        common = {"test_execution_id": run_id, "try_ordinal": ordinal, "step_index": index, "created_at": at}
        if paths:
            await connection.execute(insert(artifacts), [common | {"path": path} for path in paths])

    async def _proposal_made(self, connection: AsyncConnection, event: ProposalMade) -> None:
        started = self._started.get(event.run_id)
        if started is not None:
            written = self._written(event.run_id, event.proposal.step_index, event.proposal.step)
            await record_proposal(
                connection,
                self._database,
                event.proposal,
                project=started.project,
                run_id=event.run_id,
                written=written,
                key=self._key(event.run_id, event.proposal.step_index, event.proposal.step),
                masked=lambda values: self._masked(event.run_id, values),
            )

    async def _run_finished(self, connection: AsyncConnection, result: RunResult, at: datetime) -> None:
        if result.run_id not in self._started:
            return  # cancelled before it began: it is in the report, and did not happen
        values = {
            "status": result.status.value,
            "finished_at": at,
            "duration_ms": result.duration_ms,
            **(await self._spent(connection, result)),
            **_failure(result.error),
        }
        masked = self._masked(result.run_id, values)
        await connection.execute(test_executions.update().where(test_executions.c.id == result.run_id).values(**masked))
        if self._tell is None and result.cost_usd:  # what a run of the queue spends is counted call by call
            await add_spending(connection, self._database, self._started[result.run_id].project, result.cost_usd)
        unfinished = delete(tries).where(tries.c.test_execution_id == result.run_id, tries.c.status == RUNNING)
        await connection.execute(unfinished)

    def _forget(self, run_id: str) -> None:
        for what in (self._started, self._keys, self._masks, self._as_it_ended):
            what.pop(run_id, None)

    async def _spent(self, connection: AsyncConnection, result: RunResult) -> Json:
        """What the run cost; a run of the queue may have tries of workers before us."""
        if self._tell is None:
            return {"tokens": result.tokens, "cost_usd": result.cost_usd}
        unknown = func.sum(case((steps.c.cost_usd.is_(None), 1), else_=0))
        query = select(
            func.coalesce(func.sum(steps.c.tokens), 0), func.coalesce(func.sum(steps.c.cost_usd), 0.0), unknown
        )
        row = (await connection.execute(query.where(steps.c.test_execution_id == result.run_id))).one()
        return {"tokens": row[0], "cost_usd": None if row[2] else row[1]}

    def _masked(self, run_id: str, values: Mapping[str, Any]) -> Json:
        own = self._masks.get(run_id, no_mask)

        def both(text: str) -> str:
            return self._mask(own(text))

        return {name: value if name in _OUR_WORDS else _mask_deep(value, both) for name, value in values.items()}


def _mask_deep(value: Any, mask: Mask) -> Any:
    if type(value) is str:
        return mask(value)
    if isinstance(value, Mapping):
        return {key: _mask_deep(item, mask) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mask_deep(item, mask) for item in value]
    return value


def run_of(event: Event) -> str:
    """The run an event tells of; empty for those of a whole command."""
    if isinstance(event, RunFinished):
        return event.result.run_id
    return "" if isinstance(event, SuiteStarted | SuiteFinished) else event.run_id


def _attempt_key(run_id: str, index: int, attempt: Attempt) -> _AttemptKey:
    return run_id, index, int(attempt.tier), attempt.ordinal


def _failure(error: Failure | None) -> Json:
    return {
        "error_kind": None if error is None else str(error.kind),
        "error_message": None if error is None else error.message,
    }


def _proposal_of(result: StepResult) -> str | None:
    offered = result.healed or result.grounding
    return offered.proposal_id if offered else None


def _attempt_row(run_id: str, ordinal: int, index: int, attempt: Attempt) -> Json:
    return {
        "test_execution_id": run_id,
        "try_ordinal": ordinal,
        "step_index": index,
        "tier_attempted": int(attempt.tier),
        "ordinal": attempt.ordinal,
        "success": attempt.success,
        "execution_time_ms": attempt.duration_ms,
        "tokens_used": attempt.tokens,
        "cost_usd": attempt.cost_usd,
        "cache": attempt.cache.value,
        "locator": attempt.locator,
        **_failure(attempt.error),
        "extra_data": {
            "evidence": evidence_to_json(attempt.evidence),
            **({"box": asdict(attempt.box)} if attempt.box else {}),
        },
    }
