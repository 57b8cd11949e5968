"""The ranker on pages made by hand: what it must find, and above all what it must leave alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tierwright.core.identity import Box, Candidate, Fingerprint, Query, Ranking, Snapshot, SnapshotFrame
from tierwright.core.phrases import Phrase
from tierwright.core.steps import Action, Condition
from tierwright.models.local import LocalRanker


def button(name: str, **more: object) -> Fingerprint:
    return replace(Fingerprint(tag="button", role="button", name=name, text=name), **more)  # type: ignore[arg-type]


def link(name: str, href: str = "", **more: object) -> Fingerprint:
    made = Fingerprint(tag="a", role="link", name=name, text=name, href_path=href)
    return replace(made, **more)  # type: ignore[arg-type]


def field(label: str, **more: object) -> Fingerprint:
    made = Fingerprint(tag="input", role="textbox", name=label, label=label, type="text")
    return replace(made, **more)  # type: ignore[arg-type]


def page(prints: Sequence[Fingerprint | Candidate], *, forced: bool = False) -> Snapshot:
    candidates = tuple(
        replace(p, ref=i)
        if isinstance(p, Candidate)
        else Candidate(ref=i, frame_index=0, fingerprint=p, xpath=f"/html[1]/body[1]/*[{i + 1}]")
        for i, p in enumerate(prints)
    )
    return Snapshot(frames=(SnapshotFrame((), "http://127.0.0.1/"),), candidates=candidates, forced=forced)


def inside(print_: Fingerprint, parent: int = -1, row: str = "", landmarks: tuple[str, ...] = ()) -> Candidate:
    return Candidate(
        ref=0, frame_index=0, fingerprint=print_, xpath="/html[1]", parent=parent, row=row, landmarks=landmarks
    )


def rank(snapshot: Snapshot, action: Action = Action.CLICK, **query: object) -> Ranking:
    return LocalRanker().rank(Query(action=action, **query), snapshot)  # type: ignore[arg-type]


NAV = [
    link(n, f"/{n.lower()}", classes=("nav-link",), ancestors=("li", "ul", "nav"))
    for n in ("World", "Politics", "Sport")
]


def test_a_renamed_id_does_not_hide_the_same_button() -> None:
    """H-11, H-14: name, role and place agree, so the id may change."""
    snapshot = page([*NAV, button("Save draft", id="x1"), button("Publish", id="go-live"), field("Title")])
    answer = rank(snapshot, baseline=button("Publish", id="publish"), selector="#publish")
    assert answer.chosen == 4
    assert answer.confidence > 0.9


def test_a_reworded_button_is_found_by_what_it_means() -> None:
    """H-14: synonyms of the words user interfaces use."""
    snapshot = page([field("E-mail"), field("Password", type="password"), button("Log in"), link("Help", "/help")])
    answer = rank(snapshot, baseline=button("Sign in", id="signin"), instruction="Click Sign in")
    assert answer.chosen == 2


def test_a_removed_link_is_not_replaced_by_its_neighbours() -> None:
    """H-14: same tag, class and place, but another name and address: none of these."""
    gone = link("Opinion", "/opinion", classes=("nav-link",), ancestors=("li", "ul", "nav"))
    answer = rank(page(NAV), baseline=gone)
    assert answer.chosen is None
    assert answer.why_not


@pytest.mark.parametrize(
    ("was", "remains"),
    [
        ("Cancel", "Confirm"),
        ("Enable", "Disable"),
        ("Previous", "Next"),
        ("Add item", "Remove item"),
        ("Sign in", "Sign up"),
    ],
)
def test_the_opposite_is_never_chosen(was: str, remains: str) -> None:
    """H-14: everything but the word agrees, and the word says the opposite."""
    same = {"classes": ("btn", "btn-primary"), "ancestors": ("div", "form#edit"), "headings": ("Edit",)}
    assert rank(page([button(remains, **same)]), baseline=button(was, **same)).chosen is None


@pytest.mark.parametrize("was", ["Confirm password", "Repeat your password", "Current password"])
def test_the_field_that_another_repeats_does_not_stand_in_for_it(was: str) -> None:
    """H-14: the twin is gone, and what is left is the field that it repeated or replaced."""
    same = {"type": "password", "ancestors": ("div", "form#join"), "headings": ("Join",)}
    gone = field(was, id="password2", **same)
    left = rank(page([field("Password", id="password1", **same)]), Action.FILL, baseline=gone)
    assert left.chosen is None
    assert left.confidence < 0.2
    both = [field("Password", id="p1", **same), field(was.replace("password", "the password"), id="p2", **same)]
    assert rank(page(both), Action.FILL, baseline=gone).chosen == 1


def test_equal_twins_are_left_alone() -> None:
    """H-14: two that fit equally well leave no margin."""
    answer = rank(page([button("Order"), button("Order")]), baseline=button("Order"))
    assert answer.chosen is None
    assert answer.margin < 0.05
    assert "equally" in answer.why_not


def test_a_link_in_its_list_item_is_one_element() -> None:
    """H-14: the runner-up must be another element, not the same one's wrapper."""
    item = Fingerprint(tag="li", role="listitem", name="Reports", text="Reports")
    text = Fingerprint(tag="span", text="Reports")
    snapshot = page([*NAV, item, inside(link("Reports", "/reports"), parent=3), inside(text, parent=4)])
    answer = rank(snapshot, baseline=link("Reports", "/reports"))
    assert answer.chosen == 4
    assert answer.margin > 0.8


