"""Robust locators (H-20), XPaths through frames and shadow roots, and the browser's own node numbers."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import BrowserContext, ElementHandle, Frame, Page
from tests.conftest import Site

from tierwright.core.deadline import Deadline, SystemClock
from tierwright.core.identity import ElementLocator
from tierwright.core.variables import Variables
from tierwright.page.backend_nodes import backend_node_id, element_of_backend_node
from tierwright.page.inject import ask_element, install
from tierwright.page.locators import (
    XPathStep,
    absolute_xpath,
    parse_stagehand_xpath,
    resolve_stagehand_xpath,
    robust_locators,
    xpath_string,
)
from tierwright.page.probe import probe, resolve_frame

# ruff: noqa: E501 - pages are easier to read on one line
pytestmark = pytest.mark.browser


def soon() -> Deadline:
    return Deadline.after(SystemClock(), 5)


async def show(context: BrowserContext, url: str) -> Page:
    await install(context)
    page = await context.new_page()
    await page.goto(url)
    return page


async def the_one(frame: Frame, css: str) -> ElementHandle:
    handle = await frame.query_selector(css)
    assert handle is not None, css
    return handle


async def locators_of(frame: Frame, css: str, variables: Variables = Variables()) -> tuple[ElementLocator, ...]:
    fingerprint = (await probe(frame, css, unexpand=variables.unexpand)).matches[0].fingerprint
    return await robust_locators(frame, await the_one(frame, css), fingerprint, unexpand=variables.unexpand)


async def assert_each_leads_back(
    page: Page, frame: Frame, css: str, found: tuple[ElementLocator, ...], variables: Variables = Variables()
) -> None:
    wanted = await the_one(frame, css)
    assert found, css
    for locator in found:
        scope = await resolve_frame(page, locator.frame, soon())
        assert scope is frame
        matched = await scope.query_selector_all(variables.expand(locator.selector))
        assert len(matched) == 1, locator
        assert await wanted.evaluate("(a, b) => a === b", matched[0]), locator


PAGE = """
<form id="login" name="signin"><label for="u">User name</label><input id="u" name="user" placeholder="Your name">
<label>Pass<input type="password" name="pass"></label>
<button data-testid="go" class="btn primary css-1x2y3z">Sign in</button></form>
<table><tr><td>Ada</td><td><button class="del">Delete</button></td></tr>
<tr><td>Grace</td><td><button class="del">Delete</button></td></tr></table>
<div id="odd"><a href="/about">It's "quoted"</a><button>Don't</button><span class="1st x:y">odd class</span></div>
<div id=":r5:"><i id="button-48213">generated</i></div>
<svg id="pic"><title>Chart</title><g><rect width="5" height="5"/><text>up</text></g></svg>
<p>Hello bob</p><img alt="Logo" src=""><input type="radio" name="size" value="s"><input type="radio" name="size" value="m">
"""
ELEMENTS = [
    "#u", "input[name=pass]", ".btn", "tr:nth-child(2) .del", "tr:nth-child(1) td", "#odd a", "#odd button", "#odd span",
    "i", "svg", "svg rect", "svg text", "p", "img", "input[value=m]", "table", "body", "form",
]  # fmt: skip


@pytest.mark.parametrize("css", ELEMENTS)
async def test_every_robust_locator_leads_back_to_exactly_its_element(
    context: BrowserContext, site: Site, css: str
) -> None:
    """H-20: ranked robust locators, whatever quotes, ids and duplicates the page has."""
    page = await show(context, site.page("/", PAGE))
    found = await locators_of(page.main_frame, css)
    await assert_each_leads_back(page, page.main_frame, css, found)
    assert found[-1].selector.startswith("xpath=/html[1]")


async def test_the_most_durable_locator_comes_first(context: BrowserContext, site: Site) -> None:
    """H-20: test id, then role and name, label, placeholder, id, anchored XPath, the absolute one last."""
    page = await show(context, site.page("/", PAGE))
    button = [str(found) for found in await locators_of(page.main_frame, ".btn")]
    assert button[:2] == ['[data-testid="go"]', 'role=button[name="Sign in"s]']
    assert not any("css-1x2y3z" in selector for selector in button)
    field = [str(found) for found in await locators_of(page.main_frame, "#u")]
    assert field[0] == 'role=textbox[name="User name"s]'
    assert field[1] == "xpath=//input[@id=//label[normalize-space(.)='User name']/@for]"
    assert field[2:5] == ['input[placeholder="Your name"]', "#u", 'input[name="user"]']
    assert field[-1] == "xpath=/html[1]/body[1]/form[1]/input[1]"


async def test_a_row_tells_equal_buttons_apart(context: BrowserContext, site: Site) -> None:
    """H-20: text-anchored XPath: the row's own words find the right one of many equal buttons."""
    page = await show(context, site.page("/", PAGE))
    found = await locators_of(page.main_frame, "tr:nth-child(2) .del")
    assert found[0].selector == ("xpath=//tr[.//*[normalize-space(.)='Grace']]//button[normalize-space(.)='Delete']")


