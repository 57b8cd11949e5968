"""Native selects, custom lists, and boxes of every make."""

from __future__ import annotations

import pytest
from tests.browser.engine_fixture import EngineBench, failed, passed, tiers_tried
from tests.conftest import Site

from tierwright.core.results import ErrorKind

# ruff: noqa: E501 - pages are easier to read on one line
pytestmark = pytest.mark.browser

COUNTRIES = "<option value=''>Choose</option><option value=de>Germany</option><option value=fr label='La France'>France</option>"
NATIVE = {
    "by label": (f"<select id=s>{COUNTRIES}</select>", "Germany", "de"),
    "by its label attribute": (f"<select id=s>{COUNTRIES}</select>", "La France", "fr"),
    "by value": (f"<select id=s>{COUNTRIES}</select>", "fr", "fr"),
    "label before value": ("<select id=s><option value=2>1</option><option value=1>2</option></select>", "1", "2"),
    "in a group": (f"<select id=s><optgroup label=Europe>{COUNTRIES}</optgroup></select>", "Germany", "de"),
    "in a multiple one": (f"<select id=s multiple>{COUNTRIES}</select>", "Germany", "de"),
    "two of one value": ("<select id=s><option value=x>One</option><option value=x>Two</option></select>", "Two", "x"),
    "late": (
        f'<select id=s></select><script>setTimeout(() => s.innerHTML = "{COUNTRIES}", 400)</script>',
        "Germany",
        "de",
    ),
    "enabled late": (
        f"<select id=s>{COUNTRIES.replace('<option value=de', '<option disabled value=de')}</select><script>setTimeout(() => s.options[1].disabled = false, 400)</script>",
        "Germany",
        "de",
    ),
    "by the select's label": (f"<label id=l for=s>Country</label><select id=s>{COUNTRIES}</select>", "Germany", "de"),
}


@pytest.mark.parametrize("how", NATIVE)
async def test_a_native_select_takes_an_option(engine: EngineBench, site: Site, how: str) -> None:
    """H-15: by label, else by value; the select shows its option afterwards."""
    html, wanted, value = NATIVE[how]
    site.page("/", html)
    await engine.open("/")
    selector = "#l" if "id=l " in html else "#s"
    step = passed(await engine.run(f'- {{action: select, selector: "{selector}", value: "{wanted}"}}'))[0]
    assert tiers_tried(step) == [1]
    assert await engine.page.evaluate("s.value") == value


