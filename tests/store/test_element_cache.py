from __future__ import annotations

from dataclasses import replace

import pytest
from tests.store.examples import BUTTON

from tierwright.core.errors import UsageError
from tierwright.core.identity import ElementLocator
from tierwright.core.keys import cache_key
from tierwright.core.ports import CacheEntry
from tierwright.core.steps import Action, Step
from tierwright.store.cache_file import export_entries, import_entries
from tierwright.store.database import Database
from tierwright.store.element_cache import SqlElementCache, evict_matching
from tierwright.xpath.cache import XPathCacheService

STEP = Step(action=Action.CLICK, instruction="Click Save", selector="#save", frame=("iframe#a",))


def entry(page: str = "/login", project: str = "p", **parts: object) -> CacheEntry:
    filled = {
        "key": cache_key(project, STEP, page),
        "locators": (ElementLocator('role=button[name="Save"]', ("iframe#a",)), ElementLocator("//button")),
        "xpath": "/html[1]/body[1]/button[1]",
        "fingerprint": BUTTON,
        **parts,
    }
    return CacheEntry(**filled)  # type: ignore[arg-type]


async def test_an_entry_comes_back_as_it_was_stored(database: Database, clock) -> None:
    """H-20: locators in their order, fingerprint, page context, counts and times."""
    cache = SqlElementCache(database)
    kept = entry(
        provisional=False,
        hit_count=3,
        validation_failures=2,
        created_at=clock.now(),
        last_validated_at=clock.now(),
        expires_at=clock.now(),
    )
    await cache.save(entry())
    await cache.save(kept)
    assert await cache.load("p", kept.key.digest) == kept
    assert await cache.load("other project", kept.key.digest) is None


async def test_entries_belong_to_a_project_and_can_be_listed_and_cleared(database: Database) -> None:
    """H-23: entries are visible, clearable, and belong to a project."""
    cache = SqlElementCache(database)
    for page, project in (("/a", "p"), ("/b", "p"), ("/a", "q")):
        await cache.save(entry(page, project))
    assert {e.key.page for e in await cache.entries("p")} == {"/a", "/b"}
    assert len(await cache.entries()) == 3
    assert await cache.clear("p") == 2
    assert [e.key.project for e in await cache.entries()] == ["q"]


async def test_outcomes_are_counted_with_the_life_cycle(database: Database, clock) -> None:
    """H-23: hits, misses, evictions are counted."""
    cache = SqlElementCache(database)
    service = XPathCacheService(cache, clock)
    key = entry().key
    asking = service.for_run("asking", [key.instruction])
    await asking.lookup(key)
    await asking.finish(passed=True)
    await service.confirm(await service.remember(entry()))
    for _ in range(3):
        await service.validated(key)
        clock.move(hours=1)
    await service.mismatch(key)
    await service.remember(entry("/b"))
    stats = await cache.stats("p")
    assert (stats.entries, stats.provisional) == (1, 1)
    assert (stats.hits, stats.misses, stats.invalid, stats.evictions, stats.hit_rate) == (3, 1, 1, 1, 60.0)
    assert (await cache.stats("q")).hit_rate is None


async def test_a_rejected_heal_evicts_the_steps_entries_and_no_others(database: Database) -> None:
    """H-23: the step's entries go, on every page."""
    cache = SqlElementCache(database)
    other = replace(
        entry(), key=cache_key("p", replace(STEP, instruction="Pay"), "/"), fingerprint=replace(BUTTON, id="p")
    )
    for kept in (entry("/a"), entry("/b"), other, entry("/a", "q")):
        await cache.save(kept)
    step = {"instruction": "Click Save", "selector": "#save", "action": "click"}
    async with database.write() as connection:
        assert await evict_matching(connection, database, project="p", **step, candidate="another") == 2
    assert {(e.key.project, e.key.instruction) for e in await cache.entries()} == {("p", "Pay"), ("q", "Click Save")}
    assert (await cache.stats("p")).evictions == 2


async def test_the_cache_travels_as_a_file(database: Database, clock) -> None:
    """H-23: entries are exportable; those of a run that has not passed stay at home (H-21)."""
    cache = SqlElementCache(database)
    service = XPathCacheService(cache, clock)
    await service.confirm(await service.remember(entry("/a")))
    await service.remember(entry("/b"))
    text = export_entries(await cache.entries())
    (back,) = import_entries(text, "cache.json")
    assert back == await cache.load("p", entry("/a").key.digest)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"format": "other"}',
        '{"format": "tierwright-xpath-cache", "version": 2, "entries": []}',
        '{"format": "tierwright-xpath-cache", "version": 1, "entries": [{}]}',
    ],
)
def test_a_file_that_is_no_cache_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError, match=r"cache\.json"):
        import_entries(text, "cache.json")


def test_an_entry_changed_by_hand_is_refused() -> None:
    text = export_entries([entry(provisional=False)]).replace("Click Save", "Click Delete")
    with pytest.raises(UsageError, match="entry 1: the digest does not belong"):
        import_entries(text, "cache.json")
