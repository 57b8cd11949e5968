"""`/tests`: stored as their YAML, checked like files, every save a version."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import insert, update
from tests.server.conftest import Person, SetClock
from tests.server.runs import record

from tierwright.server.access import Role
from tierwright.server.platform import Platform
from tierwright.server.problems import Problem
from tierwright.server.tests.source import BIG_IMPORT
from tierwright.server.turns import Turns
from tierwright.store.platform_tables import project_members, test_versions, tests
from tierwright.store.tables import test_executions

YAML = """\
# what it is for
name: Sign in
base_url: http://127.0.0.1:8000
tags: [smoke, login]
variables: {user: ada}
secrets: [password]
steps:
  - Go to "/login"   # first
  - action: fill
    instruction: The user name
    selector: "#user"
    value: "{{user}}"
  - action: fill
    selector: "#password"
    value: "{{password}}"
  - Click the "Log in" button
"""


async def made(client: AsyncClient, yaml: str = YAML, **more: Any) -> dict[str, Any]:
    answer = await client.post("/tests", json={"yaml": yaml, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def named(name: str, *tags: str) -> str:
    return f"name: {name}\ntags: [{', '.join(tags)}]\nsteps: [Go back]\n"


def paths(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "invalid"
    return [error["path"] for error in answer.json()["errors"]]


# --- what is stored ---------------------------------------------------------------------------------------


async def test_a_test_is_stored_as_it_was_written_and_shown_taken_apart(person) -> None:
    bob: Person = await person("bob")
    test = await made(bob.client)
    assert (await bob.client.get(f"/tests/{test['id']}")).json() == test
    assert test["yaml"] == YAML
    assert (test["name"], test["version"], test["tags"]) == ("Sign in", 1, ["smoke", "login"])
    assert (test["variables"], test["secrets"], test["problems"]) == ({"user": "ada"}, ["password"], [])
    first, second = test["steps"][0], test["steps"][1]
    assert (first["title"], first["sentence"], first["action"], first["value"]) == (
        'Go to "/login"',
        'Go to "/login"',
        "navigate",
        "/login",
    )
    assert (second["title"], second["selector"], second["sentence"]) == ("The user name", "#user", None)
    assert test["last_run"] is None


async def test_the_parts_of_a_test_sent_back_make_the_same_test_and_no_new_version(person) -> None:
    bob: Person = await person("bob")
    test = await made(bob.client)
    parts = {
        key: test[key] for key in ("name", "base_url", "tags", "variables", "secrets", "setup", "teardown", "examples")
    }
    steps = [
        {"sentence": step["sentence"]}
        if step["sentence"]
        else {key: value for key, value in step.items() if key != "title" and value not in (None, [], False, "")}
        for step in test["steps"]
    ]
    answer = await bob.client.put(f"/tests/{test['id']}", json={**parts, "steps": steps, "version": 1})
    assert answer.status_code == 200, answer.text
    assert answer.json() == test
    other = await bob.client.post("/tests", json={**parts, "name": "Copy", "steps": steps})
    assert other.status_code == 201, other.text
    assert other.json()["steps"] == test["steps"]
    assert "#" not in other.json()["yaml"].replace("#user", "").replace("#password", "")


async def test_every_key_of_a_test_can_be_sent_as_parts(person) -> None:
    bob: Person = await person("bob")
    body = {
        "name": "All: of it",
        "browser": {
            "viewport": "800x600",
            "locale": "de-DE",
            "http_credentials": {"username": "u", "password": "{{p}}"},
        },
        "variables": {"p": "1"},
        "examples": [{"row": "a"}, {"row": "b"}],
        "setup": ["Go back"],
        "steps": [
            {"action": "click", "selector": "#a", "frame": ["iframe"], "timeout_seconds": 2.5, "optional": True},
            {"action": "expect", "instruction": "The list", "condition": "count", "value": "3", "name": "three"},
            {"action": "upload", "selector": "#f", "files": ["a.txt", "b, c.txt"]},
        ],
        "teardown": [{"sentence": "Reload the page"}],
    }
    answer = await bob.client.post("/tests", json=body)
    assert answer.status_code == 201, answer.text
    test = answer.json()
    assert test["browser"]["viewport"] == "800x600"
    assert test["browser"]["http_credentials"] == {"username": "u", "password": "{{p}}"}
    click, count, upload = test["steps"]
    assert (click["frame"], click["timeout_seconds"], click["optional"]) == (["iframe"], 2.5, True)
    assert (count["condition"], count["value"], count["title"]) == ("count", "3", "three")
    assert upload["files"] == ["a.txt", "b, c.txt"]
    assert [step["sentence"] for step in (*test["setup"], *test["teardown"])] == ["Go back", "Reload the page"]
    assert test["examples"] == [{"row": "a"}, {"row": "b"}]


# --- what is refused --------------------------------------------------------------------------------------


async def test_all_errors_of_a_yaml_are_told_at_once_with_line_and_column(person) -> None:
    bob: Person = await person("bob")
    wrong = "name: t\nsteps:\n  - action: clik\n    selector: a\n  - Frobnicate the page\n  - Click {{nobody}}\n"
    answer = await bob.client.post("/tests", json={"yaml": wrong})
    assert paths(answer) == ["body.yaml:3:13", "body.yaml:5:5", "body.yaml:6:5"]
    assert 'did you mean "click"?' in answer.json()["detail"]
    assert (await bob.client.get("/tests")).json()["items"] == []


async def test_all_errors_of_the_parts_are_told_at_once_with_the_path_of_the_step(person) -> None:
    bob: Person = await person("bob")
    steps: list[Any] = [
        "Go back",
        {"action": "click"},
        "Frobnicate the page",
        {"action": "press", "key": "Entre"},
        {"action": "fill", "selector": "#a", "value": "{{nobody}}"},
    ]
    answer = await bob.client.post("/tests", json={"name": "t", "steps": steps})
    assert paths(answer) == ["body.steps.1.instruction", "body.steps.2", "body.steps.3.key", "body.steps.4"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "body"),
        ({"yaml": YAML, "name": "x"}, "body"),
        ({"name": "x"}, "body"),
        ({"yaml": None}, "body"),
        ({"yaml": ""}, "body.yaml"),
        ({"yaml": "- no mapping"}, "body.yaml:1:1"),
        ({"yaml": f"{YAML}---\nname: two\nsteps: [Go back]\n"}, "body.yaml"),
        ({"yaml": 'name: "a\\0b"\nsteps: [Go back]\n'}, "body.yaml:1:1"),
        ({"yaml": YAML + "#" * 300_000}, "body.yaml"),
        ({"yaml": f"name: {'x' * 501}\nsteps: [Go back]\n"}, "body.yaml:1:1"),
        ({"yaml": "name: t\ntags: [a, a]\nsteps: [Go back]\n"}, "body.yaml:1:1"),
        ({"yaml": "name: t\ninclude: /etc/passwd\nsteps: [Go back]\n"}, "body.yaml:2:10"),
        ({"yaml": "name: t\nsteps:\n  - include: more.yaml\n"}, "body.yaml:3:5"),
        ({"name": "", "steps": ["Go back"]}, "body.name"),
        ({"name": "x", "steps": []}, "body.steps"),
        ({"name": "x", "steps": ["Go back"], "browser": {"viewport": "big"}}, "body.browser.viewport"),
        ({"name": "x", "steps": [{"action": "frobnicate"}]}, "body.steps.0.action"),
        ({"name": "x", "steps": [{"action": "click", "selektor": "#a"}]}, "body.steps.0.selektor"),
        ({"name": "x", "steps": [{"action": "click", "selector": None}]}, "body.steps.0"),
        ({"name": "x", "steps": [{"sentence": "Go back", "action": "click"}]}, "body.steps.0"),
        (
            {"yaml": "name: t\nsteps:\n  - {action: upload, selector: a, files: [a.txt, /etc/passwd]}\n"},
            "body.yaml:3:5",
        ),
        ({"yaml": "name: t\nbrowser: {storage_state: ../x.json}\nsteps: [Go back]\n"}, "body.yaml:1:1"),
        (
            {"name": "x", "steps": ["Go back", {"action": "upload", "selector": "a", "files": ["b/../../c"]}]},
            "body.steps.1.files",
        ),
        (
            {"name": "x", "steps": ["Go back"], "browser": {"storage_state": "C:\\state.json"}},
            "body.browser.storage_state",
        ),
        ({"yaml": YAML, "owner": "me"}, "body.owner"),
        ({"yaml": YAML, "note": "a\0b"}, "body.note"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_what_no_test_file_may_say_is_refused_with_its_place(person, body: dict[str, Any], path: str) -> None:
    bob: Person = await person("bob")
    assert paths(await bob.client.post("/tests", json=body))[0] == path
    assert (await bob.client.get("/tests")).json()["items"] == []


async def test_a_name_is_taken_once_a_project(person) -> None:
    ann, bob = await person("ann"), await person("bob")
    await made(ann.client)
    again = await ann.client.post("/tests", json={"yaml": YAML})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    other = await made(ann.client, named("other"))
    renamed = await ann.client.put(f"/tests/{other['id']}", json={"yaml": YAML, "version": 1})
    assert renamed.status_code == 409
    assert (await ann.client.get(f"/tests/{other['id']}")).json() == other
    await made(bob.client)


# --- versions ---------------------------------------------------------------------------------------------


async def test_every_save_is_a_version_and_an_old_one_can_be_restored(person, clock: SetClock) -> None:
    bob: Person = await person("bob")
    test = await made(bob.client, note="first")
    at = f"/tests/{test['id']}"
    clock.move(minutes=1)
    changed = YAML.replace('"#user"', '"#name"')
    second = (await bob.client.put(at, json={"yaml": changed, "version": 1, "note": "better"})).json()
    assert (second["version"], second["yaml"]) == (2, changed)
    same = (await bob.client.put(at, json={"yaml": changed, "version": 2, "note": "nothing"})).json()
    assert same == second
    diff = (await bob.client.get(f"{at}/diff", params={"from": 1, "to": 2})).json()["diff"]
    assert [line for line in diff.splitlines()[2:] if line[0] in "+-"] == [
        '-    selector: "#user"',
        '+    selector: "#name"',
    ]
    clock.move(minutes=1)
    third = (await bob.client.post(f"{at}/versions/1/restore", json={"version": 2})).json()
    assert (third["version"], third["yaml"]) == (3, YAML)
    listed = (await bob.client.get(f"{at}/versions")).json()["items"]
    assert [(v["version"], v["note"], v["user_id"]) for v in listed] == [
        (3, "version 1 again", bob.user_id),
        (2, "better", bob.user_id),
        (1, "first", bob.user_id),
    ]
    assert (await bob.client.get(f"{at}/versions/2")).json()["yaml"] == changed
    assert (await bob.client.get(f"{at}/versions/4")).status_code == 404


async def test_whoever_knows_an_older_version_overwrites_nothing(person) -> None:
    bob: Person = await person("bob")
    test = await made(bob.client)
    at = f"/tests/{test['id']}"
    bodies = [{"yaml": f"{YAML}# {who}\n", "version": 1} for who in range(5)]
    answers = await asyncio.gather(*(bob.client.put(at, json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert (await bob.client.get(at)).json()["version"] == 2
    assert len((await bob.client.get(f"{at}/versions")).json()["items"]) == 2
    assert (await bob.client.post(f"{at}/versions/1/restore", json={"version": 1})).status_code == 409


async def test_a_test_that_a_newer_tierwright_finds_wrong_is_shown_with_its_problems_and_can_be_put_right(
    person, platform: Platform
) -> None:
    bob: Person = await person("bob")
    test = await made(bob.client)
    at = f"/tests/{test['id']}"
    wrong = YAML.replace('Click the "Log in" button', "Frobnicate the page")
    async with platform.database.write() as connection:
        await connection.execute(update(tests).values(yaml=wrong))
        await connection.execute(update(test_versions).values(yaml=wrong))
    shown = (await bob.client.get(at)).json()
    assert (shown["yaml"], shown["steps"], shown["tags"]) == (wrong, [], ["smoke", "login"])
    assert [problem["path"] for problem in shown["problems"]] == ["body.yaml:16:5"]
    assert (await bob.client.post(f"{at}/versions/1/restore", json={"version": 1})).status_code == 422
    assert (await bob.client.post(f"{at}/clone", json={})).status_code == 422
    right = await bob.client.put(at, json={"yaml": YAML, "version": 1})
    assert (right.json()["version"], right.json()["problems"]) == (2, [])


# --- lists ------------------------------------------------------------------------------------------------


async def test_tests_are_listed_last_changed_first_in_pages(person, clock: SetClock) -> None:
    bob: Person = await person("bob")
    for number in range(5):
        clock.move(minutes=1)
        await made(bob.client, named(f"t{number}", "even" if number % 2 == 0 else "odd"))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await bob.client.get("/tests", params={"limit": 2, **cursor})).json()
        seen += [item["name"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == ["t4", "t3", "t2", "t1", "t0"]


async def test_lists_are_searched_by_name_and_tag(person) -> None:
    bob: Person = await person("bob")
    for yaml in (named("100% sure", "a", "b"), named("1000 times", "b"), named("Sign IN")):
        await made(bob.client, yaml)

    async def found(**params: str) -> list[str]:
        items = (await bob.client.get("/tests", params=params)).json()["items"]
        return sorted(item["name"] for item in items)

    assert await found(q="100%") == ["100% sure"]
    assert await found(q="sign in") == ["Sign IN"]
    assert await found(tag="b") == ["100% sure", "1000 times"]
    assert await found(tag="b", q="times") == ["1000 times"]
    assert await found(tag='"b"') == []
    assert (await bob.client.get("/tests/tags")).json() == [{"tag": "a", "tests": 1}, {"tag": "b", "tests": 2}]
    assert (await bob.client.get("/tests", params={"q": "a\0"})).status_code == 422


async def test_a_listed_test_has_its_newest_run(person, platform: Platform, clock: SetClock) -> None:
    bob: Person = await person("bob")
    test, other = await made(bob.client), await made(bob.client, named("never ran"))
    for number, status in enumerate(("failed", "passed")):
        clock.move(minutes=1)
        async with platform.database.write() as connection:
            await connection.execute(insert(test_executions).values(run_of(test, f"r{number}", status, clock)))
    items = {item["id"]: item["last_run"] for item in (await bob.client.get("/tests")).json()["items"]}
    assert (items[test["id"]]["id"], items[test["id"]]["status"]) == ("r1", "passed")
    assert items[other["id"]] is None


async def test_a_listed_test_has_the_tiers_of_its_last_ten_runs_oldest_first(person, platform: Platform) -> None:
    bob: Person = await person("bob")
    test, other = await made(bob.client), await made(bob.client, named("never ran"))
    recorded = [
        {
            "run_id": f"r{number:02}",
            "project": test["project_id"],
            "columns": {"test_id": test["id"], "queued_at": datetime(2026, 11, 1, number, tzinfo=UTC)},
        }
        for number in range(12)
    ]
    await record(platform.database, *recorded)
    items = {item["id"]: item["tier_mix"] for item in (await bob.client.get("/tests")).json()["items"]}
    assert [mix["run_id"] for mix in items[test["id"]]] == [f"r{number:02}" for number in range(2, 12)]
    (one,) = {(mix["tier1"], mix["tier2"], mix["tier3"], mix["failed"]) for mix in items[test["id"]]}
    assert sum(one) > 0
    assert items[other["id"]] == []
    assert (await bob.client.get(f"/tests/{test['id']}")).json()["tier_mix"] == items[test["id"]]


def run_of(test: dict[str, Any], run_id: str, status: str, clock: SetClock) -> dict[str, Any]:
    owner = {"owner_host": "h", "owner_pid": 1, "owner_started": ""}
    what = {"project": test["project_id"], "test_name": test["name"], "test_file": "", "example_digest": ""}
    how = {"strategy": "option_c", "model": "local", "settings": {}, "track_effectiveness": True, "tokens": 0}
    now = clock.now()
    when = {"started_at": now, "queued_at": now, "finished_at": now, "duration_ms": 5.0}
    return {"id": run_id, "status": status, "test_id": test["id"], **owner, **what, **how, **when}


# --- copies, import, export -------------------------------------------------------------------------------


async def test_a_copy_keeps_everything_but_the_name(person) -> None:
    bob: Person = await person("bob")
    test = await made(bob.client)
    copies = [(await bob.client.post(f"/tests/{test['id']}/clone", json={})).json() for _ in range(2)]
    assert [copy["name"] for copy in copies] == ["Sign in (copy)", "Sign in (copy 2)"]
    assert copies[0]["yaml"] == YAML.replace("name: Sign in", "name: Sign in (copy)")
    mine = (await bob.client.post(f"/tests/{test['id']}/clone", json={"name": "yes"})).json()
    assert (mine["name"], mine["steps"]) == ("yes", test["steps"])
    assert (await bob.client.post(f"/tests/{test['id']}/clone", json={"name": "yes"})).status_code == 409
    assert (await bob.client.post(f"/tests/{test['id']}/clone", json={"name": ""})).status_code == 422


async def test_what_is_exported_imports_back_to_the_same_tests(person) -> None:
    ann, bob = await person("ann"), await person("bob")
    odd = "%YAML 1.2\n---\nname: odd\nsteps:\n  - action: fill\n    selector: a\n    value: |+\n      x\n\n...\n"
    one_line = "--- {name: one line, steps: [Go back]}   # said\n"
    for yaml in (f"\ufeff---\n{YAML}", odd, one_line, "name: last\nsteps: [Go back]"):
        await made(ann.client, yaml)
    stream = (await ann.client.get("/tests/export")).text
    done = await bob.client.post("/tests/import", json={"yaml": stream})
    assert done.status_code == 200, done.text
    assert [test["name"] for test in done.json()["created"]] == ["Sign in", "last", "odd", "one line"]
    again = (await bob.client.get("/tests/export")).text
    assert again == stream
    assert "# what it is for" in stream
    (one,) = (await ann.client.get("/tests", params={"q": "last"})).json()["items"]
    alone = (await ann.client.get("/tests/export", params={"ids": [one["id"]]})).text
    assert alone == "name: last\nsteps: [Go back]\n"
    assert (await bob.client.get("/tests/export", params={"ids": [one["id"]]})).status_code == 404


async def test_an_import_meets_names_that_are_taken(person) -> None:
    bob: Person = await person("bob")
    await made(bob.client, named("a", "old"))
    await made(bob.client, named("b"))
    stream = "---\n".join((named("a", "new"), named("b"), named("c")))
    refused = await bob.client.post("/tests/import", json={"yaml": stream})
    assert (refused.status_code, refused.json()["detail"]) == (409, "these tests are there already: a, b")
    assert len((await bob.client.get("/tests")).json()["items"]) == 2
    skip = (await bob.client.post("/tests/import", json={"yaml": stream, "on_conflict": "skip"})).json()
    kinds = ("created", "updated", "unchanged", "skipped")
    assert [[test["name"] for test in skip[kind]] for kind in kinds] == [["c"], [], ["b"], ["a"]]
    update = (await bob.client.post("/tests/import", json={"yaml": stream, "on_conflict": "update"})).json()
    assert [[test["name"] for test in update[kind]] for kind in kinds] == [[], ["a"], ["b", "c"], []]
    assert update["updated"][0]["version"] == 2
    test = (await bob.client.get(f"/tests/{update['updated'][0]['id']}")).json()
    assert (test["tags"], test["version"]) == (["new"], 2)


async def test_an_import_with_one_error_stores_nothing(person) -> None:
    bob: Person = await person("bob")
    answer = await bob.client.post("/tests/import", json={"yaml": f"{named('a')}---\n{named('b')}  - Frobnicate\n"})
    assert paths(answer)[0].startswith("body.yaml:")
    assert (await bob.client.get("/tests")).json()["items"] == []


async def test_a_test_that_is_too_long_is_refused_by_an_import_too(person) -> None:
    bob: Person = await person("bob")
    long = named("b") + ("# " + "x" * 1000 + "\n") * 300
    answer = await bob.client.post("/tests/import", json={"yaml": f"{named('a')}---\n{long}"})
    assert (answer.status_code, "split the test: b" in answer.json()["detail"]) == (422, True)
    assert (await bob.client.get("/tests")).json()["items"] == []


async def test_others_are_answered_while_a_big_import_is_checked(person) -> None:
    bob: Person = await person("bob")
    sentences = "".join(f'  - Click the "Button {number}" button in the header\n' for number in range(20))
    stream = "---\n".join(f"name: t{number}\nsteps:\n{sentences}" for number in range(80))
    assert len(stream) > BIG_IMPORT
    importing = asyncio.create_task(bob.client.post("/tests/import", json={"yaml": stream}))
    answered = 0
    while not importing.done():
        assert (await bob.client.get("/tests")).status_code == 200
        answered += not importing.done()
    assert (await importing).status_code == 200
    assert answered > 0


async def test_big_imports_come_one_after_the_other_and_wait_no_longer_than_they_may() -> None:
    turns = Turns(wait_seconds=0.01)
    async with turns.turn():
        with pytest.raises(Problem, match="try again") as refused:
            async with turns.turn():
                raise AssertionError("two had the turn")
    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "5"})
    async with turns.turn():
        pass


# --- sentences --------------------------------------------------------------------------------------------


async def test_a_text_is_checked_as_saving_it_would_and_nothing_is_stored(person) -> None:
    bob: Person = await person("bob")
    wrong = await bob.client.post("/tests/check", json={"yaml": "name: x\nstep: []\nsteps:\n  - Clck it\n"})
    places = [problem["path"] for problem in wrong.json()["problems"]]
    saved = await bob.client.post("/tests", json={"yaml": "name: x\nstep: []\nsteps:\n  - Clck it\n"})
    assert places == paths(saved)
    assert len(places) >= 2
    assert all(place.startswith("body.yaml:") for place in places)
    assert [(problem["line"], problem["key"]) for problem in wrong.json()["problems"]] == [(2, "step"), (4, "")]
    good = await bob.client.post("/tests/check", json={"yaml": "name: x\nsteps: [Go back]\n"})
    assert good.json() == {"problems": []}
    assert (await bob.client.get("/tests")).json()["items"] == []


async def test_a_sentence_is_compiled_or_refused_with_its_column(person) -> None:
    bob: Person = await person("bob")
    step = (await bob.client.post("/tests/compile", json={"sentence": 'Enter "ada" in the "Name" field'})).json()
    assert (step["action"], step["instruction"], step["value"]) == ("fill", 'the "Name" field', "ada")
    variable = await bob.client.post("/tests/compile", json={"sentence": "Enter {{who}} in the Name field"})
    assert variable.status_code == 200
    answer = await bob.client.post("/tests/compile", json={"sentence": "Enter ada in the Name field"})
    assert paths(answer) == ["body.sentence:1:7"]
    assert "write: " in answer.json()["errors"][0]["message"]
    bad = await bob.client.post("/tests/compile", json={"sentence": 'The title should match "("'})
    assert bad.status_code == 422


# --- who may ----------------------------------------------------------------------------------------------


async def test_nobody_sees_or_changes_the_tests_of_a_project_that_is_not_theirs(person) -> None:
    ann, eve = await person("ann"), await person("eve")
    test = await made(ann.client)
    at = f"/tests/{test['id']}"
    asked = [
        await eve.client.get(at),
        await eve.client.put(at, json={"yaml": YAML, "version": 1}),
        await eve.client.delete(at),
        await eve.client.post(f"{at}/clone", json={}),
        await eve.client.get(f"{at}/versions"),
        await eve.client.get(f"{at}/versions/1"),
        await eve.client.get(f"{at}/diff", params={"from": 1, "to": 1}),
        await eve.client.post(f"{at}/versions/1/restore", json={"version": 1}),
        await eve.client.get("/tests", params={"project_id": ann.project_id}),
        await eve.client.get("/tests/tags", params={"project_id": ann.project_id}),
        await eve.client.get("/tests/export", params={"project_id": ann.project_id}),
        await eve.client.post("/tests", json={"yaml": YAML, "project_id": ann.project_id}),
        await eve.client.post("/tests/import", json={"yaml": YAML, "project_id": ann.project_id}),
    ]
    assert {answer.status_code for answer in asked} == {404}
    assert (await eve.client.get("/tests")).json()["items"] == []
    assert (await ann.client.get(at)).json() == test


async def test_viewers_look_and_change_nothing(person, platform: Platform) -> None:
    ann, vera = await person("ann"), await person("vera", Role.VIEWER)
    test = await made(ann.client)
    async with platform.database.write() as connection:
        row = {
            "project_id": ann.project_id,
            "user_id": vera.user_id,
            "role": "viewer",
            "created_at": platform.clock.now(),
        }
        await connection.execute(insert(project_members).values(row))
    at = f"/tests/{test['id']}"
    assert (await vera.client.get(at)).json() == test
    refused = [
        await vera.client.put(at, json={"yaml": YAML, "version": 1}),
        await vera.client.delete(at),
        await vera.client.post(f"{at}/clone", json={}),
        await vera.client.post(f"{at}/versions/1/restore", json={"version": 1}),
        await vera.client.post("/tests", json={"yaml": named("x"), "project_id": ann.project_id}),
    ]
    assert {answer.status_code for answer in refused} == {403}


async def test_a_deleted_test_is_gone_with_its_versions(person) -> None:
    bob: Person = await person("bob")
    test = await made(bob.client)
    assert (await bob.client.delete(f"/tests/{test['id']}")).status_code == 204
    assert (await bob.client.get(f"/tests/{test['id']}")).status_code == 404
    assert (await bob.client.delete(f"/tests/{test['id']}")).status_code == 404
    await made(bob.client)