@pytest.mark.parametrize(
    ("action", "expected"),
    [(Action.FILL, 1), (Action.CHECK, 2), (Action.SELECT, 3), (Action.UPLOAD, 4), (Action.CLICK, 5)],
)
def test_only_what_can_take_the_action_is_a_candidate(action: Action, expected: int) -> None:
    """H-14: a label, a field, a checkbox, a list, a file field and a button of one name."""
    named = "Newsletter"
    snapshot = page(
        [
            Fingerprint(tag="p", text="Something else"),
            field(named),
            Fingerprint(tag="input", role="checkbox", type="checkbox", name=named, label=named),
            Fingerprint(tag="select", role="combobox", name=named, label=named),
            Fingerprint(tag="input", type="file", name=named, label=named),
            button(named),
        ]
    )
    roles = ("button",) if action is Action.CLICK else ()
    answer = rank(snapshot, action, phrase=Phrase(text="", name=named, exact=True, roles=roles))
    assert answer.chosen == expected


def test_the_second_of_several() -> None:
    """H-14: ordinals count through equals in the order of the page."""
    snapshot = page([button("Delete"), button("Edit"), button("Delete"), button("Delete")])
    phrase = Phrase(text="", name="Delete", exact=True, roles=("button",), role_word="button")
    assert rank(snapshot, phrase=replace(phrase, ordinal=2)).chosen == 2
    assert rank(snapshot, phrase=replace(phrase, ordinal=-1)).chosen == 3
    assert rank(snapshot, phrase=replace(phrase, ordinal=4)).chosen is None
    assert rank(snapshot, phrase=phrase).chosen is None


def test_row_and_section_say_which() -> None:
    """H-14: in the row of, in the header."""
    snapshot = page(
        [
            inside(button("Delete"), row="Ada Lovelace Delete"),
            inside(button("Delete"), row="Alan Turing Delete"),
            inside(link("Help", "/h"), landmarks=("banner",)),
            inside(link("Help", "/h"), landmarks=("contentinfo",)),
        ]
    )
    row = Phrase(text="", name="Delete", exact=True, roles=("button",), row="Alan Turing")
    assert rank(snapshot, phrase=row).chosen == 1
    header = Phrase(text="", name="Help", exact=True, roles=("link",), section_kind="header")
    assert rank(snapshot, phrase=header).chosen == 2


def test_next_to_a_text() -> None:
    """H-14: the box beside the text that the phrase names."""
    snapshot = page(
        [
            Fingerprint(tag="span", text="Subtotal", box=Box(0, 0, 60, 20)),
            button("Details", box=Box(80, 0, 60, 20)),
            Fingerprint(tag="span", text="Total", box=Box(0, 100, 60, 20)),
            button("Details", box=Box(80, 100, 60, 20)),
        ]
    )
    near = Phrase(text="", name="Details", exact=True, roles=("button",), near="Total", near_kind="next to")
    assert rank(snapshot, phrase=near).chosen == 3


def test_the_words_of_the_selector_are_evidence() -> None:
    """H-14: `#login-btn` says a lot."""
    snapshot = page([*NAV, field("E-mail"), button("Log in"), button("Register")])
    assert rank(snapshot, selector="#login-btn").chosen == 4
    assert rank(snapshot, selector="div > div:nth-child(3)").chosen is None


