from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.event import listens_for
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.server.rows import made
from tests.store.conftest import SetClock
from tests.store.examples import BEGAN, BUTTON, TEST, approve, heal, healed_step, reject, result, told

from tierwright.core.deadline import SystemClock
from tierwright.core.errors import MachineryError
from tierwright.core.events import AttemptFinished, Event, RunFinished, SuiteStarted
from tierwright.core.results import ErrorKind, Failure, Notice, RunStatus, StepStatus
from tierwright.store.database import Database, open_database
from tierwright.store.platform_tables import run_events
from tierwright.store.proposals import Proposals, ProposalStatus
from tierwright.store.recorder import RunRecorder
from tierwright.store.runs import passed_tests
from tierwright.store.tables import test_executions, tier_execution_logs, tries


async def record(database: Database, *runs: list[Event], **masks: object) -> None:
    recorder = RunRecorder(database, **masks)  # type: ignore[arg-type]
    for events in runs:
        for event in events:
            await recorder.on_event(event)
    await recorder.close()


async def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    async with database.read() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def test_a_run_is_recorded_whole(database: Database) -> None:
    """H-2, H-3, H-4: run, try, steps and one row an attempt, failed ones with their cost."""
    await record(database, told(status=RunStatus.PASSED_HEALED))
    assert await rows(database, "select id, project, test_name, status, strategy, model from test_executions") == [
        ("run-1", "default", "Sign in", "passed_healed", "option_c", "local")
    ]
    assert await rows(database, "select ordinal, status, duration_ms from tries") == [(1, "passed_healed", 100.0)]
    assert await rows(database, "select step_index, status, tier, tokens from steps order by step_index") == [
        (0, "passed", 1, 0),
        (1, "passed", 1, 0),
        (2, "healed", 2, 100),
    ]
    logs = "select step_index, tier_attempted, tokens_used, cost_usd, cache from tier_execution_logs order by id"
    assert await rows(database, logs) == [
        (0, 1, 0, 0.0, "none"),
        (1, 1, 0, 0.0, "none"),
        (2, 1, 0, 0.0, "none"),
        (2, 2, 100, 0.01, "miss"),
    ]
    assert await rows(database, "select path from artifacts") == [("artifacts/step2.png",)]
    assert sorted(await rows(database, "select tag from test_execution_tags")) == [("login",), ("smoke",)]


async def test_the_try_has_the_last_word_on_a_step(database: Database) -> None:
    """H-16: a contract that was broken is known after its step ended; what is stored is the verdict."""
    events = told()
    broken = replace(healed_step(), status=StepStatus.FAILED, error=Failure(ErrorKind.CONTRACT, "no POST /login"))
    ended = events[-2]
    ended = replace(ended, result=replace(ended.result, steps=(*ended.result.steps[:2], broken)))  # type: ignore[union-attr, arg-type]
    await record(database, [*events[:-2], ended, events[-1]])
    assert await rows(database, "select status, error_kind from steps where step_index = 2") == [("failed", "contract")]


async def test_the_last_word_is_written_again_when_its_transaction_failed(database: Database) -> None:
    """What a transaction said before it was rolled back was not said."""
    events = told()
    broken = replace(healed_step(), status=StepStatus.FAILED, error=Failure(ErrorKind.CONTRACT, "no POST /login"))
    ended = events[-2]
    ended = replace(ended, result=replace(ended.result, steps=(*ended.result.steps[:2], broken)))  # type: ignore[union-attr, arg-type]
    recorder = RunRecorder(database, held=lambda: True)
    for event in events[:-2]:
        await recorder.on_event(event)
    await recorder.close()
    failed = fail_the_next_commit(database.engine.sync_engine)
    for event in [ended, events[-1]]:
        await recorder.on_event(event)
    await recorder.close()
    assert failed == ["failed"]
    assert await rows(database, "select status, error_kind from steps where step_index = 2") == [("failed", "contract")]


def fail_the_next_commit(engine: Engine) -> list[str]:
    failed: list[str] = []

    @listens_for(engine, "commit")
    def committing(_connection: object) -> None:
        if not failed:
            failed.append("failed")
            raise OperationalError("COMMIT", {}, ConnectionError("the connection was lost"))

    return failed


