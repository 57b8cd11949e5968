"""Whether a look-alike stands where the known element stood."""

from __future__ import annotations

from tierwright.core.identity import Fingerprint
from tierwright.core.phrases import Phrase
from tierwright.page.surroundings import SHARED_NAME, why_elsewhere


def opener(row: str, heading: str) -> Fingerprint:
    """A link whose name others on the page have too."""
    return Fingerprint(tag="a", role="link", name="Open menu", row=row, headings=(heading,), sole=(SHARED_NAME,))


def elsewhere(known: Fingerprint, seen: Fingerprint) -> bool:
    return why_elsewhere(Phrase(text=""), known, seen) != ""


KNOWN = opener("Account Open menu Manage your profile Orders Values Open menu Privacy Suppliers", "Values")


def test_a_headed_part_of_a_row_may_move_within_it() -> None:
    """H-14: the heading inside the row says which part it is, wherever in the row the part stands now."""
    moved = opener("Values Open menu Privacy Suppliers Account Open menu Manage your profile Orders", "Values")
    assert not elsewhere(KNOWN, moved)


def test_another_headed_part_of_the_same_row_is_another_one() -> None:
    """H-14: the same row and another heading."""
    assert elsewhere(KNOWN, opener(KNOWN.row, "Account"))


def test_the_same_heading_in_a_row_that_says_other_things_is_another_one() -> None:
    """H-14: cards that are all headed alike are told apart by the rest of what they say."""
    assert elsewhere(
        opener("Item Ada Lovelace London Open menu", "Item"), opener("Item Bob Dylan Duluth Open menu", "Item")
    )


def test_without_a_heading_inside_a_row_its_beginning_says_whose_it_is() -> None:
    """H-14: the heading of a whole table tells no rows apart."""
    known = opener("Ada paid 12 yesterday Open menu", "People")
    assert not elsewhere(known, opener("Ada paid 15 yesterday Open menu", "People"))
    assert elsewhere(known, opener("Bob paid 12 yesterday Open menu", "People"))
