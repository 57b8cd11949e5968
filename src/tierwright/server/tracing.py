"""Spans: a run with its steps and their attempts, and the requests that start runs. Imported only where tracing is on.

Whoever knows a run's id knows its trace and the span it begins with, so nothing is stored for this: the server writes
that first span when it queues the run, and whichever worker makes the run, also a second one after a crash, goes on
from there. Spans tell what happened and how long it took; never a value, a selector, an instruction or a page's text.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Thread

import structlog
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from tierwright import __version__
from tierwright.core.events import (
    AttemptFinished,
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    TryStarted,
)
from tierwright.core.results import Attempt, Failure, RunResult, RunStatus, StepResult

FLUSH_SECONDS = 5.0
"""How long the end of a process waits until the collector has taken what is left."""

_RED = frozenset({RunStatus.FAILED, RunStatus.ERROR})
_logger = logging.getLogger(__name__)


class Tracing:
    """Writes spans through one provider. No method of it waits for the collector, or raises when it is away."""

    def __init__(self, provider: TracerProvider, ids: RunIds) -> None:
        self._ids = ids
        self._sampler = provider.sampler
        self._tracer = provider.get_tracer("tierwright", __version__)

    def queued(self, run_ids: Iterable[str]) -> None:
        """Begin the traces of runs that were queued, linked to the request that is being answered, if any."""
        asked = get_current_span().get_span_context()
        links = [Link(asked)] if asked.is_valid else []
        for run_id in run_ids:
            with self._ids.of_run(run_id):
                said = _said({"run_id": run_id})
                self._tracer.start_span("queued", Context(), SpanKind.PRODUCER, said, links).end()

    def of_runs(self, shown: Callable[[str], str]) -> TraceRuns:
        """Who writes the spans of runs; `shown` takes secrets out of a test's name."""
        return TraceRuns(self, shown)

    def start_run(self, event: RunStarted, name: str) -> Span:
        """The span of a run; `name` is what its test may be called here."""
        said = _said(
            {
                "run_id": event.run_id,
                "test": name,
                "project": event.project,
                "strategy": event.settings.fallback_strategy.value,
                "model": event.model,
            }
        )
        return self._tracer.start_span("run", self._of_run(event.run_id), SpanKind.CONSUMER, said)

    def start(self, name: str, parent: Span, said: dict[str, AttributeValue], *, began_ns: int | None = None) -> Span:
        """A span below another one, which began now or at a moment."""
        return self._tracer.start_span(
            name, set_span_in_context(parent, Context()), attributes=said, start_time=began_ns
        )

    @contextmanager
    def request(self, headers: Mapping[str, str]) -> Iterator[RequestSpan]:
        """The span of a request, below the caller's where it sent one (`traceparent`)."""
        above = TraceContextTextMapPropagator().extract(headers, Context())
        with self._tracer.start_as_current_span(
            "request",
            above,
            SpanKind.SERVER,
            record_exception=False,  # what an exception says may be somebody's value
            set_status_on_exception=False,
        ) as span:
            yield RequestSpan(span)

    def _of_run(self, run_id: str) -> Context:
        """The context of the span that a run's trace begins with, sampled as that one was."""
        trace_id, span_id = ids_of(run_id)
        sampled = self._sampler.should_sample(None, trace_id, "queued").decision is Decision.RECORD_AND_SAMPLE
        flags = TraceFlags(TraceFlags.SAMPLED if sampled else TraceFlags.DEFAULT)
        begun = SpanContext(trace_id, span_id, is_remote=True, trace_flags=flags)
        return set_span_in_context(NonRecordingSpan(begun), Context())


class RunIds(RandomIdGenerator):
    """Random ids, except for the span that the trace of a run begins with."""

    def __init__(self) -> None:
        self._run: ContextVar[str | None] = ContextVar("tierwright_queued_run", default=None)

    @contextmanager
    def of_run(self, run_id: str) -> Iterator[None]:
        """The span that is started in this block begins this run's trace."""
        token = self._run.set(run_id)
        try:
            yield
        finally:
            self._run.reset(token)

    def generate_trace_id(self) -> int:
        """The id of a new trace."""
        run_id = self._run.get()
        return ids_of(run_id)[0] if run_id else super().generate_trace_id()

    def generate_span_id(self) -> int:
        """The id of a new span."""
        run_id = self._run.get()
        return ids_of(run_id)[1] if run_id else super().generate_span_id()


def ids_of(run_id: str) -> tuple[int, int]:
    """The trace of a run, and the span it begins with.

    A hash, because samplers take a trace's id for random bits, which those of a UUID are not all.
    """
    digest = hashlib.sha256(run_id.encode()).digest()
    return int.from_bytes(digest[:16]), int.from_bytes(digest[16:24])


# --- runs -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Traced:
    """A run whose span is open, and its step. `step_began_ns`: when that began, in nanoseconds since the epoch."""

    run: Span
    try_ordinal: int = 1
    step: Span | None = None
    step_began_ns: int = field(default=0)


# One a task: a run that was given up for lost takes its spans with it.
_traced: ContextVar[_Traced | None] = ContextVar("tierwright_traced_run", default=None)


