"""What Playwright says of an action that failed, as the kind that decides who may continue."""

from __future__ import annotations

import pytest
from playwright.async_api import Error

from tierwright.core.errors import CrashedError, StepError
from tierwright.core.results import ErrorKind
from tierwright.page.failures import crashed, first_line, read_error, reading, step_error, unfinished, was_sent

CLICK = "Locator.click: Timeout 900ms exceeded.\nCall log:\n  - waiting for locator\n"


@pytest.mark.parametrize(
    ("log", "kind"),
    [
        ("    - <div id=veil></div> intercepts pointer events", ErrorKind.COVERED),
        ("    - element is not enabled", ErrorKind.DISABLED),
        ("    - element is not editable", ErrorKind.DISABLED),
        ("    - element is not visible", ErrorKind.HIDDEN),
        ("    - element is not stable", ErrorKind.COVERED),
        ("Error: Node is not an <input>", ErrorKind.MISMATCH),
        ("Error: strict mode violation", ErrorKind.AMBIGUOUS),
        ("Error: Element is not attached to the DOM", ErrorKind.STALE),
        ('Unknown key: "Foo"', ErrorKind.EXPECTATION),
        ("nothing that is known", ErrorKind.NOT_FOUND),
    ],
)
def test_the_call_log_tells_the_kind(log: str, kind: ErrorKind) -> None:
    error = step_error(Error(CLICK + log), "`#save`")
    assert error.kind is kind
    assert "`#save`" in error.message


def test_what_covers_it_is_named() -> None:
    error = step_error(Error(CLICK + "  - <div id=veil></div> intercepts pointer events"), "`#save`")
    assert "<div id=veil></div>" in error.message


@pytest.mark.parametrize(
    ("log", "sent"),
    [
        ("  - performing click action", True),
        ("  - performing click action\n  - <p></p> intercepts pointer events\n  - retrying click action", False),
        ("  - element is not visible", False),
    ],
)
def test_the_call_log_tells_whether_it_was_sent(log: str, sent: bool) -> None:
    """H-6: an action that something else intercepted reached nothing."""
    assert was_sent(Error(CLICK + log)) is sent


def test_an_unfinished_action_is_unverified() -> None:
    """H-6: what was sent and did not finish may not be sent again by anybody."""
    assert unfinished(Error(CLICK + "  - performing click action"), "`#save`").kind is ErrorKind.UNVERIFIED


def test_a_page_that_cannot_be_read() -> None:
    assert isinstance(read_error(Error("Target crashed"), "it"), CrashedError)
    gone = read_error(Error("Frame was detached"), "it")
    assert isinstance(gone, StepError)
    assert gone.kind is ErrorKind.STALE
    wrong = read_error(Error("'[[' is not a valid selector"), "`[[`")
    assert isinstance(wrong, StepError)
    assert wrong.kind is ErrorKind.NOT_FOUND
    with pytest.raises(StepError, match="went away"), reading("the frame"):
        raise Error("Execution context was destroyed")


def test_small_things() -> None:
    assert crashed(Error("Page crashed"))
    assert first_line("") == "no reason given"
    assert first_line("one\ntwo") == "one"
