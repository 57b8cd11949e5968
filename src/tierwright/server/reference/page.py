"""Turns an OpenAPI document into a page without scripts, so that it reads the same without the internet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined

Json = Mapping[str, Any]
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is: in words, and the schema of the page that it links to."""

    words: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or property. `place` is path, query, or empty for a property; `default` is as JSON writes it."""

    name: str
    kind: Kind
    required: bool
    note: str
    place: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    tag: str
    says: str
    fields: tuple[Field, ...]
    body: Kind | None
    answers: tuple[tuple[str, str, Kind | None], ...]
    open_to_all: bool


def reference_page(openapi: Json) -> str:
    """The page of an OpenAPI document."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files(__package__).joinpath("page.html.j2").read_text("utf-8"))
    operations = list(operations_of(openapi))
    tags = list(dict.fromkeys(operation.tag for operation in operations))
    schemas = openapi.get("components", {}).get("schemas", {})
    return template.render(
        info=openapi["info"],
        tags=[(tag, [operation for operation in operations if operation.tag == tag]) for tag in tags],
        schemas=[_schema(name, schema) for name, schema in sorted(schemas.items())],
    )


def operations_of(openapi: Json) -> Iterator[Operation]:
    """Every method of every path, in the document's order."""
    for path, methods in openapi["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield _operation(method, path, methods[method])


def _operation(method: str, path: str, said: Json) -> Operation:
    content = said.get("requestBody", {}).get("content", {})
    return Operation(
        method=method.upper(),
        path=path,
        tag=said.get("tags", ["other"])[0],
        says=said.get("description", said.get("summary", "")),
        fields=tuple(_parameter(parameter) for parameter in said.get("parameters", ())),
        body=next((kind_of(media["schema"]) for media in content.values() if "schema" in media), None),
        answers=tuple(_answer(status, answer) for status, answer in said["responses"].items()),
        open_to_all="security" not in said,
    )


def _parameter(said: Json) -> Field:
    schema, needed = said["schema"], said.get("required", False)
    return Field(said["name"], kind_of(schema), needed, said.get("description", ""), said["in"], default_of(schema))


def default_of(schema: Json) -> str:
    """What a value is when it is left out; empty where that is nothing, or null."""
    return json.dumps(schema["default"], ensure_ascii=False) if schema.get("default") is not None else ""


def _schema(name: str, said: Json) -> tuple[str, str, Kind | None, tuple[Field, ...]]:
    """A schema's name, what it is, what kind of value where it has no properties, and those that it has."""
    return name, said.get("description", ""), None if "properties" in said else kind_of(said), fields_of(said)


def _answer(status: str, said: Json) -> tuple[str, str, Kind | None]:
    kind = next((kind_of(media["schema"]) for media in said.get("content", {}).values() if "schema" in media), None)
    return status, said["description"], kind


def fields_of(schema: Json) -> tuple[Field, ...]:
    """The properties of a schema."""
    required = schema.get("required", ())
    return tuple(
        Field(name, kind_of(said), name in required, said.get("description", ""), default=default_of(said))
        for name, said in schema.get("properties", {}).items()
    )


def kind_of(schema: Json) -> Kind:
    """What a schema says a value is."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Kind(name, name)
    if "anyOf" in schema or "oneOf" in schema:
        kinds = [kind_of(way) for way in schema.get("anyOf", schema.get("oneOf"))]
        return Kind(" or ".join(kind.words for kind in kinds), next((kind.link for kind in kinds if kind.link), None))
    if schema.get("type") == "array":
        inner = kind_of(schema.get("items", {}))
        return Kind(" ".join([f"list of {inner.words}", *_limits(schema)]), inner.link)
    if isinstance(schema.get("additionalProperties"), Mapping) and "properties" not in schema:
        inner = kind_of(schema["additionalProperties"])
        return Kind(f"object of {inner.words} by name", inner.link)
    if "enum" in schema or "const" in schema:
        return Kind(" | ".join(map(str, schema.get("enum", [schema.get("const")]))))
    return Kind(" ".join([schema.get("format", schema.get("type", "anything")), *_limits(schema)]))


def _limits(schema: Json) -> Iterator[str]:
    for key, words in (
        ("minimum", "≥ {}"),
        ("exclusiveMinimum", "> {}"),
        ("maximum", "≤ {}"),
        ("minLength", "at least {} long"),
        ("maxLength", "at most {} long"),
        ("pattern", "like {}"),
        ("minItems", "at least {}"),
        ("maxItems", "at most {}"),
    ):
        if key in schema:
            yield words.format(schema[key])
