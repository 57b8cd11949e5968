"""What those note who stand around every request: how it was answered, and by which route."""

from __future__ import annotations

from starlette.types import Message, Scope, Send


class NotedSend:
    """Passes an answer on, with `headers` added, and notes its `status`: 500 while none has begun."""

    def __init__(self, send: Send, *headers: tuple[bytes, bytes]) -> None:
        self.status = 500
        self._send = send
        self._headers = headers

    async def __call__(self, message: Message) -> None:
        """Pass a part of the answer on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._headers]
        await self._send(message)


def route_of(scope: Scope) -> str:
    """The template of the route that a request went to, below the API's root; `unmatched` where there is none."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else "unmatched"
