"""The whole OpenAPI as nobody and as the wrong user: what is somebody else's is not there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from httpx import AsyncClient, Response
from sqlalchemy import insert, select, update
from tests.server.conftest import Person
from tests.server.rows import ROWS, YAML, Operation, Owner, Value, filled, nowhere, operations, request_of, rows_of
from tests.server.test_house_rules import PUBLIC, api_routes, calls_of

from tierwright.server.access import _admin
from tierwright.server.app import API
from tierwright.server.platform import Platform
from tierwright.store.platform_tables import project_members, user_sessions
from tierwright.store.tables import metadata

BODIES: Mapping[str, Mapping[str, Any]] = {
    "POST /tests": {"json": {"yaml": YAML}},
    "PUT /tests/{test_id}": {"json": {"yaml": YAML, "version": 1}},
    "POST /tests/import": {"json": {"yaml": YAML}},
    "PATCH /users/{user_id}": {"json": {"role": "viewer"}},
    "PATCH /projects/{project_id}": {"json": {"name": "mine now"}},
    "PATCH /suites/{suite_id}": {"json": {"name": "mine now"}},
    "POST /schedules": {"json": {"name": "n", "cron": "0 6 * * *", "time_zone": "UTC", "test_ids": ["nowhere"]}},
}
"""Bodies that are right, for operations of which the smallest that the schema allows is refused."""


@pytest.fixture
async def victim(person: Callable[..., Awaitable[Person]], platform: Platform) -> dict[str, Value]:
    """The ids of somebody's rows, one for each path parameter."""
    ann = await person("ann")
    async with platform.database.write() as connection:
        return await rows_of(connection, Owner(ann.user_id, ann.project_id, platform.database))


@pytest.fixture
async def thief(person: Callable[..., Awaitable[Person]], platform: Platform) -> Person:
    """Somebody else, who may do everything in a project of their own."""
    eve = await person("eve")
    mine = project_members.c.user_id == eve.user_id
    async with platform.database.write() as connection:
        await connection.execute(update(project_members).where(mine).values(role="admin"))
    return eve


def api_operations(app: FastAPI) -> list[Operation]:
    return [Operation(o.method, o.path.removeprefix(API), o.said) for o in operations(app.openapi())]


def for_administrators() -> set[str]:
    """The operations that ask for an administrator before they look at any row."""
    return {f"{method} {r.path}" for r in api_routes() if _asks_for_admin(r) for method in r.methods}


def _asks_for_admin(route: APIRoute) -> bool:
    return _admin in calls_of(route.dependant)


async def sent(
    app: FastAPI, client: AsyncClient, operation: Operation, ids: Mapping[str, Value], **more: Any
) -> Response:
    """Send an operation with these ids in its path. A stream is not waited for: what is refused does not stream."""
    path = operation.path.format(**{name: ids[name] for name in operation.parameters("path")})
    arguments = request_of(app.openapi(), operation) | dict(BODIES.get(operation.name, {}))
    arguments["params"] = {**arguments.get("params", {}), **more.get("params", {})}
    if "json" in more:
        arguments["json"] = {**arguments.get("json", {}), **more["json"]}
    return await client.request(operation.method.upper(), path, **arguments)


def told(answer: Response, ids: Mapping[str, Value]) -> tuple[int, str]:
    """What an answer says, but for the ids that were asked about."""
    text = answer.text
    for asked in sorted({str(asked) for asked in ids.values() if isinstance(asked, str)}, key=len, reverse=True):
        text = text.replace(asked, "…")
    return answer.status_code, text


async def everything(platform: Platform, owner_id: str) -> dict[str, list[Any]]:
    """All rows of the database but those that say when somebody was last here, and what the thief keeps."""
    async with platform.database.read() as connection:
        rows = {}
        for table in metadata.sorted_tables:
            if table is not user_sessions:
                found = (await connection.execute(select(table))).all()
                rows[table.name] = sorted(str(row) for row in found if owner_id in str(row) or "ann" in str(row))
        return rows


def test_every_path_parameter_has_a_row(app: FastAPI) -> None:
    names = {name for operation in api_operations(app) for name in operation.parameters("path")}
    assert names <= set(ROWS), "tell tests/server/rows.py how to make a row for it"


async def test_nobody_gets_in_anywhere(app: FastAPI, anonymous: AsyncClient, victim: dict[str, Value]) -> None:
    for operation in api_operations(app):
        if operation.path not in PUBLIC:
            answer = await sent(app, anonymous, operation, victim)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), operation.name


