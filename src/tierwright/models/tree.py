"""Reads the accessibility tree in Stagehand's questions: which elements it names, and which frame each is in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame, Page

from tierwright.page.backend_nodes import backend_node_id, element_of_backend_node

_LINE = re.compile(r"^( *)\[(\d+)-(\d+)\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Tree:
    """The elements of a question. Stagehand names an element `frame-node`: its own number of the frame, in the
    order it met them, and the browser's number of the node, which counts per process.

    `hosts` holds, for each frame but the outermost, the (frame, node) of the iframe element it is in.
    """

    root: int
    names: frozenset[tuple[int, int]]
    hosts: Mapping[int, tuple[int, int]]

    def frame_in(self, host: tuple[int, int]) -> int | None:
        """The number of the frame inside an iframe element; None where the tree does not go into it."""
        return next((number for number, around in self.hosts.items() if around == host), None)


def read_tree(prompt: str) -> Tree:
    """The tree in a prompt. A line of another frame than the one before, and deeper, starts what is in that iframe."""
    tree = prompt.partition("Accessibility Tree:")[2]
    lines = [(len(m[1]), int(m[2]), int(m[3])) for m in _LINE.finditer(tree)]
    hosts: dict[int, tuple[int, int]] = {}
    for (depth, frame, node), (next_depth, next_frame, _) in pairwise(lines):
        if next_frame != frame and next_depth > depth:
            hosts.setdefault(next_frame, (frame, node))
    return Tree(lines[0][1] if lines else 0, frozenset((f, n) for _, f, n in lines), hosts)


async def number_of_frame(page: Page, tree: Tree, frame: Frame) -> int | None:
    """Stagehand's number of a frame; None where the tree leaves it out. Raises Playwright's errors, LookupError."""
    number: int | None = tree.root
    for inner in reversed(list(_upwards(frame))):
        parent = inner.parent_frame
        if parent is None or number is None:
            continue
        host = await backend_node_id(page, parent, await inner.frame_element())
        number = tree.frame_in((number, host))
    return number


async def frame_of_number(page: Page, tree: Tree, number: int) -> Frame | None:
    """The frame that Stagehand gave this number; None when it is gone."""
    if number == tree.root:
        return page.main_frame
    host = tree.hosts.get(number)
    parent = await frame_of_number(page, tree, host[0]) if host else None
    if host is None or parent is None:
        return None
    place = await element_of_backend_node(page, host[1], parent)
    try:
        return await place[1].content_frame() if place else None
    except PlaywrightError:
        return None


def _upwards(frame: Frame) -> Iterator[Frame]:
    at: Frame | None = frame
    while at is not None:
        yield at
        at = at.parent_frame
