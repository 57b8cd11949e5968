"""The ledger: money, time and secrets, whoever answers."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.standins.providers import Answer, Status, standin
from tests.standins.providers import Hang as HangingServer

from tierwright.core.config import ModelPrice
from tierwright.core.errors import ModelError
from tierwright.core.metering import Meter
from tierwright.core.ports import ModelReply, ModelRequest
from tierwright.core.results import ErrorKind, Usage
from tierwright.core.variables import MASK, Variables
from tierwright.models.ledger import Budget, Ledger, RecordedCall
from tierwright.models.pricing import Prices
from tierwright.models.providers import ProviderModel, provider_model
from tierwright.testing import FakeClock, FixedSecrets, Hang, Refuse, ScriptedModel

CALL = Usage(100, 20, 0.25)
MODEL = "openai:test-model"


def question(prompt: str = "Which one?", *, deadline_seconds: float = 5.0) -> ModelRequest:
    return ModelRequest(
        purpose="choose",
        system="Choose.",
        prompt=prompt,
        schema={"type": "object"},
        deadline_seconds=deadline_seconds,
    )


def ledger_of(model: ScriptedModel, budget: Budget | None = None) -> Ledger:
    return Ledger(model, secrets=FixedSecrets(), budget=budget)


async def ask(ledger: Ledger, meter: Meter | None = None) -> ModelReply:
    return await ledger.generate(question(), meter or Meter())


async def refusal_of(ledger: Ledger, meter: Meter | None = None) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await ask(ledger, meter)
    return caught.value


# --- counting ---------------------------------------------------------------------------------------------


async def test_a_meter_adds_up_its_own_attempt_and_no_other() -> None:
    ledger = ledger_of(ScriptedModel([{"a": 1}, {"a": 2}, {"a": 3}], usage=CALL))
    first, second = Meter(), Meter()
    assert (await ask(ledger, first)).answer == {"a": 1}
    await ask(ledger, first)
    await ask(ledger, second)
    assert (first.calls, first.tokens, first.cost_usd) == (2, 240, 0.5)
    assert (second.calls, second.tokens, second.cost_usd) == (1, 120, 0.25)


async def test_failed_calls_are_counted_too() -> None:
    ledger = ledger_of(ScriptedModel([Refuse("no", CALL), {"a": 1}], usage=CALL))
    meter = Meter()
    error = await refusal_of(ledger, meter)
    assert (error.kind, error.message, error.usage) == (ErrorKind.MODEL, "no", CALL)
    await ask(ledger, meter)
    assert (meter.calls, meter.tokens, meter.cost_usd) == (2, 240, 0.5)
    assert ledger.budget.spent_usd == 0.5


async def test_a_cost_once_unknown_stays_unknown() -> None:
    ledger = ledger_of(ScriptedModel(lambda _: {"a": 1}, usage=Usage(10, 1, None)))
    meter = Meter()
    await ask(ledger, meter)
    meter.add(CALL)
    assert meter.cost_usd is None
    assert meter.tokens == 131
    assert ledger.budget.spent_usd is None


async def test_the_time_of_calls_is_measured_on_the_given_clock() -> None:
    clock = FakeClock()

    def slow(_: ModelRequest) -> dict[str, int]:
        clock.advance(3.0)
        return {"a": 1}

    calls: list[RecordedCall] = []
    await ask(Ledger(ScriptedModel(slow), secrets=FixedSecrets(), clock=clock, calls=calls))
    assert calls[0].seconds == 3.0


# --- time -------------------------------------------------------------------------------------------------


@pytest.mark.serial
async def test_a_model_that_never_answers_is_cut_off_at_the_deadline() -> None:
    ledger = ledger_of(ScriptedModel([Hang()]))
    started = time.monotonic()
    with pytest.raises(ModelError, match=r"scripted did not answer within 0.2 s") as caught:
        await ledger.generate(question(deadline_seconds=0.2), Meter())
    assert time.monotonic() - started < 0.2 + 0.5
    assert caught.value.kind is ErrorKind.MODEL


@pytest.mark.serial
async def test_cancelling_ends_the_call_at_once_and_it_is_on_record() -> None:
    calls: list[RecordedCall] = []
    model = ScriptedModel([Hang()])
    ledger = Ledger(model, secrets=FixedSecrets(), calls=calls)
    meter = Meter()
    task = asyncio.create_task(ask(ledger, meter))
    await asyncio.sleep(0)
    assert model.requests
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 0.1
    assert meter.calls == 1
    assert calls[0].error == "cancelled"


# --- money ------------------------------------------------------------------------------------------------


async def test_a_budget_that_is_used_up_refuses_and_says_so() -> None:
    model = ScriptedModel(lambda _: {"a": 1}, usage=CALL)
    ledger = ledger_of(model, Budget(0.5))
    await ask(ledger)
    await ask(ledger)
    meter = Meter()
    error = await refusal_of(ledger, meter)
    assert error.kind is ErrorKind.BUDGET
    assert "$0.5" in error.message
    assert "$0.5000 is spent" in error.message
    assert len(model.requests) == 2
    assert meter.calls == 0


async def test_failed_calls_use_up_the_budget() -> None:
    ledger = ledger_of(ScriptedModel(lambda _: Refuse("no", CALL)), Budget(0.25))
    assert (await refusal_of(ledger)).kind is ErrorKind.MODEL
    assert (await refusal_of(ledger)).kind is ErrorKind.BUDGET


async def test_the_budget_is_shared_by_all_workers_of_a_command() -> None:
    budget = Budget(0.5)
    ledgers = [ledger_of(ScriptedModel(lambda _: {"a": 1}, usage=CALL), budget) for _ in range(3)]
    await ask(ledgers[0])
    await ask(ledgers[1])
    assert (await refusal_of(ledgers[2])).kind is ErrorKind.BUDGET


async def test_without_a_budget_an_unknown_price_is_no_reason_to_refuse() -> None:
    ledger = ledger_of(ScriptedModel(lambda _: {"a": 1}, usage=Usage(1, 1, None)))
    await ask(ledger)
    assert (await ask(ledger)).usage.cost_usd is None


async def test_a_price_that_turns_out_unknown_stops_a_budgeted_command() -> None:
    ledger = ledger_of(ScriptedModel(lambda _: {"a": 1}, usage=Usage(1, 1, None)), Budget(5.0))
    await ask(ledger)
    error = await refusal_of(ledger)
    assert error.kind is ErrorKind.BUDGET
    assert '"scripted" = {input' in error.message


@pytest.mark.parametrize("budget", [0.0, 0.5])
async def test_the_embedded_ranker_is_never_refused_for_money(budget: float) -> None:
    """H-24: `local` needs no money, so no budget stops it."""
    spent = Budget(budget)
    spent.settle(0.0, 1.0)
    ledger = ledger_of(ScriptedModel(lambda _: {"a": 1}, name="local"), spent)
    assert (await ask(ledger)).answer == {"a": 1}


# --- a provider behind it ---------------------------------------------------------------------------------


def provider(url: str, prices: Prices) -> ProviderModel:
    return provider_model(
        MODEL,
        base_url=f"{url}/v1",
        env={"OPENAI_API_KEY": "key", "TIERWRIGHT_FORBID_PAID_MODELS": "1"},
        prices=prices,
        backoff_seconds=0.01,
    )


async def test_an_unknown_price_refuses_a_budget_before_anything_is_sent() -> None:
    with standin("openai") as server:
        async with provider(server.url, Prices()) as model:
            error = await refusal_of(Ledger(model, secrets=FixedSecrets(), budget=Budget(1.0)))
        assert error.kind is ErrorKind.BUDGET
        assert f'[prices] "{MODEL}" = {{input' in error.message
        assert server.received == []


async def test_a_question_that_does_not_fit_the_budget_is_not_asked() -> None:
    with standin("openai") as server:
        async with provider(server.url, Prices({MODEL: ModelPrice(1_000_000.0, 0.0)})) as model:
            error = await refusal_of(Ledger(model, secrets=FixedSecrets(), budget=Budget(1.0)))
        assert error.kind is ErrorKind.BUDGET
        assert server.received == []


async def test_calls_under_way_count_against_the_budget() -> None:
    with standin("openai") as server:
        server.will(HangingServer())
        async with provider(server.url, Prices({MODEL: ModelPrice(100_000.0, 0.0)})) as model:
            budget = Budget(1.5 * (model.estimate(question()).cost_usd or 0))
            under_way = asyncio.create_task(ask(Ledger(model, secrets=FixedSecrets(), budget=budget)))
            assert await asyncio.to_thread(server.arrived.wait, 5)
            assert (await refusal_of(Ledger(model, secrets=FixedSecrets(), budget=budget))).kind is ErrorKind.BUDGET
            under_way.cancel()
            with pytest.raises(asyncio.CancelledError):
                await under_way
        assert len(server.received) == 1


async def test_a_cancelled_call_of_a_provider_is_charged_by_estimate() -> None:
    with standin("openai") as server:
        server.will(HangingServer())
        async with provider(server.url, Prices({MODEL: ModelPrice(1.0, 1.0)})) as model:
            ledger = Ledger(model, secrets=FixedSecrets())
            meter = Meter()
            task = asyncio.create_task(ask(ledger, meter))
            assert await asyncio.to_thread(server.arrived.wait, 5)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            expected = model.estimate(question())
            assert (meter.tokens, meter.cost_usd) == (expected.tokens, expected.cost_usd)
            assert meter.tokens > 0


async def test_dollars_reach_the_budget_through_retries_and_corrections() -> None:
    with standin("openai") as server:
        server.will(Status(500), Answer("nonsense", (100, 10)), Answer.of((200, 20), a=1))
        async with provider(server.url, Prices({MODEL: ModelPrice(1.0, 1.0)})) as model:
            ledger = Ledger(model, secrets=FixedSecrets(), budget=Budget(1.0))
            meter = Meter()
            await ask(ledger, meter)
        assert meter.tokens == 330
        assert ledger.budget.spent_usd == pytest.approx(330e-6)
        assert len(server.received) == 3


# --- secrets ----------------------------------------------------------------------------------------------


async def test_secrets_are_masked_in_system_and_prompt_before_the_model_sees_them() -> None:
    """H-26: secrets are masked before they leave."""
    model = ScriptedModel(lambda _: {"a": 1})
    secrets = Variables({"password": "hunter2", "user": "ada"}, frozenset({"password"}))
    ledger = Ledger(model, secrets=secrets)
    await ledger.generate(question("type hunter2 as ada"), Meter())
    assert model.requests[0].prompt == f"type {MASK} as ada"


@pytest.mark.parametrize(
    "written",
    [
        r"say \u00fc \"x\" & y",
        r"say ü \"x\" & y",
        "say ü &quot;x&quot; &amp; y",
        "say%20%C3%BC%20%22x%22%20%26%20y",
        "say+%C3%BC+%22x%22+%26+y",
    ],
    ids=["ascii JSON", "JSON", "HTML", "address", "form"],
)
async def test_a_secret_is_masked_however_it_is_written(written: str) -> None:
    """H-26: a page's tree or an address holds a secret escaped."""
    model = ScriptedModel(lambda _: {"a": 1})
    ledger = Ledger(model, secrets=FixedSecrets(('say ü "x" & y',)))
    await ledger.generate(question(f"before {written} after"), Meter())
    assert model.requests[0].prompt == f"before {MASK} after"


async def test_what_is_recorded_is_masked_and_whole() -> None:
    """H-26: recordings hold no secret."""
    calls: list[RecordedCall] = []
    model = ScriptedModel([{"a": 1}, Refuse("I will not say hunter2", CALL)], usage=CALL)
    ledger = Ledger(model, secrets=FixedSecrets(("hunter2",)), calls=calls)
    await ledger.generate(question("hunter2?"), Meter())
    with pytest.raises(ModelError):
        await ledger.generate(question("hunter2!"), Meter())
    answered, refused = calls
    assert (answered.answer, answered.error, answered.usage) == ({"a": 1}, None, CALL)
    assert (refused.answer, refused.error, refused.usage) == (None, f"I will not say {MASK}", CALL)
    assert "hunter2" not in repr(calls)
