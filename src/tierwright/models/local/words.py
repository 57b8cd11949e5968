"""The words of names, ids and paths: split, folded, and brought to one form where user interfaces have several."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from functools import lru_cache
from math import fsum

from tierwright.models.local.vocabulary import VOCABULARIES, Group
from tierwright.page.fingerprint import looks_generated

SYNONYMS = tuple(group for v in VOCABULARIES for group in v.same)
"""Ways to say the same on a button or a field; the first of each group stands for all."""
OPPOSITES = tuple(pair for v in VOCABULARIES for pair in v.opposite)
"""Words that never name the same element, however much else agrees."""
REPEATABLE = frozenset(word for v in VOCABULARIES for word in v.repeated)
"""Words that rows and cards repeat: a name made of them alone says little about which one is meant."""
FILLER = frozenset(word for v in VOCABULARIES for word in v.filler)
"""Words that say next to nothing."""
OF_ICONS = frozenset(word for v in VOCABULARIES for word in v.icons)
"""Words of ids and classes that say that something is an icon, and not which."""
CLOSE = 0.85
"""What a word counts that comes close to one of the other side's."""
OTHER_NUMBER = 0.35
"""How alike two names can be at most that hold other numbers: page 2 is not page 3."""
REORDERED = 0.9
"""The likeness of two names that are the same words in another order."""

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_COUNTER = re.compile(r"[(\[]\s*\d+\+?\s*[)\]]")
_PRICE = re.compile(r"[+-]?\s?(?:[$€£¥]\s?\d[\d.,]*|\d[\d.,]*\s?(?:[$€£¥]|EUR|USD|GBP)\b)")
_VALUE = re.compile(r"^[+-]?[$€£¥]?\s?\d[\d\s.,:/%]*[$€£¥]?$")
_NUMBERING = re.compile(r"^\s*\d{1,2}[.)]\s+(?=\D)")
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_CANONICAL = {variant: group[0].replace(" ", "") for group in SYNONYMS for variant in group}
_PHRASES = re.compile(
    r"\b(?:"
    + "|".join(sorted((re.escape(v) for v in _CANONICAL if " " in v), key=len, reverse=True)).replace(r"\ ", r"[\s_-]+")
    + r")\b"
)
_EMOJI_STYLE = "\ufe0f"
_SIGN_LENGTH = 4
_NOTHING: frozenset[str] = frozenset()
_OPPOSED = frozenset(frozenset(_CANONICAL.get(side, side) for side in pair) for pair in OPPOSITES)
_OPPOSABLE = frozenset(word for pair in _OPPOSED for word in pair)


def _canonical(word: str) -> str:
    return _CANONICAL.get(word, word.replace(" ", ""))


def _by_sign(groups: tuple[Group, ...]) -> dict[str, str]:
    return {sign: _canonical(word) for word, *signs in groups for sign in signs}


_SIGNS = {sign: word for v in VOCABULARIES for sign, word in _by_sign(v.signs).items()}
_MIXED_SIGNS = {sign: word for v in VOCABULARIES for sign, word in _by_sign(v.mixed_signs).items()}
_TWINS = tuple(frozenset(map(_canonical, group)) for v in VOCABULARIES for group in v.twins)
SECOND_ENTRY = frozenset(_canonical(word) for v in VOCABULARIES for word in v.second_entry)
"""Words that say of a field that it takes once more what another one takes."""
_DEEDS = tuple(frozenset(map(_canonical, group)) for v in VOCABULARIES for group in v.deeds)
_NEAR: dict[str, frozenset[str]] = {
    _canonical(word): frozenset(
        _canonical(w) for v in VOCABULARIES for g in v.close if word in map(_canonical, g) or word in g for w in g
    )
    for vocabulary in VOCABULARIES
    for group in vocabulary.close
    for word in group
}


@lru_cache(maxsize=50_000)
def words(text: str) -> tuple[str, ...]:
    """The words of a text a person reads, folded to one form: `Sign-in` and `Log in` are `login`, `×` is `close`."""
    if len(text) <= _SIGN_LENGTH and (sign := _SIGNS.get(text.strip().rstrip(_EMOJI_STYLE))):
        return (sign,)
    bare = _PRICE.sub(" ", _NUMBERING.sub("", text)) if any(c.isdigit() for c in text) else text
    folded = _fold(_COUNTER.sub(" ", _DOTTED.sub(lambda found: found.group().replace(".", ""), bare)))
    joined = _PHRASES.sub(lambda found: _CANONICAL[" ".join(re.split(r"[\s_-]+", found.group()))], folded)
    return tuple(_CANONICAL.get(w, w) for run in _WORD.findall(joined) for w in _split_run(run))


def sign_of(text: str) -> str:
    """The word that a text of nothing but a sign stands for, `x` and its like among them; "" for another text."""
    sign = text.strip().rstrip(_EMOJI_STYLE).casefold()
    return _SIGNS.get(sign, "") or _MIXED_SIGNS.get(sign, "")


