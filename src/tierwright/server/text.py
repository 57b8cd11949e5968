"""Parts that the bodies of requests are made of."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must hold no control characters")
    if text != text.strip():
        raise ValueError("must not begin or end with a space")
    return text


Title = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
"""A name that people give to a thing."""

Username = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]*$", max_length=64)]
"""A user's name; it is kept in small letters."""

Password = Annotated[SecretStr, Field(max_length=1024)]
"""A password as somebody types it; what a new one must be like is said in `security.passwords`."""


class Strict(BaseModel):
    """A request's body: fields that are not known are refused."""

    model_config = ConfigDict(extra="forbid")


def _say_that_nulls_are_refused(schema: dict[str, Any]) -> None:
    for name, field in schema.get("properties", {}).items():
        if field.get("default", "") is None and "anyOf" in field:
            (kind,) = (way for way in field["anyOf"] if way != {"type": "null"})
            kept = {key: value for key, value in field.items() if key not in ("anyOf", "default")}
            schema["properties"][name] = {**kind, **kept}


class Change(Strict):
    """A body in which everything may be left out and nothing may be null. Fields are `kind | None = None`."""

    model_config = ConfigDict(json_schema_extra=_say_that_nulls_are_refused)

    @model_validator(mode="after")
    def _no_nulls(self) -> Self:
        nulls = sorted(name for name in self.model_fields_set if getattr(self, name) is None)
        if nulls:
            raise ValueError(f"must not be null: {', '.join(nulls)}")
        return self
