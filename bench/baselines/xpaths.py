"""Single locators: the absolute XPath, and one made in the manner of ROBULA+.

ROBULA+: Leotta, Stocco, Ricca, Tonella, "ROBULA+: an algorithm for generating robust XPath locators for web testing",
J. Softw. Evol. Process 28(3), 2016: begin with the tag, make the expression longer by id, text, attributes, pairs of
attributes, position and then by levels, until it matches one element; attributes that change often are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from baselines import Asked
from tierwright.core.identity import Candidate, Fingerprint, Snapshot

LEVELS = 6
_ID = re.compile(r"[^#.\[]+#([^.\[]+)")


class AbsoluteXPath:
    """Every step from the root."""

    name = "absolute XPath"

    def scores(self, asked: Asked, page: Snapshot) -> list[float]:
        """1 for the element at the place where the old one was."""
        return [float(_indexed(candidate.xpath) == asked.xpath) for candidate in page.candidates]


@dataclass(frozen=True, slots=True)
class _Expression:
    """What an element must have: (kind, value) pairs of its own, and of each ancestor, nearest first."""

    own: frozenset[tuple[str, str]]
    above: tuple[tuple[str, str], ...] = ()

    def matches(self, seen: Fingerprint, xpath: str) -> bool:
        mine = _predicates(seen, xpath)
        return self.own <= mine.keys() and all(
            len(seen.ancestors) > i and (tag in ("*", _tag(seen.ancestors[i]))) and id_ in ("", _id(seen.ancestors[i]))
            for i, (tag, id_) in enumerate(self.above)
        )


class Robula:
    """The first expression, short ones first, that matches one element of the old page.

    Where only a record of the old element is there, the first that names anything is taken to be unique.
    """

    name = "ROBULA+ style"

    def scores(self, asked: Asked, page: Snapshot) -> list[float]:
        """1 for the first match in document order."""
        found = [0.0] * len(page.candidates)
        expression = next(filter(_unique(asked), _expressions(asked.old, asked.xpath)), None)
        if expression is None:
            return found
        for at, candidate in enumerate(page.candidates):
            if expression.matches(candidate.fingerprint, candidate.xpath):
                found[at] = 1.0
                break
        return found


def _unique(asked: Asked) -> Callable[[_Expression], bool]:
    before = asked.before
    if before is None:
        return lambda expression: any(kind not in ("tag", "position") for kind, _ in expression.own)
    return lambda expression: _matches(expression, before.candidates) == 1


def _matches(expression: _Expression, candidates: tuple[Candidate, ...]) -> int:
    return sum(expression.matches(c.fingerprint, c.xpath) for c in candidates)


def _expressions(old: Fingerprint, xpath: str) -> Iterator[_Expression]:
    """Short expressions first; on each level in the order of the paper."""
    own = [pair for pair in _predicates(old, xpath) if pair[0] not in ("tag", "position")]
    tag, position = ("tag", old.tag), ("position", _position(xpath))
    sets = [[tag], *([tag, pair] for pair in own), *([tag, *pair] for pair in combinations(own, 2)), [tag, position]]
    for up in range(LEVELS + 1):
        above = [(_tag(entry), "") for entry in old.ancestors[:up]]
        if len(above) < up:
            return
        named = [[*above[:-1], (above[-1][0], id_)] for id_ in [_id(old.ancestors[up - 1])] if id_] if up else []
        for chain in (*named, above):
            for predicates in sets:
                yield _Expression(frozenset(predicates), tuple(chain))


def _predicates(seen: Fingerprint, xpath: str) -> dict[tuple[str, str], None]:
    """What an expression may ask of an element, in ROBULA+'s order of preference."""
    pairs = (
        ("tag", seen.tag),
        ("id", seen.id),
        ("text", seen.text),
        ("name", seen.name_attribute),
        ("class", " ".join(seen.classes)),
        ("title", seen.title),
        ("alt", seen.alt),
        ("value", dict(seen.attributes).get("value", "")),
        ("position", _position(xpath)),
    )
    return {pair: None for pair in pairs if pair[1]}


def _position(xpath: str) -> str:
    return _indexed(xpath).rpartition("[")[2].rstrip("]")


def _indexed(xpath: str) -> str:
    steps = [s for s in xpath.lower().split("/") if s]
    return "/" + "/".join(s if s.endswith("]") else s + "[1]" for s in steps)


def _tag(entry: str) -> str:
    return re.split(r"[#.\[]", entry, maxsplit=1)[0]


def _id(entry: str) -> str:
    named = _ID.match(entry)
    return named[1] if named else ""
