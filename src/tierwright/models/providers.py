"""Models of providers, behind the one port: structured answers, a deadline, retries, and every call's cost."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from tierwright.core.deadline import Clock, Deadline, SystemClock
from tierwright.core.errors import ModelError, UsageError
from tierwright.core.ports import ModelReply, ModelRequest
from tierwright.core.results import Usage
from tierwright.models.answers import UnusableAnswerError, read_answer
from tierwright.models.calls import CallError, Client, RawAnswer
from tierwright.models.pricing import Prices, Tokens

BASE_URL_VARIABLE = "TIERWRIGHT_MODEL_BASE_URL"
FORBID_VARIABLE = "TIERWRIGHT_FORBID_PAID_MODELS"
"""Set to 1, only servers on loopback are asked: tests set it, so that none of them can cost money."""

_SENDS = 4
_ASKS = 2
_BACKOFF_SECONDS = 0.5


class Protocol(Enum):
    """The wire protocols, each with its own client."""

    OPENAI = "openai"
    OPENAI_COMPATIBLE = "openai_compatible"
    ANTHROPIC = "anthropic"
    GOOGLE = "google"


class Answering(Enum):
    """How a model is made to answer in a schema: it must call a tool, the server enforces it, or it is told to."""

    TOOL = "tool"
    NATIVE = "native"
    PROMPTED = "prompted"

    value: Literal["tool", "native", "prompted"]


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider: its environment variables (the first one set counts), its address, how it answers best first."""

    name: str
    protocol: Protocol
    key_variables: tuple[str, ...]
    base_url: str | None = None
    base_url_variable: str | None = None
    key_needed: bool = True
    answering: tuple[Answering, ...] = (Answering.TOOL, Answering.PROMPTED)
    max_output_tokens: int | None = 8192


