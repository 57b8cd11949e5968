"""Steps that have words and no selector: direct, grounded by tier 2, remembered, or honestly not found."""

from __future__ import annotations

import pytest
from tests.browser.engine_fixture import EngineBench, failed, passed, tiers_tried
from tests.conftest import Site

from tierwright.core.events import ProposalMade
from tierwright.core.results import ErrorKind, StepStatus

pytestmark = pytest.mark.browser

SHOP = """<main><h1>Checkout</h1><p>Your order has been placed. Thank you!</p>
<form><label>E-mail address <input name=mail></label>
<button type=button onclick="document.title='sent'">Place order</button></form>
<p hidden>Something went wrong</p></main>"""


async def test_the_first_find_of_words_is_a_grounding(engine: EngineBench, site: Site) -> None:
    """H-3: neither selector nor baseline: passed with its tier, listed for review, and no heal."""
    site.page("/shop", SHOP)
    await engine.open("/shop")
    [step] = passed(await engine.run("- Click the place order button"))
    assert (step.tier, step.status) == (2, StepStatus.PASSED)
    assert step.grounding is not None
    assert step.healed is None
    [made] = [event for event in engine.listener.events if isinstance(event, ProposalMade)]
    assert made.proposal.kind == "grounding"


async def test_a_grounding_that_was_green_is_known_the_next_time(engine: EngineBench, site: Site) -> None:
    """H-3, H-12: the second run finds the same element again, and there is nothing to review."""
    site.page("/shop", SHOP)
    for _ in range(2):
        await engine.open("/shop")
        [step] = passed(await engine.run("- Click the place order button"))
    assert step.grounding is None
    assert step.healed is None


@pytest.mark.parametrize(
    "sentence",
    [
        'Click the "Place order" button',
        'Enter "ada@example.com" in the field labelled "E-mail address"',
        'I should see "order has been placed"',
        'I should not see "Something went wrong"',
    ],
)
async def test_exact_words_are_direct(engine: EngineBench, site: Site, sentence: str) -> None:
    site.page("/shop", SHOP)
    await engine.open("/shop")
    [step] = passed(await engine.run(f"- {sentence}"))
    assert tiers_tried(step) == [1]


@pytest.mark.parametrize("sentence", ['I should not see "has been placed"', 'I should not see "Thank you!"'])
async def test_a_part_of_a_text_is_still_seen(engine: EngineBench, site: Site, sentence: str) -> None:
    """H-18: absence is never passed because the text stands inside a longer one."""
    site.page("/shop", SHOP)
    await engine.open("/shop")
    failed(await engine.run(f"- {sentence}"), ErrorKind.EXPECTATION)


async def test_a_variable_in_plain_words_names_what_the_page_shows(engine: EngineBench, site: Site) -> None:
    """H-20: pages are read with variables unexpanded, and so are the instruction's words."""
    site.page("/users", "<ul><li><a href='#1'>ada</a></li><li><a href='#2'>grace</a></li></ul>")
    await engine.open("/users")
    steps = '- {action: click, instruction: "Open the {{user}} link in the list"}'
    [step] = passed(await engine.run(steps, user="grace"))
    assert step.xpath
    assert engine.page.url.endswith("#2")