async def test_generated_ids_are_no_anchor(context: BrowserContext, site: Site) -> None:
    """H-11: generated ids and hashes never enter a robust locator."""
    page = await show(context, site.page("/", PAGE))
    found = await locators_of(page.main_frame, "i")
    assert not any("r5" in str(locator) or "48213" in str(locator) for locator in found)


async def test_texts_of_variables_and_secrets_are_kept_as_their_names(context: BrowserContext, site: Site) -> None:
    """H-20: texts that are variables are stored as such; no secret is ever in a locator."""
    variables = Variables({"user": "bob", "token": "s3cr3t"}, frozenset({"token"}))
    page = await show(
        context,
        site.page("/", '<button id="k-s3cr3t">bob</button><a title="s3cr3t" href="/x/s3cr3t">mail s3cr3t now</a>'),
    )
    button = await locators_of(page.main_frame, "button", variables)
    assert button[0].selector == 'role=button[name="{{user}}"s]'
    await assert_each_leads_back(page, page.main_frame, "button", button, variables)
    link = await locators_of(page.main_frame, "a", variables)
    await assert_each_leads_back(page, page.main_frame, "a", link, variables)
    assert "s3cr3t" not in json.dumps([str(found) for found in button + link])


SHADOWS = """<div id="out"><my-card></my-card><my-card></my-card></div><script>
customElements.define("my-inner", class extends HTMLElement { constructor() { super();
  this.attachShadow({mode: "open"}).innerHTML = "<p><button>Buy</button><button class='x'>Sell</button></p>"; } });
customElements.define("my-card", class extends HTMLElement { constructor() { super();
  this.attachShadow({mode: "open"}).innerHTML = "<section><my-inner></my-inner></section>"; } });</script>"""


async def test_inside_nested_shadow_roots_only_what_crosses_them_is_used(context: BrowserContext, site: Site) -> None:
    """H-20: XPath does not cross a shadow root, so CSS does; equal components are told apart by their place."""
    page = await show(context, site.page("/", SHADOWS))
    handle = (await page.query_selector_all("my-card my-inner button.x"))[1]
    fingerprint = (await probe(page.main_frame, "my-card >> nth=1 >> button.x", unexpand=str)).matches[0].fingerprint
    found = await robust_locators(page.main_frame, handle, fingerprint, unexpand=str)
    assert found
    for locator in found:
        assert "xpath" not in locator.selector
        matched = await page.query_selector_all(locator.selector)
        assert len(matched) == 1
        assert await handle.evaluate("(a, b) => a === b", matched[0])


def nested_frames(site: Site, other: Site) -> str:
    other_origin = other.origin.replace("127.0.0.1", "localhost")
    site.page("/middle", f'<p>middle</p><iframe name="deep" src="{other_origin}/deep"></iframe>')
    other.page("/deep", f"<button>Deep</button>{SHADOWS}")
    return site.page("/", '<iframe title="ads" src="about:blank"></iframe><iframe id="main" src="/middle"></iframe>')


async def deep_frame(page: Page) -> Frame:
    frame = await resolve_frame(page, ("#main", "iframe[name=deep]"), soon())
    assert frame is not None
    return frame


async def test_locators_name_the_frames_from_the_outside_in(
    context: BrowserContext, site: Site, other_site: Site
) -> None:
    """H-20: the frame path is part of a locator, nested and of another origin."""
    page = await show(context, nested_frames(site, other_site))
    frame = await deep_frame(page)
    found = await locators_of(frame, "button")
    assert found[0] == ElementLocator('role=button[name="Deep"s]', ('iframe[id="main"]', 'iframe[name="deep"]'))
    await assert_each_leads_back(page, frame, "button", found)


def test_stagehands_xpath_is_split_at_each_iframe() -> None:
    """facts.md: Stagehand's XPaths step through iframes and hop into shadow roots with `//`."""
    segments = parse_stagehand_xpath(
        "xpath=/html[1]/body[1]/iframe[2]/html[1]/body[1]/my-card[1]//section[1]/text()[1]"
    )
    assert segments == (
        (XPathStep("html", 1), XPathStep("body", 1), XPathStep("iframe", 2)),
        (XPathStep("html", 1), XPathStep("body", 1), XPathStep("my-card", 1), XPathStep("section", 1, hop=True)),
    )
    assert parse_stagehand_xpath("/html/body/iframe[1]") == (
        (XPathStep("html", 1), XPathStep("body", 1), XPathStep("iframe", 1)),
    )
    assert parse_stagehand_xpath("/html[1]/*[name()='x:y'][2]")[0][1] == XPathStep("x:y", 2)


