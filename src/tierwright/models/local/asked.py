"""Evidence from what was asked for: the instruction's phrase, and the clues of the broken selector (H-14)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from tierwright.core.identity import Candidate, Fingerprint
from tierwright.core.operable import is_interactive
from tierwright.core.phrases import Phrase
from tierwright.core.roles import ROWS
from tierwright.models.local.abilities import is_field
from tierwright.models.local.compare import PART_OF_NAME, Evidence, Weight, name_worth
from tierwright.models.local.seen import Seen, Traits
from tierwright.models.local.selectors import Clues
from tierwright.models.local.words import (
    FILLER,
    OF_ICONS,
    SECOND_ENTRY,
    code_words,
    contained,
    likeness,
    sign_of,
    words,
)

QUOTED_NAME = 6.0
SPOKEN_NAME = 4.8
USABLE = 0.8
QUOTED_OTHER = -5.0
IN_PLACE, IN_WHAT_IS_CALLED_SO = 3.0, 2.0
"""What it counts to lie in the place that is named; less where classes, ids and tags alone make it one."""
LOOSELY = 0.2
"""What a name counts less that is not said as it is written."""
SIGN_SAYS = 4.3
SIGN_ENDS = 3.7
SIGN_HOLDS = 2.0
"""What an id, class or picture says of something without text: the name itself, at its end, or among other words."""
_TEXTLESS = frozenset({"icon", "box"})
"""What people call something that has no text, whatever its role."""
_MESSAGES = frozenset({"alert", "message", "messagelist", "notification", "notice", "callout"})
"""What classes call a message, or the list that it is in, where no role makes it one (a toast is a notification)."""
_AREAS = frozenset({"text area", "textarea"})
_LOOSE = frozenset(
    {"click", "press", "tap", "select", "choose", "enter", "type", "fill", "check", "open", "button", "field"}
)
_REGIONS = {
    "header": ("banner", "header"),
    "footer": ("contentinfo", "footer"),
    "navigation": ("navigation",),
    "menu": ("navigation", "menu", "menubar"),
    "nav": ("navigation",),
    "sidebar": ("complementary",),
    "dialog": ("dialog", "alertdialog"),
    "modal": ("dialog", "alertdialog"),
    "popup": ("dialog", "alertdialog"),
    "form": ("form", "search"),
    "main": ("main",),
    "toolbar": ("toolbar",),
    "table": ("table", "grid"),
    "list": ("list", "listbox"),
}


_TAGS = {
    "banner": ("header",),
    "contentinfo": ("footer",),
    "navigation": ("nav",),
    "complementary": ("aside",),
    "list": ("ul", "ol", "menu", "dl"),
    "table": ("table",),
    "dialog": ("dialog",),
    "section": ("section", "fieldset"),
}
"""Tags that make a region of a kind, where no role says so."""

_CODES = {
    "navigation": frozenset({"navigation", "nav", "navbar", "menubar"}),
    "menu": frozenset({"menubar", "dropdown"}),
    "dialog": frozenset({"dialog", "modal", "popup"}),
    "complementary": frozenset({"sidebar", "aside"}),
    "banner": frozenset({"header", "topbar"}),
    "contentinfo": frozenset({"footer"}),
}
"""What classes and ids call a region of a kind that no role and no tag makes one."""

_TAG_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"


def true_of(phrase: Phrase, baseline: Traits) -> Phrase:
    """The phrase without what was not true of the element it meant before: its words say nothing about another."""
    known = baseline.print
    asked = words(phrase.name)
    called = any(likeness(asked, name) >= 0.75 or contained(asked, name) for name in baseline.names)
    within = any(says_within(mark, phrase.section) for mark in (*known.landmarks, *known.headings[:2]))
    inside = _is_within(phrase.section_kind, known.landmarks, known.ancestors)
    stays = within if phrase.section else inside
    return replace(
        phrase,
        name=phrase.name if called else "",
        roles=phrase.roles if known.role in phrase.roles else (),
        section=phrase.section if stays else "",
        section_kind=phrase.section_kind if stays else "",
        row=phrase.row if says_within(known.row, phrase.row) else "",
        near="" if phrase.near and not any(says_within(t, phrase.near) for t in known.neighbours) else phrase.near,
    )


def weigh_phrase(found: Evidence, phrase: Phrase, seen: Seen, weight: Weight) -> None:
    """Count what the instruction says: name, kind, region, row, and what it is not."""
    if phrase.name:
        _named(found, phrase, seen, weight)
    if phrase.roles:
        found.add(*_role_worth(phrase, seen))
    if phrase.section or phrase.section_kind:
        inside = in_section(phrase, seen.candidate)
        worth = (
            IN_PLACE if phrase.section or _has_landmark(phrase.section_kind, seen.candidate) else IN_WHAT_IS_CALLED_SO
        )
        found.add(worth if inside else -4.0, f"in the {phrase.section or phrase.section_kind}")
    if phrase.row:
        inside = row_says(phrase, seen.candidate)
        found.add(3.0 if inside else -5.0, f"in the row of {phrase.row!r}")
    if ruled_out(phrase, seen):
        found.add(-8.0, "the instruction rules it out")


def row_says(phrase: Phrase, candidate: Candidate) -> bool:
    """Whether the row, list item or card around it says what the phrase asks of the row, a sign like `@` included."""
    signed = not phrase.row[:1].isalnum()
    literal = f" {phrase.row} ".casefold() in f" {candidate.row} ".casefold()
    return literal if signed else says_within(candidate.row, phrase.row)


def row_begins(phrase: Phrase, candidate: Candidate) -> bool:
    """Whether the row begins with what the phrase asks of it: then it is the row of that, and no mention."""
    asked = words(phrase.row)
    return words(candidate.row)[: len(asked)] == asked


def ruled_out(phrase: Phrase, seen: Traits) -> bool:
    """Whether the phrase says of an element that it is not meant: `not "Sign up"`."""
    return any(says_within(text, unwanted) for unwanted in phrase.not_words for text in seen.called)


def _named(found: Evidence, phrase: Phrase, seen: Seen, weight: Weight) -> None:
    texts = _texts_by(phrase.by, seen)
    # A name said without a kind is meant of what people can use.
    usable = USABLE if not phrase.roles and seen.clickable else 0.0
    if is_called(phrase, seen):
        found.add(QUOTED_NAME if phrase.exact else SPOKEN_NAME + usable, f"it is called {phrase.name!r}")
        return
    if sign := _sign_for(phrase, texts, seen):
        found.add(SPOKEN_NAME + usable, f"{sign!r} and {phrase.name!r} mean the same")
        return
    if phrase.role_word in ROWS and seen.print.role in phrase.roles and says_within(seen.print.text, phrase.name):
        found.add(SPOKEN_NAME, f"it says {phrase.name!r}")
        return
    if is_called_loosely(phrase, seen) or _is_of_the_page(phrase, seen):
        found.add(SPOKEN_NAME + usable - LOOSELY, f"it is called {texts[0][:40]!r}")
        return
    asked = words(phrase.name)
    if (not seen.telling or _is_icon(phrase, seen)) and (drawn := _drawn_worth(asked, seen)):
        found.add(drawn + usable, f"its id, class or picture says {phrase.name!r}")
        return
    alike = max((likeness(asked, words(t), weight) for t in texts), default=0.0)
    if 0 <= alike < PART_OF_NAME and not phrase.exact and any(_within(asked, words(t)) for t in texts):
        alike = PART_OF_NAME
    if alike < 0.75 and asked and set(asked) <= seen.codes:
        whole = is_field(seen.print) and any(code_words(code) == asked for code in seen.ids)
        found.add(SIGN_SAYS + usable if whole else 2.0, f"its id says {phrase.name!r}")
        return
    worth = name_worth(alike)
    if phrase.exact:
        worth = worth - 0.8 if worth > 0 else QUOTED_OTHER + 0.5 * (worth + 4.0)
    found.add(worth, f"it is called {texts[0][:40]!r}" if texts else "it has no name")


def is_called(phrase: Phrase, seen: Seen) -> bool:
    """Whether it is called just so, in small or large letters."""
    wanted = _bare(phrase.name).casefold()
    return any(_bare(text).casefold() == wanted for text in _texts_by(phrase.by, seen))


def is_called_loosely(phrase: Phrase, seen: Seen) -> bool:
    """Whether it is called so in other words for the same, or but for a remark: `Run time (such as 20 s)`."""
    asked = words(phrase.name)
    if phrase.exact or not asked:
        return False
    called = {words(part) for text in _texts_by(phrase.by, seen) for part in (text, *_without_remark(text))}
    if asked in called:
        return True
    if not is_field(seen.print) or not is_second_entry(asked):
        return False
    once = _once(asked)
    return bool(once) and any(is_second_entry(name) and _once(name) == once for name in called)


def _is_of_the_page(phrase: Phrase, seen: Seen) -> bool:
    """Whether `the name of the author` is the field called Name, on a page that is about authors."""
    if phrase.exact or not is_field(seen.print):
        return False
    page = {*code_words(seen.print.page_path), *(w for heading in seen.print.headings for w in words(heading))}
    for link in (" of ", " for "):
        head, _, owner = phrase.name.partition(link)
        told = set(words(owner)) - FILLER
        if told and told <= page and is_called(replace(phrase, name=head), seen):
            return True
    return False


def _is_icon(phrase: Phrase, seen: Seen) -> bool:
    """Whether the icon that the phrase names may be this one, for all that it has a name besides."""
    return phrase.role_word == "icon" and bool(seen.candidate.drawn)


def _once(name: tuple[str, ...]) -> tuple[str, ...]:
    """What is entered a second time: the password of `Repeat the password` and of `Password confirmation`."""
    return tuple(w for w in name if w not in SECOND_ENTRY and w not in FILLER)


def is_second_entry(name: Collection[str]) -> bool:
    """Whether a field's name says that it takes once more what another one takes."""
    return not SECOND_ENTRY.isdisjoint(name)


