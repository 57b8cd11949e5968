"""What strategies look like over HTTP."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from tierwright.core.strategy import FallbackStrategy


class Measured(BaseModel):
    """How a strategy did in the caller's projects. The sample is `steps` of `executions` runs."""

    executions: int
    steps: int
    success_rate: float
    avg_tier: float | None
    avg_time_ms: float
    cost_per_step_usd: float | None


class StrategyOut(BaseModel):
    """One strategy."""

    id: FallbackStrategy
    name: str
    description: str
    flow: str
    tier_flow: list[int] = Field(description="The tiers in the order they are tried.")
    expected_success_rate: str = Field(description="What the design expects; nobody measured it.")
    cost_profile: Literal["medium", "high"]
    use_case: str
    recommended: bool
    measured: Measured | None = Field(description="What was measured in your projects; null before the first step.")


class StrategiesOut(BaseModel):
    """All strategies."""

    strategies: list[StrategyOut]
