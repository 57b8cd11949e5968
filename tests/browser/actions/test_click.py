"""Clicks of every kind, and the elements that no click may reach."""

from __future__ import annotations

import pytest
from tests.browser.engine_fixture import EngineBench, failed, passed, tiers_tried
from tests.conftest import Site

from tierwright.core.results import ErrorKind

# ruff: noqa: E501 - pages are easier to read on one line
pytestmark = pytest.mark.browser

CLICKED = "onclick=\"document.title='clicked'\""
EACH_FRAME = "let x = 0; (function move() { x = (x + 7) % 390; document.querySelector('button').style.marginLeft = x + 'px'; requestAnimationFrame(move) })()"
"""Moves in every frame, however rarely a busy machine draws one."""


@pytest.mark.parametrize(
    ("action", "event"), [("click", "click"), ("double_click", "dblclick"), ("right_click", "contextmenu")]
)
@pytest.mark.parametrize("tag", ["button", "div"])
async def test_each_click_is_its_own_event(engine: EngineBench, site: Site, action: str, event: str, tag: str) -> None:
    """Click, double click and right click reach the page as what they are."""
    site.page("/", f"<{tag} id=b on{event}=\"this.textContent='done'\">Go</{tag}>")
    passed(
        await engine.run(f"""
        - {{action: navigate, value: /}}
        - {{action: {action}, selector: "#b"}}
        - {{action: expect, selector: "#b", condition: text, value: done}}
        """)
    )


UNUSABLE = {
    "an overlay": (
        f"<button {CLICKED}>Pay</button><div id=wall style='position:fixed;inset:0;background:#0008'></div>",
        ErrorKind.COVERED,
        "wall",
    ),
    "a transparent layer": (
        f"<button {CLICKED}>Pay</button><div id=glass style='position:fixed;inset:0;opacity:0'></div>",
        ErrorKind.COVERED,
        "glass",
    ),
    "a sticky header": (
        f"<header id=bar style='position:fixed;top:0;left:0;right:0;height:90px;background:#eee'>Shop</header><button {CLICKED}>Pay</button>",
        ErrorKind.COVERED,
        "bar",
    ),
    "an animation": (
        f"<button {CLICKED}>Pay</button><script>{EACH_FRAME}</script>",
        ErrorKind.COVERED,
        "never stopped moving",
    ),
    "disabled": (f"<button disabled {CLICKED}>Pay</button>", ErrorKind.DISABLED, "disabled"),
    "a disabled fieldset": (
        f"<fieldset disabled><button {CLICKED}>Pay</button></fieldset>",
        ErrorKind.DISABLED,
        "disabled",
    ),
    "aria-disabled": (f"<button aria-disabled=true {CLICKED}>Pay</button>", ErrorKind.DISABLED, "disabled"),
    "an inert part": (f"<div inert><button {CLICKED}>Pay</button></div>", ErrorKind.DISABLED, "disabled"),
}


@pytest.mark.parametrize("why", UNUSABLE)
@pytest.mark.parametrize("action", ["click", "double_click", "right_click"])
async def test_what_a_person_could_not_click_fails_and_never_escalates(
    engine: EngineBench, site: Site, why: str, action: str
) -> None:
    """`covered` and `disabled` are a likely defect: tier 1 waits, fails, and says what covers it."""
    html, kind, words = UNUSABLE[why]
    site.page("/", html)
    await engine.open("/")
    step = failed(await engine.run(f"- {{action: {action}, selector: button, timeout_seconds: 1.5}}"), kind, words)
    assert tiers_tried(step) == [1]
    assert await engine.page.title() == ""


HIDDEN = [
    "display:none",
    "visibility:hidden",
    "width:0;height:0;padding:0;border:0;overflow:hidden",
    "position:fixed;left:-900px",
]


@pytest.mark.parametrize("style", HIDDEN)
async def test_a_hidden_button_is_never_clicked(engine: EngineBench, site: Site, style: str) -> None:
    """`hidden` goes to tier 3 only, which may reach it; without Stagehand the step fails."""
    site.page("/", f"<button style='{style}' {CLICKED}>Pay</button><p>Hello</p>")
    await engine.open("/")
    step = failed(
        await engine.run("- {action: click, selector: button, timeout_seconds: 2}"), ErrorKind.HIDDEN, "not visible"
    )
    assert tiers_tried(step) in ([1], [1, 3])
    assert await engine.page.title() == ""


async def test_a_transparent_button_is_visible_as_playwright_defines_it(engine: EngineBench, site: Site) -> None:
    """Opacity 0 is visible to Playwright and to us: the verdicts agree."""
    site.page("/", f"<button style='opacity:0' {CLICKED}>Pay</button>")
    await engine.open("/")
    passed(
        await engine.run("- {action: click, selector: button}\n- {action: expect, condition: title, value: clicked}")
    )


@pytest.mark.parametrize("how", ["disabled", "covered", "moving"])
async def test_a_button_that_becomes_usable_in_time_is_clicked(engine: EngineBench, site: Site, how: str) -> None:
    """Tier 1 waits for the element to be usable, as Playwright does."""
    style = "<style>@keyframes m{from{margin-left:0}to{margin-left:90px}}.m{animation:m .4s}</style>"
    site.page(
        "/",
        f"{style}<button {'disabled' if how == 'disabled' else ''} class={'m' if how == 'moving' else 'x'} {CLICKED}>Pay</button>"
        f"{'<div id=w style=position:fixed;inset:0></div>' if how == 'covered' else ''}"
        "<script>setTimeout(() => { document.querySelector('button').disabled = false; document.querySelector('#w')?.remove() }, 400)</script>",
    )
    passed(
        await engine.run("""
        - {action: navigate, value: /}
        - {action: click, selector: button}
        - {action: expect, condition: title, value: clicked}
        """)
    )
