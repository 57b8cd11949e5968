"""What the tests of this folder share: settings, and looks at a page."""

from __future__ import annotations

from typing import Any

from tests.browser.engine_fixture import EngineBench

from tierwright.core.results import Actuator, Attempt, StepResult, StepStatus
from tierwright.core.settings import ExecutionSettings
from tierwright.core.strategy import FallbackStrategy, TierNumber

OPTION_B = ExecutionSettings(
    fallback_strategy=FallbackStrategy.OPTION_B,
    tier1_timeout_seconds=1.0,
    tier3_timeout_seconds=4.0,
    expect_timeout_seconds=1.0,
)
"""Tier 1, then Stagehand."""

OPTION_C = ExecutionSettings(tier1_timeout_seconds=3.0, tier2_timeout_seconds=6.0, tier3_timeout_seconds=15.0)


def by_stagehand(step: StepResult) -> StepResult:
    """A step that Stagehand must have performed at the third tier."""
    assert step.status in (StepStatus.HEALED, StepStatus.PASSED), step.error
    assert step.tier is TierNumber.AI, step
    assert step.actuator is Actuator.STAGEHAND
    return step


def attempt_at(step: StepResult, tier: TierNumber) -> Attempt:
    """The last attempt of a tier."""
    return [a for a in step.attempts if a.tier is tier][-1]


async def log_of(engine: EngineBench) -> list[Any]:
    """What the page's scripts noted in `log`."""
    return list(await engine.session.page.evaluate("window.log"))
