"""Calls providers through pydantic-ai. Imported only when a provider is used: it is heavy, and an extra."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, assert_never

from pydantic_ai import exceptions as failures
from pydantic_ai.direct import model_request
from pydantic_ai.messages import ModelRequest as Message
from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart, UserPromptPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from tierwright.core.variables import MASK
from tierwright.models.calls import CallError, RawAnswer
from tierwright.models.pricing import Tokens
from tierwright.models.providers import Answering, Endpoint, Protocol

if TYPE_CHECKING:
    from pydantic_ai.models import Model as RemoteModel

    from tierwright.core.ports import ModelRequest

_ANSWER = "answer"
_LONGEST_REASON = 200
_SPACES = re.compile(r"\s+")


class PydanticAiClient:
    """One model of one provider. Asks once a call: retries are the caller's, under its own deadline."""

    def __init__(self, model: RemoteModel, endpoint: Endpoint) -> None:
        self._model = model
        self._endpoint = endpoint
        self._ways = endpoint.provider.answering
        self._samples = _takes_temperature(dict(model.profile))

    async def __aenter__(self) -> Self:
        await self._model.__aenter__()
        return self

    async def __aexit__(self, *exc: Any) -> None:
        await self._model.__aexit__(*exc)

    async def ask(self, request: ModelRequest, correction: str | None, seconds: float) -> RawAnswer:
        """One call; a model that rejects one way of structured output is asked in the next. Raises CallError."""
        refused: CallError | None = None
        for index, way in enumerate(self._ways):
            try:
                response = await self._send(request, correction, way, seconds)
            except CallError as failure:
                refused = refused or failure
                if not failure.rejected:
                    raise
            else:
                self._ways = self._ways[index:]
                return RawAnswer(_answer_text(response), _tokens(response))
        assert refused is not None
        raise refused

    async def _send(
        self, request: ModelRequest, correction: str | None, way: Answering, seconds: float
    ) -> ModelResponse:
        prompt = request.prompt if correction is None else f"{request.prompt}\n\n{correction}"
        try:
            return await model_request(
                self._model,
                [Message(parts=[UserPromptPart(prompt)], instructions=_instructions(request, way))],
                model_settings=self._settings(request, seconds),
                model_request_parameters=_parameters(request, way),
            )
        except failures.UserError as error:
            raise CallError(self._clean(str(error)), rejected=True) from None
        except failures.AgentRunError as error:
            raise self._failed(error) from None

    def _settings(self, request: ModelRequest, seconds: float) -> ModelSettings:
        # To name an element takes no long thoughts, and they cost time and money.
        settings: ModelSettings = {"max_retries": 0, "timeout": seconds, "thinking": False}
        if self._samples:
            settings["temperature"] = request.temperature
        if self._endpoint.provider.max_output_tokens is not None:
            settings["max_tokens"] = self._endpoint.provider.max_output_tokens
        return settings

    def _failed(self, error: failures.AgentRunError) -> CallError:
        if isinstance(error, failures.ModelHTTPError):
            return self._http_failure(error)
        if isinstance(error, failures.ModelConnectionError) and error.phase in ("pool", "connect"):
            return CallError(f"cannot reach {self._endpoint.base_url}")
        if isinstance(error, failures.ModelConnectionError):
            return CallError("the connection broke off", again=True, billed=True)
        return CallError(self._clean(f"the answer could not be read: {error}"), billed=True)

    def _http_failure(self, error: failures.ModelHTTPError) -> CallError:
        said = self._clean(_provider_words(error.body))
        passing = error.status_code == 429 or error.status_code >= 500
        hopeless = isinstance(error, failures.ModelQuotaExceededError) or error.provider_retry_hint is False
        form = isinstance(error, failures.ModelRequestRejectedError) and error.status_code in (400, 422)
        return CallError(
            f"HTTP {error.status_code}" + (f": {said}" if said else ""),
            again=passing and not hopeless,
            retry_after=error.retry_after,
            rejected=form and not isinstance(error, failures.ModelContextWindowExceededError),
        )

    def _clean(self, text: str) -> str:
        if self._endpoint.key:
            text = text.replace(self._endpoint.key, MASK)
        return _SPACES.sub(" ", text).strip()[:_LONGEST_REASON]


