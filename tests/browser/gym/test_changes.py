"""Each change of the gym, on a real page: what it does, and that the element is known again."""

from __future__ import annotations

import pytest
from playwright.async_api import Page
from tests.conftest import Site

from tierwright.core.deadline import Deadline, SystemClock
from tierwright.core.identity import ElementLocator
from tierwright.gym.change import Changed, NotChanged, Recipe, change, is_truth, mark
from tierwright.gym.kinds import Kind

SHOP = """<title>Shop</title>
<main><h1 id=title>Shop</h1>
<form id=search action=/found><label for=q>Search</label> <input id=q name=q class=wide data-role=field>
  <div><button id=go class="big blue" data-testid=go>Search</button>
  <button id=clear type=button>Clear</button></div></form>
<p id=total class=sum>Total <span>12.50</span></p>
<a id=help class=link href=/help>Help</a>
<button id=plain type=button onclick="document.title = 'clicked'">Close</button></main>
<footer>end</footer>"""

BUTTON, FIELD, TEXT, LINK, PLAIN = "#go", "#q", "#total", "#help", "#plain"


@pytest.fixture
async def shop(page: Page, site: Site) -> Page:
    await page.goto(site.page("/shop", SHOP))
    return page


def soon() -> Deadline:
    return Deadline.after(SystemClock(), 30)


async def changed(page: Page, selector: str, kind: Kind, *, thorough: bool = False) -> Changed | NotChanged:
    return await change(page, ElementLocator(selector), Recipe(kind, "abc123", thorough), soon())


async def leads(page: Page, selector: str, to: Changed, frame: tuple[str, ...] = ()) -> bool:
    return await is_truth(page, ElementLocator(selector, frame), to, soon())


@pytest.mark.parametrize(
    ("kind", "selector", "still", "proof"),
    [
        (Kind.RENAME_ID, FIELD, 'input[name="q"]', "document.querySelector('label').control.name === 'q'"),
        (Kind.RENAME_CLASSES, BUTTON, "#go", "!document.querySelector('.big')"),
        (Kind.RENAME_ATTRIBUTES, BUTTON, "#go", "!document.querySelector('[data-testid=go]')"),
        (Kind.GENERATED_CLASSES, BUTTON, "#go", "document.querySelector('#go').className.startsWith('css-')"),
        (Kind.WRAPPER_DIVS, PLAIN, "div > div > #plain", "true"),
        (Kind.REORDER, BUTTON, "#go", "document.querySelector('#clear').nextElementSibling.id === 'go'"),
        (Kind.MOVED, BUTTON, "section > #go", "document.querySelector('#go').form.id === 'search'"),
        (Kind.REWORDED, BUTTON, "role=button[name=Find]", "true"),
        (Kind.TRANSLATED, FIELD, "role=textbox[name=Suchen]", "true"),
        (
            Kind.TAG_SWAP,
            BUTTON,
            "input[type=submit]",
            "document.querySelector('input[type=submit]').value === 'Search'",
        ),
        (Kind.TAG_SWAP, LINK, "button#help", "true"),
        (Kind.TEXT_IN_CHILD, LINK, "#help", "document.querySelector('#help > span > b').textContent === 'Help'"),
        (Kind.SHADOW_WRAP, LINK, "#help", "!document.querySelector('#help')"),
        (Kind.SHADOW_WRAP, FIELD, "#q", "!document.querySelector('#search')"),
        (Kind.LOOK_ALIKES, BUTTON, "#go", "document.querySelectorAll('form button').length === 3"),
        (Kind.HIDDEN, BUTTON, "#go", "!document.querySelector('#go').checkVisibility()"),
        (Kind.DISABLED, BUTTON, "#go", "document.querySelector('#go').disabled"),
        (Kind.COVERED, BUTTON, "#go", "document.elementFromPoint(20, 20).localName === 'div'"),
        (Kind.LABEL_SWAPPED, BUTTON, "#go", "document.querySelector('#go').textContent === 'Clear'"),
        (Kind.WRONG_VALUE, TEXT, "#total", "true"),
    ],
)
async def test_a_change_is_made_and_the_element_known_again(
    shop: Page, kind: Kind, selector: str, still: str, proof: str
):
    made = await changed(shop, selector, kind)

    assert isinstance(made, Changed)
    assert await leads(shop, still, made)
    assert not await leads(shop, "#title", made)
    assert await shop.evaluate(proof)


