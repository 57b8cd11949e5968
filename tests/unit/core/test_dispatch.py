"""The dispatch token in every order of events: never two acts, never a search beside an act (H-6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierwright.core.dispatch import DispatchToken


@given(st.lists(st.tuples(st.sampled_from(["take", "give back"]), st.sampled_from(["tier 1", "tier 2", "tier 3"]))))
async def test_the_token_has_one_holder_at_a_time(moves: list[tuple[str, str]]) -> None:
    """H-6: whatever is tried in whatever order."""
    stops = 0

    async def stop() -> None:
        nonlocal stops
        stops += 1

    token, holder, takes = DispatchToken(stop), None, 0
    for move, who in moves:
        allowed = holder is None if move == "take" else holder == who
        if not allowed:
            with pytest.raises(RuntimeError):
                await token.take(who) if move == "take" else token.give_back(who)
        elif move == "take":
            await token.take(who)
            holder, takes = who, takes + 1
        else:
            token.give_back(who)
            holder = None
        assert token.holder == holder
        assert token.used is (holder is not None)
        assert stops == takes


async def test_the_searches_have_ended_when_take_returns() -> None:
    """H-6: every other search is cancelled before."""
    order: list[str] = []

    async def stop() -> None:
        order.append("searches ended")

    await DispatchToken(stop).take("tier 2")
    order.append("act")
    assert order == ["searches ended", "act"]
