"""Evidence that only shows among several candidates: ordinals, and what an element stands next to (H-14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import hypot

from tierwright.core.identity import Box, Candidate
from tierwright.core.operable import is_interactive
from tierwright.core.phrases import Phrase
from tierwright.core.roles import ROWS
from tierwright.models.local.abilities import CHECKABLE_ROLES
from tierwright.models.local.asked import (
    in_section,
    is_called,
    is_drawn_so,
    is_of_kind,
    is_spelt,
    row_begins,
    row_says,
    ruled_out,
    says,
    says_within,
)
from tierwright.models.local.compare import Evidence
from tierwright.models.local.seen import Seen, Traits
from tierwright.models.local.words import contained, words

CHOSEN_BY_PLACE = 3.0
CHOSEN_BY_PLACE_ALONE = 4.5
"""The same where the instruction gives no name, so that the place is all that it says."""
ONLY_ONE_THERE = 1.5
"""What it adds to be the only one of its kind in the place that is named."""
STANDS_IN = 3.0
OTHER_LETTERS = -2.5
MENTIONED = -3.0
BELONGS_ELSEWISE = 8.0
"""What takes back, and outweighs, that something lies in no row of that name, where nothing lies in one."""
LEFT_OVER = 1.5
PASSED_OVER = -5.0
_EQUALLY = 1.0
"""Log-odds within which candidates count as the equals that an ordinal counts through."""


_CLICKED_ROLES = "link button tab menuitem menuitemcheckbox menuitemradio option treeitem"
_CLICKED = frozenset(_CLICKED_ROLES.split())
_OPENED = frozenset({"region", "group", "article", "tabpanel", "listitem", "row"})
"""Roles that hold others: one clicks on what bears their name, to open them."""


def weigh_letters(phrase: Phrase, weighed: Sequence[tuple[Seen, Evidence]]) -> None:
    """Where one is called so letter for letter, what is called so in other letters is not meant: `OK` and `ok`.

    Where an item is called so, what holds it only says so too.
    """
    called = [(seen, found) for seen, found in weighed if phrase.name and is_called(phrase, seen)]
    if phrase.role_word in ROWS and any(is_of_kind(phrase, seen) for seen, _ in called):
        for seen, found in weighed:
            if not is_called(phrase, seen):
                found.add(MENTIONED)
    if any(is_spelt(phrase, seen) for seen, _ in called):
        for seen, found in called:
            if not is_spelt(phrase, seen):
                found.add(OTHER_LETTERS, "it is written in other letters")


def weigh_stand_ins(phrase: Phrase, weighed: Sequence[tuple[Seen, Evidence]]) -> None:
    """Where nothing of the kind is called so, what is and shows that one clicks on it stands in: a bare `span`."""
    if not phrase.name or not phrase.roles:
        return
    called = [(seen, found) for seen, found in weighed if is_called(phrase, seen) or is_drawn_so(phrase, seen)]
    if any(is_of_kind(phrase, seen) for seen, _ in called):
        return
    for seen, found in called:
        if _stands_in(phrase, seen):
            found.add(STANDS_IN, f"one clicks on it, and no {phrase.role_word or phrase.roles[0]} is called so")


def _stands_in(phrase: Phrase, seen: Seen) -> bool:
    if not _OPENED.isdisjoint(phrase.roles):
        return seen.clickable
    return seen.candidate.clickable and not is_interactive(seen.print) and not _CLICKED.isdisjoint(phrase.roles)


def weigh_owner(phrase: Phrase, weighed: Sequence[tuple[Seen, Evidence]], candidates: Sequence[Candidate]) -> None:
    """Where no row of the page says what the phrase's row should, what stands under it or beside it belongs to it."""
    if not phrase.row or any(row_says(phrase, c) for c in candidates):
        return
    under = {
        seen.index for seen, _ in weighed if any(says_within(text, phrase.row) for text in seen.print.headings[:2])
    }
    anchors = [c.fingerprint.box for c in candidates if c.fingerprint.box and says(Traits(c.fingerprint), phrase.row)]
    near = replace(phrase, near=phrase.row, near_kind="next to")
    for seen, found in weighed:
        if seen.index in (under or _beside(near, weighed, anchors)):
            found.add(BELONGS_ELSEWISE, f"it belongs to {phrase.row!r}")


