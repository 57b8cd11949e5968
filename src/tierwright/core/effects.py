"""The names of what a person would notice that a step did to the page (healing.md, H-16)."""

from __future__ import annotations

FOCUS = "focus on a field"
SHOWN = "appeared: "
GONE = "vanished: "
DIALOG, MENU, MESSAGE = "dialog", "menu", "message"

NOTICED = frozenset({FOCUS, SHOWN + DIALOG, GONE + DIALOG, SHOWN + MENU, GONE + MENU, SHOWN + MESSAGE})
"""Effects that are seen by looking at the page, not told by the browser."""

FOCUS_IS_NEWS = frozenset({"button", "link", "menuitem", "tab"})
"""Roles of elements for which the focus in a field says something: a field takes it by being used."""
