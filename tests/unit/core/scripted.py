"""Tiers and a page that do what a test says, for the climb of a step without a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

from playwright.async_api import Page

from tierwright.core.deadline import Deadline, SystemClock
from tierwright.core.dispatch import DispatchToken
from tierwright.core.errors import StepError
from tierwright.core.identity import ElementLocator, Fingerprint
from tierwright.core.instructions import understand
from tierwright.core.keys import baseline_key
from tierwright.core.results import Attempt, ErrorKind, Failure, Notice
from tierwright.core.settings import ExecutionSettings
from tierwright.core.steps import Action, Step
from tierwright.core.strategy import FallbackStrategy, TierNumber
from tierwright.core.three_tier import Outcome, ThreeTierExecutionService
from tierwright.core.tier import Found, Miss, Performed, StepCall
from tierwright.core.variables import Variables

Finding = Found | Miss | Callable[[StepCall], Awaitable[Found | Miss]]
Acting = None | StepError | Callable[[StepCall, DispatchToken], Awaitable[None]]


def found(tier: TierNumber = TierNumber.HYBRID) -> Found:
    return Found(tier=tier, locator=ElementLocator("#it"), fingerprint=Fingerprint(tag="button", name="It"))


def miss(kind: ErrorKind, tier: TierNumber = TierNumber.DIRECT) -> Miss:
    return Miss(tier=tier, error=Failure(kind, f"{kind} it is"))


async def never(*_: Any) -> Any:
    await asyncio.Event().wait()


@dataclass
class ScriptedSession:
    """A page that never changes unless `change` is set."""

    change: asyncio.Event = field(default_factory=asyncio.Event)
    page_path: str = "/"
    effects: frozenset[str] = frozenset()

    @property
    def page(self) -> Page:
        return cast(Page, None)

    def begin_step(self) -> None:
        return

    def take_notices(self) -> tuple[Notice, ...]:
        return ()

    def on_death(self, tell: Callable[[str], None] | None) -> None:
        return

    def problem(self) -> Failure | None:
        return None

    async def look_around(self) -> None: ...

    async def notice(self) -> None: ...

    async def wait_for_effects(self, wanted: frozenset[str], deadline: Deadline) -> frozenset[str]:
        return self.effects

    async def wait_for_change(self, deadline: Deadline) -> bool:
        try:
            async with deadline.timeout():
                await self.change.wait()
        except TimeoutError:
            return False
        self.change.clear()
        return True


@dataclass
class ScriptedTier:
    """Answers `find` and `act` from scripts, the last entry again and again; keeps what was asked of it."""

    number: TierNumber
    finds: list[Finding]
    acts: list[Acting] = field(default_factory=lambda: [None])
    watching: Callable[[StepCall], Awaitable[Found]] = never
    glimpse: Found | None = None
    found_calls: int = 0
    acted_calls: int = 0
    watches: int = 0
    watches_ended: int = 0

    async def find(self, call: StepCall) -> Found | Miss:
        self.found_calls += 1
        answer = self.finds[min(self.found_calls, len(self.finds)) - 1]
        outcome = await answer(call) if callable(answer) else answer
        return replace(outcome, tier=self.number)

    async def act(self, call: StepCall, found: Found, token: DispatchToken) -> Performed:
        self.acted_calls += 1
        way = self.acts[min(self.acted_calls, len(self.acts)) - 1]
        if isinstance(way, StepError):
            raise way
        if way is not None:
            await way(call, token)
        elif not call.step.judges:
            await token.take(f"tier {self.number}")
        return Performed(found=found)

    async def glance(self, call: StepCall) -> Found | None:
        return self.glimpse

    async def watch(self, call: StepCall) -> Found:
        self.watches += 1
        try:
            return replace(await self.watching(call), tier=self.number)
        finally:
            self.watches_ended += 1


@dataclass
class Seen:
    """A witness that keeps what it heard."""

    tiers: list[int] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    about_to_be: list[Found] = field(default_factory=list)

    async def tier_started(self, tier: TierNumber) -> None:
        self.tiers.append(int(tier))

    async def about_to_act(self, found: Found) -> None:
        self.about_to_be.append(found)

    async def attempt_ended(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)


@dataclass
class Climbing:
    """A step about to climb scripted tiers."""

    tier1: ScriptedTier
    tier2: ScriptedTier
    tier3: ScriptedTier
    session: ScriptedSession = field(default_factory=ScriptedSession)
    seen: Seen = field(default_factory=Seen)
    strategy: FallbackStrategy = FallbackStrategy.OPTION_C
    action: Action = Action.CLICK
    optional: bool = False
    seconds: float = 0.3
    step_seconds: float | None = None
    retries: int = 0

    async def run(self) -> Outcome:
        others = {TierNumber.HYBRID: self.tier2, TierNumber.AI: self.tier3}
        return await ThreeTierExecutionService(self.tier1, others, SystemClock()).run_step(self.call(), self.seen)

    def call(self) -> StepCall:
        step = Step(action=self.action, instruction="the It button", selector="#it", optional=self.optional)
        settings = ExecutionSettings(
            fallback_strategy=self.strategy,
            tier1_timeout_seconds=self.seconds,
            tier2_timeout_seconds=self.seconds,
            tier3_timeout_seconds=self.seconds,
            max_retries_per_tier=self.retries,
        )
        return StepCall(
            index=0,
            step=step,
            written=step,
            project="default",
            test="test",
            variables=Variables(),
            settings=settings,
            session=self.session,
            deadline=Deadline.after(SystemClock(), self.step_seconds or settings.step_timeout_seconds),
            phrase=understand(step.instruction, step.action),
            baseline_key=baseline_key("default", "test", step),
        )

    @property
    def acts(self) -> int:
        return self.tier1.acted_calls + self.tier2.acted_calls + self.tier3.acted_calls


def climbing(
    first: ErrorKind | None = ErrorKind.NOT_FOUND,
    second: ErrorKind | None = ErrorKind.NOT_FOUND,
    third: ErrorKind | None = ErrorKind.NOT_FOUND,
    **given: Any,
) -> Climbing:
    """Three tiers that miss with these kinds, or (None) find and act."""

    def tier(number: TierNumber, kind: ErrorKind | None) -> ScriptedTier:
        return ScriptedTier(number, [found() if kind is None else miss(kind)])

    return Climbing(
        tier(TierNumber.DIRECT, first), tier(TierNumber.HYBRID, second), tier(TierNumber.AI, third), **given
    )
