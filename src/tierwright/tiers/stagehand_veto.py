"""Sees every move of Stagehand's before it is made, and refuses those that the step does not mean (H-26)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import urlsplit

from playwright.async_api import ElementHandle, Frame

from tierwright.core.errors import StepError
from tierwright.core.identity import Candidate, Fingerprint
from tierwright.core.methods import METHODS, REACHES, WORDED
from tierwright.core.ports import Chooser
from tierwright.core.results import ErrorKind, Evidence, ScoredElement
from tierwright.core.steps import Action
from tierwright.core.tier import Found, Move, Vet
from tierwright.page import verify
from tierwright.page.failures import reading
from tierwright.page.identify import AGREE_ABOVE, DENY_BELOW, better_than, in_use, query_of, snapshot_for, why_another
from tierwright.page.inject import ask_element
from tierwright.page.locators import robust_locators
from tierwright.page.place import locate
from tierwright.page.probe import frame_path, resolve_frame
from tierwright.page.reach import opens_something
from tierwright.page.select import native_label
from tierwright.page.session import PageSession
from tierwright.page.snapshot import LiveSnapshot
from tierwright.tiers.stagehand_moves import LOOK_SECONDS, Acting, AlreadySoError, Planned

KEPT_SECONDS = 0.8
"""Kept at the end of the deadline when an element never becomes usable, so that the failure says so."""

_USABLE = "[tw.whyHidden(el), tw.enabled(el), tw.coveredBy(el), tw.editable(el)]"
_BLANK = frozenset({"about:blank", "about:srcdoc"})


class Veto:
    """The judge of one step's moves."""

    def __init__(self, session: PageSession, chooser: Chooser, acting: Acting) -> None:
        self._session = session
        self._chooser = chooser
        self._acting = acting

    def of(self, planned: Planned | None) -> Vet:
        """What Stagehand must ask before its next move; without a plan a model makes the move."""

        async def vet(move: Move) -> Move:
            with reading("the element that Stagehand would move"):
                if planned is not None:
                    return await (self._own(move) if planned.own else self._reach(move))
                return await self._chosen(move)

        return vet

    # --- moves that only reach ----------------------------------------------------------------------------

    async def _reach(self, move: Move) -> Move:
        """Only hover, open and scroll may come before the step's own action."""
        if move.method not in REACHES and not (move.method == "click" and await opens_something(move.element)):
            raise refused(f"it wanted to {move.method}, which is neither the step's action nor a way to reach it")
        await self._refuse_other_origin(move.frame)
        await self._acting.take()
        if move.method == "click":
            await self._until_usable(move)
        self._acting.reached_by.append(move.element)
        return Move(move.frame, move.element, move.method)

    # --- the step's own action ----------------------------------------------------------------------------

    async def _own(self, move: Move) -> Move:
        """The step's action, on an element that a person could use, with what the step gives."""
        await self._refuse_other_origin(move.frame)
        self._refuse_other_text(move)
        await self._acting.take()
        await self._until_usable(move)
        await self._unless_already_so()
        arguments = await self._arguments(move.element)
        if self._acting.call.step.action is Action.PRESS:
            await move.element.focus()  # Stagehand's key goes to whatever has the focus
        self._acting.own_sent = True
        return replace(move, arguments=arguments)

    async def _chosen(self, move: Move) -> Move:
        """A model's move: judged by what it would be done to, then like any other."""
        if move.method in REACHES and METHODS[self._acting.call.step.action] != move.method:
            return await self._reach(move)
        live = await snapshot_for(self._acting.call, self._session)
        index = await live.index_of(move.frame, move.element)
        if index is None:
            raise refused("it chose something that no step could mean")
        candidate = live.snapshot.candidates[index]
        if move.method == "click" and await self._only_opens(move.element, candidate.fingerprint):
            return await self._reach(move)
        if move.method != METHODS[self._acting.call.step.action]:
            raise refused(f"it wanted to {move.method}, which is not what the step does")
        await self._refuse_another(live, index)
        self._refuse_contradicted(live, index)
        self._acting.found = await self._identified(live, index)
        frame, element = await live.element(index)
        return await self._own(Move(frame, element, move.method, move.arguments))

    async def _only_opens(self, element: ElementHandle, seen: Fingerprint) -> bool:
        """Whether a click there is a move towards the element rather than on it."""
        call = self._acting.call
        if not await opens_something(element):
            return False
        if call.step.action not in {Action.CLICK, Action.RIGHT_CLICK}:
            return call.step.action not in {Action.CHECK, Action.UNCHECK}
        if call.known is not None:
            return self._chooser.similarity(call.known, seen) < AGREE_ABOVE
        asked, name = call.phrase.name.casefold(), (seen.name or seen.text).casefold()
        return bool(asked) and asked not in name and name not in asked

    # --- reasons to refuse --------------------------------------------------------------------------------

    async def _refuse_other_origin(self, frame: Frame) -> None:
        """Frames of another origin are entered only where the step, or its known element, is in that very frame."""
        call = self._acting.call
        if _origin(frame.url) == _origin(call.page.url) or frame.url in _BLANK:
            return
        meant = await resolve_frame(call.page, call.step.frame, call.deadline) if call.step.frame else None
        known = call.known.frame_path if call.known else ()
        if frame is not meant and not (known and await frame_path(frame) == known):
            raise refused(f"it wanted to act in a frame of another origin, {_origin(frame.url)}")

    def _refuse_other_text(self, move: Move) -> None:
        """A model may name the value by its placeholder or leave it out; any other text is not the step's."""
        call = self._acting.call
        if call.step.action not in WORDED or not move.arguments:
            return
        text = call.step.key if call.step.action is Action.PRESS else call.step.value
        written = call.written.key if call.step.action is Action.PRESS else call.written.value
        if move.arguments[0] not in {text, written, call.variables.mask(text or ""), "{{value}}", ""}:
            raise refused("it wanted to enter a text that the step does not give")

    async def _refuse_another(self, live: LiveSnapshot, index: int) -> None:
        """A look-alike in another row, region or frame than the step's (H-14)."""
        call = self._acting.call
        meant = await resolve_frame(call.page, call.step.frame, call.deadline)
        why = why_another(call, live, index, meant)
        if why:
            raise refused(f"it chose {_words(live.snapshot.candidates[index])}, another element: {why}")

    def _refuse_contradicted(self, live: LiveSnapshot, index: int) -> None:
        """A model against the ranker: where that one sees a better element, neither is sure, and nobody acts."""
        ranking = self._chooser.rank(query_of(self._acting.call), live.snapshot)
        better = better_than(ranking, index, live.snapshot)
        if better is not None:
            chosen = live.snapshot.candidates[index]
            raise refused(f"it chose {_words(chosen)}, but {_words(better)} fits the step better")

    async def _until_usable(self, move: Move) -> None:
        """Wait until a person could use the element (it gets time to become enabled); else say what is in the way."""
        await move.element.scroll_into_view_if_needed(timeout=self._acting.call.deadline.remaining_ms)
        limit = self._acting.call.deadline.earlier(KEPT_SECONDS)
        while True:
            obstacle = await self._obstacle(move)
            if obstacle is None:
                return
            if limit.passed:
                raise obstacle
            await asyncio.sleep(LOOK_SECONDS)

    async def _obstacle(self, move: Move) -> StepError | None:
        hidden, enabled, covered_by, editable = await ask_element(move.frame, move.element, _USABLE)
        what = self._acting.what
        if hidden:
            return StepError(ErrorKind.HIDDEN, f"{what} is there, but not visible: {hidden}")
        if not enabled:
            return StepError(ErrorKind.DISABLED, f"{what} is there, but disabled")
        if covered_by:
            return StepError(ErrorKind.COVERED, f"{what} is covered by {covered_by}")
        if move.method in {"fill", "type"} and not editable:
            return StepError(ErrorKind.DISABLED, f"{what} is there, but read-only")
        return None

    # --- what the step gives ------------------------------------------------------------------------------

    async def _unless_already_so(self) -> None:
        """Checking a box that is checked already is done by leaving it alone."""
        wanted = {Action.CHECK: True, Action.UNCHECK: False}.get(self._acting.call.step.action)
        place = self._acting.found.locator
        if wanted is not None and place and await verify.is_checked(locate(self._acting.call.page, place), wanted):
            raise AlreadySoError

    async def _arguments(self, element: ElementHandle) -> tuple[str, ...]:
        """What Stagehand's method needs, taken from the step and never from a model (H-1)."""
        step = self._acting.call.step
        if step.action is Action.RIGHT_CLICK:
            return ("right",)
        if step.action is Action.SELECT:
            return (await native_label(element, step.value or "", self._acting.what),)
        if step.action is Action.PRESS:
            return (step.key or "",)
        return (step.value or "",) if step.action in WORDED else ()

    # --- who it is ----------------------------------------------------------------------------------------

    async def _identified(self, live: LiveSnapshot, index: int) -> Found:
        """Who the element is that a model chose; refused where a person rejected it, or it is clearly another."""
        call, candidate = self._acting.call, live.snapshot.candidates[index]
        seen = candidate.fingerprint
        likeness = self._chooser.similarity(call.known, seen) if call.known else None
        if seen.key in call.rejected:
            raise refused("a person has rejected this element for this step")
        if likeness is not None and likeness < DENY_BELOW:
            raise StepError(
                ErrorKind.MISMATCH, f"the model chose {_words(candidate)}, clearly another element than before"
            )
        frame, handle = await live.element(index)
        locators = await robust_locators(frame, handle, seen, unexpand=call.variables.unexpand)
        if not locators:
            raise StepError(ErrorKind.STALE, f"{candidate.xpath} went away while locators were made for it")
        shown = ScoredElement(candidate.xpath, seen.role or seen.tag, seen.name or seen.text[:80], likeness or 0.0)
        return replace(
            self._acting.found,
            locator=in_use(locators[0], call.variables),
            durable=locators[0],
            alternatives=locators,
            fingerprint=seen,
            xpath=candidate.xpath,
            confidence=likeness,
            evidence=Evidence((shown,), ("chosen by the model",), "act", live.snapshot.forced),
            agrees=likeness is not None and likeness >= AGREE_ABOVE,
        )


def refused(why: str) -> StepError:
    """A move that must not be made."""
    return StepError(ErrorKind.MODEL, f"Stagehand's move was refused: {why}")


def _words(candidate: Candidate) -> str:
    seen = candidate.fingerprint
    return f'{seen.role or seen.tag} "{(seen.name or seen.text)[:60]}"'


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