async def test_proposals_are_one_row_a_heal(database: Database) -> None:
    """H-31: the same heal of two runs is one proposal with all that a person needs to judge it."""
    await record(database, told("run-1"), told("run-2"))
    (proposal,) = await Proposals(database).all(project="default")
    assert (proposal.id, proposal.times_seen, proposal.last_run_id) == (heal().id, 2, "run-2")
    assert proposal.status is ProposalStatus.PROPOSED
    assert (proposal.step_text, proposal.baseline_selector) == ("Click the Log in button", "#login")
    assert (proposal.baseline, proposal.candidate, proposal.new_locator) == (
        BUTTON,
        heal().candidate,
        heal().new_locator,
    )
    assert (proposal.alternatives, proposal.evidence) == (heal().alternatives, heal().evidence)
    assert json.dumps(proposal.as_json())


async def test_a_rejected_heal_stays_rejected_and_an_approved_one_is_offered_again(database: Database) -> None:
    """H-31: rejected is remembered; an approved heal that comes again was taken back in the file."""
    await record(database, told("run-1"))
    await reject(database, heal().id)
    await record(database, told("run-2"))
    assert (await Proposals(database).get(heal().id)).status is ProposalStatus.REJECTED
    await approve(database, heal().id)
    await record(database, told("run-3"))
    assert (await Proposals(database).get(heal().id[:5])).status is ProposalStatus.PROPOSED


async def test_nothing_secret_is_stored(database: Database) -> None:
    """H-11: whatever a text of the run says, the mask of the run has the last word."""
    secret = "s3cret-word"
    failed = result(
        1,
        StepStatus.FAILED,
        error=Failure(ErrorKind.EXPECTATION, f"found {secret}"),
        warnings=(Notice("odd", f"typed {secret}"),),
        locator=f'text="{secret}"',
    )
    proposal = heal(candidate=replace(BUTTON, name=f"Hello {secret}"))
    steps = (result(0), failed, replace(healed_step(), proposal=proposal))
    recorder = RunRecorder(database)
    recorder.mask_run("run-1", lambda words: words.replace(secret, "••••"))
    for event in told(steps=steps, example={"password": secret}, status=RunStatus.FAILED):
        await recorder.on_event(event)
    await recorder.close()
    everything = ""
    for table in ("test_executions", "tries", "steps", "tier_execution_logs", "heals", "artifacts"):
        everything += str(await rows(database, f"select * from {table}"))
    assert "found ••••" in everything
    assert secret not in everything


async def test_a_secret_that_is_one_of_our_words_breaks_no_row(database: Database) -> None:
    await record(database, told(), mask=lambda words: words.replace("passed", "••••"))
    assert await rows(database, "select distinct status from steps where tier = 1") == [("passed",)]
    assert await passed_tests(database, "default") == {TEST.name}


async def test_a_database_that_breaks_in_mid_run_is_told_at_the_end(state_address) -> None:
    """The step path never sees it; the command's verdict does."""
    async with open_database(state_address, SystemClock()) as database:
        recorder = RunRecorder(database)
        events = told()
        for event in events[:5]:
            await recorder.on_event(event)
        async with database.write() as connection:
            await connection.execute(text("drop table artifacts"))
            await connection.execute(text("drop table steps"))
        for event in events[5:]:
            await recorder.on_event(event)
        with pytest.raises(MachineryError, match="could not be recorded"):
            await recorder.close()


async def test_closing_a_recorder_that_heard_nothing_is_no_work(database: Database) -> None:
    await RunRecorder(database).close()
    assert await rows(database, "select count(*) from test_executions") == [(0,)]


