"""Reads a model's answer and checks it against the schema it was asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_FENCE = re.compile(r"^\s*```(?:json)?\s*(.*?)\s*```\s*$", re.DOTALL)

_TYPES: Mapping[str, Callable[[object], bool]] = {
    "object": lambda v: isinstance(v, Mapping),
    "array": lambda v: isinstance(v, Sequence) and not isinstance(v, str),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "integer": lambda v: isinstance(v, int | float) and not isinstance(v, bool) and float(v).is_integer(),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
}


class UnusableAnswerError(Exception):
    """An answer that cannot be used; `reason` says why, in words a model can act on."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_answer(text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer as a mapping that fits the schema. Raises UnusableAnswerError with the first reason why not."""
    fenced = _FENCE.match(text)
    try:
        answer = json.loads(fenced.group(1) if fenced else text)
    except ValueError as error:
        raise UnusableAnswerError(f"the answer is not valid JSON ({error})") from None
    if not isinstance(answer, dict):
        raise UnusableAnswerError("the answer is not a JSON object")
    reason = first_problem(answer, schema)
    if reason is not None:
        raise UnusableAnswerError(reason)
    return answer


def first_problem(answer: object, schema: Mapping[str, Any]) -> str | None:
    """Where an answer first breaks a JSON schema, or None.

    Knows types, enums, constants, properties, items, combinations, local references, lengths, ranges and
    patterns; a keyword it does not know is not checked.
    """
    return next(_Check(schema).problems(answer, schema, "the answer"), None)


@dataclass(frozen=True, slots=True)
class _Check:
    root: Mapping[str, Any]

    def problems(self, value: object, schema: object, where: str) -> Iterator[str]:
        if schema is False:
            yield f"{where} must not be there"
        if not isinstance(schema, Mapping):
            return
        if "$ref" in schema:
            yield from self.problems(value, self._resolved(str(schema["$ref"])), where)
        yield from _own_problems(value, schema, where)
        yield from self._combined(value, schema, where)
        if isinstance(value, Mapping):
            yield from self._members(value, schema, where)
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.problems(item, schema.get("items"), f"{where}[{index}]")

    def _resolved(self, reference: str) -> object:
        found: object = self.root
        for part in reference.removeprefix("#").split("/")[1:]:
            found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
        return found

    def _combined(self, value: object, schema: Mapping[str, Any], where: str) -> Iterator[str]:
        for part in schema.get("allOf", ()):
            yield from self.problems(value, part, where)
        for keyword in ("anyOf", "oneOf"):
            options = schema.get(keyword)
            if options and not any(self._fits(value, option, where) for option in options):
                yield f"{where} fits none of the {len(options)} shapes allowed there"

    def _fits(self, value: object, schema: object, where: str) -> bool:
        return next(self.problems(value, schema, where), None) is None

    def _members(self, value: Mapping[str, Any], schema: Mapping[str, Any], where: str) -> Iterator[str]:
        properties = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{where} has no {name!r}"
        for name, member in value.items():
            allowed = properties.get(name, schema.get("additionalProperties"))
            yield from self.problems(member, allowed, f"{where}.{name}")


def _own_problems(value: object, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_TYPES[kind](value) for kind in kinds if kind in _TYPES):
        yield f"{where} must be of type {' or '.join(kinds)}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} must be one of {json.dumps(schema['enum'])}"
    if "const" in schema and value != schema["const"]:
        yield f"{where} must be {json.dumps(schema['const'])}"
    if isinstance(value, str | list):
        yield from _length_problems(value, schema, where)
    if isinstance(value, int | float):
        yield from _range_problems(value, schema, where)


def _length_problems(value: str | list[Any], schema: Mapping[str, Any], where: str) -> Iterator[str]:
    kind = "Length" if isinstance(value, str) else "Items"
    if len(value) < schema.get(f"min{kind}", 0):
        yield f"{where} is too short"
    if len(value) > schema.get(f"max{kind}", len(value)):
        yield f"{where} is too long"
    pattern = schema.get("pattern")
    if isinstance(value, str) and isinstance(pattern, str) and not _matches(pattern, value):
        yield f"{where} does not match {pattern}"


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True  # JavaScript's dialect; what Python cannot read it does not judge


def _range_problems(value: float, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if value < schema.get("minimum", value) or value > schema.get("maximum", value):
        yield f"{where} is out of range"