def test_a_vague_instruction_is_not_guessed() -> None:
    """H-14: nothing that the words single out, nothing chosen."""
    snapshot = page([button("Save"), button("Delete"), link("Help", "/help")])
    assert rank(snapshot, phrase=Phrase(text="the button", roles=("button",), role_word="button")).chosen is None
    assert rank(snapshot, instruction="Do it").chosen is None


def test_the_expected_value_is_no_evidence() -> None:
    """H-17: an element that merely says what is expected is not found by it."""
    snapshot = page([Fingerprint(tag="p", text="Order placed"), Fingerprint(tag="div", text="Your cart")])
    baseline = Fingerprint(tag="h1", role="heading", name="Order placed", text="Order placed")
    answer = rank(
        snapshot,
        Action.EXPECT,
        condition=Condition.TEXT,
        baseline=baseline,
        phrase=Phrase(text="", name="Order placed", exact=True),
        excluded=("Order placed",),
    )
    assert answer.chosen is None


def test_a_rejected_heal_is_not_offered_again() -> None:
    """H-31: what a person said no to stays no."""
    new = button("Log in", classes=("new",))
    snapshot = page([new, button("Help")])
    baseline = button("Sign in")
    assert rank(snapshot, baseline=baseline).chosen == 0
    assert rank(snapshot, baseline=baseline, rejected=frozenset({new.key})).chosen is None


def test_the_next_best_does_not_take_the_place_of_a_rejected_heal() -> None:
    """H-14, H-31: without its competitor the wrong neighbour would lead by far."""
    best, next_best = button("Log in", id="sign-in-button"), button("Log in")
    baseline = button("Sign in", id="sign-in-button")
    assert rank(page([next_best, button("Help")]), baseline=baseline).chosen == 0
    both = page([best, next_best, button("Help")])
    assert rank(both, baseline=baseline).chosen == 0
    answer = rank(both, baseline=baseline, rejected=frozenset({best.key}))
    assert answer.chosen is None
    assert "rejected" in answer.why_not


def test_a_page_that_never_settled_needs_more() -> None:
    """H-8: forced snapshots heal only on a very confident find."""
    baseline = button("Save draft")
    prints = [button("Update draft"), button("Help")]
    settled = rank(page(prints), baseline=baseline)
    assert settled.chosen == 0
    assert settled.confidence < 0.97
    assert rank(page(prints, forced=True), baseline=baseline).chosen is None


def test_thresholds_can_be_set() -> None:
    """H-14: threshold and margin belong to the user."""
    snapshot = page([button("Update draft"), button("Help")])
    query = Query(action=Action.CLICK, baseline=button("Save draft"))
    assert LocalRanker(min_confidence=0.999).rank(query, snapshot).chosen is None
    assert LocalRanker(min_confidence=0.1, min_margin=0.0).rank(query, snapshot).chosen == 0


def test_similarity_tells_the_same_from_another() -> None:
    """H-10, H-22: the same element after a redesign, and another one in its place."""
    ranker = LocalRanker()
    was = button("Sign in", id="signin", ancestors=("form", "main"), classes=("btn",))
    assert ranker.similarity(was, was) > 0.95
    assert ranker.similarity(was, button("Log in", id="login", ancestors=("form", "main"), classes=("cta",))) > 0.6
    assert (
        ranker.similarity(was, button("Delete account", id="del", ancestors=("form", "main"), classes=("btn",))) < 0.1
    )


def test_nothing_can_take_the_action() -> None:
    """H-14: none is always an answer."""
    answer = rank(page([button("Save")]), Action.FILL, baseline=field("Name"))
    assert answer.chosen is None
    assert answer.best == ()
    assert answer.why_not


def test_the_only_search_field_may_be_reworded() -> None:
    """H-14: being the only one of its kind, before and now, says who it is; look-alikes of other kinds gain nothing."""
    was = field("Find", type="search", role="searchbox", sole=("role:searchbox",), ancestors=("form#old.bar", "main"))
    now = field("Look for a mug", type="search", role="searchbox", sole=("role:searchbox",), ancestors=("form.New_x",))
    snapshot = page([field("E-mail", type="email"), now, button("Go")])
    assert rank(snapshot, Action.FILL, baseline=was).chosen == 1