@pytest.mark.parametrize("path", ["", "/", "button", "//a[contains(., 'x')]", "/html[1]/a[@id='x']"])
def test_anything_else_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="not an absolute XPath"):
        parse_stagehand_xpath(path)


async def test_stagehands_xpath_is_followed_through_frames_and_shadow_roots(
    context: BrowserContext, site: Site, other_site: Site
) -> None:
    """Issue 2: XPaths translated across frames and shadow roots."""
    page = await show(context, nested_frames(site, other_site))
    frame = await deep_frame(page)
    path = (
        "xpath=/html[1]/body[1]/iframe[2]/html[1]/body[1]/iframe[1]/html[1]/body[1]/div[1]/my-card[2]"
        "//section[1]/my-inner[1]//p[1]/button[2]"
    )
    found = await resolve_stagehand_xpath(page, path, soon())
    assert found is not None
    assert found[0] is frame
    assert await found[1].inner_text() == "Sell"
    inside = path.removeprefix("xpath=/html[1]/body[1]/iframe[2]/html[1]/body[1]/iframe[1]")
    assert await absolute_xpath(frame, found[1]) == inside
    assert await resolve_stagehand_xpath(page, path + "/b[1]", soon()) is None
    assert await resolve_stagehand_xpath(page, "/html[1]/body[1]/p[1]/html[1]", soon()) is None
    owner = await resolve_stagehand_xpath(page, "/html[1]/body[1]/iframe[2]", soon())
    assert owner is not None
    assert await owner[1].get_attribute("id") == "main"


async def test_stagehands_xpath_into_svg_is_followed(context: BrowserContext, site: Site) -> None:
    """Stagehand writes SVG tags plainly, where XPath itself would find nothing."""
    page = await show(context, site.page("/", PAGE))
    found = await resolve_stagehand_xpath(page, "/html[1]/body[1]/svg[1]/g[1]/text[1]/text()[1]", soon())
    assert found is not None
    assert await found[1].text_content() == "up"


async def test_the_browsers_node_numbers_lead_there_and_back(
    context: BrowserContext, site: Site, other_site: Site
) -> None:
    """Issue 2: Stagehand's element ids (frame-backendNode) map to our elements, in frames and shadow roots too."""
    page = await show(context, nested_frames(site, other_site))
    middle = await resolve_frame(page, ("#main",), soon())
    assert middle is not None
    deep = await deep_frame(page)
    for frame, css in [(page.main_frame, "#main"), (middle, "p"), (deep, "button"), (deep, "my-card my-inner .x")]:
        handle = await the_one(frame, css)
        number = await backend_node_id(page, frame, handle)
        back = await element_of_backend_node(page, number, frame)
        assert back is not None
        assert back[0] is frame
        assert await ask_element(frame, handle, "tw.refOf(el)") == await ask_element(frame, back[1], "tw.refOf(el)")


async def test_a_text_nodes_number_stands_for_its_parent(context: BrowserContext, site: Site) -> None:
    """Stagehand names static texts as well."""
    page = await show(context, site.page("/", "<p>Hello</p>"))
    session = await context.new_cdp_session(page)
    text = await session.send("Runtime.evaluate", {"expression": "document.querySelector('p').firstChild"})
    node = await session.send("DOM.describeNode", {"objectId": text["result"]["objectId"]})
    found = await element_of_backend_node(page, node["node"]["backendNodeId"])
    assert found is not None
    assert await found[1].evaluate("el => el.localName") == "p"
    assert await element_of_backend_node(page, 99_999_999) is None


async def test_an_element_that_is_gone_has_no_number(context: BrowserContext, site: Site) -> None:
    page = await show(context, site.page("/", "<p>Hello</p>"))
    handle = await the_one(page.main_frame, "p")
    await page.evaluate("document.querySelector('p').remove()")
    with pytest.raises(LookupError):
        await backend_node_id(page, page.main_frame, handle)


@pytest.mark.parametrize("text", ["plain", "it's", 'say "x"', 'it\'s "both"', "''\"\"'"])
async def test_xpath_literals_hold_any_quotes(page: Page, text: str) -> None:
    await page.set_content("<p></p>")
    await page.locator("p").evaluate("(p, t) => p.textContent = t", text)
    assert await page.locator(f"xpath=//p[.={xpath_string(text)}]").count() == 1
