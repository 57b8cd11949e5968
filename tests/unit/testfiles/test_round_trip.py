"""The property that sentences and files give back what was written into them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tierwright.core.steps import (
    ELEMENT_ACTIONS,
    PAGE_CONDITIONS,
    VALUE_CONDITIONS,
    Action,
    BrowserOptions,
    Condition,
    Step,
    TestCase,
)
from tierwright.testfiles.exporter import render_test
from tierwright.testfiles.keys import KEY_NAMES
from tierwright.testfiles.loader import load
from tierwright.testfiles.sentences import compile_sentence, render_step

text = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t\r"), max_size=30)
filled = text.filter(bool)
ordinary = st.sampled_from(
    [
        'the "Log out" button', "Sign in", "the Username field", "the second row", 'the "A" link in the header',
        "to", "in",
        "Sign in in", "{{user}}", 'say "x"', "a. b.", "should be visible", "and", 'x, described as "y"', "'",
        '"', "the page",
        'the element described as "x"', "Add to cart", "Look under the hood",
        'the field labelled "E-mail"', "{{a}} {b}",
    ]
)  # fmt: skip
phrase = st.one_of(ordinary, filled)
value = st.one_of(text, ordinary)
key = st.sampled_from([*KEY_NAMES, "a", "Z", "+", '"', "\\", "'", "Control+a", "Control+Shift+T", "Alt++", "{{key}}"])
number = st.one_of(st.integers(0, 99).map(str), st.just("{{count}}"))

_PLAIN = {Action.GO_BACK, Action.RELOAD}
_VALUED = {Action.FILL, Action.TYPE, Action.SELECT}


@st.composite
def judging(draw: st.DrawFn, action: Action) -> Step:
    """An expect or wait_for step of any condition."""
    condition = draw(st.sampled_from(Condition))
    needs = condition in VALUE_CONDITIONS
    return Step(
        action=action,
        condition=condition,
        instruction=draw(text if condition in PAGE_CONDITIONS else phrase),
        value=draw(number if condition is Condition.COUNT else value) if needs else None,
        attribute=draw(filled) if condition is Condition.ATTRIBUTE else None,
    )


@st.composite
def acting(draw: st.DrawFn, action: Action) -> Step:
    """A step of any other action."""
    has_value = action in _VALUED | {Action.NAVIGATE, Action.SWITCH_PAGE, Action.DIALOG}
    maybe = action in {Action.DOWNLOAD, Action.SCREENSHOT}
    instruction = draw(phrase if action in ELEMENT_ACTIONS else text)
    step_value = draw(value) if has_value else draw(st.none() | value) if maybe else None
    if action is Action.SCROLL and not instruction:
        step_value = draw(st.sampled_from(["top", "bottom", "up", "down", "300", "-20", "{{far}}"]))
    return Step(
        action=action,
        instruction=instruction,
        value=step_value,
        key=draw(key) if action is Action.PRESS else None,
        target=draw(phrase) if action is Action.DRAG else None,
        files=tuple(draw(st.lists(filled.filter(lambda f: "\n" not in f), min_size=1, max_size=3)))
        if action is Action.UPLOAD
        else (),
    )


@st.composite
def steps(draw: st.DrawFn, action: Action | None = None) -> Step:
    """A step that a test file may hold, without selector, frame, timeout_seconds, optional and name."""
    action = action or draw(st.sampled_from(Action))
    return draw(judging(action) if action in (Action.EXPECT, Action.WAIT_FOR) else acting(action))


@pytest.mark.parametrize("action", list(Action))
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rendering_a_step_as_a_sentence_and_compiling_it_gives_the_step_back(action: Action, data: st.DataObject):
    step = data.draw(steps(action))

    assert compile_sentence(render_step(step)) == step


@pytest.mark.parametrize("condition", list(Condition))
@pytest.mark.parametrize("action", [Action.EXPECT, Action.WAIT_FOR])
def test_the_grammar_says_every_condition(action: Action, condition: Condition):
    about_page = condition in PAGE_CONDITIONS
    value = "3" if condition in VALUE_CONDITIONS else None
    step = Step(
        action=action,
        condition=condition,
        instruction="" if about_page else 'the "Total" cell',
        value=value,
        attribute="href" if condition is Condition.ATTRIBUTE else None,
    )

    assert compile_sentence(render_step(step)) == step
    assert "described as" not in render_step(step)


@st.composite
def written_steps(draw: st.DrawFn) -> Step:
    """A step with everything a test file may give it."""
    step = draw(steps())
    return replace(
        step,
        value=step.value or "" if step.action in _VALUED else step.value,
        selector=draw(st.none() | filled) if step.needs_element and step.action is not Action.SCROLL else None,
        frame=tuple(draw(st.lists(filled, max_size=2))) if step.needs_element else (),
        timeout_seconds=draw(st.none() | st.integers(1, 99).map(lambda tenths: tenths / 10)),
        optional=draw(st.booleans()),
        name=draw(st.none() | filled),
    )


def _loadable(step: Step) -> bool:
    """Leaves out regular expressions that are none, and names in braces that are no variables."""
    texts = [step.instruction, step.value or "", step.key or "", step.target or "", *step.files, *step.frame]
    texts += [step.selector or "", step.attribute or ""]
    scroll = step.action is Action.SCROLL and step.value is not None and step.instruction
    return not any("{{" in text for text in texts) and step.condition is not Condition.MATCHES and not scroll


tests = st.builds(
    TestCase,
    name=filled.filter(str.strip),
    base_url=st.none() | st.just("http://127.0.0.1:1/"),
    tags=st.lists(filled, max_size=2).map(tuple),
    variables=st.dictionaries(st.sampled_from(["user", "count", "a"]), text.filter(lambda t: "{{" not in t)),
    secrets=st.just(()) | st.just(("pw",)),
    browser=st.builds(
        BrowserOptions,
        viewport=st.none() | st.just((1280, 720)),
        locale=st.none() | st.sampled_from(["de-DE", "fr", "zh_Hant_TW"]),
        storage_state=st.none() | filled,
    ),
    setup=st.lists(written_steps().filter(_loadable), max_size=2).map(tuple),
    steps=st.lists(written_steps().filter(_loadable), min_size=1, max_size=4).map(tuple),
    examples=st.just(()) | st.lists(st.fixed_dictionaries({"row": text}), min_size=1, max_size=2).map(tuple),
)


@given(test=tests)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_a_rendered_test_loads_as_the_same_test(tmp_path: Path, test: TestCase):
    file = tmp_path / "a.tw.yaml"
    file.write_bytes(render_test(test).encode())

    loaded = load([file], overrides={})

    assert loaded.problems == ()
    (back,) = loaded.tests
    assert replace(back, file="", line=0) == test


def test_sentences_stay_sentences_when_a_test_is_rendered(tmp_path: Path):
    file = tmp_path / "a.tw.yaml"
    file.write_text("name: t\nsteps:\n  - 'Click the \"Save\" button'   # comment\n  - Go back\n")
    (test,) = load([file], overrides={}).tests

    assert render_test(test) == 'name: t\nsteps:\n  - "Click the \\"Save\\" button"\n  - Go back\n'