def test_a_value_is_found_by_its_label_and_never_by_itself() -> None:
    """H-17: the expected total stands twice; which one is meant is said by the label beside it, not by the amount."""

    def amount(beside: str, text: str = "$9.00", **more: object) -> Fingerprint:
        return replace(Fingerprint(tag="span", text=text, neighbours=(beside,)), **more)  # type: ignore[arg-type]

    was = Fingerprint(tag="td", role="cell", name="$9.00", text="$9.00", neighbours=("Total",), id="total")
    expected = {"condition": Condition.TEXT, "excluded": ("$9.00",), "baseline": was}
    labels = [Fingerprint(tag="span", text=text) for text in ("Basket total", "Delivery")]
    shown = page([amount("Delivery"), amount("Basket total"), *labels])
    assert rank(shown, Action.EXPECT, **expected).chosen == 1
    assert rank(page([amount("Delivery"), *labels]), Action.EXPECT, **expected).chosen is None
    wrong_amount = page([amount("Delivery"), amount("Basket total", "$8.00"), *labels])
    assert rank(wrong_amount, Action.EXPECT, **expected).chosen == 1


def test_part_of_a_name_is_enough_only_without_a_rival() -> None:
    """H-14: `Street` may become `Street and number`; with two that could be it, none is chosen."""
    was = field("Street", neighbours=("Street",))
    now = field("Street and number", neighbours=("Street and number",))
    rival = field("Street of the recipient", neighbours=("Street of the recipient",))
    assert rank(page([now, field("Town")]), Action.FILL, baseline=was).chosen == 0
    assert rank(page([now, rival]), Action.FILL, baseline=was).chosen is None


def test_what_submits_a_form_is_not_replaced_by_a_link_of_the_same_name() -> None:
    """H-14: the button of the sign-in form is gone; the header's link to that form is another thing."""
    was = button("Sign in", type="submit", ancestors=("form#login", "main"))
    assert rank(page([link("Log in", "/login", ancestors=("header.top",))]), baseline=was).chosen is None


def test_a_link_with_a_hidden_name_is_not_replaced_by_its_neighbour() -> None:
    """H-17: the name is the expected value, so it does not count; standing beside "Log out" makes no identity."""
    was = link("Ada", "/account", neighbours=("Log out", "Cart"))
    left = page([link("Cart 2", "/cart", neighbours=("Log out",)), button("Log out")])
    query = {"condition": Condition.TEXT, "excluded": ("Ada",), "baseline": was}
    assert rank(left, Action.EXPECT, **query).chosen is None


def test_of_a_card_and_its_link_the_link_is_operated() -> None:
    """H-14: nested elements of one meaning are one; the step gets the one that people operate."""
    card = Fingerprint(tag="li", text="Reports", role="listitem", classes=("card",))
    snapshot = page([card, inside(link("Reports", "/new"), parent=0), link("Help", "/help")])
    assert rank(snapshot, baseline=link("Reports", "/reports", classes=("card",))).chosen == 1


def test_the_same_choice_is_known_by_its_value() -> None:
    """H-11: the developer's value of a radio button outlives its label."""
    express = {"tag": "input", "role": "radio", "type": "radio"}
    was = field("Express, $6.00", **express, attributes=(("value", "express"),))
    snapshot = page(
        [
            field("Standard delivery, free", **express, attributes=(("value", "standard"),)),
            field("Express delivery, $6.00", **express, attributes=(("value", "express"),)),
        ]
    )
    assert rank(snapshot, Action.CHECK, baseline=was).chosen == 1


def test_similarity_ignores_what_a_counter_says_today() -> None:
    """H-10: a counter that counted on is the same element; the next cell of the same table is not."""
    ranker = LocalRanker()
    place = {"tag": "span", "classes": ("badge",), "ancestors": ("a#cart-link", "header"), "neighbours": ("Cart",)}
    was = Fingerprint(text="0", id="cart-count", **place)  # type: ignore[arg-type]
    assert ranker.similarity(was, replace(was, text="1", classes=("Badge_x",))) > 0.6
    cell = Fingerprint(tag="td", role="cell", text="$5.00", neighbours=("Total",), ancestors=("tr", "table"))
    assert ranker.similarity(cell, replace(cell, text="$7.00", neighbours=("Soup bowl",))) < 0.35


