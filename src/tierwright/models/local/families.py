"""Elements that are one and the same to a person: a link inside its list item, a span inside its button, a label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tierwright.core.identity import Candidate, Fingerprint
from tierwright.core.operable import is_interactive

_CLIMB = 8


def called(seen: Fingerprint) -> str:
    """What a person would call it, folded; empty without any text."""
    text = seen.name or seen.label or seen.placeholder or seen.title or seen.alt or seen.text
    return " ".join(text.split()).casefold()


def family_of(index: int, candidates: Sequence[Candidate]) -> int:
    """The index of the outermost element that means the same as this one."""
    top, own = index, called(candidates[index].fingerprint)
    for _ in range(_CLIMB):
        parent = candidates[top].parent
        if parent < 0 or not _same_meaning(own, candidates[top], candidates[parent]):
            break
        top, own = parent, own or called(candidates[parent].fingerprint)
    return _control_of(top, candidates)


def _same_meaning(own: str, inner: Candidate, outer: Candidate) -> bool:
    theirs = called(outer.fingerprint)
    if own and theirs:
        return own == theirs
    return not own and not is_interactive(inner.fingerprint) and is_interactive(outer.fingerprint)


def _control_of(index: int, candidates: Sequence[Candidate]) -> int:
    """The control that a label leads to, where it stands close by."""
    seen = candidates[index].fingerprint
    own = called(seen)
    if seen.tag != "label" or not own:
        return index
    for near in range(max(0, index - 2), min(len(candidates), index + 4)):
        other = candidates[near].fingerprint
        if near != index and other.tag != "label" and " ".join(other.label.split()).casefold() == own:
            return near
    return index


def count_names(candidates: Sequence[Candidate]) -> Counter[str]:
    """How many different elements bear each name; nested ones of one meaning count once."""
    names = [called(c.fingerprint) for c in candidates]
    return Counter(
        name for name, c in zip(names, candidates, strict=True) if name and (c.parent < 0 or names[c.parent] != name)
    )


def count_marks(candidates: Sequence[Candidate]) -> Counter[str]:
    """How many elements bear each test id, id and form name."""
    prints = (c.fingerprint for c in candidates)
    return Counter(
        mark for p in prints for mark in {p.id, p.name_attribute, *(value for _, value in p.test_ids)} if mark
    )
