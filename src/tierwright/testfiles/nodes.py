"""YAML as nodes with their places, and strict readers of texts, numbers, lists and keys.

Nodes keep what was written: a number where text is meant stays the text `007`, and no date is made of `2024-01-01`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from tierwright.testfiles.problems import Problem, nearest

MAX_BYTES = 1024 * 1024
"""A test file larger than this is a mistake, not a test."""

_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset(f"{_TAG}{name}" for name in ("str", "int", "float", "bool", "null", "timestamp"))
_YES = frozenset({"yes", "no", "on", "off", "y", "n"})

Node = Any
"""A node of ruamel.yaml, which ships no types for them: `id`, `tag`, `value`, `start_mark`, `end_mark`."""


@dataclass(frozen=True, slots=True)
class Document:
    """The top node of one YAML document, and the text of its file."""

    root: Node
    source: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping and its value."""

    key: str
    key_node: Node
    node: Node


@dataclass(slots=True)
class Source:
    """A file being read. Its readers note what is wrong in `problems` and go on: all errors are told at once."""

    file: str
    problems: list[Problem]
    text: str = ""

    def problem(self, node: Node, message: str, *, key: str = "", near: str = "", offset: int = 0) -> None:
        """Note an error at a node, `offset` columns to the right of its start."""
        mark = node.start_mark
        self.problems.append(Problem(self.file, mark.line + 1, mark.column + 1 + offset, message, key, near))

    def entries(self, node: Node, valid: tuple[str, ...], what: str) -> dict[str, Entry]:
        """The entries of a mapping. Notes unknown and duplicate keys, and a node that is no mapping."""
        found: dict[str, Entry] = {}
        for entry in self.pairs(node, what):
            if entry.key not in valid:
                self._unknown(entry, valid, what)
            else:
                found[entry.key] = entry
        return found

    def _unknown(self, entry: Entry, valid: tuple[str, ...], what: str) -> None:
        if entry.key == "<<":
            message = 'merge keys ("<<") are not used in test files; "include" brings in the steps of another file'
            self.problem(entry.key_node, message, key=entry.key)
        elif " " in entry.key.strip():
            message = f'{_shown(entry.key)} is not a key; a sentence that holds ": " must stand in single quotes, whole'
            self.problem(entry.key_node, message, key=entry.key)
        else:
            message = f'unknown key "{entry.key}" in {what}'
            self.problem(entry.key_node, message, key=entry.key, near=nearest(entry.key, valid))

    def pairs(self, node: Node, what: str) -> Iterator[Entry]:
        """Keys and values of a mapping, keys of any name. Notes duplicates, and a node that is no mapping."""
        if node.id != "mapping":
            self.problem(node, f"{what} must be a mapping of keys and values, not {kind(node)}")
            return
        seen: set[str] = set()
        for key_node, value in node.value:
            if key_node.id != "scalar":
                self.problem(key_node, f"a key of {what} must be text, not {kind(key_node)}")
            elif key_node.value in seen:
                self.problem(key_node, f'the key "{key_node.value}" stands twice in {what}', key=key_node.value)
            else:
                seen.add(key_node.value)
                yield Entry(key_node.value, key_node, value)

    def text_of(self, node: Node, key: str) -> str | None:
        """A text, or a number as written. Notes everything else, and says how to write it."""
        if node.id == "mapping" and self.text.startswith("{{", node.start_mark.index):
            self.problem(node, f'"{key}" begins with {{{{: put it in quotes, for YAML reads {{ as a mapping', key=key)
        elif node.id != "scalar":
            self.problem(node, f'"{key}" must be text, not {kind(node)}', key=key)
        elif node.style is None and str(node.tag) == f"{_TAG}null":
            self.problem(node, f'"{key}" has no value; the empty text is written ""', key=key)
        elif node.style is None and str(node.tag) == f"{_TAG}bool":
            self.problem(
                node, f'"{key}" must be text, and {node.value} is true or false to YAML; put it in quotes', key=key
            )
        elif str(node.tag) not in _PLAIN_TAGS:
            self.problem(node, f'"{key}" has the YAML tag {node.tag}; tags are not used in test files', key=key)
        else:
            return str(node.value)
        return None

    def boolean(self, node: Node, key: str) -> bool:
        """`true` or `false`. Notes everything else; `yes` and `on` with the reason."""
        if node.id == "scalar" and node.style is None and str(node.tag) == f"{_TAG}bool":
            return str(node.value).lower() == "true"
        written = node.value if node.id == "scalar" else kind(node)
        why = f" (in YAML 1.2 {written} is a text)" if str(written).lower() in _YES else ""
        self.problem(node, f'"{key}" must be true or false, not {_shown(str(written))}{why}', key=key)
        return False

    def seconds(self, node: Node, key: str) -> float | None:
        """A number of seconds above 0."""
        written = str(node.value) if node.id == "scalar" and node.style is None else ""
        if re.fullmatch(r"\d+(\.\d*)?|\.\d+", written) and float(written) > 0:
            return float(written)
        shown = _shown(str(node.value)) if node.id == "scalar" else kind(node)
        self.problem(node, f'"{key}" must be a number of seconds above 0, not {shown}', key=key)
        return None

    def texts(self, node: Node, key: str, *, single: bool = False) -> tuple[str, ...]:
        """A list of texts; with `single` one text alone will do."""
        if single and node.id == "scalar":
            text = self.text_of(node, key)
            return () if text is None else (text,)
        if node.id != "sequence":
            self.problem(node, f'"{key}" must be a list of texts, not {kind(node)}', key=key)
            return ()
        found = [self.text_of(item, key) for item in node.value]
        return tuple(text for text in found if text is not None)

    def items(self, node: Node, key: str) -> list[Node]:
        """The items of a list."""
        if node.id == "sequence":
            return list(node.value)
        self.problem(node, f'"{key}" must be a list, not {kind(node)}', key=key)
        return []


