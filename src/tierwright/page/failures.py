"""From Playwright's errors to the kinds that decide who may continue (healing.md, section 2).

Playwright's call log is the only witness of an action that did not finish; tests/browser/actions/test_half_done.py
proves for every action what the installed version writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from tierwright.core.deadline import Deadline
from tierwright.core.errors import CrashedError, StepError
from tierwright.core.results import ErrorKind

_POINTER = re.compile(r"performing .+ action")
_BLOCKED = re.compile(r"intercepts pointer events|retrying .+ action")
_PICKED_UP = "move and down action done"
_KEYS = ("elementHandle.type(", "elementHandle.press(")
_IN_PAGE = ("waiting for element to be visible, enabled and editable", "waiting for element to be visible and enabled")
_SILENT = ("Locator.set_input_files", "Locator.focus")
_INTERRUPTED = ("Timeout", "has been closed", "Execution context was destroyed", "Frame was detached")

_FOUND = "locator resolved to"
_COVERED = re.compile(r"- (.+?) intercepts pointer events")
_CRASHED = ("crashed", "Connection closed")
_CLOSED = "has been closed"
_DETACHED = ("Execution context was destroyed", "was detached", "not attached", "Frame was detached", "not connected")
_BAD_SELECTOR = (
    "is not a valid selector",
    "is not a valid XPath",
    "Unexpected token",
    "Unknown engine",
    "while parsing",
)
_CANNOT = (
    "is not an <input>",
    "Not a checkbox",
    "is not a <select>",
    "Node is not",
    "Element is not a",
    "cannot be filled",
)


TELL_SECONDS = 0.3
"""Time kept before a tier's deadline to find out, and to say, what became of an action or an expectation."""


def with_time_to_tell(deadline: Deadline) -> Deadline:
    """A little before the deadline: Playwright must give up first, because only its call log knows the reason."""
    return deadline.earlier(min(TELL_SECONDS, deadline.remaining_seconds / 5))


def crashed(error: PlaywrightError) -> bool:
    """Whether the browser's or the page's process died."""
    return any(sign in str(error) for sign in _CRASHED)


def closed(error: PlaywrightError) -> bool:
    """Whether the tab is gone: closed by its own script, or with the browser."""
    return _CLOSED in str(error)


def was_sent(error: PlaywrightError) -> bool:
    """Whether Playwright had sent the action, or may have, before it gave up; its call log tells.

    A pointer action that something intercepted was blocked by Playwright and reached nothing. Fields are filled,
    options chosen and files set in one go inside the page: interrupted after the look at the element, it is in doubt.
    """
    log = str(error)
    if _PICKED_UP in log:
        return True
    performed = [found.end() for found in _POINTER.finditer(log)]
    if performed:
        return not _BLOCKED.search(log, performed[-1])
    if not any(sign in log.partition("\n")[0] for sign in _INTERRUPTED):
        return False
    return any(sign in log for sign in _KEYS) or _stopped_inside(log)


def _stopped_inside(log: str) -> bool:
    """Whether it was interrupted while the page itself did what was asked."""
    last = log.rstrip().rpartition("\n")[2]
    if log.startswith(_SILENT):
        return _FOUND in last
    return last.endswith(_IN_PAGE) and not _unusable(log)


def _unusable(log: str) -> bool:
    """The element was seen disabled or read-only before: it did not take the action, and no tier may try again."""
    return any(sign in log for signs, kind, _ in _KINDS if kind is ErrorKind.DISABLED for sign in signs)


_KINDS: tuple[tuple[tuple[str, ...], ErrorKind, str], ...] = (
    (
        ("element is not enabled", "option being selected is not enabled", "element is inert"),
        ErrorKind.DISABLED,
        "is there, but disabled",
    ),
    (("element is not editable",), ErrorKind.DISABLED, "is there, but read-only"),
    (("element is not visible", "outside of the viewport"), ErrorKind.HIDDEN, "is there, but not visible"),
    ((*_DETACHED, _CLOSED), ErrorKind.STALE, "went away before the action was sent"),
    (_CANNOT, ErrorKind.MISMATCH, "cannot take this action"),
    (("Cannot uncheck radio",), ErrorKind.EXPECTATION, "is a radio button: it is unchecked by checking another one"),
    (("Cannot type text into",), ErrorKind.EXPECTATION, "is a number field, and the value is not a number"),
    (("Non-multiple file input",), ErrorKind.EXPECTATION, "takes one file only"),
    (("strict mode violation",), ErrorKind.AMBIGUOUS, "is not the only element that matches"),
    (("Unknown key",), ErrorKind.EXPECTATION, "cannot be sent this key: there is none of this name"),
    (("element is not stable",), ErrorKind.COVERED, "never stopped moving"),
)
"""What Playwright's call log says of an element it could not use, the most telling first."""


def step_error(error: PlaywrightError, what: str) -> StepError:
    """The kind and the words for an action that was not sent. `what` names the element."""
    log = str(error)
    covered = _COVERED.findall(log)
    if covered:
        return StepError(ErrorKind.COVERED, f"{what} is covered by {covered[-1].strip()}")
    for signs, kind, words in _KINDS:
        if any(sign in log for sign in signs):
            return StepError(kind, f"{what} {words}")
    if _FOUND in log:
        return StepError(ErrorKind.COVERED, f"{what} is there, but was not ready to be used in time")
    return StepError(ErrorKind.NOT_FOUND, f"{what} was not there in time: {first_line(log)}")


def unfinished(error: PlaywrightError, what: str) -> StepError:
    """The kind and the words for an action that was sent and did not finish: no tier may send it again (H-6)."""
    log = str(error)
    if _PICKED_UP not in log:
        return StepError(ErrorKind.UNVERIFIED, f"the action on {what} was sent, and did not finish in time")
    covered = _COVERED.findall(log.rpartition(_PICKED_UP)[2])
    why = (
        f"where to drop it is covered by {covered[-1].strip()}" if covered else "where to drop it was not ready in time"
    )
    return StepError(ErrorKind.COVERED if covered else ErrorKind.UNVERIFIED, f"{what} was picked up, but {why}")


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Code that only reads the page: its Playwright errors become `stale`, `not_found` or a crash."""
    try:
        yield
    except PlaywrightError as error:
        raise read_error(error, what) from error


def read_error(error: PlaywrightError, what: str) -> StepError | CrashedError:
    """The kind and the words for a page that could not be read."""
    if crashed(error):
        return CrashedError(first_line(str(error)))
    if is_bad_selector(str(error)):
        return StepError(ErrorKind.NOT_FOUND, f"{what} is not a valid selector: {first_line(str(error))}")
    if isinstance(error, PlaywrightTimeoutError):
        return StepError(ErrorKind.STALE, f"{what} did not answer while it was read: {first_line(str(error))}")
    return StepError(ErrorKind.STALE, f"{what} went away while it was read: {first_line(str(error))}")


def is_bad_selector(words: str) -> bool:
    """Whether Playwright's words say that a selector cannot be read, on this page or any other."""
    return any(sign in words for sign in _BAD_SELECTOR)


def first_line(text: str) -> str:
    """The first line of an error, at most 200 characters."""
    return text.strip().splitlines()[0][:200] if text.strip() else "no reason given"
