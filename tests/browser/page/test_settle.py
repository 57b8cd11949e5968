"""When a page has settled (H-8), and when it changed."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest
from playwright.async_api import BrowserContext, Page
from tests.conftest import Site

from tierwright.core.deadline import Deadline, SystemClock
from tierwright.page.inject import install
from tierwright.page.probe import probe
from tierwright.page.settle import PageActivity, Settled, wait_for_change, wait_settled

# ruff: noqa: E501 - pages are easier to read on one line
pytestmark = pytest.mark.browser


def seconds(count: float) -> Deadline:
    return Deadline.after(SystemClock(), count)


async def open_page(context: BrowserContext, url: str) -> tuple[Page, PageActivity]:
    await install(context)
    page = await context.new_page()
    activity = PageActivity(page)
    await page.goto(url)
    return page, activity


async def settle(page: Page, activity: PageActivity, limit: float = 10) -> Settled:
    return await wait_settled(activity, page, seconds(limit))


async def test_a_page_that_is_quiet_already_is_settled_at_once(context: BrowserContext, site: Site) -> None:
    """H-8: no fixed wait; the quiet window counts from the moment the page was opened."""
    page, activity = await open_page(context, site.page("/", "<h1>Hello</h1>"))
    await settle(page, activity)
    await page.wait_for_timeout(150)
    waits = [await settle(page, activity) for _ in range(10)]
    assert not any(settled.forced for settled in waits)
    assert min(settled.waited_ms for settled in waits) < 50


async def test_it_waits_until_the_dom_stopped_changing(context: BrowserContext, site: Site) -> None:
    """H-8: settled means no DOM mutation for a short quiet window."""
    script = "let n = 0; const t = setInterval(() => { document.body.append(`row ${++n} `); if (n == 12) clearInterval(t); }, 50);"
    page, activity = await open_page(context, site.page("/", f"<body><script>{script}</script>"))
    settled = await settle(page, activity)
    assert not settled.forced
    assert "row 12" in await page.inner_text("body")


async def test_it_waits_for_a_request_that_began_since_the_navigation(context: BrowserContext, site: Site) -> None:
    """H-8: a fetch in flight that began since the last navigation keeps a page from being settled."""
    site.respond("/slow", b"done", delay_seconds=0.6)
    script = "fetch('/slow').then(r => r.text()).then(t => document.body.append(t))"
    page, activity = await open_page(context, site.page("/", f"<body><script>{script}</script>"))
    settled = await settle(page, activity)
    assert not settled.forced
    assert await page.inner_text("body") == "done"


async def test_a_request_from_before_the_last_action_does_not_count(context: BrowserContext, site: Site) -> None:
    """H-8: a long poll that was there before the action is no reason to wait."""
    site.respond("/poll", b"", delay_seconds=8)
    page, activity = await open_page(context, site.page("/", "<body><script>fetch('/poll')</script>"))
    while not activity.busy_with:
        assert await activity.wait_for_event(seconds(5))
    activity.mark_action()
    settled = await settle(page, activity)
    assert not settled.forced
    assert settled.waited_ms < 1000


async def test_an_address_that_is_asked_again_and_again_is_polling(context: BrowserContext, site: Site) -> None:
    """H-8: addresses seen polling twice do not count, whatever time stamp they carry."""
    site.respond("/status", b"{}", delay_seconds=0.1)
    script = "const poll = () => fetch('/status?_=' + Date.now()).then(poll); poll()"
    page, activity = await open_page(context, site.page("/", f"<body><script>{script}</script>"))
    settled = await settle(page, activity)
    assert not settled.forced
    assert settled.waited_ms < 2500


async def test_an_event_stream_does_not_count(context: BrowserContext, site: Site) -> None:
    """H-8: EventSource does not count."""
    site.respond("/events", b"data: x\n\n", content_type="text/event-stream", delay_seconds=8)
    page, activity = await open_page(context, site.page("/", "<body><script>new EventSource('/events')</script>"))
    settled = await settle(page, activity)
    assert not settled.forced
    assert settled.waited_ms < 1500


@pytest.mark.parametrize(
    "busy",
    [
        '<div aria-busy="true">Loading</div>',
        '<div role="progressbar" style="width:10px;height:10px"></div>',
        "<progress></progress>",
        "<style>@keyframes turn{to{rotate:1turn}} .spinner{animation:turn 1s linear infinite;width:9px;height:9px}</style>"
        '<i class="spinner" style="display:block"></i>',
        "<style>@keyframes go{to{opacity:.4}} .card-skeleton{animation:go 1s infinite;width:90px;height:9px}</style>"
        '<div class="card-skeleton"></div>',
    ],
)
async def test_a_visible_busy_indicator_is_waited_for(context: BrowserContext, site: Site, busy: str) -> None:
    """H-8: not settled while something on the page says that it is busy."""
    script = "setTimeout(() => { const b = document.querySelector('#wait'); b.innerHTML = 'Ready' }, 700)"
    page, activity = await open_page(
        context, site.page("/", f'<body><div id="wait">{busy}</div><script>{script}</script>')
    )
    settled = await settle(page, activity)
    assert not settled.forced
    assert await page.inner_text("#wait") == "Ready"


async def test_decoration_that_moves_for_ever_is_not_busy(context: BrowserContext, site: Site) -> None:
    """H-8: an endless animation without a word about loading, and a style changed each frame, do not hold it up."""
    html = (
        "<style>@keyframes glow{to{opacity:.5}} .live-dot{animation:glow 1s infinite;width:9px;height:9px}</style>"
        '<div class="live-dot"></div><div id="m">x</div><div hidden aria-busy="true"></div>'
        "<script>let x = 0; const f = () => { m.style.left = ++x + 'px'; requestAnimationFrame(f) }; f()</script>"
    )
    page, activity = await open_page(context, site.page("/", html))
    settled = await settle(page, activity)
    assert not settled.forced
    assert settled.waited_ms < 2500


@pytest.mark.serial
async def test_a_page_that_never_rests_is_forced_after_five_seconds(context: BrowserContext, site: Site) -> None:
    """H-8: after 5 s the wait is given up, and says why."""
    script = "setInterval(() => document.body.append('x'), 20)"
    page, activity = await open_page(context, site.page("/", f"<body><script>{script}</script>"))
    began = monotonic()
    settled = await settle(page, activity)
    assert settled.forced
    assert "changing" in settled.why
    assert 4.5 < monotonic() - began < 6.5


@pytest.mark.serial
async def test_the_deadline_ends_the_wait(context: BrowserContext, site: Site) -> None:
    """H-5: a settle check never outlives the step's deadline, not even on a page whose script hangs."""
    page, activity = await open_page(context, site.page("/", "<body>x"))
    hang = asyncio.ensure_future(page.evaluate("() => { const end = Date.now() + 2500; while (Date.now() < end); }"))
    await asyncio.sleep(0.2)
    began = monotonic()
    settled = await settle(page, activity, 0.5)
    assert settled.forced
    assert monotonic() - began < 1
    await hang


