"""Which clause of a sentence has the act, and what the others are about: `Find the mail by Ada and click Delete`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tierwright.core.quoting import Token, Tokens
from tierwright.core.steps import Action

ARTICLES = frozenset({"the", "a", "an", "this", "that", "my", "your", "our", "its", "his", "her", "their"})
POLITE = frozenset({"please", "then", "now", "next", "and", "i", "we", "you", "user", "finally"})
PRONOUNS = frozenset({"it", "them", "him", "her", "that", "this", "one"})
_ACTS: dict[Action, tuple[str, ...]] = {
    Action.CLICK: ("click", "press", "tap", "push", "hit"),
    Action.DOUBLE_CLICK: ("double-click", "double click"),
    Action.RIGHT_CLICK: ("right-click", "right click"),
    Action.FILL: ("enter", "type", "fill", "write", "input", "put"),
    Action.TYPE: ("enter", "type", "fill", "write", "input", "put"),
    Action.CHECK: ("check", "tick"),
    Action.UNCHECK: ("uncheck", "untick"),
    Action.SELECT: ("select", "choose", "pick"),
    Action.HOVER: ("hover",),
    Action.FOCUS: ("focus",),
}
"""The verbs that say the act itself and nothing else; `open` and `close` may also be what a button is called."""

_GERUNDS = {Action.CLICK: ("clicking", "pressing", "tapping", "pushing", "hitting")}
_VIA = frozenset({"by", "via", "through", "using"})
_NAMING = frozenset({"open", "choose", "select", "follow", "expand"})
"""Verbs that name what they are done to: `Open the details by the Save button` is no press of Save."""
_WAYS = frozenset({"tab", "link", "button", "icon"})
_FINDING = (
    *("find", "locate", "look for", "search for", "go to", "navigate to", "scroll to", "scroll down to", "spot"),
    "identify",
)
_USING = ("use", "using")
_FRONTED = frozenset({"in", "inside", "within", "on", "for", "from", "under", "below", "above", "beside", "at"})
_JOINING = frozenset({"and", "then", "to", "afterwards"})
_ENDINGS = (",", ";", ".", ":")
_OF = frozenset({"of", "for", "by", "from", "named", "called", "with", "containing", "saying"})


@dataclass(frozen=True, slots=True)
class Act:
    """`said` is the clause that has the act, `place` what a clause before it says of where ("in the header").

    `about` is what a clause before it looks for: of `Find the mail by Ada and click Delete`, "the mail by Ada".
    `named_by_verb` says that the verb is what is meant by name: of `find her mail and delete it`, "delete".
    """

    said: str
    place: str = ""
    about: str = ""
    named_by_verb: bool = False


def act_of(tokens: Tokens, action: Action) -> Act:
    """The clause that has the act; the whole text where it begins with the act, or says it nowhere."""
    start = _first(tokens)
    if start >= len(tokens.items) or _verb(tokens, start, (*_ACTS.get(action, ()), *_USING)):
        return Act(tokens.source)
    by = _by_doing(tokens, action)
    if by:
        return Act(tokens.slice(by, len(tokens.items)))
    fronted = tokens.items[start].word in _FRONTED or tokens.items[start].word == "next"
    at = next((i for i in range(start + 1, len(tokens.items)) if _begins_act(tokens, i, action, fronted)), 0)
    finding = _verb(tokens, start, _FINDING)
    named_by_verb = False
    if not at and finding and action is Action.CLICK:
        at = _what_is_done_with_it(tokens)
        named_by_verb = bool(at)
    if not at:
        return Act(tokens.source)
    said, before = tokens.slice(at, len(tokens.items)), _without_joint(tokens, at)
    if finding:
        return Act(said, about=_plain(tokens, start + finding, before), named_by_verb=named_by_verb)
    return Act(said, place=_plain(tokens, start, before) if fronted else "")


def _first(tokens: Tokens) -> int:
    start = 0
    while start < len(tokens.items) and tokens.items[start].word in POLITE:
        if tokens.items[start].word == "next" and _words(tokens, start, 2) == ("next", "to"):
            break
        start += 1
    return start


def _words(tokens: Tokens, at: int, count: int) -> tuple[str, ...]:
    return tuple(token.word for token in tokens.items[at : at + count])


def _verb(tokens: Tokens, at: int, verbs: Sequence[str]) -> int:
    """How many words the longest of these verbs has that stands here; 0 for none."""
    lengths = (len(words) for words in map(str.split, verbs) if _words(tokens, at, len(words)) == tuple(words))
    return max(lengths, default=0)


def _begins_act(tokens: Tokens, at: int, action: Action, fronted: bool) -> bool:
    """Whether a clause begins here; behind `In the header` it needs no comma."""
    before = tokens.items[at - 1]
    joined = fronted or before.word in _JOINING or (not before.quoted and before.text.endswith(_ENDINGS))
    return joined and at + 1 < len(tokens.items) and bool(_verb(tokens, at, _ACTS.get(action, ())))


def _by_doing(tokens: Tokens, action: Action) -> int:
    """Where the element begins in `Close the dialog by clicking on the "x"`; 0 where nothing is said so."""
    for at in range(1, len(tokens.items) - 1):
        if tokens.items[at - 1].word == "by" and tokens.items[at].word in _GERUNDS.get(action, ()):
            element = at + 2 if tokens.items[at + 1].word == "on" else at + 1
            return element if element < len(tokens.items) else 0
    return _by_control(tokens) if action is Action.CLICK else 0


def _by_control(tokens: Tokens) -> int:
    """Where the element begins in `Go back to the list by the List tab`; 0 where no control ends it."""
    if tokens.items[-1].word not in _WAYS or tokens.items[_first(tokens)].word in _NAMING:
        return 0
    places = range(1, len(tokens.items) - 2)
    by = (at for at in places if tokens.items[at].word in _VIA and tokens.items[at + 1].word in ARTICLES)
    return next((at + 1 for at in by), 0)


def _what_is_done_with_it(tokens: Tokens) -> int:
    """Where the clause begins that does something with what was found: `and delete it`; 0 for none."""
    at = len(tokens.items) - 2
    found = at > 1 and tokens.items[-1].word in PRONOUNS and tokens.items[at - 1].word in _JOINING
    return at if found and tokens.items[at].word else 0


def _without_joint(tokens: Tokens, at: int) -> int:
    """Where the clause before this one ends, without what joins both."""
    while at and (tokens.items[at - 1].word in _JOINING or tokens.items[at - 1].word in ("find", ",")):
        at -= 1
    return at


def _plain(tokens: Tokens, start: int, end: int) -> str:
    return tokens.slice(start, end).rstrip("".join(_ENDINGS))


def owner_of(tokens: Tokens) -> str:
    """Whose something is, of a description: Ada of `the mail by Ada`, `the user Ada`, `Ada's mail`."""
    items = tokens.items
    if items and _possessor(items[0]):
        return _possessor(items[0])
    for at in range(len(items) - 1, 0, -1):
        if items[at - 1].word in _OF:
            return _name_in(tokens, at)
    return _name_in(tokens, 0)


def _possessor(token: Token) -> str:
    """The name in front of an apostrophe and an s; "" for none."""
    bare = token.text.replace("’", "'")
    return "" if token.quoted or not bare.endswith("'s") or bare.lower() in _CONTRACTIONS else bare[:-2]


_CONTRACTIONS = frozenset({"what's", "it's", "let's", "that's", "there's", "here's", "who's", "how's", "where's"})


def _name_in(tokens: Tokens, at: int) -> str:
    """What is named: the first quoted text, else the words from the first that is no ordinary word, else all."""
    items = tokens.items
    while at < len(items) and items[at].word in ARTICLES:
        at += 1
    for place in range(at, len(items)):
        if items[place].quoted:
            return items[place].text
    first = next((i for i in range(at, len(items)) if not items[i].text[:1].islower()), at)
    return tokens.slice(first, len(items)).rstrip("".join(_ENDINGS))


@dataclass(frozen=True, slots=True)
class Owned:
    """A thing and whose it is: `the delete icon`, "Ada".

    `possessive`: said as `Ada's row`. `described`: said of which kind the owner is, `the button for the user Ada`.
    """

    thing: str
    owner: str
    possessive: bool = False
    described: bool = False


def owned(tokens: Tokens) -> Iterator[Owned]:
    """Every way to cut `the delete icon for the user Ada` or `Ada's row` in two where a name ends it, from the left."""
    items = tokens.items
    start = 1 if items and items[0].word in ARTICLES else 0
    if start + 1 < len(items) and _possessor(items[start]):
        yield Owned(f"the {tokens.slice(start + 1, len(items))}", _possessor(items[start]), possessive=True)
    for at in range(start + 2, len(items)):
        link, thing = items[at - 1].word, tokens.slice(0, at - 1)
        if link in ("in", "on", "of") and _possessor(items[at]):
            yield Owned(thing, _possessor(items[at]), described=True)
        elif link in ("of", "for", "by", "from") and _is_name(items[at:]):
            owner = _name_in(tokens, at)
            yield Owned(thing, owner, described=not _begins_with(tokens, at, owner))


def _begins_with(tokens: Tokens, at: int, name: str) -> bool:
    """Whether the name is all that stands here, but for an article."""
    at += tokens.items[at].word in ARTICLES
    return at < len(tokens.items) and (tokens.items[at].quoted or tokens.slice(at, len(tokens.items)) == name)


def _is_name(items: Sequence[Token]) -> bool:
    """Whether these words name one thing: the last is the only one in quotes, or one is a number or begins large."""
    if any(token.quoted for token in items):
        return items[-1].quoted and sum(token.quoted for token in items) == 1
    return any(not token.text[:1].islower() for token in items)


_SAYING = {
    ("that", "says"): "named",
    ("that", "reads"): "named",
    ("which", "says"): "named",
    ("which", "reads"): "named",
    ("that", "is", "called"): "named",
    ("that", "is", "named"): "named",
    ("that", "is", "labelled"): "labelled",
    ("that", "is", "labeled"): "labelled",
    ("except",): "not",
    ("except", "for"): "not",
    ("besides",): "not",
    ("excluding",): "not",
    ("other", "than"): "not",
    ("apart", "from"): "not",
    ("that", "is", "not"): "not",
    ("which", "is", "not"): "not",
    ("that", "isn't"): "not",
}
"""What people say for a word of the grammar; `not` only before a quoted text."""

_EQUALLING = frozenset({"is", "are", "equals", "says", "reads", "=", "contains"})
_LONGEST = max(map(len, _SAYING))


def in_plain_words(tokens: Tokens) -> str:
    """The text with other ways to say the same brought to one: `the button that says OK` is the one named OK."""
    said: list[str] = []
    at = 0
    while at < len(tokens.items):
        word, at_next = _said_otherwise(tokens, at) if at else ("", at)
        said.append(word or tokens.slice(at, at + 1))
        at = at_next if word else at + 1
    return " ".join(said)


def _said_otherwise(tokens: Tokens, at: int) -> tuple[str, int]:
    for count in range(_LONGEST, 0, -1):
        word = _SAYING.get(_words(tokens, at, count), "")
        if not word:
            continue
        after = at + count
        if word == "not":
            after += tokens.items[after].word in ARTICLES if after < len(tokens.items) else 0
            if after >= len(tokens.items) or not tokens.items[after].quoted:
                continue
        return word, after
    if tokens.items[at].word in ("whose", "where"):
        equal = next((i for i in range(at + 1, len(tokens.items)) if tokens.items[i].word in _EQUALLING), 0)
        if equal and equal + 1 < len(tokens.items):
            return "of", equal + 1
    return "", at
