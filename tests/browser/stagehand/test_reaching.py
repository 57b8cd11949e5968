"""Elements out of sight: opened by what says that it opens them, then acted on, all under one token (`hidden`)."""

from __future__ import annotations

import pytest
from tests.browser.engine_fixture import EngineBench, failed, passed, tiers_tried
from tests.browser.stagehand.pages import OPTION_C, by_stagehand, log_of
from tests.conftest import Site

from tierwright.core.results import ErrorKind, StepStatus

LOG = """<script>window.log = []; addEventListener('click', e => { if (e.target.id) log.push(e.target.id); }, true);
</script>"""
HERE = "onclick=\"document.title='done'\""

DETAILS = f"""<details><summary id=more>More</summary><button id=go {HERE}>Export data</button></details>"""
CONTROLLED = f"""<button id=opener aria-controls=menu aria-expanded=false
 onclick="menu.hidden = false; this.setAttribute('aria-expanded', 'true')">Account</button>
<p>Text between</p><div id=menu hidden><a href="#x" id=go {HERE}>Export data</a></div>"""
HOVERED = f"""<style>#sub {{ display: none }} #item:hover #sub {{ display: block }}</style>
<div id=item>Tools<div id=sub><button id=go {HERE}>Export data</button></div></div>"""
TABS = f"""<div role=tablist><button role=tab id=t1 aria-selected=true>One</button>
<button role=tab id=t2 onclick="p2.hidden = false">Two</button></div>
<div role=tabpanel aria-labelledby=t1>First</div>
<div role=tabpanel id=p2 aria-labelledby=t2 hidden><button id=go {HERE}>Export data</button></div>"""
SLOW = f"""<nav><button id=opener aria-haspopup=true aria-expanded=false
 onclick="setTimeout(() => {{ menu.style.display = 'block' }}, 400)">Menu</button>
<div id=menu style="display:none"><button id=go {HERE}>Export data</button></div></nav>"""
NESTED = f"""<details><summary id=outer>Outer</summary><details><summary id=inner>Inner</summary>
<button id=go {HERE}>Export data</button></details></details>"""
SHADOW = f"""<div id=host></div><script>host.attachShadow({{mode: 'open'}}).innerHTML = `<details>
<summary>More</summary><button id=go {HERE}>Export data</button></details>`;</script>"""


@pytest.mark.parametrize(
    "html",
    [DETAILS, CONTROLLED, HOVERED, TABS, SLOW, NESTED, SHADOW],
    ids=["details", "aria-controls", "hover", "tab", "slow menu", "nested", "shadow"],
)
async def test_a_hidden_element_is_reached_and_then_acted_on(engine: EngineBench, site: Site, html: str) -> None:
    """H-6 and the row `hidden` of section 2: from tier 1 straight to tier 3, whose moves share the step's token."""
    site.page("/hidden", LOG + html)
    await engine.open("/hidden")
    steps = "- {action: click, instruction: 'the \"Export data\" button', selector: '#go'}"
    (step,) = passed(await engine.run(steps, settings=OPTION_C))
    by_stagehand(step)
    assert tiers_tried(step) == [1, 3], [a.error for a in step.attempts]
    assert await engine.page.title() == "done"


async def test_an_element_that_lost_its_selector_is_reached_too(engine: EngineBench, site: Site) -> None:
    """H-25: what the ranker finds out of sight, tier 3 may reach; tier 2 may not."""
    site.page("/hidden", LOG + CONTROLLED)
    await engine.open("/hidden")
    steps = "- {action: click, instruction: 'the \"Export data\" link', selector: '#export-old'}"
    (step,) = passed(await engine.run(steps, settings=OPTION_C))
    assert step.status is StepStatus.HEALED
    by_stagehand(step)
    assert await log_of(engine) == ["opener", "go"]


async def test_a_field_in_a_hidden_frame_is_reached(engine: EngineBench, site: Site) -> None:
    site.page("/inner", "<label>Coupon <input id=coupon></label>")
    site.page(
        "/hidden",
        """<button aria-expanded=false onclick="box.hidden = false">Have a coupon?</button>
        <div id=box hidden><iframe id=f src=/inner></iframe></div>""",
    )
    await engine.open("/hidden")
    steps = "- {action: fill, instruction: the Coupon field, selector: '#coupon', frame: '#f', value: TEN}"
    by_stagehand(passed(await engine.run(steps, settings=OPTION_C))[0])
    assert await engine.page.frame_locator("#f").locator("#coupon").input_value() == "TEN"


NOTHING_SAYS = f"""<button id=delete>Delete everything</button><a id=away href="/elsewhere" aria-haspopup=true>Away</a>
<form><button id=send aria-expanded=false>Send</button></form>
<button id=other aria-controls=p aria-expanded=false>Other</button><p id=p>Other text</p>
<div style="display:none"><button id=go {HERE}>Export data</button></div>"""


async def test_nothing_is_clicked_that_does_not_say_it_opens_something(engine: EngineBench, site: Site) -> None:
    """A button, a link that leads away, one that sends a form, one that opens something else: none is clicked."""
    site.page("/hidden", LOG + NOTHING_SAYS)
    await engine.open("/hidden")
    steps = "- {action: click, instruction: 'the \"Export data\" button', selector: '#go'}"
    failed(await engine.run(steps, settings=OPTION_C), ErrorKind.HIDDEN, "nothing says what opens it")
    assert await log_of(engine) == []
    assert "/hidden" in engine.page.url


async def test_an_opener_that_opens_nothing_is_tried_once(engine: EngineBench, site: Site) -> None:
    html = CONTROLLED.replace("menu.hidden = false;", "")
    site.page("/hidden", LOG + html.replace("<div id=menu", "<div id=menu data-x"))
    await engine.open("/hidden")
    steps = "- {action: click, instruction: 'the \"Export data\" link', selector: '#go'}"
    failed(await engine.run(steps, settings=OPTION_C), ErrorKind.HIDDEN)
    assert await log_of(engine) == ["opener"]


async def test_a_reached_element_that_is_disabled_is_not_clicked(engine: EngineBench, site: Site) -> None:
    """The row `disabled`: a likely defect, never worked around."""
    site.page("/hidden", LOG + DETAILS.replace("<button id=go", "<button disabled id=go"))
    await engine.open("/hidden")
    steps = "- {action: click, instruction: 'the \"Export data\" button', selector: '#go'}"
    failed(await engine.run(steps, settings=OPTION_C), ErrorKind.DISABLED, "disabled")
    assert await engine.page.title() != "done"
