from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.store.examples import BEGAN, TEST, attempt, result, told

from tierwright.core.results import CacheOutcome, ErrorKind, Failure, RunStatus, StepStatus
from tierwright.core.settings import ExecutionSettings
from tierwright.core.strategy import FallbackStrategy
from tierwright.store.analytics import Bucket, Filter, strategy_effectiveness, tier_distribution
from tierwright.store.database import Database
from tierwright.store.element_cache import SqlElementCache
from tierwright.store.recorder import RunRecorder


@pytest.fixture
async def three_runs(database: Database, clock) -> Database:
    """Two runs of one day with option_c, a failed one of the next with option_a and an unknown price, one untracked."""
    failed = result(
        1,
        StepStatus.FAILED,
        tier=None,
        error=Failure(ErrorKind.NOT_FOUND, "x"),
        attempts=(
            attempt(1, success=False, duration_ms=100.0),
            attempt(2, success=False, duration_ms=300.0, cache=CacheOutcome.HIT, tokens=7, cost_usd=None),
        ),
    )
    skipped = result(2, StepStatus.SKIPPED, tier=None, attempts=())
    other = replace(TEST, name="Other", tags=())
    runs = [
        told("run-1", began=BEGAN, status=RunStatus.PASSED_HEALED),
        told("run-2", began=BEGAN + timedelta(hours=2), status=RunStatus.PASSED_HEALED),
        told(
            "run-3",
            (result(0), failed, skipped),
            began=BEGAN + timedelta(days=1),
            status=RunStatus.FAILED,
            test=other,
            settings=ExecutionSettings(fallback_strategy=FallbackStrategy.OPTION_A),
        ),
        told("run-4", settings=ExecutionSettings(track_effectiveness=False)),
        told("run-5", project="elsewhere"),
    ]
    recorder = RunRecorder(database)
    for events in runs:
        for event in events:
            await recorder.on_event(event)
    await recorder.close()
    await SqlElementCache(database).count("default", "eviction")
    return database


async def test_tier_distribution_has_exactly_the_figures_of_the_contract(three_runs: Database) -> None:
    figures = (await tier_distribution(three_runs, Filter(projects=("default",)))).as_json()
    # tier 1: run-1 and run-2 have 3 attempts each, 2 good; run-3 has 2, 1 good and one of 100 ms
    assert figures == {
        "total_executions": 3,
        "total_steps": 8,
        "tier1_attempts": 8,
        "tier1_success_count": 5,
        "tier1_success_rate": 62.5,
        "tier1_avg_time_ms": 21.25,
        "tier1_p95_time_ms": 100.0,
        "tier1_tokens": 0,
        "tier1_cost_usd": 0.0,
        "tier2_attempts": 3,
        "tier2_success_count": 2,
        "tier2_success_rate": 66.67,
        "tier2_avg_time_ms": 133.33,
        "tier2_p95_time_ms": 300.0,
        "tier2_tokens": 207,
        "tier2_cost_usd": None,
        "tier3_attempts": 0,
        "tier3_success_count": 0,
        "tier3_success_rate": None,
        "tier3_avg_time_ms": None,
        "tier3_p95_time_ms": None,
        "tier3_tokens": 0,
        "tier3_cost_usd": 0.0,
        "failed_steps": 1,
        "overall_success_rate": 87.5,
        "cache": {"hits": 1, "misses": 2, "invalid": 0, "evictions": 1, "hit_rate": 33.33},
        "from": None,
        "to": None,
    }


async def test_strategy_effectiveness_has_exactly_the_figures_of_the_contract(three_runs: Database) -> None:
    figures = (await strategy_effectiveness(three_runs, Filter(projects=("default",)))).as_json()
    assert figures["option_c"] == {
        "total_executions": 2,
        "total_steps": 6,
        "success_count": 6,
        "success_rate": 100.0,
        "avg_tier": 1.33,
        "avg_time_ms": 20.0,
        "tokens": 200,
        "cost_usd": 0.02,
        "cost_per_step_usd": 0.00333333,
        "tier_distribution": {"tier1": 4, "tier2": 2, "tier3": 0},
    }
    a = figures["option_a"]
    assert (a["total_executions"], a["total_steps"], a["success_rate"]) == (1, 2, 50.0)
    assert (a["cost_usd"], a["cost_per_step_usd"], a["avg_tier"]) == (None, None, 1.0)
    b = figures["option_b"]
    assert (b["total_executions"], b["success_rate"], b["cost_usd"], b["cost_per_step_usd"]) == (0, None, 0.0, None)
    assert set(figures) == {"option_a", "option_b", "option_c"}


@pytest.mark.parametrize(
    ("wanted", "runs"),
    [
        (Filter(), 4),
        (Filter(projects=("default",)), 3),
        (Filter(projects=("default",), tag="smoke"), 2),
        (Filter(projects=("default",), test="Other"), 1),
        (Filter(projects=("default",), start=BEGAN + timedelta(hours=1)), 2),
        (Filter(projects=("default",), end=BEGAN + timedelta(hours=2)), 1),
        (Filter(projects=("default",), start=BEGAN, end=BEGAN + timedelta(days=1)), 2),
        (Filter(projects=("nowhere",)), 0),
    ],
)
async def test_filters(three_runs: Database, wanted: Filter, runs: int) -> None:
    figures = await tier_distribution(three_runs, wanted)
    assert figures.total_executions == runs
    strategies = await strategy_effectiveness(three_runs, wanted)
    assert sum(strategies.of(s).total_executions for s in FallbackStrategy) == runs


async def test_buckets_split_by_the_time_that_runs_began(three_runs: Database) -> None:
    hours = (await tier_distribution(three_runs, Filter(projects=("default",)), Bucket.HOUR)).as_json()["buckets"]
    assert [(b["start"], b["total_executions"]) for b in hours] == [
        ("2026-11-22T10:00:00+00:00", 1),
        ("2026-11-22T12:00:00+00:00", 1),
        ("2026-11-23T10:00:00+00:00", 1),
    ]
    days = (await strategy_effectiveness(three_runs, Filter(projects=("default",)), Bucket.DAY)).as_json()["buckets"]
    assert [(b["start"][:10], b["option_c"]["total_executions"]) for b in days] == [
        ("2026-11-22", 2),
        ("2026-11-23", 0),
    ]


async def test_evictions_belong_to_no_test(three_runs: Database) -> None:
    figures = await tier_distribution(three_runs, Filter(projects=("default",), test="Other"))
    assert (figures.cache.hits, figures.cache.evictions) == (1, None)


async def test_an_empty_state_has_no_rates(database: Database) -> None:
    figures = (await tier_distribution(database, Filter())).as_json()
    assert figures["total_steps"] == 0
    assert figures["overall_success_rate"] is None
    assert figures["cache"]["hit_rate"] is None
    assert figures["tier1_cost_usd"] == 0.0


async def test_the_95th_percentile_is_the_time_that_95_of_100_stay_within(database: Database) -> None:
    attempts = tuple(attempt(1, duration_ms=float(ms)) for ms in range(1, 101))
    recorder = RunRecorder(database)
    for event in told(steps=(result(0, attempts=attempts),)):
        await recorder.on_event(event)
    await recorder.close()
    figures = await tier_distribution(database, Filter())
    assert figures.tiers[0].p95_time_ms == 95.0
