"""`/users`: administrators look after who may come in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import select
from tests.server.conftest import Person, client_of

from tierwright.core.errors import UsageError
from tierwright.server.access import Role
from tierwright.server.platform import Platform
from tierwright.server.security.passwords import Passwords
from tierwright.server.users.service import DEMO_PASSWORD, DEMO_USER, NewUser, add_user, create_demo_user
from tierwright.store.platform_tables import project_members, projects, users

Make = Callable[..., Awaitable[Person]]
NEW = {"username": "carol", "password": "battery staple"}


async def made(admin: Person, **values: Any) -> dict[str, Any]:
    answer = await admin.client.post("/users", json={**NEW, **values})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def signed_in(app: FastAPI, username: str = "carol", password: str = NEW["password"]) -> AsyncClient:
    async with client_of(app) as client:
        answer = await client.post("/auth/login", data={"username": username, "password": password})
    assert answer.status_code == 200, answer.text
    return client_of(app, answer.json()["access_token"])


async def test_a_new_user_signs_in_and_has_a_project_of_their_own(person: Make, app: FastAPI) -> None:
    admin = await person("root", Role.ADMIN)
    user = await made(admin)
    assert (user["username"], user["role"], user["active"]) == ("carol", "member", True)
    assert "password" not in str(user)
    async with await signed_in(app) as carol:
        mine = (await carol.get("/projects")).json()["items"]
    assert [(project["name"], project["role"]) for project in mine] == [("carol", "admin")]


async def test_names_are_one_whatever_their_case(person: Make) -> None:
    admin = await person("root", Role.ADMIN)
    await made(admin)
    again = await admin.client.post("/users", json={**NEW, "username": "CAROL"})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert len((await admin.client.get("/users")).json()["items"]) == 2


@pytest.mark.parametrize(
    "bad",
    [
        {"username": ""},
        {"username": "two words"},
        {"username": "a" * 65},
        {"username": "null\0"},
        {"password": "short"},
        {"password": "Carol", "username": "carol"},
        {"role": "owner"},
        {"role": None},
        {"active": True},
    ],
    ids=str,
)
async def test_a_bad_user_is_refused_and_not_made(person: Make, bad: dict[str, Any]) -> None:
    admin = await person("root", Role.ADMIN)
    answer = await admin.client.post("/users", json={**NEW, **bad})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"].startswith("body.")
    assert len((await admin.client.get("/users")).json()["items"]) == 1


async def test_only_administrators_look_after_users(person: Make) -> None:
    ann = await person("ann")
    answers = [
        await ann.client.get("/users"),
        await ann.client.post("/users", json=NEW),
        await ann.client.get(f"/users/{ann.user_id}"),
        await ann.client.patch(f"/users/{ann.user_id}", json={"role": "admin"}),
        await ann.client.delete(f"/users/{ann.user_id}"),
    ]
    assert {answer.status_code for answer in answers} == {403}


async def test_nobody_sets_their_own_role(person: Make) -> None:
    admin, _other = await person("root", Role.ADMIN), await person("other", Role.ADMIN)
    answer = await admin.client.patch(f"/users/{admin.user_id}", json={"role": "member"})
    assert answer.status_code == 403
    assert (await admin.client.get("/auth/me")).json()["role"] == "admin"


async def test_a_role_changes_at_once(person: Make) -> None:
    admin, ann = await person("root", Role.ADMIN), await person("ann")
    change = await admin.client.patch(f"/users/{ann.user_id}", json={"role": "viewer"})
    assert change.json()["role"] == "viewer"
    assert (await ann.client.post("/projects", json={"name": "more"})).status_code == 403


async def test_the_last_administrator_stays(person: Make) -> None:
    admin, other = await person("root", Role.ADMIN), await person("other", Role.ADMIN)
    assert (await admin.client.patch(f"/users/{other.user_id}", json={"active": False})).status_code == 200
    for answer in (
        await admin.client.patch(f"/users/{admin.user_id}", json={"active": False}),
        await admin.client.delete(f"/users/{admin.user_id}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert (await admin.client.get("/users")).status_code == 200


async def test_two_administrators_who_demote_each_other_at_once_do_not_both_fall(person: Make) -> None:
    winner: Person | None = None
    for n in range(5):
        one, two = await person(f"one{n}", Role.ADMIN), await person(f"two{n}", Role.ADMIN)
        if winner:
            await one.client.patch(f"/users/{winner.user_id}", json={"role": "member"})
        answers = await asyncio.gather(
            one.client.patch(f"/users/{two.user_id}", json={"role": "member"}),
            two.client.patch(f"/users/{one.user_id}", json={"role": "member"}),
        )
        assert sorted(answer.status_code for answer in answers) in ([200, 403], [200, 409])
        winner = one if answers[0].status_code == 200 else two


async def test_shutting_a_user_out_ends_sessions_and_tokens_for_good(person: Make, app: FastAPI) -> None:
    admin, ann = await person("root", Role.ADMIN), await person("ann")
    token = (await ann.client.post("/auth/tokens", json={"name": "ci", "scopes": ["read"]})).json()["token"]
    async with client_of(app, token) as script:
        assert (await script.get("/auth/me")).status_code == 200
        await admin.client.patch(f"/users/{ann.user_id}", json={"active": False})
        assert (await script.get("/auth/me")).status_code == 401
        await admin.client.patch(f"/users/{ann.user_id}", json={"active": True})
        assert (await script.get("/auth/me")).status_code == 401
    assert (await ann.client.get("/auth/me")).status_code == 401


async def test_a_password_set_by_an_administrator_ends_the_sessions(person: Make, app: FastAPI) -> None:
    admin = await person("root", Role.ADMIN)
    user = await made(admin)
    async with await signed_in(app) as carol:
        change = await admin.client.patch(f"/users/{user['id']}", json={"password": "new password"})
        assert change.status_code == 200
        assert (await carol.get("/auth/me")).status_code == 401
    async with await signed_in(app, password="new password") as carol:
        assert (await carol.get("/auth/me")).status_code == 200


async def test_a_user_who_is_removed_is_gone_and_their_project_stays(person: Make) -> None:
    admin, ann = await person("root", Role.ADMIN), await person("ann")
    await ann.client.get("/settings/execution")
    assert (await admin.client.delete(f"/users/{ann.user_id}")).status_code == 204
    assert (await admin.client.get(f"/users/{ann.user_id}")).status_code == 404
    assert (await admin.client.delete(f"/users/{ann.user_id}")).status_code == 404
    assert (await ann.client.get("/auth/me")).status_code == 401
    assert (await admin.client.get(f"/projects/{ann.project_id}")).status_code == 200


async def test_users_are_listed_in_pages(person: Make, clock) -> None:
    admin = await person("root", Role.ADMIN)
    for name in ("a", "b", "c"):
        clock.move(seconds=1)
        await person(name)
    first = (await admin.client.get("/users", params={"limit": 3})).json()
    rest = (await admin.client.get("/users", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [user["username"] for user in first["items"] + rest["items"]] == ["c", "b", "a", "root"]
    assert rest["next_cursor"] is None


# --- the first ones ---------------------------------------------------------------------------------------


async def test_the_first_administrator_gets_the_project_of_the_command_line(platform: Platform) -> None:
    async with platform.database.write() as connection:
        await add_user(platform.database, connection, NewUser(username="early", password_hash="!"))
        first = await add_user(platform.database, connection, NewUser(username="a", password_hash="!", role=Role.ADMIN))
        await add_user(platform.database, connection, NewUser(username="b", password_hash="!", role=Role.ADMIN))
    async with platform.database.read() as connection:
        rows = await connection.execute(
            select(project_members.c.user_id, projects.c.name)
            .join(projects, projects.c.id == project_members.c.project_id)
            .where(projects.c.id == "default")
        )
        assert rows.all() == [(first, "a")]


async def test_the_demo_user_is_made_once_on_an_empty_database(platform: Platform, app: FastAPI) -> None:
    assert await create_demo_user(platform.database, platform.passwords, platform.settings)
    assert not await create_demo_user(platform.database, platform.passwords, platform.settings)
    async with await signed_in(app, DEMO_USER, DEMO_PASSWORD) as client:
        assert (await client.get("/auth/me")).json()["role"] == "admin"
        assert (await client.get("/projects/default")).status_code == 200


async def test_the_demo_user_is_refused_among_others_and_beyond_loopback(platform: Platform, person: Make) -> None:
    for host in ("0.0.0.0", "192.0.2.1", "::"):
        open_to_all = platform.settings.model_copy(update={"host": host})
        with pytest.raises(UsageError, match="needs --host"):
            await create_demo_user(platform.database, Passwords(), open_to_all)
    await person("ann")
    with pytest.raises(UsageError, match="empty database"):
        await create_demo_user(platform.database, platform.passwords, platform.settings)
    async with platform.database.read() as connection:
        assert list(await connection.scalars(select(users.c.username))) == ["ann"]
