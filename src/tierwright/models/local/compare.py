"""Evidence that a candidate is the element a baseline describes, each piece in log-odds.

The shape is that of record linkage (Fellegi and Sunter, 1969): every feature that agrees adds what such an agreement is
worth, every contradiction takes away, a feature that one side lacks says nothing. What is *specific* to an element (its
name, address, id) is kept apart from the *context* it shares with its neighbours, which is bounded: place and looks
alone never make an identity.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from math import fsum, hypot

from tierwright.core.identity import Fingerprint
from tierwright.core.operable import is_interactive
from tierwright.models.local.abilities import is_field
from tierwright.models.local.seen import LIVE_ROLES, LONG_TEXT, Traits
from tierwright.models.local.words import (
    FILLER,
    OTHER_NUMBER,
    REPEATABLE,
    are_other_deeds,
    are_twins,
    contained,
    content,
    is_generated,
    is_value,
    likeness,
    words,
)

SAME_NAME = 5.0
OTHER_NAME = -4.0
OPPOSITE_NAME = -8.0
CONTEXT_GAIN = 3.0
CONTEXT_LOSS = -2.0
"""How much everything around an element may add or take away, together."""
NAMELESS_CONTEXT = 1.5
"""By how much more for elements without any text: icons, whose surroundings are most of what they have."""
MOVED_AND_RENAMED = -1.5
"""What it takes away when neither name nor place is the same: a new name needs its old place."""
GENERIC_ELSEWHERE = -2.0
"""What it takes away when a name that rows repeat ("Start now") leads elsewhere than before."""
SHARED_CONTEXT = 3.5
"""By how much more where several elements bear the name: there the surroundings say which one is meant."""

_CURVE = ((-1.0, OPPOSITE_NAME), (0.0, OTHER_NAME), (0.25, -3.5), (0.5, -0.5), (0.75, 2.0), (1.0, SAME_NAME - 0.5))
_ENDING = re.compile(r"(?:/(?:index|default))?\.(?:html?|php|aspx?|jsp)$|/index$")
_PLAIN_PATHS = frozenset({"", "/", "#"})
_PLAIN_ROLES = frozenset(
    {"", "paragraph", "strong", "emphasis", "definition", "term", "cell", "gridcell", "listitem", "generic"}
)
SAME_LIVE_ROLE = 2.0
SUBMIT_TO_LINK = -2.0
NOT_OPERABLE = -1.0
ELSEWHERE_IN_PAGE = -0.6
"""What it takes away for each part of a page (header, footer) that one lies in and the other does not."""
_PART_TAGS = frozenset({"header", "footer", "aside", "dialog"})
_ALIKE_ROLES = (
    frozenset({"button", "link", "menuitem", "tab", "option"}),
    frozenset({"textbox", "searchbox", "combobox", "spinbutton"}),
    frozenset({"checkbox", "switch", "radio", "menuitemcheckbox", "menuitemradio"}),
    frozenset({"combobox", "listbox", "select"}),
)

OTHER_ID_OF_A_VALUE = -2.0
OTHER_FORM_NAME = -0.6
OTHER_FIELD = -2.0
"""Another form name under another label: something else is sent there (`is_staff` and `is_superuser`)."""
OF_ANY_ELEMENT = frozenset({"id"})
"""Words of ids and classes that any element may bear: `id_is_staff` and `id_is_active` share no more than them."""
BORNE_BY_MANY = 0.8
"""What an identifier says at most that several elements bear."""
STOOD_BESIDE = -3.0
"""What it takes away when a candidate is called as something that stood beside the known element."""
CAPTION = "label"
"""The role of what names a field."""
PART_OF_NAME = 0.8
"""The likeness of two names where one holds all that the other says."""
PLACE_STANDS = 1.5
"""The best context on a page from which its old place is still there."""
SAME_MEANING = 0.9
"""The likeness from which two names mean the same."""
SAME_LABEL = 4.5
OTHER_LABEL = -1.0
NOW_EMPTY = -2.0
LABEL_WORDS = 6
OTHER_SIDE = 0.75
"""How much a label counts that stood before the element and stands behind it now."""
REDESIGNED_LOSS = -0.5
REWORDED = 0.6
REWORDED_WITH_THE_PAGE = 1.0
"""What surroundings may take away on a page where nothing of the old ones is left."""
"""What the same label beside it says about an element that has no name of its own."""
ATTRIBUTES = {"autocomplete": (2.0, -1.5), "value": (1.5, -1.5), "inputmode": (0.5, -0.5), "pattern": (1.0, 0.0)}
"""What the same, and another, value of an attribute says; a little for all others that are the same."""
ALONE = {
    "role:searchbox": 2.5,
    "tag:h1": 3.5,
    "type:file": 2.0,
    "role:alert": 2.0,
    "role:status": 2.0,
    "type:email": 1.5,
    "tag:select": 1.2,
    "tag:textarea": 1.2,
}
ALONE_OF_COMMON_KIND = 0.8
"""What being the only one of its kind says, before and now: on the page; in its region somewhat less."""

Weight = Callable[[str], float]


@dataclass(slots=True)
class Evidence:
    """Pieces of evidence for one candidate: `specific` to it, or its `context`; `reasons` in words.

    `alike` is the likeness of the names, `other_field` whether label and form name are both another.
    """

    specific: float = 0.0
    context: float = 0.0
    gain: float = CONTEXT_GAIN
    loss: float = CONTEXT_LOSS
    alike: float = 0.0
    other_field: bool = False
    reasons: list[str] = field(default_factory=list)

    @property
    def total(self) -> float:
        """All of it in log-odds."""
        return self.specific + max(self.loss, min(self.gain, self.context))

    def add(self, worth: float, reason: str = "") -> None:
        """Count something that is specific to the element."""
        self.specific += worth
        if reason and abs(worth) >= 0.5:
            self.reasons.append(reason if worth > 0 else f"but {reason}")

    def hint(self, worth: float, reason: str = "") -> None:
        """Count something of its surroundings."""
        self.context += worth
        if reason and abs(worth) >= 0.75:
            self.reasons.append(reason if worth > 0 else f"but {reason}")


@dataclass(frozen=True, slots=True)
class Rarity:
    """How common things are on the page: `word` and `code` weigh a word, `sharing` counts elements called the same.

    `bearing` counts the elements that bear an identifier (a test id, id or form name).
    """

    word: Weight
    sharing: Callable[[str], int]
    code: Weight
    bearing: Callable[[str], int] = lambda _: 1


def compare(baseline: Traits, seen: Traits, rarity: Rarity) -> Evidence:
    """All evidence for and against both being the same element."""
    found = Evidence()
    _widen(found, baseline, seen, rarity)
    _names(found, baseline, seen, rarity)
    _kinds(found, baseline.print, seen.print)
    _addresses(found, baseline.print, seen.print)
    _identifiers(found, baseline, seen, rarity.bearing)
    _beside_before(found, baseline, seen)
    _attributes(found, dict(baseline.print.attributes), dict(seen.print.attributes))
    _alone(found, baseline.print, seen.print)
    _codes(found, baseline, seen, rarity.code)
    _surroundings(found, baseline, seen, rarity.word)
    return found


def _widen(found: Evidence, baseline: Traits, seen: Traits, rarity: Rarity) -> None:
    """Let the surroundings weigh more where the name alone does not settle which element it is."""
    if not baseline.names:
        found.gain += NAMELESS_CONTEXT
        found.loss -= NAMELESS_CONTEXT
    elif rarity.sharing(seen.main) > 1:
        found.gain += SHARED_CONTEXT
        found.loss -= SHARED_CONTEXT


def name_worth(alike: float) -> float:
    """What a likeness of names is worth in log-odds."""
    for (x0, y0), (x1, y1) in pairwise(_CURVE):
        if alike <= x1:
            return y0 + (y1 - y0) * (alike - x0) / (x1 - x0)
    return _CURVE[-1][1]


def best_likeness(ours: Traits, theirs: Traits, weight: Weight) -> tuple[float, bool]:
    """The best likeness of any of both elements' names, and whether two are letter for letter the same."""
    same = {t.casefold() for t in ours.called} & {t.casefold() for t in theirs.called}
    if ours.main == theirs.main or any(words(text) for text in same):
        return 1.0, True
    pairs = [likeness(a, b, weight) for a in ours.names for b in theirs.names]
    best = max(pairs, default=0.0)
    return (min(pairs) if best < 0.75 and min(pairs, default=0.0) < 0 else best), False


