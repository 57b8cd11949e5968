"""Judges every step of a test on the new release by its truth; what one step does wrong does not hide the next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from _apps_truths import Truth
from tierwright.compose import Tiers, in_earnest
from tierwright.core.deadline import Deadline
from tierwright.core.errors import StepError
from tierwright.core.identity import ElementLocator
from tierwright.core.results import Attempt, CacheOutcome, ErrorKind, Failure
from tierwright.core.runner import CONTRACT_WAIT_SECONDS, StepService
from tierwright.core.steps import Condition
from tierwright.core.strategy import TierNumber
from tierwright.core.three_tier import Outcome, Witness
from tierwright.core.tier import Found, Performed, StepCall
from tierwright.core.verdicts import contract_words, is_heal, missing_of_contract
from tierwright.gym.change import IS_ONE_WITH
from tierwright.gym.watched import NoTier, watched
from tierwright.page.place import locate

STRAIGHT_SECONDS, AFTER_MS, GONE_MS = 10.0, 4000.0, 1500.0

_IS_ONE_OF = f"(el, truths) => truths.some((truth) => ({IS_ONE_WITH})(el, truth))"
_REMOVE = """(css) => {
  const remove = () => { for (const el of document.querySelectorAll(css)) {
    for (const label of [...(el.labels ?? [])]) label.remove();
    el.remove();
  } };
  new MutationObserver(remove).observe(document, {childList: true, subtree: true});
  remove();
}"""


Ask = Callable[[Tiers, StepCall], Awaitable[None]]


class Verdict(StrEnum):
    """What became of a step whose element is there, or (`absent`, `false`) was taken out.

    `refused`: the right element was used, and the step was failed all the same.
    """

    RIGHT = "right"
    WRONG = "wrong"
    NONE = "none"
    REFUSED = "refused"
    ABSENT = "absent"
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class Judged:
    """A step's verdict: who was about to act last, what it took, why it failed.

    `red`: what it did was false, and the run failed it afterwards, by its contract: the test tells, though too late.
    """

    test: str
    index: int
    verdict: Verdict
    tier: TierNumber | None
    attempts: tuple[Attempt, ...]
    title: str
    error: str = ""
    red: bool = False


@dataclass(slots=True)
class Judge:
    """Watches the tiers in one try. `removed`: the step whose element is taken out; those before it are led straight.

    `truths` give the place of each step's element on the release that is tested, None where it no longer has one.
    `ask` is called before each step, to send a model what it would be sent.
    """

    truths: Mapping[int, ElementLocator | None]
    after: Mapping[int, str] = field(default_factory=dict)
    removed: int | None = None
    ask: Ask | None = None
    judged: list[Judged] = field(default_factory=list)
    hits: list[tuple[TierNumber, bool]] = field(default_factory=list)

    def service(self, tiers: Tiers) -> StepService:
        """The tiers of a try, watched."""
        return _Service(self, tiers)


def judge_of(truths: Mapping[int, Truth], *, old: bool = False, removed: int | None = None) -> Judge:
    """A judge for one of the two releases."""
    places = {index: ElementLocator(truth.old if old else truth.new) for index, truth in truths.items()}
    return Judge(places, {index: truth.after for index, truth in truths.items()}, removed)


@dataclass(slots=True)
class _Service:
    judge: Judge
    tiers: Tiers

    async def run_step(self, call: StepCall, witness: Witness) -> Outcome:
        judge = self.judge
        if call.index not in judge.truths:
            return await in_earnest(self.tiers).run_step(call, witness)
        if judge.removed is not None and call.index < judge.removed:
            return await self._straight(call, witness)
        if judge.removed == call.index:
            return await self._without(call, witness)
        if judge.removed is not None:
            return Outcome(None, Failure(ErrorKind.NOT_FOUND, "what was to be seen was seen"), ())
        return await self._judged(call, witness)

    async def _judged(self, call: StepCall, witness: Witness) -> Outcome:
        """A step as it is made in earnest; where it ends without the right element, it is made with it afterwards."""
        judge = self.judge
        judge.hits.clear()
        if judge.ask:
            await judge.ask(self.tiers, call)
        outcome = await in_earnest(watched(self.tiers, _Observer(judge))).run_step(call, witness)
        verdict = await self._verdict(call, outcome)
        self._note(call, outcome, verdict)
        if judge.truths[call.index] is None:
            return Outcome(None, Failure(ErrorKind.NOT_FOUND, "the release no longer has it"), ())
        if verdict is Verdict.RIGHT:
            return outcome
        if verdict is Verdict.REFUSED:
            return _as_written(outcome)
        return await self._straight(call, witness)

    async def _verdict(self, call: StepCall, outcome: Outcome) -> Verdict:
        acted, right = bool(self.judge.hits), bool(self.judge.hits) and self.judge.hits[-1][1]
        if self.judge.truths[call.index] is None:
            return Verdict.FALSE if outcome.performed or (acted and not call.step.judges) else Verdict.ABSENT
        if outcome.performed and not acted and call.step.condition is Condition.HIDDEN:
            return Verdict.WRONG if await self._shows(call) else Verdict.RIGHT  # nobody looks at what is not there
        if outcome.performed is None:
            return Verdict.NONE if not acted or right or call.step.judges else Verdict.WRONG
        if not right or not await _holds(call.page, self.judge.after.get(call.index, "true")):
            return Verdict.WRONG
        return Verdict.REFUSED if await self._breaks_contract(call, outcome.performed) else Verdict.RIGHT

    async def _shows(self, call: StepCall) -> bool:
        """Whether the step's true element can be seen."""
        place = self.judge.truths[call.index]
        return place is not None and await locate(call.page, place).first.is_visible()

    async def _breaks_contract(self, call: StepCall, performed: Performed) -> bool:
        """What the runner will say of this step right after (H-16); known here, the run need not end with it."""
        if not is_heal(call, performed.found) or not missing_of_contract(call, call.session.effects):
            return False
        wanted = call.baseline.contract if call.baseline else frozenset()
        limit = Deadline.after(self.tiers.clock, CONTRACT_WAIT_SECONDS)
        return bool(missing_of_contract(call, await call.session.wait_for_effects(wanted, limit)))

    async def _without(self, call: StepCall, witness: Witness) -> Outcome:
        """The step with its element taken out of the page, and kept out."""
        judge, place = self.judge, self.judge.truths[call.index]
        assert place
        css = place.selector
        await self.tiers.session.settled(call.deadline)
        await call.page.locator(css).first.wait_for(state="attached", timeout=STRAIGHT_SECONDS * 1000)
        await call.page.evaluate(_REMOVE, css)
        judge.hits.clear()
        outcome = await in_earnest(watched(self.tiers, _Observer(judge, guard=False))).run_step(call, witness)
        kind = outcome.error.kind if outcome.error else None
        sent = outcome.performed is not None or kind in (ErrorKind.UNVERIFIED, ErrorKind.CONTRACT)
        self._note(call, outcome, Verdict.FALSE if sent else Verdict.ABSENT)
        return outcome

    async def _straight(self, call: StepCall, witness: Witness) -> Outcome:
        """The step on its true element, by tier 1 alone."""
        limit = Deadline.after(self.tiers.clock, STRAIGHT_SECONDS)
        place = self.judge.truths[call.index]
        assert place
        many = call.step.condition is Condition.COUNT
        selector = place.selector if many else f"{place.selector} >> nth=0"
        step = replace(call.step, selector=selector, frame=place.frame)
        straight = replace(call, step=step, baseline=None, deadline=limit)
        alone = replace(self.tiers, others={n: NoTier(n, "led straight") for n in self.tiers.others})
        return await in_earnest(alone).run_step(straight, witness)

    def _note(self, call: StepCall, outcome: Outcome, verdict: Verdict) -> None:
        tier = self.judge.hits[-1][0] if self.judge.hits else None
        error = f"{outcome.error.kind}: {outcome.error.message}" if outcome.error else ""
        if outcome.performed and verdict is not Verdict.RIGHT:
            error = f"acted on {outcome.performed.found.locator}"
        if verdict is Verdict.REFUSED:
            error += f"; {contract_words(call, call.session.effects)}"
        self.judge.judged.append(Judged(call.test, call.index, verdict, tier, outcome.attempts, call.step.title, error))


