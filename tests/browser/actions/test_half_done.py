"""An action that was sent and did not finish is never sent twice (H-6): proven against the installed Playwright."""

from __future__ import annotations

import pytest
from tests.browser.engine_fixture import EngineBench, failed, passed, tiers_tried
from tests.conftest import Site

from tierwright.core.results import ErrorKind

# ruff: noqa: E501 - pages are easier to read on one line
pytestmark = pytest.mark.browser

# Counts in the page how often the event came, and keeps the page busy past the step's deadline the first time.
BUSY = "window.n = (window.n || 0) + 1; if (n == 1) { const s = Date.now(); while (Date.now() - s < 3000); }"

HALF_DONE = {
    "click": (f"<button id=t onclick='{BUSY}'>Go</button>", "{action: click, selector: '#t', T}"),
    "double_click": (f"<button id=t ondblclick='{BUSY}'>Go</button>", "{action: double_click, selector: '#t', T}"),
    "right_click": (f"<button id=t oncontextmenu='{BUSY}'>Go</button>", "{action: right_click, selector: '#t', T}"),
    "hover": (f"<button id=t onmouseenter='{BUSY}'>Go</button>", "{action: hover, selector: '#t', T}"),
    "fill": (f"<input id=t oninput='{BUSY}; this.value = 0'>", "{action: fill, selector: '#t', value: abc, T}"),
    "type": (f"<input id=t onkeydown='{BUSY}'>", "{action: type, selector: '#t', value: a, T}"),
    "press": (f"<input id=t onkeydown='{BUSY}'>", "{action: press, selector: '#t', key: a, T}"),
    "press without an element": (f"<body onkeydown='{BUSY}'>Hello", "{action: press, key: a, T}"),
    "select": (
        f"<select id=t onchange='{BUSY}; selectedIndex = 0'><option>A<option>B</select>",
        "{action: select, selector: '#t', value: B, T}",
    ),
    "select in a custom list": (
        f"<button id=t aria-haspopup=listbox onclick='u.hidden = false'>Pick</button><div id=u role=listbox hidden><div role=option onclick='{BUSY}'>B</div></div>",
        "{action: select, selector: '#t', value: B, T}",
    ),
    "check": (
        f"<input type=checkbox id=t onclick='{BUSY}; event.preventDefault()'>",
        "{action: check, selector: '#t', T}",
    ),
    "focus": (f"<input id=t onfocus='{BUSY}'>", "{action: focus, selector: '#t', T}"),
    "upload": (
        f"<input type=file id=t onchange='{BUSY}; this.value = null'>",
        "{action: upload, selector: '#t', files: [a.txt], T}",
    ),
    "upload through a chooser": (
        f"<button id=t onclick='{BUSY}'>Attach</button>",
        "{action: upload, selector: '#t', files: [a.txt], T}",
    ),
    "drag": (
        f"<div id=t onmousedown='{BUSY}'>A</div><div id=u>B</div>",
        "{action: drag, selector: '#t', target: '#u', T}",
    ),
    "drop": (
        f"<div id=t>A</div><div id=u onmouseup='{BUSY}'>B</div>",
        "{action: drag, selector: '#t', target: '#u', T}",
    ),
}


@pytest.mark.parametrize("what", HALF_DONE)
async def test_what_was_sent_and_did_not_finish_is_unverified_and_never_repeated(
    engine: EngineBench, site: Site, what: str
) -> None:
    """H-6: Playwright's call log, or its silence, tells that the action was sent; no tier and no retry sends it again."""
    html, step = HALF_DONE[what]
    (engine.folder / "a.txt").write_text("a")
    site.page("/", html)
    await engine.open("/")
    result = await engine.run("- " + step.replace("T}", "timeout_seconds: 1.2}"))
    told = failed(result, ErrorKind.UNVERIFIED)
    assert tiers_tried(told) == [1]
    assert len(told.attempts) == 1
    assert await engine.page.evaluate("window.n") == 1


