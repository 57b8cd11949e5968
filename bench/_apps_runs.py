"""Tries of a test on one release of an app, with a judge or in earnest."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from _apps_judge import Judge, Judged
from _measure import run_config
from tierwright.compose import Engine, RunPlan, open_engine
from tierwright.core.cancel import CancelToken
from tierwright.core.config import RunConfig
from tierwright.core.deadline import SystemClock
from tierwright.core.results import ErrorKind, TryResult
from tierwright.core.steps import TestCase
from tierwright.core.strategy import FallbackStrategy
from tierwright.gym.nobody import Nobody

PATIENCE_SECONDS = 4.0


async def one_try(engine: Engine, test: TestCase, judge: Judge | None) -> TryResult:
    """One try of a test; with a judge it is watched and teaches nothing."""
    plan = RunPlan(uuid.uuid4().hex, test, next(iter(test.examples), None))
    return await engine.run_try(plan, 1, Nobody(), CancelToken(), more=True, rehearsal=judge)


def configured(test: TestCase, origin: str, state: Path, browser: Path | None, strategy: FallbackStrategy) -> RunConfig:
    """A run on one release."""
    config = run_config([Path(test.file)], origin, state, browser, PATIENCE_SECONDS)
    return replace(config, settings=replace(config.settings, fallback_strategy=strategy))


async def run_on(
    place: AbstractContextManager[str], config: RunConfig, test: TestCase, judge: Judge | None
) -> TryResult:
    """One try on a page that is served for it alone."""
    with place as origin:
        async with open_engine(replace(config, base_url=origin), os.environ, SystemClock()) as engine:
            return await one_try(engine, test, judge)


async def taken_out(
    place: Callable[[], AbstractContextManager[str]], config: RunConfig, test: TestCase, judge: Callable[[], Judge]
) -> list[Judged]:
    """What became of the step whose element is taken out; a run that ends before it is made once more, then told of."""
    for _ in range(2):
        asked = judge()
        result = await run_on(place(), config, test, asked)
        told = {s.index for s in result.steps if s.error and s.error.kind is ErrorKind.CONTRACT}
        if asked.judged:
            return [replace(j, red=j.index in told) for j in asked.judged]
    why = result.error.message if result.error else result.status
    print(f"{test.name}, step {asked.removed}: its run ended before it: {why}", file=sys.stderr)
    return []
