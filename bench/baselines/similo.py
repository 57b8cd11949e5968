"""Similo and VON Similo.

Similo: Nass, Alégroth, Feldt, Leotta, Ricca, "Similarity-based Web Element Localization for Robust Test Automation",
ACM TOSEM 32(3), 2023: fourteen properties, each compared in its own way, added up with weights of 1.5 and 0.5.
VON Similo: Nass, Alégroth, Feldt, Coppola, "Robust Web Element Identification for Evolving Applications by Considering
Visual Overlaps", ICST 2023: elements that show the same box are one, and each property counts as its best among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import hypot

import numpy as np
from numpy.typing import NDArray

from baselines import Asked
from baselines.edits import likeness
from tierwright.core.identity import Box, Candidate, Fingerprint, Snapshot

WEIGHTS = (1.5, 0.5, 1.5, 1.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1.5, 1.5)
"""Tag, class, name, id, href, alt, XPath, id-XPath, is-button, location, area, shape, visible text, neighbour texts."""
FARTHEST = 100.0
"""Pixels from which two places have nothing in common."""
OVERLAP = 0.85
"""How much of their common area two boxes share that a person sees as one."""
_BUTTON = re.compile(r"\b(?:btn|button)\b", re.IGNORECASE)
Scores = NDArray[np.float64]


class Similo:
    """The sum of weighted similarities."""

    name = "Similo"

    def scores(self, asked: Asked, page: Snapshot) -> list[float]:
        """At most 12."""
        return [float(score) for score in _properties(asked, page) @ np.array(WEIGHTS)]


class VonSimilo:
    """The same over visually overlapping elements."""

    name = "VON Similo"

    def scores(self, asked: Asked, page: Snapshot) -> list[float]:
        """At most 12; elements of one box have the same score."""
        properties = _properties(asked, page)
        best = np.array([properties[group].max(axis=0) for group in _overlaps(page)]).reshape(properties.shape)
        return [float(score) for score in best @ np.array(WEIGHTS)]


def _properties(asked: Asked, page: Snapshot) -> Scores:
    rows = [_compare(asked, candidate) for candidate in page.candidates]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(WEIGHTS))


def _compare(asked: Asked, candidate: Candidate) -> tuple[float, ...]:
    old, new = asked.old, candidate.fingerprint
    return (
        float(old.tag == new.tag),
        likeness(" ".join(old.classes), " ".join(new.classes)),
        float(bool(old.name_attribute) and old.name_attribute == new.name_attribute),
        float(bool(old.id) and old.id == new.id),
        likeness(old.href_path, new.href_path),
        likeness(old.alt, new.alt),
        likeness(asked.xpath, candidate.xpath),
        likeness(asked.id_xpath, id_xpath(candidate)),
        float(_is_button(old) == _is_button(new)),
        *_boxes(old.box, new.box),
        likeness(_visible(old).casefold(), _visible(new).casefold()),
        _words_shared(old.neighbours, new.neighbours),
    )


def _visible(seen: Fingerprint) -> str:
    return seen.text or seen.name


def _is_button(seen: Fingerprint) -> bool:
    by_class = seen.tag == "a" and bool(_BUTTON.search(" ".join(seen.classes)))
    return seen.role == "button" or seen.type in ("submit", "reset", "button") or by_class


def _boxes(old: Box | None, new: Box | None) -> tuple[float, float, float]:
    """Location, area and shape."""
    if old is None or new is None:
        return 0.0, 0.0, 0.0
    away = hypot(old.x - new.x, old.y - new.y)
    area = _ratio(old.width * old.height, new.width * new.height)
    shape = _ratio(old.width / max(1.0, old.height), new.width / max(1.0, new.height))
    return max(0.0, 1.0 - away / FARTHEST), area, shape


def _ratio(ours: float, theirs: float) -> float:
    return min(ours, theirs) / max(ours, theirs) if ours > 0 and theirs > 0 else 0.0


def _words_shared(ours: tuple[str, ...], theirs: tuple[str, ...]) -> float:
    left, right = (set(" ".join(texts).casefold().split()) for texts in (ours, theirs))
    return len(left & right) / max(len(left), len(right)) if left and right else 0.0


def id_xpath(candidate: Candidate) -> str:
    """The XPath from the nearest ancestor that has an id, else from the root."""
    own = candidate.fingerprint.id
    if own:
        return f'//*[@id="{own}"]'
    steps = candidate.xpath.strip("/").split("/")
    for up, entry in enumerate(candidate.fingerprint.ancestors, 1):
        named = re.match(r"[^#.\[]+#([^.\[]+)", entry)
        if named:
            return f'//*[@id="{named[1]}"]/' + "/".join(steps[-up:])
    return candidate.xpath


def _overlaps(page: Snapshot) -> Iterator[NDArray[np.intp]]:
    """For each candidate, those that show about the same box, itself included."""
    boxes = [c.fingerprint.box or Box(0, 0, 0, 0) for c in page.candidates]
    x, y, w, h = (np.array([getattr(b, part) for b in boxes]) for part in ("x", "y", "width", "height"))
    area, right, bottom = w * h, x + w, y + h
    for i in range(len(boxes)):
        shared = np.clip(np.minimum(right, right[i]) - np.maximum(x, x[i]), 0, None)
        shared = shared * np.clip(np.minimum(bottom, bottom[i]) - np.maximum(y, y[i]), 0, None)
        alike = shared / np.maximum(area + area[i] - shared, 1.0) >= OVERLAP
        alike[i] = True
        yield np.flatnonzero(alike)
