"""What a try remembers: baselines of passed steps, cache entries of relocated ones (H-12, H-16, H-21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tierwright.core.deadline import Clock
from tierwright.core.effects import FOCUS, FOCUS_IS_NEWS
from tierwright.core.identity import Fingerprint
from tierwright.core.keys import cache_key
from tierwright.core.ports import Baseline, BaselineKey, BaselineStore, CacheEntry, CacheKey, Known
from tierwright.core.results import CacheOutcome
from tierwright.core.strategy import TierNumber
from tierwright.core.tier import Found, Performed, StepCall
from tierwright.core.verdicts import CONTRACT_GREENS, is_heal, learns_others
from tierwright.xpath.cache import RunCache, templated


@dataclass(frozen=True, slots=True)
class _Learned:
    """What a passed step taught; kept or dropped when the try ends."""

    key: BaselineKey
    old: Baseline | None
    fingerprint: Fingerprint
    effects: frozenset[str]
    first_find: bool


@dataclass(slots=True)
class TryMemory:
    """The memory of one try, in front of the baseline store and the run's view of the cache.

    `keep_all` writes baselines that did not change too, for a lock file that is to be updated. `unprovoked` is what
    the page did while steps only looked, such as polling: no step's contract may hold it (H-16).
    """

    baselines: BaselineStore
    cache: RunCache
    clock: Clock
    keep_all: bool = False
    known: Mapping[BaselineKey, Known] = field(default_factory=dict)
    learned: list[_Learned] = field(default_factory=list)
    unprovoked: set[str] = field(default_factory=set)

    async def begin(self, keys: Sequence[BaselineKey]) -> None:
        """Fetch what is known of a try's steps, in one go: a step waits for no database."""
        self.known = await self.baselines.known(keys)

    def recall(self, key: BaselineKey) -> Known:
        """What was known of a step when the try began."""
        return self.known.get(key, Known())

    async def performed(self, call: StepCall, performed: Performed) -> None:
        """A step was verified: earlier provisional entries are confirmed, its own way is remembered (H-21, H-23)."""
        found = performed.found
        await self.cache.verified(call.index)
        if found.tier is TierNumber.DIRECT or found.fingerprint is None:
            return
        key = cache_key(call.project, call.written, found.fingerprint.page_path)
        if found.cache is CacheOutcome.HIT:
            await self.cache.validated(key)
        elif found.alternatives:
            await self.cache.remember(call.index, _entry(call, found, key))

    async def closed(self, call: StepCall, performed: Performed, effects: frozenset[str]) -> None:
        """A passed step's effects are known: learn from it, unless it was healed (H-12)."""
        found = performed.found
        if call.step.judges:
            self.unprovoked |= effects
        if found.fingerprint is not None and not is_heal(call, found):
            first_find = found.tier is not TierNumber.DIRECT and call.baseline is None
            caused = frozenset() if call.step.judges else _telling(effects, found.fingerprint)
            self.learned.append(_Learned(call.baseline_key, call.baseline, found.fingerprint, caused, first_find))

    async def finish(self, *, green: bool) -> None:
        """The try ended. Contracts are what green tries have in common; a first find counts only when green."""
        await self.cache.finish(green)
        learned, self.learned = self.learned, []
        fresh = {i.key: self._baseline(i, green=green) for i in learned if green or not i.first_find}
        old = {i.key: i.old for i in learned}
        await self.baselines.put_all({k: b for k, b in fresh.items() if self.keep_all or _tells_more(old[k], b)})

    def _baseline(self, item: _Learned, *, green: bool) -> Baseline:
        old = item.old
        fresh = Baseline(item.key.digest, _with_others(item), frozenset(), 0, self.clock.now())
        if not green:
            return replace(fresh, contract=old.contract, greens=old.greens) if old else fresh
        effects = item.effects - self.unprovoked
        if old is None or old.greens == 0:
            return replace(fresh, contract=effects, greens=1)
        return replace(fresh, contract=old.contract & effects, greens=old.greens + 1)


@dataclass(frozen=True, slots=True)
class ReadOnlyMemory:
    """What is remembered, for a try that must teach nothing."""

    memory: TryMemory

    async def begin(self, keys: Sequence[BaselineKey]) -> None:
        """Fetch what is known of a try's steps."""
        await self.memory.begin(keys)

    def recall(self, key: BaselineKey) -> Known:
        """What was known of a step when the try began."""
        return self.memory.recall(key)

    async def performed(self, call: StepCall, performed: Performed) -> None:
        """Nothing is remembered."""

    async def closed(self, call: StepCall, performed: Performed, effects: frozenset[str]) -> None:
        """Nothing is learned."""

    async def finish(self, *, green: bool) -> None:
        """There is nothing to keep."""


def _telling(effects: frozenset[str], used: Fingerprint) -> frozenset[str]:
    """The effects without the focus that a field, or the label of one, takes by being used."""
    return effects if used.role in FOCUS_IS_NEWS else effects - {FOCUS}


def _with_others(item: _Learned) -> Fingerprint:
    """The element as it is now; what else its page shows from an earlier run, where this one did not look."""
    if item.fingerprint.others or item.old is None:
        return item.fingerprint
    return replace(item.fingerprint, others=item.old.fingerprint.others)


def _tells_more(old: Baseline | None, fresh: Baseline) -> bool:
    """Whether a baseline is worth a write: after two greens, one more that says the same is not."""
    if old is None:
        return True
    counted = min(old.greens, CONTRACT_GREENS) != min(fresh.greens, CONTRACT_GREENS)
    differs = counted or old.contract != fresh.contract or old.fingerprint != fresh.fingerprint
    # Where nothing is kept of the page, because it is large or has no names, there is nothing to renew.
    renews = bool(fresh.fingerprint.others) and fresh.updated_at is not None and learns_others(old, fresh.updated_at)
    return differs or renews


def _entry(call: StepCall, found: Found, key: CacheKey) -> CacheEntry:
    assert found.fingerprint is not None
    entry = CacheEntry(key=key, locators=found.alternatives, xpath=found.xpath or "", fingerprint=found.fingerprint)
    return templated(entry, call.variables)
