"""Fill, type, press and focus: every kind of field, read back after the action (H-15)."""

from __future__ import annotations

import pytest
from tests.browser.engine_fixture import EngineBench, failed, passed, tiers_tried
from tests.conftest import Site

from tierwright.core.results import ErrorKind, StepStatus
from tierwright.page.verify import same_text

# ruff: noqa: E501 - pages are easier to read on one line
pytestmark = pytest.mark.browser

FIELDS = [
    ("<input id=f>", "Ada Lovelace"),
    ("<input id=f type=search>", "tea & cake"),
    ("<input id=f type=email>", "ada@example.org"),
    ("<input id=f type=url>", "https://example.org/x"),
    ("<input id=f type=tel>", "+49 30 1234567"),
    ("<input id=f type=password>", "s3cret!"),
    ("<input id=f type=number>", "12.50"),
    ("<input id=f type=date>", "2026-02-28"),
    ("<input id=f type=time>", "13:45"),
    ("<input id=f type=datetime-local>", "2026-02-28T13:45"),
    ("<input id=f type=month>", "2026-02"),
    ("<input id=f type=week>", "2026-W09"),
    ("<input id=f type=color>", "#FF8800"),
    ("<input id=f type=range min=0 max=10>", "7"),
    ("<textarea id=f></textarea>", "two\\nlines"),
    ("<div id=f contenteditable style='min-height:20px'></div>", "rich text"),
    ("<label id=f>Name <input></label>", "by its label"),
]


@pytest.mark.parametrize(("html", "value"), FIELDS)
async def test_every_kind_of_field_takes_its_value(engine: EngineBench, site: Site, html: str, value: str) -> None:
    """H-15: a fill reads back, whatever the type makes of the text (a colour in small letters, a date)."""
    site.page("/", f"<main>{html}</main>")
    await engine.open("/")
    step = passed(await engine.run(f'- {{action: fill, selector: "#f", value: "{value}"}}'))[0]
    assert tiers_tried(step) == [1]


@pytest.mark.parametrize(("html", "value"), FIELDS[:1] + FIELDS[14:16])
async def test_an_empty_fill_clears(engine: EngineBench, site: Site, html: str, value: str) -> None:
    """H-15: `fill` with "" clears, and reads back as empty."""
    site.page("/", html)
    await engine.open("/")
    passed(
        await engine.run(
            f'- {{action: fill, selector: "#f", value: "{value}"}}\n- {{action: fill, selector: "#f", value: ""}}'
        )
    )
    assert not await engine.page.evaluate("(f.value ?? f.innerText).trim()")


MASKS = [
    ("replace(/\\D/g, '').replace(/(.{4})(?=.)/g, '$1 ')", "4111111111111111"),
    ("replace(/\\D/g, '').replace(/^(...)(...)(.*)$/, '($1) $2-$3')", "5551234567"),
    ("toUpperCase()", "de89 3704"),
    ("replace(/\\B(?=(\\d{3})+$)/g, ',')", "1234567"),
]


@pytest.mark.parametrize(("mask", "value"), MASKS)
@pytest.mark.parametrize("action", ["fill", "type"])
async def test_a_field_that_formats_still_holds_what_was_entered(
    engine: EngineBench, site: Site, mask: str, value: str, action: str
) -> None:
    """H-15: grouping, brackets and capital letters are the field's own doing."""
    site.page(
        "/",
        f'<input id=f onchange="this.value = this.value.{mask}" oninput="{"" if action == "type" else f"this.value = this.value.{mask}"}">',
    )
    await engine.open("/")
    passed(await engine.run(f'- {{action: {action}, selector: "#f", value: "{value}"}}'))


@pytest.mark.parametrize(
    ("held", "entered", "same"),
    [
        ("$1,234.50", "1234.5", True),
        ("1.234,50 €", "1234.5", True),
        ("1 234", "1234", True),
        ("15", "1.5", False),
        ("1234", "1.234", False),
        ("12", "123", False),
        ("ada", "Ada L", False),
        ("", "x", False),
        ("2026/02/28", "20260228", True),
    ],
)
def test_what_counts_as_the_same_text(held: str, entered: str, same: bool) -> None:
    """H-15: what fields add by themselves is no difference; another number is."""
    assert same_text(held, entered) is same


REFUSED = [
    ("<input id=f oninput=\"this.value=''\">", "Ada", ErrorKind.UNVERIFIED, 'it holds ""'),
    ("<textarea id=f oninput=\"this.value='no'\"></textarea>", "Ada", ErrorKind.UNVERIFIED, 'it holds "no"'),
    ("<input id=f maxlength=3>", "abcdef", ErrorKind.UNVERIFIED, 'it holds "abc"'),
    ("<input id=f type=date>", "28.2.2026", ErrorKind.UNVERIFIED, 'it holds ""'),
    ("<input id=f type=color>", "no colour", ErrorKind.UNVERIFIED, "#000000"),
    ("<input id=f type=range max=10>", "70", ErrorKind.UNVERIFIED, "10"),
    ("<input id=f type=number>", "many", ErrorKind.EXPECTATION, "not a number"),
    ("<input id=f readonly>", "Ada", ErrorKind.DISABLED, "read-only"),
    ("<textarea id=f readonly></textarea>", "Ada", ErrorKind.DISABLED, "read-only"),
    ("<input id=f disabled>", "Ada", ErrorKind.DISABLED, "disabled"),
    ("<fieldset disabled><input id=f></fieldset>", "Ada", ErrorKind.DISABLED, "disabled"),
    ("<input id=f><div id=wall style='position:fixed;inset:0'></div>", "Ada", ErrorKind.COVERED, "wall"),
]


