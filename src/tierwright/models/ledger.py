"""One ledger behind whoever asks a model: secrets masked, money and time bounded, every call counted (H-26)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

from tierwright.core.deadline import Clock, SystemClock
from tierwright.core.errors import ModelError
from tierwright.core.metering import Meter
from tierwright.core.ports import Model, ModelReply, ModelRequest, Purse, Secrets
from tierwright.core.results import ErrorKind, Usage
from tierwright.core.written import escaped_forms
from tierwright.models.pricing import LOCAL, how_to_price

_GRACE_SECONDS = 0.25
"""A model that keeps the deadline itself may say what it spent; one that does not is cut off this much later."""

_FREE = Usage()


@runtime_checkable
class Estimator(Protocol):
    """A model that can say what a question costs before it is asked. `cost_usd` None: no price is known."""

    def estimate(self, request: ModelRequest) -> Usage:
        """Tokens and dollars of the question alone."""
        ...


class Budget:
    """What a command may spend, in US dollars; shared by all its workers. `max_cost_usd` None: no limit."""

    def __init__(self, max_cost_usd: float | None = None) -> None:
        self.max_cost_usd = max_cost_usd
        self._spent_usd: float | None = 0.0
        self._reserved_usd = 0.0

    @property
    def spent_usd(self) -> float | None:
        """Dollars spent so far; None as soon as one price is unknown."""
        return self._spent_usd

    @property
    def used_up(self) -> bool:
        """Whether nothing more may be spent, or what was spent is not known."""
        if self.max_cost_usd is None:
            return False
        return self._spent_usd is None or (self._spent_usd >= self.max_cost_usd and self._spent_usd > 0)

    def allows(self, cost_usd: float) -> bool:
        """Whether a call that costs at least this much still fits, calls under way included."""
        if self.max_cost_usd is None or cost_usd == 0:
            return not self.used_up
        return self._spent_usd is not None and self._spent_usd + self._reserved_usd + cost_usd <= self.max_cost_usd

    def reserve(self, cost_usd: float) -> None:
        """Hold back what a call under way will cost at least."""
        self._reserved_usd += cost_usd

    def settle(self, reserved_usd: float, cost_usd: float | None) -> None:
        """Replace what was held back by what it did cost; None where that is not known."""
        self._reserved_usd -= reserved_usd
        self._spent_usd = None if cost_usd is None or self._spent_usd is None else self._spent_usd + cost_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCall:
    """One call as it left: the masked request, and the answer or why there was none."""

    request: ModelRequest
    usage: Usage
    seconds: float
    answer: Mapping[str, Any] | None = None
    error: str | None = None


class Ledger:
    """The one door to a model. `secrets` are the run's, `budget` the command's; calls are appended to `calls`.

    `purse` is money that this process shares with others.
    """

    def __init__(
        self,
        model: Model,
        *,
        secrets: Secrets,
        budget: Budget | None = None,
        purse: Purse | None = None,
        clock: Clock = SystemClock(),
        calls: list[RecordedCall] | None = None,
    ) -> None:
        self._model = model
        self._secrets = secrets
        self._budget = budget or Budget()
        self._purse = purse
        self._clock = clock
        self._calls = calls

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    @property
    def budget(self) -> Budget:
        """The command's budget."""
        return self._budget

    async def generate(self, request: ModelRequest, meter: Meter) -> ModelReply:
        """Ask the model, within the request's deadline and the command's budget; `meter` is the attempt's.

        Raises ModelError, of kind BUDGET where the money is used up or could not be counted. Cancelling it cancels
        the call at once; what a cancelled or overdue call had sent is counted by its estimate.
        """
        masked = replace(request, system=self._masked(request.system), prompt=self._masked(request.prompt))
        expected = self._expected(masked)
        self._refuse_over_budget(expected)
        await self._take(expected)
        reserved = expected.cost_usd or 0.0
        self._budget.reserve(reserved)
        entry = _Entry(expected, self._clock.monotonic())
        try:
            return await self._answered(masked, entry)
        finally:
            entry.seconds = self._clock.monotonic() - entry.started
            self._budget.settle(reserved, entry.usage.cost_usd)
            meter.add(entry.usage)
            self._record(masked, entry)
            if self._purse is not None and self.name != LOCAL:
                await self._purse.settle(reserved, entry.usage.cost_usd)

    async def _answered(self, request: ModelRequest, entry: _Entry) -> ModelReply:
        try:
            async with asyncio.timeout(request.deadline_seconds + _GRACE_SECONDS):
                reply = await self._model.generate(request)
        except TimeoutError:
            entry.error = f"{self.name} did not answer within {request.deadline_seconds:.1f} s"
            raise ModelError(entry.error, entry.usage) from None
        except ModelError as error:
            entry.usage, entry.error = error.usage, self._masked(error.message)
            raise ModelError(entry.error, error.usage, error.kind) from None
        entry.usage, entry.answer, entry.error = reply.usage, reply.answer, None
        return reply

    def _expected(self, request: ModelRequest) -> Usage:
        if self.name != LOCAL and isinstance(self._model, Estimator):
            return self._model.estimate(request)
        return _FREE

    def _refuse_over_budget(self, expected: Usage) -> None:
        if self._budget.max_cost_usd is None or self.name == LOCAL:
            return
        if expected.cost_usd is None or self._budget.spent_usd is None:
            raise self._unpriced(self._budget.max_cost_usd)
        if not self._budget.allows(expected.cost_usd):
            raise ModelError(
                f"the budget of ${self._budget.max_cost_usd:g} does not allow another model call: "
                f"${self._budget.spent_usd:.4f} is spent (--max-cost-usd)",
                kind=ErrorKind.BUDGET,
            )

    async def _take(self, expected: Usage) -> None:
        if self._purse is None or self.name == LOCAL:
            return
        short = await self._purse.take(expected.cost_usd)
        if short is None:
            return
        if expected.cost_usd is None:
            raise self._unpriced(short.limit_usd)
        raise ModelError(
            f"the project's budget of ${short.limit_usd:g} for this month does not allow another model call: "
            f"${short.spent_usd:.4f} is spent",
            kind=ErrorKind.BUDGET,
        )

    def _unpriced(self, limit_usd: float) -> ModelError:
        words = f"the price of {self.name} is not known, so a budget of ${limit_usd:g} cannot be kept; "
        return ModelError(words + how_to_price(self.name), kind=ErrorKind.BUDGET)

    def _masked(self, text: str) -> str:
        return mask_everywhere(text, self._secrets)

    def _record(self, request: ModelRequest, entry: _Entry) -> None:
        if self._calls is not None:
            self._calls.append(
                RecordedCall(
                    request=request, usage=entry.usage, seconds=entry.seconds, answer=entry.answer, error=entry.error
                )
            )


@dataclass(slots=True)
class _Entry:
    usage: Usage
    started: float
    seconds: float = 0.0
    answer: Mapping[str, Any] | None = None
    error: str | None = "cancelled"


def mask_everywhere(text: str, secrets: Secrets) -> str:
    """The text without its secrets, also where they were written as JSON, HTML or part of an address."""
    text = secrets.mask(text)
    for value in secrets.secret_values:
        for written in escaped_forms(value):
            if written in text:
                text = text.replace(written, secrets.mask(value))
    return text
