"""Providers, proven over the wire: real client libraries against loopback stand-ins of each protocol."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from tests.standins.providers import Answer, Cut, Hang, Raw, StandIn, Status, bodies, standin

from tierwright.core.config import ModelPrice
from tierwright.core.errors import ModelError, UsageError
from tierwright.core.metering import Meter
from tierwright.core.ports import ModelRequest
from tierwright.core.results import ErrorKind
from tierwright.models.ledger import Ledger, RecordedCall
from tierwright.models.pricing import Prices
from tierwright.models.providers import ProviderModel, find_endpoint, provider_model
from tierwright.testing import FixedSecrets

KEY = "sk-very-secret-key-0123456789"
SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "choice": {"type": ["integer", "null"]},
        "why": {"type": "string"},
        "action": {
            "anyOf": [
                {
                    "type": "object",
                    "properties": {"id": {"type": "string", "pattern": r"^\d+-\d+$"}},
                    "required": ["id"],
                },
                {"type": "null"},
            ]
        },
    },
    "required": ["choice"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Case:
    """A provider as the tests reach it: its stand-in's protocol, the path of its base URL, its model and variable."""

    dialect: str
    path: str
    model: str
    variable: str


CASES = {
    "openai": Case("openai", "/v1", "openai:test-model", "OPENAI_API_KEY"),
    "openai-compatible": Case("openai", "/v1", "openai-compatible:test-model", "TIERWRIGHT_MODEL_API_KEY"),
    "anthropic": Case("anthropic", "", "anthropic:test-model", "ANTHROPIC_API_KEY"),
    "google": Case("google", "", "google:test-model", "GOOGLE_API_KEY"),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture
def server(case: Case) -> Iterator[StandIn]:
    with standin(case.dialect) as running:
        yield running


def build(case: Case, server: StandIn, *, priced: bool = True) -> ProviderModel:
    table = {case.model: ModelPrice(1.0, 10.0)} if priced else {}
    return provider_model(
        case.model,
        base_url=server.url + case.path,
        env={case.variable: KEY, "TIERWRIGHT_FORBID_PAID_MODELS": "1"},
        prices=Prices(table),
        jitter=lambda: 0.5,
        backoff_seconds=0.01,
    )


@pytest_asyncio.fixture
async def model(case: Case, server: StandIn) -> AsyncIterator[ProviderModel]:
    async with build(case, server) as built:
        yield built


def question(**changes: object) -> ModelRequest:
    values: dict[str, object] = {
        "purpose": "choose",
        "system": "You choose elements.",
        "prompt": "Which one is the Save button?",
        "schema": SCHEMA,
        "deadline_seconds": 10.0,
        **changes,
    }
    return ModelRequest(**values)  # type: ignore[arg-type]


async def failure_of(model: ProviderModel, request: ModelRequest) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await model.generate(request)
    assert KEY not in str(caught.value)
    assert KEY not in repr(caught.value.__cause__)
    return caught.value


# --- good answers -----------------------------------------------------------------------------------------


async def test_a_good_answer_brings_tokens_and_dollars(model: ProviderModel, server: StandIn) -> None:
    server.will(Answer.of((200, 30), choice=4, why="its name"))
    reply = await model.generate(question())
    assert reply.answer == {"choice": 4, "why": "its name"}
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (200, 30)
    assert reply.usage.cost_usd == pytest.approx((200 * 1 + 30 * 10) / 1e6)
    assert len(server.received) == 1


async def test_a_price_that_nobody_knows_is_none_and_not_zero(case: Case, server: StandIn) -> None:
    async with build(case, server, priced=False) as model:
        reply = await model.generate(question())
    assert reply.usage.tokens == 120
    assert reply.usage.cost_usd is None


async def test_the_question_goes_out_whole_with_the_schema_and_temperature_0(
    model: ProviderModel, server: StandIn
) -> None:
    await model.generate(question())
    sent = server.received[0].raw
    for part in ("You choose elements.", "Which one is the Save button?", "additionalProperties"):
        assert part in sent
    body = server.received[0].body
    assert body.get("temperature", body.get("generationConfig", {}).get("temperature")) == 0
    assert '"strict":true' not in sent.replace(" ", "")


@pytest.mark.parametrize(
    ("dialect", "path", "name", "samples"),
    [
        ("openai", "/v1", "openai:gpt-4o-mini", True),
        ("openai", "/v1", "openai:o3", False),
        ("openai", "/v1", "openai:gpt-5-mini", False),
        ("anthropic", "", "anthropic:claude-haiku-4-5", True),
        ("anthropic", "", "anthropic:claude-opus-5", False),
        ("google", "", "google:gemini-2.5-flash", True),
        ("google", "", "google:gemini-2.5-pro", False),
    ],
)
async def test_models_of_every_kind_are_asked_in_the_way_they_take_without_a_warning(
    dialect: str, path: str, name: str, samples: bool
) -> None:
    """Some models refuse a temperature; pydantic-ai would warn about it, and a warning fails a test here."""
    with standin(dialect) as server:
        async with build(Case(dialect, path, name, CASES[dialect].variable), server) as model:
            assert (await model.generate(question())).answer == {"choice": 1}
        sent = server.received[0].body
    assert ("temperature" in {**sent, **sent.get("generationConfig", {})}) == samples


async def test_tokens_are_estimated_where_a_server_reports_none(case: Case, server: StandIn) -> None:
    server.will(Answer.of(None, choice=1))
    async with build(case, server) as model:
        reply = await model.generate(question())
    assert reply.usage.input_tokens > 20
    assert reply.usage.cost_usd is not None
    assert reply.usage.cost_usd > 0


async def test_a_fenced_answer_is_read(server: StandIn, model: ProviderModel) -> None:
    server.will(Answer('```json\n{"choice": 2}\n```'))
    assert (await model.generate(question())).answer == {"choice": 2}


# --- nonsense ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nonsense", "reason"),
    [
        (Answer("I think it is the second one"), "not valid JSON"),
        (Answer.of(choice="four"), "the answer.choice must be of type integer or null"),
        (Answer.of(why="because"), "the answer has no 'choice'"),
        (Answer.of(choice=1, action={"id": "5"}), "the answer.action fits none of the 2 shapes"),
    ],
    ids=["not json", "wrong type", "missing", "wrong shape"],
)
async def test_nonsense_is_asked_once_more_with_the_reason(
    model: ProviderModel, server: StandIn, nonsense: Answer, reason: str
) -> None:
    server.will(nonsense, Answer.of((50, 5), choice=3))
    reply = await model.generate(question())
    assert reply.answer == {"choice": 3}
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (150, 25)
    assert len(server.received) == 2
    again = json.dumps(server.received[1].body, ensure_ascii=False).replace('\\"', '"')
    assert reason in again
    assert "Which one is the Save button?" in again


