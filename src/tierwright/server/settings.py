"""What a server needs to know, read once from the command line, the environment and a settings file."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from tierwright.browser.access import access_policy
from tierwright.core.config import DEFAULT_MODEL, DEFAULT_STATE_DIR, ModelPrice
from tierwright.core.errors import UsageError

SHARED: Mapping[str, str] = MappingProxyType(
    {"state": "state_dir", "model": "model", "model-base-url": "model_base_url", "browser": "chrome_path"}
    | {"prices": "prices"}
)
"""Keys of a settings file that mean the same to commands and server, and the server's names of them."""

ENVIRONMENT_ALONE = frozenset({"database_url", "encryption_key"})
_PREFIX = "tierwright_"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Price(BaseModel):
    """What a model costs, in US dollars a million tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float = Field(ge=0, allow_inf_nan=False)
    output: float = Field(ge=0, allow_inf_nan=False)


class ServerSettings(BaseSettings):
    """Settings of `tierwright serve`; each may be set as `TIERWRIGHT_<NAME>` in the environment, or in a settings file.

    `workers` 0 makes a server that runs nothing itself. `encryption_key` is one or more Fernet keys separated by
    commas, the first seals; without it a key is kept in the state folder. `allowed_hosts` is what browsers may open,
    for every project. `public_url` is the address that users type, when a proxy stands before the server.
    `cors_origins` are pages of other sites that may use the API with a bearer token, never with the cookie,
    separated by commas. `prices` are your own, in US dollars a million tokens, by a model's full name; as JSON:
    `{"openai:my-model": {"input": 0.3, "output": 1.2}}`. `tracing` sends OpenTelemetry's spans, as the `OTEL_`
    names say (docs/operations.md).
    """

    model_config = SettingsConfigDict(env_prefix="TIERWRIGHT_", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    state_dir: Path = DEFAULT_STATE_DIR
    database_url: SecretStr | None = None
    workers: int = Field(default=1, ge=0, le=64)
    demo: bool = False
    encryption_key: SecretStr | None = None
    allowed_hosts: str = ""
    public_url: str | None = None
    cors_origins: str = ""
    model: str = DEFAULT_MODEL
    model_base_url: str | None = None
    chrome_path: Path | None = None
    prices: dict[str, Price] = Field(default_factory=dict)
    session_hours: float = Field(default=24 * 14, gt=0)
    body_limit_bytes: int = Field(default=4 * 1024 * 1024, gt=0)
    tracing: bool = False

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, text: str) -> str:
        access_policy(text.split(","))
        return text

    @property
    def model_prices(self) -> Mapping[str, ModelPrice]:
        """The prices as the engine takes them."""
        return {name: ModelPrice(price.input, price.output) for name, price in self.prices.items()}

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in LOOPBACK


@dataclass(frozen=True, slots=True)
class SaidInFile:
    """What a settings file says to a server: `settings` by name, and in `table` the keys of its `[server]`."""

    name: str = ""
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    table: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def by_name(self) -> dict[str, Any]:
        """Everything it says, by the settings' names. Raises UsageError for keys that are none, or belong elsewhere."""
        problems = [problem for key in self.table if (problem := _problem_of(key))]
        if problems:
            raise UsageError("\n".join(f"{self.name}: {problem}" for problem in problems))
        return {**self.settings, **{key.replace("-", "_"): value for key, value in self.table.items()}}


def read_settings(file: SaidInFile = SaidInFile(), **given: Any) -> ServerSettings:
    """The settings of flags, else of the environment, else of a file. Raises UsageError for what cannot be."""
    flags = {name: value for name, value in given.items() if value is not None}
    stronger = flags.keys() | {name.lower().removeprefix(_PREFIX) for name in os.environ}
    said = {name: value for name, value in file.by_name().items() if name not in stronger}
    try:
        return ServerSettings(**said, **flags)
    except ValidationError as error:
        problems = "; ".join(_words_of(problem["loc"], problem["msg"], said, file.name) for problem in error.errors())
        raise UsageError(f"the settings of the server are wrong: {problems}") from None
    except SettingsError as error:
        raise UsageError(f"the settings of the server are wrong: {error}: write it as JSON") from None


def _words_of(place: tuple[int | str, ...], message: str, said: Mapping[str, Any], file: str) -> str:
    where = f" (in {file})" if place and place[0] in said else ""
    return f"{'.'.join(map(str, place))}{where}: {message}"


def _problem_of(key: str) -> str:
    """What is wrong with a key of `[server]`; empty when nothing is."""
    name = key.replace("-", "_")
    if name in ENVIRONMENT_ALONE:
        return f"server.{key}: a file that lies beside tests is no place for it; set TIERWRIGHT_{name.upper()}"
    for shared, theirs in SHARED.items():
        if name == theirs:
            return f"server.{key}: commands and server share it; say it above [server], as {shared}"
    known = [
        n.replace("_", "-") for n in ServerSettings.model_fields if n not in {*ENVIRONMENT_ALONE, *SHARED.values()}
    ]
    if key in known:
        return ""
    close = difflib.get_close_matches(key.replace("_", "-").lower(), known, n=1, cutoff=0.5)
    return f"server.{key}: unknown key; " + (
        f"did you mean {close[0]}?" if close else f"known keys: {', '.join(known)}"
    )
