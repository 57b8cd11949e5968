"""Nobody listens to a try of the gym: what counts is its result."""

from __future__ import annotations

from tierwright.core.events import Event


class Nobody:
    """A listener that hears nothing."""

    async def on_event(self, event: Event) -> None:
        """Take one event."""
