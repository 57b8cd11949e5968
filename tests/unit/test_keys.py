from __future__ import annotations

import pytest

from tierwright.core.keys import baseline_key, baseline_keys, cache_key, proposal_id, template_path
from tierwright.core.steps import Action, Condition, Origin, Step

BASE = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("url", "base", "page"),
    [
        ("http://127.0.0.1:8000/login?next=/a", BASE, "/login"),
        ("http://127.0.0.1:8000", BASE, "/"),
        ("http://127.0.0.1:8000/users/42/edit", BASE + "/", "/users/{id}/edit"),
        ("http://127.0.0.1:8000/app/cart", BASE + "/app/", "/cart"),
        ("http://127.0.0.1:8000/app", BASE + "/app/", "/"),
        ("http://127.0.0.1:8000/application", BASE + "/app", "http://127.0.0.1:8000/application"),
        ("http://127.0.0.1:8000/a/cart", BASE + "/a/index.html", "/cart"),
        ("http://127.0.0.1:9000/login", BASE, "http://127.0.0.1:9000/login"),
        ("https://shop.example:443/x", None, "https://shop.example/x"),
        ("https://ada:secret@shop.example/x", None, "https://shop.example/x"),
        ("http://127.0.0.1:8000/o/order-123", BASE, "/o/order-{id}"),
        ("http://127.0.0.1:8000/f/3f2504e0-4f89-11d3-9a0c-0305e82c3301", BASE, "/f/{id}"),
        ("http://127.0.0.1:8000/c/9f86d081884c7d65", BASE, "/c/{id}"),
        ("http://127.0.0.1:8000/t/01ARZ3NDEKTSV4RRFFQ69G5FAV", BASE, "/t/{id}"),
        ("http://127.0.0.1:8000/accessible/facade", BASE, "/accessible/facade"),
        ("http://127.0.0.1:8000/api/v1/wizard2", BASE, "/api/v1/wizard2"),
        ("http://127.0.0.1:8000/#/users/7?tab=a", BASE, "/#/users/{id}"),
        ("http://127.0.0.1:8000/#!/cart", BASE, "/#!/cart"),
        ("http://127.0.0.1:8000/help#section-2", BASE, "/help"),
        ("about:blank", BASE, "about:blank"),
        ("data:text/html,<b>secret</b>", BASE, "data:"),
        ("file:///srv/site/page1.html", None, "file:///srv/site/page1.html"),
    ],
)
def test_a_page_is_named_without_what_changes_from_run_to_run(url: str, base: str | None, page: str) -> None:
    """H-19: the page of a key: relative to the base URL, else origin and path; ids templated, hash routes in."""
    assert template_path(url, base) == page


def step(**parts: object) -> Step:
    return Step(**{"action": Action.CLICK, "instruction": "Click Save", "selector": "#save", **parts})  # type: ignore[arg-type]


def test_cache_key_holds_what_names_the_element_and_no_value() -> None:
    """H-19: no values, no step names; white space of the instruction does not matter, its case does."""
    key = cache_key("p", step(value="{{user}}"), "/login")
    assert len(key.digest) == 64
    assert key == cache_key("p", step(value="bob", name="first", timeout_seconds=3), "/login")
    assert key == cache_key("p", step(instruction="  Click \n Save"), "/login")
    assert cache_key("p", step(instruction="Open {{ x }}"), "/") == cache_key("p", step(instruction="Open {{x}}"), "/")
    others = [
        cache_key("q", step(), "/login"),
        cache_key("p", step(instruction="Click SAVE"), "/login"),
        cache_key("p", step(selector="#other"), "/login"),
        cache_key("p", step(action=Action.FILL), "/login"),
        cache_key("p", step(), "/basket"),
        cache_key("p", step(frame=("#pay",)), "/login"),
    ]
    assert len({key.digest, *(other.digest for other in others)}) == 7


def test_cache_key_of_a_sentence_leaves_its_value_out() -> None:
    """H-19: "enter a in the Name field" and "enter b in the Name field" find the same element."""
    a = step(
        instruction="the Name field", selector=None, action=Action.FILL, value="a", origin=Origin(sentence="Enter a")
    )
    b = step(
        instruction="the Name field", selector=None, action=Action.FILL, value="b", origin=Origin(sentence="Enter b")
    )
    assert cache_key("p", a, "/").digest == cache_key("p", b, "/").digest


def test_cache_key_of_an_expectation_does_not_ask_for_its_condition() -> None:
    """H-19: an expect step is one action kind, whatever it looks at."""
    text = step(action=Action.EXPECT, condition=Condition.TEXT, value="a")
    visible = step(action=Action.EXPECT, condition=Condition.VISIBLE)
    assert cache_key("p", text, "/").digest == cache_key("p", visible, "/").digest


def test_baseline_key_starts_anew_when_text_or_selector_is_edited() -> None:
    """H-12: key: test, step text and selector; editing either starts a new one."""
    key = baseline_key("p", "Sign in", step())
    assert baseline_key("p", "Sign in", step(value="x", timeout_seconds=1)) == key
    changed = [
        baseline_key("p", "Sign out", step()),
        baseline_key("p", "Sign in", step(instruction="Click Store")),
        baseline_key("p", "Sign in", step(selector="#store")),
        baseline_key("p", "Sign in", step(frame=("iframe",))),
        baseline_key("q", "Sign in", step()),
    ]
    assert len({key.digest, *(k.digest for k in changed)}) == 6


def test_baseline_keys_tell_repeated_steps_apart() -> None:
    """H-12: two steps with the same words and selector in one test do not share a baseline."""
    first, other, second = baseline_keys("p", "t", [step(), step(selector="#x"), step()])
    assert first == baseline_key("p", "t", step())
    assert (second.step_text, second.selector) == ("Click Save (2)", "#save")
    assert len({first.digest, other.digest, second.digest}) == 3


def test_parts_of_a_key_cannot_run_into_each_other() -> None:
    """H-19: the digest keeps its parts apart."""
    ab = cache_key("p", step(instruction="a", selector="b"), "/")
    assert ab.digest != cache_key("p", step(instruction="ab", selector=""), "/").digest


def test_proposal_id_is_the_same_in_every_run() -> None:
    """H-31: the same heal has the same id, another candidate another one."""
    assert proposal_id("p", "t", "d", "c") == proposal_id("p", "t", "d", "c")
    assert len({proposal_id("p", "t", "d", "c"), proposal_id("p", "t", "d", "x"), proposal_id("p", "u", "d", "c")}) == 3
