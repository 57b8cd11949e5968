"""`/dashboard`: every part says its window, its sample and where its rows are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from tests.server.conftest import Person, SetClock
from tests.server.runs import record
from tests.store.examples import BEGAN, TEST

from tierwright.core.results import RunStatus
from tierwright.server.platform import Platform
from tierwright.server.projects.service import change_project
from tierwright.server.upkeep import sweep_projects, upkeep
from tierwright.store.tables import test_executions


@pytest.fixture
async def bob(person, platform: Platform, clock: SetClock) -> Person:
    made: Person = await person("bob")
    other = replace(TEST, name="Other")
    runs = [
        {"run_id": "r1"},
        {"run_id": "r2", "status": RunStatus.FAILED},
        {"run_id": "r3", "began": BEGAN - timedelta(days=1), "status": RunStatus.FLAKY},
        {"run_id": "r4", "began": BEGAN - timedelta(days=1), "test": other},
        {"run_id": "r5", "began": BEGAN - timedelta(days=40)},
        {"run_id": "r6", "status": RunStatus.CANCELLED},
    ]
    await record(
        platform.database,
        *({"project": made.project_id, "columns": {"duration_ms": 1000.0, "test_id": "t1"}, **run} for run in runs),
    )
    clock.move(hours=1)
    return made


async def test_every_part_has_its_figures_window_sample_and_link(bob: Person, platform: Platform) -> None:
    body = (await bob.client.get("/dashboard", params={"project_id": bob.project_id})).json()
    assert body["pass_rate"]["pass_rate"] == 75.0
    assert [(d["day"], d["runs"], d["pass_rate"]) for d in body["pass_rate"]["days"]] == [
        ("2026-11-21", 2, 100.0),
        ("2026-11-22", 2, 50.0),
    ]
    assert body["today"]["by_status"] == {"passed": 1, "failed": 1, "cancelled": 1}
    assert body["tiers"]["tiers"] == {"tier1": 10, "tier2": 5, "tier3": 0}
    assert body["heals_waiting"]["heals"] == 1
    assert body["cost"]["budgets"][0]["spent_usd"] == 0.06  # all six were recorded this month
    (slow,) = body["slowest"]["tests"]
    assert (slow["test_name"], slow["runs"], slow["avg_duration_ms"]) == ("Sign in", 2, 1000.0)
    (flaky,) = body["flakiest"]["tests"]
    assert (flaky["test_name"], flaky["runs"], flaky["flaky"], flaky["flaky_rate"]) == ("Sign in", 3, 1, 33.33)
    samples = {name: body[name]["sample"] for name in ("pass_rate", "today", "tiers", "slowest", "flakiest")}
    assert samples == {"pass_rate": 4, "today": 3, "tiers": 15, "slowest": 2, "flakiest": 3}
    assert {"from", "to"} <= set(body["pass_rate"])


async def test_under_the_policy_fail_a_run_that_a_heal_saved_did_not_pass(bob: Person, platform: Platform) -> None:
    async with platform.database.write() as connection:
        for run_id, settings in (("r1", {"heal_policy": "fail"}), ("r3", {"heal_policy": "warn"}), ("r4", {})):
            healed = update(test_executions).where(test_executions.c.id == run_id)
            await connection.execute(healed.values(status="passed_healed", settings=settings))
    body = (await bob.client.get("/dashboard", params={"project_id": bob.project_id})).json()
    assert body["pass_rate"]["pass_rate"] == 50.0
    assert [(d["day"], d["passed"]) for d in body["pass_rate"]["days"]] == [("2026-11-21", 2), ("2026-11-22", 0)]
    runs = (await bob.client.get("/executions", params={"project_id": bob.project_id})).json()["items"]
    assert {run["id"]: run["green"] for run in runs if run["id"] in ("r1", "r3", "r4")} == {
        "r1": False,
        "r3": True,
        "r4": True,
    }


async def test_every_link_leads_to_an_answer(bob: Person) -> None:
    body = (await bob.client.get("/dashboard", params={"project_id": bob.project_id})).json()
    parts = [*body.values(), *body["slowest"]["tests"], *body["flakiest"]["tests"]]
    links = [part["link"] for part in parts]
    assert len(links) == 9
    for link in links:
        assert (await bob.client.get(link)).status_code == 200, link


async def test_nothing_yet_is_no_rate_and_nobody_sees_anothers(bob: Person, person) -> None:
    ann: Person = await person("ann")
    body = (await ann.client.get("/dashboard")).json()
    assert (body["pass_rate"]["pass_rate"], body["pass_rate"]["days"], body["today"]["by_status"]) == (None, [], {})
    assert (body["slowest"]["tests"], body["flakiest"]["tests"]) == ([], [])
    assert (await ann.client.get("/dashboard", params={"project_id": bob.project_id})).status_code == 404


# --- what the server does for its database ------------------------------------------------------------------


async def test_projects_lose_the_runs_that_they_no_longer_want(bob: Person, platform: Platform) -> None:
    async with platform.database.write() as connection:
        await connection.execute(update(test_executions).values(finished_at=test_executions.c.started_at))
        await change_project(
            platform.database, connection, bob.project_id, {"settings": {"retention_days": {"runs": 30}}}
        )
    assert (await sweep_projects(platform)).runs == 1
    body = (await bob.client.get("/dashboard", params={"from": "2026-01-01"})).json()
    assert body["pass_rate"]["sample"] == 4


async def test_upkeep_ends_with_the_server(platform: Platform) -> None:
    async with upkeep(platform, pause_seconds=0.01):
        pass
