"""`/suites`: tests of one project, in an order."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, update
from tests.server.conftest import Person

from tierwright.server.access import Role
from tierwright.server.platform import Platform
from tierwright.store.platform_tables import project_members
from tierwright.store.tables import test_executions


async def stored(who: Person, *names: str) -> list[str]:
    stream = "---\n".join(f"name: {name}\nsteps: [Go back]\n" for name in names)
    answer = await who.client.post("/tests/import", json={"yaml": stream})
    return [test["id"] for test in answer.json()["created"]]


async def suite_of(who: Person, test_ids: list[str], name: str = "All") -> dict[str, Any]:
    answer = await who.client.post("/suites", json={"name": name, "test_ids": test_ids})
    assert answer.status_code == 201, answer.text
    return answer.json()


def names(suite: dict[str, Any]) -> list[str]:
    return [test["name"] for test in suite["tests"]]


async def test_a_suite_keeps_the_order_it_was_given(person) -> None:
    bob: Person = await person("bob")
    a, b, c = await stored(bob, "a", "b", "c")
    suite = await suite_of(bob, [c, a, b])
    assert (await bob.client.get(f"/suites/{suite['id']}")).json() == suite
    assert names(suite) == ["c", "a", "b"]
    assert suite["test_count"] == 3
    listed = (await bob.client.get("/suites")).json()["items"]
    assert [(item["name"], item["test_count"]) for item in listed] == [("All", 3)]


async def test_tests_are_added_moved_and_taken_out(person) -> None:
    bob: Person = await person("bob")
    a, b, c, d = await stored(bob, "a", "b", "c", "d")
    at = f"/suites/{(await suite_of(bob, [a]))['id']}"
    assert names((await bob.client.post(f"{at}/tests", json={"test_ids": [b, c]})).json()) == ["a", "b", "c"]
    first = {"test_ids": [d], "position": 0}
    assert names((await bob.client.post(f"{at}/tests", json=first)).json()) == ["d", "a", "b", "c"]
    moved = await bob.client.post(f"{at}/tests/{d}/move", json={"position": 2})
    assert names(moved.json()) == ["a", "b", "d", "c"]
    last = await bob.client.post(f"{at}/tests/{a}/move", json={"position": 99})
    assert names(last.json()) == ["b", "d", "c", "a"]
    assert names((await bob.client.delete(f"{at}/tests/{d}")).json()) == ["b", "c", "a"]
    assert (await bob.client.delete(f"{at}/tests/{d}")).status_code == 404
    assert (await bob.client.post(f"{at}/tests", json={"test_ids": [a]})).status_code == 409
    assert names((await bob.client.get(at)).json()) == ["b", "c", "a"]


async def test_tests_added_at_the_same_time_are_all_there(person) -> None:
    bob: Person = await person("bob")
    ids = await stored(bob, *"abcdef")
    at = f"/suites/{(await suite_of(bob, []))['id']}"
    answers = await asyncio.gather(*(bob.client.post(f"{at}/tests", json={"test_ids": [one]}) for one in ids))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(names((await bob.client.get(at)).json())) == list("abcdef")


async def test_a_change_touches_only_what_it_names(person) -> None:
    bob: Person = await person("bob")
    a, b = await stored(bob, "a", "b")
    suite = await suite_of(bob, [a, b])
    at = f"/suites/{suite['id']}"
    renamed = (await bob.client.patch(at, json={"name": "Some", "description": "of them"})).json()
    assert (renamed["name"], renamed["description"], names(renamed)) == ("Some", "of them", ["a", "b"])
    reordered = (await bob.client.patch(at, json={"test_ids": [b]})).json()
    assert (reordered["name"], names(reordered)) == ("Some", ["b"])
    await suite_of(bob, [], "All")
    taken = await bob.client.patch(at, json={"name": "All", "test_ids": []})
    assert taken.status_code == 409
    assert names((await bob.client.get(at)).json()) == ["b"]
    assert (await bob.client.post("/suites", json={"name": "All"})).status_code == 409


async def test_only_tests_of_the_project_come_in_and_each_once(person) -> None:
    ann, bob = await person("ann"), await person("bob")
    (hers,) = await stored(ann, "hers")
    (mine,) = await stored(bob, "mine")
    answer = await bob.client.post("/suites", json={"name": "x", "test_ids": [mine, hers, mine, "nothing"]})
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == [f"body.test_ids.{at}" for at in (1, 2, 3)]
    assert (await bob.client.get("/suites")).json()["items"] == []
    for bad in ({}, {"name": ""}, {"name": "a\0"}, {"name": "x", "test_ids": None}, {"name": "x", "size": 3}):
        assert (await bob.client.post("/suites", json=bad)).status_code == 422


async def test_a_deleted_test_leaves_its_suites_and_a_deleted_suite_leaves_its_tests(person) -> None:
    bob: Person = await person("bob")
    a, b = await stored(bob, "a", "b")
    at = f"/suites/{(await suite_of(bob, [a, b]))['id']}"
    await bob.client.delete(f"/tests/{a}")
    assert names((await bob.client.get(at)).json()) == ["b"]
    assert (await bob.client.delete(at)).status_code == 204
    assert (await bob.client.get(at)).status_code == 404
    assert (await bob.client.get(f"/tests/{b}")).status_code == 200


async def test_nobody_sees_the_suites_of_others_and_viewers_change_none(person, platform: Platform) -> None:
    ann, eve, vera = await person("ann"), await person("eve"), await person("vera", Role.VIEWER)
    (a,) = await stored(ann, "a")
    suite = await suite_of(ann, [a])
    row = {"project_id": ann.project_id, "user_id": vera.user_id, "role": "viewer", "created_at": platform.clock.now()}
    async with platform.database.write() as connection:
        await connection.execute(insert(project_members).values(row))
    at = f"/suites/{suite['id']}"
    for who, expected in ((eve, {404}), (vera, {403})):
        answers = [
            await who.client.patch(at, json={"name": "mine"}),
            await who.client.delete(at),
            await who.client.post(f"{at}/tests", json={"test_ids": [a]}),
            await who.client.delete(f"{at}/tests/{a}"),
            await who.client.post(f"{at}/tests/{a}/move", json={"position": 0}),
            await who.client.post("/suites", json={"name": "x", "project_id": ann.project_id}),
        ]
        assert {answer.status_code for answer in answers} == expected
    assert (await eve.client.get(at)).status_code == 404
    assert (await vera.client.get(at)).json() == suite


async def test_a_suite_tells_how_its_last_runs_stand(person, platform: Platform) -> None:
    bob: Person = await person("bob")
    a, b = await stored(bob, "a", "b")
    suite, other = await suite_of(bob, [a, b]), await suite_of(bob, [a], "never ran")
    assert suite["last_run"] is None
    groups = [(await bob.client.post("/executions", json={"suite_id": suite["id"]})).json() for _ in range(2)]
    newest = {"group_id": groups[1]["group_id"], "statuses": {"queued": 2}}
    async with platform.database.write() as connection:
        for number, group in enumerate(groups):
            mine = test_executions.c.group_id == group["group_id"]
            at = platform.clock.now() + timedelta(minutes=number)
            await connection.execute(update(test_executions).where(mine).values(queued_at=at))
    listed = {item["id"]: item["last_run"] for item in (await bob.client.get("/suites")).json()["items"]}
    assert {key: listed[suite["id"]][key] for key in newest} == newest
    assert listed[other["id"]] is None
    assert (await bob.client.get(f"/suites/{suite['id']}")).json()["last_run"] == listed[suite["id"]]
