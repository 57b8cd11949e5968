"""Frozen values made in bulk are what their own class makes."""

from __future__ import annotations

import gc
from dataclasses import FrozenInstanceError

import pytest

from tierwright.core.bulk import in_bulk, uncollected
from tierwright.core.identity import Box, Fingerprint


def test_a_value_made_in_bulk_is_the_same_value() -> None:
    made = in_bulk(Fingerprint)(tag="a", name="Cart", classes=("x",))
    own = Fingerprint(tag="a", name="Cart", classes=("x",))
    assert (made, hash(made), repr(made), made.key) == (own, hash(own), repr(own), own.key)
    assert type(made) is Fingerprint
    assert made.box is None


def test_it_is_as_frozen_and_as_strict() -> None:
    made = in_bulk(Box)(x=1, y=2, width=3, height=4)
    with pytest.raises(FrozenInstanceError):
        made.x = 5  # type: ignore[misc]
    with pytest.raises(TypeError):
        in_bulk(Box)(x=1, y=2)
    with pytest.raises(TypeError):
        in_bulk(Box)(x=1, y=2, width=3, height=4, depth=5)


def test_garbage_is_looked_for_again_afterwards_also_when_the_reading_failed() -> None:
    seen = []

    def read_badly() -> None:
        with uncollected():
            with uncollected():
                seen.append(gc.isenabled())
            seen.append(gc.isenabled())
            raise ValueError

    assert gc.isenabled()
    with pytest.raises(ValueError):
        read_badly()
    assert (seen, gc.isenabled()) == ([False, False], True)