def test_a_heading_that_is_gone_is_not_a_field_s_caption() -> None:
    """H-14: found by the gym: "Notes" and "Note" mean the same, but a caption is part of its field."""
    heading = Fingerprint(tag="h1", role="heading", name="Notes", text="Notes", ancestors=("body",))
    caption = Fingerprint(tag="label", role="label", name="Note", text="Note", ancestors=("form", "body"))
    snapshot = page([caption, field("Note"), button("Save")])
    answer = rank(
        snapshot,
        Action.EXPECT,
        condition=Condition.VISIBLE,
        baseline=heading,
        instruction='The "Notes" heading is there',
        selector='role=heading[name="Notes"s]',
    )
    assert answer.chosen is None


def test_a_test_id_that_every_card_bears_is_no_identity() -> None:
    """H-14: what names a kind of element does not say which one, so the card that is gone has no heir."""
    cards = [link(n, f"/{n}", test_ids=(("data-testid", "card"),), classes=("card",)) for n in ("mug", "bowl", "vase")]
    gone = link("teapot", "/teapot", test_ids=(("data-testid", "card"),), classes=("card",))
    assert rank(page(cards), baseline=gone).chosen is None
    alone = replace(gone, test_ids=(("data-testid", "teapot"),))
    renamed = link("Tea pot", "/teapot", test_ids=(("data-testid", "teapot"),))
    assert rank(page([*cards, renamed]), baseline=alone).chosen == 3


def test_what_stood_beside_the_element_is_not_the_element() -> None:
    """H-14: a neighbour with a close name was another element before, and still is."""
    gone = link("Settings", "/settings", neighbours=("Profile", "Home"), ancestors=("li", "ul", "nav"))
    left = [link(n, f"/{n.lower()}", ancestors=("li", "ul", "nav")) for n in ("Profile", "Home", "Reports")]
    assert rank(page(left), baseline=gone).chosen is None
    reworded = link("Preferences", "/settings", ancestors=("li", "ul", "nav"))
    assert rank(page([*left, reworded]), baseline=gone).chosen == 3


def line(text: str, *controls: Fingerprint, at: float) -> list[Fingerprint]:
    """A text and the controls behind it on one line, `at` pixels down."""
    made = [Fingerprint(tag="span", text=text, box=Box(8, at, 50, 18))]
    return made + [replace(c, neighbours=(text,), box=Box(70, at, 20, 18)) for c in controls]


@pytest.mark.parametrize("control", [button("Show"), button("")])
def test_next_to_means_the_same_line_and_not_the_next_one(control: Fingerprint) -> None:
    """H-14: the text beside it says which one, with a name or for an icon without any; with it gone, no neighbour's."""
    lines = [line(name, control, at=20.0 * n) for n, name in enumerate(("Invoice", "Server", "Route"))]
    phrase = Phrase(
        name=control.name, exact=True, role_word="button", roles=("button",), near="Server", near_kind="next to"
    )
    assert rank(page([f for one in lines for f in one]), phrase=phrase).chosen == 3
    assert rank(page([*lines[0], lines[1][0], *lines[2]]), phrase=phrase).chosen is None


def test_what_a_negation_leaves_over_is_meant() -> None:
    """H-14: where the one ruled out is there, the other that bears the name; with it gone, none."""
    asked = Phrase(name="Opinion", role_word="link", roles=("link",), not_words=("archive",))
    ruled_out, meant, other = link("Opinion archive", "/1"), link("Opinion today", "/2"), link("Imprint", "/3")
    assert rank(page([ruled_out, meant, other]), phrase=asked).chosen == 1
    assert rank(page([ruled_out, other]), phrase=asked).chosen is None


def test_a_bare_name_means_what_people_can_use() -> None:
    """H-14: "Click on Share" says no kind; a heading of that name is not what is clicked."""
    heading = Fingerprint(tag="h2", role="heading", name="Share", text="Share")
    answer = rank(page([button("Edit"), button("Share"), button("Pin")]), phrase=Phrase(name="Share"))
    assert answer.chosen == 1
    assert rank(page([button("Edit"), heading]), phrase=Phrase(name="Share")).chosen is None