class TraceRuns:
    """A listener that writes the spans of runs."""

    def __init__(self, tracing: Tracing, shown: Callable[[str], str]) -> None:
        self._tracing = tracing
        self._shown = shown

    async def on_event(self, event: Event) -> None:
        """Open or close the span of what happened."""
        if isinstance(event, RunStarted):
            _traced.set(_Traced(self._tracing.start_run(event, self._shown(event.test.name))))
            return
        traced = _traced.get()
        if traced is None:
            return
        if isinstance(event, TryStarted):
            traced.try_ordinal = event.ordinal
        elif isinstance(event, StepStarted):
            self._step_started(traced, event)
        elif isinstance(event, AttemptFinished):
            self._attempt_finished(traced, event.attempt)
        elif isinstance(event, StepFinished):
            _end_step(traced, event.result)
        elif isinstance(event, RunFinished):
            _end_run(traced, event.result)
            _traced.set(None)

    def _step_started(self, traced: _Traced, event: StepStarted) -> None:
        _close_step(traced)
        traced.step_began_ns = time.time_ns()
        said = _said({"step": event.index, "try": traced.try_ordinal, "action": event.step.action.value})
        traced.step = self._tracing.start("step", traced.run, said, began_ns=traced.step_began_ns)

    def _attempt_finished(self, traced: _Traced, attempt: Attempt) -> None:
        ended = time.time_ns()
        said = _said(
            {
                "tier": int(attempt.tier),
                "attempt": attempt.ordinal,
                "success": attempt.success,
                "cache": attempt.cache.value,
                "tokens": attempt.tokens,
                "cost_usd": attempt.cost_usd,
            }
        )
        began = ended - round(attempt.duration_ms * 1e6)
        span = self._tracing.start("attempt", traced.step or traced.run, said, began_ns=began)
        _tell_failure(span, attempt.error)
        span.end(ended)


def _end_step(traced: _Traced, result: StepResult) -> None:
    if traced.step is None:
        return
    traced.step.set_attributes(
        _said(
            {
                "status": result.status.value,
                "tier": None if result.tier is None else int(result.tier),
                "actuator": None if result.actuator is None else result.actuator.value,
                "cache": result.cache.value,
                "tokens": result.tokens,
                "cost_usd": result.cost_usd,
            }
        )
    )
    _tell_failure(traced.step, result.error)
    _close_step(traced, traced.step_began_ns + round(result.duration_ms * 1e6))


def _close_step(traced: _Traced, ended_ns: int | None = None) -> None:
    """End the step's span; one that was cut off ends now, without a status."""
    if traced.step is not None:
        traced.step.end(ended_ns)
        traced.step = None


def _end_run(traced: _Traced, result: RunResult) -> None:
    _close_step(traced)
    told = {"status": result.status.value, "tries": len(result.tries)}
    traced.run.set_attributes(_said({**told, "tokens": result.tokens, "cost_usd": result.cost_usd}))
    if result.status in _RED:
        _tell_failure(traced.run, result.error)
    traced.run.end()


def _tell_failure(span: Span, error: Failure | None) -> None:
    """A failure by its kind alone: its message may quote the page."""
    if error is not None:
        span.set_attribute("error.type", error.kind.value)
        span.set_status(Status(StatusCode.ERROR, error.kind.value))


def _said(told: dict[str, AttributeValue | None]) -> dict[str, AttributeValue]:
    """Attributes by their full names; what is not known (a price) is left out, and not 0."""
    return {f"tierwright.{name}": value for name, value in told.items() if value is not None}


# --- requests ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RequestSpan:
    """The span of a request that is being answered; names are OpenTelemetry's."""

    span: Span

    def answered(self, method: str, route: str, status: int) -> None:
        """How it ended; `route` is a template, because addresses hold what is nobody else's business."""
        self.span.update_name(f"{method} {route}")
        self.span.set_attributes({"http.request.method": method, "http.route": route})
        request_id = structlog.contextvars.get_contextvars().get("request_id", "")
        self.span.set_attributes({"http.response.status_code": status, "tierwright.request_id": request_id})
        if status >= 500:
            self.span.set_status(Status(StatusCode.ERROR))


# --- open and close ---------------------------------------------------------------------------------------


@asynccontextmanager
async def running_tracing() -> AsyncIterator[Tracing]:
    """Tracing as the environment's OTEL_ names say; at the end what is left is sent, within FLUSH_SECONDS."""
    ids = RunIds()
    named = Resource({SERVICE_NAME: "tierwright", "service.version": __version__})
    # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES come after, and so before, our own names.
    resource = Resource.create().merge(named).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource, id_generator=ids, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    try:
        yield Tracing(provider, ids)
    finally:
        # A thread of its own that nobody must wait for: a collector that hangs may not hold up the end.
        ending = Thread(target=provider.shutdown, name="tierwright-last-spans", daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, FLUSH_SECONDS)
        if ending.is_alive():
            _logger.warning("the collector did not take the last spans within %.0f s", FLUSH_SECONDS)
