"""A stand-in for the loader and the engine, behind the same two functions; also a program for child processes.

`python -m tests.unit.cli.engine SCENARIO run PATH...` is the real command line with this engine behind it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.unit.reports.factory import STARTED, case_of, passed_step, rich_suite, simple_run, suite_of

from tierwright.cli.main import main
from tierwright.cli.run import Services
from tierwright.core.config import RunConfig
from tierwright.core.errors import BrowserMissingError, UsageError
from tierwright.core.events import RunFinished, RunStarted, StepFinished, SuiteFinished, SuiteStarted
from tierwright.core.ports import Listener
from tierwright.core.results import RunResult, RunStatus, SuiteResult
from tierwright.core.steps import TestCase


@dataclass(frozen=True)
class Loaded:
    tests: Sequence[TestCase]
    problems: Sequence[str] = ()


@dataclass
class Engine:
    """Gives the runs it was given; `problems` are those of the files."""

    runs: Sequence[RunResult] = ()
    problems: Sequence[str] = ()
    config: RunConfig | None = None
    names: list[str] = field(default_factory=list)

    @property
    def services(self) -> Services:
        return Services(self.load, self.run_suite)

    def load(self, paths: Sequence[Path], *, overrides: Mapping[str, str]) -> Loaded:
        return Loaded([run.test for run in self.runs], self.problems)

    async def run_suite(
        self, config: RunConfig, tests: Sequence[TestCase], listeners: Sequence[Listener]
    ) -> SuiteResult:
        self.config, self.names = config, [test.name for test in tests]
        chosen = [run for run in self.runs if run.test in tests]
        result = suite_of(*chosen)
        for event in (
            SuiteStarted(STARTED, len(chosen), config.settings, config.model, config.project),
            *(RunFinished(run) for run in chosen),
            SuiteFinished(result),
        ):
            for listener in listeners:
                await listener.on_event(event)
        return result


class NoBrowser(Engine):
    async def run_suite(
        self, config: RunConfig, tests: Sequence[TestCase], listeners: Sequence[Listener]
    ) -> SuiteResult:
        raise BrowserMissingError("no browser was found")


class Buggy(Engine):
    async def run_suite(
        self, config: RunConfig, tests: Sequence[TestCase], listeners: Sequence[Listener]
    ) -> SuiteResult:
        raise ZeroDivisionError("oops")


class Misused(Engine):
    async def run_suite(
        self, config: RunConfig, tests: Sequence[TestCase], listeners: Sequence[Listener]
    ) -> SuiteResult:
        raise UsageError("the model nope:x is not known")


class Hanging(Engine):
    """Finishes one run, begins another, says `ready`, and waits until it is cancelled."""

    async def run_suite(
        self, config: RunConfig, tests: Sequence[TestCase], listeners: Sequence[Listener]
    ) -> SuiteResult:
        [listener] = listeners
        stopped = case_of("stopped", passed_step())
        done = simple_run(RunStatus.PASSED, "done")
        for event in (
            SuiteStarted(STARTED, 3, config.settings, config.model, config.project),
            RunStarted(done.run_id, done.test, None, config.settings, "local", "default", STARTED),
            RunFinished(done),
            RunStarted("r2", stopped, None, config.settings, "local", "default", STARTED),
            StepFinished("r2", 1, passed_step()),
        ):
            await listener.on_event(event)
        print("ready", file=sys.stderr, flush=True)  # noqa: T201
        await asyncio.sleep(60)
        raise AssertionError("nobody cancelled")


class Closing(Hanging):
    """Ends as the real engine should: cancelled, it still gives a result."""

    async def run_suite(
        self, config: RunConfig, tests: Sequence[TestCase], listeners: Sequence[Listener]
    ) -> SuiteResult:
        try:
            return await super().run_suite(config, tests, listeners)
        except asyncio.CancelledError:
            return suite_of(simple_run(RunStatus.PASSED, "done"), simple_run(RunStatus.CANCELLED, "stopped"))


SCENARIOS: Mapping[str, type[Engine]] = {
    "all": Engine,
    "no-browser": NoBrowser,
    "bug": Buggy,
    "misused": Misused,
    "hang": Hanging,
    "close": Closing,
}


def engine_of(scenario: str) -> Engine:
    return SCENARIOS[scenario](runs=rich_suite().runs)


if __name__ == "__main__":
    main(sys.argv[2:], prog_name="tierwright", obj=engine_of(sys.argv[1]).services)
