"""Ways back to a live element: robust locators, and XPaths that cross frames and shadow roots (healing.md, H-20)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.async_api import ElementHandle, Error, Frame, Page

from tierwright.core.deadline import Deadline
from tierwright.core.identity import ElementLocator, Fingerprint
from tierwright.page.fingerprint import Unexpand, looks_generated
from tierwright.page.inject import ask_element, in_page, module_source
from tierwright.page.probe import frame_path

_TEXT_LIMIT = 80
_SHORT = 4
_FIELD_TAGS = frozenset({"input", "textarea", "select"})
_UNNAMED_ROLES = frozenset({"", "generic", "none", "presentation"})
_IS_ONLY = "(els, el) => els.length === 1 && els[0] === el"


async def robust_locators(
    frame: Frame, handle: ElementHandle, fingerprint: Fingerprint, *, unexpand: Unexpand
) -> tuple[ElementLocator, ...]:
    """Locators that each lead to exactly this element now, the most durable first, the absolute XPath last.

    A text that is a variable's value stands in them as `{{name}}`. Raises Playwright's errors when the element
    or its frame is gone.
    """
    seen, path = await asyncio.gather(ask_element(frame, handle, "tw.anchorsOf(el)"), frame_path(frame))
    ways = list(dict.fromkeys(_Builder(seen, fingerprint, unexpand).ways()))
    holds = await asyncio.gather(*(_leads_to(frame, way.live, handle) for way in ways))
    return tuple(ElementLocator(way.kept, path) for way, held in zip(ways, holds, strict=True) if held)


async def _leads_to(frame: Frame, selector: str, handle: ElementHandle) -> bool:
    try:
        only: bool = await frame.locator(selector).evaluate_all(_IS_ONLY, handle)
    except Error:
        return False
    return only


@dataclass(frozen=True, slots=True)
class _Way:
    """A locator with the page's own texts, and the same with variables in place of their values."""

    live: str
    kept: str


class _Builder:
    """Builds every locator that could lead to an element, the most durable first."""

    def __init__(self, seen: Mapping[str, Any], fingerprint: Fingerprint, unexpand: Unexpand) -> None:
        self._seen = seen
        self._fingerprint = fingerprint
        self._unexpand = unexpand
        self._self = seen["scopes"][0][0]
        self._tag = self._self["tag"]
        self._in_shadow = len(seen["scopes"]) > 1

    def ways(self) -> Iterator[_Way]:
        """All of them; some may not lead to the element, or not to it alone."""
        yield from self._by_test_id()
        yield from self._by_role()
        yield from self._by_label()
        yield from self._by_attributes()
        yield from self._by_short_css()
        if not self._in_shadow:
            yield from self._by_text()
            yield from self._by_anchored_xpath()
            yield _same(f"xpath={self._seen['xpath']}")
        yield from self._by_absolute_css()

    def _with(self, text: str, before: str, quote: Callable[[str], str], after: str = "") -> Iterator[_Way]:
        """The locator for a text; none for an empty or long one, or for a value that quoting would change."""
        kept = self._unexpand(text)
        if not text or len(text) > _TEXT_LIMIT or text.endswith("…"):
            return
        if kept != text and re.search(r"[\"'\\]", text):
            return
        yield _Way(f"{before}{quote(text)}{after}", f"{before}{quote(kept)}{after}")

    def _by_test_id(self) -> Iterator[_Way]:
        for name, value in self._self["test_ids"]:
            yield from self._with(value, f"[{name}=", css_string, "]")

    def _by_role(self) -> Iterator[_Way]:
        role = self._fingerprint.role
        if role not in _UNNAMED_ROLES:
            yield from self._with(self._seen["name"], f"role={role}[name=", css_string, "s]")

    def _by_label(self) -> Iterator[_Way]:
        if self._in_shadow or self._tag not in _FIELD_TAGS:
            return
        for label in self._seen["labels"]:
            yield from self._with(
                label, f"xpath=//{self._tag}[@id=//label[normalize-space(.)=", xpath_string, "]/@for]"
            )
            yield from self._with(label, "xpath=//label[normalize-space(.)=", xpath_string, f"]//{self._tag}")

    def _by_attribute(self, name: str, value: str) -> Iterator[_Way]:
        yield from self._with(value, f"{self._tag}[{name}=", css_string, "]")

    def _by_attributes(self) -> Iterator[_Way]:
        yield from self._by_attribute("placeholder", self._self["placeholder"])
        if not looks_generated(self._self["id"]):
            yield from self._with(self._self["id"], "", css_id)
        if self._tag in _FIELD_TAGS or self._tag == "button":
            yield from self._by_attribute("name", self._self["name"])
        yield from self._by_attribute("alt", self._self["alt"])
        yield from self._by_attribute("title", self._self["title"])
        if not re.search(r"\d{3,}|\?", self._self["href"]):
            yield from self._by_attribute("href", self._self["href"])

    def _by_short_css(self) -> Iterator[_Way]:
        classes = "".join(f".{css_word(c)}" for c in self._self["classes"][:3] if not looks_generated(c))
        for value, before, quote, after, between in self._anchors():
            if classes:
                yield from self._with(value, before, quote, f"{after} {self._tag}{classes}")
            if len(between) <= _SHORT:
                yield from self._with(value, before, quote, f"{after} > {_nth_path(between)}")
        if classes:
            yield _same(f"{self._tag}{classes}")

    def _anchors(self) -> Iterator[tuple[str, str, Callable[[str], str], str, Sequence[Mapping[str, Any]]]]:
        """Ancestors in the same root with a test id or an id: its value, how to ask for it, the links below."""
        links = self._seen["scopes"][0]
        for place, link in enumerate(links[1:], start=1):
            for name, value in link["test_ids"]:
                yield value, f"[{name}=", css_string, "]", links[:place]
            if not looks_generated(link["id"]):
                yield link["id"], "", css_id, "", links[:place]

    def _by_text(self) -> Iterator[_Way]:
        text = self._seen["text"]
        step = self._tag if self._self["html"] else f"*[local-name()='{self._tag}']"
        row = self._seen["row"]
        for anchor in row["texts"] if row else ():
            if self._unexpand(anchor) == anchor and not re.search(r"\d{3,}", anchor):
                inside = f"//{row['tag']}[.//*[normalize-space(.)={xpath_string(anchor)}]]//{step}"
                yield from self._with(text, f"xpath={inside}[normalize-space(.)=", xpath_string, "]")
        yield from self._with(text, f"xpath=//{step}[normalize-space(.)=", xpath_string, "]")

    def _by_anchored_xpath(self) -> Iterator[_Way]:
        links = self._seen["scopes"][0]
        for place, link in enumerate(links[1:], start=1):
            steps = "/".join(below["step"] for below in reversed(links[:place]))
            for name in ("id", "name"):
                if link[name] and not looks_generated(link[name]):
                    yield from self._with(link[name], f"xpath=//*[@{name}=", xpath_string, f"]/{steps}")
                    return

    def _by_absolute_css(self) -> Iterator[_Way]:
        """The whole way down by places, `>>` stepping into each shadow root."""
        if self._in_shadow:
            yield _same(" >> ".join(f"css={_nth_path(links)}" for links in reversed(self._seen["scopes"])))


