"""`/settings/analytics` and `/analytics/costs`, as contract.md says them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from httpx import AsyncClient
from sqlalchemy import insert, update
from tests.server.conftest import Person, SetClock
from tests.server.runs import record
from tests.store.examples import BEGAN, TEST, attempt, result

from tierwright.core.results import RunStatus, StepStatus
from tierwright.core.settings import ExecutionSettings
from tierwright.core.strategy import FallbackStrategy
from tierwright.server.access import Role
from tierwright.server.platform import Platform
from tierwright.store.platform_tables import projects, tests
from tierwright.store.rollups import refresh_rollups
from tierwright.store.tables import test_executions

DISTRIBUTION, EFFECTIVENESS = "/settings/analytics/tier-distribution", "/settings/analytics/strategy-effectiveness"
BOTH = pytest.mark.parametrize("address", [DISTRIBUTION, EFFECTIVENESS])
TIER_FIELDS = ("attempts", "success_count", "success_rate", "avg_time_ms", "p95_time_ms", "tokens", "cost_usd")
STRATEGY_FIELDS = {
    *("total_executions", "total_steps", "success_count", "success_rate", "avg_tier", "tier_distribution"),
    *("avg_time_ms", "tokens", "cost_usd", "cost_per_step_usd"),
}


@pytest.fixture
async def bob(person, platform: Platform) -> Person:
    """Somebody with three runs: two of one day with option_c, one of the next with option_a that failed."""
    made: Person = await person("bob")
    mine = {"project": made.project_id}
    failed = result(1, StepStatus.FAILED, tier=None, attempts=(attempt(1, success=False, duration_ms=100.0),))
    other = {
        "test": replace(TEST, name="Other", tags=()),
        "steps": (result(0), failed),
        "status": RunStatus.FAILED,
        "settings": ExecutionSettings(fallback_strategy=FallbackStrategy.OPTION_A),
    }
    untracked = ExecutionSettings(track_effectiveness=False)
    await record(
        platform.database,
        {"run_id": "r1", **mine, "columns": {"test_id": "t1"}},
        {"run_id": "r2", "began": BEGAN + timedelta(hours=2), **mine, "columns": {"test_id": "t1"}},
        {"run_id": "r3", "began": BEGAN + timedelta(days=1), **mine, **other, "columns": {"test_id": "t2"}},
        {"run_id": "r4", "settings": untracked, **mine, "columns": {"test_id": "t1"}},
    )
    return made


def executions(address: str, body: dict) -> int:
    if address == DISTRIBUTION:
        return body["total_executions"]
    return sum(body[option]["total_executions"] for option in ("option_a", "option_b", "option_c"))


async def test_an_empty_installation_has_all_fields_and_no_rates(person) -> None:
    ann: Person = await person("ann")
    body = (await ann.client.get(DISTRIBUTION)).json()
    nothing = (0, 0, None, None, None, 0, 0.0)
    tiers = {f"tier{t}_{f}": v for t in (1, 2, 3) for f, v in zip(TIER_FIELDS, nothing, strict=True)}
    assert body == {
        "total_executions": 0,
        "total_steps": 0,
        **tiers,
        "failed_steps": 0,
        "overall_success_rate": None,
        "cache": {"hits": 0, "misses": 0, "invalid": 0, "evictions": 0, "hit_rate": None},
        "from": None,
        "to": None,
    }
    options = (await ann.client.get(EFFECTIVENESS)).json()
    assert set(options) == {"option_a", "option_b", "option_c"}
    for option in options.values():
        assert set(option) == STRATEGY_FIELDS
        assert option["success_rate"] is option["avg_tier"] is option["cost_per_step_usd"] is None
        assert option["tier_distribution"] == {"tier1": 0, "tier2": 0, "tier3": 0}


async def test_figures_are_of_tracked_runs_with_two_decimals(bob: Person) -> None:
    body = (await bob.client.get(DISTRIBUTION)).json()
    assert (body["total_executions"], body["total_steps"], body["failed_steps"]) == (3, 8, 1)
    assert (body["overall_success_rate"], body["tier1_success_rate"], body["tier1_attempts"]) == (87.5, 62.5, 8)
    assert (body["tier2_success_rate"], body["tier2_p95_time_ms"], body["tier2_cost_usd"]) == (100.0, 50.0, 0.02)
    options = (await bob.client.get(EFFECTIVENESS)).json()
    c = options["option_c"]
    assert (c["total_executions"], c["success_rate"], c["avg_tier"]) == (2, 100.0, 1.33)
    assert c["tier_distribution"] == {"tier1": 4, "tier2": 2, "tier3": 0}
    assert (options["option_a"]["success_rate"], options["option_b"]["success_rate"]) == (50.0, None)


@BOTH
@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"test_id": "t1"}, 2),
        ({"tag": "smoke"}, 2),
        ({"tag": "nothing has it"}, 0),
        ({"from": "2026-11-23"}, 1),
        ({"from": "2026-11-22T12:00:00Z"}, 2),
        ({"from": "2026-11-22T12:00:00+02:00", "to": "2026-11-22T12:00:00"}, 1),
        ({"to": "2026-11-22"}, 2),
        ({"from": "2026-11-22", "to": "2026-11-22", "tag": "login", "test_id": "t1"}, 2),
        ({"project_id": "p-bob"}, 3),
    ],
    ids=str,
)
async def test_filters(bob: Person, address: str, params: dict[str, str], count: int) -> None:
    answer = await bob.client.get(address, params=params)
    assert answer.status_code == 200
    assert executions(address, answer.json()) == count


@BOTH
async def test_buckets_carry_the_same_figures(bob: Person, address: str) -> None:
    whole = (await bob.client.get(address)).json()
    for bucket, starts in (
        ("day", ["2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z"]),
        ("hour", ["2026-11-22T10:00:00Z", "2026-11-22T12:00:00Z", "2026-11-23T10:00:00Z"]),
    ):
        body = (await bob.client.get(address, params={"bucket": bucket})).json()
        assert [part["start"] for part in body["buckets"]] == starts
        assert sum(executions(address, part) for part in body["buckets"]) == 3
        assert set(body["buckets"][0]) == set(whole) - {"from", "to"} | {"start"}
        assert {name: value for name, value in body.items() if name != "buckets"} == whole


@BOTH
async def test_csv_is_one_figure_a_line(bob: Person, address: str) -> None:
    answer = await bob.client.get(address, params={"format": "csv", "bucket": "day"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    names = {row["figure"] for row in rows if row["start"] == ""}
    assert ("tier1_p95_time_ms" if address == DISTRIBUTION else "option_c.tier_distribution.tier1") in names
    assert {row["start"][:10] for row in rows} == {"", "2026-11-22", "2026-11-23"}


@BOTH
@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"from": "yesterday"}, "query.from"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "query.to"),
        ({"from": "0001-01-01T00:00:00+14:00"}, "query.from"),
        ({"to": "9999-12-31"}, "query.to"),
        ({"bucket": "week"}, "query.bucket"),
        ({"format": "xml"}, "query.format"),
        ({"tag": "\0"}, "query.tag"),
        ({"test_id": "x" * 65}, "query.test_id"),
    ],
    ids=str,
)
async def test_bad_questions_are_refused_with_their_path(person, address: str, params: dict, path: str) -> None:
    ann: Person = await person("ann")
    answer = await ann.client.get(address, params=params)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"].startswith(path)


@BOTH
async def test_what_others_did_is_not_there(bob: Person, person, anonymous: AsyncClient, address: str) -> None:
    ann: Person = await person("ann")
    assert executions(address, (await ann.client.get(address)).json()) == 0
    for params in ({"project_id": bob.project_id}, {"test_id": "t1"}):
        assert (await ann.client.get(address, params=params)).status_code == 404
    assert (await anonymous.get(address)).status_code == 401
    admin: Person = await person("root", Role.ADMIN)
    assert executions(address, (await admin.client.get(address)).json()) == 3


@BOTH
async def test_rollups_change_no_answer(bob: Person, platform: Platform, clock: SetClock, address: str) -> None:
    before = (await bob.client.get(address, params={"bucket": "hour"})).json()
    clock.move(days=3)
    assert await refresh_rollups(platform.database) == 3
    assert (await bob.client.get(address, params={"bucket": "hour"})).json() == before


async def test_a_test_that_never_ran_is_known_and_has_no_figures(bob: Person, platform: Platform) -> None:
    now = platform.clock.now()
    row = {"id": "new", "project_id": bob.project_id, "name": "New", "version": 1, "yaml": "", "tags": []}
    async with platform.database.write() as connection:
        await connection.execute(insert(tests).values(**row, created_at=now, updated_at=now))
    assert (await bob.client.get(DISTRIBUTION, params={"test_id": "new"})).json()["total_steps"] == 0


async def test_what_is_queued_and_what_was_cancelled_in_the_queue_did_not_run(bob: Person, platform: Platform) -> None:
    async with platform.database.write() as connection:
        for run_id, values in (
            ("r1", {"status": "queued"}),
            ("r2", {"status": "cancelled", "duration_ms": None}),
        ):
            await connection.execute(update(test_executions).where(test_executions.c.id == run_id).values(values))
    assert (await bob.client.get(DISTRIBUTION)).json()["total_executions"] == 1


# --- costs ------------------------------------------------------------------------------------------------


async def test_costs_are_of_all_runs_by_test_model_and_day(bob: Person, platform: Platform, clock: SetClock) -> None:
    clock.move(days=2)
    async with platform.database.write() as connection:
        priceless = update(test_executions).where(test_executions.c.id == "r3").values(cost_usd=None, model="new:one")
        await connection.execute(priceless)
        limit = update(projects).where(projects.c.id == bob.project_id).values(settings={"budget_usd": 1.5})
        await connection.execute(limit)
    body = (await bob.client.get("/analytics/costs")).json()
    assert body["total"] == {
        "runs": 4,
        "tokens": 300,
        "cost_usd": None,
        "known_cost_usd": 0.03,
        "unpriced_runs": 1,
    }
    assert [(t["test_name"], t["test_id"], t["runs"], t["cost_usd"]) for t in body["by_test"]] == [
        ("Sign in", "t1", 3, 0.03),
        ("Other", "t2", 1, None),
    ]
    assert [(m["model"], m["cost_usd"]) for m in body["by_model"]] == [("local", 0.03), ("new:one", None)]
    assert [(d["day"], d["runs"]) for d in body["by_day"]] == [("2026-11-22", 3), ("2026-11-23", 1)]
    assert body["budgets"] == [
        {
            "project_id": bob.project_id,
            "month": "2026-11-01",
            "budget_usd": 1.5,
            "spent_usd": 0.03,
            "remaining_usd": 1.47,
            "unpriced_runs": 1,
        }
    ]


async def test_costs_as_csv_are_the_same_figures_and_no_formula(bob: Person, platform: Platform) -> None:
    body = (await bob.client.get("/analytics/costs")).json()
    async with platform.database.write() as connection:
        dearest = test_executions.c.test_name == body["by_test"][0]["test_name"]
        await connection.execute(update(test_executions).where(dearest).values(test_name='=HYPERLINK("x"), y'))
    answer = await bob.client.get("/analytics/costs", params={"format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="costs.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["cut"] for row in rows].count("test") == len(body["by_test"])
    assert '\'=HYPERLINK("x"), y' in {row["name"] for row in rows}
    total, shown = body["total"], rows[0]
    assert (shown["cut"], int(shown["runs"]), float(shown["known_cost_usd"])) == (
        "total",
        total["runs"],
        total["known_cost_usd"],
    )
    assert shown["cost_usd"] == ("" if total["cost_usd"] is None else str(total["cost_usd"]))


async def test_costs_know_the_window_and_nobody_elses_runs(bob: Person, person) -> None:
    day = {"from": "2026-11-22", "to": "2026-11-22"}
    assert (await bob.client.get("/analytics/costs", params=day)).json()["total"]["runs"] == 3
    ann: Person = await person("ann")
    body = (await ann.client.get("/analytics/costs")).json()
    assert (body["total"]["runs"], body["total"]["cost_usd"]) == (0, 0.0)
    assert (await ann.client.get("/analytics/costs", params={"project_id": bob.project_id})).status_code == 404
