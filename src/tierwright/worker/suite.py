"""Runs many tests: shards, workers, tries, limits, and an honest end for every run however the command ends."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tierwright.compose import Engine, RunPlan
from tierwright.core.config import RunConfig, Shard
from tierwright.core.deadline import Clock, SystemClock
from tierwright.core.events import SuiteFinished, SuiteStarted
from tierwright.core.ports import Listener
from tierwright.core.results import RunResult, RunStatus, SuiteResult
from tierwright.core.steps import TestCase
from tierwright.store.runs import passed_tests
from tierwright.worker.before import check_before
from tierwright.worker.told_runs import ToldRuns, open_runs


async def run_suite(
    config: RunConfig, tests: Sequence[TestCase], listeners: Sequence[Listener], clock: Clock | None = None
) -> SuiteResult:
    """Run tests as configured and tell the listeners. Raises UsageError and MachineryError when nothing can run.

    When it is cancelled, runs stop at their next await, end `cancelled`, are told and recorded, and only then the
    cancellation goes on.
    """
    async with open_runs(config, listeners, clock or SystemClock()) as runs:
        plans = plans_of(await _chosen(config, tests, runs.engine), config.shard)
        return await _Suite(runs, plans).run()


async def _chosen(config: RunConfig, tests: Sequence[TestCase], engine: Engine) -> Sequence[TestCase]:
    if not config.last_failed:
        return tests
    passed = await passed_tests(engine.database, config.project)
    return [test for test in tests if test.name not in passed]


def plans_of(tests: Iterable[TestCase], shard: Shard | None) -> tuple[RunPlan, ...]:
    """One run a test, or one a row of its examples; of these every n-th for a shard."""
    plans = [RunPlan(uuid.uuid4().hex, test, example) for test in tests for example in (test.examples or (None,))]
    return tuple(plans if shard is None else plans[shard.index - 1 :: shard.total])


@dataclass(slots=True)
class _Suite:
    runs: ToldRuns
    plans: tuple[RunPlan, ...]
    results: dict[str, RunResult] = field(default_factory=dict)
    waiting: list[RunPlan] = field(default_factory=list)

    async def run(self) -> SuiteResult:
        config, clock, listener = self.runs.config, self.runs.clock, self.runs.listener
        started_at, started = clock.now(), clock.monotonic()
        check_before(config, self.plans, self.runs.engine.variables_of)
        self.waiting = list(self.plans)
        settings = config.settings
        await listener.on_event(SuiteStarted(started_at, len(self.plans), settings, config.model, config.project))
        interrupted = await self._work()
        for plan in self.waiting:
            self.results[plan.run_id] = await self.runs.give_up(plan)
        result = SuiteResult(
            started_at=started_at,
            duration_ms=(clock.monotonic() - started) * 1000,
            strategy=settings.fallback_strategy,
            model=config.model,
            runs=tuple(self.results[plan.run_id] for plan in self.plans),
            notes=(*listener.others.dropped, *_why_empty(config, self.plans)),
        )
        await listener.on_event(SuiteFinished(result))
        if interrupted:
            raise asyncio.CancelledError
        return result

    async def _work(self) -> bool:
        """Let the workers empty the queue; True when the command was interrupted."""
        workers = [asyncio.create_task(self._worker()) for _ in range(self.runs.config.workers)]
        try:
            # Not gather, which would cancel the workers themselves: their runs end through the token, and are told of.
            done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
            for worker in done:
                worker.result()
        except asyncio.CancelledError:
            self.runs.cancel.cancel()
            await asyncio.wait(workers)
            return True
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        return False

    async def _worker(self) -> None:
        while self.waiting and not self._enough():
            plan = self.waiting.pop(0)
            self.results[plan.run_id] = await self.runs.run(plan, more=lambda: bool(self.waiting))

    def _enough(self) -> bool:
        limit = self.runs.config.max_failures
        red = sum(r.status in (RunStatus.FAILED, RunStatus.ERROR) for r in self.results.values())
        return self.runs.cancel.cancelled or (limit is not None and red >= limit)


def _why_empty(config: RunConfig, plans: Sequence[RunPlan]) -> Iterator[str]:
    """Why nothing was left to run: a green command that did nothing must say so."""
    if not plans and config.shard:
        yield f"part {config.shard.index} of {config.shard.total} holds no run"
    if not plans and config.last_failed:
        yield "--last-failed leaves no test: all passed the last time"
