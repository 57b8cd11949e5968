"""`tierwright gym`: changes a page as redesigns and defects would, and tells what the tests made of it."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tierwright.cli.config import resolve_run
from tierwright.cli.db import table
from tierwright.cli.options import WordType, with_run_flags
from tierwright.cli.streams import Streams
from tierwright.core.config import STDOUT, RunConfig, ScreenshotMode
from tierwright.core.deadline import SystemClock
from tierwright.core.errors import MachineryError, UsageError
from tierwright.core.settings import ExecutionSettings
from tierwright.core.strategy import FallbackStrategy, TierNumber
from tierwright.gym.kinds import BENIGN, DEFECTS, Kind

if TYPE_CHECKING:
    from tierwright.compose import Engine, RunPlan
    from tierwright.gym.exercise import Exercise
    from tierwright.gym.verdict import TrialResult

_BENIGN_HEADS = ("change", "n", "right", "wrong", "abstained", "right", "right by tier 1 / 2 / 3", "healed")
_DEFECT_HEADS = ("defect", "n", "caught", "warned", "false heal", "MASKED", "gap of the test")
_IS_ADDRESS = re.compile(r"https?://[^/\s]")
_ELEMENTS = 20


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the command line asks for, besides the flags of `run`."""

    target: tuple[str, ...]
    trials: int
    seed: int
    kinds: tuple[Kind, ...]
    strategies: tuple[FallbackStrategy, ...]
    patience_seconds: float
    json_file: Path | None