def _names(found: Evidence, baseline: Traits, seen: Traits, rarity: Rarity) -> None:
    if not baseline.names:
        _without_name(found, baseline, seen, rarity)
        return
    if not seen.names:
        _nameless(found, baseline, seen)
        return
    alike, exact = best_likeness(baseline, seen, rarity.word)
    if 0 <= alike < PART_OF_NAME and _may_share_a_name(baseline, seen) and _part_of(baseline, seen):
        alike = PART_OF_NAME
    if not exact and is_field(baseline.print) and are_twins(baseline.names[0], seen.names[0]):
        alike = min(alike, OTHER_NUMBER)
    if not exact and baseline.print.role == "button" and are_other_deeds(baseline.names[0], seen.names[0]):
        alike = min(alike, OTHER_NUMBER)
    worth = SAME_NAME + 0.25 * min(4, len(set(content(seen.names[0])) - REPEATABLE)) if exact else name_worth(alike)
    if worth > 0:
        worth *= _specificity(baseline, seen, rarity)
    found.alike = alike
    found.add(worth, _name_reason(alike, exact, baseline, seen))


def _may_share_a_name(baseline: Traits, seen: Traits) -> bool:
    """Whether both are of one kind, so that a longer or shorter name is a rewording and not another thing's."""
    ours, theirs = baseline.print, seen.print
    return ours.role == theirs.role or any(ours.role in g and theirs.role in g for g in _ALIKE_ROLES)


