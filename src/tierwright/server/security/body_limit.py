"""Bodies have a size: told by their length, or counted as they come."""

from __future__ import annotations

from fastapi.exceptions import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tierwright.server.problems import ProblemBody, answer_of


class BodyLimit:
    """Answers 413 for a body that is too long, before more than the limit is read."""

    def __init__(self, app: ASGIApp, *, most_bytes: int) -> None:
        self._app, self._most = app, most_bytes
        self._words = f"the body of a request has at most {most_bytes} bytes"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._told_too_long(Headers(scope=scope)):
            await answer_of(413, ProblemBody(detail=self._words, code="too_large"))(scope, receive, send)
        else:
            await self._app(scope, self._counted(receive), send)

    def _told_too_long(self, headers: Headers) -> bool:
        length = headers.get("content-length", "")
        return length.isdecimal() and int(length) > self._most

    def _counted(self, receive: Receive) -> Receive:
        so_far = 0

        async def receive_counted() -> Message:
            nonlocal so_far
            message = await receive()
            so_far += len(message.get("body", b""))
            if so_far > self._most:
                # FastAPI lets this pass from inside its parsing; any other error would be told as a bad body.
                raise HTTPException(413, self._words)
            return message

        return receive_counted
