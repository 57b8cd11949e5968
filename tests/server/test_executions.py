"""Runs over HTTP, on both databases, made by a fleet with a stub instead of browsers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import insert, select, update
from tests.server.conftest import Person
from tests.server.queueing import THREE_STEPS, Wired, all_ended
from tests.server.test_heals import offered

from tierwright.server.access import Role
from tierwright.server.platform import Platform
from tierwright.store.platform_tables import project_members, step_feedback
from tierwright.store.tables import artifacts, steps, test_executions

People = Callable[..., Awaitable[Person]]

RED = 'name: {name}\nsteps:\n  - {{action: fill, selector: "#u", value: fail}}\n'


@pytest.fixture
def wires(platform: Platform) -> Wired:
    return Wired(platform.database, platform.signals, platform.queue)


async def made_test(person: Person, name: str, yaml: str = THREE_STEPS) -> str:
    answer = await person.client.post("/tests", json={"yaml": yaml.format(name=name)})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def started(person: Person, test_ids: list[str], **more: Any) -> dict[str, Any]:
    answer = await person.client.post("/executions", json={"test_ids": test_ids, **more})
    assert answer.status_code == 202, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize(
    ("policy", "status", "green"),
    [
        ("allow", "passed_healed", True),
        ("warn", "passed_healed", True),
        ("fail", "passed_healed", False),
        ("fail", "passed", True),
        ("fail", "flaky", True),
        ("allow", "failed", False),
        ("allow", "error", False),
        ("allow", "cancelled", False),
    ],
)
async def test_the_heal_policy_of_the_project_decides_whether_a_run_is_green(
    person: People, platform: Platform, policy: str, status: str, green: bool
) -> None:
    """H-30: by the policy that the run was queued with, whatever it is changed to later."""
    bob = await person("bob", Role.ADMIN)
    at = f"/projects/{bob.project_id}/settings"
    assert (await bob.client.put(at, json={"heal_policy": policy})).status_code == 200
    (queued,) = (await started(bob, [await made_test(bob, "one")]))["runs"]
    assert (await bob.client.get(f"/executions/{queued['id']}")).json()["green"] is None
    await bob.client.put(at, json={"heal_policy": "fail" if policy == "allow" else "allow"})
    async with platform.database.write() as connection:
        await connection.execute(update(test_executions).values(status=status))
    detail = (await bob.client.get(f"/executions/{queued['id']}")).json()
    (listed,) = (await bob.client.get("/executions")).json()["items"]
    assert (detail["green"], listed["green"]) == (green, green)
    assert detail["settings"]["heal_policy"] == policy


async def test_started_tests_are_queued_made_and_shown_with_steps_and_attempts(person: People, wires: Wired) -> None:
    bob = await person("bob")
    one, two = await made_test(bob, "one"), await made_test(bob, "two")
    group = await started(bob, [one, two])
    assert [run["test_name"] for run in group["runs"]] == ["one", "two"]
    listed = (await bob.client.get("/executions", params={"group_id": group["group_id"]})).json()["items"]
    assert {(run["status"], run["started_at"]) for run in listed} == {("queued", None)}
    async with wires.fleet():
        assert await all_ended(wires) == ["passed", "passed"]
    run = (await bob.client.get(f"/executions/{group['runs'][0]['id']}")).json()
    assert (run["status"], run["test_version"], run["user_id"]) == ("passed", 1, bob.user_id)
    assert [one["status"] for one in run["tries"]] == ["passed"]
    assert [len(step["attempts"]) for step in run["steps"]] == [1, 1, 1]
    listed = (await bob.client.get(f"/executions/{run['id']}/steps")).json()["items"]
    assert listed == run["steps"]


async def test_the_starters_settings_are_copied_and_overrides_come_first(person: People, wires: Wired) -> None:
    bob = await person("bob")
    test_id = await made_test(bob, "one")
    await bob.client.put("/settings/execution", json={"fallback_strategy": "option_a", "max_retries_per_tier": 3})
    mine = await started(bob, [test_id])
    wanted = {"strategy": "option_b", "model": "openai:x", "variables": {"a": "b"}}
    other = await started(bob, [test_id], overrides=wanted, priority=7)
    await bob.client.put("/settings/execution", json={"max_retries_per_tier": 0})
    first = (await bob.client.get(f"/executions/{mine['runs'][0]['id']}")).json()
    second = (await bob.client.get(f"/executions/{other['runs'][0]['id']}")).json()
    assert (first["strategy"], first["settings"]["max_retries_per_tier"], first["model"]) == ("option_a", 3, "local")
    assert (second["strategy"], second["model"], second["priority"]) == ("option_b", "openai:x", 7)
    assert second["overrides"] == wanted


async def test_a_suite_is_started_in_its_order_and_an_empty_one_is_refused(person: People, wires: Wired) -> None:
    bob = await person("bob")
    ids = [await made_test(bob, name) for name in ("b", "a")]
    suite = (await bob.client.post("/suites", json={"name": "all", "test_ids": ids})).json()
    empty = (await bob.client.post("/suites", json={"name": "none", "test_ids": []})).json()
    answer = await bob.client.post("/executions", json={"suite_id": suite["id"]})
    assert [run["test_name"] for run in answer.json()["runs"]] == ["b", "a"]
    assert (await bob.client.post("/executions", json={"suite_id": empty["id"]})).status_code == 422
    listed = (await bob.client.get("/executions", params={"suite_id": suite["id"]})).json()["items"]
    assert len(listed) == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"test_ids": []},
        {"test_ids": ["x"], "suite_id": "y"},
        {"test_ids": ["x"], "nonsense": 1},
        {"test_ids": None},
        {"test_ids": ["x"], "overrides": {"strategy": "option_z"}},
        {"test_ids": ["x"], "overrides": {"browser": {"viewport": {"width": 0, "height": 1}}}},
        {"test_ids": ["x"], "priority": 1.5},
    ],
)
async def test_what_cannot_be_started_is_refused(person: People, wires: Wired, body: dict[str, Any]) -> None:
    bob = await person("bob")
    answer = await bob.client.post("/executions", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert await wires.runs() == []


@pytest.mark.parametrize("model", ["gpt", "openai:", "nobody:x", "", "openai:a\x00", "openai:" + "a" * 200])
async def test_a_model_that_no_provider_has_is_refused_when_the_run_is_started(
    person: People, wires: Wired, model: str
) -> None:
    bob = await person("bob")
    test_id = await made_test(bob, "one")
    answer = await bob.client.post("/executions", json={"test_ids": [test_id], "overrides": {"model": model}})
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == ["body.overrides.model"]
    assert await wires.runs() == []


async def test_nobody_starts_sees_or_ends_what_is_of_another_project(person: People, wires: Wired) -> None:
    bob, eve = await person("bob"), await person("eve")
    test_id = await made_test(bob, "one")
    group = await started(bob, [test_id])
    run = f"/executions/{group['runs'][0]['id']}"
    assert (await eve.client.post("/executions", json={"test_ids": [test_id]})).status_code == 404
    assert (await eve.client.post(f"/tests/{test_id}/run", json={})).status_code == 404
    for address in (run, f"{run}/steps", f"{run}/events", f"{run}/artifacts", f"{run}/frame"):
        assert (await eve.client.get(address)).status_code == 404
    for address in (f"{run}/cancel", f"{run}/rerun"):
        assert (await eve.client.post(address)).status_code == 404
    assert (await eve.client.get("/executions")).json()["items"] == []
    assert await wires.statuses() == ["queued"]


async def test_a_viewer_looks_and_starts_nothing(person: People, platform: Platform, wires: Wired) -> None:
    bob, vic = await person("bob"), await person("vic", Role.VIEWER)
    member = {
        "project_id": bob.project_id,
        "user_id": vic.user_id,
        "role": "viewer",
        "created_at": platform.clock.now(),
    }
    async with platform.database.write() as connection:
        await connection.execute(insert(project_members).values(member))
    test_id = await made_test(bob, "one")
    group = await started(bob, [test_id])
    run = f"/executions/{group['runs'][0]['id']}"
    assert (await vic.client.get(run)).status_code == 200
    assert (await vic.client.post("/executions", json={"test_ids": [test_id]})).status_code == 403
    assert (await vic.client.post(f"{run}/cancel")).status_code == 403


async def test_cancelling_ends_a_waiting_run_and_says_no_to_one_that_has_ended(person: People, wires: Wired) -> None:
    bob = await person("bob")
    group = await started(bob, [await made_test(bob, "one")])
    run = f"/executions/{group['runs'][0]['id']}"
    answer = await bob.client.post(f"{run}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert (await bob.client.post(f"{run}/cancel")).status_code == 409


async def test_what_failed_of_a_group_is_run_again(person: People, wires: Wired) -> None:
    bob = await person("bob")
    ids = [await made_test(bob, "good"), await made_test(bob, "red", RED)]
    group = await started(bob, ids)
    run = f"/executions/{group['runs'][0]['id']}"
    assert (await bob.client.post(f"{run}/rerun", params={"only": "failed"})).status_code == 409
    async with wires.fleet():
        await all_ended(wires)
    again = await bob.client.post(f"{run}/rerun", params={"only": "failed"})
    assert [one["test_name"] for one in again.json()["runs"]] == ["red"]
    once_more = await bob.client.post(f"{run}/rerun")
    assert [one["test_name"] for one in once_more.json()["runs"]] == ["good"]
    assert (await bob.client.post(f"{run}/rerun", params={"only": "passed"})).status_code == 422


async def test_runs_are_listed_by_status_tag_and_time(person: People, wires: Wired, clock: Any) -> None:
    bob = await person("bob")
    tagged = "name: {name}\ntags: [smoke]\nsteps:\n  - {{action: go_back}}\n"
    await started(bob, [await made_test(bob, "old")])
    clock.move(hours=1)
    moment = clock.now().isoformat()
    await started(bob, [await made_test(bob, "new", tagged)])

    async def names(**asked: str) -> list[str]:
        answer = await bob.client.get("/executions", params=asked)
        assert answer.status_code == 200, answer.text
        return [run["test_name"] for run in answer.json()["items"]]

    assert await names() == ["new", "old"]
    assert await names(tag="smoke") == ["new"]
    assert await names(**{"from": moment}) == ["new"]
    assert await names(to=moment) == ["old"]
    assert await names(status="passed") == []
    first = (await bob.client.get("/executions", params={"limit": 1})).json()
    assert await names(cursor=first["next_cursor"]) == ["old"]


async def test_files_are_served_from_the_state_alone(person: People, platform: Platform, wires: Wired) -> None:
    bob = await person("bob")
    group = await started(bob, [await made_test(bob, "one")])
    run_id = group["runs"][0]["id"]
    folder = platform.settings.state_dir / "artifacts" / run_id
    await asyncio.to_thread(folder.mkdir, parents=True)
    picture, page, secret = folder / "step.png", folder / "evil.html", platform.settings.state_dir.parent / "passwd"
    for file in (picture, page, secret):
        await asyncio.to_thread(file.write_bytes, b"x")
    common = {"test_execution_id": run_id, "try_ordinal": 1, "created_at": platform.clock.now()}
    async with platform.database.write() as connection:
        for path in (str(picture), str(page), str(folder / ".." / ".." / ".." / "passwd")):
            await connection.execute(insert(artifacts).values(path=path, **common))
    listed = (await bob.client.get(f"/executions/{run_id}/artifacts")).json()["items"]
    answers = [await bob.client.get(f"/executions/{run_id}/artifacts/{one['id']}") for one in listed]
    assert [answer.status_code for answer in answers] == [200, 200, 404]
    assert answers[0].headers["content-type"] == "image/png"
    assert answers[0].headers["content-disposition"].startswith("inline")
    assert answers[1].headers["content-disposition"].startswith("attachment")
    assert (await bob.client.get(f"/executions/{run_id}/frame")).status_code == 404
    frame = platform.settings.state_dir / "frames" / f"{run_id}.jpg"
    await asyncio.to_thread(frame.parent.mkdir)
    await asyncio.to_thread(frame.write_bytes, b"jpg")
    assert (await bob.client.get(f"/executions/{run_id}/frame")).status_code == 404, "it is not being made"
    async with platform.database.write() as connection:
        await connection.execute(update(test_executions).values(status="running"))
    assert (await bob.client.get(f"/executions/{run_id}/frame")).headers["content-type"] == "image/jpeg"


async def test_feedback_is_kept_and_only_for_steps_that_ran(person: People, platform: Platform, wires: Wired) -> None:
    bob = await person("bob")
    group = await started(bob, [await made_test(bob, "one")])
    address = f"/executions/{group['runs'][0]['id']}/feedback"
    said = {"step_index": 1, "kind": "false_pass", "note": "the cart was empty"}
    assert (await bob.client.post(address, json=said)).status_code == 422
    async with wires.fleet():
        await all_ended(wires)
    answer = await bob.client.post(address, json=said)
    assert (answer.status_code, answer.json()["heal_id"]) == (201, None)
    assert (await bob.client.post(address, json={**said, "kind": "bad"})).status_code == 422
    async with platform.database.read() as connection:
        assert [row.note for row in await connection.execute(select(step_feedback))] == ["the cart was empty"]
    run = (await bob.client.get(f"/executions/{group['runs'][0]['id']}")).json()
    (shown,) = run["feedback"]
    assert said.items() <= shown.items()
    assert shown["username"] == "bob"


async def test_a_step_leads_to_its_heal_only_where_that_was_offered(
    person: People, platform: Platform, wires: Wired
) -> None:
    """H-31: a heal after which nothing passed is no question to anybody, and no page of it is linked."""
    bob = await person("bob")
    group = await started(bob, [await made_test(bob, "one")])
    async with wires.fleet():
        await all_ended(wires)
    heal = await offered(platform, bob.project_id)
    for number, proposal in enumerate((heal, "never-offered")):
        async with platform.database.write() as connection:
            here = update(steps).where(steps.c.step_index == number)
            await connection.execute(here.values(proposal_id=proposal))
    run = (await bob.client.get(f"/executions/{group['runs'][0]['id']}")).json()
    assert [step["heal_id"] for step in run["steps"]] == [heal, None, None]


# --- live events ------------------------------------------------------------------------------------------


async def followed(app: FastAPI, client: AsyncClient, run_id: str, last: int | None = None) -> list[dict[str, Any]]:
    """All events of a run until the stream ends."""
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    answer = await asyncio.wait_for(client.get(f"/executions/{run_id}/events", headers=headers), 20)
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in answer.text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "id" in fields:
            found.append({"id": int(fields["id"]), "kind": fields["event"], **json.loads(fields["data"])})
    return found


async def test_events_come_in_order_to_the_last_one_and_resume_where_a_reader_stopped(
    app: FastAPI, person: People, wires: Wired
) -> None:
    bob = await person("bob")
    group = await started(bob, [await made_test(bob, "one")])
    run_id = group["runs"][0]["id"]
    following = asyncio.create_task(followed(app, bob.client, run_id))
    await asyncio.sleep(0.2)
    async with wires.fleet():
        events = await following
    kinds = [event["kind"] for event in events]
    assert kinds[0] == "queued"
    assert kinds[-1] == "run_finished"
    assert kinds.count("step_finished") == 3
    ids = [event["id"] for event in events]
    assert ids == sorted(set(ids))
    assert await followed(app, bob.client, run_id, ids[4]) == events[5:]
    assert await followed(app, bob.client, run_id, ids[-1]) == []


async def test_a_reader_holds_no_connection_while_nothing_happens(
    app: FastAPI, platform: Platform, person: People, wires: Wired
) -> None:
    bob = await person("bob")
    group = await started(bob, [await made_test(bob, "one")])
    run_id = group["runs"][0]["id"]
    readers = [asyncio.create_task(followed(app, bob.client, run_id)) for _ in range(30)]
    await asyncio.sleep(0.5)
    answer = await asyncio.wait_for(bob.client.put("/settings/execution", json={"max_retries_per_tier": 2}), 5)
    assert answer.status_code == 200
    await bob.client.post(f"/executions/{run_id}/cancel")
    for events in await asyncio.gather(*readers):
        assert events[-1]["kind"] == "run_finished"


async def test_runs_of_the_command_line_are_shown_and_not_repeated(person: People, platform: Platform) -> None:
    bob = await person("bob")
    group = await started(bob, [await made_test(bob, "one")])
    async with platform.database.write() as connection:
        row = (await connection.execute(select(test_executions))).one()._asdict()
        own = {**row, "id": "cli", "status": "failed", "group_id": None, "test_id": None, "user_id": None}
        await connection.execute(insert(test_executions).values(own))
    assert len((await bob.client.get("/executions")).json()["items"]) == 2
    assert (await bob.client.get("/executions/cli")).status_code == 200
    assert (await bob.client.post("/executions/cli/rerun")).status_code == 409
    assert group["runs"]
