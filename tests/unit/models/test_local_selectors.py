"""What a broken selector still says about its element."""

from __future__ import annotations

import pytest

from tierwright.models.local.selectors import Clues, read_selector


@pytest.mark.parametrize(
    "selector",
    ["#login-btn", "button#logIn", "//button[@id='login']", "[data-testid=login]", "form .login-button", "css=#login"],
)
def test_ids_classes_and_attributes_give_their_words(selector: str) -> None:
    """H-14: `#login-btn` says a lot, however the selector is written."""
    assert "login" in read_selector(selector).coded


@pytest.mark.parametrize(
    "selector",
    [
        "text=Add to cart",
        "button:has-text('Add to cart')",
        "//button[text()='Add to cart']",
        "//a[contains(., 'Add to cart')]",
        "//span[normalize-space(.)='Add to cart']",
        'role=button[name="Add to cart"]',
        '[aria-label="Add to cart"]',
        "[placeholder='Add to cart']",
    ],
)
def test_texts_in_selectors_are_texts(selector: str) -> None:
    """H-14: what a selector quotes of the page is read as people read it."""
    assert ("add", "to", "cart") in read_selector(selector).said


@pytest.mark.parametrize("selector", [None, "", "div > div:nth-child(3)", "/html/body/div[2]/span[1]", "body *"])
def test_positions_say_nothing(selector: str | None) -> None:
    """H-14: place alone is no identity."""
    assert read_selector(selector).empty


def test_only_the_last_part_speaks_of_the_element() -> None:
    """H-14: the words of what is around it are not its own."""
    clues = read_selector("#checkout-form .payment > button.confirm")
    assert clues.coded == ("ok",)
    assert clues.roles == ("button",)


def test_kinds_are_read_from_roles_words_and_tags() -> None:
    """H-14: role words in ids speak of the kind and not of the element."""
    assert read_selector("role=link[name='Home']").roles == ("link",)
    assert read_selector("#save-btn") == Clues(coded=("save",), roles=("button",), raw=frozenset({"save-btn"}))
    assert read_selector("textarea.note").roles == ("textbox",)
