"""`tierwright analytics`: which tier carried how many steps, and what each strategy brought."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from tierwright.cli.db import on_state, state_option, table
from tierwright.core.config import StateLocation
from tierwright.core.errors import UsageError
from tierwright.core.strategy import FallbackStrategy, TierNumber
from tierwright.store.analytics import (
    Bucket,
    Filter,
    StrategyEffectiveness,
    TierDistribution,
    strategy_effectiveness,
    tier_distribution,
)
from tierwright.store.database import Database
from tierwright.store.figures_csv import figures_csv
from tierwright.store.lockfile import write_atomically

_Figures = tuple[TierDistribution, StrategyEffectiveness]
_NUMBERS = frozenset(range(1, 10))


class MomentType(click.ParamType[datetime]):
    """A date or a moment in ISO 8601; without a zone it is UTC."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment, aware."""
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no date; write 2026-11-01 or 2026-11-01T08:00:00Z", param, ctx)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class EndType(MomentType):
    """As MomentType; a whole day is meant up to its end."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment before which runs count."""
        moment = super().convert(value, param, ctx)
        return moment + timedelta(days=1) if len(str(value)) == len("2026-11-01") else moment


@click.command(epilog="Example: tierwright analytics --from 2026-11-01 --tag smoke --json figures.json")
@state_option
@click.option("--from", "start", type=MomentType(), help="Only runs begun then or later. Example: --from 2026-11-01")
@click.option("--to", "end", type=EndType(), help="Only runs begun before; a date is meant whole. --to 2026-11-30")
@click.option("--test", metavar="NAME", help="Only this test. Example: --test 'Sign in'")
@click.option("--tag", metavar="TAG", help="Only tests with this tag. Example: --tag smoke")
@click.option(
    "--bucket", type=click.Choice([b.value for b in Bucket]), help="Also split by time (JSON, CSV). --bucket day"
)
@click.option("--json", "json_file", metavar="FILE", help="Write JSON; - is standard output. Example: --json -")
@click.option("--csv", "csv_file", metavar="FILE", help="Write CSV; - is standard output. Example: --csv -")
def analytics(
    state: Path | None,
    start: datetime | None,
    end: datetime | None,
    test: str | None,
    tag: str | None,
    bucket: str | None,
    **files: str | None,
) -> None:
    """Show which tier carried how many steps, and what each strategy brought.

    Figures are of the runs in this state. Runs with track-effectiveness = false are left out.
    """
    json_file, csv_file = files["json_file"], files["csv_file"]
    if json_file == csv_file == "-":
        raise UsageError("only one of --json and --csv can go to standard output (-)")

    async def ask(database: Database, location: StateLocation) -> _Figures:
        wanted = Filter(projects=(location.project,), start=start, end=end, test=test, tag=tag)
        split = Bucket(bucket) if bucket else None
        return await tier_distribution(database, wanted, split), await strategy_effectiveness(database, wanted, split)

    tiers, strategies = on_state(state, ask)
    both = {"tier_distribution": tiers.as_json(), "strategy_effectiveness": strategies.as_json()}
    if json_file:
        _write(json_file, json.dumps(both, indent=2) + "\n")
    if csv_file:
        _write(csv_file, figures_csv(both))
    if "-" not in (json_file, csv_file):
        click.echo(_tables(tiers, strategies))


def _write(file: str, text: str) -> None:
    if file == "-":
        click.echo(text, nl=False)
        return
    try:
        write_atomically(Path(file), text)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from None


def _tables(tiers: TierDistribution, strategies: StrategyEffectiveness) -> str:
    rate = _percent(tiers.overall_success_rate)
    head = f"{tiers.total_executions} runs, {tiers.total_steps} steps, {tiers.failed_steps} failed, {rate} succeeded"
    return "\n\n".join((head, _tier_table(tiers), _cache_line(tiers), _strategy_table(strategies)))


def _tier_table(tiers: TierDistribution) -> str:
    rows = [
        (
            f"tier {tier}",
            str(figures.attempts),
            str(figures.success_count),
            _percent(figures.success_rate),
            _ms(figures.avg_time_ms),
            _ms(figures.p95_time_ms),
            str(figures.tokens),
            _dollars(figures.cost_usd),
        )
        for tier, figures in zip(TierNumber, tiers.tiers, strict=True)
    ]
    heads = ("", "attempts", "succeeded", "rate", "average", "95 % within", "tokens", "cost")
    return table(heads, rows, right=_NUMBERS)


def _cache_line(tiers: TierDistribution) -> str:
    cache = tiers.cache
    evictions = "" if cache.evictions is None else f", {cache.evictions} evictions"
    rate = f" ({_percent(cache.hit_rate)} hits)" if cache.hit_rate is not None else ""
    return f"XPath cache: {cache.hits} hits, {cache.misses} misses, {cache.invalid} invalid{evictions}{rate}"


def _strategy_table(strategies: StrategyEffectiveness) -> str:
    rows = []
    for strategy in FallbackStrategy:
        figures = strategies.of(strategy)
        rows.append(
            (
                strategy.value,
                str(figures.total_executions),
                str(figures.total_steps),
                _percent(figures.success_rate),
                "–" if figures.avg_tier is None else f"{figures.avg_tier:.2f}",
                " / ".join(str(count) for count in figures.tier_counts),
                _ms(figures.avg_time_ms),
                _dollars(figures.cost_usd),
                _dollars(figures.cost_per_step_usd) if figures.total_steps else "–",
            )
        )
    heads = ("", "runs", "steps", "rate", "average tier", "tier 1 / 2 / 3", "a step", "cost", "cost a step")
    return table(heads, rows, right=_NUMBERS)


def _percent(number: float | None) -> str:
    return "–" if number is None else f"{number:.2f} %"


def _ms(number: float | None) -> str:
    return "–" if number is None else f"{number:.0f} ms"


def _dollars(number: float | None) -> str:
    return "unknown" if number is None else f"${number:.4f}"
