"""What must be moved before a hidden element can be used: a menu opened, a parent hovered (healing.md, section 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from playwright.async_api import ElementHandle, Frame

MoveKind = Literal["click", "hover"]

_REACH = files("tierwright.page").joinpath("inject", "reach.js").read_text("utf-8")  # part of the program


@dataclass(frozen=True, slots=True)
class Opener:
    """One move that may bring a hidden element into sight: how, and on which element of which frame."""

    move: MoveKind
    frame: Frame
    element: ElementHandle


async def opener_of(frame: Frame, hidden: ElementHandle, tried: Sequence[ElementHandle] = ()) -> Opener | None:
    """The next move towards a hidden element that was not tried, None when nothing on the page says what opens it.

    Only what says of itself that it opens something is ever clicked, and never what sends a form or leads away;
    anything else is hovered at most. A hidden frame is reached like an element. Raises Playwright's errors.
    """
    opener = await _opener_in(frame, hidden, tried)
    if opener is None and frame.parent_frame is not None:
        return await opener_of(frame.parent_frame, await frame.frame_element(), tried)
    return opener


async def _opener_in(frame: Frame, hidden: ElementHandle, tried: Sequence[ElementHandle]) -> Opener | None:
    here = [element for element in tried if await element.owner_frame() == frame]
    answer = await hidden.evaluate_handle(f"(el, tried) => {_REACH.strip()}.opener(el, tried)", here)
    try:
        parts = await answer.get_properties()
        element = parts["1"].as_element() if "1" in parts else None
        if element is None:
            return None
        how: MoveKind = "click" if await parts["0"].json_value() == "click" else "hover"
    finally:
        await answer.dispose()
    return Opener(how, frame, element)


async def opens_something(element: ElementHandle) -> bool:
    """Whether an element says of itself that it opens something, and neither sends a form nor leads away."""
    return bool(await element.evaluate(f"el => Boolean({_REACH.strip()}.opens(el))"))
