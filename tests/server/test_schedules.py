"""`/schedules`: suites and tests by the clock."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.server.conftest import Person, SetClock
from tests.server.test_suites import stored, suite_of
from tests.server.test_tests import run_of

from tierwright.core.errors import UsageError
from tierwright.server.access import Role
from tierwright.server.platform import Platform
from tierwright.server.schedules.cron import upcoming
from tierwright.server.schedules.firing import Order, Outcome, due_schedules, fire, fire_due, keep_firing
from tierwright.store.platform_tables import project_members, schedules, users
from tierwright.store.tables import test_executions


@dataclass
class Orders:
    """Keeps the orders that schedules place, or refuses them."""

    placed: list[Order] = field(default_factory=list)
    refuse: bool = False
    any: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, connection: AsyncConnection, order: Order) -> None:
        assert connection.in_transaction()
        if self.refuse:
            raise UsageError("the test cannot be run")
        self.placed.append(order)
        self.any.set()


async def scheduled(who: Person, **parts: Any) -> dict[str, Any]:
    answer = await who.client.post("/schedules", json={"name": "nightly", "cron": "0 3 * * *", **parts})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def read(who: Person, schedule: dict[str, Any]) -> dict[str, Any]:
    return (await who.client.get(f"/schedules/{schedule['id']}")).json()


# --- when -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cron", "zone", "after", "moments"),
    [
        ("30 6 * * MON-FRI", "UTC", "2026-11-27T06:30", ["2026-11-30T06:30", "2026-12-01T06:30"]),
        ("0 3 * * *", "America/New_York", "2026-11-27T00:00", ["2026-11-27T08:00", "2026-11-28T08:00"]),
        # 2027-03-28 in Berlin: 02:30 does not exist, and comes when the clocks change.
        ("30 2 * * *", "Europe/Berlin", "2027-03-27T12:00", ["2027-03-28T01:00", "2027-03-29T00:30"]),
        # 2026-10-25 in Berlin: 02:30 exists twice, and comes once.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", ["2026-10-25T00:30", "2026-10-26T01:30"]),
        # Asked in the second of the two hours, the first one is not given again.
        ("45 2 * * *", "Europe/Berlin", "2026-10-25T01:30", ["2026-10-26T01:45"]),
        # What comes every half hour goes on through both hours.
        ("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:45", ["2026-10-25T01:00", "2026-10-25T01:30"]),
    ],
)
def test_summer_time_neither_loses_nor_doubles_a_time(cron: str, zone: str, after: str, moments: list[str]) -> None:
    found = upcoming(cron, zone, datetime.fromisoformat(after).replace(tzinfo=UTC), len(moments))
    assert [moment.isoformat(timespec="minutes").removesuffix("+00:00") for moment in found] == moments


async def test_a_schedule_shows_its_next_five_runs(person) -> None:
    bob: Person = await person("bob")
    (a,) = await stored(bob, "a")
    schedule = await scheduled(bob, test_ids=[a], time_zone="Europe/Berlin", overrides={"strategy": "option_a"})
    assert schedule == await read(bob, schedule)
    assert [run[:16] for run in schedule["next_runs"]] == [f"2026-11-{day}T02:00" for day in range(23, 28)]
    assert schedule["next_run_at"] == schedule["next_runs"][0]
    assert (schedule["overlap"], schedule["active"], schedule["last_run_at"]) == ("skip", True, None)
    assert (schedule["overrides"], schedule["user_id"]) == ({"strategy": "option_a"}, bob.user_id)
    assert (await bob.client.get("/schedules")).json()["items"] == [schedule]


async def test_a_schedule_is_changed_and_switched_off(person, clock: SetClock) -> None:
    bob: Person = await person("bob")
    (a,) = await stored(bob, "a")
    suite = await suite_of(bob, [a])
    schedule = await scheduled(bob, test_ids=[a])
    at = f"/schedules/{schedule['id']}"
    off = (await bob.client.patch(at, json={"active": False})).json()
    assert (off["next_run_at"], off["next_runs"]) == (None, [])
    clock.move(days=2)
    on = (await bob.client.patch(at, json={"active": True, "cron": "0 4 * * *"})).json()
    assert on["next_run_at"].startswith("2026-11-25T04:00")
    changed = (await bob.client.patch(at, json={"suite_id": suite["id"], "name": "all", "overlap": "queue"})).json()
    assert (changed["suite_id"], changed["test_ids"], changed["overlap"]) == (suite["id"], [], "queue")
    assert changed["next_run_at"] == on["next_run_at"]
    back = (await bob.client.patch(at, json={"test_ids": [a]})).json()
    assert (back["suite_id"], back["test_ids"]) == (None, [a])
    both = await bob.client.patch(at, json={"test_ids": [a], "suite_id": suite["id"]})
    assert (both.status_code, both.json()["errors"][0]["path"]) == (422, "body")
    more = {"base_url": "http://127.0.0.1:1", "browser": {"locale": "de-DE"}, "variables": {"user": "bob"}}
    assert (await bob.client.patch(at, json={"overrides": more})).json()["overrides"] == more
    assert (await bob.client.delete(at)).status_code == 204
    assert (await bob.client.get(at)).status_code == 404


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ({"cron": "every day"}, "body.cron"),
        ({"cron": "0 0 30 2 *"}, "body.cron"),
        ({"cron": "60 3 * * *"}, "body.cron"),
        ({"cron": "0 0 3 * * *"}, "body.cron"),
        ({"cron": ""}, "body.cron"),
        ({"time_zone": "Europe/Berln"}, "body.time_zone"),
        ({"time_zone": "../../etc/passwd"}, "body.time_zone"),
        ({"time_zone": "America"}, "body.time_zone"),
        ({"test_ids": ["nothing"]}, "body.test_ids.0"),
        ({"test_ids": []}, "body.test_ids"),
        ({"suite_id": "nothing", "test_ids": None}, "body"),
        ({"suite_id": "nothing"}, "body"),
        ({"overrides": {"strategy": "option_d"}}, "body.overrides.strategy"),
        ({"overrides": {"base_url": "file:///etc/passwd"}}, "body.overrides.base_url"),
        ({"overrides": {"browser": {"viewport": {"width": 0, "height": 9}}}}, "body.overrides.browser.viewport.width"),
        ({"overrides": {"browser": {"locale": "not a locale"}}}, "body.overrides.browser.locale"),
        ({"overrides": {"headed": True}}, "body.overrides.headed"),
        ({"overlap": "kill"}, "body.overlap"),
        ({"name": ""}, "body.name"),
        ({"next_run_at": "2026-11-27T00:00:00Z"}, "body.next_run_at"),
    ],
    ids=str,
)  # fmt: skip
async def test_what_cannot_be_scheduled_is_refused_with_its_path(person, parts: dict[str, Any], path: str) -> None:
    bob: Person = await person("bob")
    (a,) = await stored(bob, "a")
    body = {"name": "nightly", "cron": "0 3 * * *", "test_ids": [a], **parts}
    answer = await bob.client.post("/schedules", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["path"] == path
    assert (await bob.client.get("/schedules")).json()["items"] == []


# --- firing -----------------------------------------------------------------------------------------------


async def test_what_is_due_is_started_once_and_comes_round_again(person, platform: Platform, clock: SetClock) -> None:
    bob: Person = await person("bob")
    a, b = await stored(bob, "a", "b")
    suite = await suite_of(bob, [b, a])
    schedule = await scheduled(bob, suite_id=suite["id"], overrides={"retries": 2})
    orders = Orders()
    assert await fire_due(platform.database, orders) == {}
    clock.move(hours=17)
    assert await fire_due(platform.database, orders) == {schedule["id"]: Outcome.STARTED}
    assert orders.placed == [
        Order(
            project_id=bob.project_id,
            user_id=bob.user_id,
            schedule_id=schedule["id"],
            suite_id=suite["id"],
            test_ids=(b, a),
            overrides={"retries": 2},
        )
    ]
    assert await fire_due(platform.database, orders) == {}
    after = await read(bob, schedule)
    assert after["next_run_at"].startswith("2026-11-24T03:00")
    assert after["last_run_at"].startswith("2026-11-23T03:00")


async def test_times_that_were_missed_come_once(person, platform: Platform, clock: SetClock) -> None:
    bob: Person = await person("bob")
    (a,) = await stored(bob, "a")
    schedule = await scheduled(bob, test_ids=[a], cron="*/5 * * * *")
    clock.move(days=9)
    orders = Orders()
    await fire_due(platform.database, orders)
    assert await fire_due(platform.database, orders) == {}
    assert len(orders.placed) == 1
    assert (await read(bob, schedule))["next_run_at"].startswith("2026-12-01T10:05")


async def test_of_several_servers_one_starts_it(person, platform: Platform, clock: SetClock) -> None:
    bob: Person = await person("bob")
    (a,) = await stored(bob, "a")
    await scheduled(bob, test_ids=[a])
    clock.move(days=1)
    (row,) = await due_schedules(platform.database)
    orders = Orders()
    outcomes = await asyncio.gather(*(fire(platform.database, orders, row) for _ in range(4)))
    assert sorted(outcomes) == [Outcome.STARTED, Outcome.TAKEN, Outcome.TAKEN, Outcome.TAKEN]
    assert len(orders.placed) == 1


@pytest.mark.parametrize(("overlap", "outcome"), [("skip", Outcome.SKIPPED), ("queue", Outcome.STARTED)])
async def test_runs_that_are_not_finished_hold_the_next_time_back_or_are_queued_behind(
    person, platform: Platform, clock: SetClock, overlap: str, outcome: Outcome
) -> None:
    bob: Person = await person("bob")
    (a,) = await stored(bob, "a")
    schedule = await scheduled(bob, test_ids=[a], overlap=overlap)
    test = (await bob.client.get(f"/tests/{a}")).json()
    run = {**run_of(test, "r1", "running", clock), "schedule_id": schedule["id"], "finished_at": None}
    async with platform.database.write() as connection:
        await connection.execute(insert(test_executions).values(run))
    clock.move(days=1)
    assert await fire_due(platform.database, Orders()) == {schedule["id"]: outcome}
    async with platform.database.write() as connection:
        await connection.execute(update(test_executions).values(status="passed"))
    clock.move(days=1)
    assert await fire_due(platform.database, Orders()) == {schedule["id"]: Outcome.STARTED}


async def test_a_schedule_starts_the_tests_that_are_left(person, platform: Platform, clock: SetClock) -> None:
    bob: Person = await person("bob")
    a, b = await stored(bob, "a", "b")
    schedule = await scheduled(bob, test_ids=[a, b])
    orders = Orders()
    await bob.client.delete(f"/tests/{a}")
    clock.move(days=1)
    await fire_due(platform.database, orders)
    assert orders.placed[0].test_ids == (b,)
    await bob.client.delete(f"/tests/{b}")
    clock.move(days=1)
    assert await fire_due(platform.database, orders) == {schedule["id"]: Outcome.EMPTY}
    assert "none of its tests" in (await read(bob, schedule))["last_error"]
    assert len(orders.placed) == 1


async def test_a_schedule_of_somebody_who_was_deactivated_starts_nothing(
    person, platform: Platform, clock: SetClock
) -> None:
    """And what was missed meanwhile does not come at once when they are back."""
    bob: Person = await person("bob")
    (a,) = await stored(bob, "a")
    schedule = await scheduled(bob, test_ids=[a])
    orders = Orders()
    for active, days, outcome in ((False, 1, Outcome.LEFT), (False, 3, Outcome.LEFT), (True, 1, Outcome.STARTED)):
        async with platform.database.write() as connection:
            await connection.execute(update(users).where(users.c.id == bob.user_id).values(active=active))
        clock.move(days=days)
        assert await fire_due(platform.database, orders) == {schedule["id"]: outcome}
    assert len(orders.placed) == 1


async def test_a_test_that_cannot_run_costs_its_schedule_one_time_and_no_other_schedule(
    person, platform: Platform, clock: SetClock
) -> None:
    bob: Person = await person("bob")
    (a,) = await stored(bob, "a")
    schedule = await scheduled(bob, test_ids=[a])
    clock.move(days=1)
    assert await fire_due(platform.database, Orders(refuse=True)) == {schedule["id"]: Outcome.REFUSED}
    after = await read(bob, schedule)
    assert (after["last_run_at"], after["next_run_at"][:16]) == (None, "2026-11-24T03:00")
    assert after["last_error"] == "the test cannot be run"
    clock.move(days=1)
    assert await fire_due(platform.database, Orders()) == {schedule["id"]: Outcome.STARTED}
    assert (await read(bob, schedule))["last_error"] is None


async def test_times_are_shown_before_a_schedule_is_made(person) -> None:
    bob: Person = await person("bob")
    berlin = {"cron": "0 3 * * *", "time_zone": "Europe/Berlin"}
    times = (await bob.client.get("/schedules/times", params=berlin)).json()["next_runs"]
    assert [run[:16] for run in times] == [f"2026-11-{day}T02:00" for day in range(23, 28)]
    wrong = await bob.client.get("/schedules/times", params={"cron": "every day"})
    assert wrong.status_code == 422


async def test_a_time_zone_that_a_machine_does_not_know_stops_its_schedule_and_no_other(
    person, platform: Platform, clock: SetClock
) -> None:
    bob: Person = await person("bob")
    (a,) = await stored(bob, "a")
    lost, kept = await scheduled(bob, test_ids=[a]), await scheduled(bob, test_ids=[a])
    async with platform.database.write() as connection:
        gone = update(schedules).where(schedules.c.id == lost["id"]).values(time_zone="Mars/Olympus")
        await connection.execute(gone)
    clock.move(days=1)
    outcomes = await fire_due(platform.database, Orders())
    assert outcomes == {lost["id"]: Outcome.REFUSED, kept["id"]: Outcome.STARTED}
    after = await read(bob, lost)
    assert (after["next_run_at"], after["next_runs"]) == (None, [])
    at = f"/schedules/{lost['id']}"
    assert (await bob.client.patch(at, json={"active": True})).status_code == 422
    assert (await bob.client.patch(at, json={"active": False})).json()["active"] is False
    moved = (await bob.client.patch(at, json={"active": True, "time_zone": "UTC"})).json()
    assert moved["next_run_at"].startswith("2026-11-24T03:00")


async def test_a_schedule_that_is_off_never_starts(person, platform: Platform, clock: SetClock) -> None:
    bob: Person = await person("bob")
    (a,) = await stored(bob, "a")
    await scheduled(bob, test_ids=[a], active=False)
    clock.move(days=9)
    assert await fire_due(platform.database, Orders()) == {}


async def test_a_server_starts_what_is_due_by_itself(person, platform: Platform, clock: SetClock) -> None:
    bob: Person = await person("bob")
    (a,) = await stored(bob, "a")
    await scheduled(bob, test_ids=[a])
    clock.move(days=1)
    orders = Orders()
    loop = asyncio.create_task(keep_firing(platform.database, orders, poll_seconds=0.02))
    try:
        async with asyncio.timeout(10):
            await orders.any.wait()
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
    assert orders.placed[0].test_ids == (a,)


# --- who may ----------------------------------------------------------------------------------------------


async def test_nobody_sees_or_changes_the_schedules_of_others(person, platform: Platform) -> None:
    ann, eve, vera = await person("ann"), await person("eve"), await person("vera", Role.VIEWER)
    (a,) = await stored(ann, "a")
    suite = await suite_of(ann, [a])
    schedule = await scheduled(ann, test_ids=[a])
    row = {"project_id": ann.project_id, "user_id": vera.user_id, "role": "viewer", "created_at": platform.clock.now()}
    async with platform.database.write() as connection:
        await connection.execute(insert(project_members).values(row))
    at = f"/schedules/{schedule['id']}"
    for who, expected in ((eve, {404}), (vera, {403})):
        body = {"name": "x", "cron": "0 3 * * *", "test_ids": [a], "project_id": ann.project_id}
        answers = [
            await who.client.patch(at, json={"active": False}),
            await who.client.delete(at),
            await who.client.post("/schedules", json=body),
        ]
        assert {answer.status_code for answer in answers} == expected
    assert (await eve.client.get(at)).status_code == 404
    stolen = await eve.client.post("/schedules", json={"name": "x", "cron": "0 3 * * *", "suite_id": suite["id"]})
    assert (stolen.status_code, stolen.json()["errors"][0]["path"]) == (422, "body.suite_id")
    assert await read(ann, schedule) == schedule
