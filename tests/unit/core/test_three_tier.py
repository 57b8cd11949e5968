"""The climb of one step, with scripted tiers: who may try, who may act, when it ends."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.unit.core.scripted import Climbing, ScriptedTier, climbing, found, miss, never

from tierwright.core.dispatch import DispatchToken
from tierwright.core.errors import ModelError, StepError
from tierwright.core.results import ErrorKind, Usage
from tierwright.core.steps import Action
from tierwright.core.strategy import FallbackStrategy, TierNumber
from tierwright.core.tier import Found, Miss, StepCall

K = ErrorKind
NEXT = [K.NOT_FOUND, K.AMBIGUOUS, K.MISMATCH, K.STALE, K.MODEL, K.UNAVAILABLE]
FINAL = [K.DISABLED, K.COVERED, K.EXPECTATION, K.UNVERIFIED, K.NAVIGATION, K.BUDGET, K.CONTRACT]


# --- who may continue (the table of healing.md, section 2) ------------------------------------------------


@pytest.mark.parametrize("kind", NEXT)
async def test_these_kinds_go_to_the_next_tier(kind: ErrorKind) -> None:
    climb = climbing(kind, None)
    outcome = await climb.run()
    assert outcome.performed
    assert climb.seen.tiers == [1, 2]
    assert [a.error.kind if a.error else None for a in outcome.attempts] == [kind, None]


@pytest.mark.parametrize("kind", FINAL)
@pytest.mark.parametrize("tier", [1, 2])
async def test_these_kinds_end_the_step_at_once(kind: ErrorKind, tier: int) -> None:
    kinds = [kind, None, None] if tier == 1 else [K.NOT_FOUND, kind, None]
    climb = climbing(*kinds, seconds=20.0)
    started = time.monotonic()
    outcome = await climb.run()
    assert outcome.error
    assert outcome.error.kind is kind
    assert climb.seen.tiers == [1, 2][:tier]
    assert climb.acts == 0
    assert time.monotonic() - started < 5


async def test_hidden_goes_to_tier_3_only() -> None:
    climb = climbing(K.HIDDEN, None, None)
    outcome = await climb.run()
    assert outcome.performed
    assert climb.seen.tiers == [1, 3]


async def test_hidden_fails_where_the_strategy_has_no_tier_3() -> None:
    climb = climbing(K.HIDDEN, None, None, strategy=FallbackStrategy.OPTION_A)
    outcome = await climb.run()
    assert outcome.error
    assert outcome.error.kind is K.HIDDEN
    assert climb.acts == 0


@pytest.mark.parametrize(
    ("strategy", "tiers"),
    [
        (FallbackStrategy.OPTION_A, [1, 2]),
        (FallbackStrategy.OPTION_B, [1, 3]),
        (FallbackStrategy.OPTION_C, [1, 2, 3]),
    ],
)
async def test_a_strategy_is_its_tuple_of_tiers(strategy: FallbackStrategy, tiers: list[int]) -> None:
    climb = climbing(strategy=strategy)
    outcome = await climb.run()
    assert outcome.error
    assert climb.seen.tiers == tiers
    assert [int(a.tier) for a in outcome.attempts] == tiers


async def test_the_failure_names_the_most_telling_kind_and_every_tier() -> None:
    outcome = await climbing(K.NOT_FOUND, K.AMBIGUOUS, K.UNAVAILABLE).run()
    assert outcome.error
    assert outcome.error.kind is K.AMBIGUOUS
    assert all(f"tier {n}:" in outcome.error.message for n in (1, 2, 3))


# --- retries and deadlines (H-5) --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [K.STALE, K.MODEL])
async def test_stale_and_model_are_tried_again_by_the_same_tier(kind: ErrorKind) -> None:
    """H-5: max_retries_per_tier applies to stale and model, and each try is on record."""
    climb = climbing(retries=2)
    climb.tier1.finds = [miss(kind), miss(kind), found()]
    outcome = await climb.run()
    assert outcome.performed
    assert [int(a.tier) for a in outcome.attempts] == [1, 1, 1]
    assert [a.ordinal for a in outcome.attempts] == [1, 2, 3]


@pytest.mark.parametrize("kind", [K.NOT_FOUND, K.AMBIGUOUS, K.MISMATCH, K.HIDDEN, K.UNAVAILABLE, K.COVERED])
async def test_no_other_kind_is_tried_again(kind: ErrorKind) -> None:
    """H-5: to nothing else."""
    climb = climbing(kind, None, None, retries=3)
    await climb.run()
    assert climb.tier1.found_calls == 1


@pytest.mark.parametrize(("action", "tries"), [(Action.NAVIGATE, 3), (Action.RELOAD, 3), (Action.GO_BACK, 1)])
async def test_navigation_is_tried_again_for_navigate_and_reload(action: Action, tries: int) -> None:
    """H-5."""
    climb = climbing(None, retries=2, action=action)
    climb.tier1.acts = [StepError(K.NAVIGATION, "no such host")]
    outcome = await climb.run()
    assert outcome.error
    assert outcome.error.kind is K.NAVIGATION
    assert climb.tier1.acted_calls == tries
    assert climb.tier2.found_calls == 0


async def test_a_tier_that_hangs_ends_at_its_own_timeout() -> None:
    """H-5: a tier's timeout is around everything it does."""
    climb = climbing(K.NOT_FOUND, K.NOT_FOUND, None, seconds=0.2)
    climb.tier2.finds = [never]
    started = time.monotonic()
    outcome = await climb.run()
    assert outcome.performed
    assert 0.15 < time.monotonic() - started < 1
    assert "ran out of time" in (outcome.attempts[1].error or miss(K.MODEL).error).message


