"""`tierwright demo`: a shop, its redesign, what healed, and the removed feature that must fail."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from tierwright.core.config import DEFAULT_STATE_DIR, RunConfig, ScreenshotMode
from tierwright.core.errors import UsageError
from tierwright.core.events import Event, RunFinished
from tierwright.core.results import CacheOutcome, RunStatus, StepResult, StepStatus, SuiteResult
from tierwright.core.settings import ExecutionSettings, HealPolicy
from tierwright.core.steps import Action, TestCase
from tierwright.core.strategy import TierNumber

TIER_SECONDS = 4.0
"""The demo's timeout of each tier: long enough for pages on this machine, short where a feature is gone."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the demo's three runs of the same suite."""

    title: str
    version: Literal[1, 2]


STAGES = (
    Stage("1. The shop as its tests know it", 1),
    Stage("2. After the redesign: ids, classes, markup and words changed, one feature removed", 2),
    Stage("3. The redesign once more: what was found is remembered", 2),
)


class _Lines:
    """A listener that prints one line a test."""

    async def on_event(self, event: Event) -> None:
        """Print a run that ended."""
        from tierwright.reports.words import duration, run_title

        if isinstance(event, RunFinished):
            run = event.result
            word = "PASS" if run.status.green else "FAIL"
            healed = f", {len(run.healed_steps)} healed" if run.healed_steps else ""
            click.echo(f"  {word}  {run_title(run)}  {duration(run.duration_ms)}{healed}")


@click.command(epilog="Examples: tierwright demo, or: tierwright demo --serve v1")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Tests run at the same time.")
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_STATE_DIR / "demo",
    show_default=True,
    help="Folder for the demo's database, and for the copy of its suite.",
)
@click.option("--browser", "browser_path", type=click.Path(path_type=Path), help="The browser to use.")
@click.option("--serve", "version", type=click.Choice(["v1", "v2"]), help="Only serve the shop, to try own tests on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8101, show_default=True, help="Port for --serve.")
def demo(workers: int, state: Path, browser_path: Path | None, version: str | None, port: int) -> int:
    """See it work: a small shop tested before and after a redesign.

    The suite runs on the shop it was written for, then twice on the redesign. Everything must be found again
    but the feature that was removed: its test must fail.
    """
    if version is not None:
        return _serve_until_interrupted(1 if version == "v1" else 2, port)
    # Imported here: the demo's parts cost more than the whole start of a command.
    from tierwright.demo.assets import copy_suite
    from tierwright.testfiles.loader import load

    suite = copy_suite(state / "suite")
    loaded = load([suite], overrides={})
    results = asyncio.run(_stages(_config(state, workers, browser_path), _longest_first(loaded.tests)))
    for line in _verdict(results):
        click.echo(line)
    click.echo(f"\nLook further:  tierwright heals list --state {state}")
    return 0 if as_promised(results) else 1


def _longest_first(tests: Sequence[TestCase]) -> list[TestCase]:
    """The test that waits for what is gone, then the longest ones, so that no worker is left alone at the end."""
    from tierwright.demo.assets import REMOVED_TEST

    return sorted(tests, key=lambda test: (test.name != REMOVED_TEST, -len(test.all_steps)))


def _serve_until_interrupted(version: Literal[1, 2], port: int) -> int:
    from tierwright.demo.server import serve
    from tierwright.demo.shop import DEMO_EMAIL, DEMO_PASSWORD

    try:
        with serve(version, port) as shop:
            click.echo(f"The shop is at {shop.base_url}  (sign in: {DEMO_EMAIL}, {DEMO_PASSWORD}); Ctrl-C ends it.")
            threading.Event().wait()
    except OSError as error:
        raise UsageError(f"port {port} cannot be used ({error.strerror}); choose another with --port") from error
    except KeyboardInterrupt:
        click.echo()
    return 0


def _config(state: Path, workers: int, browser_path: Path | None) -> RunConfig:
    from tierwright.demo.shop import DEMO_PASSWORD

    return RunConfig(
        paths=(state / "suite",),
        settings=ExecutionSettings(
            tier1_timeout_seconds=TIER_SECONDS, tier2_timeout_seconds=TIER_SECONDS, tier3_timeout_seconds=TIER_SECONDS
        ),
        state_dir=state,
        project=f"demo-{_fresh()}",
        heal_policy=HealPolicy.ALLOW,
        workers=workers,
        secrets={"password": DEMO_PASSWORD},
        screenshots=ScreenshotMode.OFF,
        browser_path=browser_path,
    )


def _fresh() -> str:
    """A project of its own for each demo, so that the second one does not begin with what the first remembers."""
    import uuid

    return uuid.uuid4().hex[:8]


async def _stages(config: RunConfig, tests: Sequence[TestCase]) -> list[SuiteResult]:
    from dataclasses import replace

    from tierwright.demo.server import serve
    from tierwright.worker.suite import run_suite

    results = []
    for stage in STAGES:
        click.echo(f"\n{stage.title}")
        with serve(stage.version) as shop:
            result = await run_suite(replace(config, base_url=shop.base_url), tests, [_Lines()])
        results.append(result)
        click.echo(f"  {_totals(result)}")
    return results


def _steps(result: SuiteResult) -> list[StepResult]:
    return [step for run in result.runs for step in run.steps if step.status is not StepStatus.SKIPPED]


def _totals(result: SuiteResult) -> str:
    from tierwright.reports.words import counted, duration, money

    steps = _steps(result)
    by_tier = ", ".join(f"tier {t.value}: {sum(s.tier is t for s in steps)}" for t in TierNumber)
    hits = sum(s.cache is CacheOutcome.HIT for s in steps)
    cost = money(sum(r.cost_usd or 0.0 for r in result.runs))
    return (
        f"{counted(len(steps), 'step')} ({by_tier}), {hits} from the cache, "
        f"{sum(r.tokens for r in result.runs)} model tokens, {cost}, {duration(result.duration_ms)}"
    )


def _verdict(results: Sequence[SuiteResult]) -> Iterator[str]:
    yield "\nWhat healed in the redesign (old selector -> new, how sure):"
    yield from _heals(results[1])
    yield "\nWhat failed there, as it must:"
    for run in results[1].runs:
        if run.status is RunStatus.FAILED and run.error:
            yield f"  {run.test.name}: {run.error.kind}: {run.error.message[:160]}"
    if not as_promised(results):
        yield "\nThis is NOT what the demo promises: only the test of the removed feature may fail."


def _heals(result: SuiteResult) -> Iterator[str]:
    """Each healed selector once, however many steps share it."""
    shown: dict[tuple[str, str], tuple[StepResult, int]] = {}
    for step in _steps(result):
        if step.healed:
            pair = (step.healed.from_, step.healed.to)
            first, count = shown.get(pair, (step, 0))
            shown[pair] = (first, count + 1)
    for (old, new), (step, count) in shown.items():
        sure = f"{100 * step.confidence:.0f} %" if step.confidence is not None else "?"
        times = f", {count} steps" if count > 1 else ""
        yield f"  {old} -> {new}  (tier {step.tier}, {sure}{times})"


def as_promised(results: Sequence[SuiteResult]) -> bool:
    """Whether v1 was all tier 1, v2 failed in the removed feature alone, and the second time all was remembered.

    The two elements of a drag are always searched anew.
    """
    from tierwright.demo.assets import REMOVED_TEST

    first, second, third = results
    direct = all(s.tier in (TierNumber.DIRECT, None) and s.status is StepStatus.PASSED for s in _steps(first))
    red = [{run.test.name for run in result.runs if not run.status.green} for result in (second, third)]
    remembered = [s for s in _steps(third) if s.tier is not TierNumber.DIRECT and s.status is not StepStatus.FAILED]
    return (
        direct
        and red == [{REMOVED_TEST}] * 2
        and bool(remembered)
        and all(s.cache is CacheOutcome.HIT or s.step.action is Action.DRAG for s in remembered)
    )
