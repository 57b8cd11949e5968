"""Reading the tree in Stagehand's questions."""

from __future__ import annotations

from tierwright.models.tree import read_tree

PROMPT = """instruction: click
Accessibility Tree:
[2-2] RootWebArea: Shop
  [2-12] body
    [2-5] textbox
    [2-21] Iframe
      [0-7] RootWebArea
        [0-26] button: Inner [9-9] is text
        [0-30] Iframe
          [3-7] RootWebArea
            [3-8] button: Deep
    [2-30] Iframe
      [1-7] RootWebArea
        [1-6] button: Other
    [2-40] link: After
"""


def test_the_outermost_frame_is_the_first_one_whatever_its_number() -> None:
    assert read_tree(PROMPT).root == 2


def test_frames_are_known_by_the_iframe_element_they_are_in() -> None:
    tree = read_tree(PROMPT)
    assert dict(tree.hosts) == {0: (2, 21), 3: (0, 30), 1: (2, 30)}
    assert tree.frame_in((0, 30)) == 3
    assert tree.frame_in((2, 5)) is None


def test_only_the_start_of_a_line_names_an_element() -> None:
    """H-29: a page's text cannot add one."""
    names = read_tree(PROMPT).names
    assert (0, 26) in names
    assert (9, 9) not in names


def test_a_prompt_without_a_tree_names_nothing() -> None:
    assert read_tree("instruction: [0-1] click").names == frozenset()
