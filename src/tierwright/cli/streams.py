"""The streams of the process, and what may be written to each."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True, slots=True)
class Streams:
    """Where a command writes, and the environment that says how."""

    stdout: TextIO
    stderr: TextIO
    environ: Mapping[str, str]

    @classmethod
    def of_process(cls) -> Streams:
        """The process's own, made safe for text that their encoding does not know."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        return cls(sys.stdout, sys.stderr, os.environ)

    def is_terminal(self, stream: TextIO) -> bool:
        """Whether a person looks at this stream on a terminal that can move its cursor."""
        return stream.isatty() and self.environ.get("TERM") != "dumb"

    def has_colour(self, stream: TextIO) -> bool:
        """Whether colour codes are wanted: never in a pipe, never under NO_COLOR (https://no-color.org)."""
        return self.is_terminal(stream) and not self.environ.get("NO_COLOR")
