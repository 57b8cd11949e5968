"""Words of names and ids: one form for what means the same, and never one for opposites."""

from __future__ import annotations

import pytest

from tierwright.models.local.words import OPPOSITES, code_words, contained, is_value, likeness, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sign in", "Log in"),
        ("Log-in", "login"),
        ("Shopping cart", "Basket"),
        ("Delete", "Remove"),
        ("E-mail address", "Email"),
        ("User name", "Username"),
        ("Café", "cafe"),
        ("U.S.", "US"),
        ("Inbox (3)", "Inbox (12)"),
        ("Orders", "Order"),
        ("Wish list", "Favourites"),
        ("Expiry", "Expires"),
        ("Sort by", "Order by"),
        ("Town", "City"),
        ("2. Delivery", "Delivery"),
        ("Express, $6.00", "Express"),
    ],
)
def test_the_same_said_differently(one: str, other: str) -> None:
    """H-14: synonyms, spelling, accents and counters do not make another name."""
    assert words(one) == words(other)


@pytest.mark.parametrize("pair", OPPOSITES)
def test_opposites_count_against_each_other(pair: tuple[str, str]) -> None:
    """H-14: no pair of opposites is ever alike, either way round."""
    assert likeness(words(pair[0]), words(pair[1])) <= 0
    assert likeness(words(f"{pair[0]} the newsletter"), words(f"{pair[1]} the newsletter")) < 0.75


def test_other_numbers_are_another_name() -> None:
    """H-14: page 2 is not page 3."""
    assert likeness(words("Page 2"), words("Page 3")) < 0.5


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("btnLogIn", ("button", "login")),
        ("user_email-field", ("user", "email", "field")),
        ("css-1x2y3z4", ("css",)),
        ("order-12345", ("order",)),
        ("8f14e45fceea167a", ()),
    ],
)
def test_generated_parts_of_codes_say_nothing(code: str, expected: tuple[str, ...]) -> None:
    """H-11: hashes and counters weigh nothing."""
    assert code_words(code) == expected


def test_scripts_without_spaces_are_compared_character_by_character() -> None:
    """H-14: languages other than English lean on structure, and on what characters they share."""
    assert likeness(words("查看全部图书"), words("查看图书")) > 0.75
    assert likeness(words("登录"), words("注册")) == 0.0


@pytest.mark.parametrize(("one", "other"), [("Empty cart", "Clear basket"), ("Go to checkout", "Continue to checkout")])
def test_words_that_come_close(one: str, other: str) -> None:
    """H-14: not the same words, but what another designer would have written."""
    assert likeness(words(one), words(other)) > 0.8


def test_the_order_of_opposites_counts() -> None:
    """H-14: low to high is not high to low."""
    assert likeness(words("Price: low to high"), words("Price, low to high")) == 1.0
    assert likeness(words("Price: low to high"), words("Price: high to low")) < 0


def test_part_of_a_name() -> None:
    """H-14: all that one says is in the other; words that rows repeat do not count."""
    assert contained(words("Search"), words("Search products"))
    assert not contained(words("Delete"), words("Delete account"))
    assert not contained(words("Page 2"), words("Page 2 of 3"))


@pytest.mark.parametrize(("text", "expected"), [("12", True), ("$9.50", True), ("10:30", True), ("2 items", False)])
def test_numbers_and_prices_are_values(text: str, expected: bool) -> None:
    """H-11: what counts and costs say today is no name."""
    assert is_value(text) is expected
