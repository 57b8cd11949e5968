"""The gateway on bare sockets: what no browser sends, but whoever reaches the port might."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import Site

from tierwright.browser.access import access_policy
from tierwright.browser.gateway import Gateway
from tierwright.browser.http_heads import BadMessageError, parse_head


@pytest_asyncio.fixture
async def gateway(site: Site) -> AsyncIterator[Gateway]:
    opened = Gateway(access_policy([site.origin]))
    await opened.open()
    yield opened
    await opened.close()
    assert [task for task in asyncio.all_tasks() if task.get_name() == "tierwright-gateway"] == []


async def said(gateway: Gateway, *parts: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    async with asyncio.timeout(5):
        answer = await reader.read(-1)
    writer.close()
    return answer


def get(site: Site, path: str = "/x", *headers: str) -> bytes:
    return "\r\n".join((f"GET {site.url(path)} HTTP/1.1", "Host: other.example", *headers, "", "")).encode()


async def test_a_request_reaches_its_site_without_what_was_meant_for_the_proxy(gateway: Gateway, site: Site) -> None:
    site.page("/x", "found")
    answer = await said(gateway, get(site, "/x?a=1", "Proxy-Authorization: Basic x", "Connection: X-Hop", "X-Hop: 1"))
    assert answer.startswith(b"HTTP/1.0 200") or answer.startswith(b"HTTP/1.1 200")
    assert answer.lower().count(b"\r\nconnection: close\r\n") == 1
    (request,) = site.requests
    assert request.path == "/x?a=1"
    assert request.headers["Host"] == site.origin.partition("//")[2], "the Host is that of the address that was checked"
    assert not {"Proxy-Authorization", "X-Hop"} & set(request.headers)


async def test_a_second_request_behind_the_first_is_not_sent(gateway: Gateway, site: Site) -> None:
    site.page("/x", "found")
    await said(gateway, get(site) + get(site, "/second"))
    body = b"POST " + site.url("/x").encode() + b" HTTP/1.1\r\nContent-Length: 2\r\n\r\nab" + get(site, "/second")
    await said(gateway, body)
    chunked = b"POST " + site.url("/x").encode() + b" HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    await said(gateway, chunked + get(site, "/second"))
    assert [(r.method, r.path) for r in site.requests] == [("GET", "/x"), ("POST", "/x"), ("POST", "/x")]


@pytest.mark.parametrize(
    "head",
    [
        "GET /relative HTTP/1.1",
        "GET https://127.0.0.1/ HTTP/1.1",
        "GET ftp://127.0.0.1/ HTTP/1.1",
        "GET http:// HTTP/1.1",
        "GET http://a b/ HTTP/1.1",
        "GET http://127.0.0.1:99999/ HTTP/1.1",
        "GET http://[::1/ HTTP/1.1",
        "CONNECT 127.0.0.1 HTTP/1.1",
        "CONNECT 127.0.0.1:0 HTTP/1.1",
        "CONNECT :80 HTTP/1.1",
        "CONNECT a\u00e4:80 HTTP/1.1",
        "nonsense",
        "GET SITE HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
        "GET SITE HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2",
        "GET SITE HTTP/1.1\r\nTransfer-Encoding: gzip, chunked",
        "GET SITE HTTP/1.1\r\nno colon",
        "GET SITE HTTP/1.1\r\n folded: x",
        "GET SITE HTTP/1.1\r\nA: x\nB: y",
        "GET SITE HTTP/1.1\r\nA: " + "x" * 300_000,
    ],
)
async def test_what_is_no_clear_request_is_refused(head: str, gateway: Gateway, site: Site) -> None:
    answer = await said(gateway, head.replace("SITE", site.url("/x")).encode() + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 4")
    assert site.requests == []


async def test_a_tunnel_to_what_is_refused_is_not_opened(gateway: Gateway, other_site: Site) -> None:
    place = other_site.origin.partition("//")[2]
    answer = await said(gateway, f"CONNECT {place} HTTP/1.1\r\n\r\n".encode() + get(other_site))
    assert answer.startswith(b"HTTP/1.1 403")
    assert place.encode() in answer
    assert other_site.requests == []
    assert len(gateway.take_refusals()) == 1
    assert gateway.take_refusals() == ()


async def test_the_debugging_port_takes_a_socket_of_the_extension_and_nothing_else(
    gateway: Gateway, site: Site
) -> None:
    port = int(site.origin.rpartition(":")[2])
    gateway.let_in(port, "chrome-extension://abc")
    gateway.guarded.add(port)
    connect = f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n".encode()
    socket = b"GET /devtools HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    for wanted in (
        socket + b"\r\n",
        socket + b"Origin: http://127.0.0.1\r\n\r\n",
        socket + b"Origin: chrome-extension://abc\r\nOrigin: http://x\r\n\r\n",
        b"GET /json HTTP/1.1\r\nOrigin: chrome-extension://abc\r\n\r\n",
    ):
        assert b"HTTP/1.1 403" in await said(gateway, connect, wanted)
    assert (await said(gateway, get(site))).startswith(b"HTTP/1.1 403")
    assert site.requests == []
    await said(gateway, connect, socket + b"Origin: chrome-extension://abc\r\n\r\n")
    assert [r.path for r in site.requests] == ["/devtools"]


async def test_closing_ends_what_is_under_way(site: Site) -> None:
    site.page("/slow", "x", delay_seconds=30)
    gateway = Gateway(access_policy([site.origin]))
    await gateway.open()
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(get(site, "/slow"))
    idle, other = await asyncio.open_connection("127.0.0.1", gateway.port)
    await asyncio.sleep(0.1)
    async with asyncio.timeout(2):
        await gateway.close()
        assert await reader.read() == await idle.read() == b""
    writer.close()
    other.close()
    assert gateway.guarded == set()


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading_of_a_head(data: bytes) -> None:
    try:
        head = parse_head(data + b"\r\n\r\n")
    except BadMessageError:
        return
    again = parse_head(head.forwarded(head.words, (), frozenset()))
    assert set(again.headers) <= set(head.headers)
