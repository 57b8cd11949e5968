"""What a server needs to know, read once from the environment and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from tierwright.browser.access import access_policy
from tierwright.core.config import DEFAULT_MODEL, DEFAULT_STATE_DIR, ModelPrice
from tierwright.core.errors import UsageError

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Price(BaseModel):
    """What a model costs, in US dollars a million tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float = Field(ge=0, allow_inf_nan=False)
    output: float = Field(ge=0, allow_inf_nan=False)


class ServerSettings(BaseSettings):
    """Settings of `tierwright serve`; each may be set as `TIERWRIGHT_<NAME>` in the environment.

    `workers` 0 makes a server that runs nothing itself. `encryption_key` is one or more Fernet keys separated by
    commas, the first seals; without it a key is kept in the state folder. `allowed_hosts` is what browsers may open,
    for every project. `public_url` is the address that users type, when a proxy stands before the server.
    `cors_origins` are pages of other sites that may use the API with a bearer token, never with the cookie,
    separated by commas. `prices` are your own, in US dollars a million tokens, by a model's full name; as JSON:
    `{"openai:my-model": {"input": 0.3, "output": 1.2}}`.
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


def read_settings(**given: Any) -> ServerSettings:
    """The settings of flags and environment. Raises UsageError for what cannot be."""
    try:
        return ServerSettings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise UsageError(f"the settings of the server are wrong: {problems}") from None
    except SettingsError as error:
        raise UsageError(f"the settings of the server are wrong: {error}: write it as JSON") from None