def weigh_mentions(phrase: Phrase, weighed: Sequence[tuple[Seen, Evidence]]) -> None:
    """Where rows begin with the name that the phrase gives, others that hold it only mention it: `the mail by Ada`."""
    holding = [(seen, found) for seen, found in weighed if phrase.row and row_says(phrase, seen.candidate)]
    own = {seen.index for seen, _ in holding if row_begins(phrase, seen.candidate)}
    for seen, found in holding if own else ():
        if seen.index not in own:
            found.add(MENTIONED, f"its row only mentions {phrase.row!r}")


def weigh_ordinal(
    phrase: Phrase, weighed: Sequence[tuple[Seen, Evidence, int]], candidates: Sequence[Candidate] = ()
) -> None:
    """Among equals, in the order of the page, the one the ordinal names wins and the others lose."""
    if not phrase.ordinal or not weighed:
        return
    heads = _rows_of_heads(candidates) if "row" in phrase.roles else frozenset()
    shown = [w for w in weighed if w[0].candidate.visible and w[0].index not in heads]
    best: dict[int, tuple[Seen, Evidence, int]] = {}
    for w in shown:
        if w[2] not in best or w[1].total > best[w[2]][1].total:
            best[w[2]] = w
    top = max((w[1].total for w in best.values()), default=0.0)
    equals = sorted((w for w in best.values() if w[1].total > top - _EQUALLY), key=lambda w: w[0].index)
    place = phrase.ordinal - 1 if phrase.ordinal > 0 else len(equals) + phrase.ordinal
    for at, (_, found, _) in enumerate(equals):
        worth = CHOSEN_BY_PLACE if phrase.name else CHOSEN_BY_PLACE_ALONE
        found.add(worth if at == place else PASSED_OVER, f"number {at + 1} of {len(equals)}")
    if not 0 <= place < len(equals):
        return
    for _, found, family in weighed:
        if family not in {w[2] for w in equals}:
            found.add(PASSED_OVER)


def _rows_of_heads(candidates: Sequence[Candidate]) -> frozenset[int]:
    """The rows that hold a table's column heads and nothing else: nobody counts them."""
    heads = {c.parent for c in candidates if c.fingerprint.role == "columnheader"}
    return frozenset(heads - {c.parent for c in candidates if c.fingerprint.role in ("cell", "gridcell", "rowheader")})


def weigh_only_one(phrase: Phrase, weighed: Sequence[tuple[Seen, Evidence, int]]) -> None:
    """Of an instruction that says a kind and no name ("the button"), the only one of that kind, there, is meant."""
    if phrase.name or phrase.ordinal or phrase.near or not phrase.roles:
        return
    of_kind = [
        w for w in weighed if is_of_kind(phrase, w[0]) and w[0].candidate.visible and not ruled_out(phrase, w[0])
    ]
    placed = bool(phrase.row or phrase.section or phrase.section_kind)
    there = [w for w in of_kind if _is_there(phrase, w[0])]
    if len({family for _, _, family in there}) == 1:
        for _, found, _ in there:
            worth = ONLY_ONE_THERE if placed else CHOSEN_BY_PLACE_ALONE
            found.add(worth, f"the only {phrase.role_word or phrase.roles[0]}")


def _is_there(phrase: Phrase, seen: Seen) -> bool:
    """Whether it stands in the row and the region that the phrase names, if it names any."""
    in_row = not phrase.row or row_says(phrase, seen.candidate)
    return in_row and (not (phrase.section or phrase.section_kind) or in_section(phrase, seen.candidate))


def weigh_exclusion(phrase: Phrase, weighed: Sequence[tuple[Seen, Evidence]]) -> None:
    """Where what the instruction rules out is there, what else bears the name that it asks for is meant."""
    if not phrase.not_words or not phrase.name:
        return
    named = [w for w in weighed if contained(words(phrase.name), w[0].names[0] if w[0].names else ())]
    left = [found for seen, found in named if not ruled_out(phrase, seen)]
    if len(left) < len(named):
        for found in left:
            found.add(LEFT_OVER, "the only kind left that the instruction does not rule out")


