"""Many listeners as one; a broken one is dropped with a note and never changes a verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tierwright.core.events import Event
from tierwright.core.ports import Listener


class Multiplexer:
    """Tells each event to every listener in order, and drops those that raise."""

    def __init__(self, listeners: Sequence[Listener], note: Callable[[str], None]) -> None:
        self._listeners = list(listeners)
        self._note = note
        self._dropped: list[str] = []

    @property
    def dropped(self) -> tuple[str, ...]:
        """The notes of the listeners that broke."""
        return tuple(self._dropped)

    async def on_event(self, event: Event) -> None:
        """Pass the event on."""
        for listener in tuple(self._listeners):
            try:
                await listener.on_event(event)
            except Exception as error:  # noqa: BLE001 - whatever a report does wrong, the run goes on
                self._drop(listener, error)

    def _drop(self, listener: Listener, error: Exception) -> None:
        self._listeners.remove(listener)
        name = getattr(listener, "title", type(listener).__name__)
        self._dropped.append(f"{name} broke and was left out: {type(error).__name__}: {error}")
        self._note(self._dropped[-1])
