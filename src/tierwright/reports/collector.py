"""Keeps what was heard so far, so that reports exist even when a run is interrupted."""

from __future__ import annotations

from datetime import UTC, datetime

from tierwright.core.events import Event, RunFinished, RunStarted, StepFinished, SuiteFinished, SuiteStarted
from tierwright.core.results import RunResult, RunStatus, StepResult, SuiteResult, TryResult
from tierwright.core.settings import ExecutionSettings
from tierwright.core.strategy import FallbackStrategy


class Collector:
    """Builds a suite's result from its events when nobody else could."""

    def __init__(self) -> None:
        self.finished = False
        self._suite: SuiteStarted | None = None
        self._begun: dict[str, RunStarted] = {}
        self._steps: dict[str, list[StepResult]] = {}
        self._runs: dict[str, RunResult] = {}

    async def on_event(self, event: Event) -> None:
        """Remember what a report needs."""
        match event:
            case SuiteStarted():
                self._suite = event
            case RunStarted():
                self._begun[event.run_id] = event
            case StepFinished():
                self._steps.setdefault(event.run_id, []).append(event.result)
            case RunFinished():
                self._runs[event.result.run_id] = event.result
            case SuiteFinished():
                self.finished = True

    def result(self, note: str, now: datetime | None = None) -> SuiteResult:
        """What is known now: ended runs as they ended, begun ones `cancelled`, the others counted in a note."""
        ended_at = now or datetime.now(UTC)
        started_at = self._suite.started_at if self._suite else ended_at
        runs = tuple(self._runs.get(run_id) or self._cancelled(run_id) for run_id in self._begun)
        missing = (self._suite.runs if self._suite else 0) - len(runs)
        notes = (
            (note, f"{missing} {'run was' if missing == 1 else 'runs were'} not started") if missing > 0 else (note,)
        )
        return SuiteResult(
            started_at=started_at,
            duration_ms=(ended_at - started_at).total_seconds() * 1000,
            strategy=self._strategy(),
            model=self._suite.model if self._suite else "",
            runs=runs,
            notes=notes,
        )

    def _strategy(self) -> FallbackStrategy:
        return (self._suite.settings if self._suite else ExecutionSettings()).fallback_strategy

    def _cancelled(self, run_id: str) -> RunResult:
        begun = self._begun[run_id]
        steps = tuple(self._steps.get(run_id, ()))
        attempt = TryResult(
            status=RunStatus.CANCELLED,
            started_at=begun.started_at,
            duration_ms=sum(step.duration_ms for step in steps),
            steps=steps,
        )
        return RunResult(
            run_id=run_id,
            test=begun.test,
            status=RunStatus.CANCELLED,
            started_at=begun.started_at,
            tries=(attempt,),
            strategy=begun.settings.fallback_strategy,
            model=begun.model,
            example=begun.example,
        )
