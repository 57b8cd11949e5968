"""A run as the engine tells it, for tests of what the store makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tierwright.core.events import (
    AttemptFinished,
    Event,
    ProposalMade,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    SuiteStarted,
    TryFinished,
    TryStarted,
)
from tierwright.core.identity import Box, ElementLocator, Fingerprint
from tierwright.core.keys import baseline_keys, proposal_id
from tierwright.core.results import (
    Attempt,
    CacheOutcome,
    Evidence,
    Healed,
    Proposal,
    RunResult,
    RunStatus,
    ScoredElement,
    StepResult,
    StepStatus,
    TryResult,
)
from tierwright.core.settings import ExecutionSettings
from tierwright.core.steps import Action, Step, TestCase
from tierwright.core.strategy import FallbackStrategy, TierNumber
from tierwright.store.database import Database
from tierwright.store.decisions import keep_approved, keep_rejected, old_key_of
from tierwright.store.proposals import Proposals

BEGAN = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

BUTTON = Fingerprint(
    tag="button",
    role="button",
    name="Log in",
    text="Log in",
    id="login",
    test_ids=(("data-testid", "login"),),
    classes=("btn", "primary"),
    headings=("Welcome", "Shop"),
    neighbours=("Forgot password?",),
    ancestors=("form#login-form", "main", "body", "html"),
    sibling_index=2,
    box=Box(1, 2, 30, 40),
    page_path="/login",
)

TEST = TestCase(
    name="Sign in",
    file="tests/sign_in.tw.yaml",
    tags=("smoke", "login"),
    secrets=("password",),
    steps=(
        Step(action=Action.NAVIGATE, value="/login"),
        Step(action=Action.FILL, instruction="the Password field", selector="#pw", value="{{password}}"),
        Step(action=Action.CLICK, instruction="Click the Log in button", selector="#login"),
    ),
)


def attempt(tier: int = 1, *, success: bool = True, **parts: Any) -> Attempt:
    return Attempt(**{"tier": TierNumber(tier), "ordinal": 1, "success": success, "duration_ms": 10.0, **parts})


def result(index: int, status: StepStatus = StepStatus.PASSED, **parts: Any) -> StepResult:
    attempts = parts.pop("attempts", (attempt(),))
    filled = {"tier": TierNumber.DIRECT, "duration_ms": 20.0, "xpath": f"/html[1]/body[1]/a[{index}]", **parts}
    return StepResult(index=index, step=TEST.steps[index], status=status, attempts=attempts, **filled)


def heal(project: str = "default", **parts: Any) -> Proposal:
    key = baseline_keys(project, TEST.name, TEST.all_steps)[2]
    found = replace(BUTTON, id="signin", name="Sign in", text="Sign in")
    filled = {
        "id": proposal_id(project, TEST.name, key.digest, found.key),
        "kind": "heal",
        "test": TEST.name,
        "file": TEST.file,
        "step_index": 2,
        "step": TEST.steps[2],
        "old_selector": "#login",
        "new_locator": ElementLocator("#signin"),
        "alternatives": (ElementLocator('role=button[name="Sign in"]', ("iframe",)),),
        "tier": TierNumber.HYBRID,
        "confidence": 0.93,
        "margin": 0.4,
        "baseline_key": key.digest,
        "candidate_key": found.key,
        "baseline": BUTTON,
        "candidate": found,
        "evidence": Evidence((ScoredElement("#signin", "button", "Sign in", 0.93),), ("same form",), "local"),
        **parts,
    }
    return Proposal(**filled)


def healed_step() -> StepResult:
    proposal = heal()
    tries = (
        attempt(1, success=False),
        attempt(2, duration_ms=50.0, cache=CacheOutcome.MISS, tokens=100, cost_usd=0.01),
    )
    return result(
        2,
        StepStatus.HEALED,
        tier=TierNumber.HYBRID,
        attempts=tries,
        healed=Healed("#login", "#signin", proposal.id),
        proposal=proposal,
        artifacts=("artifacts/step2.png",),
    )


def told(
    run_id: str = "run-1",
    steps: tuple[StepResult, ...] = (),
    *,
    status: RunStatus = RunStatus.PASSED,
    test: TestCase = TEST,
    example: dict[str, str] | None = None,
    settings: ExecutionSettings = ExecutionSettings(),
    project: str = "default",
    began: datetime = BEGAN,
) -> list[Event]:
    """All events of a run of one try."""
    steps = steps or (result(0), result(1), healed_step())
    events: list[Event] = [
        SuiteStarted(began, 1, settings, "local", project),
        RunStarted(run_id, test, example, settings, "local", project, began),
        TryStarted(run_id, 1),
    ]
    for step in steps:
        events += [StepStarted(run_id, step.index, step.step)]
        events += [AttemptFinished(run_id, step.index, a) for a in step.attempts]
        events += [StepFinished(run_id, 1, step)]
    one_try = TryResult(status=status, started_at=began, duration_ms=100.0, steps=steps)
    events += [ProposalMade(run_id, s.proposal) for s in steps if s.proposal]
    events += [TryFinished(run_id, 1, one_try)]
    strategy = settings.fallback_strategy
    whole = RunResult(
        run_id=run_id,
        test=test,
        status=status,
        started_at=began,
        tries=(one_try,),
        strategy=FallbackStrategy(strategy),
        model="local",
        example=example,
    )
    return [*events, RunFinished(whole)]


async def reject(database: Database, proposal_id: str) -> None:
    proposal = await Proposals(database).get(proposal_id)
    async with database.write() as connection:
        await keep_rejected(connection, database, proposal)


async def approve(database: Database, proposal_id: str) -> None:
    proposal = await Proposals(database).get(proposal_id)
    async with database.write() as connection:
        await keep_approved(connection, database, proposal, old_key_of(proposal))
