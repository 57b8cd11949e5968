"""One step up its tiers, under one deadline, with one act (healing.md, sections 2 and 3)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from tierwright.core.deadline import Clock, Deadline
from tierwright.core.dispatch import DispatchToken
from tierwright.core.errors import ESCALATING, REACHING, StepError
from tierwright.core.metering import Meter
from tierwright.core.results import Attempt, CacheOutcome, ErrorKind, Failure
from tierwright.core.steps import Action
from tierwright.core.strategy import TierNumber
from tierwright.core.tier import Found, Miss, Performed, StepCall, Tier, WatchingTier


class Witness(Protocol):
    """Hears what the tiers of one step do, as they do it."""

    async def tier_started(self, tier: TierNumber) -> None:
        """A tier begins to search, or to act on what it saw late."""
        ...

    async def about_to_act(self, found: Found) -> None:
        """A tier has found where to act, and does so next; until then the page is as it was."""
        ...

    async def attempt_ended(self, attempt: Attempt) -> None:
        """A try of a tier ended."""
        ...


OVERTIME_SECONDS = 1.0
"""What an act that ended by itself at its deadline may take to say why: what covers it, what the page says instead."""

TELLING = (
    ErrorKind.BUDGET,
    ErrorKind.HIDDEN,
    ErrorKind.AMBIGUOUS,
    ErrorKind.MISMATCH,
    ErrorKind.NOT_FOUND,
    ErrorKind.STALE,
    ErrorKind.MODEL,
    ErrorKind.UNAVAILABLE,
)
"""When every tier missed, the first of these kinds that one of them met names the failure."""


@dataclass(slots=True)
class Climb:
    """What one step's way up the tiers has gathered so far."""

    call: StepCall
    witness: Witness
    direct: WatchingTier
    tier1_deadline: Deadline
    token: DispatchToken = field(init=False)
    watcher: asyncio.Task[Found] | None = None
    attempts: list[Attempt] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)
    again: bool = False

    def __post_init__(self) -> None:
        self.token = DispatchToken(self.stop_watching)

    def watch(self) -> None:
        """Let tier 1 watch for a late element, unless it does already or somebody may act."""
        if self.watcher is None and not self.token.used:
            self.watcher = asyncio.create_task(self.direct.watch(self.call))

    async def stop_watching(self) -> None:
        """End tier 1's watch, and wait until it has ended (H-6)."""
        watcher, self.watcher = self.watcher, None
        await _end(watcher)

    def late_find(self) -> Found | None:
        """What the watch has found, handed out once; None while it still looks, and once somebody may act."""
        if self.watcher is None or not self.watcher.done() or self.token.used:
            return None
        watcher, self.watcher = self.watcher, None
        return watcher.result()

    async def started(self, tier: TierNumber) -> None:
        """Tell that a tier begins; a search made `again` is told of only when it helps."""
        if not self.again:
            await self.witness.tier_started(tier)

    async def record(self, attempt: Attempt, miss: Miss | None) -> None:
        """Keep an attempt and tell of it; a search made `again` counts only when it changed something."""
        if self.again and miss and miss.error.kind in ESCALATING and not self.token.used:
            return
        if miss:
            self.misses.append(miss)
        self.attempts.append(attempt)
        await self.witness.attempt_ended(attempt)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step's climb ended: it was performed, or why not; and every attempt on the way."""

    performed: Performed | None
    error: Failure | None
    attempts: tuple[Attempt, ...]
    skipped: bool = False


