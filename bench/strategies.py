"""The same test on two releases of an app: right, wrong and false steps, what each tier gives and what it costs.

usage: ./dev bench strategies [--app KEY] [--misses] [--browser PATH]

Each release comes from PyPI into an environment of its own (.dev/apps). The test was written against the old one and is
run there until it is known; on the new one every step is judged by a truth that the engine never sees.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from _apps import APPS, App, AppMissingError, served
from _apps_judge import Judge, Judged, Verdict, judge_of
from _apps_truths import TRUTHS
from _measure import browser_path, machine_line, run_config, table
from tierwright.compose import Engine, RunPlan, open_engine
from tierwright.core.cancel import CancelToken
from tierwright.core.config import RunConfig
from tierwright.core.deadline import SystemClock
from tierwright.core.results import RunStatus, TryResult
from tierwright.core.steps import TestCase
from tierwright.core.strategy import FallbackStrategy
from tierwright.core.verdicts import CONTRACT_GREENS
from tierwright.gym.nobody import Nobody
from tierwright.testfiles.loader import load

PATIENCE_SECONDS = 4.0


@dataclass(slots=True)
class Evolution:
    """What was seen of one app: its steps on the new release by strategy, and with each feature taken out."""

    app: App
    steps: dict[FallbackStrategy, list[Judged]] = field(default_factory=dict)
    removed: list[Judged] = field(default_factory=list)


async def one_try(engine: Engine, test: TestCase, judge: Judge | None) -> TryResult:
    """One try of a test; with a judge it is watched and teaches nothing."""
    plan = RunPlan(uuid.uuid4().hex, test, None)
    return await engine.run_try(plan, 1, Nobody(), CancelToken(), more=True, rehearsal=judge)


def configured(test: TestCase, origin: str, state: Path, browser: Path, strategy: FallbackStrategy) -> RunConfig:
    """A run on one release."""
    config = run_config([Path(test.file)], origin, state, browser, PATIENCE_SECONDS)
    return replace(config, settings=replace(config.settings, fallback_strategy=strategy))


async def learn(app: App, test: TestCase, state: Path, browser: Path) -> None:
    """Green runs on the old release, as many as a contract needs, and the proof that the truths fit it."""
    for ordinal in range(CONTRACT_GREENS + 1):
        with served(app, app.old) as origin:
            config = configured(test, origin, state, browser, FallbackStrategy.OPTION_C)
            async with open_engine(config, os.environ, SystemClock()) as engine:
                judge = judge_of(TRUTHS[app.key], old=True) if ordinal == CONTRACT_GREENS else None
                result = await one_try(engine, test, judge)
        bad = [j for j in judge.judged if j.verdict is not Verdict.RIGHT] if judge else []
        if result.status is not RunStatus.PASSED or bad:
            why = result.error.message if result.error else "; ".join(f"step {j.index}: {j.error}" for j in bad)
            raise SystemExit(f"{app.title} {app.old.version}: the test is not green: {result.status} {why}")


async def evolve(app: App, browser: Path) -> Evolution:
    """Everything about one app."""
    (test,) = load([app.test]).tests
    seen = Evolution(app)
    with tempfile.TemporaryDirectory(prefix="tierwright-apps-") as folder:
        state = Path(folder)
        await learn(app, test, state, browser)
        for strategy in FallbackStrategy:
            judge = judge_of(TRUTHS[app.key])
            await on_new(app, test, configured(test, "", state, browser, strategy), judge)
            seen.steps[strategy] = judge.judged
        for index in TRUTHS[app.key]:
            judge = judge_of(TRUTHS[app.key], removed=index)
            await on_new(app, test, configured(test, "", state, browser, FallbackStrategy.OPTION_C), judge)
            seen.removed += judge.judged
    return seen


async def on_new(app: App, test: TestCase, config: RunConfig, judge: Judge) -> TryResult:
    """One judged try on the new release, with fresh data."""
    with served(app, app.new) as origin:
        async with open_engine(replace(config, base_url=origin), os.environ, SystemClock()) as engine:
            return await one_try(engine, test, judge)


def verdict_rows(seen: Sequence[Evolution]) -> list[list[str]]:
    """One line an app."""
    return [
        [
            f"{e.app.title} {e.app.old.version} to {e.app.new.version}",
            strategy.value,
            str(len(steps)),
            *(str(sum(j.verdict is v for j in steps)) for v in Verdict if v not in (Verdict.ABSENT, Verdict.FALSE)),
            str(len(e.removed)) if strategy is FallbackStrategy.OPTION_C else "",
            str(sum(j.verdict is Verdict.FALSE for j in e.removed)) if strategy is FallbackStrategy.OPTION_C else "",
        ]
        for e in seen
        for strategy, steps in e.steps.items()
    ]


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--app", choices=[a.key for a in APPS], help="only this app")
    parser.add_argument("--misses", action="store_true", help="list what was not right")
    parser.add_argument("--browser", type=Path, help="path of a Chromium; found by itself without")
    given = parser.parse_args()
    browser = browser_path(given.browser)
    seen = []
    for app in APPS:
        if given.app in (None, app.key):
            try:
                seen.append(asyncio.run(evolve(app, browser)))
            except AppMissingError as error:
                print(f"{app.title} is left out: {error}", file=sys.stderr)
    print(machine_line(browser))
    head = ("app", "strategy", "n", "right", "wrong", "none", "refused", "n gone", "false")
    print(table(head, verdict_rows(seen), False))
    if given.misses:
        for e in seen:
            for name, judged in (*((s.value, j) for s, j in e.steps.items()), ("removed", e.removed)):
                for j in judged:
                    if j.verdict not in (Verdict.RIGHT, Verdict.ABSENT):
                        print(f"{e.app.key} {name} step {j.index} {j.title}: {j.verdict} (tier {j.tier}) {j.error}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
