"""What is wrong in a test file, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of a test file. Line and column count from 1; 0 where there is none. `nearest` is a valid name."""

    file: str
    line: int
    column: int
    message: str
    key: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        hint = f'; did you mean "{self.nearest}"?' if self.nearest else ""
        return f"{place}: {self.message}{hint}"


def nearest(name: str, valid: Iterable[str]) -> str:
    """The valid name most like this one; empty when none is like it."""
    found = get_close_matches(name.lower().replace("-", "_").replace(" ", "_"), list(valid), 1, 0.6)
    return found[0] if found else ""