class ThreeTierExecutionService:
    """Runs one step up the tiers of its strategy. Knows tiers only by their port."""

    def __init__(self, direct: WatchingTier, others: Mapping[TierNumber, Tier], clock: Clock) -> None:
        self._direct = direct
        self._others = others
        self._clock = clock

    async def run_step(self, call: StepCall, witness: Witness) -> Outcome:
        """Find the step's element, act once, verify; never raises StepError, ends by the step's deadline."""
        limit = call.settings.timeout_seconds(TierNumber.DIRECT)
        climb = Climb(call, witness, self._direct, call.deadline.within(limit))
        try:
            async with call.deadline.earlier(-OVERTIME_SECONDS).timeout():
                return await self._climb(climb)
        except TimeoutError:
            return self._out_of_time(climb)
        except StepError as error:
            return Outcome(None, error.failure, tuple(climb.attempts))
        finally:
            await climb.stop_watching()

    async def _climb(self, climb: Climb) -> Outcome:
        first = await self._attempts(climb, self._direct, climb.call)
        if isinstance(first, Performed):
            return _passed(climb, first)
        if climb.call.step.optional:
            return await self._optional(climb, first)
        for number in climb.call.settings.fallback_strategy.tiers[1:]:
            if climb.token.used or not may_continue(climb.misses[-1].error.kind, number):
                continue
            performed = await self._escalate(climb, self._others[number], climb.call)
            if performed:
                return _passed(climb, performed)
        return await self._last_watch(climb)

    async def _optional(self, climb: Climb, first: Miss) -> Outcome:
        """Tier 1 and the cache only; not found on a settled page is skipped, anything else fails (H-7)."""
        last, hybrid = first, TierNumber.HYBRID
        if first.error.kind is ErrorKind.NOT_FOUND and hybrid in climb.call.settings.fallback_strategy.tiers:
            cached = await self._attempts(climb, self._others[hybrid], replace(climb.call, cache_only=True))
            if isinstance(cached, Performed):
                return _passed(climb, cached)
            last = cached
        skipped = last.error.kind is ErrorKind.NOT_FOUND and not climb.token.used
        return Outcome(None, first.error if skipped else last.error, tuple(climb.attempts), skipped=skipped)

    async def _escalate(self, climb: Climb, tier: Tier, call: StepCall) -> Performed | None:
        """Let a tier try while tier 1 keeps watching; whoever finds first, acts (H-9)."""
        climb.watch()
        task = asyncio.create_task(self._attempts(climb, tier, call))
        try:
            late = None
            while not (task.done() or late):
                await _first_of(task, climb.watcher)
                late = climb.late_find()
            if late and not (task.done() and isinstance(task.result(), Performed)):
                await _end(task)
                return await self._act_late(climb, late)
            outcome = await task
        finally:
            await _end(task)
        return outcome if isinstance(outcome, Performed) else None

    async def _last_watch(self, climb: Climb) -> Outcome:
        """All tiers missed: watch on until tier 1's own timeout, and search again when the page changes (H-9)."""
        while may_still_come(climb) and not climb.tier1_deadline.passed:
            late = await self._change_or_find(climb)
            performed = await self._act_late(climb, late) if late else await self._search_again(climb)
            if performed:
                return _passed(climb, performed)
        error = climb.misses[-1].error if climb.token.used else telling_failure(climb.misses)
        return Outcome(None, error, tuple(climb.attempts))

    async def _change_or_find(self, climb: Climb) -> Found | None:
        """Wait until tier 1 sees its element, or the page changes in another way."""
        climb.watch()
        change = asyncio.create_task(climb.call.session.wait_for_change(climb.tier1_deadline))
        try:
            await _first_of(change, climb.watcher)
        finally:
            await _end(change)
        return climb.late_find()

    async def _search_again(self, climb: Climb) -> Performed | None:
        """The page changed: ask the second tier once more, without paid models, on record only if it helps."""
        number = climb.call.settings.fallback_strategy.tiers[1]
        if climb.tier1_deadline.passed or not may_continue(climb.misses[0].error.kind, number):
            return None
        climb.again = True
        return await self._escalate(climb, self._others[number], replace(climb.call, frugal=True))

    async def _act_late(self, climb: Climb, late: Found) -> Performed | None:
        """Act on what tier 1 saw late, within a timeout of that tier and not the whole step's (H-5)."""
        limit = climb.call.settings.timeout_seconds(TierNumber.DIRECT)
        call = replace(climb.call, deadline=climb.call.deadline.within(limit))
        await climb.witness.tier_started(TierNumber.DIRECT)
        outcome = await self._act_and_record(climb, self._direct, call, late)
        return outcome if isinstance(outcome, Performed) else None

    async def _attempts(self, climb: Climb, tier: Tier, call: StepCall) -> Performed | Miss:
        """One tier with its retries, under its own timeout (H-5)."""
        call = replace(call, deadline=call.deadline.within(call.settings.timeout_seconds(tier.number)))
        await climb.started(tier.number)
        for _ in range(call.settings.max_retries_per_tier):
            outcome = await self._find_and_act(climb, tier, call)
            if isinstance(outcome, Performed) or climb.token.used or not retryable(outcome, call):
                return outcome
        return await self._find_and_act(climb, tier, call)

    async def _find_and_act(self, climb: Climb, tier: Tier, call: StepCall) -> Performed | Miss:
        started, call = self._clock.monotonic(), replace(call, meter=Meter())
        try:
            async with call.deadline.timeout():
                found = await tier.find(call)
        except TimeoutError:
            found = Miss(tier=tier.number, error=Failure(ErrorKind.NOT_FOUND, f"tier {tier.number} ran out of time"))
        except StepError as error:
            found = Miss(tier=tier.number, error=error.failure)
        except asyncio.CancelledError:
            overtaken = Failure(ErrorKind.NOT_FOUND, "the search was stopped before it found anything")
            await self._record(climb, call, tier, started, Miss(tier=tier.number, error=overtaken))
            raise
        if isinstance(found, Miss):
            return await self._record(climb, call, tier, started, found)
        late = await self._came_meanwhile(climb, tier, call, found, started)
        if late:
            return await self._act_and_record(climb, self._direct, call, late)
        return await self._act_and_record(climb, tier, call, found, started)

    async def _came_meanwhile(
        self, climb: Climb, tier: Tier, call: StepCall, found: Found, started: float
    ) -> Found | None:
        """The step's own element, where it appeared while another tier searched: then nothing needs healing (H-9)."""
        if tier.number is TierNumber.DIRECT:
            return None
        late = await self._direct.glance(call)
        if late:
            words = "the step's own element appeared while it searched"
            await self._record(climb, call, tier, started, _missed(tier, found, Failure(ErrorKind.NOT_FOUND, words)))
        return late

    async def _act_and_record(
        self, climb: Climb, tier: Tier, call: StepCall, found: Found, started: float | None = None
    ) -> Performed | Miss:
        started = self._clock.monotonic() if started is None else started
        outcome: Performed | Miss
        try:
            async with call.deadline.earlier(-OVERTIME_SECONDS).timeout():
                await climb.witness.about_to_act(found)
                outcome = await tier.act(call, found, climb.token)
        except TimeoutError:
            outcome = _missed(tier, found, _timed_out(climb.token, tier))
        except StepError as error:
            outcome = _missed(tier, found, error.failure)
        except asyncio.CancelledError:
            stopped = _missed(tier, found, _stopped(climb.token))
            await self._record(climb, call, tier, started, stopped, found)
            raise
        return await self._record(climb, call, tier, started, outcome, found)

    async def _record(
        self,
        climb: Climb,
        call: StepCall,
        tier: Tier,
        started: float,
        outcome: Performed | Miss,
        found: Found | None = None,
    ) -> Performed | Miss:
        miss = outcome if isinstance(outcome, Miss) else None
        shown = outcome.found if isinstance(outcome, Performed) else found
        source = shown or miss
        attempt = Attempt(
            tier=tier.number,
            ordinal=len(climb.attempts) + 1,
            success=miss is None,
            duration_ms=(self._clock.monotonic() - started) * 1000,
            error=miss.error if miss else None,
            cache=source.cache if source else CacheOutcome.NONE,
            locator=str(shown.locator) if shown and shown.locator else None,
            tokens=call.meter.tokens,
            cost_usd=call.meter.cost_usd,
            evidence=source.evidence if source else None,
        )
        await climb.record(attempt, miss)
        return outcome

    def _out_of_time(self, climb: Climb) -> Outcome:
        if climb.token.used:
            error = Failure(
                ErrorKind.UNVERIFIED, "the action was sent, and its effect did not show before the deadline"
            )
        elif climb.misses:
            error = telling_failure(climb.misses)
        else:
            error = Failure(ErrorKind.NOT_FOUND, "the step's deadline came before its element was found")
        return Outcome(None, error, tuple(climb.attempts))


