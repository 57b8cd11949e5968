"""Finds a step's element on a page it no longer matches: the embedded ranker, then, if asked, a model (H-14, H-25)."""

from __future__ import annotations

from dataclasses import replace

from playwright.async_api import Frame

from tierwright.core.errors import StepError
from tierwright.core.identity import ElementLocator, Fingerprint, Query, Ranking
from tierwright.core.operable import others_of
from tierwright.core.phrases import parse_phrase
from tierwright.core.ports import Chooser
from tierwright.core.results import CacheOutcome, ErrorKind, Evidence, Failure
from tierwright.core.steps import Action
from tierwright.core.strategy import TierNumber
from tierwright.core.tier import Found, Miss, Observer, StepCall
from tierwright.page.direct import looks_like_selector
from tierwright.page.failures import reading
from tierwright.page.identify import (
    AGREE_ABOVE,
    DENY_BELOW,
    better_than,
    evidence_of,
    in_use,
    lasting,
    query_of,
    rank_in_place,
    snapshot_for,
    why_another,
)
from tierwright.page.locators import robust_locators
from tierwright.page.probe import playwright_selector, probe, resolve_frame
from tierwright.page.session import PageSession
from tierwright.page.snapshot import LiveSnapshot

MANY_MATCHES = 50
"""More matches than this say nothing about which is meant."""

_TAKE_HIDDEN = frozenset({Action.SCROLL, Action.UPLOAD})

TOSS_UP_ABOVE = 0.3
"""A runner-up that scores more than this makes the failure `ambiguous` rather than `not_found`."""


