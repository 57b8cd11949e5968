"""The API's reference at /docs leaves nothing of the OpenAPI out."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.server.rows import operations

from tierwright.server.app import create_app
from tierwright.server.reference.page import kind_of, reference_page
from tierwright.server.settings import ServerSettings

OPENAPI: dict[str, Any] = create_app(ServerSettings()).openapi()
SCHEMAS: dict[str, Any] = OPENAPI["components"]["schemas"]


@pytest.fixture(scope="module")
def page() -> str:
    return reference_page(OPENAPI)


def section(page: str, begin: str) -> str:
    """From a heading or an operation to the next one, without markup."""
    assert page.count(begin) == 1, begin
    part = re.split(r"<h[23] |</details>", page.partition(begin)[2])[0]
    return html.unescape(re.sub(r"<[^>]+>", " ", part))


def test_every_operation_is_there_with_its_parameters_body_and_answers(page: str) -> None:
    for operation in operations(OPENAPI):
        method, path = operation.method.upper(), operation.name.partition(" ")[2]
        said = section(page, f'<span class="method">{method}</span> <span class="path">{path}</span>')
        assert operation.said["description"].split("\n")[0] in said, f"{method} {path} is not described"
        for parameter in operation.said.get("parameters", ()):
            assert re.search(rf"\b{parameter['name']}\b.*\b{parameter['in']}\b", said, re.DOTALL), parameter["name"]
        for status in operation.said["responses"]:
            assert f" {status} " in said, f"{method} {path}: {status}"
        for media in operation.said.get("requestBody", {}).get("content", {}).values():
            assert f"Body:  {kind_of(media['schema']).words}" in said, f"{method} {path}: its body"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_there_with_its_properties_values_and_defaults(page: str, name: str) -> None:
    said = section(page, f'id="schema-{name}"')
    assert SCHEMAS[name].get("description", "").split("\n")[0] in said
    for word in words_of(SCHEMAS[name]):
        assert word in said, word


def words_of(schema: dict[str, Any]) -> Iterator[str]:
    yield from map(str, schema.get("enum", ()))
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield kind_of(inner).words
        if inner.get("default") is not None:
            yield f"Default:  {json.dumps(inner['default'], ensure_ascii=False)}"


def test_kinds_are_said_in_words() -> None:
    assert kind_of({"type": "object", "additionalProperties": {"type": "string"}}).words == "object of string by name"
    several = {"type": "array", "items": {"$ref": "#/components/schemas/Scope"}, "minItems": 1}
    assert (kind_of(several).words, kind_of(several).link) == ("list of Scope at least 1", "Scope")
    assert kind_of({"enum": ["a", "b"], "type": "string"}).words == "a | b"
