"""The next move of Stagehand's on an element that was found: the step's own action, or one that reaches for it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from playwright.async_api import ElementHandle, Frame

from tierwright.core.dispatch import DispatchToken
from tierwright.core.errors import StepError
from tierwright.core.identity import ElementLocator
from tierwright.core.methods import METHODS
from tierwright.core.results import ErrorKind
from tierwright.core.steps import Action
from tierwright.core.tier import Found, Move, StepCall
from tierwright.page.failures import reading
from tierwright.page.place import locate
from tierwright.page.reach import opener_of
from tierwright.page.session import PageSession

HOLDER = "tier 3"

SHOW_SECONDS = 1.0
"""How long an element may take to show after what holds it was opened."""

LOOK_SECONDS = 0.05


class AlreadySoError(Exception):
    """A box is in the wanted state before anything was sent: clicking it would undo it."""


@dataclass(slots=True)
class Acting:
    """One step being acted on by Stagehand: what was found, the moves so far, and whether its own action was sent."""

    call: StepCall
    session: PageSession
    found: Found
    token: DispatchToken
    own_sent: bool = False
    reached_by: list[ElementHandle] = field(default_factory=list)

    @property
    def what(self) -> str:
        """The element in words."""
        return f"`{self.found.locator}`" if self.found.locator else "the element"

    async def take(self) -> None:
        """Claim the step's one right to act, right before the first move (H-6)."""
        if self.token.holder != HOLDER:
            await self.token.take(HOLDER)
        self.session.note_action()

    def give_back(self) -> None:
        """Return the right to act, when no move was made with it."""
        if self.token.holder == HOLDER and not self.own_sent and not self.reached_by:
            self.token.give_back(HOLDER)


@dataclass(frozen=True, slots=True)
class Planned:
    """A planned move, and whether it is the step's own action."""

    move: Move
    own: bool


async def plan(acting: Acting) -> Planned:
    """The step's own action where the element can be seen, else the move that should bring it into sight.

    Raises StepError: `hidden` where nothing on the page says what opens it, `stale` where the element is gone.
    """
    assert acting.found.locator
    with reading(acting.what):
        frame, element = await live_element(acting.call, acting.found.locator)
        if await _shows(acting, element):
            return Planned(await _own_move(acting, frame, element), own=True)
        opener = await opener_of(frame, element, acting.reached_by)
    if opener is None:
        raise StepError(ErrorKind.HIDDEN, f"{acting.what} is there, but not visible, and nothing says what opens it")
    return Planned(Move(opener.frame, opener.element, opener.move), own=False)


async def live_element(call: StepCall, place: ElementLocator) -> tuple[Frame, ElementHandle]:
    """The element at a place, with its frame. Raises StepError (`stale`), and Playwright's errors."""
    handle = await locate(call.page, place).element_handle(timeout=call.deadline.earlier(LOOK_SECONDS).remaining_ms)
    frame = await handle.owner_frame()
    if frame is None:
        raise StepError(ErrorKind.STALE, "the element went away before the action was sent")
    return frame, handle


async def _shows(acting: Acting, element: ElementHandle) -> bool:
    """Whether the element can be seen; after a move that opened something it gets a moment to appear."""
    limit = acting.call.deadline.within(SHOW_SECONDS if acting.reached_by else 0)
    while not await element.is_visible():
        if limit.passed:
            return False
        await asyncio.sleep(LOOK_SECONDS)
    return True


async def _own_move(acting: Acting, frame: Frame, element: ElementHandle) -> Move:
    target = acting.found.target
    drop_on = await live_element(acting.call, target) if target else None
    if acting.call.step.action is Action.DRAG and drop_on is None:
        raise StepError(ErrorKind.NOT_FOUND, "nothing was found to drag it to")
    return Move(frame, element, METHODS[acting.call.step.action], drop_on=drop_on)
