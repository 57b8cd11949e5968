"""Phrases that say exactly which element they mean become selectors; anything less exact becomes none."""

from __future__ import annotations

import pytest

from tierwright.core.phrases import parse_phrase
from tierwright.core.steps import Action, Condition, Step
from tierwright.page.direct import direct_selectors, looks_like_selector, target_selectors


def selectors(words: str, action: Action = Action.CLICK, condition: Condition | None = None) -> tuple[str, ...]:
    return direct_selectors(Step(action=action, instruction=words, condition=condition), parse_phrase(words))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ('the "Log in" button', ('role=button[name="Log in"]',)),
        ('the "Say \\"hi\\"" button', ('role=button[name="Say \\"hi\\""]',)),
        ('the field with placeholder "Search"', ('[placeholder="Search"]',)),
        ('the element with test id "pay"', ('[data-testid="pay"]',)),
        ('the image with alt text "Logo"', ('[alt="Logo"]',)),
        ('the field labelled "E-mail"', ('internal:label="E-mail"s',)),
    ],
)
def test_an_exact_phrase_is_a_selector(words: str, expected: tuple[str, ...]) -> None:
    assert selectors(words) == expected


def test_a_field_may_have_several_roles() -> None:
    assert {s.split("[")[0] for s in selectors('the "E-mail" field')} > {"role=textbox", "role=searchbox"}


@pytest.mark.parametrize(
    "words",
    [
        "something vague",
        'the second "Delete" button',
        'the "Delete" button in the row of "Ada"',
        '"Save"',
        "the button",
    ],
)
def test_what_is_less_exact_is_the_next_tiers(words: str) -> None:
    assert selectors(words) == ()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition.VISIBLE, ':text("Order placed") >> visible=true >> nth=0'),
        (Condition.HIDDEN, ':text("Order placed") >> visible=true'),
        (Condition.ENABLED, 'text="Order placed"'),
    ],
)
def test_a_text_that_is_looked_for(condition: Condition, expected: str) -> None:
    assert selectors('"Order placed"', Action.EXPECT, condition) == (expected,)


def test_a_count_counts_a_role() -> None:
    assert selectors("the rows", Action.EXPECT, Condition.COUNT) == ("role=row",)
    assert selectors('the "Delete" buttons', Action.EXPECT, Condition.COUNT) == ('role=button[name="Delete"]',)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("#basket", ("#basket",)),
        ("//div[1]", ("//div[1]",)),
        ("ul > li", ("ul > li",)),
        ('the "Done" list', ('role=list[name="Done"]', 'role=listbox[name="Done"]')),
        ('"Done"', ('text="Done"',)),
        ("somewhere nice", ()),
    ],
)
def test_the_second_element_of_a_drag(target: str, expected: tuple[str, ...]) -> None:
    assert target_selectors(target, parse_phrase(target)) == expected


@pytest.mark.parametrize(
    ("text", "is_one"), [("[a=b]", True), ("text=Done", True), ("a:has(b)", True), ("Done", False)]
)
def test_words_are_told_from_selectors(text: str, is_one: bool) -> None:
    assert looks_like_selector(text) is is_one
