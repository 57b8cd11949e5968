"""`/executions`: runs, and `/tests/{id}/run`, which starts one test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.responses import FileResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import AwareDatetime
from sqlalchemy import Row, select

from tierwright.core.results import RunStatus
from tierwright.server.access import Caller, Principal, RunCaller, Scope, of_visible_projects, project_for
from tierwright.server.bodies import IdInPath, ProjectAsked, RowId, Text
from tierwright.server.executions.events import follow
from tierwright.server.executions.schemas import (
    ArtifactsOut,
    FeedbackNew,
    FeedbackOut,
    HowToRun,
    Only,
    QueuedOut,
    RunItem,
    RunOut,
    RunsNew,
    RunState,
    StepsOut,
)
from tierwright.server.executions.service import (
    SHOWN_INLINE,
    Filters,
    artifact_path,
    artifacts_of,
    content_type,
    existing,
    item_of,
    keep_feedback,
    run_row,
    runs_in,
    shown,
    steps_of,
)
from tierwright.server.executions.starting import Start, start_again, start_suite, start_tests
from tierwright.server.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page_of
from tierwright.server.platform import Platform, ThePlatform
from tierwright.server.problems import conflict, not_found
from tierwright.server.transactions import Reading, Writing
from tierwright.store.platform_tables import suites, tests
from tierwright.store.tables import test_executions
from tierwright.worker.claims import cancel_run
from tierwright.worker.opening import frame_of

router = APIRouter(tags=["runs"])

_runs = test_executions.c


async def _seen(caller: Principal, platform: Platform, run_id: str) -> Row[Any]:
    async with platform.database.read() as connection:
        return await run_row(connection, (_runs.id == run_id) & of_visible_projects(caller, _runs.project))


async def run_seen(caller: Caller, platform: ThePlatform, execution_id: IdInPath) -> Row[Any]:
    """A run that the caller can see. Raises Problem (404)."""
    return await _seen(caller, platform, execution_id)


RunSeen = Annotated[Row[Any], Depends(run_seen)]


async def run_started(caller: RunCaller, platform: ThePlatform, execution_id: IdInPath) -> Row[Any]:
    """A run that the caller may cancel and repeat. Raises Problem (404, 403)."""
    row = await _seen(caller, platform, execution_id)
    await project_for(platform, caller, row.project, to=Scope.RUN)
    return row


RunStarted = Annotated[Row[Any], Depends(run_started)]


async def run_judged(caller: Caller, platform: ThePlatform, row: RunSeen) -> Row[Any]:
    """A run of whose steps the caller may say something. Raises Problem (404, 403)."""
    await project_for(platform, caller, row.project, to=Scope.WRITE)
    return row


# --- starting ---------------------------------------------------------------------------------------------


@router.post("/executions", status_code=202)
async def start_runs(new: RunsNew, caller: RunCaller, platform: ThePlatform) -> QueuedOut:
    """Start tests, or a suite: one run a test, or one a row of its examples."""
    project_id = await _project_of(caller, platform, new)
    await project_for(platform, caller, project_id, to=Scope.RUN)
    start = Start(
        project_id=project_id,
        user_id=caller.user_id,
        overrides=new.overrides.stored(),
        priority=new.priority,
        suite_id=new.suite_id,
    )
    async with platform.database.write() as connection:
        if new.suite_id is not None:
            return await start_suite(platform, connection, start)
        return await start_tests(platform, connection, start, new.test_ids or [])


async def _project_of(caller: Principal, platform: Platform, new: RunsNew) -> str:
    """The project of what is to be started. Raises Problem (404)."""
    table, wanted = (suites, new.suite_id) if new.suite_id is not None else (tests, (new.test_ids or [""])[0])
    mine = (table.c.id == wanted) & of_visible_projects(caller, table.c.project_id)
    async with platform.database.read() as connection:
        found: str | None = await connection.scalar(select(table.c.project_id).where(mine))
    if found is None:
        raise not_found("suite" if new.suite_id is not None else f"test: {wanted}")
    return found


@router.post("/tests/{test_id}/run", status_code=202)
async def start_test(
    test_id: IdInPath, caller: RunCaller, platform: ThePlatform, how: HowToRun = HowToRun()
) -> QueuedOut:
    """Start one test."""
    new = RunsNew(test_ids=[test_id], overrides=how.overrides, priority=how.priority)
    return await start_runs(new, caller, platform)


@router.post("/executions/{execution_id}/rerun", status_code=202)
async def rerun(
    row: RunStarted,
    caller: RunCaller,
    platform: ThePlatform,
    connection: Writing,
    only: Annotated[Only | None, Query(description="`failed`: what failed of all runs started together.")] = None,
) -> QueuedOut:
    """Run this once more as it was, or with `only=failed` what failed of the whole group it was started in."""
    return await start_again(platform, connection, row, caller.user_id, only)


@router.post("/executions/{execution_id}/cancel")
async def cancel(row: RunStarted, platform: ThePlatform) -> RunItem:
    """End a run: one that waits at once, one that is being made within two seconds."""
    async with platform.database.write() as connection:
        status = await cancel_run(platform.database, connection, platform.signals, row.id)
        if status not in (None, RunStatus.CANCELLED) or row.status == RunState.CANCELLED:
            raise conflict("this run has ended already")
        return item_of(await run_row(connection, _runs.id == row.id))


# --- looking ----------------------------------------------------------------------------------------------


def filters_asked(
    status: Annotated[list[RunState] | None, Query(max_length=len(RunState))] = None,
    test_id: RowId | None = None,
    suite_id: RowId | None = None,
    group_id: RowId | None = None,
    schedule_id: RowId | None = None,
    tag: Annotated[Text | None, Query(max_length=200)] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from", description="Queued then or later.")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to", description="Queued before.")] = None,
) -> Filters:
    """Which runs a list is of."""
    named = {"test_id": test_id, "suite_id": suite_id, "group_id": group_id, "schedule_id": schedule_id}
    return Filters(status=status or (), tag=tag, since=since, until=until, **named)


@router.get("/executions")
async def list_runs(
    project: ProjectAsked,
    connection: Reading,
    filters: Annotated[Filters, Depends(filters_asked)],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[RunItem]:
    """A project's runs, newest first."""
    keys = (_runs.queued_at, _runs.id)
    return await page_of(connection, runs_in(project.id, filters), keys, item_of, cursor=cursor, limit=limit)


