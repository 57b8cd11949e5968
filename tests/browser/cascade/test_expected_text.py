"""What an expectation expects is no way to find its element (H-17)."""

from __future__ import annotations

import pytest
from tests.browser.engine_fixture import EngineBench, passed
from tests.conftest import Site

from tierwright.core.results import StepStatus

pytestmark = pytest.mark.browser

EXPECT = """
- {action: expect, instruction: The heading names the product, selector: "#title", condition: text, value: Blue mug}
"""
OLD = "<main><h1 id=title>{}</h1><p>Stoneware, dishwasher safe.</p><button>Add to cart</button></main>"
NEW = "<main><h1 class=product-title>{}</h1><p>Stoneware, dishwasher safe.</p><button>Add to cart</button></main>"


async def test_a_healed_expectation_does_not_look_for_its_own_value(engine: EngineBench, site: Site) -> None:
    """H-17: neither the locator that heals nor the one that is proposed holds the expected text."""
    site.page("/old", OLD.format("Blue mug"))
    site.page("/new", NEW.format("Blue mug"))
    await engine.open("/old")
    passed(await engine.run(EXPECT))
    await engine.open("/new")
    [step] = (await engine.run(EXPECT)).steps
    assert step.status is StepStatus.HEALED, step.error
    assert step.proposal is not None
    assert "Blue mug" not in f"{step.locator} {step.proposal.new_locator}"
    assert "Blue mug" not in " ".join(map(str, step.proposal.alternatives))


async def test_a_healed_expectation_fails_when_the_page_says_something_else(engine: EngineBench, site: Site) -> None:
    """H-17: the expectation is never changed: another text fails, wherever the element is found."""
    site.page("/old", OLD.format("Blue mug"))
    site.page("/new", NEW.format("Teapot") + "<p>Blue mug</p>")
    await engine.open("/old")
    passed(await engine.run(EXPECT))
    await engine.open("/new")
    [step] = (await engine.run(EXPECT)).steps
    assert step.status is StepStatus.FAILED
