"""What secrets look like over HTTP: names, and no values."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, Field, SecretStr

from tierwright.server.text import Strict

SecretName = Annotated[
    str,
    Path(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$", max_length=100, description="As tests name it in `secrets:`."),
]


class SecretOut(BaseModel):
    """A secret that is set."""

    name: str
    updated_at: datetime


class SecretsOut(BaseModel):
    """All secrets of a project, by name."""

    items: list[SecretOut]


class SecretValue(Strict):
    """The value of a secret."""

    value: Annotated[SecretStr, Field(min_length=1, max_length=10_000)]
