"""Makes tests of a page that nobody wrote tests for: one expectation an element, which is looked at and never used."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tierwright.compose import Engine, RunPlan, Tiers, in_earnest
from tierwright.core.cancel import CancelToken
from tierwright.core.deadline import Deadline
from tierwright.core.errors import UsageError
from tierwright.core.identity import Candidate
from tierwright.core.runner import StepService
from tierwright.core.steps import Action, Condition, Step, TestCase
from tierwright.core.three_tier import Outcome, Witness
from tierwright.core.tier import StepCall
from tierwright.gym.nobody import Nobody
from tierwright.page.failures import reading
from tierwright.page.locators import robust_locators
from tierwright.page.snapshot import take_snapshot

_USED_ROLES = frozenset(
    {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "switch", "tab", "menuitem", "heading"}
)
_LOOK_SECONDS = 20.0


@dataclass(slots=True)
class Scout:
    """Looks at a page once it is open; `steps` are the expectations it found."""

    most: int
    seed: int
    steps: list[Step] = field(default_factory=list)

    def service(self, tiers: Tiers) -> StepService:
        """The tiers of the try; after its step the page is looked at."""
        return _Looking(self, tiers)


@dataclass(slots=True)
class _Looking:
    scout: Scout
    tiers: Tiers

    async def run_step(self, call: StepCall, witness: Witness) -> Outcome:
        outcome = await in_earnest(self.tiers).run_step(call, witness)
        if outcome.performed:
            await self._look(call)
        return outcome

    async def _look(self, call: StepCall) -> None:
        limit = Deadline.after(self.tiers.clock, _LOOK_SECONDS)
        await self.tiers.session.settled(limit)
        with reading("the page"):
            live = await take_snapshot(
                call.page, unexpand=str, page_path=call.session.page_path, frame_path=(), deadline=limit
            )
            for index in _sample(live.snapshot.candidates, self.scout):
                frame, handle = await live.element(index)
                seen = live.snapshot.candidates[index].fingerprint
                ways = await robust_locators(frame, handle, seen, unexpand=str)
                if ways:
                    self.scout.steps.append(_expectation(seen.name, seen.role, ways[0].selector))


def _sample(candidates: Sequence[Candidate], scout: Scout) -> list[int]:
    """The elements to look at: visible, named, of a role that people use, in the seed's order."""
    fit = [
        i for i, c in enumerate(candidates) if c.visible and c.fingerprint.name and c.fingerprint.role in _USED_ROLES
    ]
    random.Random(scout.seed).shuffle(fit)  # noqa: S311 - nothing here is a secret
    return fit[: scout.most]


def _expectation(name: str, role: str, selector: str) -> Step:
    words = f'The "{name[:60]}" {role} is there' if '"' not in name else f"The {role} is there"
    return Step(action=Action.EXPECT, condition=Condition.VISIBLE, instruction=words, selector=selector)


async def scout_page(engine: Engine, url: str, most: int, seed: int) -> tuple[RunPlan, ...]:
    """A test for each of at most this many elements of a page. Raises UsageError when it does not open."""
    opening = Step(action=Action.NAVIGATE, value=url)
    scout = Scout(most, seed)
    plan = RunPlan(uuid.uuid4().hex, TestCase(name=f"open {url}", steps=(opening,)))
    result = await engine.run_try(plan, 1, Nobody(), CancelToken(), more=True, rehearsal=scout)
    if not result.status.green:
        raise UsageError(f"{url} cannot be opened: {result.error.message if result.error else result.status}")
    if not scout.steps:
        raise UsageError(f"{url} shows no button, link, field or heading with a name")
    return tuple(_plans(url, opening, scout.steps))


def _plans(url: str, opening: Step, steps: Sequence[Step]) -> Iterator[RunPlan]:
    for number, step in enumerate(steps, start=1):
        yield RunPlan(uuid.uuid4().hex, TestCase(name=f"{number} of {url}", steps=(opening, step)))
