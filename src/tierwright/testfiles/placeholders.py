"""Whether every `{{name}}` of a test is defined, and put into the steps of included files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from tierwright.core.steps import Step
from tierwright.core.variables import PLACEHOLDER

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_BRACES = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


def texts_of(step: Step) -> Iterator[str]:
    """Every text of a step that may hold variables."""
    yield from (step.instruction, *step.frame, *step.files)
    yield from (text for text in (step.selector, step.value, step.attribute, step.key, step.target) if text)


def names_in(text: str) -> list[str]:
    """The variables a text uses, in order."""
    return [found.group(1) for found in PLACEHOLDER.finditer(text)]


def malformed_in(text: str) -> list[str]:
    """What stands in double braces and can be no variable."""
    return [found.group(0) for found in _BRACES.finditer(text) if not PLACEHOLDER.fullmatch(found.group(0))]


def substitute(step: Step, values: Mapping[str, str]) -> Step:
    """The step with some of its variables replaced by other texts, which may be variables again."""

    def put(text: str) -> str:
        return PLACEHOLDER.sub(lambda found: values.get(found.group(1), found.group(0)), text)

    def maybe(text: str | None) -> str | None:
        return None if text is None else put(text)

    sentence = step.origin.sentence
    return replace(
        step,
        instruction=put(step.instruction),
        selector=maybe(step.selector),
        value=maybe(step.value),
        attribute=maybe(step.attribute),
        key=maybe(step.key),
        target=maybe(step.target),
        frame=tuple(put(text) for text in step.frame),
        files=tuple(put(text) for text in step.files),
        origin=replace(step.origin, sentence=maybe(sentence)),
    )
