"""Who makes which run: the marks on `test_executions` rows, each change one statement or one transaction.

A run is `queued`, then claimed by one worker for as long as its lease is renewed. A lease that runs out ends the try
as crashed and gives the run back to the queue, once; the second time the run ends as `error`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Row,
    Select,
    String,
    bindparam,
    case,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.results import ErrorKind, RunStatus
from tierwright.store.database import Database
from tierwright.store.fence import FencedDatabase
from tierwright.store.live_events import RUN_FINISHED, put_events
from tierwright.store.platform_tables import projects, run_requests
from tierwright.store.sweep import QUEUED, RUNNING, Owner, is_made, waits
from tierwright.store.tables import test_executions, tries
from tierwright.worker.signals import Signals, cancel_of, events_of

DEFAULT_CONCURRENCY = 4
"""Runs of one project at a time, where its settings name no other number."""

MOST_CRASHES = 1
"""How often a run whose worker died is queued again."""

_SWEPT_AT_ONCE = 500
_CLAIM_TRIES = 20
_LOCK_CLASS = 7413
_CRASHED = "the worker that made this try died: its lease ran out"

_runs = test_executions.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A run that this worker may make until its lease runs out. `more`: other runs wait besides.

    `asked_at` is the event loop's time before the lease began, in seconds.
    """

    run_id: str
    claim_no: int
    project: str
    project_settings: Mapping[str, Any]
    test_name: str
    test_id: str | None
    model: str
    example: Mapping[str, str] | None
    settings: Mapping[str, Any]
    yaml: str
    overrides: Mapping[str, Any]
    first_ordinal: int
    more: bool
    asked_at: float


# --- taking -----------------------------------------------------------------------------------------------


async def claim_next(database: Database, worker: str, lease_seconds: float) -> Claim | None:
    """Take the run that waits longest among those of the highest priority, in a project that has room; None without."""
    owner = await asyncio.to_thread(Owner.this_process)
    taken = {
        "status": RUNNING,
        "claim_no": _runs.claim_no + 1,
        "worker": worker,
        "started_at": database.clock.now(),
        "lease_until": _lease_end(database, lease_seconds),
        "owner_host": owner.host,
        "owner_pid": owner.pid,
        "owner_started": owner.started,
    }
    for _ in range(_CLAIM_TRIES):
        project = await _project_with_work(database)
        if project is None:
            return None
        run_id, asked_at = await _take(database, project, taken)
        if run_id is not None:
            return await _claim_of(database, run_id, asked_at)
    return None


async def _project_with_work(database: Database) -> str | None:
    async with database.read() as connection:
        project: str | None = await connection.scalar(_PROJECT_WITH_WORK)
    return project


async def _take(database: Database, project: str, taken: Mapping[str, Any]) -> tuple[str | None, float]:
    """Mark a run as taken; others who claim in the project wait for no more than this. And when it was asked for."""
    async with database.write() as connection:
        await _one_claim_at_a_time(database, connection, project)
        asked_at = _seconds()
        chosen = _FIRST_OF_PROJECT.params(project=project)
        # `=`, and not IN: PostgreSQL may run a subquery of IN more than once, and then takes more than one row.
        taking = update(test_executions).where(_runs.id == chosen.scalar_subquery(), waits(_runs))
        return await connection.scalar(taking.values(taken).returning(_runs.id)), asked_at


async def claim_again(database: Database, worker: str, lease_seconds: float, held: Collection[str]) -> Claim | None:
    """A run that is claimed under a worker's name although it does not know: the answer to its claim was lost.

    `held` are those that it knows of. The claim holds for another lease.
    """
    unknown = select(_runs.id).where(is_made(_runs), _runs.worker == worker, _runs.id.not_in(held)).limit(1)
    holding = update(test_executions).where(_runs.id == unknown.scalar_subquery(), is_made(_runs))
    lease = {"lease_until": _lease_end(database, lease_seconds)}
    asked_at = _seconds()
    async with database.write() as connection:
        run_id = await connection.scalar(holding.values(lease).returning(_runs.id))
    return None if run_id is None else await _claim_of(database, run_id, asked_at)


def _has_room(project: ColumnElement[str]) -> ColumnElement[bool]:
    others = test_executions.alias("others").c
    busy = select(func.count()).where(others.project == project, is_made(others), others.lease_until.is_not(None))
    own = select(projects.c.settings["concurrency"].as_integer()).where(projects.c.id == project)
    return busy.scalar_subquery() < func.coalesce(own.scalar_subquery(), DEFAULT_CONCURRENCY)


def _project_with_work_query() -> Select[tuple[str]]:
    """The project, among those with room, whose first run is next.

    It steps from project to project of the index of runs that wait: how many wait costs nothing, how many projects do.
    """
    first, later, runs = (test_executions.alias(name).c for name in ("first", "later", "waiting"))
    names = select(func.min(first.project).label("project")).where(waits(first)).cte("names", recursive=True)
    following = select(func.min(later.project)).where(waits(later), later.project > names.c.project)
    names = names.union_all(select(following.scalar_subquery()).where(names.c.project.is_not(None)))
    its = names.c.project
    highest = _highest_priority(its).correlate(names).scalar_subquery()
    since = select(func.min(runs.queued_at)).where(runs.project == its, runs.priority == highest, waits(runs))
    query = select(its).where(its.is_not(None), _has_room(its))
    return query.order_by(highest.desc(), since.correlate(names).scalar_subquery(), its).limit(1)


