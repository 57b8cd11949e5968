"""The element that an instruction means, out of a sentence as people write them (healing.md, H-14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tierwright.core.clauses import ARTICLES, POLITE, PRONOUNS, Owned, act_of, in_plain_words, owned, owner_of
from tierwright.core.phrases import Phrase, Reader, named_by, parse_phrase, with_role
from tierwright.core.quoting import Token, Tokens, tokenize
from tierwright.core.roles import ANY_KIND, CONTROLS, LANDMARKS, ROLE_WORDS, ROWS, SECTION_KINDS, singular
from tierwright.core.steps import Action

_VERBS: dict[Action, tuple[str, ...]] = {
    Action.CLICK: ("click on", "click", "press on", "press", "tap on", "tap", "push", "hit", "open", "choose",
                   "select", "follow", "submit", "activate", "go to", "expand", "close"),
    Action.DOUBLE_CLICK: ("double-click on", "double-click", "double click on", "double click"),
    Action.RIGHT_CLICK: ("right-click on", "right-click", "right click on", "right click"),
    Action.FILL: ("fill in", "fill out", "fill", "enter", "type in", "type", "input", "put", "write", "set",
                  "clear", "change", "provide", "empty", "search for"),
    Action.TYPE: ("type in", "type", "enter", "fill in", "fill", "write", "input", "key in"),
    Action.PRESS: ("press", "hit", "push"),
    Action.SELECT: ("select", "choose", "pick", "set", "change"),
    Action.CHECK: ("check", "tick", "select", "choose", "enable", "turn on", "mark", "accept", "agree to"),
    Action.UNCHECK: ("uncheck", "untick", "clear", "deselect", "disable", "turn off", "unmark"),
    Action.HOVER: ("hover over", "hover on", "hover", "move the mouse over", "point at", "mouse over"),
    Action.FOCUS: ("focus on", "focus into", "focus in", "focus", "put the focus on"),
    Action.DRAG: ("drag and drop", "drag", "move"),
    Action.UPLOAD: ("upload", "attach", "choose", "add", "set"),
    Action.SCROLL: ("scroll down to", "scroll up to", "scroll to", "scroll"),
    Action.SCREENSHOT: ("take a screenshot of", "take a picture of", "screenshot", "capture"),
    Action.WAIT_FOR: ("wait for", "wait until", "wait till", "wait"),
    Action.EXPECT: ("check that", "verify that", "make sure that", "make sure", "ensure that", "assert that",
                    "expect that", "expect to see", "should see", "verify", "ensure", "assert", "expect",
                    "confirm that", "confirm", "check", "see that", "see", "there is", "there are", "there should be"),
}  # fmt: skip
_VERBS_OF_A_THING: dict[Action, tuple[str, ...]] = {
    Action.CLICK: ("check", "tick", "uncheck", "untick", "pick", "toggle", "switch to"),
    Action.FILL: ("use", "using"),
    Action.TYPE: ("use", "using"),
}
"""Verbs only in front of an article: `Check the second radio button`, but `Check out` is what a button says."""

_INTO = frozenset({"in", "into", "to", "on", "for", "from", "onto", "at", "with", "using", "as"})
_NO_PURPOSE = frozenset({"link", "hyperlink", "button", "tab"})
"""What leads somewhere: `the link to Home`."""

_TILL_DONE = {("when", "done"), ("when", "finished"), ("when", "ready"), ("once", "done"), ("when", "you")}
_VALUE_FIRST = frozenset({Action.FILL, Action.TYPE, Action.SELECT, Action.UPLOAD, Action.PRESS})
_PREDICATES = frozenset(
    {
        "says", "say", "reads", "read", "shows", "show", "is", "are", "was", "be", "should", "must", "has",
        "have", "contains", "contain", "displays", "display", "equals", "equal", "matches", "match", "appears",
        "appear", "disappears", "disappear", "becomes", "become", "remains", "remain", "will", "can", "does",
        "doesn't", "isn't",
    }
)  # fmt: skip
_PURPOSE = frozenset({"to", "and", "so", "which", "that", "then", "by"})


def understand(instruction: str, action: Action, value: str = "") -> Phrase:
    """The element of an instruction that may be a whole sentence (`Enter the user name in the Username field`).

    Leaves out the verb, the value and the purpose, and of several clauses takes the one that has the act. Never fails:
    where it finds no structure, the words are the name.
    """
    act = act_of(_without_last(tokenize(instruction.strip().rstrip(".!")), value), action)
    found = f"for {act.about}" if act.about else act.place
    rest = _element_part(_without_verb(tokenize(in_plain_words(tokenize(act.said))), action), action)
    if act.about and rest.lower().removesuffix(" it") in (*PRONOUNS, ""):
        rest, found = _what_is_found(act.about), ""
    elif act.named_by_verb:
        rest = tokenize(act.said).items[0].text
    phrase = _loosely_read(rest, action) if rest else parse_phrase(instruction)
    phrase = _placed(phrase, found)
    if action is Action.SELECT and phrase.role_word == "list":
        phrase = replace(phrase, roles=(*phrase.roles, "combobox"))
    return replace(phrase, text=instruction)


def _what_is_found(about: str) -> str:
    """What `it` is: the link of `the link "Home"`; of `the mail by Ada`, a kind that we do not know, what says Ada."""
    there = parse_phrase(about)
    return about if there.role_word or there.exact else owner_of(tokenize(about))


def _placed(phrase: Phrase, found: str) -> Phrase:
    """The phrase with what another clause says of where it is: in a region, or at the thing that one finds first."""
    if not found:
        return phrase
    there = parse_phrase(f"x {found}")
    if found.lower().startswith("for "):
        there = parse_phrase(f"x in {found[4:]}")
        if not (there.section_kind or there.row):
            there = Phrase(row=owner_of(tokenize(found[4:])))
    keep = {name: value for name in _PLACE_FIELDS if (value := getattr(there, name)) and not getattr(phrase, name)}
    return replace(phrase, **keep)


_PLACE_FIELDS = ("section", "section_kind", "row", "near", "near_kind")


def _loosely_read(text: str, action: Action) -> Phrase:
    """The phrase of words that need not follow the grammar: whose a thing is, and a kind that stands in quotes."""
    text = f"a {text[4:]}" if text.lower().startswith("any ") else text
    phrase = parse_phrase(text)
    if phrase.row.endswith(("'s", "’s")):
        phrase = replace(phrase, row=phrase.row[:-2])
    if not (phrase.section or phrase.section_kind or phrase.row or phrase.near):
        readings = (_of_owner(parts, action) for parts in owned(tokenize(text)))
        phrase = next((reading for reading in readings if reading is not None), phrase)
    if phrase.role_word in CONTROLS and not phrase.exact and phrase.name.lower() in CONTROLS and phrase.name.islower():
        phrase = replace(phrase, name="")  # "the input textbox" says the kind twice
    if phrase.exact and phrase.role_word in ANY_KIND and (kind := _kind_called(phrase.name)):
        phrase = with_role(replace(phrase, name="", exact=False), kind)
    return replace(phrase, ordinal=1) if _means_any(text, phrase) else phrase


def _of_owner(parts: Owned, action: Action) -> Phrase | None:
    """`the delete icon`, Ada: what is meant stands in Ada's row; `the row`, Ada: the row itself. None where unsure.

    A kind alone is called as its owner: `the picture of "Blue mug"`.
    """
    thing, possessive = parse_phrase(parts.thing), parts.possessive
    if thing.role_word in ROWS and not thing.name:
        return replace(thing, name=parts.owner)
    alone = bool(thing.role_word) and not thing.name and not thing.ordinal
    named = bool(thing.name) and (bool(thing.role_word) or thing.exact)
    told = action in (Action.EXPECT, Action.WAIT_FOR) and parts.thing.lower() == f"the {thing.name}"
    fits = alone if possessive else (named or told or (alone and parts.described))
    if not fits and alone and not possessive:
        return replace(thing, name=parts.owner)
    return replace(thing, row=parts.owner) if fits else None


def _kind_called(name: str) -> str:
    """The kind of thing that a name in quotes is: of `a "checkbox" widget`, not of `the "Report" element`."""
    kind = singular(name.strip().lower())
    return "text field" if kind == "text" else kind if ROLE_WORDS.get(kind) else ""


def _means_any(text: str, phrase: Phrase) -> bool:
    """Whether it says a kind and that any of it will do: `click a button`."""
    first = text.split(maxsplit=1)[0].lower() if text.strip() else ""
    return first in ("a", "an", "any") and bool(phrase.roles) and not (phrase.name or phrase.ordinal or phrase.near)


def _without_last(tokens: Tokens, value: str) -> Tokens:
    """Without what the step types, where it ends the sentence: `Enter the username "ada"` names the username."""
    tokens = _part_with(tokens, value)
    last = tokens.items[-1] if value and len(tokens.items) > 2 else None
    typed = last is not None and last.quoted and last.text == value
    return tokenize(tokens.slice(0, len(tokens.items) - 1)) if typed else tokens


def _part_with(tokens: Tokens, value: str) -> Tokens:
    """Of several values in one sentence the part about this: `the password "x"` of `Enter the name "a" and the ...`."""
    quotes = [at for at, token in enumerate(tokens.items) if token.quoted]
    at = next((at for at in quotes if value and tokens.items[at].text == value), 0)
    start = next((i for i in range(at, 0, -1) if _joins(tokens.items[i - 1])), 0)
    listed = len(quotes) > 1 and (start or (at + 1 < len(tokens.items) and tokens.items[at + 1].word == "and"))
    return tokenize(tokens.slice(start, at + 1)) if at and listed and at - start > 1 else tokens


def _joins(token: Token) -> bool:
    return token.word == "and" or (token.quoted is False and token.text.endswith(","))


def _without_verb(tokens: Tokens, action: Action) -> Tokens:
    reader = Reader(tokens)
    start = 0
    while reader.word(start) in POLITE or (start == 0 and reader.words(0, 2) == ("the", "user")):
        start += 2 if reader.words(start, 2) == ("the", "user") else 1
    with_article = _VERBS_OF_A_THING.get(action, ())
    for verb in sorted((*_VERBS.get(action, ()), *with_article), key=len, reverse=True):
        words = tuple(verb.split())
        loose = verb in with_article and reader.word(start + len(words)) not in ARTICLES
        if not loose and reader.words(start, len(words)) == words and start + len(words) < len(reader.items):
            start += len(words)
            break
    return tokenize(tokens.slice(start, len(tokens.items)))


def _element_part(tokens: Tokens, action: Action) -> str:
    if action in (Action.EXPECT, Action.WAIT_FOR):
        return _subject(tokens)
    if action is Action.DRAG:
        return _before_words(tokens, frozenset({"to", "onto", "into"}))
    if action in _VALUE_FIRST and (found := _after_value(tokens, action)):
        return found
    return _without_purpose(tokens)


def _before_words(tokens: Tokens, stops: frozenset[str]) -> str:
    for at, token in enumerate(tokens.items):
        if at and token.word in stops:
            return tokens.slice(0, at)
    return tokens.source


def _subject(tokens: Tokens) -> str:
    """The part before the predicate; of `The page shows the Welcome message` the part behind it."""
    head = _before_words(tokens, _PREDICATES)
    if head.lower() in ("the page", "page", "it", "that", "the screen") and head != tokens.source:
        rest = tokens.source[len(head) :].split(maxsplit=1)
        return rest[1] if len(rest) > 1 else head
    return _before_words(tokenize(head), frozenset({"to"})) if parse_phrase(head).role_word == "" else head


def _after_value(tokens: Tokens, action: Action) -> str:
    """Of `the user name in the Username field` the part that names the field; empty when nothing does."""
    for at, token in enumerate(tokens.items[:-1]):
        if at and token.word in _INTO:
            head, rest = parse_phrase(tokens.slice(0, at)), _without_purpose(_tail(tokens, at + 1))
            if head.role_word in CONTROLS:
                return ""
            detour = any(t.word in _INTO for t in tokenize(parse_phrase(rest).name).items)
            told = token.word != "for" or _is_value(tokens.items[:at], head)
            if not detour and _names_control(rest, token.word, action, by_article=told):
                return rest
    return ""


def _tail(tokens: Tokens, at: int) -> Tokens:
    return tokenize(tokens.slice(at, len(tokens.items)))


def _is_value(said: Sequence[Token], read: Phrase) -> bool:
    """Whether words before `for the quantity` are what is typed: a number, something in quotes, no `password`."""
    return read.exact or any(c.isdigit() for token in said for c in token.text) or said[0].word not in ARTICLES


def _names_control(text: str, preposition: str, action: Action, *, by_article: bool) -> bool:
    phrase = parse_phrase(text)
    if phrase.role_word in CONTROLS or phrase.by != "name" or (action is Action.SELECT and phrase.role_word == "list"):
        return True
    place = phrase.role_word in SECTION_KINDS or text.lower().removeprefix("the ") in LANDMARKS
    named = text.lower().startswith("the ") and by_article
    return not place and (phrase.exact or preposition == "into" or named)


def _without_purpose(tokens: Tokens) -> str:
    """The phrase without what follows its role word: `the Log in button to continue`, `the E-mail field with "x"`."""
    reader = Reader(tokens)
    for at in range(1, len(tokens.items)):
        stop = reader.word(at)
        if reader.words(at, 2) in _TILL_DONE:
            return tokens.slice(0, at)
        role, _ = reader.role_before(0, at)
        if (role in CONTROLS or role == "icon") and (
            stop in _PURPOSE or (stop in ("with", "as") and named_by(reader, at) is None)
        ):
            bare_link = stop == "to" and role in _NO_PURPOSE and reader.role_before(0, at)[1] >= at - 1
            if not (bare_link and _leads_somewhere(reader, at + 1)):
                return tokens.slice(0, at)
    return tokens.source


def _leads_somewhere(reader: Reader, at: int) -> bool:
    """Whether what follows `to` is a place (`the link to the imprint`) and no deed (`the button to open the menu`)."""
    if at >= len(reader.items):
        return True
    return reader.word(at) in ARTICLES or not reader.items[at].text[:1].islower() or at + 1 == len(reader.items)
