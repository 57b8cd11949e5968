"""What inject/collect.js wrote of a frame's candidates, in numbers, made into values (healing.md, H-11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tierwright.core.bulk import in_bulk
from tierwright.core.identity import Box, Candidate, Fingerprint
from tierwright.page.fingerprint import Unexpand, ancestor_entry, looks_generated

ANCESTORS_KEPT = 12
EXTRAS = (
    *("label", "placeholder", "title", "alt", "type", "name_attribute", "id", "href_path"),
    *("test_ids", "aria", "attributes", "captions", "drawn"),
)
"""What only some elements have, in the order of inject/collect.js."""
VISIBLE, DISABLED, EDITABLE, IN_SHADOW, CLICKABLE = 1, 2, 4, 8, 16

Item = TypeVar("Item")
_new_fingerprint, _new_candidate, _new_box = in_bulk(Fingerprint), in_bulk(Candidate), in_bulk(Box)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame's candidates belong: its path and index among the frames, and the index of its first candidate."""

    frame_path: tuple[str, ...]
    frame_index: int
    offset: int
    page_path: str


def read_candidates(answer: Mapping[str, Any], place: Place, unexpand: Unexpand) -> list[Candidate]:
    """The candidates of one frame; variables' values become `{{names}}`."""
    reader = _Reader(answer, place, unexpand)
    found: list[Candidate] = []
    at, end = 0, len(answer["candidates"])
    while at < end:
        candidate, at = reader.candidate_at(at)
        found.append(candidate)
    return found


class _Table(dict[int, Item]):
    """What the numbers of an answer stand for, each made when it is first met: a page says the same many times."""

    def __init__(self, make: Callable[[int], Item]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, number: int) -> Item:
        made = self[number] = self._make(number)
        return made


class _Words:
    """The texts of an answer, and what is made of lists of them. What is `raw` has its variables expanded."""

    def __init__(self, answer: Mapping[str, Any], unexpand: Unexpand) -> None:
        self.raw: Sequence[str] = answer["strings"]
        self._lists: Sequence[Sequence[int]] = answer["lists"]
        self.texts = _Table(lambda number: unexpand(self.raw[number]))
        self.lists = _Table(lambda number: tuple(self.texts[i] for i in self._lists[number]))
        self.raw_lists = _Table(lambda number: tuple(self.raw[i] for i in self._lists[number]))
        self.classes = _Table(self._read_classes)
        pairs, raw, ids = _Table(self._read_pairs), _Table(self.raw.__getitem__), _Table(self._read_id)
        apart: dict[str, _Table[Any]] = {"type": raw, "id": ids, "test_ids": pairs, "aria": pairs, "attributes": pairs}
        apart |= {"captions": self.lists, "drawn": self.lists}
        self.extras = tuple((name, apart.get(name, self.texts)) for name in EXTRAS)

    def _read_pairs(self, number: int) -> tuple[tuple[str, str], ...]:
        names, values = self._lists[number][::2], self._lists[number][1::2]
        return tuple((self.raw[n], self.texts[v]) for n, v in zip(names, values, strict=True))

    def _read_id(self, number: int) -> str:
        return "" if looks_generated(self.texts[number]) else self.texts[number]

    def _read_classes(self, number: int) -> tuple[str, ...]:
        return tuple(self.texts[i] for i in self._lists[number] if not looks_generated(self.raw[i]))


_Link = tuple[str, tuple[str, ...], int, tuple[str, ...], str]
"""An element's tag, classes and place among its like, the chain from itself up, and its XPath."""


def _read_links(numbers: Sequence[int], words: _Words, unexpand: Unexpand) -> list[_Link]:
    entries: dict[tuple[int, ...], str] = {}
    links: list[_Link] = []
    fields = iter(numbers)
    for tag, id_, classes, role, above, test, nth in zip(*[fields] * 7, strict=True):
        made = (tag, id_, classes, role)
        entry = entries.get(made)
        if entry is None:
            link = (words.raw[tag], words.raw[id_], words.raw_lists[classes], words.raw[role])
            entry = entries[made] = ancestor_entry(link, unexpand)
        chain, xpath = links[above][3:] if above >= 0 else ((), "")
        chain, xpath = (entry, *chain[:ANCESTORS_KEPT]), f"{xpath}{words.raw[test]}[{nth + 1}]"
        links.append((words.raw[tag], words.classes[classes], nth, chain, xpath))
    return links


class _Reader:
    """Reads the numbers in the order in which `writeCandidate` wrote them."""

    def __init__(self, answer: Mapping[str, Any], place: Place, unexpand: Unexpand) -> None:
        self._numbers: Sequence[int] = answer["candidates"]
        self._place = place
        self._words = _Words(answer, unexpand)
        self._links = _read_links(answer["links"], self._words, unexpand)
        self._tenths = _Table(_tenth)

    def candidate_at(self, at: int) -> tuple[Candidate, int]:
        """The candidate whose numbers begin here, and where the next one's do."""
        words = self._words
        ref, link, parent, flags, above, marks, around, *said = self._numbers[at : at + 12]
        landmarks, row = words.lists[marks], words.texts[around]
        box, at = self._box(at + 12) if flags & VISIBLE else (None, at + 12)
        extras, end = self._extras(at)
        captions, drawn = extras.pop("captions", ()), extras.pop("drawn", ())
        surroundings = {"headings": words.lists[above], "landmarks": landmarks, "row": row, "box": box}
        candidate = _new_candidate(
            ref=ref,
            frame_index=self._place.frame_index,
            fingerprint=self._fingerprint(self._links[link], said, surroundings | extras),
            xpath=self._links[link][4],
            visible=bool(flags & VISIBLE),
            enabled=not flags & DISABLED,
            editable=bool(flags & EDITABLE),
            in_shadow=bool(flags & IN_SHADOW),
            clickable=bool(flags & CLICKABLE),
            captions=captions,
            drawn=drawn,
            parent=parent + self._place.offset if parent >= 0 else -1,
            row=row,
            landmarks=landmarks,
        )
        return candidate, end

    def _fingerprint(self, link: _Link, said: Sequence[int], more: Mapping[str, object]) -> Fingerprint:
        words = self._words
        tag, classes, nth, chain, _ = link
        role, name, text, beside, sole = said
        return _new_fingerprint(
            tag=tag,
            role=words.raw[role],
            name=words.texts[name],
            text=words.texts[text],
            classes=classes,
            neighbours=words.lists[beside],
            sole=words.raw_lists[sole],
            ancestors=chain[1:],
            sibling_index=nth,
            frame_path=self._place.frame_path,
            page_path=self._place.page_path,
            **more,
        )

    def _box(self, at: int) -> tuple[Box, int]:
        tenths = self._tenths
        x, y, width, height = self._numbers[at : at + 4]
        return _new_box(x=tenths[x], y=tenths[y], width=tenths[width], height=tenths[height]), at + 4

    def _extras(self, at: int) -> tuple[dict[str, object], int]:
        numbers, extras = self._numbers, self._words.extras
        found: dict[str, object] = {}
        end = at + 1 + 2 * numbers[at]
        for place in range(at + 1, end, 2):
            name, table = extras[numbers[place]]
            found[name] = table[numbers[place + 1]]
        return found, end


def _tenth(number: int) -> float:
    """Pixels of a number of tenths."""
    return number / 10 if number % 10 else number // 10