def _part_of(baseline: Traits, seen: Traits) -> bool:
    return any(contained(a, b) for a in baseline.names[:2] for b in seen.names[:2])


def _without_name(found: Evidence, baseline: Traits, seen: Traits, rarity: Rarity) -> None:
    """What shows a value is known by its label; what shows another kind of text, or has a name, is something else."""
    if seen.names and not baseline.unnamed:
        found.add(-0.5 if is_field(seen.print) else -1.5, f"it has a name, {seen.called[0][:40]!r}, and had none")
    if seen.names and is_interactive(seen.print) and not is_interactive(baseline.print):
        found.add(-2.0)
    if baseline.unnamed and (ours := _shape(baseline.print)) and (theirs := _shape(seen.print)):
        same = 0.0 if ours == "words" else 1.0
        found.add(same if ours == theirs else -2.5, f"it shows {theirs}")
    if baseline.unnamed and not (seen.print.text or seen.print.name):
        found.add(NOW_EMPTY, "it is empty")
    if not is_interactive(baseline.print) and _is_label(baseline) and seen.print.neighbours:
        alike = _label_likeness(baseline, seen, rarity.word)
        labelled = baseline.print.role not in LIVE_ROLES | {"heading"}
        worth = SAME_LABEL * (alike - 0.5) * 2 if alike > 0.5 else OTHER_LABEL * labelled
        found.add(worth, f"beside {seen.print.neighbours[0][:40]!r}")


def _is_label(traits: Traits) -> bool:
    """Whether the text beside it is short enough to be its label."""
    return bool(traits.print.neighbours) and len(words(traits.print.neighbours[0])) <= LABEL_WORDS