@lru_cache(maxsize=50_000)
def code_words(text: str) -> tuple[str, ...]:
    """The words inside an id, a class or a path, generated parts left out: `btnLogIn_12` gives `button`, `login`."""
    return words(" ".join(part for part in _WORD.findall(_CAMEL.sub(" ", text)) if not is_generated(part)))


def _fold(text: str) -> str:
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return text.casefold().replace("’", "'").replace("'", "")


def _split_run(run: str) -> tuple[str, ...]:
    if not run.isascii() and any("\u3040" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3" for c in run):
        return tuple(run)
    return (run if run in _CANONICAL else singular(run),)


def singular(word: str) -> str:
    """The word without the plural's s, where it surely is one."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@lru_cache(maxsize=50_000)
def is_generated(token: str) -> bool:
    """Whether an id, a class or a part of one says nothing: made by a machine, or a mere number."""
    return not token or token.isdigit() or looks_generated(token)


def opposed(ours: Collection[str], theirs: Collection[str]) -> bool:
    """Whether one side says the opposite of the other: `enable` and `disable`."""
    left = [w for w in ours if w in _OPPOSABLE and w not in theirs]
    right = [w for w in theirs if w in _OPPOSABLE and w not in ours]
    return any(frozenset((a, b)) in _OPPOSED for a in left for b in right)


def even_weight(word: str) -> float:
    """How much a word says when nothing is known about the page: filler next to nothing, what rows repeat less."""
    return 0.08 if word in FILLER else 0.6 if word in REPEATABLE else 1.0


def likeness(ours: tuple[str, ...], theirs: tuple[str, ...], weight: Callable[[str], float] = even_weight) -> float:
    """How alike two names are: 1 the same words, 0 nothing in common, -1 opposites. Rare words weigh more."""
    if not ours or not theirs:
        return 0.0
    if ours == theirs:
        return 1.0
    left, right = set(ours), set(theirs)
    if opposed(left, right):
        return -1.0
    matched = _matched(left, right, weight)
    if not matched:
        return 0.0
    alike = round(matched / fsum(map(weight, (*left, *right))), 9)
    if set(content(ours)) == set(content(theirs)):
        alike = _ordered(content(ours), content(theirs))
    return alike if _numbers(left) == _numbers(right) else min(alike, OTHER_NUMBER)


def _ordered(ours: tuple[str, ...], theirs: tuple[str, ...]) -> float:
    """How alike names of the same words are: `low to high` is not `high to low`."""
    if ours == theirs:
        return 1.0
    turned = [w for w in ours if w in _OPPOSABLE] != [w for w in theirs if w in _OPPOSABLE]
    return -1.0 if turned and _opposed_within(ours) else REORDERED


def _opposed_within(name: tuple[str, ...]) -> bool:
    return any(frozenset((a, b)) in _OPPOSED for a in name for b in name)


def _matched(left: set[str], right: set[str], weight: Callable[[str], float]) -> float:
    """The weight of all words of both sides that the other side has too, or has one close to."""
    shared = left & right
    near = [w for w in left - shared if _NEAR.get(w, _NOTHING) & right]
    near += [w for w in right - shared if _NEAR.get(w, _NOTHING) & left]
    # Exact sums: in sets words have another order in every process, and rounding would follow it over a threshold.
    return 2 * fsum(map(weight, shared)) + CLOSE * fsum(map(weight, near))


def are_twins(ours: Collection[str], theirs: Collection[str]) -> bool:
    """Whether one field's name alone says that it repeats or replaces another: `Confirm password`, `Password`."""
    return any(group.isdisjoint(ours) != group.isdisjoint(theirs) for group in _TWINS)


def are_other_deeds(ours: Collection[str], theirs: Collection[str]) -> bool:
    """Whether one button's name alone says that it does something else with the same thing: `Save draft`, `Save`."""
    return any(group.isdisjoint(ours) != group.isdisjoint(theirs) for group in _DEEDS)


def content(name: tuple[str, ...]) -> tuple[str, ...]:
    """A name without the words that say next to nothing; the name itself when nothing else is in it."""
    return tuple(w for w in name if w not in FILLER) or name


def contained(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether all that one name says is in the other: `Search` in `Search products`. Not for words that rows repeat."""
    left, right = set(content(ours)), set(content(theirs))
    if opposed(left, right) or _numbers(left) != _numbers(right):
        return False
    less, more = sorted((left, right), key=len)
    telling = less - REPEATABLE - FILLER
    return bool(telling) and all(w in more or _NEAR.get(w, _NOTHING) & more for w in less)


def is_value(text: str) -> bool:
    """Whether a text is a mere number, price, date or time: what it says today, not what it is called."""
    return bool(_VALUE.match(text))


def _numbers(found: Collection[str]) -> set[str]:
    return {w for w in found if w.isdigit()}
