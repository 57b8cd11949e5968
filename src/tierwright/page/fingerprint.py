"""What the injected module saw of an element, made into a Fingerprint (healing.md, H-11)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from tierwright.core.identity import Box, Fingerprint

Unexpand = Callable[[str], str]

_FRAMEWORK = re.compile(
    r"^(?:(?:ember|ext-gen|ext-comp|yui_|jss|gwt-uid|j_idt|ui-id|dp|uid|uuid|guid)[-_]?\d|"
    r"(?:radix|headlessui|react-aria|downshift|react-select|mui|mat|cdk|rc|tippy|popper|select2|chakra|mantine|floating-ui|vaul|"
    r"input|field|control|el|id|gen|auto)[-_].*\d|"
    r"(?:css|sc|svelte|jss|emotion|styled|tw|makeStyles|astro|data-v|_ngcontent|_nghost|ng-tns)-[\w-]*[A-Za-z0-9]{4,}$)"
)
_HEX = re.compile(r"^(?=.*\d)(?=.*[a-f])[0-9a-f]{6,}$|^[0-9a-f]{16,}$", re.IGNORECASE)
_SWITCH = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])|(?<=[a-z])(?=[A-Z])")
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")


@lru_cache(maxsize=8192)
def looks_generated(token: str) -> bool:
    """Whether an id or class looks made by a machine: a hash, a counter, a framework's own numbering."""
    if re.search(r"[:«»]", token) or re.search(r"\d{4,}", token) or _FRAMEWORK.search(token):
        return True
    return any(_is_random(part) for part in re.split(r"[-_.]+", token))


def _is_random(part: str) -> bool:
    if _HEX.match(part):
        return True
    if len(part) >= 4 and len(_SWITCH.findall(part)) >= 3 and any(c.isdigit() for c in part):
        return True
    humps = _CAMEL.findall(part)
    if len(part) >= 5 and len(humps) >= 3 and len(part) / len(humps) < 2.5:
        return True
    return len(part) >= 6 and part.isalpha() and not re.search(r"[aeiouy]", part, re.IGNORECASE)


def ancestor_entry(link: Sequence[Any], unexpand: Unexpand) -> str:
    """One ancestor as `tag#id.class[role]`, without its generated parts."""
    tag, id_, classes, role = link[:4]
    shown_id = f"#{unexpand(id_)}" if id_ and not looks_generated(id_) else ""
    shown_classes = "".join(f".{c}" for c in classes if not looks_generated(c))
    return f"{tag}{shown_id}{shown_classes}{f'[{role}]' if role else ''}"


def read_fingerprint(
    seen: Mapping[str, Any],
    *,
    unexpand: Unexpand,
    headings: tuple[str, ...],
    landmarks: tuple[str, ...],
    row: str,
    ancestors: tuple[str, ...],
    frame_path: tuple[str, ...],
    page_path: str,
) -> Fingerprint:
    """The fingerprint of what `ownFeatures` in inject/features.js saw; variables' values become `{{names}}`."""

    def text(key: str) -> str:
        value: str = seen.get(key, "")
        return unexpand(value) if value else ""

    def kept_pairs(key: str) -> tuple[tuple[str, str], ...]:
        return tuple((name, unexpand(value)) for name, value in seen.get(key, ()))

    id_ = text("id")
    box = seen.get("box")
    return Fingerprint(
        tag=seen["tag"],
        role=seen.get("role", ""),
        name=text("name"),
        text=text("text"),
        label=text("label"),
        placeholder=text("placeholder"),
        title=text("title"),
        alt=text("alt"),
        type=seen.get("type", ""),
        name_attribute=text("name_attribute"),
        id="" if looks_generated(id_) else id_,
        test_ids=kept_pairs("test_ids"),
        classes=tuple(unexpand(c) for c in seen.get("classes", ()) if not looks_generated(c)),
        href_path=text("href_path"),
        aria=kept_pairs("aria"),
        attributes=kept_pairs("attributes"),
        headings=headings,
        landmarks=landmarks,
        row=row,
        sole=tuple(seen.get("sole", ())),
        neighbours=tuple(unexpand(n) for n in seen.get("neighbours", ())),
        ancestors=ancestors,
        sibling_index=seen.get("sibling_index", 0),
        box=Box(*box) if box else None,
        frame_path=frame_path,
        page_path=page_path,
    )


def read_whole_fingerprint(
    seen: Mapping[str, Any], *, unexpand: Unexpand, frame_path: tuple[str, ...], page_path: str
) -> Fingerprint:
    """The fingerprint of what `fingerprint` in inject/features.js saw of one element, its surroundings included."""
    return read_fingerprint(
        seen,
        unexpand=unexpand,
        headings=tuple(unexpand(h) for h in seen["headings"]),
        landmarks=tuple(unexpand(mark) for mark in seen["landmarks"]),
        row=unexpand(seen["row"]),
        ancestors=tuple(ancestor_entry(link, unexpand) for link in seen["ancestors"]),
        frame_path=frame_path,
        page_path=page_path,
    )
