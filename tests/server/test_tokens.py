"""API tokens: scopes, an end, shown once, revocable."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import select
from tests.server.conftest import Person, SetClock, client_of

from tierwright.server.access import Principal, Role, Scope, project_for, token_hash
from tierwright.server.platform import Platform
from tierwright.server.problems import Problem
from tierwright.store.platform_tables import api_tokens

Make = Callable[..., Awaitable[Person]]


async def made(client: AsyncClient, *scopes: str, **values: Any) -> dict[str, Any]:
    answer = await client.post("/auth/tokens", json={"name": "ci", "scopes": list(scopes), **values})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_token_is_shown_once_and_only_its_hash_is_kept(person: Make, platform: Platform) -> None:
    ann = await person("ann")
    token = await made(ann.client, "read", "run")
    assert token["token"].startswith("twp_")
    assert token["token"].startswith(token["prefix"])
    assert len(token["prefix"]) == 10
    assert token["scopes"] == ["read", "run"]
    listed = (await ann.client.get("/auth/tokens")).json()["items"]
    assert listed == [{name: value for name, value in token.items() if name != "token"}]
    async with platform.database.read() as connection:
        row = (await connection.execute(select(api_tokens))).one()
    assert row.token_hash == token_hash(token["token"])
    assert token["token"] not in str(row)


async def test_a_token_is_whose_it_is(person: Make, app: FastAPI) -> None:
    ann = await person("ann")
    async with client_of(app, (await made(ann.client, "read"))["token"]) as script:
        me = (await script.get("/auth/me")).json()
        assert me == {"id": ann.user_id, "username": "ann", "role": "member", "scopes": ["read"]}
        assert (await script.get(f"/projects/{ann.project_id}")).status_code == 200
        assert (await ann.client.get("/auth/tokens")).json()["items"][0]["last_used_at"]


async def test_a_revoked_token_is_dead_and_stays_in_the_list(person: Make, app: FastAPI) -> None:
    ann = await person("ann")
    token = await made(ann.client, "read")
    async with client_of(app, token["token"]) as script:
        assert (await ann.client.delete(f"/auth/tokens/{token['id']}")).status_code == 204
        assert (await script.get("/auth/me")).status_code == 401
    before = (await ann.client.get("/auth/tokens")).json()["items"][0]["revoked_at"]
    assert before
    assert (await ann.client.delete(f"/auth/tokens/{token['id']}")).status_code == 204
    assert (await ann.client.get("/auth/tokens")).json()["items"][0]["revoked_at"] == before


async def test_a_token_ends_when_it_said(person: Make, app: FastAPI, clock: SetClock) -> None:
    ann = await person("ann")
    end = (clock.now() + timedelta(hours=1)).isoformat()
    async with client_of(app, (await made(ann.client, "read", expires_at=end))["token"]) as script:
        assert (await script.get("/auth/me")).status_code == 200
        clock.move(hours=1)
        assert (await script.get("/auth/me")).status_code == 401


async def test_tokens_of_others_are_not_there(person: Make) -> None:
    ann, bob = await person("ann"), await person("bob", Role.ADMIN)
    token = await made(ann.client, "read")
    assert (await bob.client.delete(f"/auth/tokens/{token['id']}")).status_code == 404
    assert (await bob.client.get("/auth/tokens")).json()["items"] == []
    assert (await ann.client.get("/auth/tokens")).json()["items"][0]["revoked_at"] is None


@pytest.mark.parametrize(
    "bad",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"scopes": "read"},
        {"name": ""},
        {"name": " ci"},
        {"name": "n\0"},
        {"name": "x" * 201},
        {"expires_at": None},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "2027-01-01T00:00:00"},
        {"expires_at": "9999-12-31T23:59:59-23:59"},
        {"user_id": "u-bob"},
    ],
    ids=str,
)
async def test_a_bad_token_is_refused_and_not_made(person: Make, bad: dict[str, Any]) -> None:
    ann = await person("ann")
    answer = await ann.client.post("/auth/tokens", json={"name": "ci", "scopes": ["read"], **bad})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"].startswith("body")
    assert (await ann.client.get("/auth/tokens")).json()["items"] == []


# --- scopes -----------------------------------------------------------------------------------------------


async def test_read_reads_and_changes_nothing(person: Make, app: FastAPI) -> None:
    ann = await person("ann")
    async with client_of(app, (await made(ann.client, "read"))["token"]) as script:
        assert (await script.get("/settings/execution")).status_code == 200
        answers = [
            await script.put("/settings/execution", json={"max_retries_per_tier": 2}),
            await script.post("/auth/tokens", json={"name": "more", "scopes": ["read"]}),
            await script.put(f"/projects/{ann.project_id}/secrets/password", json={"value": "x"}),
        ]
        assert {answer.status_code for answer in answers} == {403}
        assert "write" in answers[0].json()["detail"]


async def test_run_and_write_do_not_read_and_run_changes_nothing(person: Make, app: FastAPI) -> None:
    ann = await person("ann")
    for scope in ("run", "write", "admin"):
        async with client_of(app, (await made(ann.client, scope))["token"]) as script:
            assert (await script.get("/settings/execution")).status_code == 403
            change = await script.put("/settings/execution", json={"max_retries_per_tier": 2})
            assert change.status_code == (200 if scope == "write" else 403)


async def test_an_administrator_administers_by_a_token_only_with_that_scope(person: Make, app: FastAPI) -> None:
    admin, ann = await person("root", Role.ADMIN), await person("ann")
    async with client_of(app, (await made(admin.client, "read", "run", "write"))["token"]) as script:
        assert (await script.get("/users")).status_code == 403
        assert (await script.post("/users", json={})).status_code == 403
        assert (await script.get(f"/projects/{ann.project_id}")).status_code == 404
        assert (await script.patch(f"/projects/{admin.project_id}", json={"name": "x"})).status_code == 403
    async with client_of(app, (await made(admin.client, "read", "admin"))["token"]) as script:
        assert (await script.get("/users")).status_code == 200
        assert (await script.get(f"/projects/{ann.project_id}")).status_code == 200
        assert (await script.post("/users", json={})).status_code == 403


async def test_a_token_makes_no_token_that_may_more_or_lives_longer(
    person: Make, app: FastAPI, clock: SetClock
) -> None:
    ann = await person("ann")
    end = clock.now() + timedelta(days=1)
    async with client_of(app, (await made(ann.client, "read", "write", expires_at=end.isoformat()))["token"]) as script:
        for wanted in (
            {"scopes": ["read", "run"], "expires_at": end.isoformat()},
            {"scopes": ["admin"], "expires_at": end.isoformat()},
            {"scopes": ["read"]},
            {"scopes": ["read"], "expires_at": (end + timedelta(seconds=1)).isoformat()},
        ):
            answer = await script.post("/auth/tokens", json={"name": "child", **wanted})
            assert answer.status_code == 403, wanted
        assert (await made(script, "read", expires_at=end.isoformat()))["scopes"] == ["read"]


async def test_what_takes_a_password_takes_no_token(person: Make, app: FastAPI) -> None:
    ann = await person("ann")
    async with client_of(app, (await made(ann.client, *Scope))["token"]) as script:
        passwords = {"old_password": "whatever it was", "new_password": "battery staple"}
        answers = [
            await script.post("/auth/logout"),
            await script.post("/auth/logout-all"),
            await script.post("/auth/password", json=passwords),
        ]
        assert {answer.status_code for answer in answers} == {403}
    assert (await ann.client.get("/auth/me")).status_code == 200


async def test_rights_in_a_project_need_the_scope_and_the_role(person: Make, platform: Platform) -> None:
    ann = await person("ann")

    async def may(role: Role, scopes: frozenset[Scope] | None, to: Scope) -> bool:
        caller = Principal(user_id=ann.user_id, username="ann", role=role, token_hash="", scopes=scopes)
        try:
            return bool(await project_for(platform, caller, ann.project_id, to=to))
        except Problem:
            return False

    table = {
        (role, scopes and "".join(sorted(scopes))): [to.value for to in Scope if await may(role, scopes, to)]
        for role in Role
        for scopes in (None, frozenset({Scope.RUN}), frozenset({Scope.WRITE}), frozenset({Scope.ADMIN}))
    }
    assert table == {
        (Role.ADMIN, None): ["read", "run", "write", "admin"],
        (Role.ADMIN, "run"): ["run"],
        (Role.ADMIN, "write"): ["write"],
        (Role.ADMIN, "admin"): ["admin"],
        (Role.MEMBER, None): ["read", "run", "write"],
        (Role.MEMBER, "run"): ["run"],
        (Role.MEMBER, "write"): ["write"],
        (Role.MEMBER, "admin"): [],
        (Role.VIEWER, None): ["read"],
        (Role.VIEWER, "run"): [],
        (Role.VIEWER, "write"): [],
        (Role.VIEWER, "admin"): [],
    }
