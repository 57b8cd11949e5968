"""What a test says: actions, conditions, steps and tests, frozen and typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Action(StrEnum):
    """What a step does; the words of the test file."""

    NAVIGATE = "navigate"
    GO_BACK = "go_back"
    RELOAD = "reload"
    CLICK = "click"
    DOUBLE_CLICK = "double_click"
    RIGHT_CLICK = "right_click"
    FILL = "fill"
    TYPE = "type"
    PRESS = "press"
    SELECT = "select"
    CHECK = "check"
    UNCHECK = "uncheck"
    HOVER = "hover"
    FOCUS = "focus"
    DRAG = "drag"
    UPLOAD = "upload"
    DOWNLOAD = "download"
    SCROLL = "scroll"
    WAIT_FOR = "wait_for"
    DIALOG = "dialog"
    SWITCH_PAGE = "switch_page"
    SCREENSHOT = "screenshot"
    EXPECT = "expect"


class Condition(StrEnum):
    """What an expect or wait_for step looks at."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    TEXT = "text"
    CONTAINS = "contains"
    MATCHES = "matches"
    VALUE = "value"
    COUNT = "count"
    CHECKED = "checked"
    UNCHECKED = "unchecked"
    ENABLED = "enabled"
    DISABLED = "disabled"
    ATTRIBUTE = "attribute"
    URL = "url"
    TITLE = "title"


PAGE_CONDITIONS = frozenset({Condition.URL, Condition.TITLE})
VALUE_CONDITIONS = frozenset(
    {
        Condition.TEXT,
        Condition.CONTAINS,
        Condition.MATCHES,
        Condition.VALUE,
        Condition.COUNT,
        Condition.ATTRIBUTE,
        Condition.URL,
        Condition.TITLE,
    }
)
JUDGING_ACTIONS = frozenset({Action.EXPECT, Action.WAIT_FOR})
ELEMENT_ACTIONS = frozenset(
    {
        Action.CLICK,
        Action.DOUBLE_CLICK,
        Action.RIGHT_CLICK,
        Action.FILL,
        Action.TYPE,
        Action.SELECT,
        Action.CHECK,
        Action.UNCHECK,
        Action.HOVER,
        Action.FOCUS,
        Action.DRAG,
        Action.UPLOAD,
    }
)
"""Actions that cannot do without an element. `press`, `scroll` and `screenshot` may have one."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a step was written. Line and column count from 1; `sentence` is the plain sentence, if it was one."""

    file: str = ""
    line: int = 0
    column: int = 0
    sentence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a test, with its `{{variables}}` unexpanded until the run binds them.

    `instruction` describes the element: a whole sentence as the user wrote it, or, in a step that was
    compiled from a plain sentence, the phrase that names the element (`the "Log out" button`).
    """

    action: Action
    instruction: str = ""
    selector: str | None = None
    value: str | None = None
    condition: Condition | None = None
    attribute: str | None = None
    frame: tuple[str, ...] = ()
    timeout_seconds: float | None = None
    optional: bool = False
    key: str | None = None
    target: str | None = None
    files: tuple[str, ...] = ()
    name: str | None = None
    origin: Origin = field(default=Origin(), compare=False)

    @property
    def title(self) -> str:
        """What reports call this step: its name, its sentence, its instruction, else action and selector."""
        return self.name or self.text or " ".join(w for w in (self.action.value, self.selector or self.value) if w)

    @property
    def text(self) -> str:
        """The words the user wrote for this step: the sentence where it was one, else the instruction."""
        return self.origin.sentence or self.instruction

    @property
    def judges(self) -> bool:
        """Whether the step only looks (expect, wait_for) and never acts."""
        return self.action in JUDGING_ACTIONS

    @property
    def needs_element(self) -> bool:
        """Whether the step is about an element of the page rather than the page itself."""
        if self.judges:
            return self.condition not in PAGE_CONDITIONS
        return self.action in ELEMENT_ACTIONS or bool(
            self.action in {Action.PRESS, Action.SCROLL, Action.SCREENSHOT} and (self.selector or self.instruction)
        )


@dataclass(frozen=True, slots=True)
class HttpCredentials:
    """User and password a browser sends when a server asks (HTTP Basic). Both may hold `{{variables}}`."""

    username: str
    password: str = field(repr=False)


LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")
"""What a browser takes for a locale; of anything else it does not start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserOptions:
    """How the browser of a test is opened. `viewport` is width and height in CSS pixels."""

    viewport: tuple[int, int] | None = None
    locale: str | None = None
    storage_state: str | None = None
    http_credentials: HttpCredentials | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCase:
    """One test of a file, its includes resolved. `examples` holds rows of variables: one run a row."""

    __test__ = False  # pytest must not collect it

    name: str
    file: str = ""
    line: int = 0
    base_url: str | None = None
    tags: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    secrets: tuple[str, ...] = ()
    browser: BrowserOptions = BrowserOptions()
    setup: tuple[Step, ...] = ()
    steps: tuple[Step, ...] = ()
    teardown: tuple[Step, ...] = ()
    examples: tuple[Mapping[str, str], ...] = ()

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Setup, steps and teardown in the order they run; a step's `index` counts through these."""
        return self.setup + self.steps + self.teardown
