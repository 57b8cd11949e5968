"""Texts and steps as YAML, written so that reading gives them back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tierwright.core.steps import Origin, Step

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./()-]*( [A-Za-z0-9_./()-]+)*")
_WORDS_OF_YAML = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


def yaml_text(text: str) -> str:
    """A text as one line of YAML: plain where that is safe, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS_OF_YAML and len(text) < 100:
        return text
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def yaml_list(texts: Sequence[str]) -> str:
    """Texts as a list on one line."""
    return f"[{', '.join(yaml_text(text) if ',' not in text else _quoted(text) for text in texts)}]"


def _quoted(text: str) -> str:
    return '"' + "".join(_escaped(char) for char in text) + '"'


def yaml_map(values: Mapping[str, str]) -> str:
    """Names and texts as a mapping on one line."""
    return f"{{{', '.join(f'{yaml_text(name)}: {_quoted(value)}' for name, value in values.items())}}}"


def frame_text(frame: Sequence[str]) -> str:
    """The value of a step's `frame` key."""
    return yaml_text(frame[0]) if len(frame) == 1 else yaml_list(frame)


def step_pairs(step: Step) -> Iterator[tuple[str, str]]:
    """The keys of a step and their values as YAML, in the order test files have them."""
    yield "action", step.action.value
    texts = (("name", step.name), ("instruction", step.instruction or None), ("selector", step.selector))
    yield from ((key, yaml_text(text)) for key, text in texts if text is not None)
    if step.frame:
        yield "frame", frame_text(step.frame)
    if step.condition is not None:
        yield "condition", step.condition.value
    more = (("attribute", step.attribute), ("value", step.value), ("key", step.key), ("target", step.target))
    yield from ((key, yaml_text(text)) for key, text in more if text is not None)
    if step.files:
        yield "files", yaml_list(step.files)
    if step.timeout_seconds is not None:
        yield "timeout_seconds", f"{step.timeout_seconds:f}".rstrip("0").rstrip(".")
    if step.optional:
        yield "optional", "true"


def without_origin(step: Step) -> Step:
    """The step alone, for comparing what it means."""
    return replace(step, origin=Origin())
