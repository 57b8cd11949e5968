"""Single runs on one engine, recorded and told to whoever listens, one after the other or beside each other."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tierwright.compose import Engine, RunPlan, open_engine
from tierwright.core.cancel import CancelToken
from tierwright.core.config import RunConfig
from tierwright.core.deadline import Clock
from tierwright.core.events import Event, RunFinished
from tierwright.core.ports import Listener
from tierwright.core.results import RunResult, TryResult
from tierwright.reports.multiplex import Multiplexer
from tierwright.store.recorder import RunRecorder
from tierwright.worker.one_run import OneRun

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """The recorder, and behind a multiplexer whoever else listens: a broken one is dropped and changes no verdict."""

    others: Multiplexer
    recorder: RunRecorder

    async def on_event(self, event: Event) -> None:
        """Record it, then tell it."""
        await self.recorder.on_event(event)
        await self.others.on_event(event)


@dataclass(frozen=True, slots=True)
class ToldRuns:
    """Makes runs of one configuration. Every run that was started or given up is told as finished."""

    config: RunConfig
    engine: Engine
    clock: Clock
    listener: Told
    cancel: CancelToken = field(default_factory=CancelToken)

    async def run(self, plan: RunPlan, more: Callable[[], bool], cancel: CancelToken | None = None) -> RunResult:
        """Make one run. `more`: whether another will follow, so that a browser is warmed for it.

        `cancel` ends this run alone; without it the token of all of them does. Raises UsageError for a missing secret.
        """
        variables = self.engine.variables_of(plan)
        self.listener.recorder.mask_run(plan.run_id, variables.mask)
        return await self._finished(await self._one(plan, variables.mask, more, cancel or self.cancel).run())

    async def give_up(self, plan: RunPlan) -> RunResult:
        """The result of a run that will not be made: it is cancelled."""
        one = self._one(plan, str, lambda: False, self.cancel)
        return await self._finished(one.result(await one.start()))

    def _one(self, plan: RunPlan, mask: Callable[[str], str], more: Callable[[], bool], cancel: CancelToken) -> OneRun:
        async def run_try(ordinal: int) -> TryResult:
            return await self.engine.run_try(plan, ordinal, self.listener, cancel, more=more())

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
            cancel=cancel,
            mask=mask,
            run_try=run_try,
        )

    async def _finished(self, result: RunResult) -> RunResult:
        await self.listener.on_event(RunFinished(result))
        return result


@asynccontextmanager
async def open_runs(config: RunConfig, listeners: Sequence[Listener], clock: Clock) -> AsyncIterator[ToldRuns]:
    """Open what the runs of a configuration share, and close it however they end.

    Raises UsageError and MachineryError when nothing can run.
    """
    async with open_engine(config, os.environ, clock) as engine:
        recorder = RunRecorder(engine.database)
        try:
            yield ToldRuns(config, engine, clock, Told(Multiplexer(listeners, _logger.warning), recorder))
        finally:
            await recorder.close()
