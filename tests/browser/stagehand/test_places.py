"""Where Stagehand finds its way: frames, shadow roots, tabs, pages that never stop asking."""

from __future__ import annotations

import pytest
from tests.browser.engine_fixture import EngineBench, passed
from tests.browser.stagehand.models import pointing_at, scripted
from tests.browser.stagehand.pages import OPTION_B, OPTION_C, by_stagehand
from tests.conftest import Site

from tierwright.core.strategy import TierNumber

BUTTON = "<button id=s2 onclick=\"this.textContent = 'Sent'\">Send the order</button>"
CLICK = "- {action: click, instruction: 'the \"Send the order\" button', selector: '#s'}"


async def test_a_button_in_nested_frames_is_clicked(engine: EngineBench, site: Site) -> None:
    site.page("/in", f"<p>deep</p>{BUTTON}")
    site.page("/mid", "<p>between</p><iframe src=/in></iframe>")
    site.page("/out", "<iframe src=/other></iframe><h1>Out</h1><iframe id=m src=/mid></iframe>")
    site.page("/other", "<button>Something else</button>")
    await engine.open("/out")
    by_stagehand(passed(await engine.run(CLICK, settings=OPTION_B))[0])
    inner = engine.page.frame_locator("#m").frame_locator("iframe")
    assert await inner.locator("#s2").inner_text() == "Sent"


async def test_a_model_points_into_nested_frames(engine: EngineBench, site: Site) -> None:
    """Stagehand's numbers of frames and nodes, and its XPaths across frames, lead to the same element."""
    site.page("/in", f"<p>deep</p>{BUTTON}")
    site.page("/mid", "<p>between</p><iframe src=/in></iframe>")
    site.page("/out", "<h1>Out</h1><iframe id=m src=/mid></iframe>")
    for settings, tier in ((OPTION_C, TierNumber.HYBRID), (OPTION_B, TierNumber.AI)):
        await engine.open("/out")
        engine.model = scripted(pointing_at("button: Send the order"))
        vague = f"- {{action: click, instruction: off it goes {int(tier)}, selector: '#x'}}"
        (step,) = passed(await engine.run(vague, settings=settings))
        assert step.tier is tier
        inner = engine.page.frame_locator("#m").frame_locator("iframe")
        assert await inner.locator("#s2").inner_text() == "Sent"


@pytest.mark.parametrize("chooses", [False, True], ids=["local", "model"])
async def test_a_frame_of_another_site_in_a_process_of_its_own(
    engine: EngineBench, site: Site, other_site: Site, chooses: bool
) -> None:
    """The browser's numbers count per process: the same number may be two elements."""
    other_site.page("/in", f"<p>deep</p>{BUTTON}")
    address = other_site.url("/in").replace("127.0.0.1", "localhost")
    site.page("/out", f"<h1>Out</h1><button>Cancel</button><iframe id=f src='{address}'></iframe>")
    await engine.open("/out")
    if chooses:
        engine.model = scripted(pointing_at("button: Send the order"))
    steps = CLICK.replace("'#s'", "'#send-the-order-button', frame: '#f'")
    by_stagehand(passed(await engine.run(steps, settings=OPTION_B))[0])
    assert await engine.page.frame_locator("#f").locator("#s2").inner_text() == "Sent"


@pytest.mark.parametrize("chooses", [False, True], ids=["local", "model"])
async def test_a_field_in_open_shadow_roots_is_filled(engine: EngineBench, site: Site, chooses: bool) -> None:
    site.page(
        "/shadow",
        """<x-out></x-out><script>customElements.define('x-in', class extends HTMLElement {
          connectedCallback() { this.attachShadow({mode: 'open'}).innerHTML = '<label>Code <input id=c2></label>'; }});
        customElements.define('x-out', class extends HTMLElement { connectedCallback() {
          this.attachShadow({mode: 'open'}).innerHTML = '<p>Hi</p><x-in></x-in>'; }});</script>""",
    )
    await engine.open("/shadow")
    if chooses:
        engine.model = scripted(pointing_at("textbox: Code", "fill", "{{value}}"))
    steps = "- {action: fill, instruction: 'the \"Code\" field', selector: '#c', value: abc}"
    by_stagehand(passed(await engine.run(steps, settings=OPTION_B))[0])
    assert await engine.page.locator("#c2").input_value() == "abc"


async def test_two_tabs_on_one_address_are_told_apart(engine: EngineBench, site: Site) -> None:
    """Tabs are matched by the browser's own id, never by address or by which is active."""
    site.page("/twin", f"<a id=t target=_blank href=/twin>Open a twin</a>{BUTTON}")
    await engine.open("/twin")
    steps = f"- {{action: click, selector: '#t'}}\n- {{action: switch_page, value: new}}\n{CLICK}"
    by_stagehand(passed(await engine.run(steps, settings=OPTION_B))[2])
    first, second = engine.page, engine.session.page
    assert first is not second
    assert await second.inner_text("#s2") == "Sent"
    assert await first.inner_text("#s2") == "Send the order"


async def test_a_page_that_never_stops_asking_is_acted_on(engine: EngineBench, site: Site) -> None:
    """H-8: no waiting for network idle, neither by us nor by Stagehand."""
    site.respond("/poll", b"{}", content_type="application/json", delay_seconds=0.3)
    site.page(
        "/polling",
        f"""{BUTTON}<script>const ask = () => fetch('/poll').then(ask); ask(); setInterval(() => fetch('/poll'), 100);
        </script>""",
    )
    await engine.open("/polling")
    step = by_stagehand(passed(await engine.run(CLICK, settings=OPTION_B))[0])
    assert await engine.page.inner_text("#s2") == "Sent"
    assert step.duration_ms < 7000
