"""Rows of somebody's, one for every parameter in a path of the API: what tests of the whole OpenAPI ask about.

An endpoint with a new path parameter adds a line to `ROWS`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Float, Integer, LargeBinary, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.store.examples import TEST, heal

from tierwright.core.keys import baseline_keys
from tierwright.store.database import Database
from tierwright.store.platform_tables import (
    api_tokens,
    project_secrets,
    schedules,
    suite_tests,
    suites,
    test_versions,
    tests,
)
from tierwright.store.proposals import record_proposal
from tierwright.store.tables import UtcTime, artifacts, test_executions, xpath_cache

YAML = "name: Shop\nbase_url: http://127.0.0.1:1\nsteps:\n  - action: navigate\n    value: /\n"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
Value = str | int


@dataclass(frozen=True)
class Owner:
    """Whose the rows are."""

    user_id: str
    project_id: str
    database: Database


def filled(table: Table, **given: Any) -> dict[str, Any]:
    """Values for a row: those given, and something for every other column that needs one."""
    values = dict(given)
    for column in table.c:
        needs_one = (
            not column.nullable and column.server_default is None and not (column.primary_key and _counts(column))
        )
        if column.name not in values and needs_one:
            values[column.name] = _something(column.type)
    return values


def _counts(column: Any) -> bool:
    return isinstance(column.type, Integer)


def _something(kind: Any) -> Any:
    for sort, value in ((Boolean, False), (Integer, 0), (Float, 0.0), (JSON, {}), (UtcTime, NOW), (LargeBinary, b"x")):
        if isinstance(kind, sort):
            return value
    return "x"


async def made(connection: AsyncConnection, table: Table, **given: Any) -> Any:
    """Insert a row; returns its first primary key."""
    result = await connection.execute(insert(table).values(**filled(table, **given)))
    key = result.inserted_primary_key
    assert key is not None
    return key[0]


Maker = Callable[[AsyncConnection, Owner], Awaitable[Value]]


async def _user(_connection: AsyncConnection, owner: Owner) -> Value:
    return owner.user_id


async def _project(_connection: AsyncConnection, owner: Owner) -> Value:
    return owner.project_id


async def _token(connection: AsyncConnection, owner: Owner) -> Value:
    token = {"id": f"token-{owner.user_id}", "token_hash": owner.user_id, "scopes": ["read"]}
    return str(await made(connection, api_tokens, user_id=owner.user_id, **token))


async def _secret(connection: AsyncConnection, owner: Owner) -> Value:
    await made(connection, project_secrets, project_id=owner.project_id, name="password")
    return "password"


async def _test(connection: AsyncConnection, owner: Owner) -> Value:
    given = {"id": f"test-{owner.user_id}", "project_id": owner.project_id, "name": "Shop", "yaml": YAML, "tags": []}
    test_id = str(await made(connection, tests, version=1, user_id=owner.user_id, **given))
    await made(connection, test_versions, test_id=test_id, version=1, yaml=YAML)
    return test_id


async def _version(_connection: AsyncConnection, _owner: Owner) -> Value:
    return 1


async def _suite(connection: AsyncConnection, owner: Owner) -> Value:
    suite_id = str(await made(connection, suites, id=f"suite-{owner.user_id}", project_id=owner.project_id))
    await made(connection, suite_tests, suite_id=suite_id, test_id=f"test-{owner.user_id}", position=0)
    return suite_id


async def _run(connection: AsyncConnection, owner: Owner) -> Value:
    given = {"id": f"run-{owner.user_id}", "user_id": owner.user_id, "status": "passed", "strategy": "option_c"}
    return str(await made(connection, test_executions, project=owner.project_id, finished_at=NOW, **given))


async def _artifact(connection: AsyncConnection, owner: Owner) -> Value:
    return int(await made(connection, artifacts, test_execution_id=f"run-{owner.user_id}", path="a.png"))


async def _heal(connection: AsyncConnection, owner: Owner) -> Value:
    key = baseline_keys(owner.project_id, TEST.name, TEST.all_steps)[2]
    offered = replace(heal(owner.project_id, baseline_key=key.digest), id=f"heal-{owner.user_id}")
    of = {"project": owner.project_id, "run_id": f"run-{owner.user_id}", "written": TEST.steps[2]}
    await record_proposal(connection, owner.database, offered, **of, key=key, masked=dict)
    return offered.id


async def _entry(connection: AsyncConnection, owner: Owner) -> Value:
    return int(await made(connection, xpath_cache, project=owner.project_id, instruction_hash=owner.user_id))


async def _schedule(connection: AsyncConnection, owner: Owner) -> Value:
    given = {"id": f"schedule-{owner.user_id}", "project_id": owner.project_id, "user_id": owner.user_id}
    what = {"test_ids": [f"test-{owner.user_id}"], "overlap": "skip"}
    return str(await made(connection, schedules, cron="0 6 * * *", time_zone="UTC", **given, **what))


ROWS: Mapping[str, Maker] = {
    "user_id": _user,
    "project_id": _project,
    "token_id": _token,
    "name": _secret,
    "test_id": _test,
    "version": _version,
    "suite_id": _suite,
    "execution_id": _run,
    "artifact_id": _artifact,
    "heal_id": _heal,
    "entry_id": _entry,
    "schedule_id": _schedule,
}
"""How to make a row for each path parameter, in an order in which each may lean on those before."""

NOWHERE: Mapping[str, Value] = {"version": 1, "artifact_id": 2**30, "entry_id": 2**30}
"""What a path parameter is where there is no such row; else `nowhere`."""


async def rows_of(connection: AsyncConnection, owner: Owner) -> dict[str, Value]:
    """Make one row of somebody's for each path parameter; returns their ids by the parameter's name."""
    return {name: await make(connection, owner) for name, make in ROWS.items()}


def nowhere(name: str) -> Value:
    """The id of a row that is not there."""
    return NOWHERE.get(name, "nowhere")


# --- what a request may look like -------------------------------------------------------------------------


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    said: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path}"

    def parameters(self, place: str) -> list[str]:
        """The names of its parameters in the path or the query."""
        return [said["name"] for said in self.said.get("parameters", ()) if said["in"] == place]


def operations(openapi: Mapping[str, Any]) -> Iterator[Operation]:
    """Every method of every path."""
    for path, methods in openapi["paths"].items():
        for method, said in methods.items():
            yield Operation(method, path, said)


def request_of(openapi: Mapping[str, Any], operation: Operation) -> dict[str, Any]:
    """Arguments of a request that a schema allows: what must be there in body and query, as small as may be."""
    content = operation.said.get("requestBody", {}).get("content", {})
    arguments: dict[str, Any] = {
        "params": {
            said["name"]: example(openapi, said["schema"])
            for said in operation.said.get("parameters", ())
            if said["in"] == "query" and said.get("required")
        }
    }
    for media, argument in (
        ("application/json", "json"),
        ("application/x-www-form-urlencoded", "data"),
        ("multipart/form-data", "files"),
    ):
        if media in content:
            arguments[argument] = example(openapi, content[media]["schema"])
    return arguments


def example(openapi: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """A value that a schema allows."""
    if "$ref" in schema:
        return example(openapi, openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for key in ("examples", "enum"):
        if key in schema:
            return schema[key][0]
    if "const" in schema:
        return schema["const"]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return example(openapi, schema[key][0])
    return _plain_example(openapi, schema)


def _plain_example(openapi: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            return {name: example(openapi, said) for name, said in schema["properties"].items() if name in required}
        case "array":
            return [example(openapi, schema["items"])] * schema.get("minItems", 0)
        case "integer" | "number":
            return max(schema.get("minimum", 1), 1)
        case "boolean":
            return True
        case _:
            return _text(schema)


def _text(schema: Mapping[str, Any]) -> str:
    if schema.get("format") == "date-time":
        return "2027-01-01T00:00:00Z"
    return "x" * max(schema.get("minLength", 1), 1)