async def test_what_is_somebody_elses_is_not_there_and_stays_as_it_is(
    app: FastAPI, thief: Person, victim: dict[str, Value], platform: Platform
) -> None:
    before = await everything(platform, str(victim["user_id"]))
    walked = 0
    for operation in api_operations(app):
        names = operation.parameters("path")
        if names:
            theirs = await sent(app, thief.client, operation, victim)
            nobodys = {name: nowhere(name) for name in names}
            none = await sent(app, thief.client, operation, nobodys)
            expected = 403 if operation.name in for_administrators() else 404
            assert theirs.status_code == expected, f"{operation.name}: {theirs.status_code} {theirs.text}"
            assert told(theirs, victim) == told(none, nobodys), operation.name
            walked += 1
    assert walked > 20
    assert await everything(platform, str(victim["user_id"])) == before


async def test_ones_own_first_id_opens_no_door_for_the_second(
    app: FastAPI, thief: Person, victim: dict[str, Value], platform: Platform
) -> None:
    async with platform.database.write() as connection:
        mine = await rows_of(connection, Owner(thief.user_id, thief.project_id, platform.database))
    before = await everything(platform, str(victim["user_id"]))
    for operation in api_operations(app):
        names = [name for name in operation.parameters("path") if victim[name] != mine[name]]
        for name in names if len(names) > 1 else ():
            theirs = await sent(app, thief.client, operation, {**mine, name: victim[name]})
            none = await sent(app, thief.client, operation, {**mine, name: nowhere(name)})
            assert theirs.status_code == 404, f"{operation.name} with the other's {name}: {theirs.text}"
            assert told(theirs, victim) == told(none, {name: nowhere(name)}), operation.name
    assert await everything(platform, str(victim["user_id"])) == before


async def test_the_project_of_somebody_else_is_not_there_in_queries_and_bodies(
    app: FastAPI, thief: Person, victim: dict[str, Value], platform: Platform
) -> None:
    before = await everything(platform, str(victim["user_id"]))
    asked = {"project_id": victim["project_id"]}
    for operation in api_operations(app):
        own = {name: nowhere(name) for name in operation.parameters("path")}
        if "project_id" in operation.parameters("query"):
            answer = await sent(app, thief.client, operation, own, params=asked)
            assert answer.status_code == 404, f"{operation.name}: {answer.status_code} {answer.text}"
        if "project_id" in _body_fields(app, operation):
            answer = await sent(app, thief.client, operation, own, json=asked)
            assert answer.status_code == 404, f"{operation.name}: {answer.status_code} {answer.text}"
    assert await everything(platform, str(victim["user_id"])) == before


async def test_rows_of_somebody_else_in_queries_are_as_rows_that_are_not_there(
    app: FastAPI, thief: Person, victim: dict[str, Value]
) -> None:
    for operation in api_operations(app):
        for name in set(operation.parameters("query")) & set(ROWS) - {"project_id"}:
            ids = {each: nowhere(each) for each in operation.parameters("path")}
            theirs = await sent(app, thief.client, operation, ids, params={name: victim[name]})
            none = await sent(app, thief.client, operation, ids, params={name: nowhere(name)})
            assert theirs.status_code < 500, operation.name
            assert told(theirs, victim) == told(none, {name: nowhere(name)}), f"{operation.name}?{name}"


async def test_rows_of_somebody_else_in_bodies_are_refused(
    app: FastAPI, thief: Person, victim: dict[str, Value], platform: Platform
) -> None:
    before = await everything(platform, str(victim["user_id"]))
    for operation in api_operations(app):
        for field in _body_fields(app, operation):
            name = field.removesuffix("s")
            if name in ROWS and name not in ("project_id", "name", "version"):
                value = [victim[name]] if field != name else victim[name]
                ids = {each: nowhere(each) for each in operation.parameters("path")}
                answer = await sent(app, thief.client, operation, ids, json={field: value})
                assert answer.status_code in (404, 422), f"{operation.name} with {field}: {answer.text}"
    assert await everything(platform, str(victim["user_id"])) == before


async def test_a_viewer_of_a_project_changes_nothing_in_it(
    app: FastAPI, thief: Person, victim: dict[str, Value], platform: Platform
) -> None:
    async with platform.database.write() as connection:
        seat = filled(project_members, project_id=victim["project_id"], user_id=thief.user_id, role="viewer")
        await connection.execute(insert(project_members).values(**seat))
    before = await everything(platform, str(victim["user_id"]))
    looked = 0
    for operation in api_operations(app):
        if operation.parameters("path"):
            answer = await sent(app, thief.client, operation, victim)
            if operation.method == "get":
                looked += answer.status_code == 200
            else:
                assert answer.status_code in (403, 404, 422), f"{operation.name}: {answer.status_code} {answer.text}"
    assert looked > 5
    assert await everything(platform, str(victim["user_id"])) == before


def _body_fields(app: FastAPI, operation: Operation) -> set[str]:
    openapi = app.openapi()
    media = operation.said.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = media.get("schema", {})
    if "$ref" in schema:
        schema = openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return set(schema.get("properties", {}))
