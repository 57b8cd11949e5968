"""JUnit XML as a CI shows it well: GitLab, Jenkins, GitHub actions, Surefire readers."""

from __future__ import annotations

import io
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import TextIO

from junitparser import Error, Failure, JUnitXml, Skipped
from junitparser.junitparser import FinalResult
from junitparser.xunit2 import FlakyError, FlakyFailure, InterimResult, RerunError, RerunFailure, TestCase, TestSuite

from tierwright.core.events import Event, SuiteFinished
from tierwright.core.results import Attempt, RunResult, RunStatus, StepResult, SuiteResult, TryResult
from tierwright.reports import words
from tierwright.reports.files import write_report
from tierwright.reports.masking import Mask, masked, unchanged


class JUnitReport:
    """Writes the result of a suite as JUnit XML: one testsuite a file, one testcase a run."""

    title = "the JUnit report"

    def __init__(self, file: Path, stdout: TextIO, *, mask: Mask = unchanged) -> None:
        self._file, self._stdout, self._mask = file, stdout, mask

    async def on_event(self, event: Event) -> None:
        """Write when the suite has ended. Raises OSError."""
        if isinstance(event, SuiteFinished):
            write_report(junit_xml(masked(event.result, self._mask)), self._file, self._stdout)


def junit_xml(suite: SuiteResult) -> str:
    """The XML document of a suite, UTF-8."""
    document = JUnitXml("tierwright")
    for file, runs in groupby(sorted(suite.runs, key=lambda run: run.test.file), key=lambda run: run.test.file):
        document.add_testsuite(_suite(file, tuple(runs), suite))
    document.update_statistics()  # type: ignore[no-untyped-call]  # junitparser is typed in part
    out = io.BytesIO()
    document.write(out, pretty=True)
    return out.getvalue().decode("utf-8")


def _suite(file: str, runs: tuple[RunResult, ...], whole: SuiteResult) -> TestSuite:
    suite = TestSuite(words.plain(file) or "tierwright")  # type: ignore[no-untyped-call]  # typed in part
    suite.file = words.plain(file)
    suite.timestamp = min(run.started_at for run in runs).isoformat(timespec="seconds")
    suite.add_property("strategy", whole.strategy.value)
    suite.add_property("model", words.plain(whole.model))
    suite.add_testcases([_case(run) for run in runs])
    return suite


def _case(run: RunResult) -> TestCase:
    case = TestCase(words.run_title(run), classname=words.plain(run.test.file), time=round(run.duration_ms / 1000, 3))
    for name, value in _facts(run):
        case.add_property(name, words.plain(value))
    case.result = list(_verdict(run))
    for result in _other_tries(run):
        case.add_interim_result(result)
    said = _system_out(run)
    if said:
        case.system_out = words.plain(said)
    return case


def _facts(run: RunResult) -> Iterable[tuple[str, str]]:
    yield "status", run.status.value
    yield "cost", words.money(run.cost_usd)
    for step in run.healed_steps:
        if step.healed:
            yield "healed", f"step {step.index + 1}: {step.healed.from_} -> {step.healed.to}"


def _verdict(run: RunResult) -> Iterable[FinalResult]:
    if run.status is RunStatus.CANCELLED:
        yield Skipped(words.run_reason(run) or "not run: the command stopped before")
    elif run.status in (RunStatus.FAILED, RunStatus.ERROR):
        kind = Error if run.status is RunStatus.ERROR else Failure
        yield _detailed(kind(_message(run), _error_kind(run)), run)


def _detailed(result: FinalResult, run: RunResult) -> FinalResult:
    result.text = words.plain(_story(run))
    return result


def _message(run: RunResult) -> str:
    return words.run_reason(run) or f"the run ended {run.status.value}"


def _error_kind(run: RunResult) -> str:
    step = words.failed_step(run)
    failure = step.error if step else run.error
    return failure.kind.value if failure else run.status.value


def _story(run: RunResult) -> str:
    lines = [f"{run.test.file}:{run.test.line}  {words.run_title(run)}", _message(run)]
    step = words.failed_step(run)
    if step:
        lines += _step_story(step)
    return "\n".join(lines)


def _step_story(step: StepResult) -> list[str]:
    where = step.step.origin
    selector = f", selector {step.step.selector}" if step.step.selector else ""
    return [
        f"step {step.index + 1}: {step.step.title} ({step.step.action.value}{selector})",
        *([f"written at {where.file}:{where.line}:{where.column}"] if where.file else []),
        f"reason: {words.reason(step)}",
        *(_attempt_story(attempt) for attempt in step.attempts),
    ]


def _attempt_story(attempt: Attempt) -> str:
    ended = f"{attempt.error.kind.value}: {attempt.error.message}" if attempt.error else "found"
    return f"  tier {int(attempt.tier)}, try {attempt.ordinal}, {words.duration(attempt.duration_ms)}: {ended}"


def _other_tries(run: RunResult) -> Iterable[InterimResult]:
    """Earlier tries that did not pass: `flaky…` when a later one did, else `rerun…`, as Surefire writes them."""
    for one in run.tries[:-1]:
        if one.status.green:
            continue
        error = one.status is RunStatus.ERROR
        if run.status is RunStatus.FLAKY:
            yield _interim(FlakyError if error else FlakyFailure, one, run)
        else:
            yield _interim(RerunError if error else RerunFailure, one, run)


def _interim(kind: type[InterimResult], one: TryResult, run: RunResult) -> InterimResult:
    as_run = RunResult(
        run_id=run.run_id,
        test=run.test,
        status=one.status,
        started_at=one.started_at,
        tries=(one,),
        strategy=run.strategy,
        model=run.model,
        example=run.example,
        error=one.error,
    )
    result = kind(_message(as_run), _error_kind(as_run))
    result.stack_trace = words.plain(_story(as_run))
    return result


def _system_out(run: RunResult) -> str:
    lines = [_heal_line(step) for step in run.healed_steps]
    lines += [f"warning, step {s.index + 1}: {w.kind}: {w.message}" for s in run.steps for w in s.warnings]
    lines += [f"[[ATTACHMENT|{path}]]" for path in words.artifacts(run)]
    return "\n".join(lines)


def _heal_line(step: StepResult) -> str:
    if step.healed is None:
        return f"healed, step {step.index + 1}: {step.step.title}"
    return (
        f"healed, step {step.index + 1} “{step.step.title}”: {step.healed.from_} -> {step.healed.to} "
        f"(confidence {words.percent(step.confidence)}, proposal {step.healed.proposal_id})"
    )
