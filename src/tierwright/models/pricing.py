"""What a call costs: the user's own table first, then public list prices, else unknown and never 0."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tierwright.core.config import ModelPrice
from tierwright.core.results import Usage

LOCAL = "local"
"""The embedded ranker: no key, no network, no money (H-24)."""

_CHARACTERS_PER_TOKEN = 4
_LISTED_PROVIDERS = frozenset({"openai", "anthropic", "google"})


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one call. `input` includes what was read from or written to the provider's prompt cache."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0

    @classmethod
    def estimated(cls, sent: str, received: str = "") -> Tokens:
        """A guess from the length of the texts, for calls whose usage nobody reported."""
        return cls(_tokens_of(sent), _tokens_of(received))

    @property
    def reported(self) -> bool:
        """Whether anything was counted."""
        return bool(self.input or self.output)

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            self.input + other.input,
            self.output + other.output,
            self.cache_read + other.cache_read,
            self.cache_write + other.cache_write,
        )


def _tokens_of(text: str) -> int:
    return math.ceil(len(text) / _CHARACTERS_PER_TOKEN)


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices by the full name of a model, such as `openai:gpt-5-mini`."""

    table: Mapping[str, ModelPrice] = field(default_factory=lambda: MappingProxyType({}))

    def cost_usd(self, model: str, tokens: Tokens) -> float | None:
        """Dollars for a call of this model; None where no price is known."""
        if model == LOCAL:
            return 0.0
        own = self.table.get(model)
        return _own_price_usd(own, tokens) if own is not None else _list_price_usd(model, tokens)

    def usage(self, model: str, tokens: Tokens) -> Usage:
        """The tokens with their price."""
        return Usage(tokens.input, tokens.output, self.cost_usd(model, tokens))


def how_to_price(model: str) -> str:
    """The sentence that tells a user how to give a model its price."""
    return (
        f'give it one in tierwright.toml: [prices] "{model}" = {{input = 0.5, output = 1.5}} '
        "(US dollars a million tokens, 0 if it is free); a server reads prices from TIERWRIGHT_PRICES"
    )


def _own_price_usd(price: ModelPrice, tokens: Tokens) -> float:
    dollars = tokens.input * price.input_usd_per_million + tokens.output * price.output_usd_per_million
    return dollars / 1_000_000


def _list_price_usd(model: str, tokens: Tokens) -> float | None:
    provider, _, reference = model.partition(":")
    if provider not in _LISTED_PROVIDERS:
        return None
    try:
        import genai_prices  # its tables take a tenth of a second; only needed with a provider
    except ImportError:
        return None
    usage = genai_prices.Usage(
        input_tokens=tokens.input,
        output_tokens=tokens.output,
        cache_read_tokens=tokens.cache_read,
        cache_write_tokens=tokens.cache_write,
    )
    try:
        return float(genai_prices.calc_price(usage, reference, provider_id=provider).total_price)
    except LookupError:
        return None