def connect(endpoint: Endpoint) -> PydanticAiClient:
    """A client for an endpoint; nothing is sent yet. Raises ImportError where the provider's library is missing."""
    match endpoint.provider.protocol:
        case Protocol.OPENAI:
            return PydanticAiClient(_openai(endpoint), endpoint)
        case Protocol.OPENAI_COMPATIBLE:
            return PydanticAiClient(_openai_compatible(endpoint), endpoint)
        case Protocol.ANTHROPIC:
            return PydanticAiClient(_anthropic(endpoint), endpoint)
        case Protocol.GOOGLE:
            return PydanticAiClient(_google(endpoint), endpoint)
        case unknown:
            assert_never(unknown)


# Each provider's library is imported when it is used: together they take seconds.


def _openai(endpoint: Endpoint) -> RemoteModel:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    return OpenAIChatModel(endpoint.model, provider=OpenAIProvider(base_url=endpoint.base_url, api_key=endpoint.key))


def _openai_compatible(endpoint: Endpoint) -> RemoteModel:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles import ModelProfile
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    provider = OpenAICompatibleProvider(
        endpoint.provider.name,
        base_url=endpoint.base_url,
        api_key=endpoint.key,
        profile=ModelProfile(supports_json_schema_output=True),
    )
    return OpenAIChatModel(endpoint.model, provider=provider)


def _anthropic(endpoint: Endpoint) -> RemoteModel:
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    return AnthropicModel(endpoint.model, provider=AnthropicProvider(base_url=endpoint.base_url, api_key=endpoint.key))


def _google(endpoint: Endpoint) -> RemoteModel:
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    return GoogleModel(endpoint.model, provider=GoogleProvider(base_url=endpoint.base_url, api_key=endpoint.key))


def _parameters(request: ModelRequest, way: Answering) -> ModelRequestParameters:
    # strict=False throughout: Stagehand's schemas have optional properties, which strict modes refuse.
    schema = dict(request.schema)
    if way is Answering.TOOL:
        tool = ToolDefinition(
            name=_ANSWER,
            parameters_json_schema=schema,
            description="Give the answer.",
            strict=False,
            kind="output",
        )
        return ModelRequestParameters(output_mode="tool", output_tools=[tool], allow_text_output=False)
    return ModelRequestParameters(
        output_mode=way.value,
        output_object=OutputObjectDefinition(json_schema=schema, name=_ANSWER, strict=False),
        prompted_output_template=False,  # _instructions tells the schema: some local servers take one system message
        allow_text_output=True,
    )


def _instructions(request: ModelRequest, way: Answering) -> str:
    if way is Answering.TOOL:
        return request.system
    schema = json.dumps(dict(request.schema))
    return f"{request.system}\n\nAnswer with one JSON object that fits this schema, and nothing else:\n{schema}"


def _takes_temperature(profile: Mapping[str, Any]) -> bool:
    # Models that always reason refuse it, and pydantic-ai would warn on the user's terminal.
    if profile.get("anthropic_disallows_sampling_settings") or profile.get("thinking_always_enabled"):
        return False
    efforts = profile.get("openai_reasoning_efforts")
    quiet = profile.get("openai_supports_reasoning_effort_none") if efforts is None else "none" in efforts
    return bool(quiet or not profile.get("openai_supports_reasoning"))


def _answer_text(response: ModelResponse) -> str:
    for part in response.parts:
        if isinstance(part, ToolCallPart):
            return part.args if isinstance(part.args, str) else json.dumps(part.args or {})
    return "".join(part.content for part in response.parts if isinstance(part, TextPart))


def _tokens(response: ModelResponse) -> Tokens:
    usage = response.usage
    return Tokens(usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens)


def _provider_words(body: object) -> str:
    if isinstance(body, str):
        return body
    if not isinstance(body, dict):
        return ""
    inner = body.get("error")
    return _provider_words(inner) if inner else str(body.get("message") or body.get("detail") or "")