def _without_remark(text: str) -> Iterator[str]:
    """A label without what it adds in brackets or behind a colon."""
    for mark in (" (", ": "):
        head = text.partition(mark)[0]
        if head and head != text:
            yield head


def _bare(text: str) -> str:
    """A name without the colon and the star that a form puts behind it."""
    return text.strip().rstrip(" :*") or text.strip()


def is_spelt(phrase: Phrase, seen: Seen) -> bool:
    """Whether it is called so letter for letter."""
    return _bare(phrase.name) in map(_bare, _texts_by(phrase.by, seen))


def _texts_by(by: str, seen: Seen) -> tuple[str, ...]:
    p, captions = seen.print, tuple(seen.allowed(caption) for caption in seen.candidate.captions)
    if by == "test id":
        return tuple(value for _, value in p.test_ids)
    only = {
        "label": (p.label, p.name, *captions, *(() if is_field(p) else seen.called)),
        "placeholder": (p.placeholder,),
        "title": (p.title,),
        "alt": (p.alt, p.name),
    }
    return tuple(t for t in only.get(by, (*seen.called, *captions)) if t)


def _sign_for(phrase: Phrase, texts: Sequence[str], seen: Seen) -> str:
    """The text that is a sign for the name, or which the name is a sign for (`x`, `Close`); "" for none."""
    if phrase.by not in ("name", "label") or not seen.clickable:
        return ""
    sign, asked = sign_of(phrase.name), words(phrase.name)
    for text in texts:
        # A link called X leads to a site of that name.
        drawn = "" if seen.print.role == "link" and text.isalpha() else sign_of(text)
        if (sign and words(text) == (sign,)) or (drawn and (asked == (drawn,) or sign == drawn)):
            return text
    return ""


