"""What analytics look like over HTTP. Rates are per cent with two decimals, null where nothing was tried."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Format(StrEnum):
    """How figures are written."""

    JSON = "json"
    CSV = "csv"


Dollars = Annotated[float | None, Field(description="US dollars; null as soon as one price is not known.")]
Rate = Annotated[float | None, Field(description="Per cent; null where nothing was tried.")]
LateMs = Annotated[
    float | None,
    Field(description="95 % of attempts took no longer. Above 5,000 attempts within 0.8 % of the true time."),
]


class CacheOut(BaseModel):
    """What remembered elements were worth. `evictions` is null for one test or tag: they belong to none."""

    hits: int
    misses: int
    invalid: int
    evictions: int | None
    hit_rate: Rate


class DistributionFigures(BaseModel):
    """Which tier carried how many steps."""

    total_executions: int
    total_steps: int
    tier1_attempts: int
    tier1_success_count: int
    tier1_success_rate: Rate
    tier1_avg_time_ms: float | None
    tier1_p95_time_ms: LateMs
    tier1_tokens: int
    tier1_cost_usd: Dollars
    tier2_attempts: int
    tier2_success_count: int
    tier2_success_rate: Rate
    tier2_avg_time_ms: float | None
    tier2_p95_time_ms: LateMs
    tier2_tokens: int
    tier2_cost_usd: Dollars
    tier3_attempts: int
    tier3_success_count: int
    tier3_success_rate: Rate
    tier3_avg_time_ms: float | None
    tier3_p95_time_ms: LateMs
    tier3_tokens: int
    tier3_cost_usd: Dollars
    failed_steps: int
    overall_success_rate: Rate
    cache: CacheOut


class DistributionBucket(DistributionFigures):
    """The figures of runs begun in one hour or day of UTC."""

    start: datetime


class TierDistributionOut(DistributionFigures):
    """The figures of the window. `buckets` are there when a `bucket` was asked for."""

    model_config = ConfigDict(populate_by_name=True)

    begin: datetime | None = Field(alias="from")
    to: datetime | None
    buckets: list[DistributionBucket] | None = None


class TierCounts(BaseModel):
    """Steps that succeeded, by the tier that carried them."""

    tier1: int
    tier2: int
    tier3: int


class StrategyFiguresOut(BaseModel):
    """How one strategy did. `success_count` counts steps; `avg_tier` is of steps that succeeded."""

    total_executions: int
    total_steps: int
    success_count: int
    success_rate: Rate
    avg_tier: float | None
    tier_distribution: TierCounts
    avg_time_ms: float | None
    tokens: int
    cost_usd: Dollars
    cost_per_step_usd: Dollars


class EffectivenessFigures(BaseModel):
    """The three strategies side by side."""

    option_a: StrategyFiguresOut
    option_b: StrategyFiguresOut
    option_c: StrategyFiguresOut


class EffectivenessBucket(EffectivenessFigures):
    """The figures of runs begun in one hour or day of UTC."""

    start: datetime


class StrategyEffectivenessOut(EffectivenessFigures):
    """The figures of the window. `buckets` are there when a `bucket` was asked for."""

    model_config = ConfigDict(populate_by_name=True)

    begin: datetime | None = Field(default=None, alias="from")
    to: datetime | None = None
    buckets: list[EffectivenessBucket] | None = None


# --- costs ------------------------------------------------------------------------------------------------


class Spent(BaseModel):
    """What runs cost. `known_cost_usd` is without the `unpriced_runs`, whose price nobody knows."""

    runs: int
    tokens: int
    cost_usd: Dollars
    known_cost_usd: float
    unpriced_runs: int


class SpentOnTest(Spent):
    """What the runs of one test cost. `test_id` is null for tests that the server does not hold."""

    project_id: str
    test_id: str | None
    test_name: str


class SpentOnModel(Spent):
    """What the runs with one model cost."""

    model: str


class SpentOnDay(Spent):
    """What the runs begun on one day of UTC cost."""

    day: date


class Budget(BaseModel):
    """What a project spent in this calendar month of UTC, of what it may. `budget_usd` null: there is no limit."""

    project_id: str
    month: date
    budget_usd: float | None
    spent_usd: float
    remaining_usd: float | None
    unpriced_runs: int


class CostsOut(BaseModel):
    """What runs cost, however it is cut. `by_test` are the dearest."""

    begin: datetime = Field(serialization_alias="from")
    to: datetime
    total: Spent
    by_test: list[SpentOnTest]
    by_model: list[SpentOnModel]
    by_day: list[SpentOnDay]
    budgets: list[Budget]