async def test_the_steps_deadline_ends_every_tier() -> None:
    """H-5: timeout_seconds of the step, whatever the tiers may take."""
    climb = climbing(seconds=30.0, step_seconds=0.2)
    climb.tier2.finds = [never]
    started = time.monotonic()
    outcome = await climb.run()
    assert outcome.error
    assert time.monotonic() - started < 2.0
    assert [int(a.tier) for a in outcome.attempts][:2] == [1, 2]


async def test_retries_share_the_tiers_timeout() -> None:
    """H-5: retries are inside the tier's timeout."""
    climb = climbing(retries=3, seconds=0.2, strategy=FallbackStrategy.OPTION_A)

    async def slow(_: StepCall) -> Miss:
        await asyncio.sleep(0.15)
        return miss(K.STALE)

    climb.tier1.finds = [slow]
    started = time.monotonic()
    await climb.run()
    assert climb.tier1.found_calls <= 3
    assert time.monotonic() - started < 1


async def test_what_a_cancelled_search_cost_is_on_record() -> None:
    """H-2: failed attempts are kept with their cost, also one that was overtaken."""
    climb = climbing(seconds=2.0)

    async def asks_a_model(call: StepCall) -> Found:
        call.meter.add(Usage(100, 20, 0.5))
        return await never()

    climb.tier2.finds = [asks_a_model]
    climb.tier1.watching = later(0.1)
    outcome = await climb.run()
    assert outcome.performed
    assert outcome.performed.found.tier is TierNumber.DIRECT
    overtaken = next(a for a in outcome.attempts if a.tier is TierNumber.HYBRID)
    assert (overtaken.success, overtaken.tokens, overtaken.cost_usd) == (False, 120, 0.5)


async def test_a_model_error_escalates() -> None:
    climb = climbing(K.NOT_FOUND, None, None)

    async def refuses(_: StepCall) -> Found:
        raise ModelError("it refused")

    climb.tier2.finds = [refuses]
    outcome = await climb.run()
    assert outcome.performed
    assert outcome.performed.found.tier is TierNumber.AI


# --- one act (H-6) ----------------------------------------------------------------------------------------


async def test_after_an_act_that_failed_no_tier_acts_again() -> None:
    """H-6: the token is used, whatever came of it."""

    async def sent_and_lost(_: StepCall, token: DispatchToken) -> None:
        await token.take("tier 1")
        raise StepError(K.STALE, "the page went away under the click")

    climb = climbing(None, None, None, retries=2)
    climb.tier1.acts = [sent_and_lost]
    outcome = await climb.run()
    assert outcome.error
    assert outcome.error.kind is K.STALE
    assert climb.acts == 1
    assert climb.seen.tiers == [1]


async def test_what_was_not_sent_may_be_done_by_the_next_tier() -> None:
    """H-6: the token goes back only when nothing was sent."""

    async def not_sent(_: StepCall, token: DispatchToken) -> None:
        await token.take("tier 1")
        token.give_back("tier 1")
        raise StepError(K.STALE, "it went away before the click")

    climb = climbing(None, None, None)
    climb.tier1.acts = [not_sent]
    outcome = await climb.run()
    assert outcome.performed
    assert outcome.performed.found.tier is TierNumber.HYBRID


async def test_an_act_that_outlives_the_deadline_is_unverified_and_never_repeated() -> None:
    async def hangs(_: StepCall, token: DispatchToken) -> None:
        await token.take("tier 1")
        await never()

    climb = climbing(None, None, None, seconds=0.1)
    climb.tier1.acts = [hangs]
    outcome = await climb.run()
    assert outcome.error
    assert outcome.error.kind is K.UNVERIFIED
    assert climb.acts == 1