def _same(selector: str) -> _Way:
    return _Way(selector, selector)


def _nth_path(links: Sequence[Mapping[str, Any]]) -> str:
    """CSS down through these links, which stand inside out, by their places among all siblings."""
    return " > ".join(f"{css_word(link['tag'])}:nth-child({link['child']})" for link in reversed(links))


def css_string(text: str) -> str:
    """The text as a quoted string of CSS, which Playwright's role selectors take as well."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\a ") + '"'


def css_word(word: str) -> str:
    """The word as a CSS identifier."""
    start = re.sub(r"^(-?)(\d)", lambda m: f"{m[1]}\\{ord(m[2]):x} ", word)
    return re.sub(r"[^\w\\ -]", lambda m: "\\" + m[0], start)


def css_id(id_: str) -> str:
    """A selector for an id, quoted where it is not a plain word."""
    return f"#{id_}" if re.fullmatch(r"[A-Za-z_][\w-]*", id_) else f"[id={css_string(id_)}]"


def xpath_string(text: str) -> str:
    """The text as an XPath literal; XPath 1.0 has no escapes, so both kinds of quotes need concat()."""
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    return "concat(" + ', "\'", '.join(f"'{part}'" for part in text.split("'")) + ")"


# --- XPaths -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class XPathStep:
    """One step down: the tag, its place among siblings with that tag (from 1), and whether it enters a shadow root."""

    tag: str
    ordinal: int
    hop: bool = False


_STEP = re.compile(r"(//?)(?:\*\[(?:local-)?name\(\)='([^']*)'\]|([^/\[]+))(?:\[(\d+)\])?")


def parse_stagehand_xpath(xpath: str) -> tuple[tuple[XPathStep, ...], ...]:
    """Stagehand's absolute XPath, one segment a document: an iframe step that goes on starts the next one.

    A last step to a text or comment stands for its parent. Raises ValueError for anything else than such a path.
    """
    path = re.sub(r"^xpath=", "", xpath.strip(), flags=re.IGNORECASE)
    path = re.sub(r"/(?:text|comment)\(\)(?:\[\d+\])?$", "", path).rstrip("/")
    steps = [
        XPathStep((named or plain).lower(), int(ordinal or 1), slash == "//")
        for slash, named, plain, ordinal in _STEP.findall(path)
    ]
    if not steps or _STEP.sub("", path) or any("(" in step.tag for step in steps):
        raise ValueError(f"not an absolute XPath: {xpath}")
    segments: list[tuple[XPathStep, ...]] = []
    start = 0
    for place, step in enumerate(steps[:-1], start=1):
        if step.tag in ("iframe", "frame"):
            segments.append(tuple(steps[start:place]))
            start = place
    return (*segments, tuple(steps[start:]))


async def resolve_stagehand_xpath(page: Page, xpath: str, deadline: Deadline) -> tuple[Frame, ElementHandle] | None:
    """The element at Stagehand's XPath, through iframes and open shadow roots; None when nothing is there.

    Raises ValueError for a path that is not one of Stagehand's.
    """
    segments = parse_stagehand_xpath(xpath)
    frame, handle = page.main_frame, None
    try:
        async with deadline.timeout():
            for segment in segments:
                inner = await handle.content_frame() if handle is not None else frame
                if inner is None:
                    return None
                frame, handle = inner, await _follow(inner, segment)
                if handle is None:
                    return None
    except (Error, TimeoutError):
        return None
    return (frame, handle) if handle is not None else None


async def _follow(frame: Frame, steps: Sequence[XPathStep]) -> ElementHandle | None:
    await frame.evaluate(module_source())
    way = [[step.hop, step.tag, step.ordinal] for step in steps]
    return (await frame.evaluate_handle(in_page("tw.follow(arg)", "arg"), way)).as_element()


async def absolute_xpath(frame: Frame, handle: ElementHandle) -> str:
    """The absolute XPath of an element in its frame; `//` hops into an open shadow root."""
    path: str = await ask_element(frame, handle, "tw.xpath(el)")
    return path