def test_the_only_one_of_a_kind_is_what_a_bare_kind_means() -> None:
    """H-14: "Click the button" on a page with one button; of two none is chosen, nor another kind where it is gone."""
    asked = Phrase(role_word="button", roles=("button",))
    assert rank(page([field("Name"), button("Go"), link("Help", "/help")]), phrase=asked).chosen == 1
    assert rank(page([field("Name"), button("Go"), button("Stop")]), phrase=asked).chosen is None
    assert rank(page([field("Name"), link("Help", "/help")]), phrase=asked).chosen is None
    hidden = replace(inside(button("Later")), visible=False)
    assert rank(page([button("Go"), hidden]), phrase=asked).chosen == 0


PLACE = {"ancestors": ("form", "main"), "headings": ("Profile",), "box": Box(10, 10, 60, 20)}


@pytest.mark.parametrize(
    "left", ["Save draft", "Save as template", "Save a copy", "Save for later", "Save and continue"]
)
def test_a_button_that_does_something_else_with_the_same_thing_is_no_heir(left: str) -> None:
    """H-14: in the same place, called the same but for the word that says what else it does."""
    page_ = page([button(left, **PLACE), button("Cancel", **PLACE)])
    phrase = Phrase(name="Save", role_word="button", roles=("button",))
    assert rank(page_, baseline=button("Save", id="save", **PLACE), selector="#save", phrase=phrase).chosen is None


def test_words_that_every_id_may_hold_are_no_likeness() -> None:
    """H-14: `id_is_staff` and `id_is_superuser` share no more than what any id of a form may hold."""

    def box(name: str, code: str) -> Fingerprint:
        more = {"id": f"id_is_{code}", "name_attribute": f"is_{code}", "label": name, "type": "checkbox"}
        return Fingerprint(tag="input", role="checkbox", name=name, **more, **PLACE)  # type: ignore[arg-type]

    phrase = Phrase(name="Staff status", role_word="checkbox", roles=("checkbox",))
    asked = {"baseline": box("Staff status", "staff"), "phrase": phrase}
    other, renamed = box("Superuser status", "superuser"), box("Part of the staff", "staff")
    gone = rank(page([box("Active", "active"), other]), Action.CHECK, **asked)
    assert gone.chosen is None
    assert gone.confidence < 0.5
    assert rank(page([box("Active", "active"), other, renamed]), Action.CHECK, **asked).chosen == 2


def test_another_label_and_another_form_name_are_another_field() -> None:
    """H-14: what the server is sent there is something else, however much of the place agrees."""

    def box(name: str, sent_as: str) -> Fingerprint:
        more = {"name_attribute": sent_as, "label": name, "type": "checkbox", "neighbours": ("Permissions", "Groups")}
        return Fingerprint(tag="input", role="checkbox", name=name, **more, **PLACE)  # type: ignore[arg-type]

    asked = {"action": Action.CHECK, "baseline": box("Notify by mail", "by_mail")}
    assert rank(page([box("Notify by post", "by_post")]), **asked).confidence < 0.2  # type: ignore[arg-type]
    assert rank(page([box("Notify by mail", "post")]), **asked).chosen == 0  # type: ignore[arg-type]
    assert rank(page([box("E-mail me", "by_mail")]), **asked).chosen == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("was", "left"), [("Password", "Password confirmation"), ("Password confirmation", "Password")]
)
def test_what_a_field_takes_does_not_make_it_its_twin(was: str, left: str) -> None:
    """H-14: both take a new password, and stand in one place; one is gone."""
    around = {"neighbours": ("Username", "Save"), "attributes": (("autocomplete", "new-password"),), **PLACE}

    def typed(label: str) -> Fingerprint:
        sent_as = {"name_attribute": label.lower().replace(" ", "_")}
        return field(label, type="password", **sent_as, **around)

    gone = rank(page([typed("Username"), typed(left)]), Action.FILL, baseline=typed(was))
    assert gone.confidence < 0.2


def test_a_counter_is_not_the_other_counter() -> None:
    """H-14, H-17: two numbers in one place, whose ids have nothing in common."""

    def counter(id_: str) -> Fingerprint:
        return Fingerprint(tag="span", text="2", id=id_, **PLACE)  # type: ignore[arg-type]

    asked = {"condition": Condition.TEXT, "selector": "#badge", "excluded": ("2",)}
    assert rank(page([counter("wish")]), Action.EXPECT, baseline=counter("badge"), **asked).chosen is None
    assert rank(page([counter("cart-badge")]), Action.EXPECT, baseline=counter("badge"), **asked).chosen == 0