async def test_every_other_search_has_ended_before_somebody_acts() -> None:
    """H-6: whoever acts takes the token, and the watch has ended by then."""
    climb = climbing(K.NOT_FOUND, None)
    running: list[int] = []

    async def acts(_: StepCall, token: DispatchToken) -> None:
        await token.take("tier 2")
        running.append(climb.tier1.watches - climb.tier1.watches_ended)

    async def finds(_: StepCall) -> Found:
        await asyncio.sleep(0.05)
        return found()

    climb.tier2.finds, climb.tier2.acts = [finds], [acts]
    assert (await climb.run()).performed
    assert climb.tier1.watches == 1
    assert running == [0]


async def test_the_watch_that_finds_in_the_same_tick_as_a_tier_never_makes_a_second_act() -> None:
    """H-6, the race: both answer at once; exactly one acts."""
    for _ in range(50):
        climb = climbing(seconds=1.0)
        gate = asyncio.Event()

        async def finds(_: StepCall, gate: asyncio.Event = gate) -> Found:
            await gate.wait()
            return found()

        climb.tier2.finds, climb.tier1.watching = [finds], finds
        running = asyncio.create_task(climb.run())
        await asyncio.sleep(0)
        await asyncio.sleep(0.002)
        gate.set()
        outcome = await running
        assert outcome.performed
        assert climb.acts == 1


async def test_a_find_of_the_watch_is_not_lost_when_the_tier_misses_in_the_same_tick() -> None:
    climb = climbing(seconds=1.0, strategy=FallbackStrategy.OPTION_A)
    gate = asyncio.Event()

    async def misses(_: StepCall) -> Miss:
        await gate.wait()
        return miss(K.NOT_FOUND)

    async def sees(_: StepCall) -> Found:
        await gate.wait()
        return found()

    climb.tier2.finds, climb.tier1.watching = [misses], sees
    running = asyncio.create_task(climb.run())
    await asyncio.sleep(0.02)
    gate.set()
    outcome = await running
    assert outcome.performed
    assert outcome.performed.found.tier is TierNumber.DIRECT
    assert climb.tier1.watches == 1


@pytest.mark.parametrize("delays", [(0.0, 0.001), (0.001, 0.0), (0.01, 0.0101), (0.0101, 0.01)])
async def test_whoever_comes_first_only_one_acts(delays: tuple[float, float]) -> None:
    """H-6."""
    climb = climbing(seconds=1.0)
    climb.tier2.finds, climb.tier1.watching = [later(delays[0])], later(delays[1])
    assert (await climb.run()).performed
    assert climb.acts == 1


# --- late elements (H-9) ----------------------------------------------------------------------------------


def later(seconds: float):  # type: ignore[no-untyped-def]
    async def finds(_: StepCall) -> Found:
        await asyncio.sleep(seconds)
        return found()

    return finds


async def test_a_late_element_is_tier_1s_while_tier_2_searches() -> None:
    """H-9."""
    climb = climbing(seconds=2.0)
    climb.tier2.finds, climb.tier1.watching = [never], later(0.1)
    outcome = await climb.run()
    assert outcome.performed
    assert outcome.performed.found.tier is TierNumber.DIRECT
    assert climb.tier2.acted_calls == 0


async def test_an_element_that_appeared_while_tier_2_found_another_way_is_tier_1s() -> None:
    """H-9: before a heal acts, tier 1 looks once more."""
    climb = climbing(K.NOT_FOUND, None)
    climb.tier1.glimpse = found(TierNumber.DIRECT)
    outcome = await climb.run()
    assert outcome.performed
    assert outcome.performed.found.tier is TierNumber.DIRECT
    assert [(int(a.tier), a.success) for a in outcome.attempts] == [(1, False), (2, False), (1, True)]
    assert climb.tier2.acted_calls == 0


async def test_a_late_element_is_tier_1s_after_all_tiers_missed() -> None:
    """H-9: tier 1 watches until its own timeout."""
    climb = climbing(seconds=2.0)
    climb.tier1.watching = later(0.2)
    outcome = await climb.run()
    assert outcome.performed
    assert outcome.performed.found.tier is TierNumber.DIRECT
    assert climb.seen.tiers == [1, 2, 3, 1]


async def test_only_at_tier_1s_timeout_has_the_step_failed() -> None:
    """H-9."""
    climb = climbing(seconds=0.3)
    started = time.monotonic()
    outcome = await climb.run()
    assert outcome.error
    assert 0.25 < time.monotonic() - started < 1


