"""Approved locators are written into test files: only the step's own lines change (H-31)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tierwright.core.errors import UsageError
from tierwright.core.steps import Origin
from tierwright.testfiles.loader import load
from tierwright.testfiles.writer import Rewrite, rewrite_step

FILE = """\
# what this test is for
name: t   # its name
variables: {user: ada}
setup:
  - Go to "/login"   # first
steps:
  # before the fill
  - action: fill
    # inside
    value: "{{user}}"
    instruction: The user name   # about it
    selector: "#old"   # the old one

  - {action: click, instruction: "the \\"Save\\" button"}   # flow
  - 'Click the "Log out" button'  # said
  - action: click
    instruction: >
      the link
      to Home
    timeout_seconds: 3
  - include: more.yaml
teardown: [Go back, Click Close]
---
name: other
steps: [Go back]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "more.yaml").write_text("steps:\n  - Click Help   # in the other file\n")
    path = tmp_path / "a.tw.yaml"
    path.write_text(FILE)
    return path


def changed_lines(rewrite: Rewrite) -> list[str]:
    lines = rewrite.diff.splitlines()[2:]
    return [line for line in lines if line[0] in "+-"]


@pytest.mark.parametrize(
    ("index", "lines"),
    [
        (1, ['-    selector: "#old"   # the old one', '+    selector: "#new"   # the old one']),
        (
            2,
            [
                '-  - {action: click, instruction: "the \\"Save\\" button"}   # flow',
                '+  - {action: click, instruction: "the \\"Save\\" button", selector: "#new"}   # flow',
            ],
        ),
        (
            3,
            [
                "-  - 'Click the \"Log out\" button'  # said",
                "+  - action: click",
                '+    name: "Click the \\"Log out\\" button"',
                '+    instruction: "the \\"Log out\\" button"',
                '+    selector: "#new"  # said',
            ],
        ),
        (4, ['+    selector: "#new"']),
        (
            7,
            [
                "-teardown: [Go back, Click Close]",
                '+teardown: [Go back, {action: click, name: Click Close, instruction: Close, selector: "#new"}]',
            ],
        ),
    ],
)
def test_only_the_steps_own_lines_change(file: Path, index: int, lines: list[str]):
    """H-31: approving writes the selector, comments and order kept."""
    rewrite = rewrite_step(file, "t", index, selector="#new")

    assert changed_lines(rewrite) == lines
    assert file.read_text() == FILE
    before = load([file], overrides={}).tests[0].all_steps
    rewrite.apply()
    after = load([file], overrides={}).tests[0].all_steps
    expected = replace(before[index], selector="#new", name=before[index].origin.sentence)
    assert after == (*before[:index], expected, *before[index + 1 :])


def test_a_frame_is_written_changed_and_taken_away(file: Path):
    rewrite_step(file, "t", 1, selector="#a", frame=("iframe",)).apply()
    rewrite_step(file, "t", 1, selector="#b", frame=("iframe.a", "#b")).apply()
    assert load([file], overrides={}).tests[0].all_steps[1].frame == ("iframe.a", "#b")

    rewrite_step(file, "t", 1, selector="#b").apply()

    assert load([file], overrides={}).tests[0].all_steps[1].frame == ()


def test_a_step_of_an_included_file_is_written_there(file: Path):
    rewrite = rewrite_step(file, "t", 5, selector="#help")
    rewrite.apply()

    assert rewrite.file == file.parent / "more.yaml"
    assert rewrite.file.read_text().endswith('    selector: "#help"   # in the other file\n')
    assert load([file], overrides={}).tests[0].all_steps[5].selector == "#help"


def test_a_variable_of_the_command_line_does_not_keep_a_heal_from_being_written(tmp_path: Path):
    path = tmp_path / "a.tw.yaml"
    path.write_text('name: t\nsteps:\n  - Enter "{{given}}" in Name')

    assert rewrite_step(path, "t", 0, selector="#n").new_text.endswith('    value: "{{given}}"')


def test_line_ends_and_byte_order_mark_stay(tmp_path: Path):
    path = tmp_path / "a.tw.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: t\r\nsteps:\r\n  - Click A\r\n  - action: click\r\n    instruction: B\r\n")

    rewrite_step(path, "t", 0, selector="#a").apply()
    rewrite_step(path, "t", 1, selector="#b").apply()

    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfname")
    assert data.count(b"\n") == data.count(b"\r\n") == 9
    assert [step.selector for step in load([path], overrides={}).tests[0].steps] == ["#a", "#b"]


def test_what_is_not_there_or_not_alone_is_refused(file: Path, tmp_path: Path):
    with pytest.raises(UsageError, match='no test "gone"'):
        rewrite_step(file, "gone", 0, selector="a")
    with pytest.raises(UsageError, match="no step 99"):
        rewrite_step(file, "t", 99, selector="a")
    with pytest.raises(UsageError, match="cannot be changed"):
        rewrite_step(file, "t", 0, selector="a")
    shared = tmp_path / "b.tw.yaml"
    shared.write_text("name: s\nsteps:\n  - &a {action: click, selector: b}\n  - *a\n")
    with pytest.raises(UsageError, match="anchor"):
        rewrite_step(shared, "s", 0, selector="a")


def test_a_file_changed_in_between_is_left_alone(file: Path):
    rewrite = rewrite_step(file, "t", 1, selector="#new")
    file.write_text(FILE + "# edited\n")

    with pytest.raises(UsageError, match="has changed"):
        rewrite.apply()

    assert file.read_text() == FILE + "# edited\n"


@given(selector=st.text(st.characters(exclude_categories=["Cs"]), min_size=1), index=st.sampled_from([1, 2, 3, 4, 7]))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_selector_can_be_written(file: Path, selector: str, index: int):
    file.write_text(FILE)

    rewrite_step(file, "t", index, selector=selector).apply()

    step = load([file], overrides={}).tests[0].all_steps[index]
    assert replace(step, origin=Origin()).selector == selector
