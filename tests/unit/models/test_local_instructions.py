"""Instructions alone, without a selector and without a baseline, on pages that were not made to be read (H-14)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tierwright.core.identity import Box, Candidate, Fingerprint, Query, Snapshot, SnapshotFrame
from tierwright.core.instructions import understand
from tierwright.core.steps import Action
from tierwright.models.local import LocalRanker

AROUND = frozenset({"clickable", "captions", "drawn", "row", "parent"})


def seen(tag: str, text: str = "", **more: object) -> Candidate:
    around = {key: value for key, value in more.items() if key in AROUND}
    print_ = {key: value for key, value in more.items() if key not in AROUND}
    if text and tag in ("button", "a"):
        print_["name"] = text
    made = Fingerprint(tag=tag, text=text, **print_)  # type: ignore[arg-type]
    return Candidate(ref=0, frame_index=0, fingerprint=made, xpath="/html[1]", **around)  # type: ignore[arg-type]


def button(text: str, **more: object) -> Candidate:
    return seen("button", text, role="button", **more)


def chosen(instruction: str, page: Sequence[Candidate], action: Action = Action.CLICK) -> int | None:
    snapshot = Snapshot((SnapshotFrame((), "http://127.0.0.1/"),), tuple(page))
    query = Query(action=action, instruction=instruction, phrase=understand(instruction, action))
    return LocalRanker().rank(query, snapshot).chosen


@pytest.mark.parametrize("asked", ['Click on the link "Weather"', "Click the Weather link"])
def test_what_shows_a_hand_stands_in_for_a_link_that_is_nowhere(asked: str) -> None:
    """H-14: a span that the page makes clickable; a text of the same words is none, and a real link goes first."""
    bare, other = seen("span", "Weather", clickable=True), seen("span", "Sport", clickable=True)
    assert chosen(asked, [other, bare]) == 1
    assert chosen(asked, [other, seen("span", "Weather")]) is None
    assert chosen(asked, [bare, seen("a", "Weather", role="link")]) == 1


def test_the_text_before_a_field_names_it() -> None:
    """H-14: the label is not tied to its field."""
    page = [seen("input", role="textbox", captions=(n,)) for n in ("Username", "Password")]
    assert chosen("Enter the username", page, Action.FILL) == 0
    assert chosen('Fill in the "Password" field', page, Action.FILL) == 1
    assert chosen('Fill in the field labelled "Password"', page, Action.FILL) == 1
    assert chosen("Enter the password", page[:1], Action.FILL) is None


def test_the_head_of_a_column_names_its_cells() -> None:
    """H-14: a value has no name of its own."""
    page = [
        seen("td", f"${n}.00", role="cell", captions=("Price",), row=f"{t} ${n}.00")
        for n, t in enumerate(("mug", "pot"))
    ]
    assert chosen("The price of Pot is 1", page, Action.EXPECT) == 1


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ('Close the dialog by clicking the "x"', "Close"),
        ('Click the button labelled "x"', "Close"),
        ("Click the Close button", "×"),
        ("Click the close icon", "x"),
        ("Click the Add button", "+"),
        ("Click the ☰ icon", "Menu"),
        ("Click the help button", "?"),
        ("Click the back button", "←"),
    ],
)
def test_a_sign_and_its_word_are_the_same(asked: str, shown: str) -> None:
    """H-14: both ways, on what people click."""
    assert chosen(asked, [button("Imprint"), button(shown), button("Share")]) == 1
    assert chosen(asked, [button("Imprint"), button("Share")]) is None


def test_a_link_called_x_closes_nothing() -> None:
    """H-14: there is a site of that name."""
    assert chosen("Click Close", [seen("a", "X", role="link")]) is None


MAILS = [
    seen("span", classes=("tool", kind), clickable=True, row=f"{who} hello")
    for who in ("Ada", "Trudie", "Bela")
    for kind in ("trash", "star")
]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("Find the email by Trudie and click the trash icon to delete it.", 2),
        ("Find the email by Trudie and click the star icon to mark it as important.", 3),
        ("Click the delete icon in Trudie's mail", 2),
        ("Click the trash icon of the message from Trudie", 2),
        ("Find Trudie's mail and delete it", 2),
        ("Click the trash icon", None),
        ("Find the email by Emil and click the trash icon", None),
    ],
)
def test_an_icon_is_known_by_what_it_is_drawn_with_and_by_its_row(asked: str, expected: int | None) -> None:
    """H-14: no text, no label, no role: a class says what it is, a clause of its own says whose."""
    assert chosen(asked, MAILS) == expected


def test_a_row_is_whose_it_begins_with() -> None:
    """H-14: another row only mentions the name; a name with a sign is not the word without it."""
    rows = [button("Open", row=row) for row in ("Bela writes to Ada", "Ada writes", "Emil is @bela", "Bela at work")]
    assert chosen("Find the mail by Ada and click Open", rows) == 1
    assert chosen("Find the mail by Ada and click Open", [rows[0], *rows[2:]]) == 0
    assert chosen("For the user @bela, click Open", rows) == 2


def test_an_icon_s_words_are_its_own() -> None:
    """H-14: `fa-search-plus` is no search, and what has a text is not called as its classes."""
    drawn = [button("", drawn=("fa", mark)) for mark in ("fa-trash", "fa-user-add")]
    assert chosen("Click the delete icon", drawn) == 0
    assert chosen("Click the user icon", drawn) is None
    assert chosen("Click the delete icon", [button("Later", classes=("trash",))]) is None


def test_what_shows_nothing_but_a_colour_is_called_so() -> None:
    """H-14: a box without text is no text box."""
    boxes = [seen("div", clickable=True, drawn=(colour,)) for colour in ("gray", "red")]
    assert chosen("Click on the grey colored box", boxes) == 0
    assert chosen("Click on the blue box", [*boxes, seen("input", role="textbox")]) is None


def test_a_kind_in_quotes_is_a_kind() -> None:
    """H-14: any of that kind will do, and none of another."""
    field, area, box = (
        seen("input", role="textbox"),
        seen("textarea", role="textbox"),
        seen("input", role="checkbox", type="checkbox"),
    )
    assert chosen('Click on a "textarea" widget', [field, area, box, box]) == 1
    assert chosen('Click on a "checkbox" widget', [field, area, box, box]) == 2
    assert chosen('Click on a "textarea" widget', [field, box]) is None
    assert chosen('Click the "checkbox" widget', [box, box]) is None


def test_of_names_that_differ_in_their_letters_the_one_as_written_is_meant() -> None:
    """H-14: `Ok` beside `OK` and `ok`; without it the others are equals, and one alone may be written carelessly."""
    page = [button("OK"), button("Ok"), button("ok")]
    assert chosen('Click on the "Ok" button', page) == 1
    assert chosen('Click on the "Ok" button', [page[0], page[2]]) is None
    assert chosen('Click on the "Ok" button', page[:1]) == 0


def test_next_to_and_under_end_where_something_else_begins() -> None:
    """H-14: another text's box to tick, another heading's field, do not stand in for one that is gone."""
    boxes = [
        seen("input", role="checkbox", captions=(own,), neighbours=beside)
        for own, beside in (("Terms", ("Terms",)), ("News", ("Terms", "News")))
    ]
    asked = 'Check the checkbox next to "Terms"'
    assert chosen(asked, boxes, Action.CHECK) == 0
    assert chosen(asked, boxes[1:], Action.CHECK) is None
    parts = [
        seen(tag, name, role=role, name=name, headings=(head,), box=Box(0, top, 90, 20))
        for tag, name, role, head, top in (
            ("h3", "Billing", "heading", "", 0),
            ("input", "", "textbox", "Billing", 30),
            ("h3", "Contact", "heading", "", 60),
            ("input", "", "textbox", "Contact", 90),
        )
    ]
    asked = 'Fill in the field under "Billing"'
    assert chosen(asked, parts, Action.FILL) == 1
    assert chosen(asked, [parts[0], *parts[2:]], Action.FILL) is None


ROWS = [
    seen("tr", "Name State", role="row"),
    seen("th", "Name", role="columnheader", parent=0),
    *(
        cell
        for at, (who, state) in enumerate((("Ada", "Passed"), ("Bela", "Failed"), ("Chidi", "Passed")))
        for cell in (
            seen("tr", f"{who} {state}", role="row", name=f"{who} {state}"),
            seen("td", who, role="cell", parent=2 + 2 * at, row=f"{who} {state}"),
        )
    ),
]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("Click the first row", 2),
        ("Click the last row", 6),
        ("Click the row whose state is Failed", 4),
        ("Click Bela's row", 4),
        ("Click the row of Emil", None),
    ],
)
def test_rows_are_counted_without_their_heads_and_known_by_what_they_say(asked: str, expected: int | None) -> None:
    """H-14: the row itself is meant."""
    assert chosen(asked, ROWS) == expected


def test_an_item_goes_before_what_holds_it() -> None:
    """H-14: both say the name, and one is called so."""
    menu = [seen("li", "Playback Stop Play", role="listitem"), seen("li", "Play", role="listitem", parent=0)]
    assert chosen('Click on the item labeled "Play"', menu) == 1


def test_what_is_not_that_one_is_meant_where_one_is_left() -> None:
    """H-14: without any name."""
    assert chosen('Click the button that is not "Cancel"', [button("Cancel"), button("Go")]) == 1
    assert chosen('Click the button that is not "Cancel"', [button("Cancel"), button("Go"), button("Stay")]) is None


def test_without_rows_a_thing_belongs_to_the_heading_above_it() -> None:
    """H-14: `the "Edit" button for "Ada"` on a page of sections."""
    page = [button("Edit", headings=(who,)) for who in ("Ada", "Bela")]
    assert chosen('Click the "Edit" button for "Bela"', page) == 1
    assert chosen('Click the "Edit" button for "Emil"', page) is None


def test_one_expands_what_is_called_as_the_section() -> None:
    """H-14: the section itself has no role; its head is a button or shows a hand."""
    page = [button("Payment"), seen("h3", "Shipping", role="heading", name="Shipping", clickable=True)]
    assert chosen("Expand the Shipping section", page) == 1
    assert chosen("Expand the Payment section", page) == 0
    assert chosen("The Payment section is visible", page, Action.EXPECT) is None


def test_a_row_far_down_a_long_table_is_found() -> None:
    """H-14: a table repeats the same button more often than candidates are compared in full."""
    page = [button("Delete", row=f"user{at} active") for at in range(300)]
    assert chosen('Click the "Delete" button in the row of "user250"', page) == 250
