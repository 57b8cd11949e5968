"""The edit distance of Levenshtein, by the bit-parallel way of Myers (J. ACM 46(3), 1999), in Hyyrö's form."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=400_000)
def distance(ours: str, theirs: str) -> int:
    """How many characters to insert, delete or replace until both are the same."""
    if not ours or not theirs:
        return len(ours) + len(theirs)
    where: dict[str, int] = {}
    for at, char in enumerate(ours):
        where[char] = where.get(char, 0) | 1 << at
    mask, last = (1 << len(ours)) - 1, 1 << (len(ours) - 1)
    up, down, edits = mask, 0, len(ours)
    for char in theirs:
        equal = where.get(char, 0)
        diagonal = (((equal & up) + up) ^ up) | equal | down
        plus, minus = down | (~(diagonal | up) & mask), diagonal & up
        edits += bool(plus & last) - bool(minus & last)
        plus, minus = (plus << 1 | 1) & mask, (minus << 1) & mask
        up, down = minus | (~(diagonal | plus) & mask), plus & diagonal
    return edits


def likeness(ours: str, theirs: str) -> float:
    """1 for the same text, 0 for texts without a character in its place; 0 where one of them is empty."""
    if not ours or not theirs:
        return 0.0
    if ours == theirs:
        return 1.0
    longer = max(len(ours), len(theirs))
    return (longer - distance(ours, theirs)) / longer
