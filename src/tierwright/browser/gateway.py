"""The way out of one browser: a proxy on loopback that checks where a host leads and connects to what it checked."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from tierwright.browser.access import AccessPolicy, Verdict, literal_address, normal_host, shown
from tierwright.browser.addresses import IPAddress, Reach, reach_of
from tierwright.browser.http_heads import HEAD_LIMIT, BadMessageError, Head, read_head

RESOLVE_SECONDS = 10.0
CONNECT_SECONDS = 10.0
DOOR_SECONDS = 5.0
NOBODY_PORT = 9
"""Where the browser's own calls home are sent to; what arrives for it is no page's wish."""

_BLOCK = 64 * 1024
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}")
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}

Resolve = Callable[[str, int], Awaitable[Sequence[IPAddress]]]
"""The addresses of a host. Raises OSError."""


async def resolve_host(host: str, port: int) -> Sequence[IPAddress]:
    """The addresses of a host as this machine knows them; names below localhost are this machine's. Raises OSError."""
    literal = literal_address(host)
    if literal is not None:
        return (literal,)
    if f".{normal_host(host)}".endswith(".localhost"):
        return (ip_address("127.0.0.1"), ip_address("::1"))
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(RESOLVE_SECONDS):
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(ip_address(str(entry[4][0])) for entry in found))


class RefusedError(Exception):
    """The policy refuses a host."""


