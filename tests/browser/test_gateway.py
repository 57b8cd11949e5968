"""What a real Chromium behind the gateway cannot reach, whichever way a page tries."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Playwright, expect
from tests.browser.engine_fixture import EngineBench, failed, passed
from tests.browser.stagehand.models import element_id
from tests.conftest import Site

from tierwright.browser.access import access_policy
from tierwright.browser.addresses import IPAddress
from tierwright.browser.gateway import Gateway
from tierwright.browser.launch import LaunchedBrowser, LaunchOptions, launch
from tierwright.core.deadline import Deadline, SystemClock
from tierwright.core.results import ErrorKind
from tierwright.models.stagehand import Choice, Question, StagehandDoor
from tierwright.page.inject import install
from tierwright.page.session import PageSession

pytestmark = pytest.mark.browser


class Names:
    """A resolver whose names lead where the test says, one answer after the other; the last one stays."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[str, ...]]] = {}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[IPAddress]:
        self.asked.append(host)
        left = self.answers.get(host)
        if left is None:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
            return [ip_address(str(entry[4][0])) for entry in found]
        answer = left.pop(0) if len(left) > 1 else left[0]
        return [ip_address(text) for text in answer]


NAMES = Names()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gated(
    playwright: Playwright, chromium_path: Path, _sites: tuple[Site, Site]
) -> AsyncIterator[LaunchedBrowser]:
    """A browser that may open the first site, by its address and as *.shop.test, and nothing else of this machine."""
    port = _sites[0].origin.rpartition(":")[2]
    access = access_policy([f"127.0.0.1:{port}", "*.shop.test"])
    opened = await launch(playwright, LaunchOptions(executable=chromium_path, access=access), resolve=NAMES)
    await install(opened.context)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def page(gated: LaunchedBrowser) -> AsyncIterator[Page]:
    opened = await gated.context.new_page()
    yield opened
    with contextlib.suppress(TimeoutError):  # Chromium's own error page does not always close, gateway or not
        async with asyncio.timeout(5):
            await opened.close()


def gateway_of(browser: LaunchedBrowser) -> Gateway:
    assert browser.gateway is not None
    return browser.gateway


def port_of(site: Site) -> str:
    return site.origin.rpartition(":")[2]


async def test_what_is_allowed_works_with_forms_redirects_downloads_and_events(page: Page, site: Site) -> None:
    site.page("/", "<form method=post action=/sent><input name=a value=1><button>Go</button></form>")
    site.page("/sent", "<title>sent</title>")
    site.respond("/away", b"", status=302, headers=(("Location", "/sent"),))
    site.respond("/file", b"x" * 300_000, headers=(("Content-Disposition", "attachment; filename=a.bin"),))
    await page.goto(site.url("/"))
    await page.click("button")
    await expect(page).to_have_title("sent")
    assert next(r for r in site.requests if r.method == "POST").body == "a=1"
    await page.goto(site.url("/away"))
    assert page.url == site.url("/sent")
    async with page.expect_download() as waiting:
        await page.evaluate("location.href = '/file'")
    assert len((await (await waiting.value).path()).read_bytes()) == 300_000
    assert await page.evaluate("fetch('/sent', {method: 'PUT', body: 'y'.repeat(200000)}).then(r => r.status)") == 200
    assert len(site.requests[-1].body) == 200_000


# --- ways of a page ---------------------------------------------------------------------------------------

SPELLINGS = (
    "127.0.0.1",
    "localhost",
    "LOCALHOST.",
    "deep.localhost",
    "2130706433",
    "0x7f000001",
    "0177.0.0.01",
    "127.1",
    "0.0.0.0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "shop.test@127.0.0.1",
    "127.0.0.2",
)
"""Ways to write this machine; the last ones hide it behind a user's name, or are other addresses of loopback."""

