"""Model providers on loopback: each speaks its provider's real protocol and behaves as told, request by request."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """Answer with this JSON text, reporting these tokens (None: no usage at all)."""

    text: str
    tokens: tuple[int, int] | None = (100, 20)

    @classmethod
    def of(cls, tokens: tuple[int, int] | None = (100, 20), **answer: Any) -> Answer:
        return cls(json.dumps(answer), tokens)


@dataclass(frozen=True)
class Status:
    """Answer with an HTTP error whose body repeats what it was sent: the key, and the prompt."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = "no"
    kind: str | None = None


@dataclass(frozen=True)
class Hang:
    """Take the request and never answer."""


@dataclass(frozen=True)
class Cut:
    """Begin to answer, and cut the connection."""


@dataclass(frozen=True)
class Raw:
    """Answer with a body that is not the protocol's, as a proxy in between does."""

    text: str
    code: int = 200


Behaviour = Answer | Status | Hang | Cut | Raw


@dataclass(frozen=True)
class Received:
    """One request as it came in."""

    path: str
    headers: Mapping[str, str]
    raw: str

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass
class StandIn:
    """A running stand-in. `script` is what it does, one entry a request; the last one is repeated."""

    url: str
    script: list[Behaviour] = field(default_factory=lambda: [Answer.of(choice=1)])
    received: list[Received] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)

    def will(self, *script: Behaviour) -> None:
        self.script = list(script)

    def next_behaviour(self) -> Behaviour:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    @property
    def everything_received(self) -> str:
        return "\n".join(f"{r.path} {dict(r.headers)} {r.raw}" for r in self.received)


Render = Callable[[Any, Answer], dict[str, Any]]


def openai_reply(body: Any, answer: Answer) -> dict[str, Any]:
    if body.get("tools"):
        call = {"name": body["tools"][0]["function"]["name"], "arguments": answer.text}
        calls = [{"id": "call_1", "type": "function", "function": call}]
        message: dict[str, Any] = {"role": "assistant", "content": None, "tool_calls": calls}
    else:
        message = {"role": "assistant", "content": answer.text}
    reply: dict[str, Any] = {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
    }
    if answer.tokens:
        sent, got = answer.tokens
        reply["usage"] = {"prompt_tokens": sent, "completion_tokens": got, "total_tokens": sent + got}
    return reply


def anthropic_reply(body: Any, answer: Answer) -> dict[str, Any]:
    content: dict[str, Any] = {"type": "text", "text": answer.text}
    if body.get("tools") and _is_object(answer.text):
        name = body["tools"][0]["name"]
        content = {"type": "tool_use", "id": "t1", "name": name, "input": json.loads(answer.text)}
    sent, got = answer.tokens or (0, 0)
    return {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [content],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": sent, "output_tokens": got},
    }


def google_reply(body: Any, answer: Answer) -> dict[str, Any]:
    part: dict[str, Any] = {"text": answer.text}
    if body.get("tools") and _is_object(answer.text):
        name = body["tools"][0]["functionDeclarations"][0]["name"]
        part = {"functionCall": {"name": name, "args": json.loads(answer.text)}}
    sent, got = answer.tokens or (0, 0)
    usage = {"promptTokenCount": sent, "candidatesTokenCount": got, "totalTokenCount": sent + got}
    return {
        "candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": usage,
        "modelVersion": "stand-in",
        "responseId": "r1",
    }


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


_ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
_GOOGLE_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


def openai_error(status: Status, echo: str) -> dict[str, Any]:
    kind = status.kind or _ERROR_TYPES.get(status.code, "server_error")
    return {"error": {"message": f"{status.message} {echo}", "type": kind, "code": status.kind}}


def anthropic_error(status: Status, echo: str) -> dict[str, Any]:
    kind = status.kind or _ERROR_TYPES.get(status.code, "api_error")
    return {"type": "error", "error": {"type": kind, "message": f"{status.message} {echo}"}}


def google_error(status: Status, echo: str) -> dict[str, Any]:
    return {
        "error": {
            "code": status.code,
            "message": f"{status.message} {echo}",
            "status": _GOOGLE_STATUS.get(status.code, "INTERNAL"),
        }
    }


@dataclass(frozen=True)
class Dialect:
    """A wire protocol: which paths it answers, how replies and errors look, where the key comes."""

    path: re.Pattern[str]
    reply: Render
    error: Callable[[Status, str], dict[str, Any]]
    key: Callable[[Mapping[str, str]], str]


DIALECTS: Mapping[str, Dialect] = {
    "openai": Dialect(
        re.compile(r"^/v1/chat/completions$"),
        openai_reply,
        openai_error,
        lambda headers: headers.get("authorization", "").removeprefix("Bearer "),
    ),
    "anthropic": Dialect(
        re.compile(r"^/v1/messages(\?.*)?$"), anthropic_reply, anthropic_error, lambda h: h.get("x-api-key", "")
    ),
    "google": Dialect(
        re.compile(r"^/v1(beta)?/models/[^/]+:generateContent(\?.*)?$"),
        google_reply,
        google_error,
        lambda h: h.get("x-goog-api-key", ""),
    ),
}


@contextmanager
def standin(dialect: str) -> Iterator[StandIn]:
    """A stand-in on a free loopback port, for as long as the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.daemon_threads = True
    server.block_on_close = False
    running = StandIn(f"http://127.0.0.1:{server.server_address[1]}")
    server.RequestHandlerClass = _handler(running, DIALECTS[dialect])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        running.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


_HALF_A_REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"


def _handler(  # noqa: C901  (one small method per thing a stand-in does)
    running: StandIn, dialect: Dialect
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(self.path, headers, raw)
            running.received.append(request)
            running.arrived.set()
            if not dialect.path.match(self.path):
                self.send(404, {"error": {"message": f"no such path {self.path}"}}, {})
                return
            self.behave(running.next_behaviour(), request)

        def send(self, code: int, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
            self.send_bytes(code, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})

        def send_bytes(self, code: int, data: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(code)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def behave(self, behaviour: Behaviour, request: Received) -> None:
            match behaviour:
                case Answer():
                    self.send(200, dialect.reply(request.body, behaviour), {})
                case Status():
                    echo = f"key {dialect.key(request.headers)} sent {request.raw[:80]}"
                    self.send(behaviour.code, dialect.error(behaviour, echo), behaviour.headers)
                case Raw():
                    self.send_bytes(behaviour.code, behaviour.text.encode(), {})
                case Hang():
                    running.closing.wait(30)
                    self.close_connection = True
                case Cut():
                    self.wfile.write(_HALF_A_REPLY)
                    self.wfile.flush()
                    self.close_connection = True

    return Handler


def bodies(running: StandIn) -> Sequence[Any]:
    """The JSON bodies received, in order."""
    return [request.body for request in running.received]
