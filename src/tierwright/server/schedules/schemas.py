"""What schedules look like over HTTP."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, StrictBool, model_validator

from tierwright.server.bodies import Body, RowId, Text, Title
from tierwright.server.overrides import Overrides
from tierwright.server.suites.schemas import TestIds

Cron = Annotated[Text, Field(max_length=200, description="Minute, hour, day of month, month, day of week.")]
TimeZone = Annotated[Text, Field(max_length=100, description="A name of the IANA list, such as Europe/Berlin.")]
SHOWN_RUNS = 5


class Overlap(StrEnum):
    """What happens when the runs of the time before are not finished: leave this time out, or queue behind them."""

    SKIP = "skip"
    QUEUE = "queue"


class ScheduleNew(Body):
    """A schedule to make: of a suite, or of tests."""

    name: Title
    cron: Cron
    time_zone: TimeZone = "UTC"
    suite_id: RowId | None = None
    test_ids: Annotated[TestIds, Field(min_length=1)] | None = None
    overrides: Overrides = Field(default_factory=Overrides)
    overlap: Overlap = Overlap.SKIP
    active: StrictBool = True
    project_id: RowId | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.suite_id is None) == (self.test_ids is None):
            raise ValueError("a schedule runs either a suite (suite_id) or tests (test_ids)")
        return self


class ScheduleChange(Body):
    """What to change; what is left out stays. `suite_id` takes the place of tests, `test_ids` of a suite."""

    name: Title | None = None
    cron: Cron | None = None
    time_zone: TimeZone | None = None
    suite_id: RowId | None = None
    test_ids: Annotated[TestIds, Field(min_length=1)] | None = None
    overrides: Overrides | None = None
    overlap: Overlap | None = None
    active: StrictBool | None = None

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.suite_id is not None and self.test_ids is not None:
            raise ValueError("a schedule runs either a suite (suite_id) or tests (test_ids)")
        return self


class ScheduleOut(BaseModel):
    """A schedule. `user_id` made it, and their execution settings are used. `next_runs` is empty while not active.

    `last_error`: why nothing was started when its time last came; null when something was.
    """

    id: str
    project_id: str
    user_id: str
    name: str
    cron: str
    time_zone: str
    suite_id: str | None
    test_ids: list[str]
    overrides: dict[str, Any]
    overlap: Overlap
    active: bool
    next_run_at: datetime | None
    last_run_at: datetime | None
    last_error: str | None
    next_runs: list[datetime]
    created_at: datetime
    updated_at: datetime


class TimesOut(BaseModel):
    """The next moments of a cron expression."""

    next_runs: list[datetime]
