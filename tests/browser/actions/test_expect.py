"""Every condition of expect and wait_for: it may come late, and fails at the deadline in words (H-17)."""

from __future__ import annotations

import pytest
from tests.browser.engine_fixture import EngineBench, failed, passed, tiers_tried
from tests.conftest import Site

from tierwright.core.results import ErrorKind

pytestmark = pytest.mark.browser

# condition: the step's keys, the page before, what makes it true, the words of the failure
CONDITIONS = {
    "visible": ("condition: visible", "<p id=t hidden>Hi</p>", "t.hidden = false", ("to be visible", "not visible")),
    "hidden": ("condition: hidden", "<p id=t>Hi</p>", "t.remove()", ("to be hidden", "still visible")),
    "text": (
        "condition: text, value: Done",
        "<p id=t>Wait</p>",
        "t.textContent = ' Done '",
        ('to be "Done"', 'says "Wait"'),
    ),
    "contains": (
        "condition: contains, value: 3 items",
        "<p id=t>Cart</p>",
        "t.textContent = 'Cart: 3 items.'",
        ('contain "3 items"', 'says "Cart"'),
    ),
    "matches": (
        "condition: matches, value: 'No\\. \\d+'",
        "<p id=t>No. x</p>",
        "t.textContent = 'Order No. 17'",
        ("match", 'says "No. x"'),
    ),
    "value": (
        "condition: value, value: Ada",
        "<input id=t value=Bob>",
        "t.value = 'Ada'",
        ('to be "Ada"', 'value is "Bob"'),
    ),
    "count": (
        "condition: count, value: 2",
        "<b id=t>1</b>",
        "t.cloneNode(); document.body.append(t.cloneNode())",
        ("expected 2", "saw 1"),
    ),
    "checked": (
        "condition: checked",
        "<input type=checkbox id=t>",
        "t.checked = true",
        ("to be checked", "not checked"),
    ),
    "unchecked": (
        "condition: unchecked",
        "<div role=switch aria-checked=true id=t>On</div>",
        "t.ariaChecked = 'false'",
        ("to be unchecked", "not unchecked"),
    ),
    "enabled": (
        "condition: enabled",
        "<button id=t disabled>Go</button>",
        "t.disabled = false",
        ("to be enabled", "not enabled"),
    ),
    "disabled": (
        "condition: disabled",
        "<button id=t>Go</button>",
        "t.disabled = true",
        ("to be disabled", "not disabled"),
    ),
    "attribute": (
        "condition: attribute, attribute: data-state, value: open",
        "<p id=t data-state=shut>x</p>",
        "t.dataset.state = 'open'",
        ('data-state of `#t` to be "open"', 'it is "shut"'),
    ),
}
PAGE_CONDITIONS = {
    "url": (
        "condition: url, value: '/done*'",
        "history.pushState(0, '', '/done?x=1')",
        ('url to be "/done*"', "it is"),
    ),
    "title": (
        "condition: title, value: Thank you",
        "document.title = ' Thank  you '",
        ('title to be "Thank you"', 'it is "Shop"'),
    ),
}


def _page(html: str, change: str) -> str:
    return f"<title>Shop</title><body>{html}<script>const go = () => {{ {change} }}</script>"


@pytest.mark.parametrize("action", ["expect", "wait_for"])
@pytest.mark.parametrize("condition", CONDITIONS)
async def test_a_condition_that_comes_late_passes(engine: EngineBench, site: Site, condition: str, action: str) -> None:
    """Each waits and retries up to its deadline."""
    keys, html, change, _ = CONDITIONS[condition]
    site.page("/", _page(html, change))
    await engine.open("/")
    await engine.page.evaluate("() => { setTimeout(go, 400) }")
    step = passed(await engine.run(f"- {{action: {action}, selector: '#t', {keys}, timeout_seconds: 4}}"))[0]
    assert tiers_tried(step) == [1]


@pytest.mark.parametrize("condition", CONDITIONS)
async def test_a_condition_that_never_comes_fails_in_words(engine: EngineBench, site: Site, condition: str) -> None:
    """`expectation`, with what was expected and what was seen; never escalated."""
    keys, html, change, words = CONDITIONS[condition]
    site.page("/", _page(html, change))
    await engine.open("/")
    step = failed(
        await engine.run(f"- {{action: expect, selector: '#t', {keys}, timeout_seconds: 1.5}}"),
        ErrorKind.EXPECTATION,
        *words,
    )
    assert tiers_tried(step) == [1]


@pytest.mark.parametrize("condition", PAGE_CONDITIONS)
async def test_conditions_of_the_page(engine: EngineBench, site: Site, condition: str) -> None:
    """Address and title, late and never."""
    keys, change, words = PAGE_CONDITIONS[condition]
    site.page("/", _page("<p>x</p>", change))
    await engine.open("/")
    assert tiers_tried(
        failed(await engine.run(f"- {{action: expect, {keys}, timeout_seconds: 0.8}}"), ErrorKind.EXPECTATION, *words)
    ) == [1]
    await engine.page.evaluate("() => { setTimeout(go, 300) }")
    passed(await engine.run(f"- {{action: wait_for, {keys}, timeout_seconds: 4}}"))


@pytest.mark.parametrize(
    ("keys", "html"), [("condition: checked", "<p id=t>x</p>"), ("condition: value, value: x", "<p id=t>x</p>")]
)
async def test_an_element_that_can_have_no_such_state_fails(
    engine: EngineBench, site: Site, keys: str, html: str
) -> None:
    """A paragraph is never checked; asking is no reason to look for another element."""
    site.page("/", html)
    await engine.open("/")
    assert tiers_tried(
        failed(
            await engine.run(f"- {{action: expect, selector: '#t', {keys}, timeout_seconds: 1.5}}"),
            ErrorKind.EXPECTATION,
        )
    ) == [1]


async def test_a_secret_on_the_page_is_not_in_the_message(engine: EngineBench, site: Site) -> None:
    """What the page says is masked before it is cut."""
    site.page("/", f"<p id=t>{'x' * 295} hunter2-long</p>")
    await engine.open("/")
    result = await engine.run(
        "- {action: expect, selector: '#t', condition: text, value: '{{pin}}', timeout_seconds: 1.5}",
        secrets={"pin": "hunter2-long"},
    )
    step = failed(result, ErrorKind.EXPECTATION)
    assert "hunt" not in str(step)


async def test_a_pattern_that_a_variable_broke_fails_in_words(engine: EngineBench, site: Site) -> None:
    """Not a bug of the engine, and not the page's fault."""
    site.page("/", "<p id=t>x</p>")
    await engine.open("/")
    failed(
        await engine.run("- {action: expect, selector: '#t', condition: matches, value: '{{p}}'}", p="(x"),
        ErrorKind.EXPECTATION,
        "regular expression",
    )
