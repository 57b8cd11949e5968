"""What a broken selector still says: `#login-btn` means something called login, probably a button."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tierwright.models.local.words import code_words, is_generated, words

TAG_ROLES = {
    "a": ("link",),
    "button": ("button",),
    "input": ("textbox", "searchbox", "checkbox", "radio", "button", "spinbutton"),
    "textarea": ("textbox",),
    "select": ("combobox", "listbox"),
    "img": ("img", "image"),
    "li": ("listitem",),
    "option": ("option",),
    "h1": ("heading",),
    "h2": ("heading",),
    "h3": ("heading",),
}
WORD_ROLES = {
    "button": ("button",),
    "link": ("link",),
    "input": ("textbox", "searchbox", "spinbutton"),
    "field": ("textbox", "searchbox", "spinbutton", "combobox"),
    "txt": ("textbox",),
    "textbox": ("textbox",),
    "checkbox": ("checkbox", "switch"),
    "chk": ("checkbox", "switch"),
    "radio": ("radio",),
    "tab": ("tab",),
    "dropdown": ("combobox", "listbox"),
    "combo": ("combobox",),
    "icon": (),
    "form": (),
    "id": (),
    "wrapper": (),
    "container": (),
    "item": (),
    "el": (),
    "main": (),
    "primary": (),
    "secondary": (),
}
"""Words in ids that speak of the kind of element and not of this one."""

_TEXT = re.compile(
    r"(?:has-text|text-is|text|getByText)\(\s*(?P<q1>[\"'])(?P<t1>.*?)(?P=q1)"
    r"|text\s*=\s*(?P<q2>[\"']?)(?P<t2>[^\"'\]>]+)(?P=q2)"
    r"|(?:text\(\)|normalize-space\([^)]*\)|\.)\s*(?:=|,)\s*(?P<q3>[\"'])(?P<t3>.*?)(?P=q3)"
    r"|\[name=(?P<q4>[\"'])(?P<t4>[^\"']*)(?P=q4)i?s?\](?=\s*$|\s*>>)"
)
_ROLE = re.compile(r"role\s*=\s*[\"']?([a-z]+)")
_ATTRIBUTE = re.compile(r"@?([\w-]+)\s*(?:[*^$~|]?=|,)\s*[\"']([^\"']+)[\"']|\[([\w-]+)[*^$~|]?=([\w./#-]+)\]")
_ID = re.compile(r"#([\w-]+)")
_CLASS = re.compile(r"\.([A-Za-z_][\w-]*)")
_LAST_TAG = re.compile(r"(?:^|[\s>+~/])([a-zA-Z][a-zA-Z0-9]*)(?=[\[.#:]|\s*$)")
_SPOKEN = ("aria-label", "placeholder", "title", "alt", "value")


@dataclass(frozen=True, slots=True)
class Clues:
    """What a selector's last part says. `said` are texts people read, `coded` words of ids, classes and attributes."""

    said: tuple[tuple[str, ...], ...] = ()
    coded: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    raw: frozenset[str] = frozenset()
    """Whole ids and attribute values, to find them again on another attribute."""

    @property
    def empty(self) -> bool:
        """Whether the selector names nothing: positions and tags alone."""
        return not (self.said or self.coded or self.raw)


@lru_cache(maxsize=2_000)
def read_selector(selector: str | None) -> Clues:
    """Take the clues out of a CSS, XPath or Playwright selector; only its last part speaks of the element itself."""
    if not selector:
        return Clues()
    last = _last_part(selector)
    said = tuple(w for w in (words(t) for t in _texts(last)) if w)
    values = _values(last)
    coded = tuple(dict.fromkeys(w for value in values for w in code_words(value)))
    kinds = [WORD_ROLES[w] for w in coded if w in WORD_ROLES]
    roles = _ROLE.findall(last) or [r for kind in kinds for r in kind] or list(_tag_roles(last))
    return Clues(
        said,
        tuple(w for w in coded if w not in WORD_ROLES),
        tuple(dict.fromkeys(roles)),
        frozenset(v for v in values if not is_generated(v)),
    )


def _last_part(selector: str) -> str:
    """The part after the last combinator that is outside quotes and brackets, else the nearest part with a name."""
    selector = selector.rpartition(">>")[2].strip()
    if selector.startswith("text="):
        return selector
    parts, depth, quote, current = [], 0, "", ""
    for char in selector.removeprefix("xpath=").removeprefix("css="):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "[(":
            depth += 1
        elif char in ")]":
            depth -= 1
        if not quote and depth == 0 and char in " >/+~":
            parts.append(current)
            current = ""
        else:
            current += char
    parts.append(current)
    return next((p for p in reversed(parts) if p.strip()), "")


def _texts(part: str) -> list[str]:
    found = [next(m.group(g) for g in ("t1", "t2", "t3", "t4") if m.group(g) is not None) for m in _TEXT.finditer(part)]
    spoken = [value for name, value in _attributes(part) if name in _SPOKEN]
    return found + spoken


def _attributes(part: str) -> list[tuple[str, str]]:
    return [(n1 or n2, v1 or v2) for n1, v1, n2, v2 in _ATTRIBUTE.findall(part)]


def _values(part: str) -> list[str]:
    """Ids, classes and attribute values, ids first."""
    attributes = [v for n, v in _attributes(part) if n not in (*_SPOKEN, "role", "type", "name") or n == "name"]
    bare = re.sub(r"\[[^\]]*\]|\([^)]*\)", "", part)
    return [*_ID.findall(bare), *attributes, *_CLASS.findall(bare)]


def _tag_roles(part: str) -> tuple[str, ...]:
    tags = _LAST_TAG.findall(re.sub(r"\[[^\]]*\]|\([^)]*\)", "", part))
    return TAG_ROLES.get(tags[-1].lower(), ()) if tags else ()
