"""What runs look like over HTTP."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator

from tierwright.server.bodies import Body, Note, RowId
from tierwright.server.overrides import Overrides

MOST_TESTS = 1000

Priority = Annotated[StrictInt, Field(ge=-100, le=100)]


class RunState(StrEnum):
    """Where a run is, or how it ended."""

    QUEUED = "queued"
    RUNNING = "running"
    PASSED = "passed"
    PASSED_HEALED = "passed_healed"
    FLAKY = "flaky"
    FAILED = "failed"
    ERROR = "error"
    CANCELLED = "cancelled"


class HowToRun(Body):
    """What a group of runs wants otherwise. The highest priority runs first."""

    overrides: Overrides = Overrides()
    priority: Priority = 0


class RunsNew(HowToRun):
    """Tests of one project, or a suite."""

    test_ids: Annotated[list[RowId], Field(min_length=1, max_length=MOST_TESTS)] | None = None
    suite_id: RowId | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.test_ids is None) == (self.suite_id is None):
            raise ValueError("give test_ids or suite_id, and not both")
        return self


class Queued(BaseModel):
    """A run that was queued."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    test_id: str
    test_name: str
    example: dict[str, str] | None


class QueuedOut(BaseModel):
    """Runs that were queued together."""

    group_id: str
    runs: list[Queued]


class RunItem(BaseModel):
    """A run as it stands in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    project_id: str = Field(validation_alias="project")
    test_id: str | None
    test_name: str
    test_version: int | None
    example: dict[str, Any] | None
    status: RunState
    strategy: str
    model: str
    priority: int
    group_id: str | None
    suite_id: str | None
    schedule_id: str | None
    user_id: str | None
    worker: str | None
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    duration_ms: float | None
    tokens: int
    cost_usd: float | None
    error_kind: str | None
    error_message: str | None
    cancel_requested_at: datetime | None
    green: bool | None = Field(
        description="Whether it ended well under the heal policy that it was queued with; null until it has ended.",
    )

    @model_validator(mode="after")
    def _not_started(self) -> Self:
        if self.status is RunState.QUEUED:
            self.started_at = None
        return self


class TryOut(BaseModel):
    """One pass through the test."""

    model_config = ConfigDict(from_attributes=True)

    ordinal: int
    status: str
    started_at: datetime
    duration_ms: float | None
    error_kind: str | None
    error_message: str | None


class BoxOut(BaseModel):
    """Where an element stands in the picture of its step, in the picture's pixels."""

    x: float
    y: float
    width: float
    height: float


class AttemptOut(BaseModel):
    """One try of one tier, and why it chose what it chose. `box`: where what it acted on stands in the step's picture.

    `box` is null where there is no picture, or the element was no longer in it.
    """

    model_config = ConfigDict(from_attributes=True)

    tier: int = Field(validation_alias="tier_attempted")
    ordinal: int
    success: bool
    execution_time_ms: float
    tokens_used: int
    cost_usd: float | None
    cache: str
    locator: str | None
    error_kind: str | None
    error_message: str | None
    evidence: dict[str, Any] | None
    box: BoxOut | None = None


class StepOut(BaseModel):
    """One step of one try, with its attempts."""

    model_config = ConfigDict(from_attributes=True)

    try_ordinal: int
    step_index: int
    action: str
    title: str
    instruction: str
    selector: str | None
    status: str
    tier: int | None
    actuator: str | None
    duration_ms: float
    locator: str | None
    xpath: str | None
    cache: str
    confidence: float | None
    margin: float | None
    tokens: int
    cost_usd: float | None
    error_kind: str | None
    error_message: str | None
    heal_id: str | None
    warnings: list[dict[str, Any]]
    attempts: list[AttemptOut] = []


class StepsOut(BaseModel):
    """The steps of all tries of a run."""

    items: list[StepOut]


class ArtifactKind(StrEnum):
    """What a file of a run is."""

    PAGE = "page"
    """The page as a step left it."""
    ELEMENT = "element"
    """What a step acted on, cut out, as it was before."""
    FILE = "file"
    """A trace, a download, a picture that a step asked for."""


class ArtifactOut(BaseModel):
    """A file that a run left: a picture, a trace, a download."""

    id: int
    try_ordinal: int
    step_index: int | None
    name: str
    content_type: str
    kind: ArtifactKind
    created_at: datetime


class ArtifactsOut(BaseModel):
    """The files of a run."""

    items: list[ArtifactOut]


class FeedbackKind(StrEnum):
    """What a person says of a step."""

    WRONG_ELEMENT = "wrong_element"
    FALSE_PASS = "false_pass"  # noqa: S105 - no password
    FLAKY = "flaky"
    OTHER = "other"


class FeedbackGiven(BaseModel):
    """What somebody said of a step. `username` is null where they are gone."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    step_index: int
    kind: FeedbackKind
    note: str
    username: str | None
    created_at: datetime


class RunOut(RunItem):
    """A run with everything that is known of it."""

    tags: list[str]
    crashes: int
    settings: dict[str, Any]
    overrides: dict[str, Any]
    tries: list[TryOut]
    steps: list[StepOut]
    artifacts: list[ArtifactOut]
    feedback: list[FeedbackGiven]


class Only(StrEnum):
    """Which runs are repeated."""

    FAILED = "failed"


class FeedbackNew(Body):
    """What a person says of a step. `wrong_element` rejects the heal that the step ended with, for good."""

    step_index: Annotated[StrictInt, Field(ge=0, le=100_000)]
    kind: FeedbackKind
    note: Note = ""


class FeedbackOut(BaseModel):
    """Feedback that was kept; `heal_id` is the heal that it rejected, if there was one."""

    id: int
    step_index: int
    kind: FeedbackKind
    note: str
    heal_id: str | None
    created_at: datetime