async def test_nonsense_twice_is_a_model_error_with_what_both_cost(model: ProviderModel, server: StandIn) -> None:
    server.will(Answer.of(choice="four"))
    error = await failure_of(model, question())
    assert error.kind is ErrorKind.MODEL
    assert "the answer.choice must be of type integer or null" in error.message
    assert (error.usage.input_tokens, error.usage.output_tokens) == (200, 40)
    assert error.usage.cost_usd == pytest.approx(2 * (100 * 1 + 20 * 10) / 1e6)
    assert len(server.received) == 2


# --- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [401, 403, 404])
async def test_a_refusal_is_told_once_without_the_key_and_costs_nothing(
    model: ProviderModel, server: StandIn, code: int
) -> None:
    server.will(Status(code, message="go away"))
    error = await failure_of(model, question())
    assert f"HTTP {code}: go away" in error.message
    assert error.usage.tokens == 0
    assert error.usage.cost_usd == 0
    assert len(server.received) == 1


async def test_a_form_that_is_rejected_is_asked_in_the_next_form_and_never_again(
    model: ProviderModel, server: StandIn
) -> None:
    server.will(Status(400, message="tools are not supported"), Answer.of(choice=1), Answer.of(choice=2))
    assert (await model.generate(question())).answer == {"choice": 1}
    assert (await model.generate(question())).answer == {"choice": 2}
    first, second, third = bodies(server)
    assert first.get("tools") or first.get("response_format", {}).get("type") == "json_schema"
    assert not second.get("tools")
    assert not third.get("tools")
    assert "additionalProperties" in json.dumps(second)


async def test_a_request_rejected_in_every_form_is_a_model_error(model: ProviderModel, server: StandIn) -> None:
    server.will(Status(400, message="bad request"))
    error = await failure_of(model, question())
    assert "HTTP 400: bad request" in error.message
    assert error.usage.cost_usd == 0
    assert len(server.received) == 2


async def test_a_model_that_cannot_answer_in_any_form_is_told_without_asking_it() -> None:
    with standin("google") as server:
        async with build(Case("google", "", "google:gemini-2.5-flash-image", "GOOGLE_API_KEY"), server) as model:
            error = await failure_of(model, question())
        assert "not supported by this model" in error.message
        assert server.received == []


# --- busy and broken servers ------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [429, 500, 502, 503])
async def test_busy_and_broken_servers_are_asked_again(model: ProviderModel, server: StandIn, code: int) -> None:
    server.will(Status(code), Answer.of((80, 8), choice=1))
    reply = await model.generate(question())
    assert reply.usage.tokens == 88
    assert len(server.received) == 2


