"""Tier 1: Playwright with the step's own selector, or with what its sentence says exactly. Deterministic, free."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from playwright.async_api import Frame

from tierwright.core.dispatch import DispatchToken
from tierwright.core.errors import StepError
from tierwright.core.identity import ElementLocator, Fingerprint, Query
from tierwright.core.phrases import parse_phrase
from tierwright.core.ports import Chooser
from tierwright.core.results import CHANGED, ErrorKind, Evidence, Failure, Notice
from tierwright.core.steps import Action, Condition
from tierwright.core.strategy import TierNumber
from tierwright.core.tier import Found, Miss, Performed, StepCall
from tierwright.page.direct import direct_selectors, target_selectors
from tierwright.page.failures import is_bad_selector, reading
from tierwright.page.identify import JUDGING_WORDS, evidence_of, lasting, query_of, snapshot_for
from tierwright.page.perform import perform
from tierwright.page.probe import Match, Probe, path_as_read, probe, resolve_frame
from tierwright.page.problem import problem_of
from tierwright.page.session import PageSession

LOOK_SECONDS = 0.1
"""The longest pause between two looks at a page that does not report a change."""

BREATH_SECONDS = 0.03
"""The shortest pause between two looks, on a page that changes all the time."""

LAST_LOOK_SECONDS = 0.5
"""What is kept of tier 1's time for its last look, so that it ends with what it saw."""

HIDDEN_GRACE_SECONDS = 1.0
"""How long a settled page may still take to show a hidden element by itself, before tier 3 reaches for it."""

MISMATCH_BELOW = 0.35
"""Similarity to the baseline under which a match is suspected to be another element (H-10)."""

_CHECKABLE_ROLES = frozenset(
    {"checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio", "option", "treeitem", "button"}
)
_SELECTABLE_ROLES = frozenset({"combobox", "listbox", "button", "menu"})
_ABSENT = frozenset({Condition.HIDDEN, Condition.COUNT})


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at a page: what all the step's selectors match together."""

    count: int
    match: Match | None
    locator: ElementLocator | None
    error: str = ""


