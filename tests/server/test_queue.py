"""The queue's contract, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event, select, update
from sqlalchemy.exc import OperationalError
from tests.server.queueing import Wired, a_test, a_wish, all_ended, stub, until, wired
from tests.store.conftest import SetClock, database  # noqa: F401 - a fixture that the one below uses

from tierwright.browser.pool import BrowserPool
from tierwright.compose import Machinery
from tierwright.core.errors import UsageError
from tierwright.store.database import Database, open_database
from tierwright.store.fence import ClaimLostError, fenced
from tierwright.store.tables import test_executions, tries
from tierwright.worker.claims import cancel_run, claim_next, renew, sweep_leases
from tierwright.worker.opening import EngineOpener, WorkerSettings
from tierwright.worker.requests import enqueue_runs

LEASE = 15.0


@pytest.fixture
async def wires(database: Database) -> AsyncIterator[Wired]:  # noqa: F811 - the fixture above
    async with wired(database) as made:
        yield made


async def run_out(wires: Wired, run_id: str) -> None:
    """The lease of a run ended a moment ago."""
    past = wires.database.clock.now() - timedelta(days=3650)
    async with wires.database.write() as connection:
        change = update(test_executions).where(test_executions.c.id == run_id).values(lease_until=past)
        await connection.execute(change)


async def test_a_queued_run_is_made_and_its_steps_are_recorded(wires: Wired) -> None:
    group = await wires.enqueue([a_test()])
    async with wires.fleet():
        assert await all_ended(wires) == ["passed"]
    assert await wires.steps() == 3
    assert await wires.tries() == [(1, "passed", None)]
    kinds = await wires.events(group.runs[0].id)
    assert kinds[:3] == ["queued", "run_started", "try_started"]
    assert kinds[-2:] == ["try_finished", "run_finished"]
    assert kinds.count("step_finished") == 3


async def test_a_run_that_waits_is_found_at_once_by_a_worker_that_is_idle(wires: Wired) -> None:
    opener = stub()
    async with wires.fleet(opener):
        await asyncio.sleep(1.0)
        await wires.enqueue([a_test()])
        started = asyncio.get_running_loop().time()
        await until(lambda: _opened(opener, 1), 2.0)
        assert asyncio.get_running_loop().time() - started < 1.5
        await all_ended(wires)


async def _opened(opener: object, count: int) -> bool:
    return len(opener.opened) >= count  # type: ignore[attr-defined]


async def test_what_is_rolled_back_was_never_queued(wires: Wired) -> None:
    async def queue_and_fail() -> None:
        async with wires.database.write() as connection:
            await enqueue_runs(connection, wires.database, wires.queue, a_wish(), [a_test()])
            raise UsageError("no")

    with pytest.raises(UsageError):
        await queue_and_fail()
    async with wires.fleet():
        await asyncio.sleep(0.5)
    assert await wires.runs() == []


async def test_each_row_of_examples_is_a_run(wires: Wired) -> None:
    rows = "examples:\n  - {user: a}\n  - {user: b}\n"
    yaml = f"name: t\n{rows}steps:\n  - {{action: fill, selector: '#u', value: '{{{{user}}}}'}}\n"
    group = await wires.enqueue([a_test("t", yaml)])
    assert [run.example for run in group.runs] == [{"user": "a"}, {"user": "b"}]
    assert len({run.example_digest for run in await wires.runs()}) == 2


async def test_the_highest_priority_is_claimed_first_then_the_oldest(wires: Wired) -> None:
    await wires.enqueue([a_test("late")])
    await wires.enqueue([a_test("urgent")], a_wish(priority=5))
    first = await claim_next(wires.database, "w", LEASE)
    second = await claim_next(wires.database, "w", LEASE)
    assert first
    assert second
    assert [first.test_name, second.test_name] == ["urgent", "late"]
    assert first.more
    assert not second.more


async def test_a_project_has_no_more_runs_at_a_time_than_it_allows(wires: Wired) -> None:
    await wires.project(concurrency=2)
    await wires.enqueue([a_test(f"t{n}") for n in range(5)])
    claims = await asyncio.gather(*(claim_next(wires.database, f"w{n}", LEASE) for n in range(5)))
    assert sum(claim is not None for claim in claims) == 2
    await wires.enqueue([a_test("other")], a_wish("p2"))
    other = await claim_next(wires.database, "w", LEASE)
    assert other
    assert other.project == "p2"


async def test_a_run_is_claimed_by_one_worker_only(wires: Wired) -> None:
    await wires.enqueue([a_test()])
    claims = await asyncio.gather(*(claim_next(wires.database, f"w{n}", LEASE) for n in range(6)))
    assert sum(claim is not None for claim in claims) == 1


async def test_a_project_works_its_queue_off_within_its_limit(wires: Wired) -> None:
    await wires.project(concurrency=1)
    at_once: list[int] = []

    async def look(run_id: str, index: int) -> None:
        at_once.append((await wires.statuses()).count("running"))

    await wires.enqueue([a_test(f"t{n}") for n in range(4)])
    async with wires.fleet(stub(before_step=look), places=3):
        assert await all_ended(wires) == ["passed"] * 4
    assert set(at_once) == {1}


async def test_a_lease_that_ran_out_is_a_crashed_try_and_the_run_is_queued_once_more(wires: Wired) -> None:
    group = await wires.enqueue([a_test()])
    run_id = group.runs[0].id
    claim = await claim_next(wires.database, "w", LEASE)
    assert claim
    assert await sweep_leases(wires.database, wires.signals, wires.queue) == 0
    await run_out(wires, run_id)
    assert await sweep_leases(wires.database, wires.signals, wires.queue, [run_id]) == 0, "this process holds it"
    assert await sweep_leases(wires.database, wires.signals, wires.queue) == 1
    assert await wires.statuses() == ["queued"]
    assert await wires.tries() == [(1, "error", "crashed")]
    async with wires.fleet():
        assert await all_ended(wires) == ["passed"]
    assert await wires.tries() == [(1, "error", "crashed"), (2, "passed", None)]


async def test_a_claim_whose_answer_was_lost_costs_no_try(wires: Wired) -> None:
    await wires.enqueue([a_test()])
    lost = lose_one_answer(wires.database.engine.sync_engine)
    async with wires.fleet(lease_seconds=LEASE):
        assert await all_ended(wires) == ["passed"]
    assert lost == ["lost"]
    assert await wires.tries() == [(1, "passed", None)]
    assert [(run.claim_no, run.crashes) for run in await wires.runs()] == [(1, 0)]


def lose_one_answer(engine: Engine) -> list[str]:
    """The connection of the next claim dies when its COMMIT was done, and before anybody hears of it."""
    lost: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def executing(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("UPDATE test_executions") and "claim_no + " in statement:
            connection.info["claims"] = True

    @event.listens_for(engine, "commit")
    def committing(connection: Any) -> None:
        if connection.info.pop("claims", False) and not lost:
            lost.append("lost")
            connection.connection.dbapi_connection.commit()
            raise OperationalError("COMMIT", {}, ConnectionError("the connection was lost"))

    return lost


async def test_urgent_runs_of_one_project_do_not_hide_the_urgent_ones_of_another(wires: Wired) -> None:
    """The first project is full with runs of a high priority, and more of them wait."""
    await wires.project(concurrency=1)
    await wires.enqueue([a_test("a"), a_test("a")], a_wish(priority=9))
    await wires.enqueue([a_test("d")], a_wish("p2"))
    await wires.enqueue([a_test("c")], a_wish("p2", priority=3))
    claims = [await claim_next(wires.database, "w", LEASE) for _ in range(4)]
    assert [claim and claim.test_name for claim in claims] == ["a", "c", "d", None]


async def test_the_second_crash_ends_the_run(wires: Wired) -> None:
    group = await wires.enqueue([a_test()])
    for _ in range(2):
        assert await claim_next(wires.database, "w", LEASE)
        await run_out(wires, group.runs[0].id)
        await sweep_leases(wires.database, wires.signals, wires.queue)
    (run,) = await wires.runs()
    assert (run.status, run.error_kind, run.crashes) == ("error", "crashed", 2)
    assert await wires.tries() == [(1, "error", "crashed"), (2, "error", "crashed")]
    assert (await wires.events(run.id))[-1] == "run_finished"


async def test_whoever_lost_a_claim_writes_nothing_and_renews_nothing(wires: Wired) -> None:
    group = await wires.enqueue([a_test()])
    old = await claim_next(wires.database, "w1", LEASE)
    assert old
    await run_out(wires, group.runs[0].id)
    await sweep_leases(wires.database, wires.signals, wires.queue)
    assert await renew(wires.database, old, LEASE) == "lost"
    new = await claim_next(wires.database, "w2", LEASE)
    assert new
    assert await renew(wires.database, old, LEASE) == "lost"
    assert await renew(wires.database, new, LEASE) == "held"
    with pytest.raises(ClaimLostError):
        async with fenced(wires.database, old.run_id, old.claim_no).write():
            pytest.fail("nothing may be written")
    async with fenced(wires.database, new.run_id, new.claim_no).write():
        pass


async def test_a_queued_run_that_is_cancelled_never_starts(wires: Wired) -> None:
    group = await wires.enqueue([a_test()])
    async with wires.database.write() as connection:
        await cancel_run(wires.database, connection, wires.signals, group.runs[0].id)
    assert await claim_next(wires.database, "w", LEASE) is None
    assert await wires.statuses() == ["cancelled"]
    assert (await wires.events(group.runs[0].id))[-1] == "run_finished"


@pytest.mark.parametrize("where", ["in a step", "while it is opened"])
async def test_a_running_run_is_cancelled_within_two_seconds(wires: Wired, where: str) -> None:
    reached = asyncio.Event()

    async def hang(*_: object) -> None:
        reached.set()
        await asyncio.sleep(600)

    opener = stub(before_step=hang) if where == "in a step" else HangingOpener(reached)
    group = await wires.enqueue([a_test()])
    async with wires.fleet(opener, lease_seconds=30.0):  # type: ignore[arg-type]
        await asyncio.wait_for(reached.wait(), 10)
        started = asyncio.get_running_loop().time()
        async with wires.database.write() as connection:
            await cancel_run(wires.database, connection, wires.signals, group.runs[0].id)
        assert await all_ended(wires) == ["cancelled"]
        assert asyncio.get_running_loop().time() - started < 2.0


class HangingOpener:
    """Never gets a run open."""

    def __init__(self, reached: asyncio.Event) -> None:
        self.reached = reached

    def open(self, claim: object, where: object) -> HangingOpener:
        return self

    async def __aenter__(self) -> None:
        self.reached.set()
        await asyncio.sleep(600)

    async def __aexit__(self, *_: object) -> None:
        return None


async def test_a_worker_that_stops_lets_its_run_finish_and_takes_no_new_one(wires: Wired) -> None:
    started = asyncio.Event()

    async def slow(*_: object) -> None:
        started.set()
        await asyncio.sleep(0.4)

    await wires.enqueue([a_test("a"), a_test("b")])
    async with wires.fleet(stub(before_step=slow)):
        await asyncio.wait_for(started.wait(), 10)
    assert sorted(await wires.statuses()) == ["passed", "queued"]


async def test_a_run_that_does_not_finish_in_the_grace_time_is_given_back_and_made_again(wires: Wired) -> None:
    started = asyncio.Event()

    async def slow(*_: object) -> None:
        started.set()
        await asyncio.sleep(600)

    await wires.enqueue([a_test()])
    async with wires.fleet(stub(before_step=slow), grace_seconds=0.2):
        await asyncio.wait_for(started.wait(), 10)
    (run,) = await wires.runs()
    assert (run.status, run.crashes) == ("queued", 0)
    async with wires.fleet():
        assert await all_ended(wires) == ["passed"]
    assert await wires.tries() == [(1, "cancelled", None), (2, "passed", None)]


async def test_a_failed_test_is_red_and_a_text_that_cannot_be_read_is_an_error(wires: Wired) -> None:
    await wires.enqueue([a_test("red", "name: red\nsteps:\n  - {action: fill, selector: '#u', value: fail}\n")])
    async with wires.fleet():
        assert await all_ended(wires) == ["failed"]
    with pytest.raises(UsageError, match="cannot be run"):
        await wires.enqueue([a_test("bad", "name: bad\nsteps:\n  - fly: away\n")])


async def test_a_run_that_cannot_be_opened_leaves_one_try_with_the_reason(wires: Wired, tmp_path: Path) -> None:
    yaml = "name: closed\nsecrets: [pin]\nsteps:\n  - {action: fill, selector: '#u', value: '{{pin}}'}\n"
    await wires.enqueue([a_test("closed", yaml)], a_wish(overrides={"retries": 2}))
    machinery = Machinery(wires.database.clock, BrowserPool(no_browser, 1, no_browser), Path("/no/browser"))
    async with wires.fleet(EngineOpener(machinery, WorkerSettings(state_dir=tmp_path))):
        assert await all_ended(wires) == ["error"]
    (run,) = await wires.runs()
    assert "needs a secret that its project does not have: pin" in run.error_message
    assert run.model == "local"
    async with wires.database.read() as connection:
        (one,) = (await connection.execute(select(tries))).all()
    assert (one.ordinal, one.status, one.error_kind, one.error_message) == (1, "error", "crashed", run.error_message)
    assert await wires.events(run.id) == ["queued", "run_started", "try_finished", "run_finished"]


async def no_browser(*_: object) -> Any:
    raise AssertionError("no browser is needed for a run that cannot be opened")


@pytest.mark.postgres
async def test_workers_go_on_when_the_database_has_dropped_every_connection(
    postgres_url: str, postgres_server: str, clock: SetClock
) -> None:
    async with open_database(postgres_url, clock) as opened, wired(opened) as wires, wires.fleet():
        await wires.enqueue([a_test("before")])
        assert await all_ended(wires) == ["passed"]
        name = opened.engine.url.database
        with psycopg.connect(postgres_server, autocommit=True) as admin:
            admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
        await wires.enqueue([a_test("later")])
        assert await all_ended(wires, 30) == ["passed", "passed"]
        await until(lambda: _listens_again(postgres_server, name), 30)


async def _listens_again(server: str, name: str | None) -> bool:
    """Whether notices are heard again."""
    asked = "select count(*) from pg_stat_activity where datname = %s and query ilike 'listen%%'"
    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as admin:
        row = await (await admin.execute(asked, [name])).fetchone()
    return row is not None and row[0] >= 1
