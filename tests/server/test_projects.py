"""`/projects`: their members, settings and secrets."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from tests.server.conftest import Person, SetClock

from tierwright.core.errors import MachineryError
from tierwright.server.access import Role
from tierwright.server.platform import Platform
from tierwright.server.projects.secrets.service import project_secrets, reseal_all
from tierwright.server.projects.settings import ProjectSettings, project_settings
from tierwright.server.security.secret_box import SecretBox
from tierwright.server.upkeep import remove_leftovers
from tierwright.store.platform_tables import project_members, projects
from tierwright.store.platform_tables import project_secrets as secrets_table
from tierwright.store.tables import cache_counters, metadata, test_executions

Make = Callable[..., Awaitable[Person]]


@pytest.fixture
def administers(platform: Platform) -> Callable[..., Awaitable[None]]:
    """`await administers(ann)` makes somebody the administrator of their own project, as `add_user` does."""

    async def promote(who: Person, role: str = "admin") -> None:
        mine = (project_members.c.user_id == who.user_id) & (project_members.c.project_id == who.project_id)
        async with platform.database.write() as connection:
            await connection.execute(update(project_members).where(mine).values(role=role))

    return promote


async def test_whoever_makes_a_project_administers_it(person: Make, clock: SetClock) -> None:
    ann = await person("ann")
    clock.move(seconds=1)
    made = await ann.client.post("/projects", json={"name": "Shop"})
    assert made.status_code == 201
    assert made.json()["role"] == "admin"
    assert [p["name"] for p in (await ann.client.get("/projects")).json()["items"]] == ["Shop", "ann"]
    path = f"/projects/{made.json()['id']}"
    assert (await ann.client.get(path)).json() == made.json()
    clock.move(seconds=1)
    renamed = (await ann.client.patch(path, json={"name": "Store"})).json()
    assert (renamed["name"], renamed["updated_at"] > made.json()["updated_at"]) == ("Store", True)
    assert (await ann.client.delete(path)).status_code == 204
    assert (await ann.client.get(path)).status_code == 404


@pytest.mark.parametrize(
    "bad", [{}, {"name": ""}, {"name": None}, {"name": "a\nb"}, {"name": 5}, {"name": "a", "id": "x"}]
)
async def test_a_bad_project_is_refused(person: Make, bad: dict[str, Any]) -> None:
    ann = await person("ann")
    assert (await ann.client.post("/projects", json=bad)).status_code == 422
    assert len((await ann.client.get("/projects")).json()["items"]) == 1


async def test_an_id_that_no_database_can_hold_is_not_there(person: Make) -> None:
    ann = await person("ann")
    for path in ("/projects/a%00b", "/projects/a%00b/settings", f"/projects/{ann.project_id}/members/%00"):
        answer = await ann.client.delete(path) if "members" in path else await ann.client.get(path)
        assert answer.status_code in (403, 404, 422), path


async def test_viewers_make_no_projects(person: Make) -> None:
    eve = await person("eve", Role.VIEWER)
    assert (await eve.client.post("/projects", json={"name": "Shop"})).status_code == 403


async def test_members_look_and_only_administrators_of_a_project_change_it(person: Make) -> None:
    ann = await person("ann")  # a plain member of her project
    path = f"/projects/{ann.project_id}"
    answers = [
        await ann.client.patch(path, json={"name": "x"}),
        await ann.client.delete(path),
        await ann.client.put(f"{path}/settings", json={}),
        await ann.client.post(f"{path}/members", json={"username": "ann"}),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert (await ann.client.get(f"{path}/settings")).status_code == 200


async def test_a_removed_project_takes_what_is_in_it_along(person: Make, administers, platform: Platform) -> None:
    ann, bob = await person("ann"), await person("bob")
    await administers(ann)
    now = platform.clock.now()
    counted = {"hour": now, "outcome": "hit", "count": 1}
    async with platform.database.write() as connection:
        for project in (ann.project_id, bob.project_id):
            run = {**_run(f"r-{project}", project, now), "status": "passed", "finished_at": now}
            await connection.execute(insert(test_executions).values(**run))
            await connection.execute(insert(cache_counters).values(project=project, **counted))
    state = platform.settings.state_dir
    for folder in (
        f"artifacts/r-{ann.project_id}/try-1",
        f"artifacts/r-{bob.project_id}",
        f"projects/{ann.project_id}",
    ):
        (state / folder).mkdir(parents=True)
    await ann.client.put(f"/projects/{ann.project_id}/secrets/x", json={"value": "x"})
    assert await remove_leftovers(platform) == 0
    assert (await ann.client.delete(f"/projects/{ann.project_id}")).status_code == 204
    async with platform.database.read() as connection:
        for table in metadata.sorted_tables:
            for column in (table.c[name] for name in ("project", "project_id") if name in table.c):
                left = set(await connection.scalars(select(column)))
                assert ann.project_id not in left, table.name
        assert list(await connection.scalars(select(test_executions.c.project))) == [bob.project_id]
    assert await remove_leftovers(platform) == 2
    assert [f.name for f in (state / "artifacts").iterdir()] == [f"r-{bob.project_id}"]
    assert list((state / "projects").iterdir()) == []


async def test_a_project_stays_while_it_runs_tests_and_the_command_lines_stays_for_ever(
    person: Make, administers, platform: Platform
) -> None:
    ann, admin = await person("ann"), await person("root", Role.ADMIN)
    await administers(ann)
    now = platform.clock.now()
    async with platform.database.write() as connection:
        await connection.execute(insert(test_executions).values(**_run("r1", ann.project_id, now)))
        stamps = {"created_at": now, "updated_at": now}
        await connection.execute(insert(projects).values(id="default", name="default", settings={}, **stamps))
    for path in (f"/projects/{ann.project_id}", "/projects/default"):
        answer = await admin.client.delete(path)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert (await admin.client.get(path)).status_code == 200


def _run(run_id: str, project: str, now: object) -> dict[str, Any]:
    texts = ("test_name", "test_file", "example_digest", "model", "owner_host", "owner_started")
    return {
        "id": run_id,
        "project": project,
        "status": "running",
        "strategy": "option_c",
        "settings": {},
        "track_effectiveness": True,
        "started_at": now,
        "tokens": 0,
        "owner_pid": 0,
        **dict.fromkeys(texts, ""),
    }


# --- members ----------------------------------------------------------------------------------------------


async def test_a_member_who_is_taken_in_sees_the_project_and_one_let_go_does_not(person: Make, administers) -> None:
    ann, bob = await person("ann"), await person("bob")
    await administers(ann)
    path = f"/projects/{ann.project_id}"
    assert (await bob.client.get(path)).status_code == 404
    taken = await ann.client.post(f"{path}/members", json={"username": "Bob", "role": "viewer"})
    assert taken.status_code == 201
    assert (taken.json()["user_id"], taken.json()["role"]) == (bob.user_id, "viewer")
    assert (await ann.client.post(f"{path}/members", json={"username": "bob"})).status_code == 409
    assert (await bob.client.get(path)).json()["role"] == "viewer"
    assert (await bob.client.put(f"{path}/secrets/x", json={"value": "x"})).status_code == 403
    assert (await bob.client.patch(f"{path}/members/{bob.user_id}", json={"role": "admin"})).status_code == 403
    raised = await ann.client.patch(f"{path}/members/{bob.user_id}", json={"role": "member"})
    assert raised.json()["role"] == "member"
    assert (await bob.client.put(f"{path}/secrets/x", json={"value": "x"})).status_code == 204
    assert {m["username"] for m in (await bob.client.get(f"{path}/members")).json()["items"]} == {"ann", "bob"}
    assert (await ann.client.delete(f"{path}/members/{bob.user_id}")).status_code == 204
    assert (await bob.client.get(path)).status_code == 404
    assert (await ann.client.delete(f"{path}/members/{bob.user_id}")).status_code == 404


async def test_everybody_may_leave_and_nobody_throws_others_out(person: Make, administers) -> None:
    ann, bob = await person("ann"), await person("bob")
    await administers(ann)
    path = f"/projects/{ann.project_id}"
    await ann.client.post(f"{path}/members", json={"username": "bob"})
    assert (await bob.client.delete(f"{path}/members/{ann.user_id}")).status_code == 403
    assert (await bob.client.delete(f"{path}/members/{bob.user_id}")).status_code == 204


async def test_a_name_that_nobody_has_is_no_member(person: Make, administers) -> None:
    ann = await person("ann")
    await administers(ann)
    answer = await ann.client.post(f"/projects/{ann.project_id}/members", json={"username": "nobody"})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "body.username")


# --- settings ---------------------------------------------------------------------------------------------

DEFAULTS = {"allowed_hosts": [], "heal_policy": "warn", "retention_days": {}, "concurrency": 4}


async def test_settings_are_replaced_as_a_whole_and_read_by_the_engine(
    person: Make, administers, platform: Platform
) -> None:
    ann, root = await person("ann"), await person("root", Role.ADMIN)
    await administers(ann)
    path = f"/projects/{ann.project_id}/settings"
    assert (await ann.client.get(path)).json() == DEFAULTS
    wanted = {
        "allowed_hosts": [
            "127.0.0.1:8000",
            "*.shop.example",
            "https://a.example",
            "10.0.0.0/8",
            "[::1]:8080",
            "fd00::/8",
            "localhost",
        ],
        "budget_usd": 12.5,
        "heal_policy": "fail",
        "model": "openai-compatible:qwen3",
        "model_base_url": "http://127.0.0.1:11434/v1",
        "retention_days": {"runs": 90, "artifacts": 7},
        "concurrency": 2,
    }
    answer = await root.client.put(path, json=wanted)
    assert answer.status_code == 200, answer.text
    assert (await ann.client.get(path)).json() == wanted
    async with platform.database.read() as connection:
        stored = await connection.scalar(select(projects.c.settings).where(projects.c.id == ann.project_id))
    assert project_settings(stored) == ProjectSettings.model_validate_json(answer.text)
    assert (await root.client.put(path, json={"concurrency": 1})).json() == {**DEFAULTS, "concurrency": 1}
    assert (await ann.client.get(path)).json() == {**DEFAULTS, "concurrency": 1}


@pytest.mark.parametrize("setting", [{"allowed_hosts": ["127.0.0.1"]}, {"model_base_url": "https://evil.example"}])
async def test_where_browsers_and_keys_go_is_for_administrators_of_the_installation(
    person: Make, administers, setting: dict[str, Any]
) -> None:
    ann, root = await person("ann"), await person("root", Role.ADMIN)
    await administers(ann)
    path = f"/projects/{ann.project_id}/settings"
    wanted = {"model": "openai:gpt-5-mini", **setting}
    assert (await ann.client.put(path, json=wanted)).status_code == 403
    assert (await ann.client.get(path)).json() == DEFAULTS
    assert (await root.client.put(path, json=wanted)).status_code == 200
    assert (await ann.client.put(path, json={**wanted, "concurrency": 8})).status_code == 200
    assert (await ann.client.put(path, json={})).status_code == 403


@pytest.mark.parametrize(
    "bad",
    [
        {"allowed_hosts": ["ftp://shop.example"]},
        {"allowed_hosts": ["http://shop.example/path"]},
        {"allowed_hosts": ["shop.example/path"]},
        {"allowed_hosts": ["*"]},
        {"allowed_hosts": ["10.0.0.0/99"]},
        {"allowed_hosts": ["shop.example:0"]},
        {"allowed_hosts": ["shop.example:70000"]},
        {"allowed_hosts": "shop.example"},
        {"budget_usd": -1},
        {"budget_usd": "5"},
        {"budget_usd": True},
        {"budget_usd": None},
        {"heal_policy": "maybe"},
        {"model": "gpt"},
        {"model": "openai:"},
        {"model": "openai:gpt-5-mini", "model_base_url": "file:///etc/passwd"},
        {"model": "openai:gpt-5-mini", "model_base_url": "https://me:secret@api.example"},
        {"model_base_url": "https://api.example"},
        {"retention_days": {"runs": 0}},
        {"retention_days": {"logs": 5}},
        {"retention_days": {"runs": None}},
        {"concurrency": 0},
        {"concurrency": 1.5},
        {"provider": "openai"},
    ],
    ids=str,
)
async def test_bad_settings_are_refused_with_their_path_and_change_nothing(person: Make, bad: dict[str, Any]) -> None:
    root = await person("root", Role.ADMIN)
    path = f"/projects/{root.project_id}/settings"
    answer = await root.client.put(path, json=bad)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"].startswith("body")
    assert (await root.client.get(path)).json() == DEFAULTS


# --- secrets ----------------------------------------------------------------------------------------------

VALUE = "hunter2 über alles"


async def test_a_secret_is_used_by_runs_and_shown_to_nobody(
    person: Make, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    ann = await person("ann")
    path = f"/projects/{ann.project_id}/secrets"
    with caplog.at_level(logging.DEBUG):
        written = await ann.client.put(f"{path}/Shop-Password", json={"value": VALUE})
        listed = await ann.client.get(path)
        read = await ann.client.get(f"{path}/shop_password")
    assert (written.status_code, listed.status_code, read.status_code) == (204, 200, 404)
    assert [set(item) for item in listed.json()["items"]] == [{"name", "updated_at"}]
    assert listed.json()["items"][0]["name"] == "shop_password"
    assert VALUE not in written.text + listed.text + read.text + caplog.text
    async with platform.database.read() as connection:
        assert await project_secrets(connection, platform.secret_box, ann.project_id) == {"shop_password": VALUE}
        sealed = await connection.scalar(select(secrets_table.c.sealed))
    assert VALUE.encode() not in sealed


async def test_a_secret_is_replaced_and_forgotten(person: Make, platform: Platform, clock: SetClock) -> None:
    ann = await person("ann")
    path = f"/projects/{ann.project_id}/secrets"
    await ann.client.put(f"{path}/password", json={"value": "old"})
    clock.move(seconds=1)
    await ann.client.put(f"{path}/password", json={"value": "new"})
    async with platform.database.read() as connection:
        assert await project_secrets(connection, platform.secret_box, ann.project_id) == {"password": "new"}
    assert (await ann.client.delete(f"{path}/password")).status_code == 204
    assert (await ann.client.delete(f"{path}/password")).status_code == 404
    assert (await ann.client.get(path)).json() == {"items": []}


async def test_a_bad_secret_is_refused_without_being_repeated(person: Make) -> None:
    ann = await person("ann")
    path = f"/projects/{ann.project_id}/secrets"
    for name, body in (
        ("a b", {"value": VALUE}),
        ("9", {"value": VALUE}),
        ("password", {"value": VALUE, "note": VALUE}),
        ("password", {"value": [VALUE]}),
        ("password", {"value": VALUE * 1000}),
        ("password", {"value": ""}),
    ):
        answer = await ann.client.put(f"{path}/{name}", json=body)
        assert answer.status_code == 422
        assert VALUE not in answer.text
    assert (await ann.client.get(path)).json() == {"items": []}


async def test_a_lost_key_is_told_and_a_new_key_reseals(person: Make, platform: Platform, tmp_path) -> None:
    ann = await person("ann")
    for name in ("one", "two"):
        await ann.client.put(f"/projects/{ann.project_id}/secrets/{name}", json={"value": name})
    other = SecretBox(tmp_path / "other.key")
    other.seal("x")
    async with platform.database.read() as connection:
        with pytest.raises(MachineryError, match="cannot be opened"):
            await project_secrets(connection, other, ann.project_id)
    old_key = (platform.settings.state_dir / "secret.key").read_text()
    both = SecretBox(tmp_path / "unused.key", f"{(tmp_path / 'other.key').read_text()},{old_key}")
    assert await reseal_all(platform.database, both) == 2
    async with platform.database.read() as connection:
        assert await project_secrets(connection, other, ann.project_id) == {"one": "one", "two": "two"}