class Tier1PlaywrightExecutor:
    """Finds by the step's own selector, at once where it is there, soon where it is not (H-8, H-9)."""

    number = TierNumber.DIRECT

    def __init__(self, session: PageSession, chooser: Chooser) -> None:
        self._session = session
        self._chooser = chooser

    async def find(self, call: StepCall) -> Found | Miss:
        """Look until the element is there, or the page has settled without it. Never acts."""
        if not call.step.needs_element:
            return Found(tier=self.number)
        selectors = self._selectors(call)
        if not selectors:
            return self._miss(ErrorKind.NOT_FOUND, "the step has no selector, and its words are not exact enough")
        if call.step.judges and call.step.condition in _ABSENT:
            return await self._find_absent(call, selectors)
        return await self._look_until_settled(call, selectors)

    async def glance(self, call: StepCall) -> Found | None:
        """One look: the element if it is there and ready now."""
        selectors = self._selectors(call)
        if not selectors:
            return None
        with contextlib.suppress(StepError):
            outcome = await self._judge_look(call, await self._look(call, selectors), settled=False)
            return outcome if isinstance(outcome, Found) else None
        return None

    async def watch(self, call: StepCall) -> Found:
        """Return as soon as the element is there and ready; runs until cancelled (H-9)."""
        if not self._selectors(call):
            await asyncio.Event().wait()
        while True:
            await asyncio.gather(self._pause(call), asyncio.sleep(BREATH_SECONDS))
            found = await self.glance(call)
            if found:
                return found

    async def act(self, call: StepCall, found: Found, token: DispatchToken) -> Performed:
        """Act with Playwright, which waits for the element to be usable; verify. Raises StepError."""
        performed = await perform(call, self._session, found, token, "tier 1")
        if not call.step.judges or call.step.condition in _ABSENT or _looked_so(call, found):
            return performed
        return replace(performed, found=await self._as_judged(call, found))

    async def _as_judged(self, call: StepCall, found: Found) -> Found:
        """The element as it was when the expectation held: before, it may have been empty, hidden, or another text."""
        if found.locator is None:
            return found
        look = await self._look(call, [found.locator.selector])
        return replace(found, fingerprint=look.match.fingerprint, xpath=look.match.xpath) if look.match else found

    # --- looking ------------------------------------------------------------------------------------------

    def _selectors(self, call: StepCall) -> tuple[str, ...]:
        if call.step.selector:
            return (call.step.selector,)
        return direct_selectors(call.step, call.phrase)

    async def _look_until_settled(self, call: StepCall, selectors: Sequence[str]) -> Found | Miss:
        outcome = await self._judge_look(call, await self._look(call, selectors), settled=False)
        if isinstance(outcome, Found):
            return outcome
        settling = asyncio.create_task(self._session.settled(call.deadline))
        try:
            while True:
                settled = settling.done()
                outcome = await self._judge_look(call, await self._look(call, selectors), settled=settled)
                if isinstance(outcome, Found):
                    return outcome
                if settled:
                    return await self._after_settling(call, selectors, outcome)
                await asyncio.wait({settling}, timeout=LOOK_SECONDS)
        finally:
            settling.cancel()

    async def _after_settling(self, call: StepCall, selectors: Sequence[str], miss: Miss) -> Found | Miss:
        """A settled page that failed to load explains the miss; a hidden element gets a moment to show."""
        problem = await problem_of(self._session, call.deadline)
        if problem:
            return Miss(tier=self.number, error=problem)
        if miss.error.kind is not ErrorKind.HIDDEN:
            return miss
        reachable = TierNumber.AI in call.settings.fallback_strategy.tiers
        half = call.deadline.remaining_seconds / 2
        grace = call.deadline.within(min(HIDDEN_GRACE_SECONDS, half))
        limit = grace if reachable else call.deadline.earlier(min(LAST_LOOK_SECONDS, half))
        while not limit.passed:
            await self._pause(call)
            outcome = await self._judge_look(call, await self._look(call, selectors), settled=True)
            if isinstance(outcome, Found) or outcome.error.kind is not ErrorKind.HIDDEN:
                return outcome
        return miss

    async def _pause(self, call: StepCall) -> None:
        await self._session.wait_for_change(call.deadline.within(LOOK_SECONDS))

    async def _look(self, call: StepCall, selectors: Sequence[str]) -> _Look:
        frame = await self._frame(call)
        if frame is None:
            return _Look(0, None, None, f"the frame {' > '.join(call.step.frame)} is not there")
        looks = await asyncio.gather(*(self._probe(call, frame, selector) for selector in selectors))
        matching = [p for p in looks if p.first]
        if not matching:
            return _Look(0, None, None, next((p.error for p in looks if p.error), ""))
        first = matching[0]
        return _Look(
            sum(p.count for p in looks), first.first, ElementLocator(first.selector, call.step.frame), first.error
        )

    async def _frame(self, call: StepCall) -> Frame | None:
        with reading("the frame"):
            return await resolve_frame(call.page, call.step.frame, call.deadline)

    async def _probe(self, call: StepCall, frame: Frame, selector: str) -> Probe:
        with reading("the frame"):
            path = await path_as_read(frame, call.step.frame)
        return await probe(
            frame,
            selector,
            unexpand=call.variables.unexpand,
            page_path=call.session.page_path,
            frame_path=path,
            with_others=call.learns_others,
        )

    # --- what a look means --------------------------------------------------------------------------------

    async def _judge_look(self, call: StepCall, look: _Look, *, settled: bool) -> Found | Miss:
        """What a look means. While the page has not settled, an element unlike the known one may yet change."""
        shown = call.step.selector or call.step.instruction
        if look.match is None or look.locator is None:
            miss = self._miss(ErrorKind.NOT_FOUND, look.error or f"nothing matches `{shown}`")
            return replace(miss, final=is_bad_selector(look.error))
        unfit = _unfit(call.step.action, look.count, look.match)
        if unfit:
            return self._miss(unfit.kind, f"`{shown}` {unfit.message}")
        unlike = self._is_unlike(call, look.match)
        if unlike:
            if not settled:
                return self._miss(ErrorKind.MISMATCH, f"`{shown}` matches another element than before")
            other = await self._better_elsewhere(call, look.match)
            if other:
                return other
        if not look.match.visible and not call.step.judges and not _takes_hidden(call, look.match):
            return self._miss(ErrorKind.HIDDEN, f"`{shown}` is there, but not visible: {look.match.why_hidden}")
        return await self._found(call, look, (_changed(call, look.match),) if unlike and not call.step.judges else ())

    async def _found(self, call: StepCall, look: _Look, warnings: tuple[Notice, ...]) -> Found | Miss:
        target = None
        if call.step.action is Action.DRAG:
            target = await self._drag_target(call)
            if target is None:
                return self._miss(ErrorKind.NOT_FOUND, f"nothing matches `{call.step.target}`, where to drag it")
        match = look.match
        return Found(
            tier=self.number,
            locator=look.locator,
            target=target,
            fingerprint=match.fingerprint if match else None,
            xpath=match.xpath if match else None,
            usable=match is not None and is_usable(call.step.action, match),
            warnings=warnings,
        )

    async def _drag_target(self, call: StepCall) -> ElementLocator | None:
        target = call.step.target or ""
        look = await self._look(call, target_selectors(target, parse_phrase(target)))
        return look.locator if look.count == 1 else None

    def _is_unlike(self, call: StepCall, match: Match) -> bool:
        if call.known is None:
            return False
        return self._chooser.similarity(lasting(call.known, call), lasting(match.fingerprint, call)) < MISMATCH_BELOW

    async def _better_elsewhere(self, call: StepCall, match: Match) -> Miss | None:
        """The match is clearly not the element known; a miss where that one is clearly somewhere else (H-10)."""
        live = await snapshot_for(call, self._session)
        query = replace(query_of(call), selector=None, phrase=None, instruction="")
        ranking = self._chooser.rank(query, live.snapshot)
        chosen = live.snapshot.candidates[ranking.chosen] if ranking.chosen is not None else None
        if chosen is None or _place(chosen.xpath, chosen.fingerprint) == _place(match.xpath, match.fingerprint):
            return None
        shown = call.step.selector or call.step.instruction
        words = f"`{shown}` matches another element than before; the known one is now at {chosen.xpath}"
        return self._miss(ErrorKind.MISMATCH, words, evidence_of(ranking, live.snapshot, "tier 1"))

    # --- expectations of absence --------------------------------------------------------------------------

    async def _find_absent(self, call: StepCall, selectors: Sequence[str]) -> Found | Miss:
        """`hidden` and `count`: the selector is judged where it stands, never relocated to pass (H-18)."""
        look = await self._look(call, selectors)
        if look.count == 0:
            await self._session.settled(call.deadline.within(call.deadline.remaining_seconds / 2))
            look = await self._look(call, selectors)
        problem = await problem_of(self._session, call.deadline)
        if problem:
            return Miss(tier=self.number, error=problem)
        locator = ElementLocator(selectors[0], call.step.frame)
        found = Found(
            tier=self.number,
            locator=look.locator or locator,
            fingerprint=look.match.fingerprint if look.match else None,
        )
        absence = call.step.condition is Condition.HIDDEN or call.step.value == "0"
        if look.count or not absence:
            return found
        if call.moved:
            return replace(found, locator=call.moved)
        await self._refuse_if_elsewhere(call)
        return found if call.ever_seen else replace(found, warnings=(_never_seen(call),))

    async def _refuse_if_elsewhere(self, call: StepCall) -> None:
        if call.known is None:
            return
        live = await snapshot_for(call, self._session)
        ranking = self._chooser.rank(Query(action=Action.EXPECT, baseline=call.known), live.snapshot)
        if ranking.chosen is None or not live.snapshot.candidates[ranking.chosen].visible:
            return
        where = live.snapshot.candidates[ranking.chosen].xpath
        raise StepError(ErrorKind.EXPECTATION, f"expected it to be gone, but the known element is visible at {where}")

    def _miss(self, kind: ErrorKind, message: str, evidence: Evidence | None = None) -> Miss:
        return Miss(tier=self.number, error=Failure(kind, message), evidence=evidence)