async def test_a_navigation_under_way_is_waited_for(context: BrowserContext, site: Site) -> None:
    """H-8: nothing heals while the next page is still being fetched."""
    site.respond("/next", b"<!doctype html><h1>Next</h1>", delay_seconds=0.7)
    page, activity = await open_page(context, site.page("/", '<a href="/next">Go</a>'))
    await settle(page, activity)
    activity.mark_action()
    await page.locator("a").evaluate("a => a.click()")
    settled = await settle(page, activity)
    assert not settled.forced
    assert await page.inner_text("h1") == "Next"


async def test_a_change_wakes_the_waiting_search(context: BrowserContext, site: Site) -> None:
    """H-9: tier 1 searches again when the page changes late, in whichever frame it does."""
    site.page("/inner", "<body><script>setTimeout(() => document.body.append('late'), 500)</script>")
    page, _ = await open_page(context, site.page("/", '<iframe src="/inner"></iframe>'))
    while await wait_for_change(page, seconds(0.3)):
        pass
    changed = await wait_for_change(page, seconds(5))
    assert changed or "late" in await page.frames[1].inner_text("body")


@pytest.mark.serial
async def test_a_change_between_probe_and_wait_is_not_lost(context: BrowserContext, site: Site) -> None:
    """H-9: what changes right after a probe ends the next wait at once."""
    page, _ = await open_page(context, site.page("/", "<body>x"))
    while await wait_for_change(page, seconds(0.2)):
        pass
    await probe(page.main_frame, "button", unexpand=str)
    assert not await wait_for_change(page, seconds(0.2))
    await probe(page.main_frame, "button", unexpand=str)
    await page.evaluate("document.body.append(document.createElement('button'))")
    began = monotonic()
    assert await wait_for_change(page, seconds(5))
    assert monotonic() - began < 1
    assert (await probe(page.main_frame, "button", unexpand=str)).count == 1


async def test_changes_inside_an_open_shadow_root_are_seen(context: BrowserContext, site: Site) -> None:
    """H-8: a component's own DOM is watched as well."""
    script = "const s = h.attachShadow({mode: 'open'}); s.innerHTML = '<p>a</p>'; window.add = () => s.append('b')"
    page, _ = await open_page(context, site.page("/", f'<div id="h"></div><script>{script}</script>'))
    while await wait_for_change(page, seconds(0.2)):
        pass
    waiting = asyncio.ensure_future(wait_for_change(page, seconds(5)))
    await asyncio.sleep(0.2)
    await page.evaluate("add()")
    assert await waiting


async def test_a_navigation_wakes_the_waiting_search(context: BrowserContext, site: Site) -> None:
    """H-9: a new document is a change."""
    page, _ = await open_page(context, site.page("/", "<body>x"))
    while await wait_for_change(page, seconds(0.2)):
        pass
    waiting = asyncio.ensure_future(wait_for_change(page, seconds(5)))
    await asyncio.sleep(0.1)
    await page.goto(site.page("/two", "<body>y"))
    assert await waiting
