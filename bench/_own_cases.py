"""The project's own pages, each changed at many places at once, as questions for the ranker. Seeded."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from playwright.async_api import Page

from _heals_cases import Case, canonical, has_equivalent
from _own_pages import made_up, paths_of_the_shop
from baselines.similo import id_xpath
from tierwright.core.deadline import Deadline, SystemClock
from tierwright.core.identity import Candidate, Query, Snapshot
from tierwright.core.operable import is_interactive, others_of
from tierwright.core.steps import Action
from tierwright.demo.server import serve
from tierwright.gym.kinds import BENIGN, Kind
from tierwright.gym.words import resembling, reworded, translated
from tierwright.models.local.families import called, family_of
from tierwright.page.snapshot import take_snapshot

SEEDS = (1, 2, 3)
MOST = 24
"""Elements of a page that are asked about."""
GONE, CHANGED, THOROUGH = 0.3, 0.8, 0.5
"""How likely an element is taken out; else, that it is changed; and that id, classes and data attributes go as well."""
KINDS = tuple(sorted(BENIGN - {Kind.IFRAME_WRAP, Kind.SHADOW_WRAP, Kind.RENAME_ID, Kind.RENAME_ATTRIBUTES}))
"""Frames and shadow roots have no XPath of the page; a new id or attribute alone changes too little to ask about."""
_WORDS = {Kind.REWORDED: reworded, Kind.TRANSLATED: translated, Kind.LOOK_ALIKES: resembling}
_SOURCE = files("tierwright.gym").joinpath("mutations.js").read_text(encoding="utf-8")
_FIND = """const first = XPathResult.FIRST_ORDERED_NODE_TYPE;
    const find = (xpath) => document.evaluate(xpath, document, null, first, null).singleNodeValue;"""
_CHANGE = f"""(orders) => {{
    {_FIND}
    const change = {_SOURCE};
    window.__meant = orders.map((order) => find(order.xpath));
    orders.forEach((order, n) => {{
        const el = window.__meant[n];
        if (!order.kind || !el || !el.isConnected) return;
        const made = change(el, order);
        if (!made.why) window.__meant[n] = made.truth;
    }});
}}"""
_MEANT = f"""(paths) => {{
    {_FIND}
    const seen = paths.map(find);
    return window.__meant.map((el) => (el && el.isConnected ? seen.indexOf(el) : -1));
}}"""


@dataclass(frozen=True, slots=True)
class _Order:
    """What happens to one element; no kind leaves it as it is."""

    candidate: Candidate
    kind: Kind | None
    thorough: bool

    def for_page(self, salt: str) -> dict[str, Any]:
        words = _WORDS[self.kind](called(self.candidate.fingerprint)) if self.kind in _WORDS else None
        kind = self.kind.value if self.kind else ""
        return {
            "xpath": self.candidate.xpath,
            "kind": kind,
            "thorough": self.thorough and self.kind is not Kind.REMOVED,
            "salt": salt,
            "words": words,
        }


async def own_cases(page: Page, seeds: Sequence[int] = SEEDS) -> AsyncIterator[Case]:
    """Every page of the project once for each seed: elements before the changes, asked after them."""
    for seed in seeds:
        for own in made_up(seed):
            await page.set_content(own.html)
            async for case in _changed(page, own.site, seed):
                yield case
        for version in (1, 2):
            with serve(version) as shop:
                for path in paths_of_the_shop():
                    await page.goto(shop.base_url + path, wait_until="load")
                    async for case in _changed(page, f"shop {version}", seed, path):
                        yield case


async def _changed(page: Page, site: str, seed: int, path: str = "") -> AsyncIterator[Case]:
    draw = random.Random(f"{site} {path} {seed}")
    before = await _look(page)
    orders = [_order(candidate, draw) for candidate in _sample(before, draw)]
    await page.evaluate(_CHANGE, [order.for_page(f"x{seed}{n:x}q") for n, order in enumerate(orders)])
    after = await _look(page)
    places = await page.evaluate(_MEANT, [c.xpath for c in after.candidates])
    others = others_of(before.candidates)
    for number, (order, at) in enumerate(zip(orders, places, strict=True)):
        known = order.candidate
        if at < 0 and order.kind is not Kind.REMOVED:
            continue
        yield Case(
            f"own/{site}{path}/{seed}/{number}",
            f"own/{site}",
            Query(action=Action.CLICK, baseline=replace(known.fingerprint, others=others)),
            after,
            _accepted(after, at),
            equivalent=at < 0 and has_equivalent(known, after),
            xpath=canonical(known.xpath),
            id_xpath=id_xpath(known),
            before=before,
        )


def _accepted(page: Snapshot, at: int) -> frozenset[str]:
    """Where the element is, and what is one with it to a person."""
    if at < 0:
        return frozenset()
    family = family_of(at, page.candidates)
    same = (c for i, c in enumerate(page.candidates) if family_of(i, page.candidates) == family)
    return frozenset(canonical(c.xpath) for c in same)


def _sample(page: Snapshot, draw: random.Random) -> list[Candidate]:
    fit = [
        c
        for c in page.candidates
        if c.visible and c.frame_index == 0 and not c.in_shadow and is_interactive(c.fingerprint)
    ]
    return draw.sample(fit, min(MOST, len(fit)))


def _order(candidate: Candidate, draw: random.Random) -> _Order:
    gone, changed, thorough = (draw.random() for _ in range(3))
    kind = Kind.REMOVED if gone < GONE else draw.choice(KINDS) if changed < CHANGED else None
    return _Order(candidate, kind, thorough < THOROUGH)


async def _look(page: Page) -> Snapshot:
    deadline = Deadline.after(SystemClock(), 60)
    live = await take_snapshot(page, unexpand=str, page_path="/", frame_path=None, deadline=deadline)
    return live.snapshot