def _unfit(action: Action, count: int, match: Match) -> Failure | None:
    """Why what a selector matches cannot be what is meant, in words that follow the selector."""
    if count > 1:
        return Failure(ErrorKind.AMBIGUOUS, f"matches {count} elements")
    if not can_take(action, match):
        return Failure(ErrorKind.MISMATCH, f"matches a <{match.tag}>, which cannot take {action}")
    return None


def can_take(action: Action, match: Match) -> bool:
    """Whether an element of this kind can take the action at all."""
    role, tag = match.fingerprint.role, match.tag
    if tag == "label" or match.editable:
        return True
    if action in {Action.FILL, Action.TYPE}:
        return tag in {"input", "textarea"} or (action is Action.TYPE and bool(role))
    if action in {Action.CHECK, Action.UNCHECK}:
        return match.type in {"checkbox", "radio"} or role in _CHECKABLE_ROLES
    if action is Action.SELECT:
        return tag == "select" or role in _SELECTABLE_ROLES
    return True


def is_usable(action: Action, match: Match) -> bool:
    """Whether a person could use the element now: visible, enabled, uncovered, and it takes what is written."""
    writable = match.editable or action not in {Action.FILL, Action.TYPE}
    return match.visible and match.enabled and writable and not match.covered_by


def _looked_so(call: StepCall, found: Found) -> bool:
    """Whether the element already looked as expected when it was found, so that its fingerprint is the right one."""
    seen = found.fingerprint
    if seen is None:
        return True
    shown = seen.box is not None and seen.box.height > 0
    if call.step.condition not in JUDGING_WORDS:
        return shown
    return shown and any(text and text in seen.text for text in (call.step.value, call.written.value))


def _place(xpath: str, seen: Fingerprint) -> tuple[str, tuple[str, ...]]:
    return xpath, seen.frame_path


def _takes_hidden(call: StepCall, match: Match) -> bool:
    """File fields are hidden behind their button nearly everywhere; scrolling brings an element into sight."""
    return (call.step.action is Action.UPLOAD and match.type == "file") or call.step.action is Action.SCROLL


def _changed(call: StepCall, match: Match) -> Notice:
    """The selector is the user's word, but what it means has changed: a person should look (H-10)."""
    before = f"{_words(call.known)} before and " if call.known else ""
    which = call.written.selector or call.written.text
    return Notice(CHANGED, f"`{which}` was {before}is {_words(match.fingerprint)} now")


def _words(seen: Fingerprint) -> str:
    return f'{seen.role or seen.tag} "{(seen.name or seen.text)[:60]}"'


def _never_seen(call: StepCall) -> Notice:
    return Notice("never_seen", f"`{call.written.selector or call.written.text}` has not matched in any run")
