"""Tier distribution and strategy effectiveness, computed in SQL over what really ran (contract.md, section 4).

Runs whose settings say `track_effectiveness: false` are left out. A step counts once a try; steps that were
skipped or cancelled did not run and do not count. Rates are per cent with two decimals, None where nothing was tried.

Large answers come from roll-ups of whole hours, and from the rows of hours that are cut by the window or that changed
since they were added up (docs/decisions/0094). Small answers, and those for one test or tag, come from the rows alone.
"""

from __future__ import annotations

import asyncio
import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Label,
    Row,
    Select,
    Subquery,
    Table,
    and_,
    cast,
    exists,
    false,
    func,
    not_,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.strategy import FallbackStrategy, TierNumber
from tierwright.store.codec import Json
from tierwright.store.database import Database
from tierwright.store.figures import (
    STEP_SUMS,
    TIER_SUMS,
    attempts_of,
    counted_runs,
    executions_of,
    steps_of,
    summed,
    times_of,
)
from tierwright.store.moments import Bucket
from tierwright.store.tables import (
    UtcTime,
    analytics_histograms,
    analytics_hours,
    analytics_strategies,
    analytics_tiers,
    cache_counters,
    test_execution_tags,
    test_executions,
)

__all__ = [
    "Bucket",
    "Filter",
    "StrategyEffectiveness",
    "TierDistribution",
    "strategy_effectiveness",
    "tier_distribution",
]

_PERCENTILE = 95

EXACT_UP_TO = 5_000
"""Attempts up to which every answer comes from the rows alone, the 95th percentile too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which runs count: begun at `start` or later, and before `end`; of these projects, test and tag. None: any.

    `test` is a name, as files and the command line know a test; `test_id` is the id that the server gave it.
    """

    projects: tuple[str, ...] | None = None
    start: datetime | None = None
    end: datetime | None = None
    test: str | None = None
    test_id: str | None = None
    tag: str | None = None

    @property
    def narrowed(self) -> bool:
        """Whether it picks tests, so that figures that know no test are unknown."""
        return any(which is not None for which in (self.test, self.test_id, self.tag))


@dataclass(frozen=True, slots=True)
class TierFigures:
    """One tier's attempts. Times in milliseconds, dollars None as soon as one price is unknown."""

    attempts: int = 0
    success_count: int = 0
    success_rate: float | None = None
    avg_time_ms: float | None = None
    p95_time_ms: float | None = None
    tokens: int = 0
    cost_usd: float | None = 0.0


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """What the XPath cache said to attempts. `evictions` None: they belong to no test, and a test was asked for."""

    hits: int = 0
    misses: int = 0
    invalid: int = 0
    evictions: int | None = 0
    hit_rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierDistribution:
    """Which tier carried how many steps."""

    total_executions: int
    total_steps: int
    tiers: tuple[TierFigures, TierFigures, TierFigures]
    failed_steps: int
    overall_success_rate: float | None
    cache: CacheFigures
    start: datetime | None = None
    end: datetime | None = None
    buckets: tuple[TierDistribution, ...] | None = None

    def as_json(self) -> Json:
        """The figures by the names of the REST answer; `buckets` only where they were asked for."""
        data: Json = {"total_executions": self.total_executions, "total_steps": self.total_steps}
        for tier, figures in zip(TierNumber, self.tiers, strict=True):
            data |= {f"tier{tier}_{f.name}": getattr(figures, f.name) for f in fields(figures)}
        data |= {
            "failed_steps": self.failed_steps,
            "overall_success_rate": self.overall_success_rate,
            "cache": {f.name: getattr(self.cache, f.name) for f in fields(self.cache)},
        }
        return data | _ends(self.start, self.end, self.buckets)


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyFigures:
    """How one strategy did. `success_count` counts steps; `avg_tier` and the distribution are of succeeded steps."""

    total_executions: int = 0
    total_steps: int = 0
    success_count: int = 0
    success_rate: float | None = None
    avg_tier: float | None = None
    tier_counts: tuple[int, int, int] = (0, 0, 0)
    avg_time_ms: float | None = None
    tokens: int = 0
    cost_usd: float | None = 0.0
    cost_per_step_usd: float | None = None

    def as_json(self) -> Json:
        """The figures by the names of the REST answer."""
        data: Json = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "tier_counts"}
        counts = zip(TierNumber, self.tier_counts, strict=True)
        return data | {"tier_distribution": {f"tier{tier}": count for tier, count in counts}}


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyEffectiveness:
    """The three strategies side by side."""

    option_a: StrategyFigures
    option_b: StrategyFigures
    option_c: StrategyFigures
    start: datetime | None = None
    end: datetime | None = None
    buckets: tuple[StrategyEffectiveness, ...] | None = None

    def of(self, strategy: FallbackStrategy) -> StrategyFigures:
        """One strategy's figures."""
        figures: StrategyFigures = getattr(self, strategy.value)
        return figures

    def as_json(self) -> Json:
        """The figures by the names of the REST answer; `from`, `to` and `buckets` only where they were asked for."""
        data: Json = {strategy.value: self.of(strategy).as_json() for strategy in FallbackStrategy}
        ends = _ends(self.start, self.end, self.buckets)
        return data | {name: value for name, value in ends.items() if value is not None}


