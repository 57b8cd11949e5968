"""Reads runs: lists, details, files, and what people say of steps."""

from __future__ import annotations

import asyncio
import mimetypes
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.browser.camera import ELEMENT_ENDING, STEP_PICTURE
from tierwright.core.results import RunStatus
from tierwright.core.settings import HealPolicy
from tierwright.server.executions.schemas import (
    ArtifactKind,
    ArtifactOut,
    AttemptOut,
    FeedbackGiven,
    FeedbackKind,
    FeedbackNew,
    FeedbackOut,
    RunItem,
    RunOut,
    RunState,
    StepOut,
    TryOut,
)
from tierwright.server.heals.service import mark_wrong
from tierwright.server.problems import invalid, not_found
from tierwright.store.database import Database
from tierwright.store.platform_tables import run_requests, step_feedback, users
from tierwright.store.tables import (
    artifacts,
    heals,
    steps,
    test_execution_tags,
    test_executions,
    tier_execution_logs,
    tries,
)

_runs = test_executions.c
_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".zip": "application/zip", ".txt": "text/plain"}
SHOWN_INLINE = frozenset({"image/png", "image/jpeg"})
"""What a browser shows in place; everything else is saved, so that no page of a test runs as ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which runs a list is of."""

    status: Sequence[RunState] = ()
    test_id: str | None = None
    suite_id: str | None = None
    group_id: str | None = None
    schedule_id: str | None = None
    tag: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def runs_in(project_id: str, filters: Filters) -> Select[Any]:
    """The rows of a project's runs that the filters leave."""
    query = select(test_executions).where(_runs.project == project_id, _runs.queued_at.is_not(None))
    equal = {"test_id": filters.test_id, "suite_id": filters.suite_id, "group_id": filters.group_id}
    for name, value in {**equal, "schedule_id": filters.schedule_id}.items():
        if value is not None:
            query = query.where(_runs[name] == value)
    if filters.status:
        query = query.where(_runs.status.in_([status.value for status in filters.status]))
    if filters.tag is not None:
        tagged = select(test_execution_tags.c.test_execution_id).where(test_execution_tags.c.tag == filters.tag)
        query = query.where(_runs.id.in_(tagged))
    if filters.since is not None:
        query = query.where(_runs.queued_at >= filters.since)
    if filters.until is not None:
        query = query.where(_runs.queued_at < filters.until)
    return query


async def run_row(connection: AsyncConnection, which: ColumnElement[bool]) -> Row[Any]:
    """One run. Raises Problem (404)."""
    row = (await connection.execute(select(test_executions).where(which))).first()
    if row is None:
        raise not_found("run")
    return row


async def shown(connection: AsyncConnection, row: Row[Any]) -> RunOut:
    """A run with its tries, steps, attempts and files, and what people said of its steps."""
    asked = select(run_requests.c.overrides).where(run_requests.c.test_execution_id == row.id)
    tags = select(test_execution_tags.c.tag).where(test_execution_tags.c.test_execution_id == row.id)
    passes = select(tries).where(tries.c.test_execution_id == row.id).order_by(tries.c.ordinal)
    return RunOut.model_validate(
        {
            **row._asdict(),
            "green": is_green(row),
            "overrides": await connection.scalar(asked) or {},
            "tags": list(await connection.scalars(tags.order_by(test_execution_tags.c.tag))),
            "tries": [TryOut.model_validate(one) for one in await connection.execute(passes)],
            "steps": await steps_of(connection, row.id),
            "artifacts": await artifacts_of(connection, row.id),
            "feedback": await feedback_of(connection, row.id),
        }
    )


def item_of(row: Row[Any]) -> RunItem:
    """A row as it stands in a list."""
    return RunItem.model_validate({**row._asdict(), "green": is_green(row)})


def is_green(row: Row[Any]) -> bool | None:
    """Whether a run ended well by the heal policy it was queued with (H-30); None while it has not ended."""
    if row.status in (RunState.QUEUED, RunState.RUNNING):
        return None
    healed_in_vain = row.status == RunStatus.PASSED_HEALED and row.settings.get("heal_policy") == HealPolicy.FAIL
    return RunStatus(row.status).green and not healed_in_vain