def _label_likeness(baseline: Traits, seen: Traits, weight: Weight) -> float:
    ours, theirs = baseline.print.neighbours[0], seen.print.neighbours[0]
    if ours == theirs and not is_value(ours) and baseline.allowed(ours):
        return 1.0
    pairs = [
        (a, b, 1.0 if i == j else OTHER_SIDE) for i, a in enumerate(baseline.beside) for j, b in enumerate(seen.beside)
    ]
    alike = max((part * likeness(a, b, weight) for a, b, part in pairs), default=0.0)
    within = [PART_OF_NAME * part for a, b, part in pairs if contained(a, b) and likeness(a, b) >= 0.5]
    return max(alike, *within) if within else alike


def _shape(seen: Fingerprint) -> str:
    """Which kind of text an element shows; the text itself does not count."""
    text = seen.text or seen.name
    if not text:
        return ""
    if not any(c.isdigit() for c in text):
        return "words"
    if any(c in "$€£¥" for c in text) and len(text) < 16:
        return "a price"
    if is_value(text):
        return "a number"
    return "words" if " " in text else "a code"


def _nameless(found: Evidence, baseline: Traits, seen: Traits) -> None:
    """A field may be called by the text beside it, and a link to the same place may show a picture now."""
    if is_field(seen.print):
        beside = any(_labels(words(text), name) for text in seen.print.neighbours for name in baseline.names)
        found.add(
            1.5 if beside else -0.5, f"{baseline.called[0][:40]!r} stands beside it" if beside else "it has no name"
        )
    else:
        found.add(-1.0 if _same_address(baseline.print, seen.print) else -2.5, "it has no name")