async def test_tests_whose_newest_run_passed(database: Database) -> None:
    """`--last-failed` leaves them out: by test, every row of its examples; cancelled runs say nothing."""
    names = ("mended", "red", "broken", "rows", "all rows", "stopped", "never")
    named = {name: replace(TEST, name=name) for name in names}

    def run(number: int, name: str, status: RunStatus, **more: object) -> list[Event]:
        began = told()[0].started_at.replace(hour=number)  # type: ignore[union-attr]
        return told(f"run-{number}", (result(0),), status=status, test=named[name], began=began, **more)  # type: ignore[arg-type]

    await record(
        database,
        run(1, "mended", RunStatus.FAILED),
        run(2, "mended", RunStatus.PASSED_HEALED),
        run(3, "red", RunStatus.PASSED),
        run(4, "red", RunStatus.FAILED),
        run(5, "broken", RunStatus.ERROR),
        run(6, "rows", RunStatus.FAILED, example={"user": "ada"}),
        run(7, "rows", RunStatus.PASSED, example={"user": "bob"}),
        run(8, "stopped", RunStatus.FAILED),
        run(9, "stopped", RunStatus.CANCELLED),
        run(10, "mended", RunStatus.FAILED, project="other"),
        run(11, "all rows", RunStatus.PASSED, example={"user": "ada"}),
        run(12, "all rows", RunStatus.FLAKY, example={"user": "bob"}),
        run(13, "never", RunStatus.CANCELLED),
    )
    assert await passed_tests(database, "default") == {"mended", "all rows"}


DIES = """
import asyncio, os, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from tests.store.examples import told
from tierwright.core.deadline import SystemClock
from tierwright.store.database import open_database
from tierwright.store.recorder import RunRecorder

async def main(address):
    async with open_database(address if "://" in address else Path(address), SystemClock()) as database:
        recorder = RunRecorder(database)
        for event in told("run-dead")[:5]:
            await recorder.on_event(event)
        await recorder._flush()
        os._exit(9)

asyncio.run(main(sys.argv[1]))
"""


async def test_runs_of_dead_processes_are_not_left_running(state_address) -> None:
    """A process that was killed in mid-run leaves a row; whoever opens the state next ends it as `error`."""
    async with open_database(state_address, SystemClock()) as database:
        recorder = RunRecorder(database)
        for event in told("run-alive")[:5]:
            await recorder.on_event(event)
        command = [sys.executable, "-c", DIES, str(state_address), str(Path(__file__).parents[2])]
        dead = await asyncio.to_thread(subprocess.run, command, check=False, timeout=40, env=dict(os.environ))
        assert dead.returncode == 9
        async with open_database(state_address, SystemClock()) as later:
            found = dict(await rows(later, "select id, status from test_executions"))  # type: ignore[arg-type]
            assert found == {"run-alive": "running", "run-dead": "error"}
            why = "select error_kind, error_message from test_executions where id = 'run-dead'"
            assert (await rows(later, why))[0][0] == "crashed"
        for event in told("run-alive")[5:]:
            await recorder.on_event(event)
        await recorder.close()


async def test_what_is_written_together_keeps_the_moments_at_which_it_happened(
    database: Database, clock: SetClock
) -> None:
    """The writer gathers events; watchers and figures want to know when each happened."""

    async def tell(_connection: AsyncConnection, _run_id: str) -> None:
        """Nobody watches."""

    async with database.write() as connection:
        await made(connection, test_executions, id="r1", status="running")
    begun, recorder = clock.now(), RunRecorder(database, tell=tell)
    for event in told("r1"):
        await recorder.on_event(event)
        clock.move(seconds=1)
    await recorder.close()
    async with database.read() as connection:
        shown = (await connection.execute(select(run_events).order_by(run_events.c.id))).all()
        attempts = (await connection.execute(select(tier_execution_logs).order_by(tier_execution_logs.c.id))).all()
        (one,) = (await connection.execute(select(tries))).all()
        run = (await connection.execute(select(test_executions))).one()
    kinds = [type(event) for event in told("r1")]

    def seconds_of(kind: type) -> list[int]:
        return [number for number, one in enumerate(kinds) if one is kind]

    def since(moment: datetime) -> int:
        return round((moment - begun).total_seconds())

    assert [since(row.created_at) for row in shown] == [n for n, kind in enumerate(kinds) if kind is not SuiteStarted]
    assert [since(row.created_at) for row in attempts] == seconds_of(AttemptFinished)
    assert [since(one.started_at), since(run.finished_at)] == [since(BEGAN), *seconds_of(RunFinished)]
