"""Structured logs: one line an event, JSON where nobody watches, with the request, run and step they belong to.

Secrets are taken out last, whoever wrote the line: values that were registered (those of the environment, and those of
runs while they are made), and what looks like a credential.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from time import perf_counter
from typing import Any, TextIO

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from tierwright.core.events import Event, RunFinished, RunStarted, StepFinished, StepStarted
from tierwright.core.variables import SECRET_PREFIX
from tierwright.core.written import base64_forms, escaped_forms
from tierwright.server.answers import NotedSend, route_of
from tierwright.server.telemetry import header_secrets

HIDDEN = "***"
REQUEST_ID_HEADER = b"x-request-id"
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SECRET_NAMES = re.compile(r"password|secret|token$|authorization|cookie|api_?key|encryption_key", re.IGNORECASE)
_CREDENTIALS = (
    re.compile(r"(?i)(?<=bearer )[^\s\"',]+"),
    re.compile(r"\btwp_[A-Za-z0-9_-]+"),
    re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"),
)
_SHORTEST_SECRET = 4
"""Shorter values stand in ordinary words; taking them out would make the lines unreadable and tell their length."""


class MaskSecrets:
    """Takes secrets out of every text of a line, also out of its tracebacks, in every form that may stand there."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._held: Counter[str] = Counter()
        self._forms: tuple[str, ...] = ()
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Register values that no line may show."""
        self._hold(secrets, 1)

    @contextmanager
    def hiding(self, secrets: Iterable[str]) -> Iterator[None]:
        """No line shows these values, for as long as the block lasts: those of a run."""
        held = tuple(secrets)
        self._hold(held, 1)
        try:
            yield
        finally:
            self._hold(held, -1)

    def _hold(self, secrets: Iterable[str], times: int) -> None:
        for secret in secrets:
            if len(secret) >= _SHORTEST_SECRET:
                self._held[secret] += times
        self._held += Counter()  # without those that nobody holds any more
        forms = {form for secret in self._held for form in (secret, *escaped_forms(secret), *base64_forms(secret))}
        self._forms = tuple(sorted(forms, key=lambda form: (-len(form), form)))

    def __call__(self, _logger: Any, _method: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
        """The line without secrets, as a processor of structlog."""
        return {
            name: HIDDEN if _SECRET_NAMES.search(name) and value else self._of(value) for name, value in line.items()
        }

    def _of(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return dict(self(None, "", dict(value)))
        if isinstance(value, list | tuple):
            return [self._of(item) for item in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value))

    def text(self, text: str) -> str:
        """A text without secrets."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        for credential in _CREDENTIALS:
            text = credential.sub(HIDDEN, text)
        return text


def secrets_in(env: Mapping[str, str]) -> list[str]:
    """The values of an environment whose names say that they are secret, each part of a list of keys too.

    What is sent to a collector of traces in headers is secret by any name.
    """
    found = [value for name, value in env.items() if _SECRET_NAMES.search(name) or name.endswith("_KEY")]
    found += [value for name, value in env.items() if name.startswith(SECRET_PREFIX)]
    found += header_secrets(env)
    return [part for value in found for part in (value, *value.split(","))]


def write_logs(stream: TextIO, masks: MaskSecrets, level: int = logging.INFO) -> None:
    """Send all logs of this process to a stream: ours, and those of libraries, in one form.

    Run uvicorn with `log_config=None, access_log=False`: its own lines come through here, and requests are told by
    `LogRequests`.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        masks,
    ]
    renderer = structlog.dev.ConsoleRenderer(colors=False) if stream.isatty() else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(stream)
    last = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("uvicorn", "httpx", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )


class LogRequests:
    """Gives every request an id, which its lines and its answer carry, and tells how it ended.

    An id that the caller sent in `X-Request-ID` is kept where it is a plain word. Addresses are told by their route's
    template, without query: both may hold what is nobody else's business.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = structlog.get_logger("tierwright.requests")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, started = request_id_of(scope), perf_counter()
        noted = NotedSend(send, (REQUEST_ID_HEADER, request_id.encode()))
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, noted)
            finally:
                told = {"method": scope["method"], "route": route_of(scope), "status": noted.status}
                self._log.info("request", **told, duration_ms=round((perf_counter() - started) * 1000, 1))


def request_id_of(scope: Scope) -> str:
    """The id that came with a request, or a new one."""
    sent = dict(scope["headers"]).get(REQUEST_ID_HEADER, b"")
    return sent.decode() if _REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex


class LogRuns:
    """A listener that logs runs and steps, and lets every line that is written during a step carry their ids."""

    def __init__(self) -> None:
        self._log = structlog.get_logger("tierwright.runs")

    async def on_event(self, event: Event) -> None:
        """Tell what happened."""
        if isinstance(event, RunStarted):
            structlog.contextvars.bind_contextvars(run_id=event.run_id)
            self._log.info("run started", run_id=event.run_id)
        elif isinstance(event, StepStarted):
            structlog.contextvars.bind_contextvars(run_id=event.run_id, step=event.index)
        elif isinstance(event, StepFinished):
            self._step_finished(event)
        elif isinstance(event, RunFinished):
            result = event.result
            structlog.contextvars.unbind_contextvars("run_id", "step")
            told = {"status": result.status.value, "duration_ms": round(result.duration_ms)}
            self._log.info("run finished", run_id=result.run_id, **told)

    def _step_finished(self, event: StepFinished) -> None:
        result = event.result
        kind = None if result.error is None else str(result.error.kind)
        told = {"status": result.status.value, "tier": None if result.tier is None else int(result.tier)}
        self._log.info("step finished", run_id=event.run_id, step=result.index, error_kind=kind, **told)
        structlog.contextvars.unbind_contextvars("step")
