"""Tier 1's one look at a page: what a selector matches now, and in which state it is. Never waits, never acts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from playwright.async_api import ElementHandle, Error, Frame, Page

from tierwright.core.deadline import Deadline
from tierwright.core.identity import Fingerprint
from tierwright.core.operable import digests_of
from tierwright.page.fingerprint import Unexpand, looks_generated, read_whole_fingerprint
from tierwright.page.inject import ask_all, element_by_ref

PROBED_MATCHES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One element a selector matches. `index` is its place among all matches (Playwright's `nth`).

    `why_hidden` is "" for a visible element. `covered_by` describes what a click would hit instead, "" when
    nothing is in the way or the element is scrolled off.
    """

    index: int
    ref: int
    attached: bool
    visible: bool
    why_hidden: str
    enabled: bool
    editable: bool
    covered_by: str
    fingerprint: Fingerprint
    xpath: str

    @property
    def tag(self) -> str:
        """The tag name, in lower case."""
        return self.fingerprint.tag

    @property
    def type(self) -> str:
        """The type of an input or button, else ""."""
        return self.fingerprint.type


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a selector matches now: how many, how many of them visible, and the first few, visible ones first.

    `error` is why the page could not be asked: a selector that Playwright refuses, a frame that went away.
    """

    selector: str
    count: int = 0
    visible: int = 0
    matches: tuple[Match, ...] = ()
    error: str = ""

    @property
    def first(self) -> Match | None:
        """The first visible match, else the first, else None."""
        return self.matches[0] if self.matches else None


def playwright_selector(selector: str) -> str:
    """A test's selector as Playwright takes it: a leading `/` or `(` is XPath (contract.md, section 1)."""
    return f"xpath={selector}" if selector.startswith(("/", "(")) else selector


async def probe(
    frame: Frame,
    selector: str,
    *,
    unexpand: Unexpand,
    page_path: str = "",
    frame_path: tuple[str, ...] = (),
    with_others: bool = False,
) -> Probe:
    """Look at what a selector matches in a frame, in one round trip. Raises nothing: see `Probe.error`.

    `with_others`: the fingerprints say what else the frame shows (`Fingerprint.others`).
    """
    try:
        answer = await ask_all(
            frame, frame.locator(playwright_selector(selector)), "tw.probe(els, arg)", (PROBED_MATCHES, with_others)
        )
    except Error as problem:
        return Probe(selector=selector, error=problem.message.partition("\n")[0])
    seen = json.loads(answer) if isinstance(answer, str) else answer
    others = digests_of(map(unexpand, seen["names"]))
    matches = (_match(m, unexpand, page_path, frame_path) for m in seen["matches"])
    return Probe(
        selector=selector,
        count=seen["count"],
        visible=seen["visible"],
        matches=tuple(replace(m, fingerprint=replace(m.fingerprint, others=others)) for m in matches),
    )


def _match(seen: Mapping[str, Any], unexpand: Unexpand, page_path: str, frame_path: tuple[str, ...]) -> Match:
    return Match(
        index=seen["index"],
        ref=seen["ref"],
        attached=seen["connected"],
        visible=not seen["why_hidden"],
        why_hidden=seen["why_hidden"],
        enabled=seen["enabled"],
        editable=seen["editable"],
        covered_by=seen["covered_by"],
        fingerprint=read_whole_fingerprint(seen, unexpand=unexpand, frame_path=frame_path, page_path=page_path),
        xpath=seen["xpath"],
    )


async def element_of(frame: Frame, match: Match) -> ElementHandle | None:
    """The very element that was probed, or None when it left the document since. Raises Playwright's errors."""
    return await element_by_ref(frame, match.ref)


async def resolve_frame(page: Page, path: tuple[str, ...], deadline: Deadline) -> Frame | None:
    """The frame behind these iframe selectors, from the outside in; None unless each names exactly one frame now."""
    frame = page.main_frame
    try:
        async with deadline.timeout():
            for selector in path:
                found = await frame.query_selector_all(playwright_selector(selector))
                inner = await found[0].content_frame() if len(found) == 1 else None
                if inner is None:
                    return None
                frame = inner
    except (Error, TimeoutError):
        return None
    return frame


async def path_as_read(frame: Frame, selectors: tuple[str, ...]) -> tuple[str, ...]:
    """A frame's path as snapshots spell it, for a step that names it in its own words; asks nothing for the page."""
    return await frame_path(frame) if selectors else ()


_FRAME_ELEMENT = """el => {
  const says = ["data-testid", "data-test-id", "data-test", "data-cy", "data-qa", "id", "name", "title", "src"];
  const root = el.getRootNode();
  const all = [...root.querySelectorAll("iframe, frame")];
  return {tag: el.localName, nth: all.indexOf(el),
    said: says.filter(n => el.getAttribute(n)).map(n => [n, el.getAttribute(n),
      root.querySelectorAll(`[${n}="${CSS.escape(el.getAttribute(n))}"]`).length]),
    shadow: Boolean(root.host)};
}"""


async def frame_path(frame: Frame) -> tuple[str, ...]:
    """Selectors that lead to a frame from the outside in. Raises Playwright's error when the frame went away."""
    chain: list[Frame] = []
    at: Frame | None = frame
    while at is not None and at.parent_frame is not None:
        chain.append(at)
        at = at.parent_frame
    return tuple(await asyncio.gather(*(_frame_selector(inner) for inner in reversed(chain))))


async def _frame_selector(frame: Frame) -> str:
    owner = await frame.frame_element()
    seen = await owner.evaluate(_FRAME_ELEMENT)
    for name, value, count in seen["said"]:
        if count == 1 and not (name == "id" and looks_generated(value)) and not (name == "src" and "?" in value):
            return f"{seen['tag']}[{name}={json.dumps(value, ensure_ascii=False)}]"
    return f":is(iframe, frame) >> nth={seen['nth']}"
