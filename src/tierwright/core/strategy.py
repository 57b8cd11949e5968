"""Which tiers a step may climb: three strategies, three tuples."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class TierNumber(IntEnum):
    """The three tiers, cheapest first."""

    DIRECT = 1
    HYBRID = 2
    AI = 3


class FallbackStrategy(StrEnum):
    """The user's choice of tiers."""

    OPTION_A = "option_a"
    OPTION_B = "option_b"
    OPTION_C = "option_c"

    @property
    def tiers(self) -> tuple[TierNumber, ...]:
        """The tiers of this strategy, in the order they are tried."""
        return _TIERS[self]


_TIERS = {
    FallbackStrategy.OPTION_A: (TierNumber.DIRECT, TierNumber.HYBRID),
    FallbackStrategy.OPTION_B: (TierNumber.DIRECT, TierNumber.AI),
    FallbackStrategy.OPTION_C: (TierNumber.DIRECT, TierNumber.HYBRID, TierNumber.AI),
}
