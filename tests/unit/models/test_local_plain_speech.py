"""Instructions as people speak, loosely, on pages nobody showed them to the ranker before (H-14).

Every find has its counterpart: with the element gone, or another in its place, nothing is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tierwright.core.identity import Box, Candidate, Fingerprint, Query, Snapshot, SnapshotFrame
from tierwright.core.instructions import understand
from tierwright.core.steps import Action
from tierwright.models.local import LocalRanker

CLICK, FILL = Action.CLICK, Action.FILL


def seen(tag: str, role: str, name: str = "", *, more: dict[str, object] | None = None, **known: object) -> Candidate:
    """An element; `more` is what belongs to the candidate rather than to its fingerprint."""
    made = Fingerprint(tag=tag, role=role, name=name, **known)  # type: ignore[arg-type]
    return replace(Candidate(ref=0, frame_index=0, fingerprint=made, xpath="/html[1]"), **(more or {}))  # type: ignore[arg-type]


def link(name: str, **known: object) -> Candidate:
    return seen("a", "link", name, text=name, **known)


def button(name: str, **known: object) -> Candidate:
    return seen("button", "button", name, text=name, **known)


def field(name: str, **known: object) -> Candidate:
    return seen("input", "textbox", name, label=name, type="text", **known)


def chosen(instruction: str, page: Sequence[Candidate], action: Action = CLICK, value: str = "") -> int | None:
    snapshot = Snapshot((SnapshotFrame((), "http://127.0.0.1/"),), tuple(page))
    phrase = understand(instruction, action, value)
    return LocalRanker().rank(Query(action=action, instruction=instruction, phrase=phrase), snapshot).chosen


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("Open the Orders tab", link("Orders")),
        ("Click the Stop button", link("STOP")),
        ("Open the Tools menu", button("Tools")),
        ("Click the Details link", button("Details")),
    ],
)
def test_kinds_are_said_loosely_where_the_page_has_none_of_them(asked: str, meant: Candidate) -> None:
    others = [field("E-mail"), seen("h1", "heading", "Imprint", text="Imprint")]
    assert chosen(asked, [*others, meant]) == 2
    assert chosen(asked, others) is None


def test_where_the_page_has_tabs_a_link_is_no_tab() -> None:
    tabs = [seen("a", "tab", "Charts"), seen("a", "tab", "Failures")]
    assert chosen("Open the Orders tab", [*tabs, link("Orders")]) is None


def test_a_kind_may_be_part_of_a_name() -> None:
    assert chosen("Open the advanced options", [button("Advanced options"), button("Options")]) == 0
    assert chosen("Open the advanced options", [button("Start"), button("Cancel")]) is None
    assert chosen("Click the Add link", [seen("th", "columnheader", "Add link"), button("Cancel")]) is None


@pytest.mark.parametrize(
    ("asked", "label"),
    [
        ("Enter the run time", "Run time (e.g. 20, 20s, 3m)"),
        ("Enter the name in the search field", "Search: name, email"),
        ("Enter the e-mail address", "Email"),
        ("Enter the user name", "Username:"),
    ],
)
def test_a_label_is_known_without_its_remarks_and_in_other_words(asked: str, label: str) -> None:
    page = [field("Town"), field(label), field("Host")]
    assert chosen(asked, page, FILL) == 1
    assert chosen(asked, [page[0], page[2]], FILL) is None


def test_what_is_entered_again_is_the_second_field() -> None:
    page = [field("Password"), field("Password confirmation"), field("E-mail")]
    assert chosen("Enter the same password again", page, FILL) == 1
    assert chosen("Repeat the password", page, FILL) == 1
    assert chosen("Enter the same password again", [page[0], page[2]], FILL) is None
    assert chosen("Enter the password", page[1:], FILL) is None


def test_a_field_of_the_thing_that_the_page_is_about() -> None:
    """`The name of the author` is Name on the page of an author, and not on that of a book."""
    asked, names = "Enter the name of the author", ("Name", "Town")
    assert chosen(asked, [field(name, page_path="/admin/author/new/") for name in names], FILL) == 0
    assert chosen(asked, [field(name, headings=("New author",)) for name in names], FILL) == 0
    assert chosen(asked, [field(name, page_path="/admin/book/new/") for name in names], FILL) is None


def test_a_field_s_own_name_in_its_code_names_it() -> None:
    page = [field("Ramp up", name_attribute="spawnRate"), field("Host", name_attribute="host")]
    assert chosen("Enter the spawn rate", page, FILL) == 0
    assert chosen("Enter the spawn rate", page[1:], FILL) is None


def test_the_only_one_of_a_kind_in_a_row() -> None:
    boxes = [seen("input", "checkbox", "Select record", more={"row": row}) for row in ("Ada 1815", "Grace 1906")]
    asked = "Tick the checkbox in the row of Grace"
    assert chosen(asked, boxes, Action.CHECK) == 1
    assert chosen(asked, boxes[:1], Action.CHECK) is None


@pytest.mark.parametrize("around", ["nav.main", "div.navbar-inner", "div#main-nav"])
def test_classes_make_a_navigation_bar(around: str) -> None:
    inside, outside = link("Authors", ancestors=(around, "body")), link("Authors", ancestors=("main", "body"))
    assert chosen("Open Authors in the navigation bar", [outside, inside]) == 1
    assert chosen("Open Authors in the navigation bar", [outside]) is None


@pytest.mark.parametrize(
    ("classes", "around"), [(("alert", "alert-success"), "div"), (("success",), "ul.messagelist"), (("Toast",), "div")]
)
def test_classes_make_a_message(classes: tuple[str, ...], around: str) -> None:
    said = seen("div", "", text="Saved.", classes=classes, ancestors=(around,))
    page = [seen("p", "paragraph", text="Welcome"), link("Home")]
    assert chosen("A message says that the author was saved", [*page, said], Action.EXPECT) == 2
    assert chosen("A message says that the author was saved", page, Action.EXPECT) is None


def test_what_shows_goes_before_what_is_hidden_and_words_before_pictures() -> None:
    hidden = button("Start", more={"visible": False})
    assert chosen("Click the Start button", [hidden, button("Start")]) == 1
    drawn = seen("a", "link", classes=("icon-delete",))
    assert chosen("Choose Delete", [drawn, link("Delete")]) == 1


def test_below_a_text_the_one_of_that_name_is_meant_not_the_nearest_thing() -> None:
    listed = seen("ul", "list", text="All Yes No", headings=("By staff status",))
    yes = [link("Yes", headings=(f"By {what}",)) for what in ("staff status", "superuser status")]
    heads = [seen("h3", "heading", h, text=h) for h in ("By staff status", "By superuser status")]
    boxed = [
        replace(c, fingerprint=replace(c.fingerprint, box=Box(x=0, y=at, width=100, height=18)))
        for c, at in zip([heads[0], listed, yes[0], heads[1], yes[1]], (0, 20, 40, 100, 140), strict=True)
    ]
    assert chosen("Click Yes under By staff status", boxed) == 2


def test_what_is_under_the_next_title_is_not_under_this_one() -> None:
    """Titles that are no headings, such as a summary of `details`; with the choice gone the next one's is not meant."""
    kinds = [("summary", "", "By staff"), ("a", "link", "Yes"), ("summary", "", "By superuser"), ("a", "link", "Yes")]
    page = [
        seen(tag, role, name, text=name, box=Box(x=0, y=40 * at, width=90, height=18), ancestors=("details", "div"))
        for at, (tag, role, name) in enumerate(kinds)
    ]
    assert chosen("Click Yes under By staff", page) == 1
    assert chosen("Click Yes under By superuser", page) == 3
    assert chosen("Click Yes under By staff", [page[0], *page[2:]]) is None


