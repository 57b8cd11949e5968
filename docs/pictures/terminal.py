"""Draws what a command printed as an SVG: `./dev demo | .venv/bin/python docs/pictures/terminal.py "./dev demo"`."""

from __future__ import annotations

import io
import re
import sys

from rich.console import Console
from rich.text import Text

WIDTH = 110
_FONTS = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
"""Fonts from elsewhere: a picture of ours loads nothing."""


def drawn(command: str, output: str) -> str:
    """The SVG of a terminal in which a command printed this."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), highlight=False)
    console.print(Text(f"$ {command}", style="bold"))
    for line in output.splitlines():
        console.print(Text(line, style=_style(line), no_wrap=True, overflow="ellipsis"))
    return _FONTS.sub("", console.export_svg(title="tierwright"))


def _style(line: str) -> str:
    word = line.strip().partition(" ")[0]
    return {"PASS": "green", "FAIL": "bold red"}.get(word, "bold" if line[:1].isdigit() else "")


if __name__ == "__main__":
    sys.stdout.write(drawn(sys.argv[1], sys.stdin.read()))
