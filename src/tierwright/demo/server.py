"""The demo shop on loopback: two ports, two versions, one visit a browser session."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex
from typing import Literal
from urllib.parse import urlsplit

from tierwright.demo.routes import Reply, Request, answer, answer_payment
from tierwright.demo.shop import Visit

Version = Literal[1, 2]
_BODY_LIMIT_BYTES = 1_000_000


@dataclass(slots=True)
class Visits:
    """The visits of one server, by cookie."""

    by_cookie: dict[str, Visit] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, cookie: str | None) -> tuple[str, Visit]:
        """The visit of a cookie; an unknown one starts anew."""
        with self.lock:
            if cookie is None or cookie not in self.by_cookie:
                cookie = token_hex(16)
                self.by_cookie[cookie] = Visit()
            return cookie, self.by_cookie[cookie]


class _Server(ThreadingHTTPServer):
    """Joins its threads when it closes: it cuts the connections a browser opens ahead of need."""

    daemon_threads = False

    def __init__(self, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), handler)
        self._loop = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, name="demo-shop")

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        self._loop.start()

    def stop(self) -> None:
        self.shutdown()
        self._loop.join()
        with self._lock:
            for connection in self._open:
                _hang_up(connection)
        self.server_close()

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, address = super().get_request()
        with self._lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        assert isinstance(request, socket.socket)
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say what went wrong, unless the browser merely hung up."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was faster


class _Handler(BaseHTTPRequestHandler):
    """Reads a request, hands it to the routes, writes the reply. One connection a request."""

    version: Version
    visits: Visits
    cookie_name: str
    payment_origin: str

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        cookie, visit = self.visits.of(self._cookie())
        self._send(answer(self._request(), visit, self.version, self.payment_origin), cookie)

    def _request(self) -> Request:
        url = urlsplit(self.path)
        length = min(int(self.headers.get("Content-Length") or 0), _BODY_LIMIT_BYTES)
        body = self.rfile.read(length) if length else b""
        return Request(self.command, url.path, url.query, body, self.headers.get_content_type())

    def _cookie(self) -> str | None:
        try:
            jar = SimpleCookie(self.headers.get("Cookie", ""))
        except CookieError:
            return None
        return jar[self.cookie_name].value if self.cookie_name in jar else None

    def _send(self, reply: Reply, cookie: str | None) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Cache-Control", "no-store")
        for name, value in reply.headers:
            self.send_header(name, value)
        if cookie is not None:
            self.send_header("Set-Cookie", f"{self.cookie_name}={cookie}; Path=/; HttpOnly; SameSite=Lax")
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: the demo's own output is what counts."""


class _PaymentHandler(_Handler):
    """The other origin: the payment provider's frame."""

    def _answer(self) -> None:
        self._send(answer_payment(self._request(), self.version), None)


@dataclass(frozen=True, slots=True)
class DemoShop:
    """A running shop. `base_url` is its address, `payment_url` that of the other origin."""

    base_url: str
    payment_url: str
    _servers: tuple[_Server, ...] = field(repr=False)
    _stopped: threading.Event = field(default_factory=threading.Event, repr=False)

    def stop(self) -> None:
        """Close both ports and wait for every thread; the second call does nothing."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        for server in self._servers:
            server.stop()


@contextmanager
def serve(version: Version, port: int = 0) -> Iterator[DemoShop]:
    """Serve one version of the shop on 127.0.0.1 until the block ends.

    Port 0 takes a free one. Raises OSError when the port is taken.
    """
    shop = start(version, port)
    try:
        yield shop
    finally:
        shop.stop()


def start(version: Version, port: int = 0, payment_port: int = 0) -> DemoShop:
    """Start the shop without a block around it; the caller must call `stop`. Raises OSError when a port is taken."""
    visits = Visits()
    payment = _Server(payment_port, type("PaymentHandler", (_PaymentHandler,), {"version": version}))
    try:
        shop = _Server(port, _Handler)
    except OSError:
        payment.server_close()
        raise
    cookie = f"fernkiln_{shop.server_address[1]}"  # cookies ignore ports: two shops on one host must not share one
    made = {"version": version, "visits": visits, "cookie_name": cookie, "payment_origin": payment.origin}
    shop.RequestHandlerClass = type("ShopHandler", (_Handler,), made)
    for server in (payment, shop):
        server.start()
    return DemoShop(shop.origin, payment.origin, (shop, payment))
