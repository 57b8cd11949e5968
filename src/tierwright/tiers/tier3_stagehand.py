"""Tier 3: Stagehand acts, with a model that chooses or a plan of ours, behind a veto (H-25 to H-28)."""

from __future__ import annotations

from typing import Protocol

from tierwright.core.dispatch import DispatchToken
from tierwright.core.errors import StepError
from tierwright.core.identity import ElementLocator
from tierwright.core.methods import METHODS
from tierwright.core.ports import Chooser
from tierwright.core.results import Actuator, ErrorKind, Failure
from tierwright.core.strategy import TierNumber
from tierwright.core.tier import Actor, Found, Miss, Performed, StepCall
from tierwright.page import verify
from tierwright.page.identify import DENY_BELOW
from tierwright.page.perform import OPENERS, VERIFY_SECONDS, perform, proof_of, what_was_armed
from tierwright.page.place import locate
from tierwright.page.probe import path_as_read, probe, resolve_frame
from tierwright.page.session import PageSession
from tierwright.tiers.stagehand_moves import HOLDER, Acting, AlreadySoError, plan
from tierwright.tiers.stagehand_veto import Veto

MOST_MOVES = 4
"""Moves of one step, the ones that only reach the element included."""


class Extractor(Protocol):
    """Finds a step's element anew (xpath/extractor.py)."""

    async def extract(
        self, call: StepCall, *, tier: TierNumber, forced: bool, hidden_too: bool = False
    ) -> Found | Miss:
        """The element with robust locators, or why none."""
        ...


class Tier3StagehandExecutor:
    """Stagehand's act for real. With `local` behind it: the same ranker and threshold, plus plans to reach."""

    number = TierNumber.AI

    def __init__(
        self, session: PageSession, chooser: Chooser, extractor: Extractor, actor: Actor | None, why_not: str = ""
    ) -> None:
        self._session = session
        self._chooser = chooser
        self._extractor = extractor
        self._actor = actor
        self._why_not = why_not

    # --- finding ------------------------------------------------------------------------------------------

    async def find(self, call: StepCall) -> Found | Miss:
        """The element where it can be found without acting; where a model will choose it, only whether it may try."""
        cannot = self._cannot(call)
        if cannot:
            return Miss(tier=self.number, error=cannot)
        settled = await self._session.settled(call.deadline)
        problem = self._session.problem()
        if problem:
            return Miss(tier=self.number, error=problem)
        hidden = await self._own_but_hidden(call)
        if hidden is not None:
            return hidden
        if self._model_chooses(call):
            return Found(tier=self.number)
        return await self._extractor.extract(call, tier=self.number, forced=settled.forced, hidden_too=True)

    def _cannot(self, call: StepCall) -> Failure | None:
        """Why this tier cannot help this step at all. Expectations need no Stagehand: the page judges them."""
        if not call.step.needs_element:
            return Failure(ErrorKind.NOT_FOUND, "the step has no element to look for")
        if call.step.judges:
            return None
        if self._actor is None:
            return Failure(ErrorKind.UNAVAILABLE, self._why_not)
        if call.step.action not in METHODS:
            return Failure(ErrorKind.UNAVAILABLE, f"Stagehand has no way to {call.step.action.replace('_', ' ')}")
        return None

    def _model_chooses(self, call: StepCall) -> bool:
        return bool(self._actor and self._actor.chooses) and not (call.step.judges or call.frugal)

    async def _own_but_hidden(self, call: StepCall) -> Found | None:
        """The step's own selector matches one element that is out of sight: that one is meant, and must be reached."""
        frame = await resolve_frame(call.page, call.step.frame, call.deadline)
        if not call.step.selector or frame is None or call.step.judges:
            return None
        seen = await probe(
            frame,
            call.step.selector,
            unexpand=call.variables.unexpand,
            page_path=call.session.page_path,
            frame_path=await path_as_read(frame, call.step.frame),
        )
        own = seen.first
        if seen.count != 1 or own is None or own.visible:
            return None
        likeness = self._chooser.similarity(call.known, own.fingerprint) if call.known else 1.0
        if likeness < DENY_BELOW:
            return None
        return Found(
            tier=self.number,
            locator=ElementLocator(call.step.selector, call.step.frame),
            fingerprint=own.fingerprint,
            xpath=own.xpath,
            confidence=1.0,
            agrees=True,
        )

    # --- acting -------------------------------------------------------------------------------------------

    async def act(self, call: StepCall, found: Found, token: DispatchToken) -> Performed:
        """Let Stagehand reach the element and act on it; verify. Raises StepError."""
        if call.step.judges:
            return await perform(call, self._session, found, token, HOLDER)
        acting = Acting(call, self._session, found, token)
        veto = Veto(self._session, self._chooser, acting)
        try:
            failed = await self._move_until_sent(acting, veto)
        except AlreadySoError:
            return Performed(found=acting.found, actuator=None)
        except StepError:
            acting.give_back()
            raise
        return await self._verified(acting, failed)

    async def _move_until_sent(self, acting: Acting, veto: Veto) -> str | None:
        """Moves of Stagehand's, one by one, until the step's own is sent; its words where the last one failed."""
        assert self._actor is not None
        for _ in range(MOST_MOVES):
            planned = await plan(acting) if acting.found.locator else None
            failed = await self._actor.act(acting.call, planned.move if planned else None, veto.of(planned))
            if failed is not None or acting.own_sent:
                return failed
        raise StepError(ErrorKind.HIDDEN, f"{acting.what} could not be reached within {MOST_MOVES} moves")

    async def _verified(self, acting: Acting, failed: str | None) -> Performed:
        """What Stagehand did is verified like anything else, and never done again (H-15, H-27)."""
        found, call = acting.found, acting.call
        if not acting.own_sent:
            raise StepError(ErrorKind.HIDDEN, f"{acting.what} could not be reached: {failed}")
        proof = proof_of(call.step, locate(call.page, found.locator)) if found.locator else None
        holds = await verify.shows(proof, call.deadline.within(VERIFY_SECONDS)) if proof else failed is None
        if not holds:
            unmet = proof.unmet if proof else failed
            raise StepError(ErrorKind.UNVERIFIED, f"Stagehand sent the action, but {unmet}")
        artifacts = await what_was_armed(call, self._session) if call.step.action in OPENERS else ()
        return Performed(found=found, actuator=Actuator.STAGEHAND, artifacts=artifacts)
