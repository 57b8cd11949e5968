"""Tests that lie in no folder: read, changed and drafted as texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tierwright.core.errors import UsageError
from tierwright.testfiles.exporter import Draft, draft_lines
from tierwright.testfiles.loader import load, load_text
from tierwright.testfiles.nodes import MAX_BYTES
from tierwright.testfiles.writer import rename_test, rewrite_step_in_text, unified_diff

TEXT = """\
# about it
name: 'Sign in'   # its name
variables: {user: ada}
steps:
  - Go to "/login"
  - action: fill
    selector: "#old"   # the field
    value: "{{user}}"
"""


def test_a_text_gives_the_tests_that_its_file_would(tmp_path: Path) -> None:
    file = tmp_path / "a.tw.yaml"
    file.write_text(TEXT)
    assert load_text(TEXT, str(file)) == load([file])
    assert load_text(f"\ufeff{TEXT}", "a") == load_text(TEXT, "a")


def test_all_errors_of_a_text_are_told_with_the_name_it_was_given() -> None:
    wrong = "name: t\nsteps: [Frobnicate, {action: clik}]\n---\nname: t\nsteps: ['Click {{x}}']\n"
    problems = load_text(wrong, "Sign in.tw.yaml").problems
    assert [str(problem).partition(": ")[0] for problem in problems] == [
        "Sign in.tw.yaml:2:9",
        "Sign in.tw.yaml:2:30",
        "Sign in.tw.yaml:5:9",
    ]
    assert load_text("name: t\nsteps: ['Click {{x}}']\n", "a", check_variables=False).problems == ()
    assert "is empty" in str(load_text("", "a").problems[0])
    assert "larger than" in str(load_text("#" * (MAX_BYTES + 1), "a").problems[0])


@pytest.mark.parametrize(
    "include",
    [
        "include: more.yaml\nsteps: [Go back]",
        "steps: [{include: /etc/hosts}]",
        "setup: [{include: a}]\nsteps: [Go back]",
    ],
)
def test_a_text_includes_nothing_and_opens_no_file(include: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "more.yaml").write_text("steps: [Reload the page]")
    loaded = load_text(f"name: t\n{include}\n", "a")
    assert loaded.tests == ()
    assert ["no files to include" in problem.message for problem in loaded.problems] == [True]


def test_a_step_of_a_text_gets_a_selector_and_nothing_else_changes() -> None:
    changed = rewrite_step_in_text(TEXT, "a", "Sign in", 1, selector="#new", frame=("iframe",))
    diff = unified_diff(TEXT, changed, "old", "new").splitlines()[2:]
    assert [line for line in diff if line[0] in "+-"] == [
        '-    selector: "#old"   # the field',
        '+    selector: "#new"   # the field',
        "+    frame: iframe",
    ]
    with pytest.raises(UsageError, match="has no step 7"):
        rewrite_step_in_text(TEXT, "a", "Sign in", 7, selector="#new")


@pytest.mark.parametrize("name", ["Sign out", "yes", 'say "hi": {x}', "ä\u2028b", "007", "a # b", "- x"])
def test_a_test_is_renamed_and_keeps_its_comments(name: str) -> None:
    renamed = rename_test(TEXT, "a", name)
    (test,) = load_text(renamed, "a").tests
    (before,) = load_text(TEXT, "a").tests
    assert (test.name, test.steps) == (name, before.steps)
    assert renamed.count("#") == TEXT.count("#") + name.count("#")


@pytest.mark.parametrize("name", ["", "   "])
def test_no_test_is_renamed_to_nothing(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be changed"):
        rename_test(TEXT, "a", name)


def test_a_draft_becomes_yaml_and_every_line_knows_its_part() -> None:
    draft = Draft(
        name="Sign in",
        tags=("a, b", "c"),
        browser={"viewport": "800x600", "http_credentials": {"username": "u", "password": "p"}},
        steps=("Go back", {"action": "click", "selector": "#a", "frame": ["f"], "optional": True}, {}),
        teardown=({"action": "expect", "instruction": "x", "condition": "visible", "timeout_seconds": 0.5},),
    )
    lines = draft_lines(draft)
    loaded = load_text("\n".join(line.text for line in lines), "a")
    (problem,) = loaded.problems
    assert (problem.message, lines[problem.line - 1].part) == ('a step needs "action"', "steps.2")
    good = Draft(name="Sign in", tags=draft.tags, browser=draft.browser, steps=draft.steps[:2], teardown=draft.teardown)
    (test,) = load_text("\n".join(line.text for line in draft_lines(good)), "a").tests
    assert test.tags == ("a, b", "c")
    assert test.browser.viewport == (800, 600)
    click, expect = test.steps[1], test.teardown[0]
    assert (click.frame, click.optional, expect.timeout_seconds) == (("f",), True, 0.5)