def _first_of_project_query() -> Select[tuple[str]]:
    """The run of the project `project` that is next; None without room."""
    project, runs = bindparam("project", type_=String), test_executions.alias("waiting").c
    # Not by `priority DESC` alone: the index of runs that wait then gives the run without sorting them all.
    highest = _highest_priority(project).scalar_subquery()
    query = select(runs.id).where(runs.project == project, runs.priority == highest, waits(runs), _has_room(project))
    return query.order_by(runs.queued_at, runs.id).limit(1).with_for_update(skip_locked=True)


def _highest_priority(project: ColumnElement[str]) -> Select[tuple[int]]:
    urgent = test_executions.alias("urgent").c
    return select(func.max(urgent.priority)).where(urgent.project == project, waits(urgent))


_PROJECT_WITH_WORK = _project_with_work_query()
_FIRST_OF_PROJECT = _first_of_project_query()


async def _one_claim_at_a_time(database: Database, connection: AsyncConnection, project: str) -> None:
    """Two workers must not both see the last free place of a project; SQLite has one writer anyway."""
    if not database.is_sqlite:
        lock = text("select pg_advisory_xact_lock(:class, hashtext(:project))")
        await connection.execute(lock, {"class": _LOCK_CLASS, "project": project})


async def _claim_of(database: Database, run_id: str, asked_at: float) -> Claim:
    tried = select(func.coalesce(func.max(tries.c.ordinal), 0)).where(tries.c.test_execution_id == _runs.id)
    others = test_executions.alias("others").c
    more = select(others.id).where(waits(others)).exists()
    query = (
        select(
            test_executions,
            run_requests.c.yaml,
            run_requests.c.overrides,
            projects.c.settings.label("project_settings"),
            tried.scalar_subquery().label("tried"),
            more.label("more"),
        )
        .join(run_requests, run_requests.c.test_execution_id == _runs.id)
        .outerjoin(projects, projects.c.id == _runs.project)
        .where(_runs.id == run_id)
    )
    async with database.read() as connection:
        row = (await connection.execute(query)).one()
    return Claim(
        run_id=row.id,
        claim_no=row.claim_no,
        project=row.project,
        project_settings=row.project_settings or {},
        test_name=row.test_name,
        test_id=row.test_id,
        model=row.model,
        example=row.example,
        settings=row.settings,
        yaml=row.yaml,
        overrides=row.overrides,
        first_ordinal=row.tried + 1,
        more=bool(row.more),
        asked_at=asked_at,
    )


# --- holding ----------------------------------------------------------------------------------------------


async def renew(database: Database, claim: Claim, lease_seconds: float) -> Literal["held", "cancel", "lost"]:
    """Hold a claim for another lease; `cancel` when somebody wants the run to end."""
    renewing = (
        update(test_executions)
        .where(_is_held(claim))
        .values(lease_until=_lease_end(database, lease_seconds))
        .returning(_runs.cancel_requested_at)
    )
    async with database.write() as connection:
        row = (await connection.execute(renewing)).first()
    if row is None:
        return "lost"
    return "held" if row.cancel_requested_at is None else "cancel"


async def give_back(database: FencedDatabase, claim: Claim, queue: Deliver) -> None:
    """Queue a run again that a worker which stops did not finish. Raises ClaimLostError."""
    async with database.write() as connection:
        waiting = {"status": QUEUED, "worker": None, "lease_until": None}
        await connection.execute(update(test_executions).where(_is_held(claim)).values(waiting))
        await put_events(connection, database, [(claim.run_id, "queued", {"why": "the worker stopped"})])
        await queue.deliver(connection, [claim.run_id])


def _is_held(claim: Claim) -> ColumnElement[bool]:
    return (_runs.id == claim.run_id) & (_runs.claim_no == claim.claim_no) & (_runs.status == RUNNING)


# --- cancelling -------------------------------------------------------------------------------------------


async def cancel_run(
    database: Database, connection: AsyncConnection, signals: Signals, run_id: str
) -> RunStatus | None:
    """End a queued run at once, or tell the worker of a running one; the status it has then, None for RUNNING.

    A run that has ended keeps its status, which is returned.
    """
    now = database.clock.now()
    ended = {"status": RunStatus.CANCELLED.value, "finished_at": now, "duration_ms": 0.0, "cancel_requested_at": now}
    queued = update(test_executions).where(_runs.id == run_id, _runs.status == QUEUED).values(ended)
    if (await connection.execute(queued)).rowcount:
        await put_events(connection, database, [(run_id, RUN_FINISHED, {"status": RunStatus.CANCELLED.value})])
        await signals.tell(connection, events_of(run_id))
        return RunStatus.CANCELLED
    asked = update(test_executions).where(_runs.id == run_id, _runs.status == RUNNING)
    first = func.coalesce(_runs.cancel_requested_at, literal(now, _runs.cancel_requested_at.type))
    if (await connection.execute(asked.values(cancel_requested_at=first))).rowcount:
        await signals.tell(connection, cancel_of(run_id))
        return None
    status: str = (await connection.execute(select(_runs.status).where(_runs.id == run_id))).scalar_one()
    return RunStatus(status)