def _ends(start: datetime | None, end: datetime | None, buckets: Sequence[Any] | None) -> Json:
    data: Json = {"from": start.isoformat() if start else None, "to": end.isoformat() if end else None}
    if buckets is not None:
        data["buckets"] = [_bucket_json(bucket) for bucket in buckets]
    return data


def _bucket_json(bucket: TierDistribution | StrategyEffectiveness) -> Json:
    figures = {name: value for name, value in bucket.as_json().items() if name not in ("from", "to")}
    return {"start": bucket.start.isoformat() if bucket.start else None, **figures}


_MOST_HOURS_NAMED = 500


# --- the two questions ------------------------------------------------------------------------------------


async def tier_distribution(
    database: Database, wanted: Filter, bucket: Bucket | None = None, *, exact_up_to: int = EXACT_UP_TO
) -> TierDistribution:
    """Which tier carried how many steps; with `bucket` also split by the time that runs began.

    With more than `exact_up_to` attempts the 95th percentile is within 0.8 % of the true one.
    """
    async with database.snapshot() as connection:
        source = await _source_of(connection, wanted, exact_up_to)
        whole = (await _distributions(connection, source))[None]
        if bucket is None:
            return whole
        parts = await _distributions(connection, replace(source, bucket=bucket))
    return replace(whole, buckets=tuple(parts[start] for start in sorted(filter(None, parts))))


async def strategy_effectiveness(
    database: Database, wanted: Filter, bucket: Bucket | None = None, *, exact_up_to: int = EXACT_UP_TO
) -> StrategyEffectiveness:
    """How the three strategies did; with `bucket` also split by the time that runs began."""
    async with database.snapshot() as connection:
        source = await _source_of(connection, wanted, exact_up_to)
        whole = (await _effectivenesses(connection, source))[None]
        if bucket is None:
            return whole
        parts = await _effectivenesses(connection, replace(source, bucket=bucket))
    return replace(whole, buckets=tuple(parts[start] for start in sorted(filter(None, parts))))


# --- where the figures come from --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Span:
    """A time of some projects that is read from its rows."""

    projects: frozenset[str]
    start: datetime
    end: datetime

    def holds(self) -> ColumnElement[bool]:
        """The condition on runs that began in it."""
        run = test_executions.c
        return and_(run.project.in_(sorted(self.projects)), run.started_at >= self.start, run.started_at < self.end)


