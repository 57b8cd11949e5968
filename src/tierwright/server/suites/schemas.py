"""What suites look like over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StrictInt

from tierwright.server.bodies import Body, Note, RowId, Title

MOST_TESTS = 2000

TestIds = Annotated[list[RowId], Field(max_length=MOST_TESTS)]
Position = Annotated[StrictInt, Field(ge=0, le=MOST_TESTS, description="Counts from 0; beyond the end is the end.")]


class SuiteNew(Body):
    """A suite to make."""

    name: Title
    description: Note = ""
    test_ids: TestIds = Field(default_factory=list)
    project_id: RowId | None = None


class SuiteChange(Body):
    """What to change; what is left out stays. `test_ids` replaces all tests and their order."""

    name: Title | None = None
    description: Note | None = None
    test_ids: TestIds | None = None


class TestsAdded(Body):
    """Tests to add, at a position or at the end."""

    __test__ = False

    test_ids: Annotated[TestIds, Field(min_length=1)]
    position: Position | None = None


class Moved(Body):
    """Where a test shall stand."""

    position: Position


class SuiteTest(BaseModel):
    """A test of a suite."""

    id: str
    name: str
    version: int
    tags: list[str]


class SuiteRun(BaseModel):
    """The runs that somebody, or a schedule, last started of a suite: how many stand how."""

    group_id: str
    queued_at: datetime
    statuses: dict[str, int]


class SuiteItem(BaseModel):
    """A suite in a list."""

    id: str
    project_id: str
    name: str
    description: str
    test_count: int
    created_at: datetime
    updated_at: datetime
    last_run: SuiteRun | None = None


class SuiteOut(SuiteItem):
    """A suite and its tests in their order."""

    tests: list[SuiteTest]
