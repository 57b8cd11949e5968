"""Tries a remembered way to an element: a hit is exactly one element whose identity agrees (H-22)."""

from __future__ import annotations

from dataclasses import replace

from tierwright.core.identity import ElementLocator, Fingerprint
from tierwright.core.keys import cache_key
from tierwright.core.ports import CacheEntry, Chooser
from tierwright.core.results import CacheOutcome, Evidence
from tierwright.core.steps import Action
from tierwright.core.strategy import TierNumber
from tierwright.core.tier import Found, StepCall
from tierwright.page.identify import AGREE_ABOVE, lasting, phrase_as_read
from tierwright.page.probe import Match, probe, resolve_frame
from tierwright.page.session import PageSession
from tierwright.page.surroundings import leads_by_place, stands_as_asked, stands_as_before
from tierwright.xpath.cache import RunCache, expanded

CLEARLY_ANOTHER = 0.35
"""Similarity to the remembered fingerprint under which one look is enough to evict the entry (H-23)."""


class CacheRecall:
    """Looks a step up in the cache and checks on the page that the entry still holds."""

    def __init__(self, session: PageSession, chooser: Chooser, cache: RunCache) -> None:
        self._session = session
        self._chooser = chooser
        self._cache = cache

    async def find(self, call: StepCall) -> Found | CacheOutcome:
        """The element the cache remembers, or why not: `miss`, or `invalid` for an entry that does not hold."""
        key = cache_key(call.project, call.written, call.session.page_path)
        entry = await (self._cache.peek(key) if call.frugal else self._cache.lookup(key))
        remembered = expanded(entry, call.variables) if entry else None
        if entry is None or remembered is None or remembered.fingerprint.key in call.rejected:
            return CacheOutcome.MISS
        found = await self._resolve(call, entry, remembered)
        if found is not None:
            return found
        settled = await self._session.settled(call.deadline)
        found = await self._resolve(call, entry, remembered)
        if found is None and not (settled.forced or call.frugal):
            await self._cache.validation_failed(key)
        return found or CacheOutcome.INVALID

    async def _resolve(self, call: StepCall, entry: CacheEntry, remembered: CacheEntry) -> Found | None:
        """The first of the ways that leads to exactly one element that agrees; a clearly other one evicts."""
        for locator, kept in zip(remembered.locators, entry.locators, strict=False):
            match = await self._match(call, locator)
            if match is None or not (match.visible or call.step.judges or call.step.action is Action.UPLOAD):
                continue
            likeness = self._chooser.similarity(lasting(entry.fingerprint, call), lasting(match.fingerprint, call))
            if likeness < CLEARLY_ANOTHER:
                await self._cache.mismatch(entry.key)
                return None
            if likeness >= AGREE_ABOVE and _stands_there(call, locator, entry.fingerprint, match):
                hit = _hit(entry, locator, match, likeness, agrees=self._agrees(call, match))
                return replace(hit, durable=kept)
        return None

    def _agrees(self, call: StepCall, match: Match) -> bool:
        return (
            call.known is not None
            and self._chooser.similarity(lasting(call.known, call), lasting(match.fingerprint, call)) >= AGREE_ABOVE
        )

    async def _match(self, call: StepCall, locator: ElementLocator) -> Match | None:
        """The one element at a remembered place; None for none or several."""
        frame = await resolve_frame(call.page, locator.frame, call.deadline)
        if frame is None:
            return None
        seen = await probe(
            frame,
            locator.selector,
            unexpand=call.variables.unexpand,
            page_path=call.session.page_path,
            frame_path=locator.frame,
        )
        return seen.first if seen.count == 1 else None


def _stands_there(call: StepCall, locator: ElementLocator, known: Fingerprint, match: Match) -> bool:
    """Whether the match is where the entry's element was; a neighbour in the next row has the same name and kind."""
    seen = match.fingerprint
    kept = not leads_by_place(locator) or stands_as_before(known, seen)
    return kept and stands_as_asked(phrase_as_read(call.phrase, call.variables), known, seen)


def _hit(entry: CacheEntry, locator: ElementLocator, match: Match, likeness: float, *, agrees: bool) -> Found:
    reasons = (f"remembered since an earlier run, likeness {likeness:.2f}",)
    return Found(
        tier=TierNumber.HYBRID,
        locator=locator,
        fingerprint=match.fingerprint,
        xpath=match.xpath,
        cache=CacheOutcome.HIT,
        confidence=likeness,
        alternatives=entry.locators,
        evidence=Evidence(reasons=reasons, source="cache"),
        agrees=agrees,
    )