@click.command(
    epilog="""Examples:

\b
  tierwright gym tests/login.tw.yaml             60 changes, one a run of the test
  tierwright gym http://127.0.0.1:8000/          a page that has no test: looks, and uses nothing
  tierwright gym tests/ --kind removed --kind moved --trials 200 --seed 7
  tierwright gym tests/ --all-strategies --json gym.json

Exit codes: 0 nothing was touched wrongly and no covered defect went green, 1 something was, 2 the command or a file
is wrong, or a test is not green by itself, 3 the machinery failed.""",
)
@click.argument("target", nargs=-1, required=True, metavar="PATH...|URL")
@click.option(
    "--trials", type=click.IntRange(1), default=60, show_default=True, help="Changes that must prove something."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed tries the same changes.")
@click.option("--kind", "kinds", type=WordType(Kind), multiple=True, help="Only these changes. Example: --kind removed")
@click.option("--all-strategies", is_flag=True, help="The same changes under option_a, option_b and option_c.")
@click.option(
    "--patience",
    type=click.FloatRange(1, 300),
    default=4.0,
    show_default=True,
    help="Longest time of a tier in seconds: most defects are only certain when it is over.",
)
@with_run_flags
def gym(
    target: tuple[str, ...],
    trials: int,
    seed: int,
    kinds: tuple[Kind, ...],
    all_strategies: bool,
    patience: float,
    **flags: Any,
) -> int:
    """Change your own pages as redesigns and defects would, and see what your tests make of it.

    PATH... are tests: each must be green by itself, is run twice to learn from, and then once for every change: one
    element, in the browser, just before the step that needs it. A benign change should be healed to the same element;
    a defect should turn the test red. What no expectation and no learned contract notices is a gap of the test. Only
    the browser's copy of the page is changed, but the tests do what they do: use an installation that may be used.

    URL is a page without a test: elements are looked at, and nothing is used.
    """
    paths = () if _is_address(target) else tuple(map(_existing, target))
    config = resolve_run(flags, paths, os.environ, Path.cwd())
    strategies = tuple(FallbackStrategy) if all_strategies else (config.settings.fallback_strategy,)
    wanted = _Wanted(target, trials, seed, kinds or tuple(Kind), strategies, patience, config.json_file)
    exercises = asyncio.run(_exercise(config, wanted))
    return _report(exercises, wanted)


def _is_address(target: Sequence[str]) -> bool:
    return len(target) == 1 and bool(_IS_ADDRESS.match(target[0]))


def _existing(word: str) -> Path:
    if _IS_ADDRESS.match(word):
        raise UsageError("give the gym one URL, or paths of tests, not both")
    if not Path(word).exists():
        raise UsageError(f"there is no file or folder {word!r}")
    return Path(word)


async def _exercise(config: RunConfig, wanted: _Wanted) -> list[Exercise]:
    # Imported here: the engine costs more than the whole start of a command.
    from tierwright.compose import open_engine
    from tierwright.gym.exercise import Gym, changes_of

    exercises = []
    with tempfile.TemporaryDirectory(prefix="tierwright-gym-") as folder:
        for strategy in wanted.strategies:
            own = _config_for(config, strategy, Path(folder) / strategy.value, wanted.patience_seconds)
            async with AsyncExitStack() as stack:
                engine = await stack.enter_async_context(open_engine(own, os.environ, SystemClock()))
                plans = await _plans(engine, own, wanted)
                changes = changes_of(plans, wanted.kinds, wanted.seed)
                gym = Gym(engine, strategy, own.workers, _say)
                click.echo(f"{strategy}: {len(plans)} tests, each run twice to learn from", err=True)
                exercises.append(await gym.exercise(plans, changes, wanted.trials))
    return exercises


def _config_for(config: RunConfig, strategy: FallbackStrategy, state: Path, patience_seconds: float) -> RunConfig:
    """The run's configuration for the gym: a state of its own, no pictures, short timeouts, nothing written back."""
    return replace(
        config,
        settings=_impatient(replace(config.settings, fallback_strategy=strategy), patience_seconds),
        state_dir=state,
        database_url=None,
        screenshots=ScreenshotMode.OFF,
        update_baseline=False,
        save_storage=None,
    )


def _impatient(settings: ExecutionSettings, seconds: float) -> ExecutionSettings:
    return replace(
        settings,
        tier1_timeout_seconds=min(seconds, settings.timeout_seconds(TierNumber.DIRECT)),
        tier2_timeout_seconds=min(seconds, settings.timeout_seconds(TierNumber.HYBRID)),
        tier3_timeout_seconds=min(seconds, settings.timeout_seconds(TierNumber.AI)),
    )


async def _plans(engine: Engine, config: RunConfig, wanted: _Wanted) -> tuple[RunPlan, ...]:
    from tierwright.cli.run import load_all, select
    from tierwright.gym.exercise import plans_of
    from tierwright.gym.scout import scout_page
    from tierwright.testfiles.loader import load

    if _is_address(wanted.target):
        return await scout_page(engine, wanted.target[0], _ELEMENTS, wanted.seed)
    return plans_of(select(load_all(config, load), config))


def _say(result: TrialResult) -> None:
    by = f", tier {result.tier}" if result.tier else ""
    place = f"{result.test}, step {result.step_index + 1}"
    click.echo(f"  {result.verdict:<10} {result.kind:<18} {place}: {result.step[:60]}{by}", err=True)


def _report(exercises: Sequence[Exercise], wanted: _Wanted) -> int:
    from tierwright.gym.report import as_json, is_clean
    from tierwright.reports.files import write_report

    if wanted.json_file != STDOUT:
        click.echo("\n".join(_lines(exercises)))
    if wanted.json_file:
        try:
            write_report(as_json(exercises, wanted.seed), wanted.json_file, Streams.of_process().stdout)
        except OSError as error:
            raise MachineryError(f"{wanted.json_file} cannot be written: {error.strerror}") from error
    return 0 if is_clean(exercises) else 1


def _lines(exercises: Sequence[Exercise]) -> Iterator[str]:
    from tierwright.gym.report import BAD, benign_rows, defect_rows, gaps

    for exercise in exercises:
        yield f"\n{exercise.strategy}"
        if any(r.kind in BENIGN for r in exercise.results):
            yield table(_BENIGN_HEADS, benign_rows(exercise), right=frozenset(range(1, 6)))
        if any(r.kind in DEFECTS for r in exercise.results):
            yield ""
            yield table(_DEFECT_HEADS, defect_rows(exercise), right=frozenset(range(1, 7)))
        yield f"{exercise.not_applicable} changes did not apply to their element, or broke the page for everybody"
        for bad in (r for r in exercise.results if r.verdict in BAD):
            yield f"{bad.verdict.upper()}: {bad.kind} in {bad.test}, step {bad.step_index + 1}: {bad.step}"
    found = gaps(exercises)
    if found:
        yield "\nGaps: defects that no expectation and no learned contract of the test notices"
        for gap in found:
            yield f"  {gap.kind} in {gap.test}, step {gap.step_index + 1}: {gap.step}"
