"""A collector of OpenTelemetry's spans on loopback: takes OTLP over HTTP, and keeps what the protobuf says."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass(frozen=True)
class ReceivedSpan:
    """A span as it came over the wire; ids in hexadecimal, `parent` empty for the first of a trace."""

    name: str
    trace: str
    id: str
    parent: str
    links: tuple[str, ...]
    said: dict[str, Any]
    failed: bool
    began_ns: int
    ended_ns: int
    events: int
    resource: dict[str, Any]


class Collector:
    """Answers with `status`, and holds its answers back while `hangs` is set."""

    def __init__(self) -> None:
        self.status = 200
        self.hangs = False
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self._spans: list[ReceivedSpan] = []
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def spans(self) -> list[ReceivedSpan]:
        """What came so far."""
        return list(self._spans)

    def named(self, name: str) -> list[ReceivedSpan]:
        return [span for span in self.spans if span.name == name]

    def wait_for(self, name: str, count: int = 1, seconds: float = 30.0) -> list[ReceivedSpan]:
        """The spans of this name, once there are so many."""
        until = time.monotonic() + seconds
        while len(found := self.named(name)) < count:
            assert time.monotonic() < until, f"{len(found)} of {count} spans {name!r} came, of {self.spans}"
            time.sleep(0.05)
        return found

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def _take(self, body: bytes) -> None:
        request = ExportTraceServiceRequest.FromString(body)
        for ours in request.resource_spans:
            resource = {pair.key: _value(pair.value) for pair in ours.resource.attributes}
            self._spans += [_received(span, resource) for scope in ours.scope_spans for span in scope.spans]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.paths.append(self.path)
                collector.headers.append(dict(self.headers))
                if collector.hangs:
                    collector._closing.wait()
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                if collector.status == 200:
                    collector._take(body)
                self.send_response(collector.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                return

        return Handler


def _received(span: Span, resource: dict[str, Any]) -> ReceivedSpan:
    return ReceivedSpan(
        name=span.name,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        links=tuple(link.span_id.hex() for link in span.links),
        said={pair.key: _value(pair.value) for pair in span.attributes},
        failed=span.status.code == span.status.STATUS_CODE_ERROR,
        began_ns=span.start_time_unix_nano,
        ended_ns=span.end_time_unix_nano,
        events=len(span.events),
        resource=resource,
    )


def _value(value: AnyValue) -> Any:
    return getattr(value, value.WhichOneof("value") or "string_value")


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector, closed at the end."""
    collector = Collector()
    try:
        yield collector
    finally:
        collector.close()
