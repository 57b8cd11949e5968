"""The parts that reports share: the multiplexer, the collector, masking, atomic files and words."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.reports.factory import STARTED, case_of, passed_step, rich_suite, simple_run, suite_of

from tierwright.core.events import Event, RunFinished, RunStarted, StepFinished, SuiteFinished, SuiteStarted
from tierwright.core.results import RunStatus, StepStatus
from tierwright.core.settings import ExecutionSettings
from tierwright.reports import words
from tierwright.reports.collector import Collector
from tierwright.reports.files import write_report
from tierwright.reports.masking import masked
from tierwright.reports.multiplex import Multiplexer

FINISHED = SuiteFinished(suite_of())


class Keeper:
    def __init__(self) -> None:
        self.heard: list[Event] = []

    async def on_event(self, event: Event) -> None:
        self.heard.append(event)


class Broken:
    title = "the broken report"

    async def on_event(self, event: Event) -> None:
        raise OSError("disk full")


async def test_a_broken_listener_is_dropped_with_one_note_and_the_others_go_on() -> None:
    keeper, notes = Keeper(), []
    everyone = Multiplexer([Broken(), keeper], notes.append)

    await everyone.on_event(FINISHED)
    await everyone.on_event(FINISHED)

    assert keeper.heard == [FINISHED, FINISHED]
    assert notes == ["the broken report broke and was left out: OSError: disk full"]
    assert everyone.dropped == tuple(notes)


async def test_the_collector_tells_an_interrupted_suite_from_what_it_heard() -> None:
    """H-4: a run that was stopped is cancelled, with the steps it made."""
    collector, settings = Collector(), ExecutionSettings()
    done = simple_run(RunStatus.PASSED, "done")
    stopped = case_of("stopped", passed_step())
    for event in (
        SuiteStarted(STARTED, 4, settings, "local", "default"),
        RunStarted(done.run_id, done.test, None, settings, "local", "default", STARTED),
        RunFinished(done),
        RunStarted("r2", stopped, {"user": "bob"}, settings, "local", "default", STARTED),
        StepFinished("r2", 1, passed_step()),
    ):
        await collector.on_event(event)

    result = collector.result("interrupted", STARTED + timedelta(seconds=2))

    assert [(run.test.name, run.status) for run in result.runs] == [
        ("done", RunStatus.PASSED),
        ("stopped", RunStatus.CANCELLED),
    ]
    assert [s.status for s in result.runs[1].steps] == [StepStatus.PASSED]
    assert result.notes == ("interrupted", "2 runs were not started")
    assert result.duration_ms == 2000
    assert not collector.finished


async def test_the_collector_knows_that_the_suite_ended_by_itself() -> None:
    collector = Collector()
    await collector.on_event(FINISHED)

    assert collector.finished


def test_a_collector_that_heard_nothing_still_tells_why() -> None:
    result = Collector().result("no browser was found")

    assert result.runs == ()
    assert result.notes == ("no browser was found",)


def test_masking_reaches_every_text_and_no_enum() -> None:
    suite = masked(rich_suite(), lambda text: text.replace("passed", "•").replace("Sign in", "•"))

    assert "Sign in" not in repr(suite)
    assert suite.runs[0].status is RunStatus.PASSED
    assert masked(rich_suite(), lambda text: text) == rich_suite()


def test_a_report_is_replaced_whole_and_readable_by_others(tmp_path: Path) -> None:
    file = tmp_path / "r.html"
    file.write_text("old and much longer")

    write_report("new", file, io.StringIO())

    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o044
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (0, "0 ms"),
        (999.4, "999 ms"),
        (999.6, "1.0 s"),
        (59_949, "59.9 s"),
        (59_960, "1 min 00 s"),
        (125_000, "2 min 05 s"),
    ],
)
def test_durations(ms: float, said: str) -> None:
    assert words.duration(ms) == said


@pytest.mark.parametrize(("usd", "said"), [(None, "price unknown"), (0.0, "$0"), (0.0031, "$0.0031"), (1.2, "$1.20")])
def test_money(usd: float | None, said: str) -> None:
    assert words.money(usd) == said


def test_every_kind_of_failure_has_words() -> None:
    from tierwright.core.results import ErrorKind

    assert set(words.REASONS) == set(ErrorKind)
    assert set(words.STATUS_WORDS) == set(RunStatus)
