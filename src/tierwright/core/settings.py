"""The settings the engine reads. Names and ranges are those of the execution_settings table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tierwright.core.strategy import FallbackStrategy, TierNumber

TIMEOUT_RANGE_SECONDS = (1.0, 300.0)
RETRIES_RANGE = (0, 3)


class HealPolicy(StrEnum):
    """What heals mean for a run's exit code: nothing, a notice, or failure (exit 4)."""

    ALLOW = "allow"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionSettings:
    """How a run climbs its tiers.

    Timeouts are in seconds and include a tier's retries and model calls. `min_confidence` and `min_margin`
    lie in 0..1; None means the ranker's own measured defaults. `max_cost_usd` limits a whole command.
    """

    fallback_strategy: FallbackStrategy = FallbackStrategy.OPTION_C
    tier1_timeout_seconds: float = 30.0
    tier2_timeout_seconds: float = 30.0
    tier3_timeout_seconds: float = 30.0
    max_retries_per_tier: int = 1
    track_effectiveness: bool = True
    expect_timeout_seconds: float = 5.0
    min_confidence: float | None = None
    min_margin: float | None = None
    max_cost_usd: float | None = None

    def timeout_seconds(self, tier: TierNumber) -> float:
        """The timeout of one tier, retries and model calls included."""
        return {
            TierNumber.DIRECT: self.tier1_timeout_seconds,
            TierNumber.HYBRID: self.tier2_timeout_seconds,
            TierNumber.AI: self.tier3_timeout_seconds,
        }[tier]

    @property
    def step_timeout_seconds(self) -> float:
        """The deadline of a step that sets none: the sum of its strategy's tiers (H-5)."""
        return sum(self.timeout_seconds(tier) for tier in self.fallback_strategy.tiers)
