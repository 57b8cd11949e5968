"""The summary of a suite as lines of text: counts, failures, heals, tiers, cost, and what was not run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tierwright.core.events import SuiteStarted
from tierwright.core.results import Evidence, RunResult, RunStatus, StepResult, SuiteResult, total_cost_usd
from tierwright.core.settings import HealPolicy
from tierwright.reports import words

_COUNTED = (
    (RunStatus.PASSED, "passed"),
    (RunStatus.PASSED_HEALED, "passed with heals"),
    (RunStatus.FLAKY, "flaky"),
    (RunStatus.FAILED, "failed"),
    (RunStatus.ERROR, "broken machinery"),
    (RunStatus.CANCELLED, "not run"),
)
_SHOWN_CANDIDATES = 3
REVIEW = "review them with: tierwright heals list, then heals approve ID or heals reject ID"
"""What is said below healed steps."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text and the rich style it has on a terminal."""

    text: str
    style: str = ""


def opening(event: SuiteStarted) -> str:
    """The first line: what is about to run."""
    tiers = " → ".join(str(int(t)) for t in event.settings.fallback_strategy.tiers)
    return (
        f"{words.counted(event.runs, 'run')}, strategy {event.settings.fallback_strategy.value} "
        f"(tiers {tiers}), model {words.plain(event.model)}"
    )


def run_line(run: RunResult) -> str:
    """A run in one line, without its status word."""
    parts = [words.run_title(run)]
    if run.tries:
        parts.append(words.duration(run.duration_ms))
    if run.healed_steps:
        parts.append(words.counted(len(run.healed_steps), "heal"))
    if len(run.tries) > 1:
        parts.append(f"{len(run.tries)} tries")
    why = words.run_reason(run)
    return "  ".join((*parts, why) if why and not run.status.green else parts)


def suite_summary(suite: SuiteResult, policy: HealPolicy) -> Iterator[Line]:
    """The whole summary. Heals are here too unless the policy lists them on standard error."""
    for run in suite.runs:
        if run.status in (RunStatus.FAILED, RunStatus.ERROR):
            yield from failure_lines(run)
    if policy is HealPolicy.FAIL:
        yield from _heals(suite)
    yield from _groundings(suite)
    yield from _warnings(suite)
    yield from _not_run(suite)
    for note in suite.notes:
        yield Line(f"note: {words.plain(note)}", "yellow")
    yield from _totals(suite)


def heals_notice(suite: SuiteResult, policy: HealPolicy) -> Iterator[Line]:
    """What goes to standard error: the heals, under the policy `warn` (H-30)."""
    if policy is HealPolicy.WARN:
        yield from _heals(suite)


def failure_lines(run: RunResult) -> Iterator[Line]:
    """Everything about a run that is not green: where, which step, why, what each tier saw, what is kept of it."""
    where = f"  ({run.test.file}:{run.test.line})" if run.test.file else ""
    yield Line("")
    yield Line(f"{words.STATUS_WORDS[run.status]}  {words.run_title(run)}{words.plain(where)}", "bold red")
    step = words.failed_step(run)
    if step:
        yield from _failed_step(step, len(run.test.all_steps))
    elif run.error:
        yield Line(f"  {words.run_reason(run)}")
    for path in words.artifacts(run):
        hint = "   (open it with: playwright show-trace)" if path.endswith(".zip") else ""
        yield Line(f"  artifact: {words.plain(path)}{hint}", "dim")


def _failed_step(result: StepResult, total: int) -> Iterator[Line]:
    origin = result.step.origin
    where = f"  ({words.plain(origin.file)}:{origin.line})" if origin.file else ""
    yield Line(f"  step {result.index + 1} of {total}: {words.one_line(result.step.title)}{where}")
    yield Line(f"  {words.reason(result)}")
    if result.step.selector:
        yield Line(f"  selector: {words.one_line(result.step.selector)}")
    for attempt in result.attempts:
        ended = f"{attempt.error.kind.value}: {words.one_line(attempt.error.message)}" if attempt.error else "found"
        yield Line(f"    tier {int(attempt.tier)}  {words.duration(attempt.duration_ms):>8}  {ended}", "dim")
    yield from _candidates(result)


