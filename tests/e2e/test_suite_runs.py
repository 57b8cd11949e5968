"""Whole commands through `run_suite`: tries, limits, shards, crashes, cancels, broken listeners and databases."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.conftest import Site

from tierwright.browser.reaper import processes_of
from tierwright.core.config import RunConfig, Shard
from tierwright.core.errors import MachineryError
from tierwright.core.events import (
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    SuiteFinished,
    TierStarted,
    TryFinished,
)
from tierwright.core.results import ErrorKind, RunStatus, StepStatus, SuiteResult
from tierwright.core.settings import ExecutionSettings
from tierwright.core.steps import Action, Condition, Step, TestCase
from tierwright.core.strategy import FallbackStrategy
from tierwright.testing import RecordingListener
from tierwright.worker.suite import run_suite

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUICK = ExecutionSettings(
    fallback_strategy=FallbackStrategy.OPTION_A,  # no Stagehand, so that a browser is warm at once
    tier1_timeout_seconds=2.0,
    tier2_timeout_seconds=2.0,
    expect_timeout_seconds=2.0,
    max_retries_per_tier=0,
)
GO = Step(action=Action.NAVIGATE, value="/")
CLICK = Step(action=Action.CLICK, selector="#b")
MISSING = Step(action=Action.CLICK, selector="#nowhere")
WAIT = Step(action=Action.CLICK, selector="#nowhere", timeout_seconds=60)


@pytest.fixture
def config(tmp_path: Path, site: Site) -> RunConfig:
    site.page("/", "<h1>Home</h1><button id=b onclick=\"fetch('/hit')\">Go</button>")
    site.respond("/hit", b"{}")
    return RunConfig(paths=(), settings=QUICK, base_url=site.origin, state_dir=tmp_path / "state")


def case(name: str, *steps: Step, tmp: Path, teardown: Sequence[Step] = (), setup: Sequence[Step] = ()) -> TestCase:
    return TestCase(
        name=name, file=str(tmp / "a.tw.yaml"), setup=tuple(setup), steps=tuple(steps), teardown=tuple(teardown)
    )


class On:
    """A listener that does something at the first event of a kind."""

    def __init__(self, kind: type[Event], act: Callable[[], object]) -> None:
        self._kind: type[Event] | None = kind
        self._act = act

    async def on_event(self, event: Event) -> None:
        if self._kind and isinstance(event, self._kind):
            self._kind = None
            done = self._act()
            if isinstance(done, Awaitable):
                await done


def statuses(result: SuiteResult) -> list[str]:
    return [run.status.value for run in result.runs]


# --- steps of a test --------------------------------------------------------------------------------------


async def test_the_first_failure_stops_the_test_and_teardown_always_runs(config: RunConfig, tmp_path: Path) -> None:
    """H-4: the rest is skipped; nothing that did not happen is passed."""
    failing = case("failing", GO, MISSING, CLICK, tmp=tmp_path, teardown=[CLICK])
    broken_setup = case("setup", CLICK, tmp=tmp_path, setup=[GO, MISSING], teardown=[CLICK])
    heard = RecordingListener()
    result = await run_suite(config, [failing, broken_setup], [heard])
    assert statuses(result) == ["failed", "failed"]
    passed, failed, skipped = StepStatus.PASSED, StepStatus.FAILED, StepStatus.SKIPPED
    assert [s.status for s in result.runs[0].steps] == [passed, failed, skipped, passed]
    assert [s.status for s in result.runs[1].steps] == [passed, failed, skipped, passed]
    assert [s.index for s in result.runs[0].steps] == [0, 1, 2, 3]
    assert result.runs[0].error
    assert result.runs[0].error.kind is ErrorKind.NOT_FOUND
    assert {int(e.tier) for e in heard.of(TierStarted)} == {1, 2}


# --- tries ------------------------------------------------------------------------------------------------


async def test_passed_on_a_later_try_is_flaky_with_every_try_on_record(
    config: RunConfig, tmp_path: Path, site: Site
) -> None:
    """H-4."""
    heals_itself = case("flaky", GO, Step(action=Action.CLICK, selector="#late"), tmp=tmp_path)

    def repair() -> None:
        site.page("/", "<button id=late>There</button>")

    result = await run_suite(replace(config, retries=2), [heals_itself], [On(StepFinishedFailed, repair)])
    assert statuses(result) == ["flaky"]
    assert [t.status for t in result.runs[0].tries] == [RunStatus.FAILED, RunStatus.PASSED]


class _Meta(type):
    def __instancecheck__(cls, event: object) -> bool:
        return isinstance(event, StepFinished) and event.result.status is StepStatus.FAILED


class StepFinishedFailed(metaclass=_Meta):
    """A step that ended failed."""


async def test_retries_end_and_the_last_try_counts(config: RunConfig, tmp_path: Path) -> None:
    result = await run_suite(replace(config, retries=1), [case("red", GO, MISSING, tmp=tmp_path)], [])
    assert statuses(result) == ["failed"]
    assert len(result.runs[0].tries) == 2


# --- limits -----------------------------------------------------------------------------------------------


async def test_max_failures_stops_the_command_and_the_rest_is_cancelled(config: RunConfig, tmp_path: Path) -> None:
    """H-4: what was never started is `cancelled`."""
    tests = [case("red", GO, MISSING, tmp=tmp_path), case("a", GO, tmp=tmp_path), case("b", GO, tmp=tmp_path)]
    heard = RecordingListener()
    result = await run_suite(replace(config, max_failures=1), tests, [heard])
    assert statuses(result) == ["failed", "cancelled", "cancelled"]
    assert result.runs[1].tries == ()
    assert len(heard.of(RunFinished)) == len(heard.of(RunStarted)) == 3


async def test_last_failed_runs_what_failed_and_a_shard_its_part(config: RunConfig, tmp_path: Path) -> None:
    tests = [case("green", GO, tmp=tmp_path), case("red", GO, MISSING, tmp=tmp_path), case("blue", GO, tmp=tmp_path)]
    first = await run_suite(replace(config, shard=Shard(1, 2)), tests, [])
    assert [r.test.name for r in first.runs] == ["green", "blue"]
    await run_suite(config, tests[1:2], [])
    never_ran = case("new", GO, tmp=tmp_path)
    again = await run_suite(replace(config, last_failed=True), [*tests, never_ran], [])
    assert [r.test.name for r in again.runs] == ["red", "new"]
    nothing = await run_suite(replace(config, last_failed=True, shard=Shard(1, 2)), tests[:1], [])
    assert nothing.runs == ()
    assert nothing.notes == ("part 1 of 2 holds no run", "--last-failed leaves no test: all passed the last time")


@pytest.mark.serial
async def test_two_workers_and_two_commands_on_one_state(config: RunConfig, tmp_path: Path, site: Site) -> None:
    """Four browsers, one SQLite file: nobody waits for a lock for ever, nobody breaks the other."""
    tests = [case(f"t{n}", GO, CLICK, tmp=tmp_path) for n in range(4)]
    patient = replace(QUICK, tier1_timeout_seconds=20.0)  # four browsers start at once: the click is not what is timed
    both = await asyncio.gather(*(run_suite(replace(config, workers=2, settings=patient), tests, []) for _ in range(2)))
    assert [statuses(r) for r in both] == [["passed"] * 4] * 2, [run.error for r in both for run in r.runs]
    assert sum(r.path == "/hit" for r in site.requests) == 8


# --- crashes ----------------------------------------------------------------------------------------------


def profiles() -> set[str]:
    """The profile folders of the living browsers that this process started."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        profile = next((w.partition("=")[2] for w in words if w.startswith("--user-data-dir=")), "")
        if "tierwright" in profile and _is_mine(parent):
            found.add(profile)
    return found