@dataclass(frozen=True, slots=True)
class _Source:
    """The rows behind an answer. `kept`: roll-ups stand for whole hours; `bucket` None: all in one.

    `spans` are the times that are read from rows beside roll-ups; None where they are too many to be named.
    """

    wanted: Filter
    kept: bool
    spans: tuple[_Span, ...] | None = None
    bucket: Bucket | None = None

    def runs(self) -> Subquery:
        """The runs that are read row by row, and the start of the bucket they are in."""
        runs = test_executions.c
        query = select(runs.id, runs.strategy, self.start(runs.started_at)).where(counted_runs())
        if self.kept and self.spans is not None:
            query = query.where(or_(false(), *(span.holds() for span in self.spans)))
        elif self.kept:
            hour = analytics_hours.c
            within = and_(runs.project == hour.project, runs.started_at >= hour.hour, runs.started_at < hour.ends_at)
            query = query.join_from(analytics_hours, test_executions, within).where(self.read_from_rows())
        return query.where(*_conditions(self.wanted)).subquery()

    def read_from_rows(self) -> ColumnElement[bool]:
        """The condition on hours in the window whose roll-ups do not stand for their rows."""
        fresh = analytics_hours.c.fresh
        return and_(self._overlaps(analytics_hours), or_(fresh.is_(False), not_(self._whole())))

    def hours(self, table: Any) -> Select[Any]:
        """The roll-ups of a table that stand for their rows."""
        hour = analytics_hours.c
        same = and_(table.c.project == hour.project, table.c.hour == hour.hour)
        query = select(self.start(table.c.hour), *(c for c in table.c if c.name not in ("project", "hour")))
        query = query.join_from(analytics_hours, table, same).where(hour.fresh, self._whole())
        return query.where(self._overlaps(analytics_hours), self._overlaps(table))

    def start(self, moment: ColumnElement[datetime]) -> Label[datetime]:
        """The start of the bucket that a moment is in."""
        return (self.bucket.floor_column(moment) if self.bucket else cast(null(), UtcTime)).label("start")

    def _overlaps(self, table: Table) -> ColumnElement[bool]:
        """Hours that have a part in the window, in any table of hours."""
        hour, wanted = table.c, self.wanted
        conditions: list[ColumnElement[bool]] = [hour.hour.is_not(None)]
        if wanted.projects is not None:
            conditions.append(hour.project.in_(wanted.projects))
        if wanted.start is not None:
            conditions.append(hour.hour >= Bucket.HOUR.floor(wanted.start))
        if wanted.end is not None:
            conditions.append(hour.hour < wanted.end)
        return and_(*conditions)

    def _whole(self) -> ColumnElement[bool]:
        """Hours that lie in the window whole."""
        hour, wanted = analytics_hours.c, self.wanted
        conditions: list[ColumnElement[bool]] = [hour.hour.is_not(None)]
        if wanted.start is not None:
            conditions.append(hour.hour >= wanted.start)
        if wanted.end is not None:
            conditions.append(hour.ends_at <= wanted.end)
        return and_(*conditions)


def _conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    runs, tags = test_executions.c, test_execution_tags.c
    if wanted.projects is not None:
        yield runs.project.in_(wanted.projects)
    if wanted.start is not None:
        yield runs.started_at >= wanted.start
    if wanted.end is not None:
        yield runs.started_at < wanted.end
    if wanted.test is not None:
        yield runs.test_name == wanted.test
    if wanted.test_id is not None:
        yield runs.test_id == wanted.test_id
    if wanted.tag is not None:
        yield exists().where(tags.test_execution_id == runs.id, tags.tag == wanted.tag)


async def _source_of(connection: AsyncConnection, wanted: Filter, exact_up_to: int) -> _Source:
    """Roll-ups know hours and projects, and are read for many attempts only."""
    if wanted.narrowed:
        return _Source(wanted, kept=False)
    source = _Source(wanted, kept=True)
    kept = source.hours(analytics_tiers).subquery()
    query = select(func.coalesce(func.sum(kept.c.attempts), 0))
    if int((await connection.execute(query)).scalar_one()) <= exact_up_to:
        return _Source(wanted, kept=False)
    return replace(source, spans=await _spans(connection, source))


async def _spans(connection: AsyncConnection, source: _Source) -> tuple[_Span, ...] | None:
    """The hours to be read from rows, by the projects that they are of: named, so that the planner knows their size."""
    hour = analytics_hours.c
    query = select(hour.hour, hour.ends_at, hour.project).where(source.read_from_rows()).limit(_MOST_HOURS_NAMED + 1)
    rows = (await connection.execute(query)).all()
    if len(rows) > _MOST_HOURS_NAMED:
        return None
    by_hour: dict[tuple[datetime, datetime], set[str]] = {}
    for row in rows:
        by_hour.setdefault((row.hour, row.ends_at), set()).add(row.project)
    return tuple(_Span(frozenset(projects), *ends) for ends, projects in sorted(by_hour.items()))


def _rows(source: _Source, from_rows: Sequence[Any], table: Any) -> Subquery:
    """The same figures from rows, and from the roll-ups of a table where they stand for rows."""
    kept = [source.hours(table)] if source.kept else []
    return union_all(*from_rows, *kept).subquery()


# --- figures by strategy and by tier ------------------------------------------------------------------------

_Start = datetime | None
_ByStart = Mapping[_Start, Mapping[Any, Row[Any]]]
"""Rows by the start of their bucket, and by strategy or tier."""


