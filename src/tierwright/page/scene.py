"""What a person would notice on a page at a glance, and how two looks differ (healing.md, H-16)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from playwright.async_api import Error, Frame, Page

from tierwright.core.effects import DIALOG, FOCUS, GONE, MENU, MESSAGE, SHOWN
from tierwright.page.inject import ask

LOOK_SECONDS = 1.0
"""How long one look may take; a page that is busy or on its way elsewhere is not waited for."""
FRAMES_SECONDS = 0.1
"""How much longer its other frames have, which may be strangers' and slow."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What shows in one document, which `token` names: how many dialogs and menus, which messages.

    `focus` is the number of the field that has the focus, 0 for none.
    """

    token: str
    dialogs: int
    menus: int
    messages: frozenset[int]
    focus: int


async def look_at(page: Page) -> tuple[Scene, ...]:
    """One look at every frame, all at once; a frame that does not answer in time is left out."""
    main = asyncio.ensure_future(_look_into(page.main_frame))
    others = [asyncio.ensure_future(_look_into(frame)) for frame in page.frames if frame is not page.main_frame]
    try:
        await asyncio.wait({main}, timeout=LOOK_SECONDS)
        if others:
            await asyncio.wait(others, timeout=FRAMES_SECONDS)
        looks = [task.result() for task in (main, *others) if task.done()]
    finally:
        for task in (main, *others):
            task.cancel()
    return tuple(scene for scene in looks if scene is not None)


async def _look_into(frame: Frame) -> Scene | None:
    try:
        seen = await ask(frame, "tw.scene()")
    except Error:
        return None
    if not isinstance(seen, dict):
        return None
    return Scene(seen["token"], seen["dialogs"], seen["menus"], frozenset(seen["messages"]), seen["focus"])


def changes(before: Sequence[Scene], after: Sequence[Scene]) -> frozenset[str]:
    """What appeared, vanished, and whether a field got the focus; nothing in a new document, where all is new."""
    known = {scene.token: scene for scene in before}
    pairs = ((known[scene.token], scene) for scene in after if scene.token in known)
    return frozenset(effect for pair in pairs for effect in _changes_in_one(*pair))


def _changes_in_one(before: Scene, after: Scene) -> Iterator[str]:
    happened = {
        SHOWN + DIALOG: after.dialogs > before.dialogs,
        GONE + DIALOG: after.dialogs < before.dialogs,
        SHOWN + MENU: after.menus > before.menus,
        GONE + MENU: after.menus < before.menus,
        SHOWN + MESSAGE: not after.messages <= before.messages,
        FOCUS: after.focus not in (0, before.focus),
    }
    return (effect for effect, is_so in happened.items() if is_so)
