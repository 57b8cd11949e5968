"""Puts tests through the gym: two green runs to learn from, then one change a try."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tierwright.compose import Engine, RunPlan
from tierwright.core.cancel import CancelToken
from tierwright.core.errors import UsageError
from tierwright.core.results import RunStatus, TryResult
from tierwright.core.steps import TestCase
from tierwright.core.strategy import FallbackStrategy
from tierwright.core.verdicts import CONTRACT_GREENS
from tierwright.gym.change import Recipe
from tierwright.gym.kinds import Kind, suits
from tierwright.gym.nobody import Nobody
from tierwright.gym.trial import Trial
from tierwright.gym.verdict import TrialResult, Verdict, needs_reference, verdict_of

Tell = Callable[[TrialResult], None]

THOROUGH_SHARE = 0.5
"""How many of the benign changes take id, classes and data attributes as well: a redesign seldom does one thing."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change to try: of which step of which run, and how."""

    plan: RunPlan
    at: int
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class Exercise:
    """What was done under one strategy. `not_applicable` counts changes that a page did not take."""

    strategy: FallbackStrategy
    results: tuple[TrialResult, ...]
    not_applicable: int


def changes_of(plans: Sequence[RunPlan], kinds: Sequence[Kind], seed: int) -> Iterator[Change]:
    """Every change that suits a step, in the seed's order, the kinds taking turns."""
    dice = random.Random(seed)  # noqa: S311 - nothing here is a secret
    by_kind: dict[Kind, deque[tuple[RunPlan, int]]] = {}
    for kind in kinds:
        places = [(p, at) for p in plans for at, step in enumerate(p.test.all_steps) if suits(kind, step)]
        dice.shuffle(places)
        by_kind[kind] = deque(places)
    while any(by_kind.values()):
        for kind, waiting in by_kind.items():
            if waiting:
                plan, at = waiting.popleft()
                thorough = not kind.is_defect and dice.random() < THOROUGH_SHARE
                yield Change(plan, at, Recipe(kind, f"{dice.randrange(16**6):06x}", thorough))


@dataclass(slots=True)
class Gym:
    """Exercises one engine. `tell` hears of each result as it comes."""

    engine: Engine
    strategy: FallbackStrategy
    workers: int
    tell: Tell
    cancel: CancelToken = field(default_factory=CancelToken)
    results: list[TrialResult] = field(default_factory=list)
    not_applicable: int = 0

    async def exercise(self, plans: Sequence[RunPlan], changes: Iterator[Change], trials: int) -> Exercise:
        """Learn from green runs, then try changes until this many proved something. Raises UsageError for red tests."""
        await self._learn(plans)
        async with asyncio.TaskGroup() as group:
            for _ in range(self.workers):
                group.create_task(self._work(changes, trials))
        return Exercise(self.strategy, tuple(self.results), self.not_applicable)

    async def _learn(self, plans: Sequence[RunPlan]) -> None:
        """Run every test unchanged, as often as a contract needs (H-16)."""
        for plan in plans:
            for ordinal in range(1, CONTRACT_GREENS + 1):
                result = await self.engine.run_try(plan, ordinal, Nobody(), self.cancel, more=True)
                if result.status is not RunStatus.PASSED:
                    raise UsageError(_why_not_green(plan, result))

    async def _work(self, changes: Iterator[Change], trials: int) -> None:
        while len(self.results) < trials:
            change = next(changes, None)
            if change is None:
                return
            await self._try(change)

    async def _try(self, change: Change) -> None:
        trial = Trial(change.at, change.recipe)
        result = await self._run(change, trial)
        if trial.changed is None:
            self.not_applicable += 1
            return
        reference = None
        if needs_reference(trial, result):
            reference = await self._run(change, Trial(change.at, change.recipe, strict=True))
        verdict = verdict_of(trial, result, reference)
        if verdict is None:
            self.not_applicable += 1
            return
        self.results.append(_result(change, trial, result, verdict, self.strategy))
        self.tell(self.results[-1])

    async def _run(self, change: Change, trial: Trial) -> TryResult:
        plan = RunPlan(uuid.uuid4().hex, change.plan.test, change.plan.example)
        return await self.engine.run_try(plan, 1, Nobody(), self.cancel, more=True, rehearsal=trial)


def _result(
    change: Change, trial: Trial, result: TryResult, verdict: Verdict, strategy: FallbackStrategy
) -> TrialResult:
    test, step = change.plan.test, change.plan.test.all_steps[change.at]
    return TrialResult(
        test=test.name,
        file=test.file,
        step_index=change.at,
        step=step.title,
        kind=change.recipe.kind,
        thorough=change.recipe.thorough,
        strategy=strategy,
        verdict=verdict,
        tier=trial.hits[-1][0] if trial.hits else None,
        error=f"{result.error.kind}: {result.error.message}" if result.error else "",
        duration_ms=result.duration_ms,
    )


def _why_not_green(plan: RunPlan, result: TryResult) -> str:
    why = f": {result.error.kind}: {result.error.message}" if result.error else ""
    healed = " (steps healed: repair the test first)" if result.status is RunStatus.PASSED_HEALED else ""
    return f'the test "{plan.test.name}" is not green without any change, it ended {result.status}{healed}{why}'


def plans_of(tests: Sequence[TestCase]) -> tuple[RunPlan, ...]:
    """One run a test, of the first row where it has examples: its rows share their steps."""
    return tuple(RunPlan(uuid.uuid4().hex, test, next(iter(test.examples), None)) for test in tests)
