"""`/settings/execution/strategies`, as contract.md says it."""

from __future__ import annotations

from httpx import AsyncClient
from tests.server.conftest import Person
from tests.server.runs import record

from tierwright.server.platform import Platform

ADDRESS = "/settings/execution/strategies"
KEYS = (
    "id name description flow tier_flow expected_success_rate cost_profile use_case recommended measured".split()  # noqa: SIM905
)


async def test_there_are_three_strategies_as_the_design_has_them(person) -> None:
    bob: Person = await person("bob")
    answer = await bob.client.get(ADDRESS)
    assert answer.status_code == 200
    a, b, c = answer.json()["strategies"]
    assert [list(one) for one in (a, b, c)] == [KEYS] * 3
    names = ("id", "name", "expected_success_rate", "cost_profile", "recommended", "tier_flow")
    assert [tuple(one[name] for name in names) for one in (a, b, c)] == [
        ("option_a", "Cost-Conscious", "90-95%", "medium", False, [1, 2]),
        ("option_b", "AI-First", "92-94%", "high", False, [1, 3]),
        ("option_c", "Maximum Reliability", "97-99%", "medium", True, [1, 2, 3]),
    ]
    assert c["flow"] == "Tier 1 (Playwright) → Tier 2 (Hybrid) → Tier 3 (Stagehand)"


async def test_expected_rates_are_labelled_as_expectations(anonymous: AsyncClient) -> None:
    schema = (await anonymous.get("/openapi.json")).json()["components"]["schemas"]["StrategyOut"]
    assert "nobody measured it" in schema["properties"]["expected_success_rate"]["description"]


async def test_what_was_not_measured_is_null_and_what_was_names_its_sample(person, platform: Platform) -> None:
    ann, bob = await person("ann"), await person("bob")
    await record(platform.database, {"run_id": "r1", "project": bob.project_id})
    seen = [(await who.client.get(ADDRESS)).json()["strategies"] for who in (ann, bob)]
    assert [one["measured"] for one in seen[0]] == [None, None, None]
    assert [one["measured"] for one in seen[1]] == [
        None,
        None,
        {
            "executions": 1,
            "steps": 3,
            "success_rate": 100.0,
            "avg_tier": 1.33,
            "avg_time_ms": 20.0,
            "cost_per_step_usd": 0.00333333,
        },
    ]


async def test_another_project_is_not_there(person) -> None:
    ann, bob = await person("ann"), await person("bob")
    assert (await ann.client.get(ADDRESS, params={"project_id": bob.project_id})).status_code == 404
