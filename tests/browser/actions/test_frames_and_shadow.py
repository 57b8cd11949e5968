"""Frames, nested and of another origin, and open shadow roots."""

from __future__ import annotations

import pytest
from tests.browser.engine_fixture import EngineBench, failed, passed, tiers_tried
from tests.conftest import Site

from tierwright.core.results import ErrorKind

# ruff: noqa: E501 - pages are easier to read on one line
pytestmark = pytest.mark.browser

FORM = """<input id=f><select id=s><option>A<option>B</select><label><input type=checkbox id=c>Yes</label>
<button id=l aria-haspopup=listbox onclick="u.hidden=false">Pick</button><div id=u role=listbox hidden><div role=option onclick="l.textContent='Red';u.hidden=true">Red</div></div>
<button id=b onclick="this.textContent='sent '+f.value+s.value+c.checked+l.textContent">Send</button>"""
STEPS = """
- {action: fill, selector: "#f", FRAME, value: x}
- {action: select, selector: "#s", FRAME, value: B}
- {action: check, selector: "#c", FRAME}
- {action: select, selector: "#l", FRAME, value: Red}
- {action: hover, selector: "#b", FRAME}
- {action: press, selector: "#f", FRAME, key: End}
- {action: type, selector: "#f", FRAME, value: y}
- {action: click, selector: "#b", FRAME}
- {action: expect, selector: "#b", FRAME, condition: text, value: sent xyBtrueRed}
"""


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("foreign", [False, True])
async def test_all_actions_work_in_frames(
    engine: EngineBench, site: Site, other_site: Site, nested: bool, foreign: bool
) -> None:
    """Nested or not, of the same origin or another: the same-named field outside is left alone."""
    inner = other_site if foreign else site
    inner.page("/form", FORM)
    address = inner.url("/form")
    site.page("/middle", f"<input id=f value=middle><iframe name=inner src='{address}' width=600 height=300></iframe>")
    source = "/middle" if nested else address
    site.page("/", f"<input id=f value=outside><iframe id=outer src='{source}' width=700 height=400></iframe>")
    await engine.open("/")
    frame = "frame: ['#outer', 'iframe[name=inner]']" if nested else "frame: '#outer'"
    for step in passed(await engine.run(STEPS.replace("FRAME", frame))):
        assert tiers_tried(step) == [1]
    assert await engine.page.input_value("#f") == "outside"


async def test_a_frame_that_is_not_there_or_covered_fails(engine: EngineBench, site: Site) -> None:
    """Nothing outside is taken in its place; what lies over the frame covers what is in it."""
    site.page("/form", FORM)
    site.page(
        "/",
        "<button id=b>Outside</button><iframe id=i src=/form></iframe><div id=wall style='position:fixed;inset:0'></div>",
    )
    await engine.open("/")
    step = failed(
        await engine.run("- {action: fill, selector: '#f', frame: '#i', value: x, timeout_seconds: 1.5}"),
        ErrorKind.COVERED,
        "wall",
    )
    assert tiers_tried(step) == [1]
    failed(
        await engine.run("- {action: click, selector: '#zzz', frame: '#gone', timeout_seconds: 1.5}"),
        ErrorKind.NOT_FOUND,
    )


async def test_a_frame_that_reloads_is_waited_for(engine: EngineBench, site: Site) -> None:
    """The document in the frame is replaced; the step acts in the new one."""
    site.page("/form", FORM)
    site.page("/first", "<p>loading</p><script>setTimeout(() => location = '/form', 500)</script>")
    site.page("/", "<iframe id=i src=/first></iframe>")
    passed(
        await engine.run(
            "- {action: navigate, value: /}\n- {action: fill, selector: '#f', frame: '#i', value: x}\n- {action: expect, selector: '#f', frame: '#i', condition: value, value: x}"
        )
    )


@pytest.mark.parametrize("depth", [1, 2])
async def test_all_actions_work_in_open_shadow_roots(engine: EngineBench, site: Site, depth: int) -> None:
    """Nested ones too; ids that repeat outside do not matter to a selector that goes through the host."""
    form = (
        FORM.replace('onclick="u.hidden', "onclick=\"const r=this.getRootNode(),u=r.getElementById('u');u.hidden")
        .replace(
            'onclick="l.text',
            "onclick=\"const r=this.getRootNode(),l=r.getElementById('l'),u=r.getElementById('u');l.text",
        )
        .replace(
            'onclick="this.text',
            "onclick=\"const r=this.getRootNode(),[f,s,c,l]=['f','s','c','l'].map(i=>r.getElementById(i));this.text",
        )
    )
    wrap = "<x-in></x-in>" if depth == 2 else "FORM"
    script = "const html = document.querySelector('template').innerHTML; const define = (n, h) => customElements.define(n, class extends HTMLElement { connectedCallback() { this.attachShadow({mode: 'open'}).innerHTML = h } });"
    define = f"define('x-in', html); define('x-out', '{wrap}' == 'FORM' ? html : '{wrap}');"
    site.page(
        "/", f"<template>{form}</template><input id=f value=outside><x-out></x-out><script>{script}{define}</script>"
    )
    await engine.open("/")
    steps = STEPS.replace(", FRAME", "").replace('selector: "#', 'selector: "x-out >> #')
    for step in passed(await engine.run(steps)):
        assert tiers_tried(step) == [1]
    assert await engine.page.evaluate("document.querySelector('#f').value") == "outside"