async def _by_strategy(connection: AsyncConnection, source: _Source) -> _ByStart:
    runs = source.runs()
    parts = _rows(source, [executions_of(runs, runs.c.start), steps_of(runs, runs.c.start)], analytics_strategies)
    query = summed(parts, (parts.c.start, parts.c.strategy), STEP_SUMS)
    return _grouped([(row.start, row.strategy, row) for row in await connection.execute(query)])


async def _by_tier(connection: AsyncConnection, source: _Source) -> _ByStart:
    runs = source.runs()
    parts = _rows(source, [attempts_of(runs, runs.c.start)], analytics_tiers)
    query = summed(parts, (parts.c.start, parts.c.tier), TIER_SUMS)
    return _grouped([(row.start, row.tier, row) for row in await connection.execute(query)])


async def _late_times(connection: AsyncConnection, source: _Source) -> Mapping[tuple[_Start, int], float]:
    """The 95th percentile is the nearest rank: the first time that 95 % of attempts stay within."""
    if source.kept:
        return await _late_kept_times(connection, source)
    runs = source.runs()
    times = times_of(runs, runs.c.start).subquery()
    group = (times.c.start, times.c.tier)
    ranked = select(
        *group,
        times.c.ms,
        func.sum(times.c.attempts).over(partition_by=group, order_by=times.c.ms).label("rank"),
        func.sum(times.c.attempts).over(partition_by=group).label("of"),
    ).subquery()
    a = ranked.c
    query = select(a.start, a.tier, func.min(a.ms).label("ms")).where(a.rank * 100 >= a.of * _PERCENTILE)
    rows = await connection.execute(query.group_by(a.start, a.tier))
    return {(row.start, row.tier): row.ms for row in rows}


async def _late_kept_times(connection: AsyncConnection, source: _Source) -> Mapping[tuple[_Start, int], float]:
    """The same from histograms, added up in a thread; as rows of their own they would be what a month waits for."""
    runs = source.runs()
    rows = (await connection.execute(times_of(runs, runs.c.start, kept=True))).all()
    kept = (await connection.execute(source.hours(analytics_histograms))).all()
    return await asyncio.to_thread(_late_in, rows, kept)


def _late_in(rows: Sequence[Row[Any]], kept: Sequence[Row[Any]]) -> Mapping[tuple[_Start, int], float]:
    times: dict[tuple[_Start, int], Counter[float]] = {}
    for row in rows:
        times.setdefault((row.start, row.tier), Counter())[row.ms] += row.attempts
    by_group: dict[tuple[_Start, int], dict[str, int]] = {}
    for row in kept:
        _add(by_group.setdefault((row.start, row.tier), {}), json.loads(row.times))
    for group, counts in by_group.items():
        times.setdefault(group, Counter()).update({float(ms): attempts for ms, attempts in counts.items()})
    return {group: _late(counts) for group, counts in times.items()}


def _add(sums: dict[str, int], counts: Mapping[str, int]) -> None:
    for ms, attempts in counts.items():
        sums[ms] = sums.get(ms, 0) + attempts


def _late(counts: Mapping[float, int]) -> float:
    ordered = sorted(counts)
    ranks = list(accumulate(counts[ms] for ms in ordered))
    return ordered[bisect_left(ranks, ranks[-1] * _PERCENTILE / 100)]


async def _evictions(connection: AsyncConnection, source: _Source) -> Mapping[_Start, int] | None:
    """Entries that were evicted; they belong to no test, and are None where one was asked for."""
    wanted, counted = source.wanted, cache_counters.c
    if wanted.narrowed:
        return None
    each = select(source.start(counted.hour), counted["count"]).where(counted.outcome == "eviction")
    if wanted.projects is not None:
        each = each.where(counted.project.in_(wanted.projects))
    if wanted.start is not None:
        each = each.where(counted.hour >= Bucket.HOUR.floor(wanted.start))
    if wanted.end is not None:
        each = each.where(counted.hour < wanted.end)
    rows = each.subquery()
    query = select(rows.c.start, func.sum(rows.c["count"])).group_by(rows.c.start)
    return {row[0]: int(row[1]) for row in await connection.execute(query)}


def _grouped(rows: Sequence[tuple[_Start, Any, Row[Any]]]) -> _ByStart:
    grouped: dict[_Start, dict[Any, Row[Any]]] = {}
    for start, key, row in rows:
        grouped.setdefault(start, {})[key] = row
    return grouped


# --- the answers ------------------------------------------------------------------------------------------