@pytest.mark.parametrize("case", [CASES["openai"]])
async def test_an_account_without_credit_is_not_asked_again(model: ProviderModel, server: StandIn) -> None:
    server.will(Status(429, message="no credit left", kind="insufficient_quota"))
    assert "no credit left" in (await failure_of(model, question())).message
    assert len(server.received) == 1


@pytest.mark.serial
async def test_retry_after_is_honoured(model: ProviderModel, server: StandIn) -> None:
    server.will(Status(429, {"Retry-After": "1"}), Answer.of(choice=1))
    started = time.monotonic()
    await model.generate(question())
    assert 1.0 <= time.monotonic() - started < 4.0


@pytest.mark.serial
async def test_a_wait_longer_than_the_deadline_fails_at_once_and_says_so(model: ProviderModel, server: StandIn) -> None:
    server.will(Status(429, {"Retry-After": "60"}))
    started = time.monotonic()
    error = await failure_of(model, question(deadline_seconds=5.0))
    assert time.monotonic() - started < 1.0
    assert "60 s" in error.message
    assert error.usage.cost_usd == 0
    assert len(server.received) == 1


async def test_a_server_that_stays_broken_is_given_up_on(model: ProviderModel, server: StandIn) -> None:
    server.will(Status(500))
    error = await failure_of(model, question())
    assert "HTTP 500" in error.message
    assert "4 tries" in error.message
    assert len(server.received) == 4


async def test_a_cut_connection_is_tried_again_and_charged_by_estimate(model: ProviderModel, server: StandIn) -> None:
    server.will(Cut(), Answer.of((80, 8), choice=1))
    reply = await model.generate(question())
    assert reply.answer == {"choice": 1}
    assert reply.usage.input_tokens > 80
    assert len(server.received) == 2


async def test_a_server_that_is_not_there_is_named(case: Case) -> None:
    with standin(case.dialect) as gone:
        pass
    async with build(case, gone) as model:
        error = await failure_of(model, question())
    assert f"cannot reach {gone.url}" in error.message
    assert error.usage.cost_usd == 0


async def test_a_page_of_a_proxy_instead_of_an_answer_is_a_model_error(model: ProviderModel, server: StandIn) -> None:
    server.will(Raw("<html>Please sign in to the proxy</html>"))
    error = await failure_of(model, question())
    assert error.kind is ErrorKind.MODEL
    assert error.usage.cost_usd is not None


async def test_an_error_page_of_a_proxy_is_tried_again(model: ProviderModel, server: StandIn) -> None:
    server.will(Raw("<html>Bad gateway</html>", 502), Answer.of(choice=1))
    assert (await model.generate(question())).answer == {"choice": 1}
    assert len(server.received) == 2


# --- time -------------------------------------------------------------------------------------------------


@pytest.mark.serial
async def test_a_model_that_hangs_ends_with_the_deadline(model: ProviderModel, server: StandIn) -> None:
    server.will(Hang())
    started = time.monotonic()
    error = await failure_of(model, question(deadline_seconds=0.8))
    assert time.monotonic() - started < 0.8 + 0.5
    assert "did not answer within 0.8 s" in error.message
    assert error.usage.input_tokens > 0
    assert error.usage.cost_usd is not None
    assert error.usage.cost_usd > 0


@pytest.mark.serial
async def test_retries_stay_within_the_deadline(case: Case, server: StandIn) -> None:
    server.will(Status(500), Status(500), Hang())
    async with build(case, server) as model:
        started = time.monotonic()
        await failure_of(model, question(deadline_seconds=1.0))
    assert time.monotonic() - started < 1.5
    assert len(server.received) == 3


@pytest.mark.serial
async def test_a_call_is_cancelled_at_once(model: ProviderModel, server: StandIn) -> None:
    server.will(Hang())
    call = asyncio.create_task(model.generate(question()))
    assert await asyncio.to_thread(server.arrived.wait, 5)
    started = time.monotonic()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert time.monotonic() - started < 0.5


# --- secrets ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "behaviour", [(Answer.of(choice=1),), (Answer("nonsense"),), (Status(500), Answer.of(choice=1)), (Status(400),)]
)
async def test_secrets_never_reach_a_provider(
    model: ProviderModel, server: StandIn, behaviour: tuple[Answer | Status, ...]
) -> None:
    """H-26: secrets are masked before they leave, whatever the server does."""
    server.will(*behaviour)
    secret = 'hunter2 "ü" & more'
    tree = json.dumps({"value": secret}) + f' [0-5] textbox: {secret} <a href="?q=hunter2%20%22%C3%BC%22%20%26%20more">'
    calls: list[RecordedCall] = []
    ledger = Ledger(model, secrets=FixedSecrets((secret,)), calls=calls)
    with contextlib.suppress(ModelError):
        await ledger.generate(question(system=f"Never say {secret}", prompt=tree), Meter())
    assert server.received
    assert "hunter2" not in repr(calls)
    assert "hunter2" not in server.everything_received