def is_drawn_so(phrase: Phrase, seen: Seen) -> bool:
    """Whether it has no text, and one of its ids, classes or pictures says the name and nothing else."""
    return phrase.by == "name" and not seen.telling and _as_sign(words(phrase.name)) in seen.signs


def _drawn_worth(asked: tuple[str, ...], seen: Seen) -> float:
    """What the ids, classes and pictures of something without text say for a name; 0 for nothing."""
    asked = _as_sign(asked)
    if not asked or not seen.signs:
        return 0.0
    if asked in seen.signs:
        return SIGN_SAYS
    if any(said[-len(asked) :] == asked for said in seen.signs):
        return SIGN_ENDS
    return SIGN_HOLDS if any(set(asked) <= set(said) for said in seen.signs) else 0.0


def _as_sign(asked: tuple[str, ...]) -> tuple[str, ...]:
    """A name as a sign says it: of `the grey coloured box` the grey."""
    return tuple(w for w in asked if w not in OF_ICONS)


def is_of_kind(phrase: Phrase, seen: Seen) -> bool:
    """Whether it is of the kind that the phrase says: by role, a text area also by tag, an icon by having no text."""
    if phrase.role_word in _TEXTLESS and not seen.telling and seen.clickable:
        return True
    if "alert" in phrase.roles and is_message(seen.print):
        return True
    return seen.print.role in phrase.roles and not (phrase.role_word in _AREAS and seen.print.tag == "input")


def is_message(seen: Fingerprint) -> bool:
    """Whether its classes, or those of what it stands in, call it a message."""
    said = (*seen.classes, *(entry.lstrip(_TAG_LETTERS) for entry in seen.ancestors[:1]))
    words_ = {word for code in said for word in code_words(code)}
    return not is_interactive(seen) and bool(seen.text) and not words_.isdisjoint(_MESSAGES)