def test_an_icon_with_a_name_is_known_by_what_it_is_drawn_with() -> None:
    pencil = seen("a", "link", "Edit record", more={"drawn": ("icon-pencil",)})
    assert chosen("Click the pencil icon to edit the record", [pencil, link("Home")]) == 0
    assert chosen("Click the pencil icon to edit the record", [link("Home"), link("Edit record")]) is None


def test_by_which_control_something_is_done() -> None:
    assert chosen("Go back to the list by the List tab", [link("List"), link("Create")]) == 0
    assert chosen("Go back to the list by the List tab", [link("Create")]) is None
    assert chosen("Open the details by the Save button", [button("Save"), link("Home")]) is None
    assert chosen("Go to the plan with the Buy button", [button("Buy"), link("Home")]) is None


@pytest.mark.parametrize(
    ("asked", "value", "expected"),
    [
        ("Enter a password for the new user", "Quartz-7", 0),
        ('Enter "Quartz-7" for the password', "Quartz-7", 0),
        ("Enter 5 for the quantity", "5", 1),
    ],
)
def test_what_is_for_what(asked: str, value: str, expected: int) -> None:
    names = ("Password", "Quantity")
    page = [field(name, page_path="/user/new/") for name in names]
    assert chosen(asked, page, FILL, value) == expected
