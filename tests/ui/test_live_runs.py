"""A run that is watched: what was lost meanwhile is shown when the network is back."""

from __future__ import annotations

from contextlib import closing

import pytest
from playwright.async_api import BrowserContext, Page, expect
from tests.conftest import Site
from tests.ui.serving import PROJECT, Serving

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
  - {{action: click, selector: button, name: Press it again}}
"""
LONG = 120_000


def started(running: Serving, site: Site, name: str) -> str:
    """Queue a run that stops in its third step until the site opens; returns its path in the interface."""
    site.page("/shop", WAITING)
    with closing(running.client()) as client:
        test = (
            client.post("/tests", json={"yaml": YAML.format(name=name, origin=site.origin)}).raise_for_status().json()
        )
        group = client.post(f"/tests/{test['id']}/run", json={}).raise_for_status().json()
    return f"/p/{PROJECT}/runs/{group['runs'][0]['id']}"


async def it_waits(page: Page) -> None:
    """Until the third step is on the page, as one that goes on."""
    third = page.get_by_role("listitem").filter(has_text="It opens")
    await expect(third.get_by_text("Running")).to_be_visible(timeout=LONG)


async def it_passes(page: Page) -> None:
    await expect(page.locator("header").get_by_text("Passed", exact=True)).to_be_visible(timeout=LONG)
    await expect(page.get_by_role("listitem").filter(has_text="Press it again")).to_be_visible()


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