async def _distributions(connection: AsyncConnection, source: _Source) -> dict[_Start, TierDistribution]:
    """The answer for each bucket in which a run began; without buckets, the one for all."""
    strategies = await _by_strategy(connection, source)
    tiers, late = await _by_tier(connection, source), await _late_times(connection, source)
    evictions = await _evictions(connection, source)
    return {
        start: _distribution(
            source,
            start,
            strategies.get(start, {}),
            [_tier(tiers.get(start, {}).get(int(tier)), late.get((start, int(tier)))) for tier in TierNumber],
            _cache(tiers.get(start, {}), None if evictions is None else evictions.get(start, 0)),
        )
        for start in (strategies if source.bucket else (None,))
    }


def _distribution(
    source: _Source, start: _Start, rows: Mapping[Any, Row[Any]], tiers: Sequence[TierFigures], cache: CacheFigures
) -> TierDistribution:
    executions, total, succeeded = (
        sum(int(row._mapping[name]) for row in rows.values()) for name in ("executions", "steps", "succeeded")
    )
    first, second, third = tiers
    begins, ends = _ends_of(source, start)
    return TierDistribution(
        total_executions=executions,
        total_steps=total,
        tiers=(first, second, third),
        failed_steps=total - succeeded,
        overall_success_rate=_rate(succeeded, total),
        cache=cache,
        start=begins,
        end=ends,
    )


def _ends_of(source: _Source, start: _Start) -> tuple[_Start, _Start]:
    """A bucket's ends, cut to the window; without buckets the window."""
    wanted = source.wanted
    if start is None or source.bucket is None:
        return wanted.start, wanted.end
    end = start + source.bucket.span
    return max(start, wanted.start or start), min(end, wanted.end or end)


def _tier(row: Row[Any] | None, late_ms: float | None) -> TierFigures:
    if row is None:
        return TierFigures()
    return TierFigures(
        attempts=int(row.attempts),
        success_count=int(row.succeeded),
        success_rate=_rate(row.succeeded, row.attempts),
        avg_time_ms=_rounded(row.ms / int(row.attempts)),
        p95_time_ms=_rounded(late_ms),
        tokens=int(row.tokens),
        cost_usd=_dollars(row),
    )


def _cache(tiers: Mapping[Any, Row[Any]], evictions: int | None) -> CacheFigures:
    hits, misses, invalid = (
        sum(int(row._mapping[name]) for row in tiers.values()) for name in ("hits", "misses", "invalid")
    )
    return CacheFigures(hits, misses, invalid, evictions, _rate(hits, hits + misses + invalid))


async def _effectivenesses(connection: AsyncConnection, source: _Source) -> dict[_Start, StrategyEffectiveness]:
    """The answer for each bucket in which a run began; without buckets, the one for all."""
    strategies = await _by_strategy(connection, source)
    answers: dict[_Start, StrategyEffectiveness] = {}
    for start in strategies if source.bucket else (None,):
        a, b, c = (_strategy(strategies.get(start, {}).get(s.value)) for s in FallbackStrategy)
        begins, ends = _ends_of(source, start)
        answers[start] = StrategyEffectiveness(option_a=a, option_b=b, option_c=c, start=begins, end=ends)
    return answers


def _strategy(row: Row[Any] | None) -> StrategyFigures:
    if row is None:
        return StrategyFigures()
    counts = int(row.tier1), int(row.tier2), int(row.tier3)
    total, cost = int(row.steps), _dollars(row)
    return StrategyFigures(
        total_executions=int(row.executions),
        total_steps=total,
        success_count=int(row.succeeded),
        success_rate=_rate(row.succeeded, total),
        avg_tier=_rounded(_share(counts[0] + 2 * counts[1] + 3 * counts[2], sum(counts))),
        tier_counts=counts,
        avg_time_ms=_rounded(_share(row.ms, total)),
        tokens=int(row.tokens),
        cost_usd=cost,
        cost_per_step_usd=round(cost / total, 8) if cost is not None and total else None,
    )


def _rate(part: Any, whole: Any) -> float | None:
    return _rounded(_share(100 * int(part), int(whole)))


def _share(part: float, whole: int) -> float | None:
    return float(part) / whole if whole else None


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(float(number), 2)


def _dollars(row: Row[Any]) -> float | None:
    """The sum, or None as soon as one price is not known: that is not 0."""
    return None if row.unpriced else round(float(row.cost_usd), 8)