WAYS = {
    "fetch": "url => fetch(url, {mode: 'no-cors'}).then(() => 1, () => 0)",
    "post": "url => fetch(url, {mode: 'no-cors', method: 'POST', body: 'x'}).then(() => 1, () => 0)",
    "image": "url => new Promise(done => { const i = new Image(); i.onload = i.onerror = done; i.src = url })",
    "script": "url => new Promise(done => { const s = document.createElement('script');"
    " s.onload = s.onerror = done; s.src = url; document.head.append(s) })",
    "style": "url => new Promise(done => { const s = document.createElement('link'); s.rel = 'stylesheet';"
    " s.onload = s.onerror = done; s.href = url; document.head.append(s) })",
    "iframe": "url => new Promise(done => { const f = document.createElement('iframe'); f.onload = done; f.src = url;"
    " document.body.append(f); setTimeout(done, 1500) })",
    "events": "url => new Promise(done => { const e = new EventSource(url); e.onerror = () => { e.close(); done() } })",
    "beacon": "url => { navigator.sendBeacon(url, 'x'); return new Promise(done => setTimeout(done, 300)) }",
    "socket": "url => new Promise(done => { try { const s = new WebSocket(url.replace('http', 'ws'));"
    " s.onopen = s.onclose = done } catch (e) { done() } })",
    "hints": "url => { for (const rel of ['preconnect', 'dns-prefetch', 'prefetch', 'preload']) {"
    " const l = document.createElement('link'); l.rel = rel; l.as = 'image'; l.href = url; document.head.append(l) }"
    " return new Promise(done => setTimeout(done, 300)) }",
    "worker": "url => new Promise(done => { const code = `fetch('${url}', {mode: 'no-cors'})"
    ".then(() => postMessage(1), () => postMessage(0))`; const w = new Worker(URL.createObjectURL(new Blob([code])));"
    " w.onmessage = done; w.onerror = done; setTimeout(done, 3000) })",
}


@pytest.mark.parametrize("way", WAYS)
async def test_no_way_of_a_page_leads_to_this_machine(
    way: str, page: Page, site: Site, other_site: Site, gated: LaunchedBrowser
) -> None:
    await page.goto(site.page("/", "<p>x</p>"))
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"):
        await page.evaluate(WAYS[way], f"http://{host}:{port_of(other_site)}/{way}")
    assert other_site.requests == []
    assert "on this machine" in (gateway_of(gated).trouble(other_site.url("/")) or "")


@pytest.mark.parametrize("way", ["fetch", "image", "iframe", "worker"])
async def test_each_of_these_ways_does_lead_to_what_is_allowed(way: str, page: Page, site: Site) -> None:
    """So that the tests above try what works."""
    await page.goto(site.page("/", "<p>x</p>"))
    await page.evaluate(WAYS[way], site.page("/there", "<p>x</p>"))
    assert "/there" in [r.path for r in site.requests]


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_spelling_of_this_machine_is_navigated_to(host: str, page: Page, other_site: Site) -> None:
    with contextlib.suppress(PlaywrightError):
        response = await page.goto(f"http://{host}:{port_of(other_site)}/")
        assert response is not None
        assert response.status == 403
        assert "may not be opened" in await page.inner_text("body")
    assert other_site.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_does_not_lead_there(status: int, page: Page, site: Site, other_site: Site) -> None:
    away = site.respond("/away", b"", status=status, headers=(("Location", other_site.url("/secret")),))
    response = await page.goto(away)
    assert response is not None
    assert response.status == 403
    await page.goto(site.page("/", "<p>x</p>"))
    await page.evaluate("url => fetch(url, {mode: 'no-cors'}).catch(() => 0)", away)
    assert other_site.requests == []


async def test_a_service_worker_does_not_lead_there(page: Page, site: Site, other_site: Site) -> None:
    code = f"""self.addEventListener('install', () => self.skipWaiting());
    self.addEventListener('activate', e => e.waitUntil(clients.claim()));
    self.addEventListener('fetch', e => {{ if (e.request.url.endsWith('/ask'))
      e.respondWith(fetch('{other_site.url("/secret")}', {{mode: 'no-cors'}}).then(() => new Response('asked'),
        () => new Response('failed'))) }});"""
    site.respond("/sw.js", code.encode(), content_type="text/javascript")
    await page.goto(site.page("/", "<p>x</p>"))
    await page.evaluate(
        "navigator.serviceWorker.register('/sw.js').then(() => new Promise(done => {"
        " if (navigator.serviceWorker.controller) done();"
        " navigator.serviceWorker.addEventListener('controllerchange', done) }))"
    )
    assert await page.evaluate("fetch('/ask').then(r => r.text())") in ("asked", "failed")
    assert other_site.requests == []
    await page.evaluate("navigator.serviceWorker.getRegistration().then(r => r.unregister())")


