"""Runs many tests: shards, workers, tries, limits, and an honest end for every run however the command ends."""

from __future__ import annotations

import asyncio
import logging
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tierwright.compose import Engine, RunPlan, open_engine
from tierwright.core.cancel import CancelToken
from tierwright.core.config import RunConfig, Shard
from tierwright.core.deadline import Clock, SystemClock
from tierwright.core.events import Event, RunFinished, SuiteFinished, SuiteStarted
from tierwright.core.ports import Listener
from tierwright.core.results import RunResult, RunStatus, SuiteResult, TryResult
from tierwright.core.steps import TestCase
from tierwright.reports.multiplex import Multiplexer
from tierwright.store.recorder import RunRecorder
from tierwright.store.runs import passed_tests
from tierwright.worker.before import check_before
from tierwright.worker.one_run import OneRun

_logger = logging.getLogger(__name__)


async def run_suite(
    config: RunConfig, tests: Sequence[TestCase], listeners: Sequence[Listener], clock: Clock | None = None
) -> SuiteResult:
    """Run tests as configured and tell the listeners. Raises UsageError and MachineryError when nothing can run.

    When it is cancelled, runs stop at their next await, end `cancelled`, are told and recorded, and only then the
    cancellation goes on.
    """
    clock = clock or SystemClock()
    async with open_engine(config, os.environ, clock) as engine:
        plans = plans_of(await _chosen(config, tests, engine), config.shard)
        recorder = RunRecorder(engine.database)
        told = _Told(Multiplexer(listeners, _logger.warning), recorder)
        suite = _Suite(config, engine, clock, told, recorder, plans)
        try:
            return await suite.run()
        finally:
            await recorder.close()


async def _chosen(config: RunConfig, tests: Sequence[TestCase], engine: Engine) -> Sequence[TestCase]:
    if not config.last_failed:
        return tests
    passed = await passed_tests(engine.database, config.project)
    return [test for test in tests if test.name not in passed]


def plans_of(tests: Iterable[TestCase], shard: Shard | None) -> tuple[RunPlan, ...]:
    """One run a test, or one a row of its examples; of these every n-th for a shard."""
    plans = [RunPlan(uuid.uuid4().hex, test, example) for test in tests for example in (test.examples or (None,))]
    return tuple(plans if shard is None else plans[shard.index - 1 :: shard.total])


@dataclass(frozen=True, slots=True)
class _Told:
    """The recorder, and behind a multiplexer whoever else listens: a broken one is dropped and changes no verdict."""

    others: Multiplexer
    recorder: RunRecorder

    async def on_event(self, event: Event) -> None:
        await self.recorder.on_event(event)
        await self.others.on_event(event)


@dataclass(slots=True)
class _Suite:
    config: RunConfig
    engine: Engine
    clock: Clock
    listener: _Told
    recorder: RunRecorder
    plans: tuple[RunPlan, ...]
    cancel: CancelToken = field(default_factory=CancelToken)
    results: dict[str, RunResult] = field(default_factory=dict)
    waiting: list[RunPlan] = field(default_factory=list)

    async def run(self) -> SuiteResult:
        started_at, started = self.clock.now(), self.clock.monotonic()
        check_before(self.config, self.plans, self.engine.variables_of)
        self.waiting = list(self.plans)
        settings, config = self.config.settings, self.config
        await self.listener.on_event(SuiteStarted(started_at, len(self.plans), settings, config.model, config.project))
        interrupted = await self._work()
        for plan in self.waiting:
            await self._never_started(plan)
        result = SuiteResult(
            started_at=started_at,
            duration_ms=(self.clock.monotonic() - started) * 1000,
            strategy=settings.fallback_strategy,
            model=config.model,
            runs=tuple(self.results[plan.run_id] for plan in self.plans),
            notes=(*self.listener.others.dropped, *_why_empty(self.config, self.plans)),
        )
        await self.listener.on_event(SuiteFinished(result))
        if interrupted:
            raise asyncio.CancelledError
        return result

    async def _work(self) -> bool:
        """Let the workers empty the queue; True when the command was interrupted."""
        workers = [asyncio.create_task(self._worker()) for _ in range(self.config.workers)]
        try:
            # Not gather, which would cancel the workers themselves: their runs end through the token, and are told of.
            done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
            for worker in done:
                worker.result()
        except asyncio.CancelledError:
            self.cancel.cancel()
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
            await self._run(plan)

    def _enough(self) -> bool:
        limit = self.config.max_failures
        red = sum(r.status in (RunStatus.FAILED, RunStatus.ERROR) for r in self.results.values())
        return self.cancel.cancelled or (limit is not None and red >= limit)

    async def _run(self, plan: RunPlan) -> None:
        variables = self.engine.variables_of(plan)
        self.recorder.mask_run(plan.run_id, variables.mask)
        await self._finished(await self._one(plan, variables.mask).run())

    def _one(self, plan: RunPlan, mask: Callable[[str], str]) -> OneRun:
        async def run_try(ordinal: int) -> TryResult:
            return await self.engine.run_try(plan, ordinal, self.listener, self.cancel, more=bool(self.waiting))

        return OneRun(
            run_id=plan.run_id,
            test=plan.test,
            example=plan.example,
            settings=self.config.settings,
            model=self.config.model,
            project=self.config.project,
            retries=self.config.retries,
            clock=self.clock,
            listener=self.listener,
            cancel=self.cancel,
            mask=mask,
            run_try=run_try,
        )

    async def _never_started(self, plan: RunPlan) -> None:
        one = self._one(plan, str)
        await self._finished(one.result(await one.start()))

    async def _finished(self, result: RunResult) -> None:
        self.results[result.run_id] = result
        await self.listener.on_event(RunFinished(result))


def _why_empty(config: RunConfig, plans: Sequence[RunPlan]) -> Iterator[str]:
    """Why nothing was left to run: a green command that did nothing must say so."""
    if not plans and config.shard:
        yield f"part {config.shard.index} of {config.shard.total} holds no run"
    if not plans and config.last_failed:
        yield "--last-failed leaves no test: all passed the last time"
