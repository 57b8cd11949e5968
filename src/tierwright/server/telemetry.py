"""Whether traces are kept and where they go: `TIERWRIGHT_TRACING` switches them on, the `OTEL_` names say the rest.

The libraries are an extra, `tierwright[otel]`; nothing here imports them before tracing is on.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.types import ASGIApp, Receive, Scope, Send

from tierwright.core.errors import UsageError
from tierwright.server.answers import NotedSend, route_of
from tierwright.server.settings import ServerSettings

if TYPE_CHECKING:
    from tierwright.server.tracing import Tracing

HEADERS = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")
"""Where the credentials of a collector are."""

_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_DEFAULT_ENDPOINT = "http://localhost:4318"
_PATH = "v1/traces"
_ONLY = {
    "OTEL_TRACES_EXPORTER": "otlp",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
}
"""Standard settings of which we can do one value."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where traces go, or why they go nowhere: `why_not` is empty when they are sent to `address`."""

    address: str = ""
    why_not: str = ""


def traces_go_to(settings: ServerSettings, env: Mapping[str, str]) -> Destination:
    """Where the traces of these settings go. Raises UsageError for what we cannot do."""
    if not settings.tracing:
        return Destination(why_not="TIERWRIGHT_TRACING is not set")
    for name, off in (("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")):
        if env.get(name, "").strip().lower() == off:
            return Destination(why_not=f"{name} is {off}")
    for name, possible in _ONLY.items():
        if env.get(name, possible) not in ("", possible):
            raise UsageError(f"{name}={env[name]} is not supported: write {possible}, or leave it out")
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.exporter") is None:
        raise UsageError("tracing is on, and OpenTelemetry is not installed: pip install 'tierwright[otel]'")
    whole = env.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    return Destination(whole or f"{(env.get(_ENDPOINT) or _DEFAULT_ENDPOINT).rstrip('/')}/{_PATH}")


def header_secrets(env: Mapping[str, str]) -> Iterator[str]:
    """The values of the headers that go to the collector, as they are written and as they are sent."""
    for name in HEADERS:
        for pair in env.get(name, "").split(","):
            written = pair.partition("=")[2].strip()
            if written:
                yield from (written, unquote(written))


@asynccontextmanager
async def open_tracing(settings: ServerSettings, env: Mapping[str, str]) -> AsyncIterator[Tracing | None]:
    """Tracing while this is open, or None where it is off; what is left is sent at the end. Raises UsageError."""
    if traces_go_to(settings, env).why_not:
        yield None
        return
    from tierwright.server.tracing import running_tracing  # its libraries are an extra

    async with running_tracing() as tracing:
        yield tracing


class TraceRequests:
    """Writes a span for every request, where tracing is on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        tracing: Tracing | None = scope["app"].state.platform.tracing if scope["type"] == "http" else None
        if tracing is None:
            await self._app(scope, receive, send)
            return
        noted = NotedSend(send)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with tracing.request(headers) as span:
            try:
                await self._app(scope, receive, noted)
            finally:
                span.answered(scope["method"], route_of(scope), noted.status)
