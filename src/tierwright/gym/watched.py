"""Tiers that tell an observer before they act, so that what they found can be held against the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from tierwright.compose import Tiers
from tierwright.core.dispatch import DispatchToken
from tierwright.core.results import ErrorKind, Failure
from tierwright.core.strategy import TierNumber
from tierwright.core.tier import Found, Miss, Performed, StepCall, Tier, WatchingTier


class Observer(Protocol):
    """Who is told what a tier found, before it acts on it."""

    async def about_to_act(self, tier: TierNumber, call: StepCall, found: Found) -> None:
        """Note it; a StepError raised here keeps the tier from acting."""


def watched(tiers: Tiers, observer: Observer) -> Tiers:
    """These tiers, each of which tells the observer before it acts."""
    others: Mapping[TierNumber, Tier] = {n: WatchedTier(tier, observer) for n, tier in tiers.others.items()}
    return replace(tiers, direct=WatchedDirectTier(tiers.direct, observer), others=others)


class WatchedTier:
    """A tier that tells before it acts."""

    def __init__(self, tier: Tier, observer: Observer) -> None:
        self._tier = tier
        self._observer = observer

    @property
    def number(self) -> TierNumber:
        """The tier's own."""
        return self._tier.number

    async def find(self, call: StepCall) -> Found | Miss:
        """What the tier finds."""
        return await self._tier.find(call)

    async def act(self, call: StepCall, found: Found, token: DispatchToken) -> Performed:
        """Tell, then act. Raises what the observer or the tier raises."""
        await self._observer.about_to_act(self.number, call, found)
        return await self._tier.act(call, found, token)


class WatchedDirectTier(WatchedTier):
    """Tier 1, that tells before it acts."""

    def __init__(self, tier: WatchingTier, observer: Observer) -> None:
        super().__init__(tier, observer)
        self._direct = tier

    async def glance(self, call: StepCall) -> Found | None:
        """What tier 1 sees at once."""
        return await self._direct.glance(call)

    async def watch(self, call: StepCall) -> Found:
        """What tier 1 comes to see."""
        return await self._direct.watch(call)


@dataclass(frozen=True, slots=True)
class NoTier:
    """A tier that finds nothing, and says why."""

    number: TierNumber
    why: str

    async def find(self, _call: StepCall) -> Found | Miss:
        """Nothing."""
        return Miss(tier=self.number, error=Failure(ErrorKind.UNAVAILABLE, self.why))

    async def act(self, _call: StepCall, _found: Found, _token: DispatchToken) -> Performed:
        """Never called."""
        raise AssertionError("what finds nothing never acts")
