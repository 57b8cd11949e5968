"""The embedded ranker: needs no key, no network and no money (H-24). It ranks by evidence and is called a ranker."""

from tierwright.models.local.ranker import (
    DEFAULT_MIN_CONFIDENCE,
    DEFAULT_MIN_MARGIN,
    FORCED_MIN_CONFIDENCE,
    NONE_OF_THESE,
    LocalRanker,
)

__all__ = ["DEFAULT_MIN_CONFIDENCE", "DEFAULT_MIN_MARGIN", "FORCED_MIN_CONFIDENCE", "NONE_OF_THESE", "LocalRanker"]
