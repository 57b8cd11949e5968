"""`/cache`: what tier 2 remembers of a project."""

from __future__ import annotations

from sqlalchemy import insert
from tests.server.conftest import Person, SetClock
from tests.store.examples import BUTTON

from tierwright.core.identity import ElementLocator
from tierwright.core.keys import cache_key
from tierwright.core.ports import CacheEntry
from tierwright.core.steps import Action, Step
from tierwright.server.access import Role
from tierwright.server.platform import Platform
from tierwright.store.element_cache import SqlElementCache
from tierwright.store.platform_tables import project_members

STEP = Step(action=Action.CLICK, instruction="Click Save", selector="#save")


async def remembered(platform: Platform, project: str, *pages: str) -> SqlElementCache:
    cache = SqlElementCache(platform.database)
    for page in pages:
        locators = (ElementLocator("#login", ("iframe",)),)
        key = cache_key(project, STEP, page)
        await cache.save(CacheEntry(key=key, locators=locators, xpath="/html[1]", fingerprint=BUTTON, hit_count=2))
    return cache


async def test_entries_are_listed_newest_first_in_pages(person, platform: Platform, clock: SetClock) -> None:
    bob: Person = await person("bob")
    for page in ("/a", "/b", "/c"):
        await remembered(platform, bob.project_id, page)
        clock.move(minutes=1)
    first = (await bob.client.get("/cache", params={"limit": 2})).json()
    assert [item["page"] for item in first["items"]] == ["/c", "/b"]
    last = (await bob.client.get("/cache", params={"cursor": first["next_cursor"]})).json()
    (entry,) = last["items"]
    assert (entry["page"], entry["instruction"], entry["selector"], entry["hit_count"]) == (
        "/a",
        "Click Save",
        "#save",
        2,
    )
    assert entry["locators"] == [{"selector": "#login", "frame": ["iframe"]}]
    assert (entry["role"], entry["name"]) == ("button", "Log in")


async def test_the_figures_are_those_of_the_project(person, platform: Platform) -> None:
    ann, bob = await person("ann"), await person("bob")
    cache = await remembered(platform, bob.project_id, "/a")
    for outcome in ("hit", "hit", "miss"):
        await cache.count(bob.project_id, outcome)
    figures = (await bob.client.get("/cache/stats")).json()
    assert (figures["entries"], figures["hits"], figures["misses"], figures["hit_rate"]) == (1, 2, 1, 66.67)
    empty = (await ann.client.get("/cache/stats")).json()
    assert (empty["entries"], empty["hit_rate"]) == (0, None)


async def test_one_entry_is_forgotten_or_all_of_the_project(person, platform: Platform) -> None:
    ann, bob = await person("ann"), await person("bob")
    await remembered(platform, ann.project_id, "/hers")
    await remembered(platform, bob.project_id, "/a", "/b", "/c")
    items = (await bob.client.get("/cache")).json()["items"]
    assert (await bob.client.delete(f"/cache/{items[0]['id']}")).status_code == 204
    assert (await bob.client.delete(f"/cache/{items[0]['id']}")).status_code == 404
    assert (await bob.client.delete("/cache")).json() == {"deleted": 2}
    assert (await bob.client.get("/cache")).json()["items"] == []
    assert [item["page"] for item in (await ann.client.get("/cache")).json()["items"]] == ["/hers"]


async def test_nobody_sees_or_clears_the_cache_of_others(person, platform: Platform) -> None:
    ann, eve, vera = await person("ann"), await person("eve"), await person("vera", Role.VIEWER)
    await remembered(platform, ann.project_id, "/a")
    row = {"project_id": ann.project_id, "user_id": vera.user_id, "role": "viewer", "created_at": platform.clock.now()}
    async with platform.database.write() as connection:
        await connection.execute(insert(project_members).values(row))
    (entry,) = (await ann.client.get("/cache")).json()["items"]
    hers = {"project_id": ann.project_id}
    for who, expected in ((eve, {404}), (vera, {403})):
        one = await who.client.delete(f"/cache/{entry['id']}")
        both = await who.client.delete("/cache", params=hers)
        assert {one.status_code, both.status_code} == expected
    assert (await eve.client.get("/cache", params=hers)).status_code == 404
    assert (await eve.client.get("/cache/stats", params=hers)).status_code == 404
    assert (await vera.client.get("/cache", params=hers)).json()["items"] == [entry]
    assert (await ann.client.delete("/cache/99999999999")).status_code == 422
