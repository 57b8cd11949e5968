"""What happened: attempts, steps, tries and runs, frozen and typed (healing.md, section 1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tierwright.core.identity import Box, ElementLocator, Fingerprint
from tierwright.core.steps import Step, TestCase
from tierwright.core.strategy import FallbackStrategy, TierNumber


class ErrorKind(StrEnum):
    """Why something did not pass. Only the kind decides who may continue (healing.md, section 2)."""

    NOT_FOUND = "not_found"
    AMBIGUOUS = "ambiguous"
    MISMATCH = "mismatch"
    STALE = "stale"
    MODEL = "model"
    UNAVAILABLE = "unavailable"
    HIDDEN = "hidden"
    DISABLED = "disabled"
    COVERED = "covered"
    EXPECTATION = "expectation"
    UNVERIFIED = "unverified"
    NAVIGATION = "navigation"
    BUDGET = "budget"
    CONTRACT = "contract"
    CRASHED = "crashed"


class StepStatus(StrEnum):
    """How a step ended (H-3)."""

    PASSED = "passed"
    HEALED = "healed"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class RunStatus(StrEnum):
    """How a run ended (H-4)."""

    PASSED = "passed"
    PASSED_HEALED = "passed_healed"
    FLAKY = "flaky"
    FAILED = "failed"
    ERROR = "error"
    CANCELLED = "cancelled"

    @property
    def green(self) -> bool:
        """Whether the run counts as passed when heals are allowed."""
        return self in (RunStatus.PASSED, RunStatus.PASSED_HEALED, RunStatus.FLAKY)


class CacheOutcome(StrEnum):
    """What the XPath cache said to an attempt."""

    HIT = "hit"
    MISS = "miss"
    INVALID = "invalid"
    NONE = "none"


class Actuator(StrEnum):
    """Who sent the action to the page (H-27)."""

    PLAYWRIGHT = "playwright"
    STAGEHAND = "stagehand"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why it did not pass, in a kind for the machine and words for a person."""

    kind: ErrorKind
    message: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning that does not change the verdict, such as `never_seen` or `contract`."""

    kind: str
    message: str


CHANGED = "changed"
"""The kind of the warning that a step's own selector matches clearly another element than before (H-10)."""


@dataclass(frozen=True, slots=True)
class ScoredElement:
    """A candidate as evidence shows it: where it is, what it is called, how well it fits (0..1)."""

    locator: str
    role: str
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an element was chosen, or why none was: the best candidates and the reasons."""

    candidates: tuple[ScoredElement, ...] = ()
    reasons: tuple[str, ...] = ()
    source: str = ""
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, failed ones too. `cost_usd` None: the price is not known."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try of one tier: one row of tier_execution_logs (H-2). `cost_usd` None means price unknown.

    `box` is where the element that it acted on stands in the picture of its step, in the picture's pixels.
    """

    tier: TierNumber
    ordinal: int
    success: bool
    duration_ms: float
    error: Failure | None = None
    cache: CacheOutcome = CacheOutcome.NONE
    locator: str | None = None
    tokens: int = 0
    cost_usd: float | None = 0.0
    evidence: Evidence | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Healed:
    """A selector or accepted baseline failed and this way found the same element (H-3)."""

    from_: str
    to: str
    proposal_id: str


@dataclass(frozen=True, slots=True)
class Grounding:
    """The first find of a step that has neither selector nor baseline (H-3)."""

    to: str
    proposal_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A heal or grounding offered for review (H-31). `id` is the same for the same heal in every run.

    `baseline_key` and `candidate_key` name the pair a rejection remembers. `crop` is the file path of a picture
    of the candidate, where one was taken, as it was before it was acted on.
    """

    id: str
    kind: str  # "heal" or "grounding"
    test: str
    file: str
    step_index: int
    step: Step
    old_selector: str | None
    new_locator: ElementLocator
    alternatives: tuple[ElementLocator, ...]
    tier: TierNumber
    confidence: float | None
    margin: float | None
    baseline_key: str
    candidate_key: str
    baseline: Fingerprint | None
    candidate: Fingerprint
    evidence: Evidence | None = None
    crop: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """How one step ended. `index` counts from 0 through setup, steps and teardown."""

    index: int
    step: Step
    status: StepStatus
    duration_ms: float = 0.0
    tier: TierNumber | None = None
    actuator: Actuator | None = None
    locator: str | None = None
    xpath: str | None = None
    cache: CacheOutcome = CacheOutcome.NONE
    confidence: float | None = None
    margin: float | None = None
    error: Failure | None = None
    healed: Healed | None = None
    grounding: Grounding | None = None
    warnings: tuple[Notice, ...] = ()
    artifacts: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    proposal: Proposal | None = None

    @property
    def tokens(self) -> int:
        """Tokens of all attempts, failed ones too."""
        return sum(a.tokens for a in self.attempts)

    @property
    def cost_usd(self) -> float | None:
        """Dollars of all attempts; None as soon as one price is unknown."""
        return total_cost_usd(a.cost_usd for a in self.attempts)


@dataclass(frozen=True, slots=True, kw_only=True)
class TryResult:
    """One try of one test (of one row of its examples)."""

    status: RunStatus
    started_at: datetime
    duration_ms: float
    steps: tuple[StepResult, ...] = ()
    error: Failure | None = None
    artifacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """One run: one test, or one row of its examples, with every try on record. The last try's steps are the run's."""

    run_id: str
    test: TestCase
    status: RunStatus
    started_at: datetime
    tries: tuple[TryResult, ...]
    strategy: FallbackStrategy
    model: str
    example: Mapping[str, str] | None = None
    error: Failure | None = None

    @property
    def steps(self) -> tuple[StepResult, ...]:
        """The steps of the last try."""
        return self.tries[-1].steps if self.tries else ()

    @property
    def duration_ms(self) -> float:
        """The time of all tries together, in milliseconds."""
        return sum(t.duration_ms for t in self.tries)

    @property
    def tokens(self) -> int:
        """Tokens of all tries."""
        return sum(s.tokens for t in self.tries for s in t.steps)

    @property
    def cost_usd(self) -> float | None:
        """Dollars of all tries; None as soon as one price is unknown."""
        return total_cost_usd(s.cost_usd for t in self.tries for s in t.steps)

    @property
    def healed_steps(self) -> tuple[StepResult, ...]:
        """The last try's healed steps."""
        return tuple(s for s in self.steps if s.status is StepStatus.HEALED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteResult:
    """All runs of one command."""

    started_at: datetime
    duration_ms: float
    strategy: FallbackStrategy
    model: str
    runs: tuple[RunResult, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def count(self, status: RunStatus) -> int:
        """How many runs ended this way."""
        return sum(r.status is status for r in self.runs)


def total_cost_usd(costs: Iterable[float | None]) -> float | None:
    """Add dollars; None where one of them is unknown, because unknown is not 0."""
    total = 0.0
    for cost in costs:
        if cost is None:
            return None
        total += cost
    return total
