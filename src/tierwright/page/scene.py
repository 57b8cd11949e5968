"""What a person would notice on a page at a glance, and how two looks differ (healing.md, H-16)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from playwright.async_api import Error, Page

from tierwright.core.effects import DIALOG, FOCUS, GONE, MENU, MESSAGE, SHOWN
from tierwright.page.inject import ask

LOOK_SECONDS = 1.0
"""How long one look may take; a page that is busy or on its way elsewhere is not waited for."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One look at the main document, which `token` names: how many dialogs and menus show, which messages.

    `focus` is the number of the field that has the focus, 0 for none.
    """

    token: str
    dialogs: int
    menus: int
    messages: frozenset[int]
    focus: int


async def look_at(page: Page) -> Scene | None:
    """One look, in one round trip; None where the page does not answer."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            seen = await ask(page.main_frame, "tw.scene()")
    except (Error, TimeoutError):
        return None
    if not isinstance(seen, dict):
        return None
    return Scene(seen["token"], seen["dialogs"], seen["menus"], frozenset(seen["messages"]), seen["focus"])


def changes(before: Scene | None, after: Scene | None) -> frozenset[str]:
    """What appeared, vanished, and whether a field got the focus; nothing across documents, where all is new."""
    if before is None or after is None or before.token != after.token:
        return frozenset()
    happened = {
        SHOWN + DIALOG: after.dialogs > before.dialogs,
        GONE + DIALOG: after.dialogs < before.dialogs,
        SHOWN + MENU: after.menus > before.menus,
        GONE + MENU: after.menus < before.menus,
        SHOWN + MESSAGE: not after.messages <= before.messages,
        FOCUS: after.focus not in (0, before.focus),
    }
    return frozenset(effect for effect, is_so in happened.items() if is_so)