async def steps_of(connection: AsyncConnection, run_id: str) -> list[StepOut]:
    """The steps of all tries, each with its attempts and their evidence."""
    logs = tier_execution_logs.c
    of_run = select(tier_execution_logs).where(logs.test_execution_id == run_id)
    attempts: defaultdict[tuple[int, int], list[AttemptOut]] = defaultdict(list)
    for log in await connection.execute(of_run.order_by(logs.id)):
        more = log.extra_data or {}
        found = {"evidence": more.get("evidence"), "box": more.get("box")}
        attempt = AttemptOut.model_validate({**log._asdict(), **found})
        attempts[log.try_ordinal, log.step_index].append(attempt)
    # A heal that nothing confirmed was never offered: the step has its id, and no review has it (H-21, H-31).
    joined = steps.outerjoin(heals, heals.c.id == steps.c.proposal_id)
    query = select(steps, heals.c.id.label("heal_id")).select_from(joined).where(steps.c.test_execution_id == run_id)
    rows = await connection.execute(query.order_by(steps.c.try_ordinal, steps.c.step_index))
    return [
        StepOut.model_validate({**row._asdict(), "attempts": attempts[row.try_ordinal, row.step_index]}) for row in rows
    ]


# --- files ------------------------------------------------------------------------------------------------


async def artifacts_of(connection: AsyncConnection, run_id: str) -> list[ArtifactOut]:
    """The files a run left."""
    query = select(artifacts).where(artifacts.c.test_execution_id == run_id).order_by(artifacts.c.id)
    return [_artifact(row) for row in await connection.execute(query)]


def _artifact(row: Row[Any]) -> ArtifactOut:
    path = Path(row.path)
    return ArtifactOut(
        id=row.id,
        try_ordinal=row.try_ordinal,
        step_index=row.step_index,
        name=path.name,
        content_type=content_type(path),
        kind=artifact_kind(path),
        created_at=row.created_at,
    )


def artifact_kind(path: Path) -> ArtifactKind:
    """What a file of a run shows, by the name that the camera gave it."""
    if path.name.endswith(ELEMENT_ENDING):
        return ArtifactKind.ELEMENT
    return ArtifactKind.PAGE if STEP_PICTURE.fullmatch(path.name) else ArtifactKind.FILE


def content_type(path: Path) -> str:
    """What a file is, by its name; bytes where that says nothing."""
    return _TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"


async def artifact_path(connection: AsyncConnection, run_id: str, artifact_id: int, state_dir: Path) -> Path:
    """A file of a run that lies in the state's folder. Raises Problem (404)."""
    mine = (artifacts.c.test_execution_id == run_id) & (artifacts.c.id == artifact_id)
    stored = await connection.scalar(select(artifacts.c.path).where(mine))
    return await existing(Path(stored) if stored else None, state_dir, "artifact")


async def existing(path: Path | None, state_dir: Path, what: str) -> Path:
    """A file that is there and lies in a folder. Raises Problem (404)."""

    def inside() -> bool:
        return path is not None and path.resolve().is_relative_to(state_dir.resolve()) and path.is_file()

    if path is None or not await asyncio.to_thread(inside):
        raise not_found(what)
    return path


# --- feedback ---------------------------------------------------------------------------------------------


async def feedback_of(connection: AsyncConnection, run_id: str) -> list[FeedbackGiven]:
    """What people said of a run's steps, the first word first."""
    said = step_feedback.c
    query = select(step_feedback, users.c.username).outerjoin(users, users.c.id == said.user_id)
    rows = await connection.execute(query.where(said.test_execution_id == run_id).order_by(said.id))
    return [FeedbackGiven.model_validate(row) for row in rows]


async def keep_feedback(
    connection: AsyncConnection, database: Database, run_id: str, user_id: str, new: FeedbackNew
) -> FeedbackOut:
    """Keep what a person says of a step. Raises Problem (422) for a step that did not run."""
    step = select(steps.c.id).where(steps.c.test_execution_id == run_id, steps.c.step_index == new.step_index).limit(1)
    if await connection.scalar(step) is None:
        raise invalid("body.step_index", "this run has no result of such a step")
    now = database.clock.now()
    row = {
        "test_execution_id": run_id,
        "step_index": new.step_index,
        "kind": new.kind.value,
        "note": new.note,
        "user_id": user_id,
        "created_at": now,
    }
    made = await connection.execute(insert(step_feedback).values(row).returning(step_feedback.c.id))
    feedback_id = made.scalar_one()
    wrong = new.kind is FeedbackKind.WRONG_ELEMENT
    heal_id = await mark_wrong(connection, database, run_id, new.step_index) if wrong else None
    return FeedbackOut(id=feedback_id, heal_id=heal_id, created_at=now, **new.model_dump())