async def test_what_is_removed_is_nowhere(shop: Page):
    made = await changed(shop, FIELD, Kind.REMOVED)

    assert made == Changed(None)
    assert await shop.locator("label").count() == 0
    assert not await leads(shop, BUTTON, made)
    assert await mark(made) is None


async def test_a_link_in_a_frame_is_known_there_and_does_what_it_did(shop: Page):
    made = await changed(shop, PLAIN, Kind.IFRAME_WRAP)

    assert isinstance(made, Changed)
    assert await leads(shop, "#plain", made, ("iframe",))
    place = await mark(made)
    assert place is not None
    assert len(place.frame) == 1
    await shop.frame_locator("iframe").locator("#plain").click()
    assert await shop.title() == "clicked"


async def test_an_element_without_handler_is_clicked_for_nothing(shop: Page):
    await changed(shop, PLAIN, Kind.HANDLER_GONE)

    await shop.click(PLAIN)

    assert await shop.title() == "Shop"


@pytest.mark.parametrize("kind", [Kind.FORM_NOWHERE, Kind.HANDLER_GONE])
async def test_a_form_that_leads_nowhere_stays(shop: Page, site: Site, kind: Kind):
    site.page("/found", "found")
    await changed(shop, BUTTON, kind)

    await shop.click(BUTTON)
    await shop.wait_for_timeout(50)

    assert shop.url == site.url("/shop")


@pytest.mark.parametrize("kind", [Kind.TAG_SWAP, Kind.MOVED, Kind.SHADOW_WRAP, Kind.WRAPPER_DIVS])
async def test_a_benign_change_of_a_submit_button_still_submits(shop: Page, site: Site, kind: Kind):
    site.page("/found", "found")
    made = await changed(shop, BUTTON, kind)
    assert isinstance(made, Changed)
    assert made.truth is not None

    await made.truth.click()

    await shop.wait_for_url("**/found?q=")


async def test_a_thorough_change_takes_what_selectors_hold_on_to(shop: Page):
    made = await changed(shop, BUTTON, Kind.WRAPPER_DIVS, thorough=True)

    assert isinstance(made, Changed)
    assert await shop.locator("#go, .big, .blue, [data-testid=go]").count() == 0
    assert await leads(shop, "role=button[name=Search]", made)


@pytest.mark.parametrize(
    ("kind", "selector", "why"),
    [
        (Kind.RENAME_ID, "main > p > span", "it has no id"),
        (Kind.TAG_SWAP, TEXT, "only links and buttons"),
        (Kind.DISABLED, LINK, "cannot be disabled"),
        (Kind.FORM_NOWHERE, PLAIN, "belongs to no form"),
        (Kind.REWORDED, TEXT, "no other words"),
    ],
)
async def test_a_change_that_does_not_apply_says_why(shop: Page, kind: Kind, selector: str, why: str):
    made = await changed(shop, selector, kind)

    assert isinstance(made, NotChanged)
    assert why in made.why


async def test_a_page_that_puts_the_element_back_is_told(page: Page, site: Site):
    await page.goto(
        site.page(
            "/live",
            "<div id=box><button id=b>Go</button></div><script>new MutationObserver(() => {"
            "if (!b0.isConnected) box.append(b0) }).observe(box, {childList: true}); const b0 = b</script>",
        )
    )

    made = await changed(page, "#b", Kind.REMOVED)

    assert made == NotChanged("the page put it back")


async def test_a_part_of_a_button_is_the_button_and_a_button_in_a_row_is_not_the_row(shop: Page):
    button = await changed(shop, LINK, Kind.TEXT_IN_CHILD)
    assert isinstance(button, Changed)
    assert await leads(shop, "#help b", button)

    row = await changed(shop, "form div", Kind.WRAPPER_DIVS)
    assert isinstance(row, Changed)
    assert not await leads(shop, BUTTON, row)