@pytest.mark.parametrize(("html", "value", "kind", "words"), REFUSED)
async def test_a_field_that_does_not_take_the_value_fails_and_never_escalates(
    engine: EngineBench, site: Site, html: str, value: str, kind: ErrorKind, words: str
) -> None:
    """H-15: what does not read back is `unverified`; a field that a person could not use is never filled."""
    site.page("/", html)
    await engine.open("/")
    step = failed(
        await engine.run(f'- {{action: fill, selector: "#f", value: "{value}", timeout_seconds: 1.5}}'), kind, words
    )
    assert tiers_tried(step) == [1]


@pytest.mark.parametrize(
    "html", ["<input id=f readonly>", "<input id=f disabled>", "<input id=f><p style='position:fixed;inset:0'>"]
)
@pytest.mark.parametrize("action", ["type", "press", "focus"])
async def test_keys_never_reach_a_field_that_a_person_could_not_use(
    engine: EngineBench, site: Site, html: str, action: str
) -> None:
    """Playwright sends keys without looking; we look. Only typing needs a field that is not read-only."""
    site.page("/", html)
    await engine.open("/")
    what = {"type": "value: abc", "press": "key: a", "focus": "timeout_seconds: 1.5"}[action]
    result = await engine.run(
        f'- {{action: {action}, selector: "#f", {what}{"" if action == "focus" else ", timeout_seconds: 1.5"}}}'
    )
    if "readonly" in html and action != "type":
        passed(result)
        return
    kind = ErrorKind.COVERED if "fixed" in html else ErrorKind.DISABLED
    assert tiers_tried(failed(result, kind)) == [1]
    assert await engine.page.evaluate("f.value") == ""


async def test_a_secret_is_never_in_a_message(engine: EngineBench, site: Site) -> None:
    """A field that cuts a secret off holds a part of it: the message shows none of it."""
    site.page("/", "<input id=f maxlength=5>")
    await engine.open("/")
    result = await engine.run('- {action: fill, selector: "#f", value: "{{pin}}"}', secrets={"pin": "hunter2-long"})
    step = failed(result, ErrorKind.UNVERIFIED, "does not hold")
    assert "hunte" not in str(step)


async def test_typing_goes_key_by_key_and_appends(engine: EngineBench, site: Site) -> None:
    """`type` is key by key: the page hears every key, and what was there stays."""
    site.page("/", '<input id=f value=12 onkeydown="document.title += event.key">')
    await engine.open("/")
    passed(await engine.run('- {action: type, selector: "#f", value: abc}'))
    assert await engine.page.title() == "abc"
    assert sorted(await engine.page.input_value("#f")) == list("12abc")


async def test_typing_into_something_that_is_no_field_is_not_judged(engine: EngineBench, site: Site) -> None:
    """Keys that the page handles itself leave nothing to read back."""
    site.page("/", '<div id=f role=grid tabindex=0 onkeydown="document.title += event.key">sheet</div>')
    await engine.open("/")
    passed(
        await engine.run(
            '- {action: type, selector: "#f", value: "=A1"}\n- {action: expect, condition: title, value: "=A1"}'
        )
    )


async def test_a_line_sent_off_with_enter_may_leave_an_empty_field(engine: EngineBench, site: Site) -> None:
    """A chat field is cleared when its line is sent."""
    site.page(
        "/",
        "<textarea id=f onkeyup=\"if (event.key == 'Enter') { document.title = this.value.trim(); this.value = '' }\"></textarea>",
    )
    await engine.open("/")
    passed(
        await engine.run(
            '- {action: type, selector: "#f", value: "hello\\n"}\n- {action: expect, condition: title, value: hello}'
        )
    )


async def test_keys_and_chords_with_and_without_an_element(engine: EngineBench, site: Site) -> None:
    """`press` sends one key or a chord, to an element or to what has the focus; a form works by keyboard alone."""
    site.page(
        "/",
        "<form onsubmit=\"document.title='sent ' + a.value + b.value; return false\"><input id=a value=old><input id=b><button>Send</button></form>",
    )
    passed(
        await engine.run("""
        - {action: navigate, value: /}
        - {action: press, selector: "#a", key: Control+A}
        - {action: press, key: Delete}
        - {action: press, key: x}
        - {action: press, key: Tab}
        - {action: press, key: y}
        - {action: press, key: Enter}
        - {action: expect, condition: title, value: sent xy}
        """)
    )


@pytest.mark.parametrize("where", ['selector: "#f", ', ""])
async def test_a_key_that_does_not_exist_is_an_error_of_the_test(engine: EngineBench, site: Site, where: str) -> None:
    """Nothing was sent, and no tier could send it."""
    site.page("/", "<input id=f>")
    await engine.open("/")
    step = failed(
        await engine.run(f"- {{action: press, {where}key: '{{{{k}}}}'}}", k="Fooo"), ErrorKind.EXPECTATION, "key"
    )
    assert tiers_tried(step) == [1]


async def test_focus_is_proven(engine: EngineBench, site: Site) -> None:
    """H-15: what did not take the focus is `unverified`."""
    site.page("/", "<input id=f><p id=p>text</p><input id=g onfocus='this.blur()'>")
    await engine.open("/")
    passed(await engine.run('- {action: focus, selector: "#f"}'))
    assert await engine.page.evaluate("document.activeElement.id") == "f"
    for other in ("#p", "#g"):
        step = failed(await engine.run(f'- {{action: focus, selector: "{other}"}}'), ErrorKind.UNVERIFIED, "focus")
        assert tiers_tried(step) == [1]
        assert step.status is StepStatus.FAILED