async def test_a_change_of_the_page_lets_tier_2_search_again_without_paid_models() -> None:
    """H-9: a renamed element that appears late; the searches that brought nothing are not on record."""
    climb = climbing(seconds=2.0)
    frugal: list[bool] = []

    async def nothing_yet(call: StepCall) -> Miss:
        frugal.append(call.frugal)
        return miss(K.NOT_FOUND)

    async def there(call: StepCall) -> Found:
        frugal.append(call.frugal)
        return found()

    climb.tier2.finds = [nothing_yet, nothing_yet, there]
    running = asyncio.create_task(climb.run())
    for _ in range(2):
        await asyncio.sleep(0.1)
        climb.session.change.set()
    outcome = await running
    assert outcome.performed
    assert outcome.performed.found.tier is TierNumber.HYBRID
    assert frugal == [False, True, True]
    assert [int(a.tier) for a in outcome.attempts] == [1, 2, 3, 2]


async def test_a_late_find_whose_act_is_refused_does_not_act_again() -> None:
    climb = climbing(seconds=0.5)
    climb.tier1.watching = later(0.05)
    climb.tier1.acts = [StepError(K.COVERED, "covered by a wall")]
    outcome = await climb.run()
    assert outcome.error
    assert outcome.error.kind is K.COVERED
    assert climb.acts == 1


async def test_an_expectation_that_tier_2_met_is_judged_once() -> None:
    climb = climbing(K.NOT_FOUND, None, action=Action.EXPECT, seconds=1.0)
    climb.tier1.watching = later(0.0)
    assert (await climb.run()).performed
    assert climb.acts == 1


# --- optional steps (H-7) ---------------------------------------------------------------------------------


async def test_an_optional_step_that_is_not_found_is_skipped_and_asks_no_model() -> None:
    """H-7."""
    climb = climbing(optional=True, seconds=5.0)
    only: list[bool] = []

    async def asked(call: StepCall) -> Miss:
        only.append(call.cache_only)
        return miss(K.NOT_FOUND)

    climb.tier2.finds = [asked]
    started = time.monotonic()
    outcome = await climb.run()
    assert outcome.skipped
    assert only == [True]
    assert climb.tier3.found_calls == 0
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("kind", [K.AMBIGUOUS, K.HIDDEN, K.COVERED, K.DISABLED, K.NAVIGATION, K.MISMATCH])
async def test_an_optional_step_that_fails_in_another_way_fails(kind: ErrorKind) -> None:
    """H-7: any other kind fails."""
    climb = climbing(kind, None, None, optional=True)
    outcome = await climb.run()
    assert not outcome.skipped
    assert outcome.error
    assert outcome.error.kind is kind
    assert climb.tier2.found_calls == 0


async def test_an_optional_step_whose_cached_element_cannot_be_used_fails() -> None:
    """H-7: the cache knew the element, and it was there: that is not "not found"."""
    climb = climbing(K.NOT_FOUND, None, optional=True)
    climb.tier2.acts = [StepError(K.COVERED, "covered by a wall")]
    outcome = await climb.run()
    assert not outcome.skipped
    assert outcome.error
    assert outcome.error.kind is K.COVERED


# --- cancelling -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["tier 1 finds", "tier 1 acts", "tier 2 finds", "tier 3 acts", "the last watch"])
async def test_a_cancelled_step_ends_at_once_and_leaves_nothing_running(where: str) -> None:
    climb = hanging(where)
    before = asyncio.all_tasks()
    running = asyncio.create_task(climb.run())
    await asyncio.sleep(0.05)
    started = time.monotonic()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert time.monotonic() - started < 0.5
    assert asyncio.all_tasks() <= before | {running}


def hanging(where: str) -> Climbing:
    async def acts(_: StepCall, token: DispatchToken) -> None:
        await token.take("it")
        await never()

    def tier(number: TierNumber, name: str, miss_kind: ErrorKind | None) -> ScriptedTier:
        finds = [never] if where == f"{name} finds" else [found() if miss_kind is None else miss(miss_kind)]
        return ScriptedTier(number, finds, [acts] if where == f"{name} acts" else [None])

    first = None if where == "tier 1 acts" else K.NOT_FOUND
    third = None if where == "tier 3 acts" else K.NOT_FOUND
    return Climbing(
        tier(TierNumber.DIRECT, "tier 1", first),
        tier(TierNumber.HYBRID, "tier 2", K.NOT_FOUND),
        tier(TierNumber.AI, "tier 3", third),
        seconds=20.0,
    )


async def test_a_bug_in_a_tier_is_not_healed() -> None:
    """Anything that is not a StepError is a bug: it ends the run as `error` and no tier continues."""

    async def buggy(_: StepCall) -> Found:
        raise ZeroDivisionError

    for climb in (climbing(), climbing()):
        climb.tier2.finds = [buggy]
        with pytest.raises(ZeroDivisionError):
            await climb.run()
        assert climb.acts == 0