def may_continue(kind: ErrorKind, tier: TierNumber) -> bool:
    """Whether a failure of this kind lets this tier try: the table of healing.md, section 2."""
    return kind in ESCALATING or (kind in REACHING and tier is TierNumber.AI)


def retryable(miss: Miss, call: StepCall) -> bool:
    """Whether a tier may try again by itself: stale, model, and navigation of navigate and reload (H-5)."""
    kind = miss.error.kind
    if kind is ErrorKind.NAVIGATION:
        return call.step.action in {Action.NAVIGATE, Action.RELOAD}
    return kind in {ErrorKind.STALE, ErrorKind.MODEL}


def telling_failure(misses: list[Miss]) -> Failure:
    """One failure for all the tiers that missed: the most telling kind, with every tier's own words."""
    final = [m for m in misses if m.error.kind not in TELLING]
    if final:
        return final[-1].error
    kind = next(kind for kind in TELLING if any(m.error.kind is kind for m in misses))
    return Failure(kind, _told_together(misses))


def _told_together(misses: list[Miss]) -> str:
    """Every tier's own words, those that several share only once."""
    tiers: dict[str, list[str]] = {}
    for miss in misses:
        said = tiers.setdefault(miss.error.message, [])
        if str(miss.tier) not in said:
            said.append(str(miss.tier))
    if len(tiers) == 1:
        return misses[0].error.message
    return "; ".join(f"tier{'s' if len(by) > 1 else ''} {' and '.join(by)}: {words}" for words, by in tiers.items())


