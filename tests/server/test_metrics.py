"""`/metrics`: what is told, to whom, and that no id or secret is among it."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import update
from tests.server.conftest import API, ORIGIN, Person, client_of
from tests.server.runs import record
from tests.store.examples import BEGAN

from tierwright.server.access import Role
from tierwright.server.app import create_app
from tierwright.server.platform import Platform
from tierwright.server.settings import ServerSettings
from tierwright.store.tables import test_executions


@pytest.fixture
def routes(settings: ServerSettings) -> FastAPI:
    """An application for each test: its figures live as long as itself."""
    return create_app(settings)


def values(text: str) -> dict[str, float]:
    lines = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


async def test_requests_are_counted_by_the_template_of_their_route(person, anonymous: AsyncClient) -> None:
    bob: Person = await person("bob")
    await bob.client.get(f"/projects/{bob.project_id}")
    await bob.client.get("/projects/secret-name")
    await anonymous.get("/no/such/thing")
    seen = values((await anonymous.get("/metrics")).text)
    route = 'method="GET",route="/projects/{project_id}"'
    assert seen[f'tierwright_http_requests_total{{{route},status="200"}}'] == 1
    assert seen[f'tierwright_http_requests_total{{{route},status="404"}}'] == 1
    assert seen[f"tierwright_http_request_seconds_count{{{route}}}"] == 2


async def test_runs_queue_tokens_dollars_and_heals_are_read_from_the_database(
    platform: Platform, anonymous: AsyncClient
) -> None:
    await record(platform.database, *({"run_id": f"r{n}", "began": BEGAN} for n in range(3)))
    async with platform.database.write() as connection:
        for run_id, change in (
            ("r1", {"status": "queued", "finished_at": None, "cost_usd": None}),
            ("r2", {"cost_usd": None}),
        ):
            await connection.execute(update(test_executions).where(test_executions.c.id == run_id).values(change))
    seen = values((await anonymous.get("/metrics")).text)
    assert seen['tierwright_runs{status="passed"}'] == 2
    assert (seen['tierwright_runs{status="queued"}'], seen["tierwright_queue_depth"]) == (1, 1)
    assert (seen["tierwright_tokens"], seen["tierwright_cost_usd"]) == (300, 0.01)
    assert seen["tierwright_unpriced_runs"] == 1
    assert seen['tierwright_heals{kind="heal",status="proposed"}'] == 1


async def test_no_label_is_an_id_a_name_or_an_address(person, anonymous: AsyncClient) -> None:
    bob: Person = await person("bob")
    await bob.client.get("/executions/run-of-somebody?token=geheim")
    text = (await anonymous.get("/metrics")).text
    for word in ("geheim", "run-of-somebody", bob.user_id, bob.project_id, "127.0.0.1"):
        assert word not in text
    names = set(re.findall(r'(\w+)="', text))
    assert names <= {"method", "route", "status", "kind", "le"}


async def test_an_odd_method_makes_no_series_of_its_own(anonymous: AsyncClient) -> None:
    await anonymous.request("BREW", "/health/live")
    text = (await anonymous.get("/metrics")).text
    assert "BREW" not in text
    assert 'method="other"' in text


async def test_behind_a_proxy_only_an_administrators_token_may_read_them(person, anonymous: AsyncClient) -> None:
    bob, root = await person("bob"), await person("root", Role.ADMIN)
    proxied = {"X-Forwarded-For": "203.0.113.9"}
    assert (await anonymous.get("/metrics", headers=proxied)).status_code == 401
    assert (await bob.client.get("/metrics", headers=proxied)).status_code == 403
    assert (await root.client.get("/metrics", headers=proxied)).status_code == 200


async def test_from_another_machine_and_on_a_public_server_they_are_closed(app: FastAPI, platform: Platform) -> None:
    other = ASGITransport(app, client=("203.0.113.9", 40000))
    async with AsyncClient(transport=other, base_url=ORIGIN + API) as far:
        assert (await far.get("/metrics")).status_code == 401
    public = platform.settings.model_copy(update={"host": "0.0.0.0"})
    made = create_app(public, platform.clock)
    made.state.platform = Platform(**{**{n: getattr(platform, n) for n in platform.__slots__}, "settings": public})
    async with client_of(made) as near:
        assert (await near.get("/metrics")).status_code == 401


async def test_every_application_has_figures_of_its_own(app: FastAPI, platform: Platform) -> None:
    other = create_app(platform.settings, platform.clock)
    assert other.state.metrics.registry is not app.state.metrics.registry
