"""What tests look like over HTTP: as YAML, and taken apart into the keys of a test file."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, StrictBool, StrictInt, model_validator

from tierwright.core.steps import Action, Condition
from tierwright.server.bodies import Body, Note, RowId, Text
from tierwright.server.problems import FieldProblem

Variables = dict[str, str]
Yaml = Annotated[str, Field(description="One test, as a test file has it.")]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)]
KnownVersion = Annotated[StrictInt, Field(ge=1, description="The version that was read; another now is a 409.")]


class CredentialsIn(Body):
    """User and password that a browser sends when a server asks (HTTP Basic)."""

    username: str
    password: str


class BrowserIn(Body):
    """How the browser of a test is opened; `viewport` such as `1280x720`."""

    viewport: str | None = None
    locale: str | None = None
    storage_state: str | None = None
    http_credentials: CredentialsIn | None = None


class StepIn(Body):
    """A step: the keys of a test file, or a plain `sentence` alone. A text instead of the object is a sentence."""

    sentence: str | None = None
    action: Action | None = None
    name: str | None = None
    instruction: str | None = None
    selector: str | None = None
    frame: list[str] | None = None
    condition: Condition | None = None
    attribute: str | None = None
    value: str | None = None
    key: str | None = None
    target: str | None = None
    files: list[str] | None = None
    timeout_seconds: Seconds | None = None
    optional: StrictBool | None = None

    @model_validator(mode="before")
    @classmethod
    def _sentences(cls, given: Any) -> Any:
        return {"sentence": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _sentence_alone(self) -> Self:
        if "sentence" in self.model_fields_set and len(self.model_fields_set) > 1:
            raise ValueError("a sentence says all of a step; leave the other keys out")
        return self


class TestSource(Body):
    """A test: either `yaml`, or `name` and `steps` and what else a test file may say."""

    __test__ = False

    yaml: Yaml | None = None
    name: str | None = None
    base_url: str | None = None
    tags: list[str] | None = None
    variables: Variables | None = None
    secrets: list[str] | None = None
    browser: BrowserIn | None = None
    examples: list[Variables] | None = None
    setup: list[StepIn] | None = None
    steps: list[StepIn] | None = None
    teardown: list[StepIn] | None = None
    note: Note = ""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        said = self.model_fields_set & set(TestSource.model_fields) - {"yaml", "note"}
        if self.yaml is not None and said:
            raise ValueError(f"send either yaml, or the parts of the test; not both ({', '.join(sorted(said))})")
        if self.yaml is None and not {"name", "steps"} <= said:
            raise ValueError("send yaml, or name and steps")
        return self


class TestNew(TestSource):
    """A test to make."""

    project_id: RowId | None = None


class TestChange(TestSource):
    """A test as it shall be from now on."""

    version: KnownVersion


class CloneIn(Body):
    """What the copy is called; left out, the name of the original and `(copy)`."""

    name: Text | None = None


class RestoreIn(Body):
    """The version that is current for whoever restores an older one."""

    version: KnownVersion


class CompileIn(Body):
    """A plain sentence."""

    sentence: str


class CheckIn(Body):
    """A test's text as somebody is writing it."""

    yaml: str


class OnConflict(StrEnum):
    """What an import does about a test whose name is taken."""

    FAIL = "fail"
    SKIP = "skip"
    UPDATE = "update"


class ImportIn(Body):
    """One or several YAML documents, each a test."""

    yaml: str
    on_conflict: OnConflict = OnConflict.FAIL
    project_id: RowId | None = None


# --- answers ----------------------------------------------------------------------------------------------


class StepOut(BaseModel):
    """A step. `title` is what reports call it; `sentence` is what was written, where it was a plain sentence."""

    title: str
    sentence: str | None
    action: Action
    name: str | None
    instruction: str
    selector: str | None
    frame: list[str]
    condition: Condition | None
    attribute: str | None
    value: str | None
    key: str | None
    target: str | None
    files: list[str]
    timeout_seconds: float | None
    optional: bool


class CredentialsOut(BaseModel):
    """User and password that a browser sends when a server asks."""

    username: str
    password: str


class BrowserOut(BaseModel):
    """How the browser of a test is opened."""

    viewport: str | None
    locale: str | None
    storage_state: str | None
    http_credentials: CredentialsOut | None


class LastRun(BaseModel):
    """The newest run of a test."""

    id: str
    status: str
    queued_at: datetime | None
    finished_at: datetime | None
    duration_ms: float | None


class TierMix(BaseModel):
    """How many steps each tier carried in one run, and how many failed."""

    run_id: str
    status: str
    tier1: int
    tier2: int
    tier3: int
    failed: int


class TestItem(BaseModel):
    """A test in a list."""

    __test__ = False

    id: str
    project_id: str
    name: str
    version: int
    tags: list[str]
    created_at: datetime
    updated_at: datetime
    last_run: LastRun | None = None
    tier_mix: list[TierMix] = Field(default=[], description="Of the last ten runs that ended, oldest first.")


class TestOut(TestItem):
    """A test, as YAML and taken apart. `problems`: what a newer Tierwright finds wrong in what an older one took."""

    yaml: str
    base_url: str | None = None
    variables: Variables = {}
    secrets: list[str] = []
    browser: BrowserOut | None = None
    examples: list[Variables] = []
    setup: list[StepOut] = []
    steps: list[StepOut] = []
    teardown: list[StepOut] = []
    problems: list[FieldProblem] = []


class TextProblem(FieldProblem):
    """What is wrong in a text. Line and column count from 1, and are 0 where it is about the whole text."""

    line: int
    column: int
    key: str = Field(description="The key that it is about; empty where it is about none.")


class CheckOut(BaseModel):
    """All that keeps a text from being stored, each with its place, `body.yaml:LINE:COLUMN`."""

    problems: list[TextProblem]


class VersionItem(BaseModel):
    """A version of a test in a list."""

    version: int
    note: str
    user_id: str | None
    created_at: datetime


class VersionOut(VersionItem):
    """A version of a test."""

    yaml: str


class DiffOut(BaseModel):
    """What changed between two versions, as a unified diff; empty where nothing did."""

    from_version: int
    to_version: int
    diff: str


class Imported(BaseModel):
    """A test that an import touched."""

    id: str
    name: str
    version: int


class ImportOut(BaseModel):
    """What an import did. `unchanged`: the same test was there already."""

    created: list[Imported]
    updated: list[Imported]
    unchanged: list[Imported]
    skipped: list[Imported]


class TagOut(BaseModel):
    """A tag, and how many tests of the project have it."""

    tag: str
    tests: int
