"""Answers are checked here, whatever the provider promises."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierwright.models.answers import UnusableAnswerError, first_problem, read_answer

OBJECT = {"type": "object"}


@pytest.mark.parametrize("text", ["", "hello", "[1]", "null", '"x"', "{", '{"a": 1} trailing'])
def test_what_is_no_json_object_is_unusable(text: str) -> None:
    with pytest.raises(UnusableAnswerError):
        read_answer(text, OBJECT)


@pytest.mark.parametrize("text", ['{"a": 1}', ' {"a": 1}\n', '```json\n{"a": 1}\n```', '```\n{"a": 1}```'])
def test_an_object_is_read_with_or_without_fences(text: str) -> None:
    assert read_answer(text, OBJECT) == {"a": 1}


def schema(**member: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"v": member}, "required": ["v"]}


@pytest.mark.parametrize(
    ("member", "good", "bad", "reason"),
    [
        ({"type": "string"}, "x", 1, "must be of type string"),
        ({"type": "integer"}, 2, 2.5, "must be of type integer"),
        ({"type": "integer"}, 2.0, True, "must be of type integer"),
        ({"type": "integer"}, 0, float("inf"), "must be of type integer"),
        ({"type": "number"}, 2.5, "2.5", "must be of type number"),
        ({"type": "boolean"}, False, 0, "must be of type boolean"),
        ({"type": ["string", "null"]}, None, 0, "must be of type string or null"),
        ({"type": "array", "items": {"type": "string"}}, ["a"], ["a", 1], r"v\[1\] must be of type string"),
        ({"type": "array", "minItems": 1}, [1], [], "too short"),
        ({"type": "array", "maxItems": 1}, [1], [1, 2], "too long"),
        ({"type": "string", "minLength": 2}, "ab", "a", "too short"),
        ({"type": "string", "maxLength": 2}, "ab", "abc", "too long"),
        ({"type": "string", "pattern": r"^\d+-\d+$"}, "0-5", "5", "does not match"),
        ({"minimum": 1, "maximum": 3}, 3, 4, "out of range"),
        ({"minimum": 1, "maximum": 3}, 1, 0, "out of range"),
        ({"enum": ["click", "fill"]}, "click", "erase", 'must be one of \\["click", "fill"\\]'),
        ({"const": 5}, 5, 6, "must be 5"),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, None, 5, "fits none of the 2 shapes"),
        ({"oneOf": [{"type": "null"}, {"type": "string"}]}, "x", 5, "fits none of the 2 shapes"),
        ({"allOf": [{"type": "string"}, {"minLength": 2}]}, "xy", "x", "too short"),
        ({"type": "object", "additionalProperties": False}, {}, {"w": 1}, "v.w must not be there"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {"w": "a"}, {"w": 1}, "v.w must be of type"),
        ({"properties": {"w": {"const": 1}}, "required": ["w"]}, {"w": 1}, {}, "has no 'w'"),
    ],
)
def test_each_keyword_lets_the_good_pass_and_names_the_bad(
    member: dict[str, Any], good: object, bad: object, reason: str
) -> None:
    assert first_problem({"v": good}, schema(**member)) is None
    problem = first_problem({"v": bad}, schema(**member))
    assert problem is not None
    assert problem.startswith("the answer.v")
    assert re.search(reason, problem)


def test_local_references_are_followed() -> None:
    tree = {
        "$ref": "#/$defs/node",
        "$defs": {
            "node": {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}}
        },
    }
    assert first_problem({"next": {"next": None}}, tree) is None
    assert first_problem({"next": {"next": 5}}, tree) is not None


def test_a_pattern_of_another_dialect_is_not_judged() -> None:
    assert first_problem({"v": "x"}, schema(type="string", pattern=r"(?<name>x)\p{L}")) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), JSON))
def test_an_open_schema_takes_any_object(answer: dict[str, Any]) -> None:
    assert first_problem(answer, OBJECT) is None


@given(JSON)
def test_whatever_a_model_says_is_judged_and_never_crashes(value: object) -> None:
    member = {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"enum": [1, "a"]}, {"type": "object"}]}
    fits = isinstance(value, dict) or value in (1, "a")
    fits = fits or (isinstance(value, list) and all(type(v) in (int, float) and float(v).is_integer() for v in value))
    assert (first_problem({"v": value}, schema(**member)) is None) == fits
