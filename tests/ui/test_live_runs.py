"""A run that is watched: what was lost meanwhile is shown when the network is back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, ViewportSize, expect
from tests.conftest import Site
from tests.ui.serving import PROJECT, Serving, run_and_wait, serving, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(280)]

WAITING = """<title>Shop</title><h1>Shop</h1><button onclick="this.textContent = 'Bought'">Buy</button><script>
setInterval(async () => { if ((await fetch('/open')).ok) document.querySelector('h1').textContent = 'Open' }, 200)
</script>"""
YAML = """name: {name}
base_url: {origin}
steps:
  - {{action: navigate, value: /shop, name: Open the shop}}
  - {{action: click, selector: button, name: Press Buy}}
  - {{action: expect, selector: h1, condition: text, value: Open, timeout_seconds: 200, name: It opens}}
  - {{action: expect, selector: h1, condition: text, value: {end}, timeout_seconds: 1, name: It is as it should be}}
"""
LONG = 120_000
PHONE = ViewportSize(width=390, height=800)
SHIFTS = """{
const box = r => [r.x, r.y, r.width, r.height]
const words = ({node, previousRect: a, currentRect: b}) =>
  `${(node?.outerHTML ?? node?.data ?? '').slice(0, 200)} (${box(a)} to ${box(b)})`
const isRewritten = ({node, previousRect: a, currentRect: b}) =>
  node?.nodeType === Node.TEXT_NODE && String(box(a)) === String(box(b))
const keep = shift => {
  if (shift.sources.length && shift.sources.every(isRewritten)) return
  (window.shifts ??= []).push({value: shift.value, moved: shift.sources.map(words)})
}
new PerformanceObserver(list => list.getEntries().forEach(keep)).observe({type: 'layout-shift', buffered: true})
}"""
"""Keeps every shift of the layout, those before a page has settled too.

Chromium also counts a text that is written anew in a box that stays what it was; that is no movement of the page.
"""

MOVE = """new Promise(seen => {
  document.querySelector('main').style.paddingTop = '99px'
  const look = () => window.shifts?.length ? seen() : requestAnimationFrame(look)
  look()
})"""
"""Moves what is on the page, and waits until that was noticed."""


def started(running: Serving, site: Site, name: str, end: str = "Open") -> str:
    """Queue a run that stops in its third step until the site opens; returns its path in the interface."""
    site.page("/shop", WAITING)
    with closing(running.client()) as client:
        written = {"yaml": YAML.format(name=name, origin=site.origin, end=end)}
        test = client.post("/tests", json=written).raise_for_status().json()
        group = client.post(f"/tests/{test['id']}/run", json={}).raise_for_status().json()
    return f"/p/{PROJECT}/runs/{group['runs'][0]['id']}"


async def it_waits(page: Page) -> None:
    """Until the third step is on the page, as one that goes on."""
    third = page.get_by_role("listitem").filter(has_text="It opens")
    await expect(third.get_by_text("Running")).to_be_visible(timeout=LONG)


async def it_passes(page: Page) -> None:
    await expect(page.locator("header").get_by_text("Passed", exact=True)).to_be_visible(timeout=LONG)
    await expect(page.get_by_role("listitem").filter(has_text="It is as it should be")).to_be_visible()


async def shifts_of(page: Page) -> list[dict[str, Any]]:
    """What has moved in a page by itself, and by how much, since it was asked last."""
    shifts: list[dict[str, Any]] = await page.evaluate("window.shifts?.splice(0) ?? []")
    return shifts


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Serving]:
    """A server of the test's own, whatever other tests of the session did on theirs."""
    with serving(tmp_path / "state") as running:
        yield running


async def test_nothing_moves_while_a_run_goes_on_and_when_it_ends(
    fresh_server: Serving, context: BrowserContext, site: Site
) -> None:
    await context.add_init_script(SHIFTS)
    with closing(fresh_server.client()) as client:  # before it, so that figures and badges are there already
        quick = {"yaml": f"name: Quick\nbase_url: {site.origin}\nsteps:\n  - {{action: navigate, value: /shop}}\n"}
        site.page("/shop", WAITING)
        run_and_wait(client, test_ids=[client.post("/tests", json=quick).raise_for_status().json()["id"]])
    run = started(fresh_server, site, "Still", end="Shut")
    desk, phone, runs, dashboard = [await fresh_server.sign_in(context) for _ in range(4)]
    await phone.set_viewport_size(PHONE)
    await dashboard.clock.install()
    for page, path in ((desk, run), (phone, run), (runs, f"/p/{PROJECT}/runs"), (dashboard, f"/p/{PROJECT}/")):
        await page.goto(fresh_server.url(path))
        await settled(page)
    await it_waits(desk)
    await it_waits(phone)
    row = runs.get_by_role("row").filter(has_text="Still")
    await expect(row.get_by_text("Running")).to_be_visible(timeout=LONG)
    site.respond("/open", b"yes")
    for page in (desk, phone):
        await expect(page.get_by_role("button", name="Run failed ones")).to_be_visible(timeout=LONG)
    await expect(row.get_by_text("Failed")).to_be_visible(timeout=LONG)
    await dashboard.clock.fast_forward(31_000)
    today = dashboard.get_by_role("group", name="Runs today").get_by_role("listitem")
    await expect(today.filter(has_text="Failed")).to_have_text("Failed 1")
    for page in (desk, phone, runs, dashboard):
        moved = await shifts_of(page)
        assert not moved, f"{page.url}: {moved}"
        await page.evaluate(MOVE)


async def test_a_reader_without_network_in_mid_run_is_told_and_sees_the_end(
    empty_server: Serving, context: BrowserContext, site: Site
) -> None:
    page = await empty_server.sign_in(context)
    await page.goto(empty_server.url(started(empty_server, site, "Offline")))
    await it_waits(page)
    await context.set_offline(True)
    await expect(page.get_by_text("No connection to the server.")).to_be_visible(timeout=LONG)
    site.respond("/open", b"yes")
    await context.set_offline(False)
    await expect(page.get_by_text("No connection to the server.")).to_have_count(0, timeout=LONG)
    await it_passes(page)


async def test_a_reader_sees_the_end_of_a_run_whose_server_was_killed_and_came_back(
    tmp_path: Path, context: BrowserContext, site: Site
) -> None:
    with serving(tmp_path / "state") as first:
        page = await first.sign_in(context)
        await page.goto(first.url(started(first, site, "Killed")))
        await it_waits(page)
        first.kill()
        await expect(page.get_by_text("The connection was lost.")).to_be_visible(timeout=LONG)
    leases_run_out(first)
    site.respond("/open", b"yes")
    with serving(first.state, user=False, port=first.port):
        await it_passes(page)


def leases_run_out(dead: Serving) -> None:
    """Make it later: what a server held that is dead may be taken from it."""
    with closing(sqlite3.connect(dead.database)) as database, database:
        held = database.execute(
            "UPDATE test_executions SET lease_until = '2026-01-01 00:00:00.000000' WHERE status = 'running'"
        )
        assert held.rowcount == 1
