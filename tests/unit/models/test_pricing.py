"""Prices: the user's own first, then list prices, else unknown."""

from __future__ import annotations

import pytest

from tierwright.core.config import ModelPrice
from tierwright.models.pricing import Prices, Tokens


def test_the_users_own_price_comes_first() -> None:
    prices = Prices({"openai:gpt-4o-mini": ModelPrice(2, 4.5)})
    assert prices.cost_usd("openai:gpt-4o-mini", Tokens(1_000_000, 2_000_000)) == 2 + 9


@pytest.mark.parametrize("model", ["openai:gpt-4o-mini", "anthropic:claude-haiku-4-5", "google:gemini-2.5-flash"])
def test_list_prices_are_known(model: str) -> None:
    cost = Prices().cost_usd(model, Tokens(1_000_000, 0))
    assert cost is not None
    assert 0.05 < cost < 5


def test_cached_tokens_are_cheaper_at_list_price() -> None:
    plain = Prices().cost_usd("openai:gpt-4o-mini", Tokens(1_000_000, 0))
    cached = Prices().cost_usd("openai:gpt-4o-mini", Tokens(1_000_000, 0, cache_read=900_000))
    assert plain is not None
    assert cached is not None
    assert 0 < cached < plain


@pytest.mark.parametrize("model", ["openai:no-such-model", "openai-compatible:gpt-4o-mini", "recording"])
def test_an_unknown_price_is_none(model: str) -> None:
    assert Prices().cost_usd(model, Tokens(10, 10)) is None
    assert Prices().usage(model, Tokens(10, 10)).cost_usd is None


def test_the_embedded_ranker_is_free() -> None:
    """H-24: `local` needs no money."""
    assert Prices().cost_usd("local", Tokens(10, 10)) == 0.0


def test_a_free_server_is_priced_at_zero_by_its_user() -> None:
    prices = Prices({"openai-compatible:llama": ModelPrice(0, 0)})
    assert prices.cost_usd("openai-compatible:llama", Tokens(10, 10)) == 0.0


def test_tokens_add_up() -> None:
    assert Tokens(1, 2, 3, 4) + Tokens(10, 20, 30, 40) == Tokens(11, 22, 33, 44)
