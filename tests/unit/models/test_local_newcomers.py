"""What the rest of the page says: look-alikes that were there before, and names that are new (H-11, H-14)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.models.test_local_ranker import button, link, page, rank

from tierwright.core.identity import Fingerprint
from tierwright.core.operable import MOST_OTHERS, digests_of, name_digest, others_of
from tierwright.models.local.compare import Evidence
from tierwright.models.local.newcomers import LEAST_KNOWN, MOST_AGAINST, MOST_FOR, Newcomers

MENU = [link(name, f"/{name.lower()}") for name in ("Home", "News", "Prices", "Team", "Jobs", "Press", "Blog", "Help")]
SAVE, SAVE_AS = button("Save the report"), button("Save the report as")


def known_on(shown: list[Fingerprint], one: Fingerprint) -> Fingerprint:
    """The element as a baseline that was recorded beside all that the page showed."""
    return replace(one, others=others_of(page(shown).candidates))


def said(known: Fingerprint, shown: list[Fingerprint], of: Fingerprint) -> float:
    """What the names of a page say about one element on it."""
    found = Evidence()
    Newcomers(known, page(shown).candidates).weigh(found, of)
    return found.total


def test_a_look_alike_that_stood_there_before_is_no_heal() -> None:
    """H-14: without the names of the page its name is close enough; it was another button all the time."""
    left = [*MENU, SAVE_AS]
    assert rank(page(left), baseline=SAVE).chosen == len(MENU)
    answer = rank(page(left), baseline=known_on([*MENU, SAVE, SAVE_AS], SAVE))
    assert answer.chosen is None
    assert any("was there before" in reason for reason in answer.best[0].reasons)


def test_the_same_name_is_a_heal_where_the_page_did_not_have_it() -> None:
    """H-14: the button was renamed: nothing of that name stood beside it."""
    known = known_on([*MENU, SAVE], SAVE)
    renamed = rank(page([*MENU, SAVE_AS]), baseline=known)
    assert renamed.chosen == len(MENU)
    assert renamed.confidence > rank(page([*MENU, SAVE_AS]), baseline=SAVE).confidence


def test_a_page_that_is_all_new_says_little() -> None:
    """Each is a likelihood ratio: where everything is new, to be new is nothing special."""
    known = known_on([*MENU, SAVE], SAVE)
    others = [link(f"Part {number}", f"/{number}") for number in range(8)]
    assert said(known, [*MENU, SAVE_AS], SAVE_AS) == MOST_FOR
    assert 0 < said(known, [*others, SAVE_AS], SAVE_AS) < 0.2


def test_one_more_of_a_known_name_may_be_the_renamed_one() -> None:
    known = known_on([*MENU, SAVE], SAVE)
    assert said(known, MENU, MENU[0]) == pytest.approx(-min(MOST_AGAINST, 2.9), abs=0.2)
    assert said(known, [*MENU, MENU[0]], MENU[0]) == 0


def test_its_own_name_is_judged_elsewhere() -> None:
    known = known_on([*MENU, SAVE], SAVE)
    assert said(known, [*MENU, SAVE], SAVE) == 0
    assert said(known, [*MENU, SAVE, SAVE_AS], SAVE_AS) == 0, "it is still there, so nothing was renamed"


def test_few_names_other_frames_and_texts_say_nothing() -> None:
    few = known_on([*MENU[: LEAST_KNOWN - 2], SAVE], SAVE)
    assert said(few, MENU, MENU[0]) == 0
    known = known_on([*MENU, SAVE], SAVE)
    assert said(known, MENU, replace(MENU[0], frame_path=("iframe",))) == 0
    assert said(known, MENU, Fingerprint(tag="p", text="Home")) == 0


def test_names_are_noted_without_their_case_and_never_as_text() -> None:
    assert name_digest("Log  in") == name_digest("log in") != 0
    assert name_digest(" ") == 0
    assert digests_of(["Log in", "", "Help", "Log in"]) == tuple(
        sorted([*[name_digest("Log in")] * 2, name_digest("Help")])
    )
    assert digests_of(f"Row {number}" for number in range(MOST_OTHERS + 1)) == ()