async def _holds(page: Page, expression: str) -> bool:
    """Whether a step's post-condition comes true; a page that goes away meanwhile is asked again."""
    for _ in range(2):
        try:
            await page.wait_for_function(expression, timeout=AFTER_MS)
        except PlaywrightError:
            continue
        return True
    return False


def _as_written(outcome: Outcome) -> Outcome:
    """The outcome as if tier 1 had found the element, so that the runner does not end the run over its contract."""
    assert outcome.performed
    found = replace(outcome.performed.found, tier=TierNumber.DIRECT, cache=CacheOutcome.NONE)
    return replace(outcome, performed=replace(outcome.performed, found=found))


@dataclass(frozen=True, slots=True)
class _Observer:
    """Notes whether a tier had the right element; with `guard` it may not act on another."""

    judge: Judge
    guard: bool = True

    async def about_to_act(self, tier: TierNumber, call: StepCall, found: Found) -> None:
        try:
            right = await self._is_true(call, found)
        except PlaywrightError:  # it went away since it was found; the tier will see so itself
            return
        self.judge.hits.append((tier, right))
        if self.guard and not right and not call.step.judges:
            raise StepError(ErrorKind.EXPECTATION, f"about to act on another element: {found.locator}")

    async def _is_true(self, call: StepCall, found: Found) -> bool:
        place = self.judge.truths[call.index]
        if place is None or found.locator is None:
            return False
        handle = await locate(call.page, found.locator).first.element_handle(timeout=GONE_MS)
        frame = await handle.owner_frame()
        truths = await locate(call.page, place).element_handles()
        same = [truth for truth in truths if await truth.owner_frame() is frame]
        return bool(same) and bool(await handle.evaluate(_IS_ONE_OF, same))
