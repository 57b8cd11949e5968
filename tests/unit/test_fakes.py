"""The shipped fakes keep the contracts of their ports, shown by using them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tierwright.core.deadline import Clock, Deadline
from tierwright.core.errors import ModelError
from tierwright.core.events import Event, StepStarted, TryStarted
from tierwright.core.identity import Candidate, Fingerprint, Query, Snapshot, SnapshotFrame
from tierwright.core.keys import cache_key_of
from tierwright.core.ports import (
    Baseline,
    BaselineKey,
    BaselineStore,
    CacheEntry,
    Chooser,
    ElementCache,
    Listener,
    Model,
    ModelRequest,
    Secrets,
)
from tierwright.core.results import Usage
from tierwright.core.steps import Action, Step
from tierwright.core.variables import MASK, Variables
from tierwright.store.baselines import SqlBaselineStore
from tierwright.store.database import Database, open_database
from tierwright.store.element_cache import SqlElementCache
from tierwright.testing import (
    FakeClock,
    FixedChooser,
    FixedSecrets,
    Hang,
    MemoryBaselineStore,
    MemoryElementCache,
    RecordingListener,
    Refuse,
    ScriptedModel,
)

MOMENT = datetime(2026, 5, 1, tzinfo=UTC)


def request(prompt: str = "which?") -> ModelRequest:
    return ModelRequest(purpose="choose", system="", prompt=prompt, schema={"type": "object"}, deadline_seconds=1.0)


# --- clock ------------------------------------------------------------------------------------------------


def test_a_fake_clock_moves_only_when_told() -> None:
    clock = FakeClock(MOMENT)
    deadline = Deadline.after(_as_clock(clock), 10.0)
    assert (clock.now(), deadline.remaining_seconds) == (MOMENT, 10.0)
    clock.advance(4.0)
    assert (clock.now(), deadline.remaining_seconds) == (MOMENT + timedelta(seconds=4), 6.0)
    clock.advance(6.0)
    assert deadline.passed


def _as_clock(clock: Clock) -> Clock:
    return clock


# --- models -----------------------------------------------------------------------------------------------


async def test_a_scripted_model_answers_in_order_and_remembers_what_it_was_asked() -> None:
    model: Model = ScriptedModel([{"a": 1}, {"a": 2}], name="mine", usage=Usage(10, 2, 0.5))
    replies = [await model.generate(request("one")), await model.generate(request("two"))]
    assert [reply.answer for reply in replies] == [{"a": 1}, {"a": 2}]
    assert [reply.usage for reply in replies] == [Usage(10, 2, 0.5)] * 2
    assert isinstance(model, ScriptedModel)
    assert [asked.prompt for asked in model.requests] == ["one", "two"]
    assert model.name == "mine"


async def test_a_script_that_has_run_out_refuses() -> None:
    with pytest.raises(ModelError, match="no answer 1"):
        await ScriptedModel([]).generate(request())


async def test_a_script_may_be_a_function_of_the_request() -> None:
    model = ScriptedModel(lambda asked: {"echo": asked.prompt})
    assert (await model.generate(request("hello"))).answer == {"echo": "hello"}


async def test_a_scripted_model_can_refuse_with_what_it_cost() -> None:
    with pytest.raises(ModelError, match="not today") as caught:
        await ScriptedModel([Refuse("not today", Usage(5, 0, None))]).generate(request())
    assert caught.value.usage == Usage(5, 0, None)


async def test_a_scripted_model_can_hang_until_it_is_cancelled() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await ScriptedModel([Hang()]).generate(request())


@pytest.mark.parametrize("text", ["my hunter2", "hunter2hunter2!", "nothing", ""])
def test_fixed_secrets_mask_like_a_runs_variables(text: str) -> None:
    fake: Secrets = FixedSecrets(("hunter2", "hunter2!"))
    real: Secrets = Variables({"a": "hunter2", "b": "hunter2!"}, frozenset({"a", "b"}))
    assert fake.mask(text) == real.mask(text)
    assert set(fake.secret_values) == set(real.secret_values)
    assert fake.mask("hunter2!") == MASK


# --- choosing ---------------------------------------------------------------------------------------------

SNAPSHOT = Snapshot(
    frames=(SnapshotFrame((), "http://127.0.0.1/"),),
    candidates=tuple(
        Candidate(ref=ref, frame_index=0, fingerprint=Fingerprint(tag="button", name=name), xpath=f"/button[{ref}]")
        for ref, name in ((1, "Save"), (2, "Cancel"))
    ),
)
QUERY = Query(action=Action.CLICK, instruction="Click it")


@pytest.mark.parametrize(("wanted", "chosen"), [("Cancel", 1), (0, 0), ("Delete", None), (7, None), (None, None)])
def test_a_fixed_chooser_chooses_what_it_was_told_or_none(wanted: str | int | None, chosen: int | None) -> None:
    chooser = FixedChooser(wanted, confidence=0.8)
    ranking = _as_chooser(chooser).rank(QUERY, SNAPSHOT)
    assert ranking.chosen == chosen
    assert ranking.confidence == (0.0 if chosen is None else 0.8)
    assert bool(ranking.why_not) == (chosen is None)
    assert chooser.queries == [QUERY]


def test_a_fixed_chooser_knows_an_element_again() -> None:
    chooser = FixedChooser(similarity=0.3)
    save, cancel = (candidate.fingerprint for candidate in SNAPSHOT.candidates)
    assert chooser.similarity(save, replace(save, sibling_index=4)) == 1.0
    assert chooser.similarity(save, cancel) == 0.3


def _as_chooser(chooser: Chooser) -> Chooser:
    return chooser


# --- memory -----------------------------------------------------------------------------------------------


@pytest.fixture(params=["fake", "real"])
async def state(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database | None]:
    """None for the fake; a real state in SQLite for what the fake stands for."""
    if request.param == "fake":
        yield None
        return
    async with open_database(tmp_path, FakeClock(MOMENT)) as database:
        yield database


@pytest.fixture
def cache(state: Database | None) -> ElementCache:
    return MemoryElementCache() if state is None else SqlElementCache(state)


@pytest.fixture
def baselines(state: Database | None) -> BaselineStore:
    return MemoryBaselineStore() if state is None else SqlBaselineStore(state)


def entry(project: str = "default", xpath: str = "/button") -> CacheEntry:
    key = cache_key_of(project=project, instruction="Save", selector="", action="click", page="/", frame=())
    return CacheEntry(key=key, locators=(), xpath=xpath, fingerprint=Fingerprint(tag="button"), created_at=MOMENT)


DIGEST = entry().key.digest


async def test_a_cache_keeps_replaces_and_removes_by_project(cache: ElementCache) -> None:
    await cache.save(entry(xpath="/old"))
    await cache.save(entry(xpath="/new"))
    await cache.save(entry("other"))
    assert await cache.load("default", DIGEST) == entry(xpath="/new")
    assert await cache.load("default", "e" * 64) is None
    assert await cache.load("other", DIGEST) is None
    await cache.remove("default", DIGEST)
    assert await cache.load("default", DIGEST) is None
    assert await cache.load("other", entry("other").key.digest) == entry("other")


async def _counts(cache: ElementCache) -> tuple[int, int, int]:
    if isinstance(cache, MemoryElementCache):
        hits, misses, evictions = (cache.counts.get(("default", o), 0) for o in ("hit", "miss", "eviction"))
        return hits, misses, evictions
    assert isinstance(cache, SqlElementCache)
    stats = await cache.stats("default")
    return stats.hits, stats.misses, stats.evictions


async def test_a_cache_counts_outcomes_and_evictions(cache: ElementCache) -> None:
    """H-23: hits, misses and evictions are counted."""
    for outcome in ("hit", "hit", "miss"):
        await cache.count("default", outcome)
    await cache.count("other", "hit")
    await cache.save(entry())
    await cache.remove("default", DIGEST, evicted=False)
    await cache.remove("default", DIGEST)
    assert await _counts(cache) == (2, 1, 0)
    await cache.save(entry())
    await cache.remove("default", DIGEST)
    assert await _counts(cache) == (2, 1, 1)


KEY = BaselineKey("default", "Sign in", "Click Save", "#save", "k1")
OTHER_KEY = BaselineKey("default", "Sign in", "Click Cancel", "#cancel", "k2")


def baseline(name: str, hours: int) -> Baseline:
    return Baseline(key="k1", fingerprint=Fingerprint(name=name), updated_at=MOMENT + timedelta(hours=hours))


async def test_a_baseline_store_keeps_the_newest(baselines: BaselineStore) -> None:
    """H-13: the newer wins."""
    assert await baselines.get(KEY) is None
    await baselines.put(KEY, baseline("new", 2))
    await baselines.put(KEY, baseline("old", 1))
    assert await baselines.get(KEY) == baseline("new", 2)
    await baselines.put(KEY, baseline("newest", 3))
    assert await baselines.get(KEY) == baseline("newest", 3)
    assert await baselines.get(OTHER_KEY) is None


async def test_a_baseline_store_knows_a_step_with_a_baseline_as_seen(baselines: BaselineStore) -> None:
    """H-18: `never_seen` needs to know."""
    assert not await baselines.seen(KEY)
    await baselines.put(KEY, baseline("x", 0))
    assert await baselines.seen(KEY)
    assert not await baselines.seen(OTHER_KEY)


async def test_nothing_is_rejected_until_a_person_rejects_it(baselines: BaselineStore) -> None:
    """H-31: a rejected heal is not offered again; nothing else is kept back."""
    assert await baselines.rejected(KEY) == frozenset()


async def test_a_memory_baseline_store_can_be_told_what_people_and_runs_did() -> None:
    """H-31, H-18: rejections and matches are remembered for their own step."""
    store = MemoryBaselineStore()
    store.reject(KEY, "a")
    store.reject(KEY, "b")
    store.mark_seen(KEY)
    assert await store.rejected(KEY) == {"a", "b"}
    assert await store.rejected(OTHER_KEY) == frozenset()
    assert await store.seen(KEY)
    assert not await store.seen(OTHER_KEY)


# --- listeners --------------------------------------------------------------------------------------------


async def test_a_recording_listener_keeps_events_in_order() -> None:
    listener = RecordingListener()
    events: list[Event] = [
        TryStarted("r1", 1),
        StepStarted("r1", 0, Step(action=Action.RELOAD)),
        StepStarted("r1", 1, Step(action=Action.GO_BACK)),
    ]
    for event in events:
        await _as_listener(listener).on_event(event)
    assert listener.events == events
    assert [event.index for event in listener.of(StepStarted)] == [0, 1]


def _as_listener(listener: Listener) -> Listener:
    return listener