@router.get("/executions/{execution_id}")
async def read_run(row: RunSeen, connection: Reading) -> RunOut:
    """One run with its tries, steps, attempts with evidence, and files."""
    return await shown(connection, row)


@router.get("/executions/{execution_id}/steps")
async def read_steps(row: RunSeen, connection: Reading) -> StepsOut:
    """The steps of all tries of a run."""
    return StepsOut(items=await steps_of(connection, row.id))


@router.get("/executions/{execution_id}/artifacts")
async def list_artifacts(row: RunSeen, connection: Reading) -> ArtifactsOut:
    """The files that a run left."""
    return ArtifactsOut(items=await artifacts_of(connection, row.id))


@router.get("/executions/{execution_id}/artifacts/{artifact_id}", response_class=FileResponse)
async def read_artifact(
    artifact_id: Annotated[int, Path(ge=1, le=2**31 - 1)], row: RunSeen, platform: ThePlatform
) -> FileResponse:
    """One file of a run; pictures are shown in place, everything else is saved."""
    async with platform.database.read() as connection:
        path = await artifact_path(connection, row.id, artifact_id, platform.settings.state_dir)
    kind = content_type(path)
    place = "inline" if kind in SHOWN_INLINE else "attachment"
    return FileResponse(path, media_type=kind, filename=path.name, content_disposition_type=place)


@router.get("/executions/{execution_id}/frame", response_class=FileResponse)
async def read_frame(row: RunSeen, platform: ThePlatform) -> FileResponse:
    """How the page of a run that is being made looks now; at most a second old while its steps go on."""
    state = platform.settings.state_dir
    file = frame_of(state, row.id) if row.status == RunState.RUNNING else None
    path = await existing(file, state, "picture of this run now")
    return FileResponse(path, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.get("/executions/{execution_id}/events", response_class=EventSourceResponse)
async def read_events(
    row: RunSeen,
    platform: ThePlatform,
    last_event_id: Annotated[str | None, Header(description="Go on after this one.")] = None,
) -> AsyncIterator[ServerSentEvent]:
    """What happens in a run, from the beginning or after `Last-Event-ID`, as it happens; ends with the run."""
    after = int(last_event_id) if last_event_id and last_event_id.isascii() and last_event_id.isdigit() else 0
    async for event in follow(platform, row.id, min(after, 2**31 - 1)):
        yield event


@router.post("/executions/{execution_id}/feedback", status_code=201)
async def give_feedback(
    new: FeedbackNew,
    caller: Caller,
    row: Annotated[Row[Any], Depends(run_judged)],
    platform: ThePlatform,
    connection: Writing,
) -> FeedbackOut:
    """Say what was wrong with a step; a heal that took the wrong element is never offered again."""
    return await keep_feedback(connection, platform.database, row.id, caller.user_id, new)