@dataclass(slots=True, eq=False)
class Gateway:
    """A proxy for one browser. `guarded` are ports of this machine that no page reaches, whatever is allowed.

    `extension_origin` alone may open a WebSocket to `debugging_port`; see `let_in`.
    """

    policy: AccessPolicy
    guarded: set[int] = field(default_factory=set)
    resolve: Resolve = resolve_host
    extension_origin: str = field(default="", init=False)
    debugging_port: int = field(default=0, init=False)
    _server: asyncio.Server | None = field(default=None, init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    _troubles: dict[tuple[str, int], str] = field(default_factory=dict, init=False)
    _refusals: dict[str, None] = field(default_factory=dict, init=False)
    _told: set[str] = field(default_factory=set, init=False)

    async def open(self) -> None:
        """Listen on a free port of loopback."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=HEAD_LIMIT)
        self.guarded.add(self.port)

    async def close(self) -> None:
        """Stop listening and end what is under way."""
        if self._server is None:
            return
        self.guarded.discard(self.port)
        self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._server = None

    def let_in(self, debugging_port: int, extension_origin: str) -> None:
        """Let this origin alone open WebSockets to the browser's debugging port."""
        self.debugging_port, self.extension_origin = debugging_port, extension_origin

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    # --- what a run is told -------------------------------------------------------------------------------

    def trouble(self, address: str) -> str | None:
        """Why the last connection for a URL's host was refused or failed; None when it was made."""
        parts = urlsplit(address)
        try:
            port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
        except ValueError:
            return None
        return self._troubles.get((normal_host(parts.hostname or ""), port))

    def take_refusals(self) -> tuple[str, ...]:
        """What was refused since the last call, each thing once in a browser's life."""
        fresh = tuple(words for words in self._refusals if words not in self._told)
        self._told.update(fresh)
        self._refusals.clear()
        return fresh

    # --- connections --------------------------------------------------------------------------------------

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer), name="tierwright-gateway")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        client = _Peer(reader, writer)
        try:
            head = await _request(reader)
            if head is not None:
                await (self._tunnel(head, client) if head.words[0] == "CONNECT" else self._forward(head, client))
        except RefusedError as error:
            await client.answer(403, "Forbidden", f"{error}.\n")
        except BadMessageError as error:
            await client.answer(400, "Bad Request", f"{error}\n")
        except (OSError, EOFError, asyncio.LimitOverrunError):
            return  # whoever asked sees a connection that closes, as without a proxy
        finally:
            client.close()

    async def _tunnel(self, head: Head, client: _Peer) -> None:
        host, port = _authority(head.words[1])
        if port == self.debugging_port and port and _is_loopback_name(host):
            await self._debugging(port, client)
            return
        server = await self._connect(host, port)
        try:
            await client.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await _both_ways(client, server)
        finally:
            server.close()

    async def _debugging(self, port: int, client: _Peer) -> None:
        """The one way to the debugging port: a WebSocket whose Origin, which no page can choose, is the extension."""
        await client.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        async with asyncio.timeout(DOOR_SECONDS):
            head = await read_head(client.reader)
        if head is None:
            return
        is_socket = head.upgrades and head.first("upgrade").lower() == "websocket"
        if not (is_socket and self.extension_origin and head.all("origin") == [self.extension_origin]):
            raise self._refused("127.0.0.1", port, "the browser's debugging port is not for pages")
        server = await _connect_to(ip_address("127.0.0.1"), port)
        try:
            keep = ("Connection", head.first("connection"))
            await server.send(head.forwarded(head.words, (keep,), frozenset()))
            await _both_ways(client, server)
        finally:
            server.close()

    async def _forward(self, head: Head, client: _Peer) -> None:
        method, target, _ = head.words
        host, port, path, authority = _absolute(target)
        length = head.body_length()
        server = await self._connect(host, port)
        connection = ("Connection", "Upgrade" if head.upgrades else "close")
        try:
            without = frozenset({"host", "expect"})
            await server.send(head.forwarded((method, path, "HTTP/1.1"), (("Host", authority), connection), without))
            if head.upgrades:
                await self._answer(server, client, method)
            else:
                await _first_of(self._upload(client, server, length), self._answer(server, client, method))
        except BadMessageError as error:
            raise ConnectionError(str(error)) from error  # too late to answer anything else
        finally:
            server.close()

    async def _upload(self, client: _Peer, server: _Peer, length: int | None) -> None:
        """Send the body, and end when whoever asked has gone."""
        await (_copy_chunks(client.reader, server) if length is None else _copy(client.reader, server, length))
        await client.gone()

    async def _answer(self, server: _Peer, client: _Peer, method: str) -> None:
        """The server's answer; one connection serves one request, so that none slips by unchecked behind another."""
        while True:
            head = await read_head(server.reader)
            if head is None:
                raise ConnectionError(f"no answer to {method}")
            if head.words[1] == "101":
                await client.send(head.forwarded(head.words, (("Connection", "Upgrade"),), frozenset()))
                await _both_ways(client, server)
                return
            interim = head.words[1].startswith("1")
            close = () if interim else (("Connection", "close"),)
            await client.send(head.forwarded(head.words, close, frozenset()))
            if not interim:
                await _pipe(server.reader, client)
                return

    # --- checking -----------------------------------------------------------------------------------------

    async def _connect(self, host: str, port: int) -> _Peer:
        """A connection to an address of the host that was checked a moment ago. Raises RefusedError and OSError."""
        key = (normal_host(host), port)
        try:
            peer = await self._connect_checked(host, port)
        except (OSError, UnicodeError) as error:
            self._troubles[key] = f"{shown(*key)} could not be reached: {_reason(error)}"
            raise ConnectionError(self._troubles[key]) from error
        self._troubles.pop(key, None)
        return peer

    async def _connect_checked(self, host: str, port: int) -> _Peer:
        verdict = self._verdict(host, port, await self.resolve(host, port))
        problem: OSError = ConnectionError("it has no address")
        for address in verdict.addresses:
            try:
                return await _connect_to(address, port)
            except OSError as error:
                problem = error
        raise problem

    def _verdict(self, host: str, port: int, addresses: Sequence[IPAddress]) -> Verdict:
        local = any(reach_of(address) in (Reach.LOOPBACK, Reach.UNSPECIFIED) for address in addresses)
        if local and port in self.guarded:
            raise self._refused(host, port, "a browser's debugging port is not for pages")
        verdict = self.policy.decide(host, port, addresses)
        if addresses and not verdict.allowed:
            raise self._refused(host, port, verdict.reason)
        return verdict

    def _refused(self, host: str, port: int, words: str) -> RefusedError:
        if port != NOBODY_PORT:
            self._troubles[(normal_host(host), port)] = words
            self._refusals[words] = None
        return RefusedError(words)


