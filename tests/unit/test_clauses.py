"""Sentences of several clauses: which has the act, whose thing it acts on, and what else says the same (H-14)."""

from __future__ import annotations

import pytest

from tierwright.core.clauses import act_of, in_plain_words, owned, owner_of
from tierwright.core.instructions import understand
from tierwright.core.phrases import Phrase
from tierwright.core.quoting import tokenize
from tierwright.core.steps import Action


def read(instruction: str, action: Action = Action.CLICK, value: str = "") -> tuple[str, str, str]:
    phrase = understand(instruction, action, value)
    return phrase.name, phrase.role_word, phrase.row or phrase.section or phrase.section_kind


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        ("Find the email by Trudie and click the trash icon to delete it.", ("trash", "icon", "Trudie")),
        ("Find the email by Trudie and delete it", ("delete", "", "Trudie")),
        ("Find the email by Trudie and open it", ("Trudie", "", "")),
        ('Find the link "Home" and click it', ("Home", "link", "")),
        ("Find Ada's row, then press Edit", ("Edit", "", "Ada")),
        ("In the row of Ada, click Delete", ("Delete", "", "Ada")),
        ("In the sidebar click the Home link", ("Home", "link", "sidebar")),
        ("For Ada, click the Edit link", ("Edit", "link", "Ada")),
        ("Go to the Billing section and click Edit", ("Edit", "", "Billing")),
        ("Click the trash icon of the message from Ada", ("trash", "icon", "Ada")),
        ('Click the picture of "Blue mug"', ("Blue mug", "picture", "")),
        ("Click the 3rd input textbox", ("", "textbox", "")),
        ('Click the button in the dialog box labeled "x"', ("x", "button", "dialog")),
        ('Switch between the tabs to find and click on the link "Home".', ("Home", "link", "")),
        ('Expand the sections below, to find and click on the link "Home".', ("Home", "link", "")),
        ('Close the dialog box by clicking on the "x".', ("x", "", "")),
        ("Click Save and continue", ("Save and continue", "", "")),
        ("Click the button to open the menu", ("", "button", "")),
        ("Click the link to Home", ("Home", "link", "")),
        ("Click the delete icon of the row Ada", ("delete", "icon", "Ada")),
        ('Click the "Delete" button for "Blue mug"', ("Delete", "button", "Blue mug")),
        ("Click the button for the user Ada", ("", "button", "Ada")),
        ("Click the Edit link in Ada's row", ("Edit", "link", "Ada")),
        ("Click the Edit link in Ada's mail", ("Edit", "link", "Ada")),
        ("Click Ada's row", ("Ada", "row", "")),
        ("Click the row whose state is Failed", ("Failed", "row", "")),
        ("Click Men's shoes", ("Men's shoes", "", "")),
        ("Click the Men's shoes link", ("Men's shoes", "link", "")),
        ("Click Terms of Service", ("Terms of Service", "", "")),
        ("Click the Terms of Service link", ("Terms of Service", "link", "")),
        ("Click the button that says OK", ("OK", "button", "")),
        ('Click on a "textarea" widget', ("", "textarea", "")),
        ('Click the "Report" element', ("Report", "element", "")),
    ],
)
def test_the_clause_that_has_the_act_names_the_element(instruction: str, expected: tuple[str, str, str]) -> None:
    assert read(instruction) == expected


@pytest.mark.parametrize(("value", "name"), [("ada", "username"), ("pw", "password")])
def test_of_several_values_each_has_its_own_field(value: str, name: str) -> None:
    """H-17: the value is no evidence; the words beside it are."""
    sentence = 'Enter the username "ada" and the password "pw" into the text fields and press login'
    assert read(sentence, Action.FILL, value)[0] == name


@pytest.mark.parametrize(
    ("action", "instruction", "name", "role"),
    [
        (Action.CLICK, "Check the 2nd radio button", "", "radio button"),
        (Action.CLICK, "Check out", "Check out", ""),
        (Action.SELECT, "Select 3 with the slider", "", "slider"),
        (Action.FILL, 'Type "ada" in all upper case letters in the text input', "", "text input"),
        (Action.FILL, "Enter 05/06/2014 as the date", "date", ""),
        (Action.FILL, "Use the textbox to enter a name", "", "textbox"),
        (Action.CLICK, "Find Elva in the contact book and click on their e-mail", "e-mail", ""),
        (Action.CLICK, "Press Submit when done", "Submit", ""),
        (Action.CLICK, "Click the button to open the menu", "", "button"),
        (Action.CLICK, "Click the link to the imprint", "imprint", "link"),
    ],
)
def test_the_thing_is_found_among_other_words(action: Action, instruction: str, name: str, role: str) -> None:
    assert understand(instruction, action).name == name
    assert understand(instruction, action).role_word == role


def test_a_value_of_something_belongs_to_it() -> None:
    assert read("The price of Blue mug is 12", Action.EXPECT) == ("price", "", "Blue mug")
    assert read("The title of the page is 12", Action.EXPECT)[2] == ""


def test_what_is_ruled_out_can_be_said_in_several_ways() -> None:
    for said in ("that is not", "other than", "except", "but not"):
        assert understand(f'Click the button {said} "Cancel"', Action.CLICK).not_words == ("Cancel",)


def test_any_of_a_kind_is_the_first() -> None:
    assert understand("Click a button", Action.CLICK).ordinal == 1
    assert understand("Click the button", Action.CLICK).ordinal == 0
    assert understand("Click a Save button", Action.CLICK).ordinal == 0


def test_quotes_are_never_words_of_the_sentence() -> None:
    assert act_of(tokenize('the "find it and click" button'), Action.CLICK).said == 'the "find it and click" button'
    assert in_plain_words(tokenize('the "except" button')) == 'the "except" button'
    assert not [*owned(tokenize('the "a of B" button'))]


def test_an_owner_may_have_no_name() -> None:
    assert owner_of(tokenize("the blue mug")) == "blue mug"
    assert owner_of(tokenize("")) == ""
    assert isinstance(understand("Find it and click it", Action.CLICK), Phrase)
