"""The tree comparison of Healenium (EPAM; Apache-2.0, `tree-comparing`): longest common subsequence of node paths."""

from __future__ import annotations

from functools import lru_cache

from baselines import Asked
from baselines.edits import distance
from tierwright.core.identity import Candidate, Fingerprint, Snapshot

PATH, TAG, ID, CLASSES, TEXT, OTHERS = 100.0, 100.0, 50.0, 40.0, 30.0, 30.0
DEEP, LEAST_COMMON = 5, 0.7
"""On paths deeper than this, less than this part in common is no match."""


class TreePath:
    """Points for the part of the path in common, the tag, id, classes, text and attributes; 1 is the same node."""

    name = "tree-path LCS (Healenium)"

    def scores(self, asked: Asked, page: Snapshot) -> list[float]:
        """Between 0 and 1."""
        tags = _tags(asked.xpath)
        return [_score(asked.old, tags, candidate) for candidate in page.candidates]


def _score(old: Fingerprint, tags: tuple[str, ...], candidate: Candidate) -> float:
    new, path = candidate.fingerprint, _tags(candidate.xpath)
    common = _common(tags, path) / max(1, len(path))
    if len(path) > DEEP and common < LEAST_COMMON:
        return 0.0
    points = PATH * common + TAG * (old.tag == new.tag)
    if old.id and new.id:
        points += ID * _close(old.id, new.id, 0.3)
    points += TEXT * _close(old.text, new.text, 0.3)
    points += CLASSES * _class_share(set(old.classes), set(new.classes))
    points += OTHERS * _attribute_share(_others(old), _others(new))
    return points / (PATH + TAG + ID + CLASSES + TEXT + OTHERS)


@lru_cache(maxsize=20_000)
def _tags(xpath: str) -> tuple[str, ...]:
    return tuple(step.partition("[")[0] for step in xpath.strip("/").split("/") if step)


@lru_cache(maxsize=100_000)
def _common(ours: tuple[str, ...], theirs: tuple[str, ...]) -> int:
    """The length of their longest common subsequence."""
    row = [0] * (len(theirs) + 1)
    for step in ours:
        corner = 0
        for at, other in enumerate(theirs, 1):
            corner, row[at] = row[at], corner + 1 if step == other else max(row[at], row[at - 1])
    return row[-1]


def _close(ours: str, theirs: str, most: float) -> float:
    """The likeness of two texts, 0 where more than a part of them would have to change."""
    ours, theirs = ours.lower(), theirs.lower()
    longer = max(len(ours), len(theirs))
    if not longer:
        return 1.0
    limit = int(longer * most + 1)
    if abs(len(ours) - len(theirs)) > limit:
        return 0.0
    edits = distance(ours, theirs)
    return (longer - edits) / longer if edits <= limit else 0.0


def _class_share(ours: set[str], theirs: set[str]) -> float:
    return len(ours & theirs) / len(ours | theirs) if ours or theirs else 1.0


def _others(seen: Fingerprint) -> dict[str, str]:
    named = {
        "name": seen.name_attribute,
        "href": seen.href_path,
        "title": seen.title,
        "alt": seen.alt,
        "type": seen.type,
        "placeholder": seen.placeholder,
    }
    return {k: v for k, v in named.items() if v} | dict(seen.attributes) | dict(seen.aria)


def _attribute_share(ours: dict[str, str], theirs: dict[str, str]) -> float:
    every = ours.keys() | theirs.keys()
    both = ours.keys() & theirs.keys()
    return sum(_close(ours[k], theirs[k], 0.75) for k in both) / len(every) if every else 1.0
