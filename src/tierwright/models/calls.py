"""What one call to a provider brings: an answer with its tokens, or a failure that says whether to try again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, Self

from tierwright.core.ports import ModelRequest
from tierwright.models.pricing import Tokens


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What the model said, as JSON text not yet checked, and the tokens the provider reported."""

    text: str
    tokens: Tokens


class CallError(Exception):
    """A call brought no answer.

    `again`: the same call may succeed later, no sooner than after `retry_after` seconds where the provider said so.
    `billed`: the provider may charge for it. `rejected`: the provider did not accept the form of the request.
    """

    def __init__(
        self,
        reason: str,
        *,
        again: bool = False,
        retry_after: float | None = None,
        billed: bool = False,
        rejected: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again
        self.retry_after = retry_after
        self.billed = billed
        self.rejected = rejected


class Client(Protocol):
    """A connection to one model of one provider. Used as an async context, which closes its connections."""

    async def ask(self, request: ModelRequest, correction: str | None, seconds: float) -> RawAnswer:
        """One call, no retries. Raises CallError."""
        ...

    async def __aenter__(self) -> Self:
        """Open."""
        ...

    async def __aexit__(self, *exc: Any) -> None:
        """Close."""
        ...
