"""A project's settings, as they are stored, checked and read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, StrictFloat, StrictInt, model_validator

from tierwright.browser.access import host_rule
from tierwright.core.settings import HealPolicy
from tierwright.models.providers import PROVIDERS
from tierwright.server.text import Change


def _host(text: str) -> str:
    """One entry of `allowed_hosts`, as `host_rule` reads it."""
    host_rule(text)
    return text.strip().lower()


def _http_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or not text.isprintable():
        raise ValueError("is not an address; write https://host/path, without user or password")
    return text


def _model_name(text: str) -> str:
    kind, _, name = text.partition(":")
    if text != "local" and (kind not in PROVIDERS or not name or not text.isprintable()):
        raise ValueError(f"is not a model; write local, or one of {', '.join(f'{known}:NAME' for known in PROVIDERS)}")
    return text


Host = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_host)]
ModelName = Annotated[str, Field(max_length=200), AfterValidator(_model_name)]
Days = Annotated[StrictInt, Field(ge=1, le=3650)]


class Retention(Change):
    """How long runs and their artifacts are kept; what is left out is kept until it is deleted."""

    model_config = ConfigDict(frozen=True)

    runs: Days | None = None
    artifacts: Days | None = None


class ProjectSettings(Change):
    """How a project's tests run.

    `allowed_hosts` may be opened by its browsers although they are on this machine or in a private network. `model`
    and `model_base_url` left out are the server's. `budget_usd` is for a calendar month in UTC; left out there is no
    limit. `concurrency` is how many of its runs go at once. A change replaces all settings.
    """

    model_config = ConfigDict(frozen=True)

    allowed_hosts: Annotated[tuple[Host, ...], Field(max_length=200)] = ()
    budget_usd: Annotated[StrictFloat | StrictInt, Field(ge=0, le=1_000_000)] | None = None
    heal_policy: HealPolicy = HealPolicy.WARN
    model: ModelName | None = None
    model_base_url: Annotated[str, Field(max_length=2000), AfterValidator(_http_address)] | None = None
    retention_days: Retention = Retention()
    concurrency: Annotated[StrictInt, Field(ge=1, le=64)] = 4

    @model_validator(mode="after")
    def _an_address_belongs_to_a_model(self) -> Self:
        if self.model_base_url is not None and self.model in (None, "local"):
            raise ValueError("model_base_url needs a model of a provider, such as openai-compatible:NAME")
        return self


ADMINS_ALONE = ("allowed_hosts", "model_base_url")
"""Where browsers may go, and where the server's keys of a provider are sent: for administrators of the installation."""


def project_settings(stored: Mapping[str, Any]) -> ProjectSettings:
    """The settings in a project's row, with the defaults for what it does not say."""
    return ProjectSettings.model_validate_json(json.dumps(stored))
