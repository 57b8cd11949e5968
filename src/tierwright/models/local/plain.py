"""How people speak of what they see: kinds said loosely, kinds that are part of a name, what shows before the rest."""

from __future__ import annotations

from collections.abc import Sequence

from tierwright.core.identity import Candidate
from tierwright.core.phrases import Phrase
from tierwright.models.local.asked import is_called, is_called_loosely, is_drawn_so, is_of_kind
from tierwright.models.local.compare import Evidence
from tierwright.models.local.seen import Seen
from tierwright.models.local.words import words

NEXT_OF_KIN = 2.5
"""What takes back that something is of another kind, where people call its kind by that word too."""
WHOLE_NAME = 5.5
"""What it adds to be called by name and kind together, beside what the name alone and the wrong kind count."""
HIDDEN_TWIN = -2.5
ONLY_DRAWN = -2.5

_KIN = {
    "tab": frozenset({"link", "button"}),
    "button": frozenset({"link", "menuitem", "tab"}),
    "link": frozenset({"button", "menuitem", "tab"}),
    "menu": frozenset({"button", "link", "combobox"}),
    "dropdown": frozenset({"button", "link"}),
    "menu item": frozenset({"link", "button", "option"}),
    "item": frozenset({"link", "button"}),
    "option": frozenset({"menuitem", "link", "button"}),
    "icon": frozenset({"link", "button"}),
}
"""Role words, and what else people call so: links along the top of a page are its tabs, what opens a menu is one."""
_HEADS = frozenset({"columnheader", "rowheader"})
"""What says what a column of links and buttons is for, and is none."""
_OPENERS = frozenset({"menu", "dropdown"})

Weighed = Sequence[tuple[Seen, Evidence]]


def weigh_kin(phrase: Phrase, weighed: Weighed, candidates: Sequence[Candidate]) -> None:
    """Where the page shows nothing of the kind, what people call by the same word is of it, if it is called so.

    What opens a menu is called as the menu itself is, and there may be others.
    """
    kin = _KIN.get(phrase.role_word, frozenset())
    if not phrase.name or not kin:
        return
    if phrase.role_word in _OPENERS:
        there = any(is_of_kind(phrase, seen) and _named(phrase, seen) for seen, _ in weighed)
    else:
        there = any(c.visible and c.fingerprint.role in phrase.roles for c in candidates)
    for seen, found in weighed:
        if not there and seen.print.role in kin and _named(phrase, seen):
            found.add(NEXT_OF_KIN, f"no {phrase.role_word} is there, and people call a {seen.print.role} so")


def weigh_whole_name(phrase: Phrase, weighed: Weighed) -> None:
    """Where something is called by the name and its kind together, the kind is part of the name: `Advanced options`."""
    if not phrase.name or not phrase.role_word or phrase.exact:
        return
    whole = {words(f"{phrase.name} {kind}") for kind in (phrase.role_word, f"{phrase.role_word}s")}
    if any(is_of_kind(phrase, seen) and _named(phrase, seen) for seen, _ in weighed):
        return
    for seen, found in weighed:
        if seen.clickable and seen.print.role not in _HEADS and not whole.isdisjoint(seen.names):
            found.add(WHOLE_NAME, f"it is called {seen.called[0][:40]!r}, whole")


def weigh_hidden_twins(weighed: Weighed) -> None:
    """What is out of sight is not meant where something that shows fits as well: people speak of what they see."""
    best = max((found.total for seen, found in weighed if seen.candidate.visible), default=None)
    for seen, found in weighed:
        if best is not None and not seen.candidate.visible and found.total < best + 0.5:
            found.add(HIDDEN_TWIN)


def weigh_drawn(phrase: Phrase, weighed: Weighed) -> None:
    """Where something is called so in words, what is only drawn so is not meant."""
    if any(seen.candidate.visible and seen.clickable and is_called(phrase, seen) for seen, _ in weighed):
        for seen, found in weighed:
            if is_drawn_so(phrase, seen) and not _named(phrase, seen):
                found.add(ONLY_DRAWN)


def _named(phrase: Phrase, seen: Seen) -> bool:
    return is_called(phrase, seen) or is_called_loosely(phrase, seen)