async def test_a_download_does_not_lead_there(page: Page, site: Site, other_site: Site) -> None:
    other_site.respond("/file", b"secret", headers=(("Content-Disposition", "attachment; filename=a"),))
    away = site.respond("/away", b"", status=302, headers=(("Location", other_site.url("/file")),))
    await page.goto(site.page("/", f"<a href={away} download>one</a><a href={other_site.url('/file')}>two</a>"))
    await page.click("text=one")
    await page.wait_for_timeout(500)
    await page.goto(site.url("/"))
    await page.click("text=two")
    await page.wait_for_timeout(500)
    assert other_site.requests == []


@contextlib.contextmanager
def udp_listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port that notes every datagram."""
    came: list[bytes] = []
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.bind(("127.0.0.1", 0))
    ear.settimeout(0.1)
    stop = threading.Event()

    def hear() -> None:
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                came.append(ear.recv(2000))

    thread = threading.Thread(target=hear, daemon=True)
    thread.start()
    yield ear.getsockname()[1], came
    stop.set()
    thread.join()
    ear.close()


async def test_neither_webrtc_nor_webtransport_sends_a_datagram(page: Page, site: Site) -> None:
    await page.goto(site.page("/", "<p>x</p>"))
    with udp_listener() as (port, came):
        found = await page.evaluate(
            """async port => { const found = [];
              const c = new RTCPeerConnection({iceServers: [{urls: `stun:127.0.0.1:${port}`},
                {urls: `turn:127.0.0.1:${port}`, username: 'a', credential: 'b'}]});
              c.onicecandidate = e => { if (e.candidate && e.candidate.candidate) found.push(e.candidate.candidate) };
              c.createDataChannel('x'); await c.setLocalDescription(await c.createOffer());
              try { const t = new WebTransport(`https://127.0.0.1:${port}/`); t.ready.catch(() => 0);
                t.closed.catch(() => 0) } catch (e) { }
              await new Promise(done => setTimeout(done, 2000)); c.close(); return found }""",
            port,
        )
    assert came == []
    assert [candidate for candidate in found if " udp " in candidate.lower()] == []


async def test_without_a_gateway_webrtc_does_send_datagrams(launched: LaunchedBrowser, site: Site) -> None:
    """So that the test above tries what works."""
    await launched.page.goto(site.page("/", "<p>x</p>"))
    with udp_listener() as (port, came):
        await launched.page.evaluate(
            """async port => { const c = new RTCPeerConnection({iceServers: [{urls: `stun:127.0.0.1:${port}`}]});
              c.createDataChannel('x'); await c.setLocalDescription(await c.createOffer());
              await new Promise(done => setTimeout(done, 1500)); c.close() }""",
            port,
        )
    assert came != []


# --- names ------------------------------------------------------------------------------------------------


async def test_a_name_that_is_allowed_leads_to_this_machine(page: Page, site: Site) -> None:
    site.page("/", "<title>shop</title>")
    NAMES.answers = {"www.shop.test": [("127.0.0.1",)]}
    await page.goto(f"http://www.shop.test:{port_of(site)}/")
    assert await page.title() == "shop"


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("10.0.0.1",), ("8.8.8.8", "127.0.0.1"), ("169.254.169.254",)])
async def test_a_name_that_leads_there_is_refused(addresses: tuple[str, ...], page: Page, other_site: Site) -> None:
    NAMES.answers = {"evil.test": [addresses]}
    response = await page.goto(f"http://evil.test:{port_of(other_site)}/")
    assert response is not None
    assert response.status == 403
    assert other_site.requests == []


async def test_not_even_an_allowed_name_leads_to_a_clouds_metadata(page: Page) -> None:
    NAMES.answers = {"www.shop.test": [("169.254.169.254",)]}
    response = await page.goto("http://www.shop.test/latest/meta-data/")
    assert response is not None
    assert "metadata" in await response.text()


@contextlib.contextmanager
def victim_beside(port: int) -> Iterator[list[str]]:
    """A site on the same port of another address of this machine."""
    asked: list[str] = []

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(200)

        def log_message(self, *args: object) -> None:
            return

    server = Server(("::1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield asked
    server.shutdown()
    server.server_close()
    thread.join()


async def test_a_name_that_changes_its_mind_gains_nothing(page: Page, site: Site) -> None:
    """DNS rebinding: what was checked is what is connected to, and the next connection is checked again."""
    site.page("/", "<p>x</p>")
    port = int(port_of(site))
    with victim_beside(port) as asked:
        NAMES.answers = {"two.test": [("127.0.0.1",), ("::1",)]}
        NAMES.asked.clear()
        await page.goto(f"http://two.test:{port}/")
        assert await page.inner_text("p") == "x"
        await page.evaluate("fetch('/again').then(r => r.text())")
        assert NAMES.asked.count("two.test") >= 2
        assert asked == []


@pytest.mark.parametrize("method", ["fetch", "socket"])
async def test_every_connection_asks_for_the_name_once(method: str, page: Page, site: Site) -> None:
    """Between the check and the connection nobody is asked again, so that there is nothing to rebind."""
    await page.goto(site.page("/", "<p>x</p>"))
    NAMES.answers = {"once.test": [("127.0.0.1",)]}
    NAMES.asked.clear()
    await page.evaluate(WAYS[method], f"http://once.test:{port_of(site)}/once")
    assert NAMES.asked.count("once.test") == 1


async def test_no_proxy_in_the_environment_opens_nothing(
    playwright: Playwright, chromium_path: Path, other_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "*,127.0.0.1,localhost")
    opened = await launch(
        playwright, LaunchOptions(executable=chromium_path, stagehand=False, access=access_policy([]))
    )
    try:
        response = await opened.page.goto(other_site.page("/", "<p>x</p>"))
    finally:
        await opened.close()
    assert response is not None
    assert response.status == 403
    assert other_site.requests == []


# --- what a run is told -----------------------------------------------------------------------------------


@pytest.fixture
def bench(page: Page, gated: LaunchedBrowser, site: Site, tmp_path: Path) -> EngineBench:
    made = EngineBench(page, tmp_path, site.origin)
    made.session = PageSession(
        page,
        base_url=site.origin,
        files_dir=tmp_path,
        downloads_dir=tmp_path,
        shoot=made.camera.asked_for,
        confined=True,
        gate=gateway_of(gated),
    )
    return made


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_refused_navigation_says_what_and_the_way_out(
    scheme: str, bench: EngineBench, other_site: Site
) -> None:
    port = port_of(other_site)
    result = await bench.run(f"- {{action: navigate, value: '{scheme}://127.0.0.1:{port}/'}}")
    failed(result, ErrorKind.NAVIGATION, f"127.0.0.1:{port} may not be opened", "on this machine", "allowed_hosts")


async def test_a_click_that_leads_there_fails_the_next_step_in_these_words(
    bench: EngineBench, site: Site, other_site: Site
) -> None:
    site.page("/", f"<a href={other_site.url('/')}>Away</a>")
    result = await bench.run(
        "- {action: navigate, value: /}\n- {action: click, selector: text=Away}\n- {action: click, selector: '#there'}"
    )
    step = failed(result, ErrorKind.NAVIGATION, "may not be opened", "allowed_hosts")
    assert step.index == 2


async def test_what_a_page_was_refused_is_a_warning(bench: EngineBench, site: Site, other_site: Site) -> None:
    site.page("/", f"<p>x</p><img src=http://10.9.8.7:{port_of(other_site)}/>")
    (step,) = passed(await bench.run("- {action: navigate, value: /}"))
    assert [w.kind for w in step.warnings] == ["refused"]
    assert "10.9.8.7" in step.warnings[0].message


async def test_a_site_that_is_down_is_not_called_refused(bench: EngineBench, site: Site) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        NAMES.answers = {"down.shop.test": [("127.0.0.1",)]}
        address = f"http://down.shop.test:{unused.getsockname()[1]}/"
        result = await bench.run(f"- {{action: navigate, value: '{address}'}}")
    failed(result, ErrorKind.NAVIGATION, "could not be reached", "refused")


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        " FILE:///etc/passwd",
        "fi\tle:///etc/passwd",
        "chrome://version",
        "view-source:http://x/",
        "data:text/html,<p>x</p>",
        "javascript:alert(1)",
        "chrome-extension://abc/x.html",
        "devtools://devtools/x",
    ],
)
async def test_a_step_opens_nothing_but_the_web(address: str, bench: EngineBench) -> None:
    result = await bench.run(f"- {{action: navigate, value: {json.dumps(address)}}}")
    failed(result, ErrorKind.NAVIGATION, "not of the web")
    assert bench.page.url == "about:blank"


@pytest.mark.parametrize("allowed", [None, "example.com", "example.com, 127.0.0.0/8"])
async def test_the_command_line_is_filtered_when_the_environment_names_hosts(
    allowed: str | None, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.page("/", "<p>x</p>")
    file = tmp_path / "a.tw.yaml"
    file.write_text("name: a\nsteps:\n  - {action: navigate, value: /}\n")
    env = {**os.environ, **({"TIERWRIGHT_ALLOWED_HOSTS": allowed} if allowed else {})}
    words = ["-m", "tierwright", "run", str(file), "--base-url", site.origin, "--state", str(tmp_path / "state")]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output, _ = await process.communicate()
    refused = allowed == "example.com"
    assert (process.returncode, "may not be opened" in output.decode()) == (1 if refused else 0, refused), output
    assert (site.requests == []) is refused


# --- the debugging port -----------------------------------------------------------------------------------

TOUCH = """async port => { const seen = {};
  for (const host of ['127.0.0.1', 'localhost', 'a.localhost', '[::1]']) {
    for (const path of ['/json/version', '/json/list', '/json/protocol']) {
      try { const r = await fetch(`http://${host}:${port}${path}`); const text = await r.text();
        seen[`read ${host}${path}`] = text.includes('may not') || text.includes('not for pages') ? '' : text }
      catch (e) { seen[`read ${host}${path}`] = '' } }
    try { await fetch(`http://${host}:${port}/json/new?about:blank`, {method: 'PUT'}); } catch (e) { }
    for (const path of ['/devtools/browser', '/devtools/page/x'])
      seen[`socket ${host}${path}`] = await new Promise(done => {
        try { const s = new WebSocket(`ws://${host}:${port}${path}`); s.onopen = () => done('open');
          s.onclose = s.onerror = () => done('') } catch (e) { done('') } setTimeout(() => done(''), 3000) });
  }
  return seen }"""


async def touched(browser: LaunchedBrowser, site: Site) -> dict[str, Any]:
    """What a page gets from its browser's debugging port, which it knows, and the browser's own id with it."""
    assert browser.cdp_url
    port = browser.cdp_url.rpartition(":")[2]
    own_path = (browser.profile / "DevToolsActivePort").read_text().split()[1]
    opened = await browser.context.new_page()
    await opened.goto(site.page("/", "<p>x</p>"))
    tabs = len(browser.context.pages)
    seen = await opened.evaluate(TOUCH.replace("/devtools/page/x", own_path), int(port))
    assert len(browser.context.pages) == tabs
    await opened.close()
    return {what: got for what, got in seen.items() if got}


async def test_a_page_gets_nothing_from_the_debugging_port_through_the_gateway(
    gated: LaunchedBrowser, site: Site
) -> None:
    assert await touched(gated, site) == {}


async def test_a_page_gets_nothing_from_the_debugging_port_without_a_gateway(
    launched: LaunchedBrowser, site: Site
) -> None:
    assert await touched(launched, site) == {}


async def test_not_even_allowing_this_machine_opens_any_debugging_port(
    playwright: Playwright, chromium_path: Path, site: Site, launched: LaunchedBrowser
) -> None:
    """Neither its own browser's, nor that of another browser of the same process, nor as a page to look at."""
    access, guarded = access_policy(["127.0.0.0/8", "localhost", "*.localhost", "::1"]), set[int]()
    first, second = [
        await launch(playwright, LaunchOptions(executable=chromium_path, access=access), guarded) for _ in range(2)
    ]
    try:
        assert await touched(first, site) == {}
        for other in (first, second):
            assert other.cdp_url
            response = await first.page.goto(f"{other.cdp_url}/json/list")
            assert response is not None
            assert response.status == 403
    finally:
        await asyncio.gather(first.close(), second.close())
    assert guarded == set()


async def test_stagehand_works_through_the_gateway(gated: LaunchedBrowser, page: Page, site: Site) -> None:
    """Its extension alone comes in to the debugging port."""
    assert gated.cdp_url
    door = await StagehandDoor.connect(gated.cdp_url)
    await page.goto(site.page("/", "<button onclick=\"document.title += 'x'\">Send the order</button>"))

    async def click(question: Question) -> dict[str, Any]:
        return dict(Choice(element_id(question.prompt, "button: Send"), "click").as_json())

    await door.act("x", page, Deadline.after(SystemClock(), 20), click)
    assert await page.title() == "x"
    await door.close()
