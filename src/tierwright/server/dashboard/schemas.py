"""What the dashboard looks like over HTTP. Every part names its window, its sample and where its rows are."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from tierwright.server.analytics.schemas import Budget, Rate, TierCounts

Link = Annotated[str, Field(description="Path of the API, below its root, that gives the rows behind it.")]


class Part(BaseModel):
    """One part: of `sample` runs, steps or heals begun at `begin` or later, and before `end`."""

    begin: datetime = Field(serialization_alias="from")
    end: datetime = Field(serialization_alias="to")
    sample: int
    link: Link


class PassRateDay(BaseModel):
    """The runs begun on one day of UTC. What was cancelled is no verdict and is left out."""

    day: date
    runs: int
    passed: int
    pass_rate: Rate


class PassRate(Part):
    """Runs that passed, healed and flaky ones too."""

    pass_rate: Rate
    days: list[PassRateDay]


class Today(Part):
    """Runs begun or queued today in UTC, by their status."""

    by_status: dict[str, int]


class Tiers(Part):
    """Steps that succeeded, by the tier that carried them."""

    tiers: TierCounts


class HealsWaiting(BaseModel):
    """Heals and groundings that wait for a person."""

    heals: int
    groundings: int
    link: Link


class Money(BaseModel):
    """This month's spending of each project against its budget."""

    budgets: list[Budget]
    link: Link


class SlowTest(BaseModel):
    """A test and the mean time of its `runs` that passed."""

    project_id: str
    test_id: str | None
    test_name: str
    runs: int
    avg_duration_ms: float
    link: Link


class FlakyTest(BaseModel):
    """A test and how many of its `runs` passed only when they were tried again."""

    project_id: str
    test_id: str | None
    test_name: str
    runs: int
    flaky: int
    flaky_rate: Rate
    link: Link


class Slowest(Part):
    """The tests that take longest."""

    tests: list[SlowTest]


class Flakiest(Part):
    """The tests that most often pass only when they are tried again."""

    tests: list[FlakyTest]


class DashboardOut(BaseModel):
    """The dashboard."""

    pass_rate: PassRate
    today: Today
    tiers: Tiers
    heals_waiting: HealsWaiting
    cost: Money
    slowest: Slowest
    flakiest: Flakiest