def _labels(text: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return text == name or (len(text) <= LABEL_WORDS and contained(text, name))


def _same_address(ours: Fingerprint, theirs: Fingerprint) -> bool:
    return _plain(ours.href_path) == _plain(theirs.href_path) and ours.href_path not in _PLAIN_PATHS


@lru_cache(maxsize=50_000)
def _plain(path: str) -> str:
    """A path without the endings that come and go: `/help/`, `/help.html` and `/help/index.php` are one page."""
    return _ENDING.sub("", path.casefold()).rstrip("/")


def _specificity(baseline: Traits, seen: Traits, rarity: Rarity) -> float:
    """A name that rows repeat, or that several elements bear, says less about which one is meant."""
    common = 1 if _same_address(baseline.print, seen.print) else rarity.sharing(seen.main)
    share = 1.0 if common <= 1 else max(0.45, 1.0 - 0.18 * (common - 1))
    return min(share, 0.7) if _is_generic(baseline) else share


def _is_generic(baseline: Traits) -> bool:
    named = baseline.names[0] if baseline.names else ()
    return bool(named) and all(w in REPEATABLE or w in FILLER or w.isdigit() for w in named)


def named_places(print_: Fingerprint) -> set[str]:
    """Ancestors that have an id or classes: parts of a page's layout that one finds again."""
    return {entry for entry in print_.ancestors if entry != _tag(entry) and not entry.startswith(("body", "html"))}


def expect_rewording(found: Evidence, *, named_as_before: bool) -> None:
    """On a redesigned page surroundings say little against an element, and a name that is somewhat alike says more."""
    found.loss = REDESIGNED_LOSS
    if not named_as_before and REWORDED <= found.alike < SAME_MEANING:
        found.add(REWORDED_WITH_THE_PAGE, "the page was reworded too")


def weigh_doubts(found: Evidence, baseline: Traits, seen: Traits, *, place_stands: bool) -> None:
    """Count what only shows when several pieces of evidence are seen together."""
    needs_place = SAME_MEANING if place_stands else PART_OF_NAME
    if baseline.names and seen.names and found.context < 0.5 and found.alike < needs_place:
        found.add(MOVED_AND_RENAMED, "neither name nor place is the same")
    ours, theirs = baseline.print, seen.print
    if (
        _is_generic(baseline)
        and ours.href_path
        and theirs.href_path
        and _plain(ours.href_path) != _plain(theirs.href_path)
    ):
        found.add(GENERIC_ELSEWHERE)


def _name_reason(alike: float, exact: bool, baseline: Traits, seen: Traits) -> str:
    ours, theirs = baseline.called[0][:40], seen.called[0][:40]
    if exact:
        return f"the same name, {theirs!r}"
    if alike >= 1.0:
        return f"{theirs!r} means the same as {ours!r}"
    if alike < 0:
        return f"{theirs!r} is the opposite of {ours!r}"
    return f"a similar name, {theirs!r}" if alike >= 0.55 else f"another name, {theirs!r} instead of {ours!r}"


def _kinds(found: Evidence, ours: Fingerprint, theirs: Fingerprint) -> None:
    if {ours.role, theirs.role} <= _PLAIN_ROLES:
        found.add(0.6 if ours.tag == theirs.tag else -0.3)
    elif ours.role and theirs.role:
        found.add(*_role_worth(ours.role, theirs.role))
    elif ours.tag and ours.tag == theirs.tag:
        found.add(0.6)
    elif ours.role or theirs.role:
        found.add(-1.5 if ours.role in LIVE_ROLES | {"heading"} else -1.0)
    if ours.tag and ours.tag == theirs.tag:
        found.add(0.4)
    if is_interactive(ours) and not is_interactive(theirs):
        found.add(NOT_OPERABLE, "people cannot operate it")
    if is_field(ours) != is_field(theirs) and ours.tag:
        found.add(-4.0, "one is a field and the other is not")
    if ours.type == "submit" and theirs.role == "link" and theirs.href_path not in _PLAIN_PATHS:
        found.add(SUBMIT_TO_LINK, "it leads somewhere and submits nothing")
    if ours.type and theirs.type and ours.type != theirs.type:
        found.add(-4.0 if "password" in (ours.type, theirs.type) else -1.0, f"its type is {theirs.type}")


def _role_worth(ours: str, theirs: str) -> tuple[float, str]:
    if ours == theirs:
        return SAME_LIVE_ROLE if ours in LIVE_ROLES else 0.8, f"the same role, {theirs}"
    if any(ours in group and theirs in group for group in _ALIKE_ROLES):
        return -0.2, f"{theirs} instead of {ours}"
    # A caption belongs to its field: what was content by itself does not become one.
    return -4.0 if CAPTION in (ours, theirs) else -2.0, f"it is a {theirs}, not a {ours}"


def _addresses(found: Evidence, ours: Fingerprint, theirs: Fingerprint) -> None:
    if not ours.href_path or not theirs.href_path or {ours.href_path, theirs.href_path} <= _PLAIN_PATHS:
        return
    if _same_address(ours, theirs):
        found.add(3.0, f"it leads to the same place, {theirs.href_path}")
        return
    if ours.href_path in _PLAIN_PATHS or theirs.href_path in _PLAIN_PATHS:
        found.add(-0.8)
        return
    alike = _path_likeness(_plain(ours.href_path), _plain(theirs.href_path))
    found.add(-1.2 + 1.8 * alike, "" if alike > 0.5 else "it leads elsewhere")


def _path_likeness(ours: str, theirs: str) -> float:
    """The share of segments both have, ids and dates left out; paths that begin the same are somewhat alike."""
    a, b = _segments(ours), _segments(theirs)
    alike = 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0
    return max(alike, 0.6 if ours[:5] == theirs[:5] else 0.0)


def _segments(path: str) -> set[str]:
    return {s for s in path.split("/") if s and not (s.isdigit() and len(s) > 5)}


def _beside_before(found: Evidence, baseline: Traits, seen: Traits) -> None:
    """Count against a candidate that bears the name of something that stood beside the known element: it is that."""
    neighbours = {" ".join(text.split()).casefold() for text in baseline.print.neighbours}
    own = {text.casefold() for text in baseline.called}
    if seen.main and seen.main in neighbours - own:
        found.add(STOOD_BESIDE, f"{seen.called[0][:40]!r} stood beside it")


def _identifiers(found: Evidence, baseline: Traits, seen: Traits, bearing: Callable[[str], int]) -> None:
    ours, theirs = baseline.print, seen.print
    _test_ids(found, dict(ours.test_ids), dict(theirs.test_ids), bearing)
    if ours.id and theirs.id:
        if ours.id == theirs.id:
            found.add(0.5 if is_generated(ours.id) else 3.0, f"the same id, {theirs.id}")
        elif not is_generated(ours.id) and not is_generated(theirs.id):
            # A counter shows nothing of its own: its id is most of what tells it from the counter beside it.
            found.add(OTHER_ID_OF_A_VALUE if baseline.unnamed and not baseline.codes & seen.codes else -0.5)
    if ours.name_attribute and theirs.name_attribute:
        same = ours.name_attribute == theirs.name_attribute
        found.other_field = not same and _is_relabelled(found, baseline, seen)
        other = OTHER_FIELD if found.other_field else OTHER_FORM_NAME
        worth = _borne(3.0, theirs.name_attribute, bearing) if same else other
        found.add(worth, f"{'the same' if same else 'another'} form name, {theirs.name_attribute}")
    elif shared := baseline.ids & seen.ids:
        found.add(max(_borne(2.0, mark, bearing) for mark in shared), "an identifier it had before")
    if ours.alt and ours.alt == theirs.alt:
        found.add(0.5)


def _is_relabelled(found: Evidence, baseline: Traits, seen: Traits) -> bool:
    return bool(baseline.names and seen.names) and found.alike < REWORDED


def _borne(worth: float, mark: str, bearing: Callable[[str], int]) -> float:
    """What an identifier is worth: one that many elements bear (`data-testid=card`) names a kind and not an element."""
    return worth if bearing(mark) <= 1 else min(worth, BORNE_BY_MANY)


def _test_ids(found: Evidence, ours: dict[str, str], theirs: dict[str, str], bearing: Callable[[str], int]) -> None:
    shared = ours.keys() & theirs.keys()
    same = [ours[k] for k in shared if ours[k] == theirs[k]]
    if same:
        found.add(max(_borne(5.0, mark, bearing) for mark in same), "the same test id")
    elif shared:
        found.add(-2.0, "another test id")


def _attributes(found: Evidence, ours: dict[str, str], theirs: dict[str, str]) -> None:
    """What a field takes, and which choice it is. Another field may well take the same: a password, and once more."""
    for name in ours.keys() & theirs.keys():
        for_it, against = ATTRIBUTES.get(name, (0.2, 0.0))
        for_it = 0.0 if found.other_field else for_it
        same = ours[name] == theirs[name]
        if ours[name] not in ("on", "off", "true", "false"):
            found.add(for_it if same else against, f"{'the same' if same else 'another'} {name}, {theirs[name]}")


def _alone(found: Evidence, ours: Fingerprint, theirs: Fingerprint) -> None:
    """Count the most telling kind in which it was, and is, the only one."""
    both = {kind for kind in set(ours.sole) & set(theirs.sole) if not kind.startswith("shared:")}
    worths = [(_alone_worth(kind), kind) for kind in both]
    if worths:
        worth, kind = max(worths)
        if worth <= ALONE_OF_COMMON_KIND * 1.5 and found.alike > 0.5:
            worth *= 1.5
        found.add(worth, f"the only {kind.partition(':')[2]}")


def _alone_worth(kind: str) -> float:
    of, _, where = kind.partition(" ")
    return ALONE.get(of, ALONE_OF_COMMON_KIND) * (0.7 if where else 1.0)


def _codes(found: Evidence, baseline: Traits, seen: Traits, weight: Weight) -> None:
    """Words of ids, form names and classes that few elements share: `#cart-count` and `.basket-count`."""
    shared = (baseline.codes & seen.codes) - FILLER - OF_ANY_ELEMENT
    if shared:
        found.add(min(2.0, fsum(map(weight, shared))), f"ids or classes say {' '.join(sorted(shared))!r}")


def _surroundings(found: Evidence, baseline: Traits, seen: Traits, weight: Weight) -> None:
    ours, theirs = baseline.print, seen.print
    found.hint(_overlap(baseline.around, seen.around, weight), "the same texts around it")
    if ours.neighbours and theirs.neighbours and ours.neighbours[0] == theirs.neighbours[0]:
        found.hint(0.8)
    if ours.headings and theirs.headings:
        same = words(ours.headings[0]) == words(theirs.headings[0])
        found.hint(1.0 if same else -0.4, "the same heading above it")
    if baseline.row and seen.row:
        found.hint(max(0.0, _overlap(baseline.row, seen.row, weight)) / 2, "the same row")
    if baseline.regions & seen.regions:
        found.hint(0.5, "in the same region")
    found.hint(ELSEWHERE_IN_PAGE * len(_parts(ours.ancestors) ^ _parts(theirs.ancestors)))
    found.hint(_ancestry(ours.ancestors, theirs.ancestors), "the same place in the page")
    found.hint(_classes(ours.classes, theirs.classes))
    found.hint(_place(ours, theirs))
    if ours.frame_path != theirs.frame_path:
        found.hint(-0.5)


def _overlap(ours: frozenset[str], theirs: frozenset[str], weight: Weight) -> float:
    if not ours or not theirs:
        return 0.0
    shared = fsum(map(weight, ours & theirs))
    smaller = min(fsum(map(weight, ours)), fsum(map(weight, theirs)))
    return -0.6 + 2.6 * min(1.0, shared / smaller) if smaller else 0.0


def _ancestry(ours: tuple[str, ...], theirs: tuple[str, ...]) -> float:
    """Nearest ancestors alike, their ids and classes counted as far as they are known."""
    if not ours or not theirs:
        return 0.0
    near = [_ancestor(a, b) / (i + 1) for i, (a, b) in enumerate(zip(ours[:6], theirs[:6], strict=False))]
    named = _named(ours) & _named(theirs)
    return -0.6 + 1.4 * sum(near) / sum(1 / (i + 1) for i in range(len(near))) + min(1.0, 0.5 * len(named))


@lru_cache(maxsize=2_000)
def _parts(chain: tuple[str, ...]) -> frozenset[str]:
    """The parts of a page it lies in, by their tags."""
    return frozenset(map(_tag, chain)) & _PART_TAGS


@lru_cache(maxsize=20_000)
def _ancestor(ours: str, theirs: str) -> float:
    if ours == theirs:
        return 1.0
    if _tag(ours) != _tag(theirs):
        return 0.0
    return 0.8 if _tag(ours) in (ours, theirs) else 0.5


@lru_cache(maxsize=20_000)
def _tag(entry: str) -> str:
    for mark in "#.[":
        entry = entry.partition(mark)[0]
    return entry


@lru_cache(maxsize=2_000)
def _named(chain: tuple[str, ...]) -> set[str]:
    return {entry.partition("#")[2].partition(".")[0].partition("[")[0] for entry in chain if "#" in entry}


def _classes(ours: tuple[str, ...], theirs: tuple[str, ...]) -> float:
    left = {c for c in ours if not is_generated(c)}
    right = {c for c in theirs if not is_generated(c)}
    if not left or not right:
        return 0.0
    return -0.3 + 1.1 * len(left & right) / len(left | right)


def _place(ours: Fingerprint, theirs: Fingerprint) -> float:
    if ours.box is None or theirs.box is None:
        return 0.0
    away = hypot(ours.box.x - theirs.box.x, ours.box.y - theirs.box.y)
    sized = abs(ours.box.width - theirs.box.width) < 3 and abs(ours.box.height - theirs.box.height) < 3
    return max(-0.9, 0.8 - away / 400.0) + (0.3 if sized else 0.0)


def is_long(traits: Traits) -> bool:
    """Whether what it is called is rather the content of a region."""
    return len(traits.main) > LONG_TEXT