# --- names, keys, addresses -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gpt-5", "opnai:gpt-5", "openai:", ""])
def test_an_unknown_model_is_a_usage_error_that_lists_the_names(name: str) -> None:
    with pytest.raises(UsageError, match=r"local.*openai:NAME.*anthropic:NAME.*google:NAME.*openai-compatible:NAME"):
        find_endpoint(name, env={"OPENAI_API_KEY": KEY})


@pytest.mark.parametrize(
    ("name", "variable"),
    [("openai:m", "OPENAI_API_KEY"), ("anthropic:m", "ANTHROPIC_API_KEY"), ("google:m", "GOOGLE_API_KEY or GEMINI")],
)
def test_a_missing_key_names_its_variable(name: str, variable: str) -> None:
    with pytest.raises(UsageError, match=variable):
        provider_model(name, env={"OTHER_API_KEY": KEY})


def test_a_compatible_server_needs_an_address_and_no_key() -> None:
    with pytest.raises(UsageError, match="TIERWRIGHT_MODEL_BASE_URL"):
        find_endpoint("openai-compatible:llama", env={})
    endpoint = find_endpoint("openai-compatible:llama", env={"TIERWRIGHT_MODEL_BASE_URL": "http://127.0.0.1:11434/v1"})
    assert (endpoint.base_url, endpoint.key, endpoint.model) == ("http://127.0.0.1:11434/v1", None, "llama")


async def test_a_compatible_server_is_never_sent_the_key_of_openai() -> None:
    with standin("openai") as server:
        env = {"OPENAI_API_KEY": KEY, "TIERWRIGHT_MODEL_BASE_URL": f"{server.url}/v1"}
        async with provider_model("openai-compatible:llama", env=env) as model:
            await model.generate(question())
        assert KEY not in server.everything_received


@pytest.mark.parametrize(
    ("env", "flag", "address"),
    [
        ({}, None, "https://api.openai.com/v1"),
        ({"OPENAI_BASE_URL": "http://proxy.test/v1"}, None, "http://proxy.test/v1"),
        ({"OPENAI_BASE_URL": "http://a.test", "TIERWRIGHT_MODEL_BASE_URL": "http://b.test"}, None, "http://b.test"),
        ({"TIERWRIGHT_MODEL_BASE_URL": "http://b.test"}, "http://c.test", "http://c.test"),
    ],
)
def test_the_nearest_base_url_counts(env: dict[str, str], flag: str | None, address: str) -> None:
    assert find_endpoint("openai:m", base_url=flag, env={"OPENAI_API_KEY": KEY, **env}).base_url == address


def test_an_address_that_is_none_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="http or https"):
        find_endpoint("openai:m", base_url="localhost:8000", env={"OPENAI_API_KEY": KEY})


@pytest.mark.parametrize("url", ["https://api.openai.com/v1", "http://127.0.0.1.evil.test/v1", "http://10.0.0.1"])
def test_paid_models_can_be_forbidden(url: str) -> None:
    env = {"OPENAI_API_KEY": KEY, "TIERWRIGHT_FORBID_PAID_MODELS": "1"}
    with pytest.raises(UsageError, match="TIERWRIGHT_FORBID_PAID_MODELS"):
        find_endpoint("openai:m", base_url=url, env=env)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/v1", "http://[::1]:1/v1", "http://localhost/v1"])
def test_loopback_is_always_allowed(url: str) -> None:
    env = {"OPENAI_API_KEY": KEY, "TIERWRIGHT_FORBID_PAID_MODELS": "1"}
    assert find_endpoint("openai:m", base_url=url, env=env).base_url == url


def test_keys_are_not_shown() -> None:
    assert KEY not in repr(find_endpoint("openai:m", env={"OPENAI_API_KEY": KEY}))


def test_the_models_extra_that_is_missing_is_named() -> None:
    program = (
        "import sys\n"
        "sys.modules['pydantic_ai'] = None  # as if it were not installed\n"
        "from tierwright.core.errors import UsageError\n"
        "from tierwright.models.providers import provider_model\n"
        "try: provider_model('openai:m', env={'OPENAI_API_KEY': 'k'})\n"
        "except UsageError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert 'pip install "tierwright[models]"' in done.stdout


def test_nothing_heavy_is_imported_before_a_provider_is_used() -> None:
    program = (
        "import sys, tierwright.models.providers, tierwright.models.ledger\n"
        "print([m for m in ('pydantic_ai', 'openai', 'anthropic', 'google.genai', 'genai_prices') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