PROVIDERS: Mapping[str, Provider] = {
    provider.name: provider
    for provider in (
        Provider("openai", Protocol.OPENAI, ("OPENAI_API_KEY",), "https://api.openai.com/v1", "OPENAI_BASE_URL"),
        Provider(
            "anthropic", Protocol.ANTHROPIC, ("ANTHROPIC_API_KEY",), "https://api.anthropic.com", "ANTHROPIC_BASE_URL"
        ),
        Provider(
            "google",
            Protocol.GOOGLE,
            ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
            "https://generativelanguage.googleapis.com",
            "GOOGLE_GEMINI_BASE_URL",
        ),
        Provider(
            "openai-compatible",
            Protocol.OPENAI_COMPATIBLE,
            ("TIERWRIGHT_MODEL_API_KEY",),
            key_needed=False,
            answering=(Answering.NATIVE, Answering.PROMPTED),
            max_output_tokens=None,  # a small local server refuses more than its context holds
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Which model is asked, where, and with which key."""

    provider: Provider
    model: str
    base_url: str
    key: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The full name, such as `anthropic:claude-haiku-4-5`."""
        return f"{self.provider.name}:{self.model}"


def provider_model(
    name: str,
    *,
    base_url: str | None = None,
    env: Mapping[str, str],
    prices: Prices = Prices(),
    clock: Clock = SystemClock(),
    jitter: Callable[[], float] = random.random,
    backoff_seconds: float = _BACKOFF_SECONDS,
) -> ProviderModel:
    """The model of a name such as `openai:gpt-5-mini`; nothing is sent yet.

    `base_url` comes before TIERWRIGHT_MODEL_BASE_URL and the provider's own variable. Raises UsageError for an
    unknown provider, a missing key or address (naming the variable), and where the `models` extra is not installed.
    """
    endpoint = find_endpoint(name, base_url=base_url, env=env)
    try:
        from tierwright.models.clients import connect  # heavy, and an extra

        client = connect(endpoint)
    except ImportError as error:
        raise UsageError(
            f'the model {name} needs libraries that are not installed ({error.name}): pip install "tierwright[models]"'
        ) from error
    return ProviderModel(endpoint.name, client, prices, clock, jitter, backoff_seconds)


def find_endpoint(name: str, *, base_url: str | None = None, env: Mapping[str, str]) -> Endpoint:
    """Where a model's name leads. Raises UsageError naming the variable that is missing."""
    kind, _, model = name.partition(":")
    provider = PROVIDERS.get(kind)
    if provider is None or not model:
        names = ", ".join(f"{known}:NAME" for known in PROVIDERS)
        raise UsageError(f"unknown model {name!r}; use local, or one of {names}")
    endpoint = Endpoint(provider, model, _address(provider, base_url, env), _key(provider, env))
    if env.get(FORBID_VARIABLE) == "1" and not is_loopback(endpoint.base_url):
        raise UsageError(f"{FORBID_VARIABLE}=1 allows models on loopback only, and {name} is at {endpoint.base_url}")
    return endpoint


def is_loopback(url: str) -> bool:
    """Whether a URL stays on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _address(provider: Provider, base_url: str | None, env: Mapping[str, str]) -> str:
    own = env.get(provider.base_url_variable) if provider.base_url_variable else None
    address = base_url or env.get(BASE_URL_VARIABLE) or own or provider.base_url
    if not address:
        raise UsageError(
            f"{provider.name} needs the address of its server: set {BASE_URL_VARIABLE}, "
            "such as http://127.0.0.1:11434/v1 for Ollama"
        )
    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname:
        raise UsageError(f"{BASE_URL_VARIABLE} must be an http or https address, not {address!r}")
    return address


def _key(provider: Provider, env: Mapping[str, str]) -> str | None:
    for variable in provider.key_variables:
        if env.get(variable):
            return env[variable]
    if provider.key_needed:
        raise UsageError(f"{provider.name} needs a key: set {' or '.join(provider.key_variables)}")
    return None


class ProviderModel:
    """A model of a provider (core.ports.Model). Used as an async context, which closes its connections."""

    def __init__(
        self,
        name: str,
        client: Client,
        prices: Prices,
        clock: Clock,
        jitter: Callable[[], float],
        backoff_seconds: float,
    ) -> None:
        self._name = name
        self._client = client
        self._prices = prices
        self._clock = clock
        self._jitter = jitter
        self._backoff_seconds = backoff_seconds

    @property
    def name(self) -> str:
        """What reports call it, such as `openai:gpt-5-mini`."""
        return self._name

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: Any) -> None:
        await self._client.__aexit__(*exc)

    def estimate(self, request: ModelRequest) -> Usage:
        """What asking costs before an answer comes, guessed from the length of the question."""
        return self._prices.usage(self._name, _question_tokens(request))

    async def generate(self, request: ModelRequest) -> ModelReply:
        """Answer within `request.deadline_seconds`. Raises ModelError with the usage of every call made."""
        spent = _Spent(self._name, self._prices)
        deadline = Deadline.after(self._clock, request.deadline_seconds)
        try:
            async with deadline.timeout():
                answer = await self._usable_answer(request, spent, deadline)
        except TimeoutError:
            raise ModelError(
                f"{self._name} did not answer within {request.deadline_seconds:.1f} s", spent.usage
            ) from None
        return ModelReply(answer, spent.usage)

    async def _usable_answer(self, request: ModelRequest, spent: _Spent, deadline: Deadline) -> Mapping[str, Any]:
        correction = None
        for _ in range(_ASKS):
            raw = await self._raw_answer(request, correction, spent, deadline)
            try:
                return read_answer(raw.text, request.schema)
            except UnusableAnswerError as nonsense:
                reason = nonsense.reason
                correction = f"Your previous answer was not usable: {reason}. Answer again, in the required form only."
        raise ModelError(f"{self._name} gave an unusable answer {_ASKS} times: {reason}", spent.usage)

    async def _raw_answer(
        self, request: ModelRequest, correction: str | None, spent: _Spent, deadline: Deadline
    ) -> RawAnswer:
        for sent in range(1, _SENDS + 1):
            try:
                return await self._one_call(request, correction, spent, deadline)
            except CallError as failure:
                pause = self._pause(failure, sent)
                if not failure.again or sent == _SENDS or pause >= deadline.remaining_seconds:
                    raise ModelError(self._told(failure, sent), spent.usage) from None
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def _one_call(
        self, request: ModelRequest, correction: str | None, spent: _Spent, deadline: Deadline
    ) -> RawAnswer:
        spent.open(_question_tokens(request))
        try:
            raw = await self._client.ask(request, correction, deadline.remaining_seconds)
        except CallError as failure:
            spent.settle(None if failure.billed else Tokens())
            raise
        spent.settle(raw.tokens if raw.tokens.reported else _question_tokens(request, raw.text))
        return raw

    def _pause(self, failure: CallError, sent: int) -> float:
        backoff = self._backoff_seconds * 2.0 ** (sent - 1) * (0.5 + self._jitter())
        return backoff if failure.retry_after is None else failure.retry_after + backoff / 2

    def _told(self, failure: CallError, sent: int) -> str:
        words = f"{self._name}: {failure.reason}"
        if failure.again and failure.retry_after:
            words += f"; it asks to wait {failure.retry_after:.0f} s"
        return words + (f" ({sent} tries)" if sent > 1 else "")


def _question_tokens(request: ModelRequest, answer: str = "") -> Tokens:
    return Tokens.estimated(request.system + request.prompt + json.dumps(dict(request.schema)), answer)


class _Spent:
    """What one request has used so far; a call under way counts with its estimate, so that a hung one is not free."""

    def __init__(self, model: str, prices: Prices) -> None:
        self._model = model
        self._prices = prices
        self._settled = Tokens()
        self._open = Tokens()

    def open(self, expected: Tokens) -> None:
        self._open = expected

    def settle(self, used: Tokens | None) -> None:
        self._settled += self._open if used is None else used
        self._open = Tokens()

    @property
    def usage(self) -> Usage:
        """All calls together; free where none was made or charged."""
        tokens = self._settled + self._open
        return self._prices.usage(self._model, tokens) if tokens.reported else Usage()