def _candidates(result: StepResult) -> Iterator[Line]:
    seen: Evidence | None = next((a.evidence for a in reversed(result.attempts) if a.evidence), None)
    if seen is None or not seen.candidates:
        return
    yield Line("  nearest on the page:")
    for candidate in seen.candidates[:_SHOWN_CANDIDATES]:
        name = f"{candidate.role} “{words.one_line(candidate.name, 60)}”"
        yield Line(f"    {words.percent(candidate.score):>5}  {name}  {words.one_line(candidate.locator, 100)}", "dim")


def _heals(suite: SuiteResult) -> Iterator[Line]:
    healed = sum(len(run.healed_steps) for run in suite.runs)
    if not healed:
        return
    yield Line("")
    yield Line(f"{words.counted(healed, 'step was healed', 'steps were healed')}:", "yellow")
    for run in suite.runs:
        yield from heal_lines(run)
    yield Line(f"  {REVIEW}")


def heal_lines(run: RunResult) -> Iterator[Line]:
    """The healed steps of a run: what each was, what it became, how sure that is."""
    for step in run.healed_steps:
        yield Line(f"  {words.run_title(run)}, step {step.index + 1}: {words.one_line(step.step.title)}")
        if step.healed:
            change = f"{words.one_line(step.healed.from_)} → {words.one_line(step.healed.to)}"
            sure = "unscored" if step.confidence is None else f"confidence {words.percent(step.confidence)}"
            tier = "" if step.tier is None else f"tier {int(step.tier)}, "
            yield Line(f"    {change}  ({tier}{sure}, proposal {step.healed.proposal_id})")


def _groundings(suite: SuiteResult) -> Iterator[Line]:
    found = [(run, step) for run in suite.runs for step in run.steps if step.grounding]
    if not found:
        return
    yield Line("")
    yield Line(f"{words.counted(len(found), 'step was', 'steps were')} found from words alone for the first time:")
    for run, step in found:
        if step.grounding:
            where = f"{words.run_title(run)}, step {step.index + 1}: {words.one_line(step.step.title)}"
            yield Line(f"  {where} → {words.one_line(step.grounding.to)}  (proposal {step.grounding.proposal_id})")


def _warnings(suite: SuiteResult) -> Iterator[Line]:
    for run in suite.runs:
        for step in run.steps:
            for warning in step.warnings:
                where = f"{words.run_title(run)}, step {step.index + 1}"
                yield Line(f"warning ({warning.kind}): {where}: {words.one_line(warning.message)}", "yellow")


def _not_run(suite: SuiteResult) -> Iterator[Line]:
    missing = [run for run in suite.runs if run.status is RunStatus.CANCELLED]
    if missing:
        yield Line("")
        yield Line("not run, or stopped before the end:", "bold")
        yield from (Line(f"  {words.run_title(run)}") for run in missing)


def _totals(suite: SuiteResult) -> Iterator[Line]:
    counts = [f"{suite.count(status)} {word}" for status, word in _COUNTED if suite.count(status)]
    yield Line("")
    yield Line(f"{', '.join(counts) or 'nothing was run'}  in {words.duration(suite.duration_ms)}", "bold")
    tiers = words.tier_counts(suite)
    total = sum(tiers.values())
    if total:
        shares = ", ".join(f"tier {t}: {n} ({n / total * 100:.0f} %)" for t, n in tiers.items())
        yield Line(f"steps by tier: {shares}")
    tokens = sum(run.tokens for run in suite.runs)
    cost = total_cost_usd(run.cost_usd for run in suite.runs)
    yield Line(f"models: {words.counted(tokens, 'token')}, {words.money(cost)}")