def weigh_nearness(phrase: Phrase, weighed: Sequence[tuple[Seen, Evidence]], candidates: Sequence[Candidate]) -> None:
    """What stands in one row or side by side with the text that the phrase names gains; what is far from it loses."""
    if not phrase.near:
        return
    anchors = [c.fingerprint.box for c in candidates if c.fingerprint.box and says(Traits(c.fingerprint), phrase.near)]
    called = [(seen, found) for seen, found in weighed if phrase.name and is_called(phrase, seen)]
    beside = phrase.near_kind == "next to"
    near = _beside(phrase, weighed, anchors) if beside else _nearest(phrase, called or weighed, anchors)
    near -= {seen.index for seen, _ in weighed if _is_elsewhere(phrase, seen, candidates)}
    if phrase.near_kind == "below":
        near -= {seen.index for seen, _ in weighed if _is_under_the_next(seen, phrase.near, candidates)}
    worth = CHOSEN_BY_PLACE if phrase.name else CHOSEN_BY_PLACE_ALONE
    for seen, found in weighed:
        found.add(worth if seen.index in near else -4.0, f"{phrase.near_kind or 'near'} {phrase.near!r}")


def _is_elsewhere(phrase: Phrase, seen: Seen, candidates: Sequence[Candidate]) -> bool:
    """Whether what is nearest belongs to another text: a box to tick has its own, what is under a heading has that."""
    if seen.print.role in CHECKABLE_ROLES and seen.candidate.captions:
        return not _mentions(seen.candidate.captions, phrase.near)
    headings = [c.fingerprint for c in candidates if c.fingerprint.role == "heading"]
    headed = phrase.near_kind == "below" and any(says(Traits(heading), phrase.near) for heading in headings)
    return headed and not _mentions(seen.print.headings[:2], phrase.near)


def _is_under_the_next(seen: Seen, near: str, candidates: Sequence[Candidate]) -> bool:
    """Whether another text of the same make as the one that is named, as a next title is, stands between both."""
    said = [c.fingerprint for c in candidates if c.fingerprint.box and says(Traits(c.fingerprint), near)]
    make = {(p.tag, p.ancestors) for p in said}
    tops = [p.box.y for p in said if p.box]
    own = seen.print.box
    alike = (c.fingerprint for c in candidates if (c.fingerprint.tag, c.fingerprint.ancestors) in make)
    tall = [p.box.y for p in alike if p.box and not says(Traits(p), near)]
    return own is not None and bool(tops) and any(max(tops) < y < own.y for y in tall)


def _beside(phrase: Phrase, weighed: Sequence[tuple[Seen, Evidence]], anchors: Sequence[Box]) -> set[int]:
    """What has the text in its row or as its nearest neighbour; else what lies on one line with it."""
    able = [seen for seen, _ in weighed if seen.print.role in phrase.roles or not phrase.roles]
    labelled = {seen.index for seen in able if _mentions((seen.candidate.row, *seen.print.neighbours[:1]), phrase.near)}
    if labelled:
        return labelled
    around = {seen.index for seen in able if _mentions(seen.print.neighbours, phrase.near)}
    level = [(seen, found) for seen, found in weighed if any(_on_one_line(seen.print.box, a) for a in anchors)]
    return around or _nearest(phrase, level, anchors)


def _nearest(phrase: Phrase, weighed: Sequence[tuple[Seen, Evidence]], anchors: Sequence[Box]) -> set[int]:
    away = {seen.index: _away(seen, phrase, anchors) for seen, _ in weighed}
    nearest = min(away.values(), default=float("inf"))
    return {at for at, pixels in away.items() if pixels <= nearest + 4.0} if nearest < float("inf") else set()


def _on_one_line(box: Box | None, anchor: Box) -> bool:
    """Whether the middle of one is within the height of the other."""
    if box is None:
        return False
    low, high = sorted((box, anchor), key=lambda b: b.height)
    return high.y <= low.y + low.height / 2 <= high.y + high.height


def _mentions(texts: Sequence[str], near: str) -> bool:
    asked = set(words(near))
    return bool(asked) and any(asked <= set(words(text)) for text in texts)


def _away(seen: Seen, phrase: Phrase, anchors: Sequence[Box]) -> float:
    box = seen.print.box
    if box is None or says(seen, phrase.near):
        return float("inf")
    return min((_distance(box, anchor, phrase.near_kind) for anchor in anchors), default=float("inf"))


def _distance(box: Box, anchor: Box, kind: str) -> float:
    """Pixels between both boxes' edges; infinite on the wrong side."""
    if kind == "above" and box.y + box.height > anchor.y + 2:
        return float("inf")
    if kind == "below" and box.y < anchor.y + anchor.height - 2:
        return float("inf")
    across = max(0.0, anchor.x - box.x - box.width, box.x - anchor.x - anchor.width)
    down = max(0.0, anchor.y - box.y - box.height, box.y - anchor.y - anchor.height)
    return hypot(across, down)