REFUSED = {
    "missing": (f"<select id=s>{COUNTRIES}</select>", "Spain", ErrorKind.EXPECTATION, '"Germany"'),
    "missing among none": ("<select id=s></select>", "Spain", ErrorKind.EXPECTATION, "none"),
    "a disabled option": (
        "<select id=s><option>A<option disabled>Spain</select>",
        "Spain",
        ErrorKind.DISABLED,
        "Spain",
    ),
    "a disabled group": (
        "<select id=s><option>A<optgroup disabled label=x><option>Spain</optgroup></select>",
        "Spain",
        ErrorKind.DISABLED,
        "Spain",
    ),
    "a disabled select": (
        "<select id=s disabled><option>A<option>Spain</select>",
        "Spain",
        ErrorKind.DISABLED,
        "disabled",
    ),
    "a covered select": (
        "<select id=s><option>A<option>Spain</select><div id=wall style='position:fixed;inset:0'></div>",
        "Spain",
        ErrorKind.COVERED,
        "wall",
    ),
    "one that jumps back": (
        "<select id=s onchange='this.selectedIndex=0'><option>A<option>Spain</select>",
        "Spain",
        ErrorKind.UNVERIFIED,
        "Spain",
    ),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_an_option_that_cannot_be_chosen_fails_and_never_escalates(
    engine: EngineBench, site: Site, why: str
) -> None:
    """An option that is not there is an error that lists those that are; nothing else is chosen in its place."""
    html, wanted, kind, words = REFUSED[why]
    site.page("/", html)
    await engine.open("/")
    step = failed(
        await engine.run(f'- {{action: select, selector: "#s", value: "{wanted}", timeout_seconds: 1.5}}'), kind, words
    )
    assert tiers_tried(step) == [1]


def _list(options: str, *, role: str = "listbox", extra: str = "", shown: bool = False) -> str:
    return (
        f"<ul id=list role={role} {extra} {'' if shown else 'hidden'}>"
        + "".join(f"<li role=option>{o}</li>" for o in options.split())
        + "</ul>"
    )


_PICK = "list.onclick = e => { if (e.target.role == 'option' && !e.target.ariaDisabled) { c[c.localName == 'input' ? 'value' : 'textContent'] = e.target.textContent; list.hidden = true; document.title = e.target.textContent } };"
CUSTOM = {
    "button and listbox": f"<button id=c aria-haspopup=listbox aria-controls=list>Pick</button>{_list('Red Green Blue')}<script>c.onclick = () => list.hidden = !list.hidden; {_PICK}</script>",
    "without aria-controls": f"<button id=c aria-haspopup=listbox>Pick</button>{_list('Red Green Blue')}<script>c.onclick = () => list.hidden = !list.hidden; {_PICK}</script>",
    "drawn in a portal when opened": "<div><div id=c role=combobox tabindex=0 aria-expanded=false>Pick</div></div><script>c.onclick = () => { const list = document.createElement('div'); list.role = 'listbox'; list.innerHTML = '<div role=option>Red</div><div role=option>Green</div>'; list.onclick = e => { c.textContent = e.target.textContent; document.title = c.textContent; list.remove() }; setTimeout(() => document.body.append(list), 200) }</script>",
    "an input that filters": f"<input id=c role=combobox aria-controls=list>{_list('')}<script>c.oninput = () => {{ list.innerHTML = c.value ? '<li role=option>' + ['Red', 'Green'].find(o => o.startsWith(c.value)) + '</li>' : ''; list.hidden = false }}; {_PICK}</script>",
    "an input that opens all": f"<input id=c role=combobox readonly aria-controls=list>{_list('Red Green Blue')}<script>c.onclick = () => list.hidden = false; {_PICK}</script>",
    "another listbox beside it": f"<ul role=listbox><li role=option>Green</li></ul><button id=c aria-haspopup=listbox aria-controls=list>Pick</button>{_list('Red Green Blue')}<script>c.onclick = () => list.hidden = false; {_PICK}</script>",
    "a listbox that is always open": "<ul id=c role=listbox><li role=option>Red</li><li role=option>Green</li></ul><script>c.onclick = e => { e.target.ariaSelected = 'true'; document.title = e.target.textContent }</script>",
    "a menu of radio items": "<button id=c aria-haspopup=menu>Pick</button><div id=list role=menu hidden><div role=menuitemradio>Red</div><div role=menuitemradio>Green</div></div><script>c.onclick = () => list.hidden = false; list.onclick = e => { c.textContent = 'Colour: ' + e.target.textContent; document.title = e.target.textContent; list.hidden = true }</script>",
}


@pytest.mark.parametrize("how", CUSTOM)
async def test_a_custom_list_takes_an_option(engine: EngineBench, site: Site, how: str) -> None:
    """H-15: opened, chosen and shown, in the usual ARIA patterns, as one act."""
    site.page("/", CUSTOM[how])
    await engine.open("/")
    step = passed(await engine.run('- {action: select, selector: "#c", value: Green}'))[0]
    assert tiers_tried(step) == [1]
    assert await engine.page.title() == "Green"


CUSTOM_REFUSED = {
    "missing": (CUSTOM["button and listbox"], "Pink", ErrorKind.EXPECTATION, '"Blue"'),
    "one that shows another": (
        CUSTOM["button and listbox"].replace("= e.target.textContent; list.h", "= 'Pick'; list.h"),
        "Green",
        ErrorKind.UNVERIFIED,
        "Green",
    ),
    "a disabled option": (
        CUSTOM["button and listbox"].replace("<li role=option>Green", "<li role=option aria-disabled=true>Green"),
        "Green",
        ErrorKind.DISABLED,
        "Green",
    ),
    "a disabled button": (
        CUSTOM["button and listbox"].replace("<button", "<button disabled"),
        "Green",
        ErrorKind.DISABLED,
        "disabled",
    ),
    "a part of a longer one": (
        CUSTOM["button and listbox"].replace("Green", "Greenish"),
        "Green",
        ErrorKind.EXPECTATION,
        "Greenish",
    ),
}


@pytest.mark.parametrize("why", CUSTOM_REFUSED)
async def test_an_option_of_a_custom_list_that_cannot_be_chosen_fails(
    engine: EngineBench, site: Site, why: str
) -> None:
    """H-6, H-15: once the list was opened no tier may open it again."""
    html, wanted, kind, words = CUSTOM_REFUSED[why]
    site.page("/", html)
    await engine.open("/")
    step = failed(await engine.run(f'- {{action: select, selector: "#c", value: {wanted}}}'), kind, words)
    assert tiers_tried(step) == [1]


_HIDE = "position:absolute;opacity:0;width:1px;height:1px;margin:0"
BOXES = {
    "native": "<input type=checkbox id=b onchange='document.title = this.checked'>",
    "visually hidden in its label": f"<label><input type=checkbox id=b style='{_HIDE}' onchange='document.title = this.checked'><span>Agree to it</span></label>",
    "under its drawn box": "<label style='position:relative'><input type=checkbox id=b onchange='document.title = this.checked'><span style='position:absolute;left:0;top:0;width:30px;height:30px;background:#ccc'></span></label>",
    "by its label": "<label id=b><input type=checkbox onchange='document.title = this.checked'> Agree</label>",
    "role checkbox": "<div id=b role=checkbox tabindex=0 aria-checked=false onclick=\"this.ariaChecked = String(this.ariaChecked != 'true'); document.title = this.ariaChecked\">Agree</div>",
    "switch": "<button id=b role=switch aria-checked=false onclick=\"this.ariaChecked = String(this.ariaChecked != 'true'); document.title = this.ariaChecked\">Dark</button>",
}


@pytest.mark.parametrize("how", BOXES)
async def test_a_box_is_checked_and_unchecked_and_left_alone_when_it_is_already(
    engine: EngineBench, site: Site, how: str
) -> None:
    """H-15: a check is checked, an uncheck is not; checking twice clicks once."""
    site.page("/", BOXES[how])
    await engine.open("/")
    check, uncheck = ('- {action: check, selector: "#b"}\n', '- {action: uncheck, selector: "#b"}\n')
    steps = passed(await engine.run(check + check))
    assert [tiers_tried(s) for s in steps] == [[1], [1]]
    assert await engine.page.title() == "true"
    passed(await engine.run(uncheck))
    assert await engine.page.title() == "false"


RADIOS = [
    "<input type=radio name=r id=x checked><input type=radio name=r id=b>",
    "<div role=radiogroup><div role=radio id=b aria-checked=false onclick=\"this.ariaChecked='true'\">B</div></div>",
]


@pytest.mark.parametrize("html", RADIOS)
async def test_a_radio_is_checked(engine: EngineBench, site: Site, html: str) -> None:
    """H-15: native and by role."""
    site.page("/", html)
    await engine.open("/")
    passed(
        await engine.run('- {action: check, selector: "#b"}\n- {action: expect, selector: "#b", condition: checked}')
    )


BOXES_REFUSED = {
    "one that refuses": (
        "<input type=checkbox id=b onclick='event.preventDefault()'>",
        "check",
        ErrorKind.UNVERIFIED,
        "not checked",
    ),
    "one that springs back": (
        "<input type=checkbox id=b checked onchange='this.checked = true'>",
        "uncheck",
        ErrorKind.UNVERIFIED,
        "still checked",
    ),
    "a switch that does nothing": (
        "<button id=b role=switch aria-checked=false>Dark</button>",
        "check",
        ErrorKind.UNVERIFIED,
        "not checked",
    ),
    "a disabled one": ("<input type=checkbox id=b disabled>", "check", ErrorKind.DISABLED, "disabled"),
    "a covered one": (
        "<input type=checkbox id=b><div id=wall style='position:fixed;inset:0'></div>",
        "check",
        ErrorKind.COVERED,
        "wall",
    ),
    "a radio, unchecked": ("<input type=radio id=b checked>", "uncheck", ErrorKind.EXPECTATION, "radio"),
}


@pytest.mark.parametrize("why", BOXES_REFUSED)
async def test_a_box_that_does_not_take_its_state_fails_and_never_escalates(
    engine: EngineBench, site: Site, why: str
) -> None:
    """H-15: the box is read back; `disabled` and `covered` are a likely defect."""
    html, action, kind, words = BOXES_REFUSED[why]
    site.page("/", html)
    await engine.open("/")
    step = failed(await engine.run(f'- {{action: {action}, selector: "#b", timeout_seconds: 1.5}}'), kind, words)
    assert tiers_tried(step) == [1]
