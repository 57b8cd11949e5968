"""What an action can be done to: an element that cannot take the action is no candidate."""

from __future__ import annotations

from tierwright.core.identity import Candidate, Fingerprint
from tierwright.core.steps import Action, Condition

EDITABLE_ROLES = frozenset({"textbox", "searchbox", "spinbutton", "combobox"})
CHECKABLE_ROLES = frozenset({"checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio"})
SELECT_ROLES = frozenset({"combobox", "listbox", "menu", "radiogroup"})
_UNTYPABLE_WORDS = "button submit reset image checkbox radio file hidden range color"
_UNTYPABLE = frozenset(_UNTYPABLE_WORDS.split())
_STATE = {
    Condition.CHECKED: CHECKABLE_ROLES,
    Condition.UNCHECKED: CHECKABLE_ROLES,
}


def is_field(seen: Fingerprint) -> bool:
    """Whether it holds what people type."""
    if seen.tag in ("input", "textarea"):
        return seen.type not in _UNTYPABLE and (not seen.role or seen.role in EDITABLE_ROLES)
    return seen.tag != "select" and seen.role in EDITABLE_ROLES


def can_take(action: Action, condition: Condition | None, candidate: Candidate) -> bool:
    """Whether the action makes sense on this element at all."""
    seen = candidate.fingerprint
    if action in (Action.FILL, Action.TYPE):
        return candidate.editable or is_field(seen)
    if action in (Action.CHECK, Action.UNCHECK) or condition in _STATE:
        return seen.role in CHECKABLE_ROLES or seen.type in ("checkbox", "radio")
    if action is Action.SELECT:
        return seen.role in SELECT_ROLES or seen.tag == "select"
    if action is Action.UPLOAD:
        return seen.type == "file"
    if condition is Condition.VALUE:
        return is_field(seen) or seen.tag in ("select", "input")
    return seen.type != "hidden" and seen.tag not in ("html", "body", "head", "option")
