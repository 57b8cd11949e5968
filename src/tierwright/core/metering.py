"""Counts what an attempt costs, also when it is cancelled half way."""

from __future__ import annotations

from tierwright.core.results import Usage


class Meter:
    """Adds up the model calls of one attempt. `cost_usd` is None once a price was unknown."""

    def __init__(self) -> None:
        self.calls = 0
        self.tokens = 0
        self.cost_usd: float | None = 0.0

    def add(self, usage: Usage) -> None:
        """Count one call, failed ones too."""
        self.calls += 1
        self.tokens += usage.tokens
        known = self.cost_usd is not None and usage.cost_usd is not None
        self.cost_usd = (self.cost_usd or 0.0) + (usage.cost_usd or 0.0) if known else None