def kind(node: Node) -> str:
    """What a node is, in words."""
    if node.id == "mapping":
        return "a mapping"
    if node.id == "sequence":
        return "a list"
    if node.style is None and str(node.tag) == f"{_TAG}null":
        return "nothing"
    return "text" if str(node.tag) == f"{_TAG}str" else f"the {str(node.tag).removeprefix(_TAG)} {node.value}"


def _shown(text: str) -> str:
    return f'"{text if len(text) <= 60 else text[:57] + "..."}"'


def read_source(path: Path, file: str, problems: list[Problem]) -> Source | None:
    """Read a file as UTF-8. Notes and returns None when it cannot be read, is too large, or is no UTF-8 text."""
    try:
        data = path.read_bytes()
    except OSError as error:
        problems.append(Problem(file, 0, 0, f"cannot be read: {error.strerror or error}"))
        return None
    if len(data) > MAX_BYTES:
        problems.append(Problem(file, 0, 0, f"is larger than {MAX_BYTES // 1024} KiB, which no test file is"))
        return None
    try:
        return Source(file, problems, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        problems.append(Problem(file, line, column, "is not UTF-8 text from here on"))
        return None


def documents(source: Source) -> list[Document]:
    """The documents of a file that hold anything. Notes what YAML does not understand."""
    found: list[Document] = []
    yaml = YAML(typ="safe", pure=True)
    try:
        for root in yaml.compose_all(source.text):
            if root is not None and not _is_empty(root):
                found.append(Document(root, source.text))
    except MarkedYAMLError as error:
        source.problems.append(_yaml_problem(source.file, error))
    except YAMLError as error:
        source.problems.append(Problem(source.file, 0, 0, f"is not YAML: {str(error).splitlines()[0]}"))
    except RecursionError:
        source.problems.append(Problem(source.file, 0, 0, "is nested too deeply"))
    return found


def _is_empty(root: Node) -> bool:
    return bool(root.id == "scalar" and root.style is None and str(root.tag) == f"{_TAG}null")


def _yaml_problem(file: str, error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    said = " ".join(str(part) for part in (error.context, error.problem) if part)
    hint = ""
    if "token" in said or "block" in said or "mapping values" in said:
        hint = ' (a sentence that begins with a quote or holds ": " must stand in single quotes, whole)'
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    return Problem(file, line, column, f"is not YAML: {said}{hint}")
