"""Evidence from what was asked for: the instruction's phrase, and the clues of the broken selector (H-14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tierwright.core.identity import Candidate
from tierwright.core.phrases import Phrase
from tierwright.models.local.abilities import is_interactive
from tierwright.models.local.compare import PART_OF_NAME, Evidence, Weight, name_worth
from tierwright.models.local.seen import Seen, Traits
from tierwright.models.local.selectors import Clues
from tierwright.models.local.words import FILLER, code_words, contained, likeness, words

QUOTED_NAME = 6.0
SPOKEN_NAME = 4.8
USABLE = 0.8
QUOTED_OTHER = -5.0
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

_TAG_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"


def true_of(phrase: Phrase, baseline: Traits) -> Phrase:
    """The phrase without what was not true of the element it meant before: its words say nothing about another."""
    known = baseline.print
    asked = words(phrase.name)
    called = any(likeness(asked, name) >= 0.75 or contained(asked, name) for name in baseline.names)
    within = any(_says(mark, phrase.section) for mark in (*known.landmarks, *known.headings[:2]))
    inside = _is_within(phrase.section_kind, known.landmarks, known.ancestors)
    stays = within if phrase.section else inside
    return replace(
        phrase,
        name=phrase.name if called else "",
        roles=phrase.roles if known.role in phrase.roles else (),
        section=phrase.section if stays else "",
        section_kind=phrase.section_kind if stays else "",
        row=phrase.row if _says(known.row, phrase.row) else "",
        near="" if phrase.near and not any(_says(t, phrase.near) for t in known.neighbours) else phrase.near,
    )


def weigh_phrase(found: Evidence, phrase: Phrase, seen: Seen, weight: Weight) -> None:
    """Count what the instruction says: name, kind, region, row, and what it is not."""
    if phrase.name:
        _named(found, phrase, seen, weight)
    if phrase.roles:
        found.add(*_role_worth(phrase, seen))
    if phrase.section or phrase.section_kind:
        inside = in_section(phrase, seen.candidate)
        found.add(3.0 if inside else -4.0, f"in the {phrase.section or phrase.section_kind}")
    if phrase.row:
        inside = _says(seen.candidate.row, phrase.row)
        found.add(3.0 if inside else -5.0, f"in the row of {phrase.row!r}")
    if ruled_out(phrase, seen):
        found.add(-8.0, "the instruction rules it out")


def ruled_out(phrase: Phrase, seen: Traits) -> bool:
    """Whether the phrase says of an element that it is not meant: `not "Sign up"`."""
    return any(_says(text, unwanted) for unwanted in phrase.not_words for text in seen.called)


def _named(found: Evidence, phrase: Phrase, seen: Seen, weight: Weight) -> None:
    wanted = phrase.name.casefold().strip()
    texts = _texts_by(phrase.by, seen)
    if any(t.casefold() == wanted for t in texts):
        # A name said without a kind is meant of what people can use.
        usable = USABLE if not phrase.roles and is_interactive(seen.print) else 0.0
        found.add(QUOTED_NAME if phrase.exact else SPOKEN_NAME + usable, f"it is called {phrase.name!r}")
        return
    asked = words(phrase.name)
    alike = max((likeness(asked, words(t), weight) for t in texts), default=0.0)
    if 0 <= alike < PART_OF_NAME and not phrase.exact and any(_within(asked, words(t)) for t in texts):
        alike = PART_OF_NAME
    if alike < 0.75 and asked and set(asked) <= seen.codes:
        found.add(2.0, f"its id says {phrase.name!r}")
        return
    worth = name_worth(alike)
    if phrase.exact:
        worth = worth - 0.8 if worth > 0 else QUOTED_OTHER + 0.5 * (worth + 4.0)
    found.add(worth, f"it is called {texts[0][:40]!r}" if texts else "it has no name")


def _texts_by(by: str, seen: Seen) -> tuple[str, ...]:
    p = seen.print
    if by == "test id":
        return tuple(value for _, value in p.test_ids)
    only = {"label": (p.label, p.name), "placeholder": (p.placeholder,), "title": (p.title,), "alt": (p.alt, p.name)}
    return tuple(t for t in only[by] if t) if by in only else seen.called


def _role_worth(phrase: Phrase, seen: Seen) -> tuple[float, str]:
    role = seen.print.role
    if role in phrase.roles:
        return 1.5, f"it is a {role}"
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
    return any(_says(text, phrase.section) for text in (*named, *candidate.fingerprint.headings[:2]))


def _is_within(kind: str, landmarks: Sequence[str], ancestors: Sequence[str]) -> bool:
    """Whether an element stands in a region of this kind: by role, by tag, or because a class or id says so."""
    kind = kind.casefold()
    kinds = _REGIONS.get(kind, (kind,))
    roles = {mark.partition(":")[0].strip() for mark in landmarks}
    tags = {entry[: len(entry) - len(entry.lstrip(_TAG_LETTERS))] for entry in ancestors}
    said = {word for entry in ancestors for word in code_words(entry.lstrip(_TAG_LETTERS))}
    return not roles.isdisjoint(kinds) or not tags.isdisjoint((*kinds, *_TAGS.get(kinds[0], ()))) or kind in said


def _says(text: str, wanted: str) -> bool:
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
