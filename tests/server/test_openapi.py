"""Schemathesis over the whole OpenAPI, as an administrator: no 5xx, and every answer is what the schema says."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.python.asgi import shutdown_lifespans
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import insert, select
from tests.conftest import REQUESTS
from tests.server.rows import Owner, filled, operations, rows_of

from tierwright.core.deadline import SystemClock
from tierwright.server.access import Role, Scope, token_hash
from tierwright.server.app import API, create_app, open_platform
from tierwright.server.settings import ServerSettings
from tierwright.server.users.service import NewUser, add_user
from tierwright.store.platform_tables import api_tokens, project_members

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("TIERWRIGHT_TEST_EXAMPLES", "7"))
"""Cases an operation, for valid requests and for invalid ones each. On both databases 7 make more than 2,000."""
SEED = 20261127
TOKEN = "twp_of_the_administrator"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
CASES = [
    (operation.name, mode)
    for operation in sorted(operations(create_app(ServerSettings()).openapi()), key=lambda o: o.method == "delete")
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or operation.said.keys() & {"parameters", "requestBody"}
]
"""Every operation with valid requests and, where something can be wrong, with invalid ones; what deletes comes last."""


@dataclass(frozen=True)
class Served:
    """A running application: its schema, and the ids of rows that are there, by path parameter."""

    schema: BaseSchema
    ids: Mapping[str, Any]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application with an administrator's rows in it, started as a server starts it, in a loop of its own."""
    with address(request) as url:
        server = ServerSettings(state_dir=tmp_path_factory.mktemp("state"), database_url=url, workers=0)
        with ThreadPoolExecutor(1) as thread:  # this thread has a loop already
            ids = thread.submit(lambda: asyncio.run(prepared(server))).result()
        yield Served(schemathesis.openapi.from_asgi(f"{API}/openapi.json", create_app(server)), ids)
        shutdown_lifespans()


@contextmanager
def address(request: pytest.FixtureRequest) -> Iterator[SecretStr | None]:
    """A new PostgreSQL database's address; None is SQLite."""
    if request.param == "sqlite":
        yield None
        return
    server, name = request.getfixturevalue("postgres_server"), f"twtest_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'create database "{name}"')
        yield SecretStr(server.rpartition("/")[0] + f"/{name}")
        admin.execute(f'drop database "{name}" with (force)')


async def prepared(server: ServerSettings) -> dict[str, Any]:
    """Make an administrator, a token of theirs with all scopes, and somebody with a row for every path parameter."""
    async with open_platform(server, SystemClock()) as platform, platform.database.write() as connection:
        root = NewUser(username="root", password_hash="!", role=Role.ADMIN)
        root_id = await add_user(platform.database, connection, root)
        token = {"id": "all", "user_id": root_id, "token_hash": token_hash(TOKEN), "scopes": list(Scope)}
        await connection.execute(insert(api_tokens).values(**filled(api_tokens, **token)))
        ann_id = await add_user(platform.database, connection, NewUser(username="ann", password_hash="!"))
        mine = select(project_members.c.project_id).where(project_members.c.user_id == ann_id)
        owner = Owner(ann_id, str(await connection.scalar(mine)), platform.database)
        return {**await rows_of(connection, owner)}


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("label", "mode"), CASES, ids=lambda given: str(given).removeprefix("GenerationMode."))
def test_answers_are_what_the_schema_says(
    served: Served, label: str, mode: GenerationMode, record_property: Callable[[str, object], None]
) -> None:
    method, _, path = label.partition(" ")
    operation = served.schema[path][method]
    known = {name: served.ids[name] for name in served.ids if f"{{{name}}}" in path}
    ways = [operation.as_strategy(generation_mode=mode)]
    if known and mode is GenerationMode.POSITIVE:
        ways.append(operation.as_strategy(generation_mode=mode, path_parameters=known))

    asked: list[Case] = []

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(ways))
    def check(case: Case) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        asked.append(case)
        answer = case.call(headers=headers)
        assert answer.status_code != 401 or label.endswith("/login"), "the token of these tests was lost"
        # A list or an object in a query is its name said twice, of which the last one counts, as everywhere.
        said_twice = any(isinstance(value, list | dict) for value in case.query.values())
        checks = [check for check in CHECKS if not (said_twice and check is negative_data_rejection)]
        case.validate_response(answer, checks=checks, headers=headers)

    try:
        check()
    finally:
        record_property(REQUESTS, len(asked))
