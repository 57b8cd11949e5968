"""One try of a test with one change in it: who acted on what, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tierwright.compose import Tiers, in_earnest
from tierwright.core.identity import ElementLocator
from tierwright.core.results import ErrorKind, Failure
from tierwright.core.runner import StepService
from tierwright.core.strategy import TierNumber
from tierwright.core.three_tier import Outcome, Witness
from tierwright.core.tier import Found, StepCall
from tierwright.gym.change import Changed, NotChanged, Recipe, change, is_truth, mark
from tierwright.gym.watched import NoTier, watched


@dataclass(slots=True)
class Trial:
    """A change to make at one step of a try, and what was seen of it.

    `strict`: a reference, in which the step addresses its element whatever was changed and no selector heals after it;
    what turns red in it is covered by the test itself. `hits` tells of each tier that was about to act in the changed
    step whether it had the right element.
    """

    at: int
    recipe: Recipe
    strict: bool = False
    why_not: str = ""
    changed: Changed | None = None
    hits: list[tuple[TierNumber, bool]] = field(default_factory=list)

    def service(self, tiers: Tiers) -> StepService:
        """The tiers of a try, watched, with the change made before its step."""
        return _Service(self, tiers)


@dataclass(slots=True)
class _Service:
    trial: Trial
    tiers: Tiers

    async def run_step(self, call: StepCall, witness: Witness) -> Outcome:
        """Take a step up its tiers; make the change first where it is the one."""
        trial = self.trial
        if call.index == trial.at:
            await self._make_change(call)
            if trial.why_not:
                return _ended(trial.why_not)
            return await self._changed_step(call, witness)
        if trial.strict and call.index > trial.at and call.step.selector:
            return await in_earnest(self._without_healing()).run_step(call, witness)
        return await in_earnest(self.tiers).run_step(call, witness)

    async def about_to_act(self, tier: TierNumber, call: StepCall, found: Found) -> None:
        """Note whether it is the right element. One that a model has yet to choose is not: nobody can vouch for it."""
        changed = self.trial.changed
        assert changed is not None
        right = found.locator is not None and await is_truth(call.page, found.locator, changed, call.deadline)
        self.trial.hits.append((tier, right))

    async def _make_change(self, call: StepCall) -> None:
        trial = self.trial
        await self.tiers.session.settled(call.deadline)
        place = await self._place(call)
        if place is None:
            trial.why_not = "the step's element was not found before the change"
            return
        made = await change(call.page, place, trial.recipe, call.deadline)
        if isinstance(made, NotChanged):
            trial.why_not = made.why
        else:
            trial.changed = made

    async def _place(self, call: StepCall) -> ElementLocator | None:
        """Where the step's element is on the page as it was: by its own selector, else as the engine finds it."""
        for tier in (self.tiers.direct, self.tiers.others[TierNumber.HYBRID]):
            found = await tier.find(call)
            if isinstance(found, Found) and found.locator:
                return found.locator
        return None

    async def _changed_step(self, call: StepCall, witness: Witness) -> Outcome:
        assert self.trial.changed is not None
        if not self.trial.strict:
            return await in_earnest(watched(self.tiers, self)).run_step(call, witness)
        place = await mark(self.trial.changed)
        if place is None:
            return _ended("its element is gone")
        addressed = replace(call.step, selector=place.selector, frame=place.frame)
        straight = replace(call, step=addressed, baseline=None)
        return await in_earnest(self._without_healing()).run_step(straight, witness)

    def _without_healing(self) -> Tiers:
        why = "nothing heals in a reference run"
        return replace(self.tiers, others={number: NoTier(number, why) for number in self.tiers.others})


def _ended(why: str) -> Outcome:
    return Outcome(None, Failure(ErrorKind.NOT_FOUND, why), ())
