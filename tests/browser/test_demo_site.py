"""The demo shop works in both versions, and the oracle tells the truth about it: plain Playwright, no engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tierwright.core.steps import TestCase
from tierwright.demo.server import DemoShop, serve
from tierwright.demo.shop import DEMO_EMAIL, DEMO_PASSWORD

from .demo_oracle import REMOVED_TEST, TRUTHS
from .demo_suite import load_suite
from .demo_walker import Walk

pytestmark = pytest.mark.browser

SUITE = load_suite()
KEPT = [test for test in SUITE if test.name != REMOVED_TEST]
REMOVED = next(test for test in SUITE if test.name == REMOVED_TEST)
WIDTHS = {"desktop": (1280, 800), "phone": (390, 844)}
PATHS = ("/", "/login", "/product/blue-mug", "/cart", "/checkout", "/wishlist", "/account", "/help", "/terms")


@pytest.fixture(scope="module")
def shops() -> Iterator[dict[int, DemoShop]]:
    with serve(1) as first, serve(2) as second:
        yield {1: first, 2: second}


@pytest_asyncio.fixture(params=WIDTHS)
async def visitor(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """A page of a fresh session; the test fails on anything in its console and on any request beyond loopback."""
    width, height = WIDTHS[request.param]
    context = await browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
    trouble: list[str] = []
    context.on("console", lambda said: trouble.append(said.text) if said.type in {"error", "warning"} else None)
    context.on("weberror", lambda raised: trouble.append(str(raised.error)))
    context.on("request", lambda sent: trouble.append(sent.url) if not is_ours(sent.url) else None)
    yield await context.new_page()
    await context.close()
    assert trouble == []


def is_ours(url: str) -> bool:
    return urlsplit(url).scheme == "data" or urlsplit(url).hostname == "127.0.0.1"


@pytest.mark.parametrize("test", SUITE, ids=lambda test: test.name)
async def test_on_v1_every_step_means_the_oracles_element(shops: dict[int, DemoShop], visitor: Page, test: TestCase):
    walk = await Walk(visitor, shops[1].base_url, 1, test).run()
    assert (walk.gone, walk.other, walk.removed) == ([], [], [])


@pytest.mark.parametrize("test", KEPT, ids=lambda test: test.name)
async def test_on_v2_every_goal_but_one_is_still_reached(shops: dict[int, DemoShop], visitor: Page, test: TestCase):
    walk = await Walk(visitor, shops[2].base_url, 2, test).run()
    assert walk.removed == []
    assert walk.other == []


async def test_on_v2_the_old_selectors_of_at_least_20_steps_match_nothing(shops: dict[int, DemoShop], page: Page):
    checkout = next(test for test in KEPT if test.name == "Order with engraving")
    walk = await Walk(page, shops[2].base_url, 2, checkout).run()
    assert len(walk.gone) >= 20
    assert walk.downloaded is not None
    assert "Total" in walk.downloaded.read_text()


async def test_v2_has_no_gift_wrapping_and_its_expectation_cannot_be_met(shops: dict[int, DemoShop], visitor: Page):
    walk = Walk(visitor, shops[2].base_url, 2, REMOVED)
    with pytest.raises(AssertionError, match=r"\$17\.00"):
        await walk.run()
    wanted = [step.selector for step in REMOVED.all_steps]
    assert [wanted[index] for index in walk.removed] == ["#gift-wrap", ".gift-line"]
    await expect(visitor.locator(".Basket_sum__bk3")).to_have_text("$14.00")


async def test_v2_tempts_with_elements_that_are_not_gift_wrapping(shops: dict[int, DemoShop], visitor: Page):
    await visitor.goto(shops[2].base_url + "/product/blue-mug")
    await expect(visitor.get_by_text("gift wrap")).to_have_count(0)
    await expect(visitor.get_by_role("checkbox", name="Include a gift receipt")).to_be_visible()
    await expect(visitor.get_by_role("link", name="Send a gift card")).to_be_visible()


@pytest.mark.parametrize("version", [1, 2])
async def test_no_page_is_wider_than_the_window(shops: dict[int, DemoShop], visitor: Page, version: int):
    await sign_in(visitor, shops[version].base_url)
    for path in PATHS:
        await visitor.goto(shops[version].base_url + path)
        assert await visitor.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


@pytest.mark.parametrize("version", [1, 2])
async def test_the_payment_frame_is_of_another_origin(shops: dict[int, DemoShop], visitor: Page, version: int):
    await sign_in(visitor, shops[version].base_url)
    await visitor.goto(shops[version].base_url + "/checkout")
    origins = {frame.url.rpartition("/")[0] for frame in visitor.frames}
    assert shops[version].payment_url in origins
    assert shops[version].payment_url != shops[version].base_url


@pytest.mark.parametrize("version", [1, 2])
async def test_the_sort_list_can_be_used_by_keyboard_alone(shops: dict[int, DemoShop], visitor: Page, version: int):
    await visitor.goto(shops[version].base_url + "/")
    await visitor.get_by_role("combobox", name="by").focus()
    for key in (
        ("Enter", "ArrowDown", "ArrowDown", "ArrowDown", "Enter")
        if version == 2
        else ("Enter", *["ArrowDown"] * 2, "Enter")
    ):
        await visitor.keyboard.press(key)
    await expect(visitor.get_by_test_id("product-name").first).to_have_text("Floor vase")


async def test_the_plain_sentences_name_exactly_one_element_of_v1(shops: dict[int, DemoShop], visitor: Page):
    await visitor.goto(shops[1].base_url + "/?category=vases")
    link = visitor.get_by_role("link", name="Teapot", exact=True)
    await expect(link).to_have_count(1)
    await link.click()
    await expect(visitor).to_have_url(shops[1].base_url + "/product/teapot")
    await expect(visitor.get_by_role("heading", name="Teapot", exact=True)).to_have_count(1)


async def sign_in(page: Page, base_url: str) -> None:
    await page.goto(base_url + "/login")
    await page.locator("input[type=email]").fill(DEMO_EMAIL)
    await page.locator("input[type=password]").fill(DEMO_PASSWORD)
    await page.locator("main form button[type=submit]").click()
    await page.wait_for_url(base_url + "/")


def test_the_suite_is_as_long_as_promised():
    assert {test.name for test in SUITE} == set(TRUTHS)
    assert sum(len(test.all_steps) for test in SUITE) >= 45
    assert sum(len(test.steps) for test in SUITE) >= 45