SLOW_BUT_DONE = {
    "fill": "<input id=t oninput='B'>|{action: fill, selector: '#t', value: abc}",
    "type": "<input id=t onkeydown='B'>|{action: type, selector: '#t', value: ab}",
    "select": "<select id=t onchange='B'><option>A<option>B</select>|{action: select, selector: '#t', value: B}",
    "check": "<input type=checkbox id=t onclick='B'>|{action: check, selector: '#t'}",
}


@pytest.mark.parametrize("what", SLOW_BUT_DONE)
async def test_a_slow_action_passes_when_its_post_condition_is_met(engine: EngineBench, site: Site, what: str) -> None:
    """H-6: unverified means look, not repeat: the handler took a second, and ran once an event."""
    html, _, step = SLOW_BUT_DONE[what].partition("|")
    site.page(
        "/", html.replace("B'", "window.n = (window.n || 0) + 1; const s = Date.now(); while (Date.now() - s < 700);'")
    )
    await engine.open("/")
    assert tiers_tried(passed(await engine.run("- " + step))[0]) == [1]
    assert await engine.page.evaluate("window.n") == (2 if what == "type" else 1)


@pytest.mark.parametrize("by", ["click", "press"])
async def test_a_form_whose_server_hangs_is_submitted_once(engine: EngineBench, site: Site, by: str) -> None:
    """H-6: a navigation that hangs after the click is not a click that failed; the server counts one submission."""
    site.respond("/order", b"<h1>Thank you</h1>", delay_seconds=4)
    site.page("/", "<form method=post action=/order><input id=q name=q><button>Order</button></form>")
    await engine.open("/")
    step = "{action: click, selector: button" if by == "click" else "{action: press, selector: '#q', key: Enter"
    await engine.run(
        f"- {step}, timeout_seconds: 1.5}}\n- {{action: expect, selector: h1, condition: text, value: Thank you}}"
    )
    assert [r.path for r in site.requests if r.method == "POST"] == ["/order"]


async def test_a_target_that_is_covered_keeps_what_was_picked_up(engine: EngineBench, site: Site) -> None:
    """H-6: a drag that cannot be dropped says so, and names what covers the target."""
    site.page(
        "/",
        "<div id=t onmousedown='window.n = (window.n || 0) + 1'>A</div><div id=u style='margin-top:200px'>B</div><div id=wall style='position:fixed;top:100px;bottom:0;left:0;right:0'></div>",
    )
    await engine.open("/")
    step = failed(
        await engine.run("- {action: drag, selector: '#t', target: '#u', timeout_seconds: 1.5}"),
        ErrorKind.COVERED,
        "picked up",
        "wall",
    )
    assert tiers_tried(step) == [1]
    assert await engine.page.evaluate("window.n") == 1


async def test_a_chooser_that_never_opens_is_clicked_once(engine: EngineBench, site: Site) -> None:
    """H-6: the click was sent; that no chooser came is the page's doing."""
    (engine.folder / "a.txt").write_text("a")
    site.page("/", "<button id=t onclick='window.n = (window.n || 0) + 1'>Attach</button>")
    await engine.open("/")
    failed(
        await engine.run("- {action: upload, selector: '#t', files: [a.txt], timeout_seconds: 1.2}"),
        ErrorKind.UNVERIFIED,
        "no file chooser",
    )
    assert await engine.page.evaluate("window.n") == 1


async def test_an_option_that_fades_after_the_list_was_opened_is_not_looked_for_again(
    engine: EngineBench, site: Site
) -> None:
    """H-6: the list was opened by a click; a tier that opened it again would close it."""
    site.page(
        "/",
        "<button id=t aria-haspopup=listbox onclick='window.n = (window.n || 0) + 1; u.hidden = !u.hidden; setTimeout(() => u.remove(), 50)'>Pick</button><div id=u role=listbox hidden><div role=option style='margin-top:20px'>B</div></div>",
    )
    await engine.open("/")
    await engine.run("- {action: select, selector: '#t', value: B, timeout_seconds: 1.5}")
    assert await engine.page.evaluate("window.n") == 1
