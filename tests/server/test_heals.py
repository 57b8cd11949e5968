"""`/heals`: people decide (H-31). Approving is a new version of the test, rejecting is for good."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from tests.server.conftest import Person, SetClock
from tests.server.test_tests import run_of
from tests.store.examples import BUTTON, TEST, heal

from tierwright.core.identity import ElementLocator
from tierwright.core.keys import baseline_keys, cache_key, proposal_id
from tierwright.core.ports import CacheEntry
from tierwright.core.results import Proposal
from tierwright.server.access import Role
from tierwright.server.heals.service import mark_wrong
from tierwright.server.platform import Platform
from tierwright.store.baselines import SqlBaselineStore
from tierwright.store.element_cache import SqlElementCache
from tierwright.store.platform_tables import project_members, tests
from tierwright.store.proposals import record_proposal
from tierwright.store.tables import artifacts, heals, steps, test_executions

YAML = """\
name: {name}
secrets: [password]
steps:
  - action: navigate
    value: /login
  - action: fill
    instruction: the Password field
    selector: "#pw"
    value: "{{{{password}}}}"
  - action: click
    instruction: Click the Log in button   # the one below
    selector: "#login"
"""
SECOND = "Sign in again"


async def offered(platform: Platform, project: str, test: str = TEST.name, **parts: Any) -> str:
    """Records the heal of the third step of a test, as a run would; returns its id."""
    key = baseline_keys(project, test, TEST.all_steps)[2]
    proposal: Proposal = heal(project, test=test, baseline_key=key.digest, **parts)
    proposal = replace(proposal, id=proposal_id(project, test, key.digest, proposal.candidate_key))
    async with platform.database.write() as connection:
        await record_proposal(
            connection,
            platform.database,
            proposal,
            project=project,
            run_id="run-1",
            written=TEST.steps[2],
            key=key,
            masked=dict,
        )
    return proposal.id


async def stored(who: Person, name: str = TEST.name) -> dict[str, Any]:
    answer = await who.client.post("/tests", json={"yaml": YAML.format(name=name)})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_an_approved_heal_is_a_new_version_of_the_test_and_what_its_step_means(
    person, platform: Platform
) -> None:
    bob: Person = await person("bob")
    test = await stored(bob)
    heal_id = await offered(platform, bob.project_id)
    decided = await bob.client.post(f"/heals/{heal_id}/approve", json={})
    assert decided.status_code == 200, decided.text
    assert decided.json()["heal"]["status"] == "approved"
    after = (await bob.client.get(f"/tests/{test['id']}")).json()
    assert after["version"] == 2
    assert after["yaml"] == test["yaml"].replace('"#login"', '"#signin"')
    (newest, _) = (await bob.client.get(f"/tests/{test['id']}/versions")).json()["items"]
    assert heal_id in newest["note"]
    assert newest["user_id"] == bob.user_id
    new_steps = (*TEST.steps[:2], replace(TEST.steps[2], selector="#signin"))
    baseline = await SqlBaselineStore(platform.database).get(baseline_keys(bob.project_id, TEST.name, new_steps)[2])
    assert baseline is not None
    assert baseline.fingerprint == heal().candidate
    again = await bob.client.post(f"/heals/{heal_id}/approve", json={})
    assert again.status_code == 200
    assert (await bob.client.get(f"/tests/{test['id']}")).json()["version"] == 2
    other = await bob.client.post(f"/heals/{heal_id}/reject", json={})
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    assert "restore" in other.json()["detail"]


async def test_a_rejected_heal_is_forgotten_by_the_cache_and_stays_rejected(person, platform: Platform) -> None:
    """H-23, H-31: a rejection evicts the entry, and the same heal is not offered again."""
    bob: Person = await person("bob")
    test = await stored(bob)
    heal_id = await offered(platform, bob.project_id)
    cache = SqlElementCache(platform.database)
    locators, key = (ElementLocator("#signin"),), cache_key(bob.project_id, TEST.steps[2], "/login")
    await cache.save(CacheEntry(key=key, locators=locators, xpath="/html[1]", fingerprint=heal().candidate))
    assert (await bob.client.post(f"/heals/{heal_id}/reject", json={})).json()["heal"]["status"] == "rejected"
    assert await cache.entries(bob.project_id) == ()
    await offered(platform, bob.project_id)
    assert (await bob.client.get(f"/heals/{heal_id}")).json()["status"] == "rejected"
    step = baseline_keys(bob.project_id, TEST.name, TEST.all_steps)[2]
    assert await SqlBaselineStore(platform.database).rejected(step) == {heal().candidate_key}
    refused = await bob.client.post(f"/heals/{heal_id}/approve", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert (await bob.client.get(f"/tests/{test['id']}")).json() == test


async def test_a_heal_of_a_step_that_was_edited_is_not_approved(person, platform: Platform) -> None:
    bob: Person = await person("bob")
    test = await stored(bob)
    heal_id = await offered(platform, bob.project_id)
    edited = test["yaml"].replace('"#login"', '"#other"')
    changed = (await bob.client.put(f"/tests/{test['id']}", json={"yaml": edited, "version": 1})).json()
    refused = await bob.client.post(f"/heals/{heal_id}/approve", json={})
    assert refused.status_code == 409
    assert "was edited since this heal was offered; run the test again" in refused.json()["detail"]
    assert (await bob.client.get(f"/tests/{test['id']}")).json() == changed
    assert (await bob.client.get(f"/heals/{heal_id}")).json()["status"] == "proposed"
    async with platform.database.write() as connection:
        await connection.execute(update(tests).values(yaml="name: Sign in\nsteps: [Frobnicate]\n"))
    wrong = await bob.client.post(f"/heals/{heal_id}/approve", json={})
    assert wrong.status_code == 409
    assert "Sign in.tw.yaml:2:9" in wrong.json()["detail"]


async def test_a_heal_of_a_file_can_be_seen_and_rejected_and_is_approved_where_the_file_is(
    person, platform: Platform
) -> None:
    bob: Person = await person("bob")
    heal_id = await offered(platform, bob.project_id)
    (item,) = (await bob.client.get("/heals")).json()["items"]
    assert (item["id"], item["test_id"], item["file"]) == (heal_id, None, TEST.file)
    refused = await bob.client.post(f"/heals/{heal_id}/approve", json={})
    assert refused.status_code == 409
    assert f"tierwright heals approve {heal_id}" in refused.json()["detail"]
    assert (await bob.client.post(f"/heals/{heal_id}/reject", json={})).json()["heal"]["status"] == "rejected"


async def test_a_heal_shows_all_that_was_known_and_found(person, platform: Platform) -> None:
    bob: Person = await person("bob")
    await stored(bob)
    heal_id = await offered(platform, bob.project_id)
    other = await offered(platform, bob.project_id, SECOND)
    shown = (await bob.client.get(f"/heals/{heal_id}")).json()
    assert (shown["old_selector"], shown["new_locator"]) == ("#login", {"selector": "#signin", "frame": []})
    assert shown["alternatives"] == [{"selector": 'role=button[name="Sign in"]', "frame": ["iframe"]}]
    assert (shown["baseline"]["id"], shown["candidate"]["id"]) == ("login", "signin")
    assert shown["evidence"]["reasons"] == ["same form"]
    assert shown["evidence"]["candidates"][0]["score"] == 0.93
    assert shown["crop"] is None
    assert [(s["id"], s["test"], s["same_element"]) for s in shown["sharing"]] == [(other, SECOND, True)]


async def test_heals_are_listed_last_offered_first_and_filtered(person, platform: Platform, clock: SetClock) -> None:
    bob: Person = await person("bob")
    first = await offered(platform, bob.project_id)
    clock.move(minutes=1)
    second = await offered(platform, bob.project_id, SECOND, kind="grounding")
    await bob.client.post(f"/heals/{first}/reject", json={})

    async def found(**params: str) -> list[str]:
        answer = await bob.client.get("/heals", params=params)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert await found() == [second, first]
    assert await found(status="proposed") == [second]
    assert await found(kind="heal") == [first]
    assert await found(test=SECOND) == [second]
    assert await found(test=SECOND, status="rejected") == []
    page = (await bob.client.get("/heals", params={"limit": 1})).json()
    assert await found(cursor=page["next_cursor"]) == [first]
    assert (await bob.client.get("/heals", params={"status": "maybe"})).status_code == 422


@pytest.mark.parametrize("decision", ["approve", "reject"])
async def test_open_heals_of_the_same_element_are_decided_together(person, platform: Platform, decision: str) -> None:
    bob: Person = await person("bob")
    one, two = await stored(bob), await stored(bob, SECOND)
    first = await offered(platform, bob.project_id)
    second = await offered(platform, bob.project_id, SECOND)
    on_disk = await offered(platform, bob.project_id, "On disk")
    elsewhere = replace(BUTTON, name="Elsewhere")
    other = await offered(platform, bob.project_id, SECOND, candidate=elsewhere, candidate_key=elsewhere.key)
    decided = (await bob.client.post(f"/heals/{first}/{decision}", json={"also_sharing": True})).json()
    approved = decision == "approve"
    assert set(decided["also"]) == ({second} if approved else {second, on_disk})
    assert [left["id"] for left in decided["undecided"]] == ([on_disk] if approved else [])
    versions = [(await bob.client.get(f"/tests/{test['id']}")).json()["version"] for test in (one, two)]
    assert versions == ([2, 2] if approved else [1, 1])
    assert (await bob.client.get(f"/heals/{other}")).json()["status"] == "proposed"


async def test_a_picture_is_served_from_the_state_folder_and_from_nowhere_else(
    person, platform: Platform, tmp_path: Path
) -> None:
    bob, eve = await person("bob"), await person("eve")
    inside = platform.settings.state_dir / "artifacts" / "crop.png"
    outside = tmp_path / "secret.png"
    for file in (inside, outside):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"\x89PNG here")
    heal_id = await offered(platform, bob.project_id, crop=str(inside))
    stolen = await offered(platform, bob.project_id, SECOND, crop=str(inside.parent / ".." / ".." / "secret.png"))
    link = (await bob.client.get(f"/heals/{heal_id}")).json()["crop"]
    assert link == f"/api/v1/heals/{heal_id}/crop"
    picture = await bob.client.get(f"/heals/{heal_id}/crop")
    assert (picture.content, picture.headers["content-type"]) == (b"\x89PNG here", "image/png")
    assert (await bob.client.get(f"/heals/{stolen}/crop")).status_code == 404
    assert (await eve.client.get(f"/heals/{heal_id}/crop")).status_code == 404


async def test_the_element_before_is_the_newest_one_that_the_selector_itself_found(
    person, platform: Platform, clock: SetClock
) -> None:
    bob: Person = await person("bob")
    test = await stored(bob)
    heal_id = await offered(platform, bob.project_id)
    assert (await bob.client.get(f"/heals/{heal_id}")).json()["baseline_crop"] is None
    digest = baseline_keys(bob.project_id, TEST.name, TEST.all_steps)[2].digest
    found = {"baseline_digest": digest, "status": "passed", "tier": 1}
    runs = {"r1": found, "r2": found, "r3": {**found, "status": "healed", "tier": 2}, "r4": {**found, "tier": 2}}
    async with platform.database.write() as connection:
        for run_id, how in runs.items():
            run = run_of(test, run_id, "passed", clock)
            await connection.execute(insert(test_executions).values({**run, "project": bob.project_id}))
            await connection.execute(insert(steps).values({**step_row(run_id, 2, None), **how}))
            of_step = {"test_execution_id": run_id, "try_ordinal": 1, "step_index": 2, "created_at": clock.now()}
            files = [
                {**of_step, "path": f"/s/{run_id}/{name}"} for name in ("step-03-element.png", "step-03-passed.png")
            ]
            await connection.execute(insert(artifacts), files)
    (element, page) = (await bob.client.get("/executions/r2/artifacts")).json()["items"]
    assert (element["kind"], page["kind"]) == ("element", "page")
    shown = (await bob.client.get(f"/heals/{heal_id}")).json()["baseline_crop"]
    assert shown == f"/api/v1/executions/r2/artifacts/{element['id']}"


async def test_a_step_marked_as_the_wrong_element_rejects_its_heal(person, platform: Platform, clock: SetClock) -> None:
    bob: Person = await person("bob")
    test = await stored(bob)
    heal_id = await offered(platform, bob.project_id)
    async with platform.database.write() as connection:
        await connection.execute(insert(test_executions).values(run_of(test, "r1", "passed_healed", clock)))
        await connection.execute(insert(steps), [step_row("r1", 1, None), step_row("r1", 2, heal_id)])
        assert await mark_wrong(connection, platform.database, "r1", 1) is None
        assert await mark_wrong(connection, platform.database, "nothing", 2) is None
        assert await mark_wrong(connection, platform.database, "r1", 2) == heal_id
        assert (await connection.scalars(select(heals.c.status))).all() == ["rejected"]
    await offered(platform, bob.project_id)
    assert (await bob.client.get(f"/heals/{heal_id}")).json()["status"] == "rejected"


async def test_an_approved_heal_marked_wrong_is_not_offered_again_and_its_step_no_longer_means_that_element(
    person, platform: Platform, clock: SetClock
) -> None:
    bob: Person = await person("bob")
    test = await stored(bob)
    heal_id = await offered(platform, bob.project_id)
    assert (await bob.client.post(f"/heals/{heal_id}/approve", json={})).status_code == 200
    async with platform.database.write() as connection:
        run = run_of(test, "r1", "passed_healed", clock)
        await connection.execute(insert(test_executions).values({**run, "project": bob.project_id}))
        await connection.execute(insert(steps).values(step_row("r1", 2, heal_id)))
    wrong = {"step_index": 2, "kind": "wrong_element", "note": "that is the other one"}
    said = await bob.client.post("/executions/r1/feedback", json=wrong)
    assert (said.status_code, said.json()["heal_id"]) == (201, heal_id), said.text
    after = (await bob.client.get(f"/tests/{test['id']}")).json()
    assert (after["version"], '"#signin"' in after["yaml"]) == (2, True)
    baselines = SqlBaselineStore(platform.database)
    new_steps = (*TEST.steps[:2], replace(TEST.steps[2], selector="#signin"))
    assert await baselines.get(baseline_keys(bob.project_id, TEST.name, new_steps)[2]) is None
    old = baseline_keys(bob.project_id, TEST.name, TEST.all_steps)[2]
    assert await baselines.rejected(old) == {heal().candidate_key}
    await offered(platform, bob.project_id)
    assert (await bob.client.get(f"/heals/{heal_id}")).json()["status"] == "rejected"
    refused = await bob.client.post(f"/heals/{heal_id}/approve", json={})
    assert refused.status_code == 409


def step_row(run_id: str, index: int, heal_id: str | None) -> dict[str, Any]:
    what = {"action": "click", "title": "t", "instruction": "t", "status": "healed", "cache": "none"}
    figures = {"duration_ms": 1.0, "tokens": 0, "warnings": [], "baseline_digest": "d", "try_ordinal": 1}
    return {"test_execution_id": run_id, "step_index": index, "proposal_id": heal_id, **what, **figures}


async def test_nobody_sees_or_decides_the_heals_of_others(person, platform: Platform) -> None:
    ann, eve, vera = await person("ann"), await person("eve"), await person("vera", Role.VIEWER)
    await stored(ann)
    heal_id = await offered(platform, ann.project_id)
    row = {"project_id": ann.project_id, "user_id": vera.user_id, "role": "viewer", "created_at": platform.clock.now()}
    async with platform.database.write() as connection:
        await connection.execute(insert(project_members).values(row))
    for who, expected in ((eve, {404}), (vera, {403})):
        answers = [await who.client.post(f"/heals/{heal_id}/{what}", json={}) for what in ("approve", "reject")]
        assert {answer.status_code for answer in answers} == expected
    assert (await eve.client.get(f"/heals/{heal_id}")).status_code == 404
    assert (await eve.client.get("/heals", params={"project_id": ann.project_id})).status_code == 404
    assert (await vera.client.get(f"/heals/{heal_id}")).json()["status"] == "proposed"