def kill_browsers(spared: set[str]) -> None:
    """Kill the browsers that came since; other tests share theirs."""
    for profile in profiles() - spared:
        for pid in processes_of(profile):
            os.kill(pid, signal.SIGKILL)


def _is_mine(pid: int) -> bool:
    """Whether a process descends from this one: other suites may run beside it."""
    while pid > 1:
        if pid == os.getpid():
            return True
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            return False
    return False


async def test_a_browser_killed_in_mid_run_is_an_error_tried_once_more(config: RunConfig, tmp_path: Path) -> None:
    """`crashed`: that try is `error`, the run is queued once more, both tries are on record."""
    slow = Step(action=Action.WAIT_FOR, selector="#nowhere", condition=Condition.VISIBLE, optional=False)

    others = profiles()

    def kill_soon() -> None:
        asyncio.get_running_loop().call_later(0.5, kill_browsers, others)

    test = case("crash", GO, CLICK, slow, tmp=tmp_path)
    heard = RecordingListener()
    killing = On(ClickFinished, kill_soon)
    result = await run_suite(config, [test], [killing, heard])
    tries = result.runs[0].tries
    assert [t.status for t in tries] == [RunStatus.ERROR, RunStatus.FAILED]
    assert tries[0].error
    assert tries[0].error.kind is ErrorKind.CRASHED
    assert [s.status for s in tries[0].steps][:2] == [StepStatus.PASSED, StepStatus.PASSED]


