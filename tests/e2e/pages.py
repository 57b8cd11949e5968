"""The examples of a page: what stands below a comment such as `<!-- run -->`, in the page's order."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

DOCS = Path(__file__).parents[2] / "docs"
_EXAMPLE = re.compile(r"<!-- (run|call|settings|unit|toml|nginx)(?:: ([^>]*?))? -->\n```\w+\n(.*?)```", re.DOTALL)
_PLACE = re.compile(r"\{(\w+)\.(\w+)\}")
_MARK = "@@ ended with"


@dataclass(frozen=True)
class Example:
    """A block of a page. `note` is what its comment says besides its kind."""

    kind: str
    note: str
    text: str


def examples(page: str) -> list[Example]:
    """The examples of a page of docs/."""
    return [Example(*found) for found in _EXAMPLE.findall((DOCS / page).read_text(encoding="utf-8"))]


def renamed(text: str, names: Mapping[str, str]) -> str:
    """A text with the page's names replaced by those of a test, the longest first."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, names[name])
    return text


# --- commands ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    """A command, and what the page shows of its output."""

    words: str
    shown: str


def commands(text: str) -> Iterator[Command]:
    """The commands of a block; `> ` goes on with the one above."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        more = next((at for at, line in enumerate(lines[1:], 1) if not line.startswith("> ")), len(lines))
        words = "\n".join([lines[0], *(line.removeprefix("> ") for line in lines[1:more])])
        yield Command(words, "\n".join(lines[more:]))


def run_all(given: Iterable[Command], folder: Path, env: Mapping[str, str], seconds: float) -> list[str]:
    """Run commands in one shell, one after the other; what each of them wrote.

    Raises AssertionError for the first that fails, or writes otherwise than shown; `…` stands for anything.
    """
    wanted = list(given)
    script = "\n".join(f"{one.words}\nprintf '\\n{_MARK} %s\\n' $?" for one in wanted)
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=dict(env), capture_output=True, text=True, timeout=seconds, check=False
    )
    wrote = re.findall(rf"(.*?)\n{_MARK} (\d+)\n", done.stdout, re.DOTALL)
    assert len(wrote) == len(wanted), f"{done.stdout}\n{done.stderr}"
    for one, (output, code) in zip(wanted, wrote, strict=True):
        assert code == "0", f"{one.words}\nended with {code}:\n{output}\n{done.stderr}"
        assert shows(one.shown, output), f"{one.words}\nwrote\n{output}\nand the page says\n{one.shown}"
    return [output for output, _ in wrote]


def shows(page: str, output: str) -> bool:
    """Whether an output is what a page shows; a page that shows none leaves it open."""
    pattern = ".*?".join(re.escape(part) for part in page.strip().split("…"))
    return not page.strip() or re.fullmatch(pattern, output.strip(), re.DOTALL) is not None


# --- requests ---------------------------------------------------------------------------------------------


@dataclass
class Calls:
    """Makes the requests of a page; `{name.key}` stands for what the answer called `name` had there."""

    client: httpx.Client
    answers: dict[str, dict[str, Any]]

    def make(self, example: Example) -> None:
        """Send the request, and see that the answer has the status that the page says."""
        status, _, name = example.note.partition(" ")
        line, _, body = self._filled(example.text).partition("\n")
        method, path = line.split()
        answer = self.client.request(method, path, json=json.loads(body) if body.strip() else None)
        assert answer.status_code == int(status), f"{line}: {answer.status_code} {answer.text}"
        if name:
            self.answers[name] = answer.json()

    def _filled(self, text: str) -> str:
        return _PLACE.sub(lambda found: str(self.answers[found[1]][found[2]]), text)