class XPathExtractorService:
    """Turns a step into an element and ranked robust locators for it, or into an honest "none of these"."""

    def __init__(self, session: PageSession, chooser: Chooser, observer: Observer | None = None) -> None:
        self._session = session
        self._chooser = chooser
        self._observer = observer

    async def extract(
        self, call: StepCall, *, tier: TierNumber, forced: bool, hidden_too: bool = False
    ) -> Found | Miss:
        """Rank the page's elements; ask the model where the ranker abstains. Raises ModelError and StepError.

        `hidden_too`: an element that is out of sight is found as well, by a tier that can reach it.
        """
        live = await snapshot_for(call, self._session, forced=forced)
        frame = await resolve_frame(call.page, call.step.frame, call.deadline)
        query = replace(
            query_of(call), among=await self._matched(call, live, frame), frame=live.path_of(frame) if frame else ()
        )
        ranking = self._ranked(call, live, query, frame)
        evidence = evidence_of(ranking, live.snapshot, "local")
        if ranking.chosen is not None:
            return await self._found(call, live, ranking, evidence, tier, hidden_too=hidden_too)
        observed = await self._observed(call, live, ranking, frame)
        if observed is not None:
            asked = replace(ranking, chosen=observed)
            seen = replace(evidence, source="observe")
            return await self._found(call, live, asked, seen, tier, hidden_too=hidden_too)
        return self._none(ranking, evidence, tier)

    def _ranked(self, call: StepCall, live: LiveSnapshot, query: Query, frame: Frame | None) -> Ranking:
        """The ranking; where the best are look-alikes that stand elsewhere, that of the others (H-14)."""
        return rank_in_place(self._chooser, query, live.snapshot, lambda i: why_another(call, live, i, frame))

    async def _matched(self, call: StepCall, live: LiveSnapshot, frame: Frame | None) -> frozenset[int]:
        """Where the selector matches several, only those are in question: the page says they are what is meant."""
        if not call.step.selector or frame is None:
            return frozenset()
        seen = await probe(frame, call.step.selector, unexpand=call.variables.unexpand)
        if not 2 <= seen.count <= MANY_MATCHES:
            return frozenset()
        with reading("the matches"):
            handles = await frame.query_selector_all(playwright_selector(call.step.selector))
            meant = [await live.index_of(frame, handle) for handle in handles]
        return frozenset(i for i in meant if i is not None)

    async def _observed(self, call: StepCall, live: LiveSnapshot, ranking: Ranking, frame: Frame | None) -> int | None:
        """The model's choice as one of the snapshot's candidates, refused where something better speaks against it."""
        if self._observer is None or call.frugal:
            return None
        observed = await self._observer.observe(call)
        if observed is None:
            return None
        with reading("the element that the model chose"):
            index = await live.index_of(observed.frame, observed.element)
        if index is None:
            return None
        seen = live.snapshot.candidates[index].fingerprint
        if seen.key in call.rejected or better_than(ranking, index, live.snapshot):
            return None
        if why_another(call, live, index, frame):
            return None
        known = call.known
        return None if known and self._chooser.similarity(known, seen) < DENY_BELOW else index

    async def _found(
        self,
        call: StepCall,
        live: LiveSnapshot,
        ranking: Ranking,
        evidence: Evidence,
        tier: TierNumber,
        *,
        hidden_too: bool,
    ) -> Found | Miss:
        assert ranking.chosen is not None
        candidate = live.snapshot.candidates[ranking.chosen]
        if not (candidate.visible or hidden_too or call.step.judges or call.step.action in _TAKE_HIDDEN):
            hidden = Failure(ErrorKind.HIDDEN, f"the element is at {candidate.xpath}, but not visible")
            return Miss(tier=tier, error=hidden, evidence=evidence, cache=CacheOutcome.MISS)
        kept = await self._locators(call, live, ranking.chosen)
        seen = _with_others(call, live, candidate.fingerprint)
        return Found(
            tier=tier,
            locator=in_use(kept[0], call.variables),
            durable=kept[0],
            target=await self._target(call, live) if call.step.action is Action.DRAG else None,
            alternatives=kept,
            fingerprint=seen,
            xpath=candidate.xpath,
            cache=CacheOutcome.MISS,
            confidence=ranking.confidence,
            margin=ranking.margin,
            evidence=evidence,
            agrees=call.known is not None
            and self._chooser.similarity(lasting(call.known, call), lasting(seen, call)) >= AGREE_ABOVE,
        )

    async def _locators(self, call: StepCall, live: LiveSnapshot, index: int) -> tuple[ElementLocator, ...]:
        candidate = live.snapshot.candidates[index]
        with reading("the element that was chosen"):
            frame, handle = await live.element(index)
            locators = await robust_locators(frame, handle, candidate.fingerprint, unexpand=call.variables.unexpand)
        if not locators:
            raise StepError(ErrorKind.STALE, f"{candidate.xpath} went away while locators were made for it")
        return without_expected(locators, call)

    async def _target(self, call: StepCall, live: LiveSnapshot) -> ElementLocator:
        """The second element of a drag: ranked like the first, by its own selector or words."""
        target = call.step.target or ""
        is_selector = looks_like_selector(target)
        query = Query(
            action=Action.HOVER,
            instruction="" if is_selector else target,
            phrase=None if is_selector else parse_phrase(target),
            selector=target if is_selector else None,
        )
        if is_selector:
            frame = await resolve_frame(call.page, call.step.frame, call.deadline)
            seen = await probe(frame, target, unexpand=call.variables.unexpand) if frame else None
            if seen and seen.count == 1:
                return ElementLocator(target, call.step.frame)
        ranking = self._chooser.rank(query, live.snapshot)
        if ranking.chosen is None:
            raise StepError(ErrorKind.NOT_FOUND, f"where to drag it, `{target}`, was not found: {ranking.why_not}")
        return in_use((await self._locators(call, live, ranking.chosen))[0], call.variables)

    def _none(self, ranking: Ranking, evidence: Evidence, tier: TierNumber) -> Miss:
        kind = ErrorKind.AMBIGUOUS if _is_toss_up(ranking) else ErrorKind.NOT_FOUND
        words = ranking.why_not or "nothing on the page is the element that is meant"
        shown = "; ".join(f'{c.role} "{c.name}" ({c.score:.2f}) at {c.locator}' for c in evidence.candidates[:2])
        message = f"{words}; nearest: {shown}" if shown else words
        return Miss(tier=tier, error=Failure(kind, message), evidence=evidence, cache=CacheOutcome.MISS)


def without_expected(locators: tuple[ElementLocator, ...], call: StepCall) -> tuple[ElementLocator, ...]:
    """Locators of an expectation that do not find its element by the very text it is to show (H-17).

    Where every locator does, all stay: the element was chosen without that text.
    """
    expected = [text for text in (call.step.value, call.written.value) if text and call.step.judges]
    quoted = [f"{mark}{text}{mark}" for text in expected for mark in "\"'"]
    kept = tuple(place for place in locators if not any(text in place.selector for text in quoted))
    return kept or locators


def _with_others(call: StepCall, live: LiveSnapshot, seen: Fingerprint) -> Fingerprint:
    if not call.learns_others:
        return seen
    return replace(seen, others=others_of(live.snapshot.candidates, seen.frame_path))


def _is_toss_up(ranking: Ranking) -> bool:
    return len(ranking.best) > 1 and ranking.best[1].score > TOSS_UP_ABOVE
