"""What request bodies, paths and queries of projects' things have in common."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import Depends, Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from tierwright.server.access import Caller, ProjectAccess, project_for
from tierwright.server.platform import ThePlatform


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not hold the character NUL")
    return text


Text = Annotated[str, AfterValidator(_storable)]
"""Any text that a database can hold."""


def _title(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("must hold no control characters, and no space at its beginning or end")
    return text


Title = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_title)]
"""A name that people give to a thing."""

Note = Annotated[str, Field(max_length=2000), AfterValidator(_storable)]
"""A few words of a person about what they did."""

RowId = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_storable)]
"""The id of a thing, in a body."""

IdInPath = Annotated[str, Path(max_length=64), AfterValidator(_storable)]
"""The id of a thing, in the address."""


class Body(BaseModel):
    """A request's body: fields that are not known are refused, and null is not a way to leave one out."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="after")
    def _no_nulls(self) -> Self:
        nulls = sorted(name for name in self.model_fields_set if getattr(self, name) is None)
        if nulls:
            raise ValueError(f"must not be null: {', '.join(nulls)}")
        return self


async def project_asked(
    caller: Caller,
    platform: ThePlatform,
    project_id: Annotated[RowId | None, Query(description="Left out: your first project.")] = None,
) -> ProjectAccess:
    """The project that a list is asked of. Raises Problem (404)."""
    return await project_for(platform, caller, project_id)


ProjectAsked = Annotated[ProjectAccess, Depends(project_asked)]