def _role_worth(phrase: Phrase, seen: Seen) -> tuple[float, str]:
    role = seen.print.role
    if is_of_kind(phrase, seen):
        return 1.5, f"it is a {role or phrase.role_word}"
    if {role, *phrase.roles} >= {role, "button"} and role in ("link", "menuitem", "tab"):
        return -0.3, f"it is a {role}, not a {phrase.role_word}"
    if is_interactive(seen.print):
        return -2.0, f"it is a {role or seen.print.tag}, not a {phrase.role_word}"
    return -2.5, f"it is no {phrase.role_word or phrase.roles[0]}"


def in_section(phrase: Phrase, candidate: Candidate) -> bool:
    """Whether the candidate lies in the region that the phrase names, by kind, by name, or under its heading."""
    if phrase.section_kind and not phrase.section:
        return _is_within(phrase.section_kind, candidate.landmarks, candidate.fingerprint.ancestors)
    named = [mark.partition(":")[2] for mark in candidate.landmarks]
    return any(says_within(text, phrase.section) for text in (*named, *candidate.fingerprint.headings[:2]))


def _has_landmark(kind: str, candidate: Candidate) -> bool:
    """Whether a role makes a region of this kind around it."""
    return not {mark.partition(":")[0].strip() for mark in candidate.landmarks}.isdisjoint(_kinds(kind.casefold()))


def _kinds(kind: str) -> tuple[str, ...]:
    return _REGIONS.get(kind, (kind,))


def _is_within(kind: str, landmarks: Sequence[str], ancestors: Sequence[str]) -> bool:
    """Whether an element stands in a region of this kind: by role, by tag, or because a class or id says so."""
    kind = kind.casefold()
    kinds = _kinds(kind)
    roles = {mark.partition(":")[0].strip() for mark in landmarks}
    tags = {entry[: len(entry) - len(entry.lstrip(_TAG_LETTERS))] for entry in ancestors}
    said = {word for entry in ancestors for word in code_words(entry.lstrip(_TAG_LETTERS))}
    by_tag = not tags.isdisjoint((*kinds, *_TAGS.get(kinds[0], ())))
    codes = {word for code in (kind, *_CODES.get(kind, _CODES.get(kinds[0], ()))) for word in code_words(code)}
    return not roles.isdisjoint(kinds) or by_tag or not said.isdisjoint(codes)


def says_within(text: str, wanted: str) -> bool:
    """Whether the words of a text contain those wanted, one after the other."""
    inside, asked = words(text), words(wanted)
    return bool(asked) and any(inside[i : i + len(asked)] == asked for i in range(len(inside) - len(asked) + 1))


def says(seen: Traits, wanted: str) -> bool:
    """Whether an element is called so, whole."""
    asked = words(wanted)
    return bool(asked) and any(name == asked for name in seen.names)


def weigh_instruction(found: Evidence, instruction: str, seen: Seen) -> None:
    """Count the words of an instruction that has no clear phrase: a name that stands in it whole is a hint."""
    asked = words(instruction)
    inside = [n for n in seen.names if 0 < len(n) < 8 and not set(n) <= FILLER | _LOOSE and _within(n, asked)]
    if inside:
        most = max(len(name) for name in inside)
        named = next(" ".join(name) for name in inside if len(name) == most)
        found.add(min(4.0, 2.0 + most), f"the instruction names {named!r}")
    elif seen.names:
        found.add(-1.0)


def _within(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    return any(whole[i : i + len(part)] == part for i in range(len(whole) - len(part) + 1))


def weigh_clues(found: Evidence, clues: Clues, seen: Seen, weight: Weight) -> None:
    """Count what the selector that found nothing says about the element."""
    if clues.said:
        alike = max((likeness(a, b, weight) for a in clues.said for b in seen.names), default=0.0)
        worth = name_worth(alike)
        found.add(worth if worth > 0 else worth / 2, "the selector's text" if worth > 0 else "not the selector's text")
    if clues.raw & seen.ids:
        found.add(4.0, "an identifier that the selector names")
    elif clues.coded:
        found.add(*_coded_worth(set(clues.coded), seen))
    if clues.roles:
        found.add(0.7 if seen.print.role in clues.roles else -0.4)


def _coded_worth(coded: set[str], seen: Seen) -> tuple[float, str]:
    names = [set(n) - FILLER for n in seen.names[:3]]
    if any(n == coded for n in names):
        return 4.8, f"the selector's words {' '.join(sorted(coded))!r}"
    href = set(code_words(seen.print.href_path))
    by_name = max((2 * len(n & coded) / (len(n) + len(coded)) for n in names if n), default=0.0)
    by_code = max(len(seen.codes & coded), len(href & coded)) / len(coded)
    worth = 2.5 * by_name + 1.8 * by_code
    return (min(4.0, worth), "words of the selector") if worth else (-0.7, "")
