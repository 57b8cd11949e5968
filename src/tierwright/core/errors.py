"""The error tree.

TierwrightError                what this package raises on purpose
├── UsageError                 the command, a file or a setting is wrong (exit 2)
├── MachineryError             browser, database or disk failed; the page is not to blame (exit 3)
│   ├── BrowserMissingError    no browser could be found or installed
│   └── CrashedError           the browser or the worker died in mid-run
└── StepError                  a step did not pass; its `kind` decides who may continue
    └── ModelError             a model timed out, refused, answered nonsense, or its budget is used up

Anything else that escapes is a bug, and ends the run as `error`.
"""

from __future__ import annotations

from tierwright.core.results import ErrorKind, Failure, Usage


class TierwrightError(Exception):
    """What this package raises on purpose."""


class UsageError(TierwrightError):
    """The command, a file or a setting is wrong; the message names the place and the way out."""


class MachineryError(TierwrightError):
    """The machinery broke, not the page."""


class BrowserMissingError(MachineryError):
    """No browser could be found or installed; the message says what was tried and what to do."""


class CrashedError(MachineryError):
    """The browser, or the page's process, died in mid-run."""


class StepError(TierwrightError):
    """A step did not pass. `kind` decides which tier may continue."""

    def __init__(self, kind: ErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message

    @property
    def failure(self) -> Failure:
        """The same as a value for results."""
        return Failure(self.kind, self.message)


class ModelError(StepError):
    """A model call did not bring an answer; `usage` is what it cost all the same."""

    def __init__(self, message: str, usage: Usage = Usage(), kind: ErrorKind = ErrorKind.MODEL) -> None:
        super().__init__(kind, message)
        self.usage = usage


ESCALATING = frozenset(
    {
        ErrorKind.NOT_FOUND,
        ErrorKind.AMBIGUOUS,
        ErrorKind.MISMATCH,
        ErrorKind.STALE,
        ErrorKind.MODEL,
        ErrorKind.UNAVAILABLE,
    }
)
"""Kinds after which the strategy's next tier may try."""

REACHING = frozenset({ErrorKind.HIDDEN})
"""Kinds after which only tier 3 may try, and only to reach the element first."""
