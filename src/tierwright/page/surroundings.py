"""Whether an element stands where it stood: in the same row, region and section (healing.md, H-14 and H-22)."""

from __future__ import annotations

import re

from tierwright.core.identity import ElementLocator, Fingerprint
from tierwright.core.phrases import Phrase

_BY_PLACE = re.compile(r":nth-(?:child|of-type)\(|\[\d+\]|nth=")
_WORDS = re.compile(r"\{\{\w+\}\}|\w+")
SHARED_NAME = "shared:name"
"""The mark, in `Fingerprint.sole`, of an element whose role and name others on its page had too (inject/soles.js)."""

ROW_BEGINS = 2
"""The words at the beginning of a row that say whose it is; prices, states and dates come later, and change."""

_PLAIN_PATHS = frozenset({"", "/", "#"})


def leads_by_place(locator: ElementLocator) -> bool:
    """Whether a locator counts through siblings, so that it leads to a neighbour once one of them is gone."""
    return bool(_BY_PLACE.search(locator.selector))


def stands_as_before(known: Fingerprint, seen: Fingerprint) -> bool:
    """Whether the row, the regions and the nearest heading around both are the same."""
    return (known.row, known.landmarks, known.headings[:1]) == (seen.row, seen.landmarks, seen.headings[:1])


def stands_as_asked(phrase: Phrase, known: Fingerprint, seen: Fingerprint) -> bool:
    """Whether what a phrase says of the row, section or neighbour around it is as true of `seen` as of `known`."""
    asked = (
        (phrase.row, (known.row,), (seen.row,)),
        (phrase.section, _sections(known), _sections(seen)),
        (phrase.near, (known.row, *known.neighbours), (seen.row, *seen.neighbours)),
    )
    return all(_say(now, words) or not _say(before, words) for words, before, now in asked if words)


def why_elsewhere(phrase: Phrase, known: Fingerprint, seen: Fingerprint) -> str:
    """Why an element that looks right is a look-alike that stands elsewhere; "" for none.

    What the step itself says of the place must stay true. Where several had the name before, only the place told
    them apart, and the one that is left need not be the one that was meant.
    """
    if not stands_as_asked(phrase, known, seen):
        return "it is not where the step says"
    if SHARED_NAME not in known.sole or _is_same_thing(known, seen) or _in_same_place(known, seen):
        return ""
    return f"several looked like it, and the one known stood in {_place(known)!r}"


def _is_same_thing(known: Fingerprint, seen: Fingerprint) -> bool:
    same_address = known.href_path not in _PLAIN_PATHS and known.href_path == seen.href_path
    return same_address or bool(known.id and known.id == seen.id)


def _in_same_place(known: Fingerprint, seen: Fingerprint) -> bool:
    """Whether the narrowest thing that tells look-alikes apart is the same: the row, the named region, the heading."""
    if known.row:
        return _same_row(known, seen)
    regions = _named_regions(known)
    if regions:
        return _plain(regions[0]) in map(_plain, _named_regions(seen))
    headings = {_plain(heading) for heading in seen.headings}
    return not known.headings or _plain(known.headings[0]) in headings


def _same_row(known: Fingerprint, seen: Fingerprint) -> bool:
    """Whether a row says half of what the known one did, and whose it is.

    A heading inside the row says that, else how the row begins; the element's own name is left out.
    """
    own = {*_plain(known.name).split(), *_plain(seen.name).split()}
    before, now = ([word for word in _plain(each.row).split() if word not in own] for each in (known, seen))
    shared = set(before) & set(now)
    if 2 * len(shared) < len(set(before)):
        return False
    if _is_headed(known) and _is_headed(seen):
        return _plain(known.headings[0]) == _plain(seen.headings[0])
    return set(before[:ROW_BEGINS]) <= shared


def _is_headed(seen: Fingerprint) -> bool:
    """Whether the nearest heading stands inside the row, so that it says more closely where the element is."""
    return bool(seen.headings) and _say((seen.row,), seen.headings[0])


def _named_regions(seen: Fingerprint) -> list[str]:
    return [mark for mark in seen.landmarks if mark.partition(": ")[2]]


def _place(known: Fingerprint) -> str:
    return (known.row or next(iter((*_named_regions(known), *known.headings)), ""))[:60]


def _sections(seen: Fingerprint) -> tuple[str, ...]:
    return (*(mark.partition(":")[2] for mark in seen.landmarks), *seen.headings[:2])


def _say(texts: tuple[str, ...], wanted: str) -> bool:
    """Whether one of the texts holds the words wanted, one after the other."""
    return any(f" {_plain(wanted)} " in f" {_plain(text)} " for text in texts)


def _plain(text: str) -> str:
    return " ".join(_WORDS.findall(text.casefold()))
