"""The ranker on a believable redesign: what it learned on the demo's first version, asked on the second."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from playwright.async_api import Browser, Locator, Page

from tierwright.core.deadline import Deadline, SystemClock
from tierwright.core.identity import Candidate, Fingerprint, Query, Snapshot
from tierwright.core.instructions import understand
from tierwright.core.steps import Condition, Step
from tierwright.demo.server import serve
from tierwright.models.local import LocalRanker
from tierwright.models.local.families import family_of
from tierwright.page.snapshot import LiveSnapshot, take_snapshot

from .demo_oracle import REMOVED_TEST
from .demo_suite import load_suite
from .demo_walker import Walk

pytestmark = pytest.mark.browser

Learned = dict[tuple[str, int], Fingerprint]


@dataclass
class Heals:
    """How steps whose selector broke fared. Texts name the step and what was chosen."""

    right: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    none: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    """What was chosen once the step's element had been taken out of the snapshot."""


async def snapshot_of(page: Page) -> LiveSnapshot:
    deadline = Deadline.after(SystemClock(), 20)
    return await take_snapshot(page, unexpand=str, page_path="/", frame_path=None, deadline=deadline)


async def index_of(live: LiveSnapshot, element: Locator) -> int | None:
    handle = await element.element_handle(timeout=5_000)
    frame = await handle.owner_frame()
    assert frame is not None
    return await live.index_of(frame, handle)


def question(step: Step, baseline: Fingerprint | None) -> Query:
    phrase = understand(step.instruction, step.action) if step.instruction else None
    return Query(
        action=step.action,
        condition=step.condition,
        instruction=step.instruction,
        phrase=phrase,
        selector=step.selector,
        baseline=baseline,
        excluded=tuple(filter(None, (step.value,))),
    )


class Learning(Walk):
    """Keeps the fingerprint of every step's element."""

    learned: Learned

    async def compare(self, index: int, step: Step, element: Locator) -> None:
        live = await snapshot_of(self.page)
        at = await index_of(live, element.first)
        if at is not None:
            self.learned[self.test.name, index] = live.snapshot.candidates[at].fingerprint


class Healing(Walk):
    """Asks the ranker wherever a step's own selector finds nothing."""

    learned: Learned
    heals: Heals

    async def compare(self, index: int, step: Step, element: Locator) -> None:
        before = len(self.gone)
        await super().compare(index, step, element)
        if len(self.gone) == before or step.condition in (Condition.COUNT, Condition.HIDDEN):
            return
        live = await snapshot_of(self.page)
        truth = await index_of(live, element.first)
        asked = question(step, self.learned.get((self.test.name, index)))
        answer = LocalRanker().rank(asked, live.snapshot)
        assert truth is not None
        left = LocalRanker().rank(asked, without(live.snapshot, truth))
        if left.chosen is not None:
            self.heals.false.append(f"{self.test.name} {index} {step.title!r}: {left.best[:1]}")
        told = f"{self.test.name} {index} {step.title!r}: {answer.best[:2]} {answer.why_not}"
        if answer.chosen is None:
            self.heals.none.append(told)
        else:
            (self.heals.right if answer.chosen == truth else self.heals.wrong).append(told)


def without(snapshot: Snapshot, index: int) -> Snapshot:
    """The snapshot as if the element, what is in it, what means the same and its label were not there."""
    all_ = snapshot.candidates
    out = all_[index]
    family = family_of(index, all_)

    def goes(at: int, other: Candidate) -> bool:
        inside = other.frame_index == out.frame_index and other.xpath.startswith(out.xpath + "/")
        label = bool(out.fingerprint.label) and other.fingerprint.text == out.fingerprint.label
        return at == index or inside or label or family_of(at, all_) == family

    kept = [at for at, other in enumerate(all_) if not goes(at, other)]
    new = {old: at for at, old in enumerate(kept)}
    return replace(snapshot, candidates=tuple(replace(all_[at], parent=new.get(all_[at].parent, -1)) for at in kept))


async def walk_both(browser: Browser, heals: Heals) -> Learned:
    learned: Learned = {}
    with serve(1) as first, serve(2) as second:
        for test in load_suite():
            for version, shop in ((1, first), (2, second)):
                if version == 2 and test.name == REMOVED_TEST:
                    continue
                context = await browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
                walk = (Learning if version == 1 else Healing)(await context.new_page(), shop.base_url, version, test)
                walk.learned = learned
                if isinstance(walk, Healing):
                    walk.heals = heals
                await walk.run()
                await context.close()
    return learned


@pytest.mark.timeout(240)
@pytest.mark.slow
async def test_a_redesign_is_healed_and_nothing_is_healed_wrongly(browser: Browser) -> None:
    """H-14: nearly all steps whose selector broke find their element; none finds another, also with it gone."""
    heals = Heals()
    learned = await walk_both(browser, heals)
    assert heals.wrong == []
    assert heals.false == []
    assert len(heals.right) >= 0.97 * (len(heals.right) + len(heals.none)), heals.none
    await gift_wrapping_is_not_replaced(browser, learned)


async def gift_wrapping_is_not_replaced(browser: Browser, learned: Learned) -> None:
    """H-14: the removed feature has look-alikes, and none of them is chosen."""
    removed = next(test for test in load_suite() if test.name == REMOVED_TEST)
    wrapped = [i for i, s in enumerate(removed.all_steps) if s.selector in ("#gift-wrap", ".gift-line")]
    assert wrapped
    page = await browser.new_page()
    with serve(2) as shop:
        for path in ("/product/blue-mug", "/cart"):
            await page.goto(shop.base_url + path)
            live = await snapshot_of(page)
            for index in wrapped:
                step = removed.all_steps[index]
                answer = LocalRanker().rank(question(step, learned.get((removed.name, index))), live.snapshot)
                assert answer.chosen is None, f"{step.title}: {answer.best[:1]}"
    await page.close()
