"""The rules of the sentence grammar, as data. docs/test-files.md shows them as a table; a test keeps both in step.

A pattern is a line of words. `a|b` is either word, `[a]` may be left out, and `{slot}` takes:
`{value}` a quoted text, a number or a `{{variable}}`; `{address}` a quoted text or a bare address; `{url}` what looks
like an address; `{number}` a whole number or a variable; `{key}` a key; `{files}` quoted file names; `{attribute}` a
quoted text; `{element}` and `{target}` a phrase that names an element.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tierwright.core.phrases import ORDINALS
from tierwright.core.steps import Action, Condition


@dataclass(frozen=True, slots=True)
class Rule:
    """Sentences of these patterns mean this action. `how` shows one; `value` is what the words themselves say."""

    action: Action
    how: str
    patterns: tuple[str, ...]
    value: str | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Predicate:
    """What can be said of an element: after `should` and `to` (`base`), and as a plain fact (`fact`)."""

    condition: Condition
    base: tuple[str, ...]
    fact: tuple[str, ...]


def _rule(action: Action, how: str, *patterns: str, value: str | None = None) -> Rule:
    return Rule(action, how, patterns, value)


_SCREEN = "page|tab|window|popup|pop-up"
_DIALOG = "[next] dialog|alert|prompt|confirmation"

ACTION_RULES: tuple[Rule, ...] = (
    _rule(
        Action.NAVIGATE,
        'Go to "/login"',
        "go to {address}",
        "navigate to {address}",
        "visit {address}",
    ),
    _rule(Action.NAVIGATE, 'Open "/login", or: Click the "Menu" button', "open {url}"),
    _rule(Action.GO_BACK, "Go back", "go back", "go back to the previous page"),
    _rule(Action.RELOAD, "Reload the page", "reload|refresh [the] [page]"),
    _rule(Action.CLICK, 'Click the "Save" button', "click|tap [on] {element}"),
    _rule(
        Action.DOUBLE_CLICK,
        'Double-click the "Name" cell',
        "double-click [on] {element}",
        "double click [on] {element}",
    ),
    _rule(
        Action.RIGHT_CLICK, 'Right-click the "Blue mug" row', "right-click [on] {element}", "right click [on] {element}"
    ),
    _rule(
        Action.FILL,
        'Enter "Ada" in the "User name" field',
        "enter|input|write|put {value} in|into|to {element}",
        "fill [in] {value} in|into {element}",
        "fill [in] {element} with {value}",
    ),
    _rule(Action.FILL, 'Clear the "Search" field', "clear|empty {element}", value=""),
    _rule(Action.TYPE, 'Type "Ada" into the "User name" field', "type {value} in|into|to {element}"),
    _rule(
        Action.PRESS,
        'Press Enter in the "Search" field, or: Click the "Save" button',
        "press|hit [the] {key} [key]",
        "press|hit [the] {key} [key] in|on|inside {element}",
    ),
    _rule(Action.SELECT, 'Select "Red" in the "Colour" dropdown', "select|choose|pick {value} in|from {element}"),
    _rule(
        Action.CHECK,
        'Check the "Remember me" checkbox, or: Check that the "Total" cell says "5"',
        "check|tick {element}",
    ),
    _rule(Action.UNCHECK, 'Uncheck the "Remember me" checkbox', "uncheck|untick {element}"),
    _rule(
        Action.HOVER, 'Hover over the "Products" link', "hover [over|on] {element}", "move the mouse over|to {element}"
    ),
    _rule(Action.FOCUS, 'Focus the "Search" field', "focus [on] {element}"),
    _rule(
        Action.DRAG,
        'Drag the "Blue mug" card to the "Cart" section',
        "drag {element} to|onto|into {target}",
        "drag and drop {element} to|onto|into {target}",
    ),
    _rule(Action.UPLOAD, 'Upload "photo.png" to the "Photo" field', "upload|attach {files} to|in|into {element}"),
    _rule(
        Action.DOWNLOAD,
        'Expect a download named "report.csv"',
        "expect|await a download",
        "expect|await a download named|called {value}",
    ),
    _rule(
        Action.SCROLL,
        'Scroll to the "Reviews" heading',
        "scroll [down|up] to {element}",
        "scroll {element} into view",
    ),
    *(
        _rule(Action.SCROLL, f"Scroll to the {edge}", f"scroll to the {edge} [of] [the] [page]", value=edge)
        for edge in ("top", "bottom")
    ),
    *(_rule(Action.SCROLL, f"Scroll {way}", f"scroll {way}", value=way) for way in ("up", "down")),
    _rule(Action.SCROLL, "Scroll by 300 pixels", "scroll by {number} pixels"),
    _rule(Action.DIALOG, "Accept the dialog", f"accept|confirm the {_DIALOG}", value="accept"),
    _rule(Action.DIALOG, "Dismiss the dialog", f"dismiss|cancel the {_DIALOG}", value="dismiss"),
    _rule(Action.DIALOG, 'Answer the dialog with "Ada"', f"answer the {_DIALOG} with {{value}}"),
    _rule(Action.SWITCH_PAGE, 'Switch to the page "Invoice"', f"switch to [the] {_SCREEN} {{value}}"),
    *(
        _rule(Action.SWITCH_PAGE, f"Switch to the {which} tab", f"switch to the {which} {_SCREEN}", value=value)
        for which, value in (
            ("new", "new"),
            ("main", "main"),
            *((word, str(at)) for at, word in enumerate(ORDINALS, 1)),
        )
    ),
    _rule(
        Action.SCREENSHOT,
        'Take a screenshot of the "Sales" image as "sales"',
        "take a screenshot",
        "take a screenshot as {value}",
        "take a screenshot of {element}",
        "take a screenshot of {element} as {value}",
    ),
)

PREDICATES: tuple[Predicate, ...] = (
    Predicate(
        Condition.VISIBLE,
        ("be visible|shown|displayed|present", "appear", "exist"),
        ("is|are visible|shown|displayed|present", "appears|appear", "exists|exist"),
    ),
    Predicate(
        Condition.HIDDEN,
        (
            "be hidden|invisible|gone|absent",
            "disappear|vanish",
            "not be visible|shown|displayed|present",
            "not appear",
            "not exist",
        ),
        (
            "is|are hidden|invisible|gone|absent",
            "disappears|disappear|vanishes|vanish",
            "is|are not visible|shown|displayed|present",
            "does|do not exist|appear",
        ),
    ),
    Predicate(
        Condition.TEXT,
        ("say|read {value}", "have the text {value}", "be exactly {value}"),
        ("says|say|reads {value}", "has|have the text {value}"),
    ),
    Predicate(Condition.CONTAINS, ("contain|include {value}",), ("contains|contain|includes|include {value}",)),
    Predicate(Condition.MATCHES, ("match [the] [pattern] {value}",), ("matches|match [the] [pattern] {value}",)),
    Predicate(Condition.VALUE, ("have the value {value}",), ("has|have the value {value}",)),
    Predicate(Condition.COUNT, ("appear {number} times|time",), ("appears|appear {number} times|time",)),
    Predicate(Condition.CHECKED, ("be checked|ticked",), ("is|are checked|ticked",)),
    Predicate(
        Condition.UNCHECKED,
        ("be unchecked|unticked", "not be checked|ticked"),
        ("is|are unchecked|unticked", "is|are not checked|ticked"),
    ),
    Predicate(Condition.ENABLED, ("be enabled", "not be disabled"), ("is|are enabled", "is|are not disabled")),
    Predicate(Condition.DISABLED, ("be disabled", "not be enabled"), ("is|are disabled", "is|are not enabled")),
    Predicate(
        Condition.ATTRIBUTE,
        ("have the attribute {attribute} with [the] value {value}",),
        ("has|have the attribute {attribute} with [the] value {value}",),
    ),
)

PAGE_SUBJECTS: dict[Condition, str] = {Condition.URL: "the [page] url|address", Condition.TITLE: "the [page] title"}
_PAGE_BASE = ("be|equal {value}",)
_PAGE_FACT = ("is|equals {value}",)

_HOW: dict[Condition, str] = {
    Condition.VISIBLE: "be visible",
    Condition.HIDDEN: "be hidden",
    Condition.TEXT: 'say "Welcome"',
    Condition.CONTAINS: 'contain "Welcome"',
    Condition.MATCHES: 'match "Order \\d+"',
    Condition.VALUE: 'have the value "3"',
    Condition.COUNT: "appear 3 times",
    Condition.CHECKED: "be checked",
    Condition.UNCHECKED: "be unchecked",
    Condition.ENABLED: "be enabled",
    Condition.DISABLED: "be disabled",
    Condition.ATTRIBUTE: 'have the attribute "href" with the value "/home"',
    Condition.URL: 'be "/home", or: The URL should be "*home*"',
    Condition.TITLE: 'be "Home"',
}
_ASSERTING = ("check|verify|assert|expect|ensure|confirm|see that", "make sure that", "make sure")
_ASSERTING_BARE = ("verify|assert|ensure|expect",)


def judging_rules() -> Iterator[Rule]:
    """The rules of expect and wait_for: every predicate in every mood."""
    for predicate in PREDICATES:
        yield from _moods("{element}", predicate.condition, predicate.base, predicate.fact, 'the "Total" cell')
    for condition, subject in PAGE_SUBJECTS.items():
        name = f"the {'URL' if condition is Condition.URL else 'title'}"
        yield from _moods(subject, condition, _PAGE_BASE, _PAGE_FACT, name)
    yield from _SEEING


def _moods(
    subject: str, condition: Condition, base: tuple[str, ...], fact: tuple[str, ...], example: str
) -> Iterator[Rule]:
    done = _HOW[condition]
    plain = tuple(f"{subject} should|must {b}" for b in base) + tuple(f"{subject} {f}" for f in fact)
    judged = tuple(f"{verb} {p}" for verb in (*_ASSERTING, *_ASSERTING_BARE) for p in plain)
    expected = tuple(f"expect {subject} to {b}" for b in base)
    how = f"{example[0].upper()}{example[1:]} should {done}"
    yield Rule(Action.EXPECT, how, plain + judged + expected, condition=condition)
    waiting = tuple(f"wait for {subject} to {b}" for b in base) + tuple(f"wait until {subject} {f}" for f in fact)
    yield Rule(Action.WAIT_FOR, f"Wait for {example} to {done}", waiting, condition=condition)


_SEEING = (
    Rule(
        Action.EXPECT,
        'I see the "Welcome" heading',
        (
            "[should] see {element}",
            "expect to see {element}",
            "there is|are {element}",
            "there should be {element}",
            "[the] page should contain|show {element}",
            "[the] page contains|shows {element}",
        ),
        condition=Condition.VISIBLE,
    ),
    Rule(
        Action.EXPECT,
        'I do not see the "Log out" link',
        (
            "do not see {element}",
            "don't see {element}",
            "should not see {element}",
            "there is|are no {element}",
            "there should be no {element}",
            "expect not to see {element}",
            "[the] page should not contain|show {element}",
        ),
        condition=Condition.HIDDEN,
    ),
    Rule(
        Action.EXPECT,
        "I see 3 rows",
        ("[should] see {number} {element}", "there are|is {number} {element}", "there should be {number} {element}"),
        condition=Condition.COUNT,
    ),
    Rule(Action.EXPECT, 'I am on "/home"', ("am on {address}", "should be on {address}"), condition=Condition.URL),
    Rule(Action.WAIT_FOR, 'Wait for the "Welcome" heading', ("wait for {element}",), condition=Condition.VISIBLE),
)

RULES: tuple[Rule, ...] = (*ACTION_RULES, *judging_rules())