def may_still_come(climb: Climb) -> bool:
    """Whether a late element may still save the step: nobody acted, and nothing happened that ends it."""
    if climb.token.used or any(miss.final for miss in climb.misses):
        return False
    return telling_failure(climb.misses).kind in ESCALATING | REACHING


def _missed(tier: Tier, found: Found, error: Failure) -> Miss:
    return Miss(tier=tier.number, error=error, cache=found.cache, evidence=found.evidence)


def _stopped(token: DispatchToken) -> Failure:
    if token.used:
        return Failure(ErrorKind.UNVERIFIED, "it was stopped while it acted")
    return Failure(ErrorKind.NOT_FOUND, "it was stopped before it acted")


def _timed_out(token: DispatchToken, tier: Tier) -> Failure:
    if token.used:
        return Failure(ErrorKind.UNVERIFIED, "the action was sent, and its effect did not show in time")
    return Failure(ErrorKind.NOT_FOUND, f"tier {tier.number} ran out of time before it could act")


def _passed(climb: Climb, performed: Performed) -> Outcome:
    return Outcome(performed, None, tuple(climb.attempts))


async def _first_of(task: asyncio.Task[object], watcher: asyncio.Task[Found] | None) -> None:
    waiting: set[asyncio.Task[object]] = {task} | ({watcher} if watcher else set())
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)


async def _end(task: asyncio.Task[object] | asyncio.Task[Found] | None) -> None:
    """Cancel a task and wait for its end; its error, if any, is not ours."""
    if task is None:
        return
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()