# --- peers ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Peer:
    reader: StreamReader
    writer: StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, status: int, phrase: str, text: str) -> None:
        body = text.encode()
        lines = (
            f"HTTP/1.1 {status} {phrase}",
            "Content-Type: text/plain; charset=utf-8",
            "X-Content-Type-Options: nosniff",
            "Cache-Control: no-store",
            "Connection: close",
            f"Content-Length: {len(body)}",
        )
        with contextlib.suppress(OSError):
            await self.send(("\r\n".join(lines) + "\r\n\r\n").encode() + body)

    async def gone(self) -> None:
        """Wait until it closes; what it sends meanwhile belongs to nothing."""
        while await self.reader.read(_BLOCK):
            pass

    def close(self) -> None:
        self.writer.close()


async def _connect_to(address: IPAddress, port: int) -> _Peer:
    async with asyncio.timeout(CONNECT_SECONDS):
        return _Peer(*await asyncio.open_connection(str(address), port, limit=HEAD_LIMIT))


async def _both_ways(one: _Peer, other: _Peer) -> None:
    await _first_of(_pipe(one.reader, other), _pipe(other.reader, one))


async def _first_of(*works: Coroutine[Any, Any, None]) -> None:
    """Wait until one of them ends, and end the others; what the first one raised is raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in done:
        task.result()


async def _pipe(source: StreamReader, target: _Peer) -> None:
    while data := await source.read(_BLOCK):
        await target.send(data)


async def _copy(source: StreamReader, target: _Peer, length: int) -> None:
    while length > 0:
        data = await source.read(min(length, _BLOCK))
        if not data:
            raise ConnectionError("the body ended early")
        length -= len(data)
        await target.send(data)


async def _copy_chunks(source: StreamReader, target: _Peer) -> None:
    """A chunked body, chunk by chunk, so that nothing behind it is taken for a part of it."""
    while True:
        line = await source.readuntil(b"\r\n")
        size = _chunk_size(line)
        await target.send(line)
        await _copy(source, target, size + 2 if size else 0)
        if size == 0:
            break
    while (line := await source.readuntil(b"\r\n")) != b"\r\n":
        await target.send(line)
    await target.send(line)


def _chunk_size(line: bytes) -> int:
    text = line.split(b";")[0].strip().decode("latin-1")
    if not re.fullmatch(r"[0-9A-Fa-f]{1,12}", text):
        raise BadMessageError("a chunk has no size")
    return int(text, 16)


# --- requests --------------------------------------------------------------------------------


async def _request(reader: StreamReader) -> Head | None:
    head = await read_head(reader)
    if head is not None and head.words[2] not in ("HTTP/1.0", "HTTP/1.1"):
        raise BadMessageError("only HTTP/1 is spoken here")
    return head


def _authority(text: str) -> tuple[str, int]:
    """Host and port of a CONNECT. Raises BadMessageError."""
    host, _, port = text.rpartition(":")
    if not port.isascii() or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise BadMessageError("the address has no port")
    return _checked_host(host), int(port)


def _absolute(target: str) -> tuple[str, int, str, str]:
    """Host, port, path and authority of a request to a proxy. Raises BadMessageError."""
    try:
        parts = urlsplit(target)
        host, port = _checked_host(parts.hostname or ""), parts.port or 80
    except ValueError as error:
        raise BadMessageError("the address is none") from error
    if parts.scheme.lower() not in ("http", "ws"):
        raise BadMessageError("only http can be asked for without a tunnel")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query or target.endswith("?") else "")
    return host, port, path, parts.netloc.rpartition("@")[2]


def _checked_host(host: str) -> str:
    plain = host.removeprefix("[").removesuffix("]")
    if not _HOST.fullmatch(plain) and literal_address(plain) is None:
        raise BadMessageError("the host is none")
    return plain


def _is_loopback_name(host: str) -> bool:
    literal = literal_address(host)
    return normal_host(host) == "localhost" if literal is None else reach_of(literal) is Reach.LOOPBACK


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, socket.gaierror | UnicodeError):
        return "no such host is known"
    return "the connection was refused" if isinstance(error, ConnectionRefusedError) else str(error)
