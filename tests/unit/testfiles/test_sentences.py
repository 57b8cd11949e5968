"""The sentence grammar: one meaning or an error that says how to write it."""

from __future__ import annotations

import contextlib

import pytest

from tierwright.core.steps import Action, Condition, Step
from tierwright.testfiles.grammar import RULES
from tierwright.testfiles.sentences import SentenceError, compile_sentence


def understood(sentence: str) -> Step:
    step = compile_sentence(sentence)
    assert step.origin.sentence == sentence
    return step


@pytest.mark.parametrize(
    ("sentence", "step"),
    [
        ("Click Sign in", Step(action=Action.CLICK, instruction="Sign in")),
        ('Click the "Log out" button.', Step(action=Action.CLICK, instruction='the "Log out" button')),
        ("I click on Save", Step(action=Action.CLICK, instruction="Save")),
        ("Click Save and close", Step(action=Action.CLICK, instruction="Save and close")),
        ("Uncheck Remember me", Step(action=Action.UNCHECK, instruction="Remember me")),
        (
            'Enter "x" in the "Name" field in the "Billing" section',
            Step(action=Action.FILL, instruction='the "Name" field in the "Billing" section', value="x"),
        ),
        ("Fill in Username with {{user}}", Step(action=Action.FILL, instruction="Username", value="{{user}}")),
        ("Enter 5 in Quantity", Step(action=Action.FILL, instruction="Quantity", value="5")),
        (r'Enter "a\"b\\c\nd" in Note', Step(action=Action.FILL, instruction="Note", value='a"b\\c\nd')),
        ("Clear the Search field", Step(action=Action.FILL, instruction="the Search field", value="")),
        ('Type "x" into Name', Step(action=Action.TYPE, instruction="Name", value="x")),
        ("Press Ctrl + A in Search", Step(action=Action.PRESS, instruction="Search", key="Control+a")),
        ("Press the page down key", Step(action=Action.PRESS, key="PageDown")),
        ("Drag the card to Done", Step(action=Action.DRAG, instruction="the card", target="Done")),
        (
            'Upload "a.png", "b.png" and "c.png" to the "Photo" field',
            Step(action=Action.UPLOAD, instruction='the "Photo" field', files=("a.png", "b.png", "c.png")),
        ),
        ("Go to http://127.0.0.1:8000/x", Step(action=Action.NAVIGATE, value="http://127.0.0.1:8000/x")),
        ("Scroll by -300 pixels", Step(action=Action.SCROLL, value="-300")),
        ("Switch to the second tab", Step(action=Action.SWITCH_PAGE, value="2")),
        ("I see 3 rows", Step(action=Action.EXPECT, condition=Condition.COUNT, instruction="rows", value="3")),
        ('I see "Hello"', Step(action=Action.EXPECT, condition=Condition.VISIBLE, instruction='"Hello"')),
        ('There is no "X" link', Step(action=Action.EXPECT, condition=Condition.HIDDEN, instruction='"X" link')),
        (
            r'The total should match "\d+ items"',
            Step(action=Action.EXPECT, condition=Condition.MATCHES, instruction="The total", value=r"\d+ items"),
        ),
        ("Wait for Done", Step(action=Action.WAIT_FOR, condition=Condition.VISIBLE, instruction="Done")),
        (
            "Wait for the spinner to disappear",
            Step(action=Action.WAIT_FOR, condition=Condition.HIDDEN, instruction="the spinner"),
        ),
        ('I am on "/home"', Step(action=Action.EXPECT, condition=Condition.URL, value="/home")),
        (
            'Expect the heading to say "Welcome"',
            Step(action=Action.EXPECT, condition=Condition.TEXT, instruction="the heading", value="Welcome"),
        ),
    ],
)
def test_a_sentence_has_one_meaning(sentence: str, step: Step):
    assert understood(sentence) == step


@pytest.mark.parametrize(
    ("sentence", "column", "said"),
    [
        ("Drag Go to bed to Sunday", 1, "two ways"),
        ('Expect the URL to contain "home"', 19, 'The URL should be "*home*"'),
        ('The title contains "Home"', 11, 'The title should be "Home"'),
        ('Clik "Save"', 1, "did you mean 'click'"),
        ('Click "Save', 7, "never closed"),
        ("Click", 6, "ends too early"),
        ("", 1, "empty"),
        ("   ", 1, "empty"),
        (".", 1, "not a verb"),
        ('Click the blue "Save" button', 7, "blue"),
        ("Click Look under the hood", 7, "put the name in quotes"),
        ("Click Save, then wait", 7, "second step"),
        ("Enter the user name in the Username field", 7, "must be in quotes"),
        ("The heading says Site administration", 18, "must be in quotes"),
        ('Press the "Save" button', 11, 'Click the "Save" button'),
        ("Press Entr", 7, "did you mean Enter?"),
        ("Open the menu", 6, 'Click the "Menu" button'),
        ("Wait 5 seconds", 6, "not understood"),
        ('Check the heading says "x"', 7, "Check that"),
        ('The URL should contain "x"', 16, "not understood"),
        ("Click the button is visible", 7, "put the name in quotes"),
    ],
)
def test_what_is_not_understood_is_an_error_with_its_place_and_the_way_out(sentence: str, column: int, said: str):
    with pytest.raises(SentenceError) as caught:
        compile_sentence(sentence)

    assert said in str(caught.value)
    assert caught.value.column == column


@pytest.mark.parametrize("action", list(Action))
def test_the_grammar_has_a_rule_for_every_action(action: Action):
    assert any(rule.action is action for rule in RULES)


@pytest.mark.parametrize("how", sorted({how for rule in RULES for how in rule.how.split(", or: ")}))
def test_what_errors_tell_people_to_write_is_understood(how: str):
    assert understood(how)


@pytest.mark.parametrize("words", ["a to ", "a in the b ", "a should be ", "next to ", "word "])
@pytest.mark.parametrize("verb", ["Drag", "Wait for", "Click", "I see"])
@pytest.mark.timeout(20)
def test_a_long_sentence_is_answered_soon(verb: str, words: str):
    with pytest.raises(SentenceError, match=r"more than 60 words|longer than 2000"):
        compile_sentence(f"{verb} {words * 400}b")
    with contextlib.suppress(SentenceError):  # an answer, whichever it is, must come within the test's time
        assert compile_sentence(f"{verb} {words * 10}b").instruction


@pytest.mark.timeout(20)
def test_a_sentence_of_too_many_words_is_refused():
    with pytest.raises(SentenceError, match="more than 60 words"):
        compile_sentence("Click " + "word " * 100)
