"""Tier 2: something else finds the element (the cache, the embedded ranker, a model), Playwright acts."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from tierwright.core.dispatch import DispatchToken
from tierwright.core.errors import StepError
from tierwright.core.results import CacheOutcome, ErrorKind, Failure
from tierwright.core.steps import Action
from tierwright.core.strategy import TierNumber
from tierwright.core.tier import Found, Miss, Performed, StepCall
from tierwright.page.perform import perform
from tierwright.page.problem import problem_of
from tierwright.page.session import PageSession


class Extractor(Protocol):
    """Finds a step's element anew (xpath/extractor.py)."""

    async def extract(self, call: StepCall, *, tier: TierNumber, forced: bool) -> Found | Miss:
        """The element with robust locators, or why none."""
        ...


class Recall(Protocol):
    """Finds a step's element where it was found before (xpath/recall.py)."""

    async def find(self, call: StepCall) -> Found | CacheOutcome:
        """The element, or `miss` or `invalid`."""
        ...


class Tier2HybridExecutor:
    """Asks the cache, then the extractor; acts through Playwright like tier 1."""

    number = TierNumber.HYBRID

    def __init__(self, session: PageSession, recall: Recall, extractor: Extractor) -> None:
        self._session = session
        self._recall = recall
        self._extractor = extractor

    async def find(self, call: StepCall) -> Found | Miss:
        """The step's element, found without its selector. Nothing heals while the page is loading (H-8)."""
        if not call.step.needs_element:
            return self._miss(ErrorKind.NOT_FOUND, "the step has no element to look for")
        recalled = await self._recall.find(call) if call.step.action is not Action.DRAG else CacheOutcome.NONE
        if isinstance(recalled, Found):
            return recalled
        if call.cache_only:
            return self._miss(ErrorKind.NOT_FOUND, "the cache does not know it", recalled)
        settled = await self._session.settled(call.deadline)
        problem = await problem_of(self._session, call.deadline)
        if problem:
            return Miss(tier=self.number, error=problem, cache=recalled)
        try:
            outcome = await self._extractor.extract(call, tier=self.number, forced=settled.forced)
        except StepError as error:
            return Miss(tier=self.number, error=error.failure, cache=recalled)
        return replace(outcome, cache=recalled)

    async def act(self, call: StepCall, found: Found, token: DispatchToken) -> Performed:
        """Act with Playwright and verify. Raises StepError."""
        return await perform(call, self._session, found, token, "tier 2")

    def _miss(self, kind: ErrorKind, message: str, cache: CacheOutcome = CacheOutcome.NONE) -> Miss:
        return Miss(tier=self.number, error=Failure(kind, message), cache=cache)