class _ClickMeta(type):
    def __instancecheck__(cls, event: object) -> bool:
        return isinstance(event, StepFinished) and event.result.step.action is Action.CLICK


class ClickFinished(metaclass=_ClickMeta):
    """A click that ended."""


# --- cancelling -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["warming", "loading", "waiting", "acting"])
async def test_a_cancelled_command_ends_within_a_second_and_tells_how_every_run_ended(
    config: RunConfig, tmp_path: Path, site: Site, when: str
) -> None:
    """Cancelling reaches into every await; the runs end `cancelled`, are told of and recorded."""
    site.page("/slow", "<h1>Slow</h1>", delay_seconds=30.0)
    site.page("/", "<button id=b disabled>Go</button>")
    steps = {
        "warming": [GO],
        "loading": [Step(action=Action.NAVIGATE, value="/slow")],
        "waiting": [GO, WAIT],
        "acting": [GO, replace(CLICK, timeout_seconds=60)],
    }[when]
    tests = [case("now", *steps, tmp=tmp_path), case("later", GO, tmp=tmp_path)]
    heard, started = RecordingListener(), asyncio.Event()
    patient = replace(config, settings=replace(QUICK, tier1_timeout_seconds=60.0, tier2_timeout_seconds=60.0))
    first = On(RunStarted if when == "warming" else StepStarted, started.set)
    command = asyncio.create_task(run_suite(patient, tests, [heard, first]))
    await started.wait()
    await asyncio.sleep(0.05 if when == "warming" else 2.0)
    asked = time.monotonic()
    command.cancel()
    with pytest.raises(asyncio.CancelledError):
        await command
    ended = heard.events[-1]
    assert isinstance(ended, SuiteFinished)
    assert statuses(ended.result) == ["cancelled", "cancelled"]
    assert time.monotonic() - asked < 4, "the browser's own end included"
    assert not await asyncio.to_thread(_running_in, patient)


def _running_in(config: RunConfig) -> list[str]:
    import sqlite3

    with sqlite3.connect(config.state_dir / "tierwright.db") as connection:
        rows = connection.execute("select status from test_executions where status = 'running'").fetchall()
    connection.close()
    return [row[0] for row in rows]


# --- what breaks around a run -----------------------------------------------------------------------------


async def test_a_listener_that_raises_changes_no_verdict(config: RunConfig, tmp_path: Path) -> None:
    def breaks() -> None:
        raise ValueError("a broken report")

    heard = RecordingListener()
    result = await run_suite(config, [case("a", GO, tmp=tmp_path)], [On(StepStarted, breaks), heard])
    assert statuses(result) == ["passed"]
    assert any("a broken report" in note for note in result.notes)
    assert heard.of(SuiteFinished)


async def test_a_database_that_breaks_in_mid_run_is_told_and_fails_the_command(
    config: RunConfig, tmp_path: Path
) -> None:
    """The run goes on and its verdict is told; the command fails as machinery."""

    def breaks() -> None:
        for file in config.state_dir.glob("tierwright.db*"):
            # In place: SQLite has one of them mapped, and a process whose mapped file is cut off dies of a bus error.
            with file.open("r+b") as opened:
                opened.write(b"this is not a database any more" * 200)

    heard = RecordingListener()
    breaking = On(StepStarted, lambda: asyncio.to_thread(breaks))
    with pytest.raises(MachineryError, match="database"):
        await run_suite(config, [case("a", GO, CLICK, tmp=tmp_path)], [breaking, heard])
    [finished] = heard.of(RunFinished)
    first = finished.result.tries[0]
    assert [s.status for s in first.steps] == [StepStatus.PASSED, StepStatus.PASSED]
    assert (first.status, finished.result.status) == (RunStatus.ERROR, RunStatus.ERROR)


async def test_a_missing_variable_ends_its_run_as_error_and_not_the_command(config: RunConfig, tmp_path: Path) -> None:
    bad = case("bad", GO, Step(action=Action.FILL, selector="#b", value="{{nobody}}"), tmp=tmp_path)
    heard = RecordingListener()
    result = await run_suite(config, [bad, case("good", GO, tmp=tmp_path)], [heard])
    assert statuses(result) == ["error", "passed"]
    assert result.runs[0].error
    assert "nobody" in result.runs[0].error.message
    told = [event.result for event in heard.of(TryFinished) if event.run_id == result.runs[0].run_id]
    assert tuple(told) == result.runs[0].tries
