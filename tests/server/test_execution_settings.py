"""`/settings/execution`, as contract.md says it."""

from __future__ import annotations

import pytest
from httpx import AsyncClient
from tests.server.conftest import Person, SetClock

DEFAULTS = {
    "fallback_strategy": "option_c",
    "tier1_timeout_seconds": 30,
    "tier2_timeout_seconds": 30,
    "tier3_timeout_seconds": 30,
    "max_retries_per_tier": 1,
    "track_effectiveness": True,
}


def six(body: dict[str, object]) -> dict[str, object]:
    return {name: body[name] for name in DEFAULTS}


async def test_the_first_read_makes_the_defaults(person) -> None:
    bob: Person = await person("bob")
    first = await bob.client.get("/settings/execution")
    assert first.status_code == 200
    assert six(first.json()) == DEFAULTS
    assert set(first.json()) == {*DEFAULTS, "id", "user_id", "created_at", "updated_at"}
    assert first.json()["user_id"] == bob.user_id
    assert (await bob.client.get("/settings/execution")).json() == first.json()


async def test_a_change_touches_only_what_it_names_and_gives_the_whole_back(person, clock: SetClock) -> None:
    bob: Person = await person("bob")
    before = (await bob.client.get("/settings/execution")).json()
    clock.move(minutes=1)
    change = {"fallback_strategy": "option_a", "tier2_timeout_seconds": 12.5, "track_effectiveness": False}
    after = (await bob.client.put("/settings/execution", json=change)).json()
    assert six(after) == {**DEFAULTS, **change}
    assert after["created_at"] == before["created_at"]
    assert after["updated_at"] > before["updated_at"]


@pytest.mark.parametrize(
    "bad",
    [
        {"tier1_timeout_seconds": 0.9},
        {"tier1_timeout_seconds": 301},
        {"tier3_timeout_seconds": "30"},
        {"tier2_timeout_seconds": True},
        {"max_retries_per_tier": 4},
        {"max_retries_per_tier": -1},
        {"max_retries_per_tier": 1.5},
        {"fallback_strategy": "option_d"},
        {"fallback_strategy": None},
        {"track_effectiveness": "yes"},
        {"tier1_timeout": 5},
        {"user_id": "somebody"},
    ],
    ids=str,
)
async def test_bad_input_is_refused_with_its_path_and_changes_nothing(person, bad: dict[str, object]) -> None:
    bob: Person = await person("bob")
    answer = await bob.client.put("/settings/execution", json={"max_retries_per_tier": 2, **bad} | bad)
    assert answer.status_code == 422
    body = answer.json()
    assert body["code"] == "invalid"
    assert body["detail"]
    assert body["errors"][0]["path"].startswith("body")
    assert six((await bob.client.get("/settings/execution")).json()) == DEFAULTS


async def test_everybody_has_their_own(person) -> None:
    ann, bob = await person("ann"), await person("bob")
    await ann.client.put("/settings/execution", json={"max_retries_per_tier": 3})
    assert six((await bob.client.get("/settings/execution")).json()) == DEFAULTS


async def test_nobody_has_none(anonymous: AsyncClient) -> None:
    answer = await anonymous.get("/settings/execution")
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthorized"
