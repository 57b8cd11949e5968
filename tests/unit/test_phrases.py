"""Phrases that name an element are read as written, and never fail (evidence for H-14)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierwright.core.instructions import understand
from tierwright.core.phrases import Phrase, parse_phrase, read_phrase, render_phrase
from tierwright.core.quoting import quote, tokenize
from tierwright.core.roles import ROLE_WORDS
from tierwright.core.steps import Action

BUTTON, FIELD = ROLE_WORDS["button"], ROLE_WORDS["field"]

PHRASES = [
    ('the "Log out" button', Phrase(name="Log out", exact=True, role_word="button", roles=BUTTON)),
    ("the ‘Log out’ button", Phrase(name="Log out", exact=True, role_word="button", roles=BUTTON)),
    ("the “Log out” button", Phrase(name="Log out", exact=True, role_word="button", roles=BUTTON)),
    ('"Say \\"hi\\"" button', Phrase(name='Say "hi"', exact=True, role_word="button", roles=BUTTON)),
    ("Sign in", Phrase(name="Sign in")),
    ("don't save", Phrase(name="don't save")),
    ("Sign in in the header", Phrase(name="Sign in", section_kind="header")),
    ("the Username field", Phrase(name="Username", role_word="field", roles=FIELD)),
    ("Save button", Phrase(name="Save", role_word="button", roles=BUTTON)),
    ("button Save", Phrase(name="Save", role_word="button", roles=BUTTON)),
    ('"Delete" buttons', Phrase(name="Delete", exact=True, role_word="button", roles=BUTTON)),
    ("Upload image", Phrase(name="Upload image")),
    ("the Upload image", Phrase(name="Upload", role_word="image", roles=("img",))),
    ("the link to Home", Phrase(name="Home", role_word="link", roles=("link",))),
    ('the field for "E-mail"', Phrase(name="E-mail", exact=True, role_word="field", roles=FIELD)),
    ("First name", Phrase(name="First name")),
    ("the first name field", Phrase(name="first name", role_word="field", roles=FIELD)),
    ("the last row", Phrase(ordinal=-1, role_word="row", roles=("row",))),
    ('the 3rd "A" link', Phrase(name="A", exact=True, ordinal=3, role_word="link", roles=("link",))),
    (
        'the second "Delete" button in the row of "Blue mug"',
        Phrase(name="Delete", exact=True, role_word="button", roles=BUTTON, ordinal=2, row="Blue mug"),
    ),
    (
        'the "Edit" link in the "Billing" section',
        Phrase(name="Edit", exact=True, role_word="link", roles=("link",), section="Billing", section_kind="section"),
    ),
    (
        "the Country dropdown in the shipping address form",
        Phrase(
            name="Country",
            role_word="dropdown",
            roles=ROLE_WORDS["dropdown"],
            section="shipping address",
            section_kind="form",
        ),
    ),
    ('the field next to "Total"', Phrase(role_word="field", roles=FIELD, near="Total", near_kind="next to")),
    ('the field under "Total"', Phrase(role_word="field", roles=FIELD, near="Total", near_kind="below")),
    ('the field labelled "E-mail"', Phrase(name="E-mail", exact=True, by="label", role_word="field", roles=FIELD)),
    ('the field with placeholder "Q"', Phrase(name="Q", exact=True, by="placeholder", role_word="field", roles=FIELD)),
    ('with test id "go"', Phrase(name="go", exact=True, by="test id")),
    ('the image with alt text "Mug"', Phrase(name="Mug", exact=True, by="alt", role_word="image", roles=("img",))),
    (
        '"Sign" button not "Sign up"',
        Phrase(name="Sign", exact=True, role_word="button", roles=BUTTON, not_words=("Sign up",)),
    ),
]


@pytest.mark.parametrize(("text", "expected"), PHRASES, ids=[text for text, _ in PHRASES])
def test_a_phrase_is_read_as_written(text: str, expected: Phrase):
    assert parse_phrase(text) == replace(expected, text=text)
    assert read_phrase(text).doubt == ""


@pytest.mark.parametrize(("text", "expected"), PHRASES, ids=[text for text, _ in PHRASES])
def test_a_rendered_phrase_reads_the_same(text: str, expected: Phrase):
    assert replace(parse_phrase(render_phrase(expected)), text="") == expected


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ('the blue "Save" button', "blue"),
        ('the "A" "B"', "B"),
        ("Look under the hood", "below"),
        ('the "Save button', "never closed"),
        ('"A" in the header in the footer', "second place"),
    ],
)
def test_a_strict_reader_is_told_what_is_not_clear(text: str, doubt: str):
    assert doubt in read_phrase(text).doubt


def test_only_role_and_name_alone_are_direct():
    assert parse_phrase('the "Save" button').direct
    assert parse_phrase('the field labelled "E-mail"').direct
    assert not parse_phrase("Save").direct
    assert not parse_phrase('the second "Save" button').direct
    assert not parse_phrase('the "Save" button in the header').direct


@given(st.text(max_size=80))
def test_reading_never_fails(text: str):
    phrase = parse_phrase(text)

    assert phrase.text == text
    assert parse_phrase(render_phrase(phrase)) is not None


@given(st.text())
def test_any_text_survives_quotes(text: str):
    assert [(token.text, token.quoted) for token in tokenize(f"a {quote(text)} b").items] == [
        ("a", False),
        (text, True),
        ("b", False),
    ]


names = st.text(min_size=1, max_size=20)


@given(
    st.builds(
        Phrase,
        name=names,
        exact=st.just(True),
        by=st.sampled_from(["name", "label", "placeholder", "test id", "title", "alt"]),
        role_word=st.sampled_from(["button", "field", "menu item", "row", "heading"]),
        ordinal=st.sampled_from([0, 1, 2, 10, -1]),
        section=names,
        section_kind=st.sampled_from(["section", "dialog", "form"]),
        row=st.one_of(st.just(""), names),
        near=names,
        near_kind=st.sampled_from(["next to", "above", "below"]),
        not_words=st.lists(st.text(max_size=9), max_size=2).map(tuple),
    )
)
def test_every_exact_phrase_can_be_written_and_read(phrase: Phrase):
    phrase = replace(phrase, roles=ROLE_WORDS[phrase.role_word])

    assert replace(parse_phrase(render_phrase(phrase)), text="") == phrase


@pytest.mark.parametrize(
    ("action", "instruction", "name", "role"),
    [
        (Action.FILL, "Enter the user name in the Username field", "Username", "field"),
        (Action.CLICK, "Click the Log in button", "Log in", "button"),
        (Action.EXPECT, "The heading says Site administration", "", "heading"),
        (Action.SELECT, "Select the Country dropdown", "Country", "dropdown"),
        (Action.SELECT, "Select Red from the Colour list", "Colour", "list"),
        (Action.FILL, "Type your e-mail into the box labelled E-mail", "E-mail", "box"),
        (Action.FILL, "Fill in the E-mail field with the address", "E-mail", "field"),
        (Action.FILL, "Fill in Username", "Username", ""),
        (Action.CLICK, "Click the Log in button to submit the form", "Log in", "button"),
        (Action.CLICK, "Please click Save and continue", "Save and continue", ""),
        (Action.CHECK, "Tick the Remember me checkbox", "Remember me", "checkbox"),
        (Action.PRESS, "Press Enter in the Search field", "Search", "field"),
        (Action.EXPECT, "I should see the Log out link", "Log out", "link"),
        (Action.EXPECT, "The page shows the Welcome message", "Welcome", "message"),
        (Action.WAIT_FOR, "Wait for the spinner to disappear", "spinner", ""),
        (Action.DRAG, "Drag the Blue mug card to the Done column", "Blue mug", "card"),
        (Action.UPLOAD, "Upload the photo to the Avatar field", "Avatar", "field"),
        (Action.CLICK, 'the "Log out" button', "Log out", "button"),
        (Action.CLICK, "", "", ""),
    ],
)
def test_the_element_is_taken_out_of_a_whole_sentence(action: Action, instruction: str, name: str, role: str):
    phrase = understand(instruction, action)

    assert (phrase.name, phrase.role_word, phrase.text) == (name, role, instruction)


@given(st.text(max_size=80), st.sampled_from(Action))
def test_understanding_never_fails(instruction: str, action: Action):
    assert understand(instruction, action).text == instruction


@pytest.mark.timeout(20)
@pytest.mark.parametrize("words", ["a in the b ", "next to ", "labelled x ", "in the row of ", "x in the header "])
def test_a_long_text_is_read_soon(words: str):
    assert parse_phrase(words * 150).text


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ('the "Edit" link in the "Ada" row', "row", "Ada"),
        ('the "Edit" link in row "Ada"', "row", "Ada"),
        ('the "Edit" link in the row of "Ada"', "row", "Ada"),
        ('the "Save" button in the section "Billing"', "section", "Billing"),
        ('the "Save" button in the section named "Billing"', "section", "Billing"),
        ('the "Save" button in "Billing"', "section", "Billing"),
        ('the "Save" button in the footer', "section_kind", "footer"),
    ],
)
def test_places_are_read_in_every_order(text: str, field: str, expected: str):
    phrase = parse_phrase(text)
    assert getattr(phrase, field) == expected
    assert phrase.exact


def test_a_section_without_a_kind_is_rendered_and_read_back():
    phrase = parse_phrase('the "Save" button in "Billing"')
    assert parse_phrase(render_phrase(phrase)).section == "Billing"


@pytest.mark.parametrize(
    "text", ["the link to Home", "button Save", "Table Tennis", "the button of", "", "row", "in", '"']
)
def test_odd_phrases_stay_words(text: str):
    assert isinstance(parse_phrase(text).name, str)


def test_what_a_step_types_at_the_end_of_its_words_is_not_its_field() -> None:
    """H-17: `Enter the username "ada"` names the username; a quote that is not the value stays the name."""
    typed = understand('Enter the username "ada"', Action.FILL, "ada")
    named = understand('Fill in "Username"', Action.FILL, "ada")

    assert (typed.name, typed.exact) == ("username", False)
    assert (named.name, named.exact) == ("Username", True)


def test_a_list_that_one_selects_from_may_be_a_dropdown() -> None:
    """H-14: the word is "list", and the element is a select."""
    assert "combobox" in understand("Select Wales from the list", Action.SELECT, "Wales").roles
    assert "combobox" not in understand("Click the list", Action.CLICK).roles


def test_focus_into_is_a_way_to_say_focus() -> None:
    """H-14: the preposition belongs to the verb and is no name."""
    assert understand("Focus into the textbox", Action.FOCUS).name == ""