# --- sweeping ---------------------------------------------------------------------------------------------


class Deliver(Protocol):
    """Makes deliveries for runs that are queued, in the transaction that queues them."""

    async def deliver(self, connection: AsyncConnection, run_ids: Sequence[str]) -> None:
        """See to it that a worker looks for these runs when the transaction is committed."""
        ...


async def sweep_leases(database: Database, signals: Signals, queue: Deliver, mine: Sequence[str] = ()) -> int:
    """Take runs whose lease ran out from their workers; returns how many.

    `mine` are runs that this process holds: it knows better than a clock that jumped whether it lives.
    """
    async with database.write() as connection:
        dead = await _dead(database, connection, mine)
        if not dead:
            return 0
        ids = [row.id for row in dead]
        await _record_crashes(connection, ids)
        again = [row.id for row in dead if row.crashes < MOST_CRASHES and row.cancel_requested_at is None]
        over = [row for row in dead if row.id not in set(again)]
        await _queue_again(connection, again)
        await _end(database, connection, [row.id for row in over])
        await put_events(connection, database, [(i, "queued", {"why": _CRASHED}) for i in again])
        await put_events(connection, database, [(r.id, RUN_FINISHED, _last_words(r)) for r in over])
        await queue.deliver(connection, again)
        for run_id in ids:
            await signals.tell(connection, events_of(run_id))
    return len(dead)


async def _dead(database: Database, connection: AsyncConnection, mine: Sequence[str]) -> Sequence[Any]:
    query = (
        select(_runs.id, _runs.crashes, _runs.cancel_requested_at)
        .where(is_made(_runs), _runs.lease_until < _now(database), _runs.id.not_in(mine))
        .limit(_SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return (await connection.execute(query)).all()


async def _record_crashes(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """The tries that were under way ended as crashed; a run that had begun none gets one."""
    t = tries.c
    crashed = {"status": RunStatus.ERROR.value, "error_kind": ErrorKind.CRASHED.value, "error_message": _CRASHED}
    under_way = select(t.id).where(t.test_execution_id == _runs.id, t.status == RUNNING)
    last = select(func.coalesce(func.max(t.ordinal), 0) + 1).where(t.test_execution_id == _runs.id)
    without = select(
        _runs.id, last.scalar_subquery(), *(literal(value) for value in crashed.values()), _runs.started_at
    ).where(_runs.id.in_(ids), ~under_way.exists())
    columns = ["test_execution_id", "ordinal", *crashed, "started_at"]
    await connection.execute(insert(tries).from_select(columns, without))
    open_tries = update(tries).where(t.test_execution_id.in_(ids), t.status == RUNNING)
    await connection.execute(open_tries.values(crashed))


async def _queue_again(connection: AsyncConnection, ids: Sequence[str]) -> None:
    waiting = {"status": QUEUED, "crashes": _runs.crashes + 1, "worker": None, "lease_until": None}
    await connection.execute(update(test_executions).where(_runs.id.in_(ids)).values(waiting))


async def _end(database: Database, connection: AsyncConnection, ids: Sequence[str]) -> None:
    unwanted = _runs.cancel_requested_at.is_not(None)
    ended = {
        "status": case((unwanted, RunStatus.CANCELLED.value), else_=RunStatus.ERROR.value),
        "crashes": _runs.crashes + 1,
        "error_kind": ErrorKind.CRASHED.value,
        "error_message": _CRASHED,
        "finished_at": database.clock.now(),
    }
    await connection.execute(update(test_executions).where(_runs.id.in_(ids)).values(ended))


def _last_words(row: Row[Any]) -> dict[str, str]:
    status = RunStatus.ERROR if row.cancel_requested_at is None else RunStatus.CANCELLED
    return {"status": status.value, "error_kind": ErrorKind.CRASHED.value, "error_message": _CRASHED}


# --- the time of leases -----------------------------------------------------------------------------------


def _seconds() -> float:
    return asyncio.get_running_loop().time()


def _now(database: Database) -> ColumnElement[datetime]:
    """PostgreSQL's own clock, because workers of many machines compare leases; SQLite has one machine."""
    if database.is_sqlite:
        return literal(database.clock.now(), _runs.lease_until.type)
    return func.clock_timestamp(type_=DateTime(timezone=True))


def _lease_end(database: Database, seconds: float) -> ColumnElement[datetime]:
    if database.is_sqlite:
        return literal(database.clock.now() + timedelta(seconds=seconds), _runs.lease_until.type)
    return _now(database) + literal(timedelta(seconds=seconds))
