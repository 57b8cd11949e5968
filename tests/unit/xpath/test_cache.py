from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from tierwright.core.identity import ElementLocator, Fingerprint
from tierwright.core.keys import cache_key
from tierwright.core.ports import CacheEntry, CacheKey
from tierwright.core.steps import Action, Step
from tierwright.core.variables import Variables
from tierwright.testing import MemoryElementCache
from tierwright.xpath.cache import XPathCacheService, expanded, templated

KEY = cache_key("p", Step(action=Action.CLICK, instruction="Click Save", selector="#save"), "/")
ENTRY = CacheEntry(
    key=KEY,
    locators=(ElementLocator('role=button[name="Save"]'), ElementLocator("/html[1]/body[1]/button[1]")),
    xpath="/html[1]/body[1]/button[1]",
    fingerprint=Fingerprint(tag="button", role="button", name="Save"),
)


@dataclass
class SetClock:
    moment: datetime = datetime(2026, 11, 22, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()


@pytest.fixture
def shelf() -> MemoryElementCache:
    return MemoryElementCache()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def service(shelf: MemoryElementCache, clock: SetClock) -> XPathCacheService:
    return XPathCacheService(shelf, clock)


async def asked(service: XPathCacheService, key: CacheKey) -> CacheEntry | None:
    """What a run that asks once, and passes, is told."""
    run = service.for_run("asking", [key.instruction])
    found = await run.lookup(key)
    await run.finish(passed=True)
    return found


def counts(shelf: MemoryElementCache) -> dict[str, int]:
    return {outcome: count for (_, outcome), count in shelf.counts.items()}


async def test_an_entry_is_provisional_until_its_run_passed(
    service: XPathCacheService, shelf: MemoryElementCache
) -> None:
    """H-21: its own run may use it, nobody else; a passed run makes it everybody's."""
    run = service.for_run("run-1")
    await run.remember(0, ENTRY)
    assert await run.lookup(KEY) is not None
    assert await asked(service, KEY) is None
    await run.finish(passed=True)
    found = await asked(service, KEY)
    assert found is not None
    assert not found.provisional
    assert counts(shelf) == {"miss": 1}


async def test_a_failed_run_withdraws_what_no_later_step_confirmed(service: XPathCacheService) -> None:
    """H-21: the entry of step 1 was confirmed by step 2's verified effect; step 2's own was not."""
    other = cache_key("p", Step(action=Action.CLICK, instruction="Click Pay"), "/")
    run = service.for_run("run-1")
    await run.remember(1, ENTRY)
    await run.verified(1)
    await run.remember(2, replace(ENTRY, key=other))
    await run.verified(2)
    await run.finish(passed=False)
    assert await asked(service, KEY) is not None
    assert await asked(service, other) is None


async def test_a_failed_run_does_not_withdraw_what_another_run_confirmed(service: XPathCacheService) -> None:
    """H-21: two runs found the same; the one that passed keeps it."""
    failing, passing = service.for_run("a"), service.for_run("b")
    await failing.remember(0, ENTRY)
    await passing.remember(0, ENTRY)
    await passing.finish(passed=True)
    await failing.finish(passed=False)
    assert await asked(service, KEY) is not None


async def test_entries_die_after_seven_days_without_a_verified_use(service, shelf, clock) -> None:
    """H-23: 7 days, sliding on verified use; a lookup alone keeps nothing alive."""
    await service.confirm(await service.remember(ENTRY))
    clock.moment += timedelta(days=6)
    assert await asked(service, KEY) is not None
    await service.validated(KEY)
    clock.moment += timedelta(days=6, hours=23)
    assert await asked(service, KEY) is not None
    clock.moment += timedelta(hours=1)
    assert await asked(service, KEY) is None
    assert shelf.entries == {}
    assert counts(shelf) == {"hit": 1, "eviction": 1, "miss": 1}


async def test_age_can_be_absolute(shelf: MemoryElementCache, clock: SetClock) -> None:
    """H-23: not sliding: 7 days from the first use, however often it hits."""
    service = XPathCacheService(shelf, clock, ttl_days=7, sliding=False)
    await service.confirm(await service.remember(ENTRY))
    clock.moment += timedelta(days=6)
    await service.validated(KEY)
    clock.moment += timedelta(days=1)
    assert await asked(service, KEY) is None


async def test_three_validation_failures_in_a_row_evict(service, shelf) -> None:
    """H-23: a hit in between starts the count anew."""
    await service.confirm(await service.remember(ENTRY))
    await service.validation_failed(KEY)
    await service.validation_failed(KEY)
    await service.validated(KEY)
    await service.validation_failed(KEY)
    await service.validation_failed(KEY)
    assert await asked(service, KEY) is not None
    await service.validation_failed(KEY)
    assert await asked(service, KEY) is None
    assert counts(shelf) == {"invalid": 5, "hit": 1, "eviction": 1, "miss": 1}


async def test_one_mismatch_evicts_at_once(service, shelf) -> None:
    """H-23: a clear mismatch needs no second look."""
    await service.confirm(await service.remember(ENTRY))
    await service.mismatch(KEY)
    assert shelf.entries == {}
    assert counts(shelf)["eviction"] == 1


async def test_an_own_entry_that_turns_out_wrong_is_gone_for_its_run_too(service) -> None:
    """H-23: what a try wrote and then could not use is not confirmed at its end."""
    run = service.for_run("run-1")
    await run.remember(0, ENTRY)
    await run.mismatch(KEY)
    await run.remember(1, replace(ENTRY, key=cache_key("p", Step(action=Action.CLICK, instruction="B"), "/")))
    await run.validation_failed(cache_key("p", Step(action=Action.CLICK, instruction="B"), "/"))
    await run.finish(passed=True)
    assert await asked(service, KEY) is None


async def test_what_is_gone_in_the_meantime_is_no_error(service, shelf) -> None:
    """H-23: two runs may evict the same entry."""
    await service.validated(KEY)
    await service.validation_failed(KEY)
    await service.mismatch(KEY)
    assert counts(shelf) == {"hit": 1, "invalid": 2}


@dataclass
class CountingCache(MemoryElementCache):
    """Counts how often it was asked for what it holds."""

    reads: int = 0

    async def load_all(self, project: str, instructions: Collection[str]) -> Mapping[str, CacheEntry]:
        self.reads += 1
        return await super().load_all(project, instructions)


async def test_a_try_reads_the_storage_once_for_all_its_steps(clock: SetClock) -> None:
    """A cached find waits for the page and for nothing else."""
    shelf = CountingCache()
    service = XPathCacheService(shelf, clock)
    await service.confirm(await service.remember(ENTRY))
    run = service.for_run("r", ["Click Save", "Click Pay"])
    pay = cache_key("p", Step(action=Action.CLICK, instruction="Click Pay"), "/")
    for _ in range(3):
        assert await run.lookup(KEY) is not None
        assert await run.lookup(pay) is None
    assert shelf.reads == 1
    await run.validated(KEY)
    await run.finish(passed=True)
    assert counts(shelf) == {"hit": 1, "miss": 3}


async def test_a_step_that_nobody_announced_is_looked_up_too(service: XPathCacheService) -> None:
    await service.confirm(await service.remember(ENTRY))
    run = service.for_run("r", ["Click Pay"])
    assert await run.lookup(KEY) is not None


async def test_what_a_run_finds_wrong_it_does_not_try_again(service: XPathCacheService) -> None:
    """H-23: a mismatch is gone at once, also where the entries were fetched before."""
    await service.confirm(await service.remember(ENTRY))
    run = service.for_run("r", ["Click Save"])
    assert await run.lookup(KEY) is not None
    await run.mismatch(KEY)
    assert await run.lookup(KEY) is None


ADA = Variables({"user": "Ada Lovelace", "password": "s3cret"}, frozenset({"password"}))
BOB = Variables({"user": 'Bob "B" O\'Neil', "password": "other"}, frozenset({"password"}))


def of_user(*selectors: str, name: str = "Ada Lovelace") -> CacheEntry:
    return replace(
        ENTRY,
        locators=tuple(ElementLocator(s) for s in selectors),
        fingerprint=Fingerprint(tag="a", name=name, text="Say s3cret", headings=("Ada Lovelace", "Users")),
    )


def test_texts_that_are_variables_are_stored_by_name() -> None:
    """H-20: equal to a value: by name; a secret is found inside longer texts too."""
    entry = templated(of_user('role=link[name="Ada Lovelace"]', "text=Ada Lovelace", "//a[.='Ada Lovelace']"), ADA)
    assert [locator.selector for locator in entry.locators] == [
        'role=link[name="{{user}}"]',
        "text={{user}}",
        "//a[.='{{user}}']",
    ]
    assert entry.fingerprint.name == "{{user}}"
    assert entry.fingerprint.text == "Say {{password}}"
    assert entry.fingerprint.headings == ("{{user}}", "Users")
    assert templated(of_user('role=link[name="Ada Lovelace the First"]'), ADA).locators[0].selector == (
        'role=link[name="Ada Lovelace the First"]'
    )


def test_stored_names_are_expanded_with_the_values_of_the_run() -> None:
    """H-20: values are escaped where they stand in quotes; XPath that cannot hold one is left out."""
    stored = templated(of_user('role=link[name="Ada Lovelace"]', "//a[.='Ada Lovelace']", 'css=a[title="a\\"b"]'), ADA)
    again = expanded(stored, ADA)
    assert again is not None
    assert (
        again.locators
        == of_user('role=link[name="Ada Lovelace"]', "//a[.='Ada Lovelace']", 'css=a[title="a\\"b"]').locators
    )
    assert again.fingerprint.name == "Ada Lovelace"
    bobs = expanded(stored, BOB)
    assert bobs is not None
    assert [locator.selector for locator in bobs.locators] == [
        'role=link[name="Bob \\"B\\" O\'Neil"]',
        'css=a[title="a\\"b"]',
    ]


def test_what_cannot_be_expanded_is_no_hit() -> None:
    """H-20: a name that this run does not know, or no locator left: a candidate, never a hit."""
    stored = templated(of_user("//a[.='Ada Lovelace']"), ADA)
    assert expanded(stored, Variables({"password": "x"})) is None
    assert expanded(stored, BOB) is None
    assert expanded(of_user("#a", name="{{ page text }} of a framework {{x}}"), ADA) is None
