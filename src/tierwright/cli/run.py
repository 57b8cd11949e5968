"""`tierwright run`: from the command line to the exit code."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from tierwright.cli.config import resolve_run
from tierwright.cli.exit_codes import exit_code, heals_verdict
from tierwright.cli.options import with_run_flags
from tierwright.cli.streams import Streams
from tierwright.core.config import RunConfig
from tierwright.core.errors import MachineryError, UsageError
from tierwright.core.ports import Listener
from tierwright.core.results import SuiteResult
from tierwright.core.steps import TestCase

if TYPE_CHECKING:
    from tierwright.cli.reporting import Reporting

RunSuite = Callable[[RunConfig, Sequence[TestCase], Sequence[Listener]], Awaitable[SuiteResult]]


class LoadedTests(Protocol):
    """What the loader of test files gives back."""

    @property
    def tests(self) -> Sequence[TestCase]:
        """The tests, in the order of the files."""
        ...

    @property
    def problems(self) -> Sequence[object]:
        """Everything wrong; `str()` of one names file, line and column."""
        ...


class Load(Protocol):
    """Loads test files."""

    def __call__(self, paths: Sequence[Path], *, overrides: Mapping[str, str]) -> LoadedTests:
        """All tests and all problems of these paths."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """What `run` calls: the loader of test files and the engine."""

    load: Load
    run_suite: RunSuite


@dataclass(frozen=True, slots=True)
class _Ended:
    result: SuiteResult
    interrupted: bool = False
    machinery: str | None = None


@click.command(
    epilog="""Examples:

\b
  tierwright run tests/                          every *.tw.yaml below tests/
  tierwright run login.tw.yaml --headed          watch one file
  tierwright run tests/ --tag smoke --workers 4 --junit junit.xml --heal-policy fail
  tierwright run tests/ --json - | jq .summary

Exit codes: 0 passed, 1 a test failed, 2 the command or a file is wrong, 3 the machinery failed,
4 only heals stand between this run and green and the policy is fail, 130 interrupted.""",
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, path_type=Path))
@with_run_flags
@click.pass_context
def run(ctx: click.Context, /, paths: tuple[Path, ...], **flags: Any) -> int:
    """Run the tests of files, or of the *.tw.yaml files in folders, in a real browser.

    A setting comes from its flag, else the environment, else tierwright.toml beside the tests, else its default.
    """
    config = resolve_run(flags, paths, os.environ, Path.cwd())
    services = ctx.obj if isinstance(ctx.obj, Services) else _services()
    return run_tests(config, services, Streams.of_process())


def run_tests(config: RunConfig, services: Services, streams: Streams) -> int:
    """Load, select and run the tests; the exit code. Raises UsageError when there is nothing to run."""
    # Imported here: rich and jinja2 cost more than the whole start of a command.
    from tierwright.cli.reporting import Reporting

    tests = select(load_all(config, services.load), config)
    reporting = Reporting.of(config, streams)
    try:
        ended = asyncio.run(_supervised(config, tests, services.run_suite, reporting))
    finally:
        reporting.close()
    broken = ended.machinery or reporting.broken
    code = exit_code(
        ended.result, config.heal_policy, config.max_heals, ended.interrupted, machinery_failed=bool(broken)
    )
    verdict = heals_verdict(ended.result, code, config.max_heals)
    if verdict:
        click.echo(f"tierwright: {verdict}", file=streams.stderr)
    return code


def load_all(config: RunConfig, load: Load) -> Sequence[TestCase]:
    """Every test of the paths. Raises UsageError with all problems of all files, or when there is no test."""
    loaded = load(config.paths, overrides=config.variables)
    if loaded.problems:
        count = len(loaded.problems)
        header = f"tierwright: {count} {'problem' if count == 1 else 'problems'}, nothing was run:"
        raise UsageError("\n".join((header, *(str(problem) for problem in loaded.problems))))
    if not loaded.tests:
        places = ", ".join(map(str, config.paths))
        raise UsageError(f"no tests in {places}; a folder gives the files that end in .tw.yaml")
    return loaded.tests


def select(tests: Sequence[TestCase], config: RunConfig) -> Sequence[TestCase]:
    """The tests that --tag and --grep leave. Raises UsageError when they leave none."""
    pattern = re.compile(config.grep or "")
    chosen = [t for t in tests if pattern.search(t.name) and (not config.tags or set(config.tags) & set(t.tags))]
    if not chosen:
        asked = [*(f"--tag {tag}" for tag in config.tags), *([f"--grep {config.grep}"] if config.grep else [])]
        raise UsageError(f"none of the {len(tests)} tests matches {' '.join(asked)}")
    return chosen


async def _supervised(
    config: RunConfig, tests: Sequence[TestCase], run_suite: RunSuite, reporting: Reporting
) -> _Ended:
    """Run the suite and see to it that the reports are written however it ends."""
    task = asyncio.current_task()
    assert task is not None
    with _terminate_is_cancel(task):
        try:
            ended = _Ended(await run_suite(config, tests, reporting.listeners))
        except asyncio.CancelledError:
            ended = _Ended(reporting.heard("interrupted"))
        except MachineryError as error:
            ended = _Ended(reporting.heard(str(error)), machinery=str(error))
        await reporting.complete(ended.result)
        return replace(ended, interrupted=task.cancelling() > 0)


@contextmanager
def _terminate_is_cancel(task: asyncio.Task[Any]) -> Iterator[None]:
    """SIGTERM, which a CI sends, ends a run as Ctrl-C does; asyncio itself sees to Ctrl-C."""
    loop = asyncio.get_running_loop()
    # Not every platform and thread has signals; without them only Ctrl-C works.
    with suppress(NotImplementedError, RuntimeError, ValueError):
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.remove_signal_handler(signal.SIGTERM)


def _services() -> Services:
    # Imported here: the loader and the engine cost more than the whole start of a command.
    from tierwright.testfiles.loader import load
    from tierwright.worker.suite import run_suite

    return Services(load, run_suite)
