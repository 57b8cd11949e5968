"""Built results: every status, heals, groundings, warnings, evidence, tries, unknown prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from tierwright.core.results import (
    Actuator,
    Attempt,
    CacheOutcome,
    ErrorKind,
    Evidence,
    Failure,
    Grounding,
    Healed,
    Notice,
    RunResult,
    RunStatus,
    ScoredElement,
    StepResult,
    StepStatus,
    SuiteResult,
    TryResult,
)
from tierwright.core.steps import Action, Condition, Origin, Step, TestCase
from tierwright.core.strategy import FallbackStrategy, TierNumber

STARTED = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
EVIDENCE = Evidence(
    candidates=(
        ScoredElement("role=button[name='Sign in']", "button", "Sign in", 0.93),
        ScoredElement("role=link[name='Help']", "link", "Help", 0.21),
    ),
    reasons=("the name says sign in", "the role is button"),
    source="local",
)


def step(
    index: int,
    title: str,
    action: Action = Action.CLICK,
    *,
    selector: str | None = None,
    value: str | None = None,
    condition: Condition | None = None,
) -> Step:
    return Step(
        action=action,
        instruction=title,
        selector=selector,
        value=value,
        condition=condition,
        origin=Origin("tests/shop.tw.yaml", 10 + index, 5),
    )


def passed_step(index: int = 0, title: str = "Click the Buy button") -> StepResult:
    return StepResult(
        index=index,
        step=step(index, title, selector="#buy"),
        status=StepStatus.PASSED,
        duration_ms=42.1234,
        tier=TierNumber.DIRECT,
        actuator=Actuator.PLAYWRIGHT,
        locator="#buy",
        xpath="/html/body/button[1]",
        attempts=(Attempt(tier=TierNumber.DIRECT, ordinal=1, success=True, duration_ms=42.1, locator="#buy"),),
    )


def healed_step(index: int = 1, *, cost_usd: float | None = 0.0031) -> StepResult:
    missing = Failure(ErrorKind.NOT_FOUND, "no element matches #login-btn")
    return StepResult(
        index=index,
        step=step(index, "Click the Log in button", selector="#login-btn"),
        status=StepStatus.HEALED,
        duration_ms=310.0,
        tier=TierNumber.HYBRID,
        actuator=Actuator.PLAYWRIGHT,
        locator="role=button[name='Sign in']",
        xpath="/html/body/form[1]/button[1]",
        cache=CacheOutcome.MISS,
        confidence=0.93,
        margin=0.72,
        healed=Healed("#login-btn", "role=button[name='Sign in']", "h-1234"),
        warnings=(Notice("contract", "the address after it is another than before"),),
        artifacts=("artifacts/step-2.png",),
        attempts=(
            Attempt(tier=TierNumber.DIRECT, ordinal=1, success=False, duration_ms=200.0, error=missing),
            Attempt(
                tier=TierNumber.HYBRID,
                ordinal=1,
                success=True,
                duration_ms=110.0,
                cache=CacheOutcome.MISS,
                locator="role=button[name='Sign in']",
                tokens=812,
                cost_usd=cost_usd,
                evidence=EVIDENCE,
            ),
        ),
    )


def grounded_step(index: int = 2) -> StepResult:
    return StepResult(
        index=index,
        step=step(index, "Enter the user name in the Username field", Action.FILL, value="{{user}}"),
        status=StepStatus.PASSED,
        duration_ms=88.0,
        tier=TierNumber.HYBRID,
        grounding=Grounding("role=textbox[name='Username']", "g-77"),
        confidence=0.88,
        margin=0.4,
    )


def failed_step(index: int = 1, message: str = "no element matches #gone") -> StepResult:
    failure = Failure(ErrorKind.NOT_FOUND, message)
    return StepResult(
        index=index,
        step=step(index, "Click the Wish list button", selector="#gone"),
        status=StepStatus.FAILED,
        duration_ms=1500.0,
        error=failure,
        artifacts=("artifacts/wish-list.png",),
        attempts=(
            Attempt(tier=TierNumber.DIRECT, ordinal=1, success=False, duration_ms=600.0, error=failure),
            Attempt(
                tier=TierNumber.HYBRID,
                ordinal=1,
                success=False,
                duration_ms=900.0,
                error=Failure(ErrorKind.AMBIGUOUS, "two candidates are as likely"),
                evidence=EVIDENCE,
            ),
        ),
    )


def skipped_step(index: int = 2) -> StepResult:
    return StepResult(index=index, step=step(index, "Click Pay"), status=StepStatus.SKIPPED)


def one_try(status: RunStatus, *steps: StepResult, error: Failure | None = None) -> TryResult:
    return TryResult(
        status=status,
        started_at=STARTED,
        duration_ms=sum(s.duration_ms for s in steps),
        steps=steps,
        error=error,
        artifacts=() if status.green else ("artifacts/trace.zip",),
    )


def case_of(name: str, *steps: StepResult, file: str = "tests/shop.tw.yaml") -> TestCase:
    return TestCase(name=name, file=file, line=3, tags=("smoke",), steps=tuple(s.step for s in steps))


def run_of(
    name: str,
    status: RunStatus,
    *tries: TryResult,
    example: Mapping[str, str] | None = None,
    error: Failure | None = None,
    file: str = "tests/shop.tw.yaml",
) -> RunResult:
    steps = tries[-1].steps if tries else ()
    return RunResult(
        run_id=f"run-{name}",
        test=case_of(name, *steps, file=file),
        status=status,
        started_at=STARTED,
        tries=tries,
        strategy=FallbackStrategy.OPTION_C,
        model="local",
        example=example,
        error=error,
    )


def simple_run(status: RunStatus, name: str | None = None, *, heals: int = 0) -> RunResult:
    steps = [passed_step(0), *(healed_step(i + 1) for i in range(heals))]
    return run_of(name or f"a {status.value} test", status, one_try(status, *steps))


def suite_of(*runs: RunResult, notes: tuple[str, ...] = ()) -> SuiteResult:
    return SuiteResult(
        started_at=STARTED,
        duration_ms=6543.2109,
        strategy=FallbackStrategy.OPTION_C,
        model="local",
        runs=runs,
        notes=notes,
    )


def rich_suite() -> SuiteResult:
    """One run of every status."""
    missing = Failure(ErrorKind.NOT_FOUND, "no element matches #gone")
    crash = Failure(ErrorKind.CRASHED, "the browser closed its connection")
    return suite_of(
        run_of("Buy a mug", RunStatus.PASSED, one_try(RunStatus.PASSED, passed_step()), example={"user": "bob"}),
        run_of(
            "Sign in",
            RunStatus.PASSED_HEALED,
            one_try(RunStatus.PASSED_HEALED, passed_step(), healed_step(), grounded_step()),
        ),
        run_of(
            "Search",
            RunStatus.FLAKY,
            one_try(RunStatus.FAILED, passed_step(), failed_step(), error=missing),
            one_try(RunStatus.PASSED, passed_step(), passed_step(1)),
        ),
        run_of(
            "Keep a wish list",
            RunStatus.FAILED,
            one_try(RunStatus.FAILED, passed_step(), failed_step(), skipped_step(), error=missing),
            error=missing,
        ),
        run_of(
            "Open the map",
            RunStatus.ERROR,
            one_try(RunStatus.ERROR, error=crash),
            error=crash,
            file="tests/map.tw.yaml",
        ),
        run_of("Leave", RunStatus.CANCELLED, file="tests/map.tw.yaml"),
    )


def with_unknown_price(run: RunResult) -> RunResult:
    """The run with one attempt whose price nobody knows."""
    steps = (*run.steps, healed_step(9, cost_usd=None))
    return replace(run, tries=(*run.tries[:-1], replace(run.tries[-1], steps=steps)))
