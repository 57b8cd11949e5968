"""Describes the strategies, with the figures of the projects that somebody can see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tierwright.core.strategy import FallbackStrategy
from tierwright.server.strategies.schemas import Measured, StrategyOut
from tierwright.store.analytics import Filter, StrategyFigures, strategy_effectiveness
from tierwright.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    name: str
    description: str
    expected_success_rate: str
    cost_profile: Literal["medium", "high"]
    use_case: str


_DESIGN = {
    FallbackStrategy.OPTION_A: _Described(
        name="Cost-Conscious",
        description="Playwright acts on your selector; where it fails, the element is found anew and Playwright acts.",
        expected_success_rate="90-95%",
        cost_profile="medium",
        use_case="Pages that change little, and suites that run often on a small budget.",
    ),
    FallbackStrategy.OPTION_B: _Described(
        name="AI-First",
        description="Playwright acts on your selector; where it fails, Stagehand acts by the instruction at once.",
        expected_success_rate="92-94%",
        cost_profile="high",
        use_case="Pages that change so much that remembered elements do not help.",
    ),
    FallbackStrategy.OPTION_C: _Described(
        name="Maximum Reliability",
        description="All three tiers in turn: your selector, the element found anew, and Stagehand at the end.",
        expected_success_rate="97-99%",
        cost_profile="medium",
        use_case="What most suites should use: each step climbs only as far as it must.",
    ),
}

_TIER_NAMES = {1: "Playwright", 2: "Hybrid", 3: "Stagehand"}
RECOMMENDED = FallbackStrategy.OPTION_C


async def described_strategies(database: Database, project_ids: Sequence[str]) -> list[StrategyOut]:
    """The three strategies, with what was measured in these projects."""
    figures = await strategy_effectiveness(database, Filter(projects=tuple(project_ids)))
    return [_described(strategy, figures.of(strategy)) for strategy in FallbackStrategy]


def _described(strategy: FallbackStrategy, figures: StrategyFigures) -> StrategyOut:
    design, tiers = _DESIGN[strategy], [int(tier) for tier in strategy.tiers]
    return StrategyOut(
        id=strategy,
        name=design.name,
        description=design.description,
        flow=" → ".join(f"Tier {tier} ({_TIER_NAMES[tier]})" for tier in tiers),
        tier_flow=tiers,
        expected_success_rate=design.expected_success_rate,
        cost_profile=design.cost_profile,
        use_case=design.use_case,
        recommended=strategy is RECOMMENDED,
        measured=_measured(figures),
    )


def _measured(figures: StrategyFigures) -> Measured | None:
    if figures.success_rate is None or figures.avg_time_ms is None:
        return None
    return Measured(
        executions=figures.total_executions,
        steps=figures.total_steps,
        success_rate=figures.success_rate,
        avg_tier=figures.avg_tier,
        avg_time_ms=figures.avg_time_ms,
        cost_per_step_usd=figures.cost_per_step_usd,
    )
