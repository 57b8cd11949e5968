"""Evidence that only shows among several candidates: ordinals, and what an element stands next to (H-14)."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

from tierwright.core.identity import Box, Candidate
from tierwright.core.phrases import Phrase
from tierwright.models.local.asked import says
from tierwright.models.local.compare import Evidence
from tierwright.models.local.seen import Seen, Traits
from tierwright.models.local.words import words

CHOSEN_BY_PLACE = 3.0
PASSED_OVER = -5.0
_EQUALLY = 1.0
"""Log-odds within which candidates count as the equals that an ordinal counts through."""


def weigh_ordinal(phrase: Phrase, weighed: Sequence[tuple[Seen, Evidence, int]]) -> None:
    """Among equals, in the order of the page, the one the ordinal names wins and the others lose."""
    if not phrase.ordinal or not weighed:
        return
    shown = [w for w in weighed if w[0].candidate.visible]
    best: dict[int, tuple[Seen, Evidence, int]] = {}
    for w in shown:
        if w[2] not in best or w[1].total > best[w[2]][1].total:
            best[w[2]] = w
    top = max((w[1].total for w in best.values()), default=0.0)
    equals = sorted((w for w in best.values() if w[1].total > top - _EQUALLY), key=lambda w: w[0].index)
    place = phrase.ordinal - 1 if phrase.ordinal > 0 else len(equals) + phrase.ordinal
    for at, (_, found, _) in enumerate(equals):
        found.add(CHOSEN_BY_PLACE if at == place else PASSED_OVER, f"number {at + 1} of {len(equals)}")
    if not 0 <= place < len(equals):
        return
    for _, found, family in weighed:
        if family not in {w[2] for w in equals}:
            found.add(PASSED_OVER)


def weigh_nearness(phrase: Phrase, weighed: Sequence[tuple[Seen, Evidence]], candidates: Sequence[Candidate]) -> None:
    """What stands in one row or side by side with the text that the phrase names gains; what is far from it loses."""
    if not phrase.near:
        return
    anchors = [c.fingerprint.box for c in candidates if c.fingerprint.box and says(Traits(c.fingerprint), phrase.near)]
    away = {seen.index: _away(seen, phrase, anchors) for seen, _ in weighed}
    nearest = min(away.values(), default=0.0)
    for seen, found in weighed:
        beside = _mentions(seen, phrase.near) if phrase.near_kind == "next to" else False
        near = beside or (nearest < float("inf") and away[seen.index] <= nearest + 4.0)
        found.add(CHOSEN_BY_PLACE if near else -4.0, f"{phrase.near_kind or 'near'} {phrase.near!r}")


def _mentions(seen: Seen, near: str) -> bool:
    asked = set(words(near))
    return bool(asked) and any(asked <= set(words(text)) for text in (seen.candidate.row, *seen.print.neighbours))


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
