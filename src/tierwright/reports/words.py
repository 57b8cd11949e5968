"""How reports say things: kinds of failure, money and time, in words a person understands."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tierwright.core.results import ErrorKind, RunResult, RunStatus, StepResult, SuiteResult

REASONS: Mapping[ErrorKind, str] = {
    ErrorKind.NOT_FOUND: "nothing on the page matches this step",
    ErrorKind.AMBIGUOUS: "several elements match and the step does not say which one",
    ErrorKind.MISMATCH: "the selector matches another element than the one this step is known to mean",
    ErrorKind.STALE: "the element went away before the action was sent",
    ErrorKind.MODEL: "the model gave no usable answer",
    ErrorKind.UNAVAILABLE: "a tier cannot work here",
    ErrorKind.HIDDEN: "the element is there, but out of sight",
    ErrorKind.DISABLED: "the element is there, but disabled: a person could not use it",
    ErrorKind.COVERED: "the element is there, but something covers it",
    ErrorKind.EXPECTATION: "the page does not show what the step expects",
    ErrorKind.UNVERIFIED: "the action was sent, and its effect did not show in time",
    ErrorKind.NAVIGATION: "the page could not be opened",
    ErrorKind.BUDGET: "the allowed time or money is used up",
    ErrorKind.CONTRACT: "the healed step did not do what it did in earlier green runs",
    ErrorKind.CRASHED: "the browser or the worker died",
}

STATUS_WORDS: Mapping[RunStatus, str] = {
    RunStatus.PASSED: "PASS",
    RunStatus.PASSED_HEALED: "HEALED",
    RunStatus.FLAKY: "FLAKY",
    RunStatus.FAILED: "FAIL",
    RunStatus.ERROR: "ERROR",
    RunStatus.CANCELLED: "NOT RUN",
}

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """The text without control characters: a page must not colour a terminal or break an XML file."""
    return _CONTROL.sub("", text)


def one_line(text: str, limit: int = 200) -> str:
    """The text in one line of at most this many characters."""
    line = " ".join(plain(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def duration(ms: float) -> str:
    """A time such as `340 ms`, `1.2 s` or `2 min 05 s`."""
    if ms < 999.5:
        return f"{ms:.0f} ms"
    if ms < 59_950:
        return f"{ms / 1000:.1f} s"
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes} min {seconds:02d} s"


def money(usd: float | None) -> str:
    """Dollars such as `$0`, `$0.0031` or `$1.20`; an unknown price is said, never 0."""
    if usd is None:
        return "price unknown"
    if usd == 0:
        return "$0"
    return f"${usd:.2f}" if usd >= 1 else f"${usd:.4f}"


def percent(share: float | None) -> str:
    """A confidence such as `93 %`, or `unscored`."""
    return "unscored" if share is None else f"{share * 100:.0f} %"


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 heal`, `2 heals`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def run_title(run: RunResult) -> str:
    """The test's name, with its example's values where it has one."""
    if not run.example:
        return plain(run.test.name)
    return plain(f"{run.test.name} [{', '.join(f'{k}={v}' for k, v in run.example.items())}]")


def failed_step(run: RunResult) -> StepResult | None:
    """The step that ended the run, if one did."""
    return next((step for step in run.steps if step.error is not None), None)


def reason(step: StepResult) -> str:
    """Why a step failed: the kind in words, then what was seen."""
    return f"{REASONS[step.error.kind]}: {plain(step.error.message)}" if step.error else ""


def run_reason(run: RunResult) -> str:
    """Why a run did not pass, in one line; empty for a green one."""
    step = failed_step(run)
    if step:
        return f"step {step.index + 1} “{one_line(step.step.title, 80)}”: {one_line(reason(step))}"
    return f"{REASONS[run.error.kind]}: {one_line(run.error.message)}" if run.error else ""


def artifacts(run: RunResult) -> tuple[str, ...]:
    """Every artifact of every try, each once, in order."""
    found = (path for t in run.tries for path in (*(p for s in t.steps for p in s.artifacts), *t.artifacts))
    return tuple(dict.fromkeys(found))


def tier_counts(suite: SuiteResult) -> Mapping[int, int]:
    """How many steps each tier carried."""
    tiers = [int(s.tier) for run in suite.runs for s in run.steps if s.tier is not None and s.error is None]
    return {tier: tiers.count(tier) for tier in (1, 2, 3)}
