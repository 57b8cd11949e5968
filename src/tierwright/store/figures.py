"""What rows add up to: the sums behind both analytics, over the rows of runs or kept as roll-ups of an hour.

Both sides give the same columns, so that one query adds them together (`store/analytics.py`, `store/rollups.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Select,
    Subquery,
    Table,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
)

from tierwright.core.results import RunStatus, StepStatus
from tierwright.core.strategy import TierNumber
from tierwright.store.moments import whole_part
from tierwright.store.sweep import QUEUED
from tierwright.store.tables import steps, test_executions, tier_execution_logs

SUCCEEDED = (StepStatus.PASSED.value, StepStatus.HEALED.value)
RAN = (*SUCCEEDED, StepStatus.FAILED.value)

STEP_SUMS = ("executions", "steps", "succeeded", "tier1", "tier2", "tier3", "ms", "tokens", "cost_usd", "unpriced")
"""Columns of figures by strategy, in the order of `analytics_strategies`."""

TIER_SUMS = ("attempts", "succeeded", "ms", "tokens", "cost_usd", "unpriced", "hits", "misses", "invalid")
"""Columns of figures by tier, in the order of `analytics_tiers`."""

_PARTS_AN_OCTAVE = 64
TIME_ERROR_PERCENT = 100 / _PARTS_AN_OCTAVE / 2
"""How far a kept time can be from the true one at most: times are kept in 64 steps from a power of two to the next."""

_OCTAVES = tuple(2.0**exponent for exponent in range(-3, 21))


def counted_runs() -> ColumnElement[bool]:
    """The runs that analytics count: tracked ones that began."""
    return and_(test_executions.c.track_effectiveness, begun_runs())


def begun_runs() -> ColumnElement[bool]:
    """Runs that began. What waits in the queue did not, nor did what was cancelled there."""
    runs = test_executions.c
    cancelled = and_(runs.status == RunStatus.CANCELLED.value, runs.claim_no == 0, runs.duration_ms.is_(None))
    return not_(or_(runs.status == QUEUED, cancelled))


def executions_of(runs: Subquery, *by: ColumnElement[Any]) -> Select[Any]:
    """Runs by strategy, with no steps; `by` are columns of the runs to group by as well."""
    nothing = [literal(0).label(name) for name in STEP_SUMS[1:6]]
    unspent = (literal(0.0).label("ms"), literal(0).label("tokens"), literal(0.0).label("cost_usd"))
    query = select(*by, runs.c.strategy, func.count().label("executions"), *nothing, *unspent)
    return query.add_columns(literal(0).label("unpriced")).select_from(runs).group_by(*by, runs.c.strategy)


def steps_of(runs: Subquery, *by: ColumnElement[Any]) -> Select[Any]:
    """Steps that ran, by strategy, with no runs."""
    step = steps.c
    succeeded = step.status.in_(SUCCEEDED)
    by_tier = [count_if(succeeded & (step.tier == int(tier))).label(f"tier{tier}") for tier in TierNumber]
    query = select(
        *by,
        runs.c.strategy,
        literal(0).label("executions"),
        func.count().label("steps"),
        count_if(succeeded).label("succeeded"),
        *by_tier,
        func.sum(step.duration_ms).label("ms"),
        func.sum(step.tokens).label("tokens"),
        *_price(step.cost_usd),
    )
    return _of_runs(query, steps, runs).where(step.status.in_(RAN)).group_by(*by, runs.c.strategy)


def attempts_of(runs: Subquery, *by: ColumnElement[Any]) -> Select[Any]:
    """Attempts by tier."""
    log = tier_execution_logs.c
    tier = log.tier_attempted
    cache = zip(("hit", "miss", "invalid"), ("hits", "misses", "invalid"), strict=True)
    query = select(
        *by,
        tier.label("tier"),
        func.count().label("attempts"),
        count_if(log.success).label("succeeded"),
        func.sum(log.execution_time_ms).label("ms"),
        func.sum(log.tokens_used).label("tokens"),
        *_price(log.cost_usd),
        *(count_if(log.cache == outcome).label(name) for outcome, name in cache),
    )
    return _of_runs(query, tier_execution_logs, runs).group_by(*by, tier)


def times_of(runs: Subquery, *by: ColumnElement[Any], kept: bool = False) -> Select[Any]:
    """Attempts by tier and time; `kept` as roll-ups keep them, in steps."""
    log = tier_execution_logs.c
    ms = kept_time(log.execution_time_ms) if kept else log.execution_time_ms
    each = _of_runs(select(*by, log.tier_attempted.label("tier"), ms.label("ms")), tier_execution_logs, runs).subquery()
    keys = tuple(each.c)
    return select(*keys, func.count().label("attempts")).group_by(*keys)


def histograms_of(runs: Subquery, *by: ColumnElement[Any]) -> Select[Any]:
    """How many attempts of a tier took how long, as one JSON object: `{"12.25":3}`. It is read whole, or not at all."""
    each = times_of(runs, *by, kept=True).subquery()
    one = literal('"') + cast(each.c.ms, Text) + literal('":') + cast(each.c.attempts, Text)
    times = literal("{") + func.aggregate_strings(one, ",") + literal("}")
    keys = tuple(column for column in each.c if column.name not in ("ms", "attempts"))
    return select(*keys, times.label("times")).group_by(*keys)


def kept_time(ms: ColumnElement[float]) -> ColumnElement[float]:
    """The middle of the step that a time is in. Steps are parts of powers of two: exact on both databases."""
    steps_up = [(ms < 2 * octave, _middle(ms, octave)) for octave in _OCTAVES[:-1]]
    return case(*steps_up, else_=_middle(ms, _OCTAVES[-1]))


def _middle(ms: ColumnElement[float], octave: float) -> ColumnElement[float]:
    width = octave / _PARTS_AN_OCTAVE
    return whole_part(ms / width) * width + width / 2


def summed(parts: Subquery, keys: Sequence[ColumnElement[Any]], names: Sequence[str]) -> Select[Any]:
    """The sums of these columns, by these keys."""
    return select(*keys, *(func.sum(parts.c[name]).label(name) for name in names)).group_by(*keys)


def count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows meet it."""
    return func.coalesce(func.sum(case((condition, literal(1)), else_=literal(0))), 0)


def _price(dollars: ColumnElement[float]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The sum of known prices, and how many are not known."""
    known = func.coalesce(func.sum(dollars), cast(0.0, Float)).label("cost_usd")
    return known, (func.count() - func.count(dollars)).label("unpriced")


def _of_runs(query: Any, table: Table, runs: Subquery) -> Select[Any]:
    """The query over the rows of a table that belong to these runs."""
    chosen: Select[Any] = query.select_from(table.join(runs, runs.c.id == table.c.test_execution_id))
    return chosen
