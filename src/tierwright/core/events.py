"""What happens during a run, told to listeners in order. Plain frozen values that can cross a process border."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tierwright.core.results import Attempt, Proposal, RunResult, StepResult, SuiteResult, TryResult
from tierwright.core.settings import ExecutionSettings
from tierwright.core.steps import Step, TestCase
from tierwright.core.strategy import TierNumber


@dataclass(frozen=True, slots=True)
class SuiteStarted:
    """A command begins: how many runs it will make, with which settings and model."""

    started_at: datetime
    runs: int
    settings: ExecutionSettings
    model: str
    project: str


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run (one test, or one row of its examples) begins."""

    run_id: str
    test: TestCase
    example: Mapping[str, str] | None
    settings: ExecutionSettings
    model: str
    project: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class TryStarted:
    """A try of a run begins; `ordinal` counts from 1."""

    run_id: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step begins."""

    run_id: str
    index: int
    step: Step


@dataclass(frozen=True, slots=True)
class TierStarted:
    """A tier begins to search for a step's element, or to act."""

    run_id: str
    index: int
    tier: TierNumber


@dataclass(frozen=True, slots=True)
class AttemptFinished:
    """A try of one tier ended."""

    run_id: str
    index: int
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step ended; its result is whole."""

    run_id: str
    try_ordinal: int
    result: StepResult


@dataclass(frozen=True, slots=True)
class ProposalMade:
    """A heal or grounding is offered for review; sent when the try it belongs to has ended."""

    run_id: str
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class TryFinished:
    """A try ended."""

    run_id: str
    ordinal: int
    result: TryResult


@dataclass(frozen=True, slots=True)
class RunFinished:
    """A run ended, all its tries made."""

    result: RunResult


@dataclass(frozen=True, slots=True)
class SuiteFinished:
    """The command's runs are over."""

    result: SuiteResult


Event = (
    SuiteStarted
    | RunStarted
    | TryStarted
    | StepStarted
    | TierStarted
    | AttemptFinished
    | StepFinished
    | ProposalMade
    | TryFinished
    | RunFinished
    | SuiteFinished
)
