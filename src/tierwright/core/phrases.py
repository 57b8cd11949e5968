"""Phrases that name an element: `the second "Delete" button in the row of "Blue mug"` (healing.md, H-14).

`parse_phrase` reads any text and never fails. `read_phrase` reads the same way and also says what a strict reader
(the sentence grammar) must refuse. Whole sentences: core/instructions.py. Grammar: docs/test-files.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tierwright.core.clauses import ARTICLES
from tierwright.core.quoting import Token, Tokens, quote, tokenize
from tierwright.core.roles import (
    CONTROLS,
    LANDMARKS,
    LONGEST_ROLE_WORD,
    ROLE_WORDS,
    SECTION_KINDS,
    singular,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """What a phrase says about an element, and nothing it does not say.

    `name` is its name, `exact` whether it was quoted. `role_word` is the word used (`button`, `field`, `menu
    item`) and `roles` the ARIA roles it may stand for. `by` is how the name was given: `name`, or `label`,
    `placeholder`, `test id`, `title`, `alt` when the phrase says so (`the field labelled "E-mail"`). `ordinal`
    counts from 1, -1 is the last, 0 none given. `section` and `section_kind`: `in the "Billing" section` gives
    ("Billing", "section"), `in the header` ("", "header"). `row`: `in the row of "Ada"`. `near` and `near_kind`:
    `next to "Total"` gives ("Total", "next to"); kinds are `next to`, `above`, `below`. `not_words`: `not "Sign up"`.
    """

    text: str = ""
    name: str = ""
    exact: bool = False
    by: str = "name"
    role_word: str = ""
    roles: tuple[str, ...] = ()
    ordinal: int = 0
    section: str = ""
    section_kind: str = ""
    row: str = ""
    near: str = ""
    near_kind: str = ""
    not_words: tuple[str, ...] = ()

    @property
    def direct(self) -> bool:
        """Whether role and name (or label, placeholder, test id) alone say which element is meant."""
        located = self.section or self.section_kind or self.row or self.near or self.ordinal or self.not_words
        return bool(self.name) and not located and bool(self.roles or self.by != "name")


@dataclass(frozen=True, slots=True)
class Reading:
    """A phrase, and why a strict reader must refuse it; `doubt` is empty when there is no reason to."""

    phrase: Phrase
    doubt: str = ""


ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ORDINAL_VALUES: dict[str, int] = {
    **{word: at for at, word in enumerate(ORDINALS, 1)},
    **{f"{at}{'st' if at == 1 else 'nd' if at == 2 else 'rd' if at == 3 else 'th'}": at for at in range(1, 11)},
    "last": -1,
}
_NEAR = {
    ("next", "to"): "next to",
    ("right", "next", "to"): "next to",
    ("close", "to"): "next to",
    ("beside",): "next to",
    ("near",): "next to",
    ("above",): "above",
    ("over",): "above",
    ("below",): "below",
    ("under",): "below",
    ("underneath",): "below",
    ("beneath",): "below",
}
_INSIDE = frozenset({"in", "inside", "within", "on", "of", "from"})
_PLAIN_INSIDE = frozenset({"in", "inside", "within"})
_LABELLED = frozenset({"labelled", "labeled"})
_NAMED = frozenset({"named", "called"})
_WITH_BY = {
    ("label",): "label",
    ("placeholder",): "placeholder",
    ("placeholder", "text"): "placeholder",
    ("test", "id"): "test id",
    ("test-id",): "test id",
    ("testid",): "test id",
    ("data-testid",): "test id",
    ("title",): "title",
    ("tooltip",): "title",
    ("alt",): "alt",
    ("alt", "text"): "alt",
    ("name",): "name",
    ("text",): "name",
}
_WRITTEN_BY = {
    "label": "labelled",
    "placeholder": "with placeholder",
    "test id": "with test id",
    "title": "with title",
    "alt": "with alt text",
}
_ROW_LINKS = frozenset({"of", "for", "with", "containing", "named"})
_ROLE_LINKS = frozenset({"for", "to", "of", "named", "called", "saying"})


def parse_phrase(text: str) -> Phrase:
    """Read a phrase. Never fails: what it does not understand stays words in `name`."""
    return read_phrase(text).phrase


def read_phrase(text: str) -> Reading:
    """Read a phrase, and say what in it is not understood or can be understood two ways."""
    tokens = tokenize(text)
    reader = Reader(tokens)
    parts = tuple(_modifiers(reader))
    core_end = parts[0].start if parts else len(tokens.items)
    reading = _core(reader, core_end)
    for part in parts:
        reading = _with_modifier(reading, part)
    phrase = replace(reading.phrase, text=text)
    return Reading(phrase, reading.doubt or _doubt(reader, phrase, parts))


def render_phrase(phrase: Phrase) -> str:
    """Write a phrase so that `parse_phrase` reads the same; the parts come in one fixed order."""
    named = phrase.name if phrase.by == "name" else ""
    words = ["the"] if phrase.role_word or phrase.ordinal else []
    words += [_ordinal_word(phrase.ordinal)] if phrase.ordinal else []
    words += [quote(named) if phrase.exact else named] if named else []
    words += [phrase.role_word] if phrase.role_word else []
    if phrase.by != "name":
        words += [_WRITTEN_BY[phrase.by], quote(phrase.name) if phrase.exact else phrase.name]
    words += [_place(phrase)] if phrase.section or phrase.section_kind else []
    words += [f"in the row of {quote(phrase.row)}"] if phrase.row else []
    words += [f"{phrase.near_kind} {quote(phrase.near)}"] if phrase.near else []
    words += [f"not {quote(word)}" for word in phrase.not_words]
    return " ".join(words)


def _ordinal_word(ordinal: int) -> str:
    return "last" if ordinal == -1 else ORDINALS[ordinal - 1]


def _place(phrase: Phrase) -> str:
    if not phrase.section:
        return f"in the {phrase.section_kind}"
    if not phrase.section_kind:
        return f"in {quote(phrase.section)}"
    return f"in the {quote(phrase.section)} {phrase.section_kind}"


# --- words of a phrase --------------------------------------------------------------------------------------


class Reader:
    """Looks at the tokens of one phrase."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.items = tokens.items
        self.known: dict[int, _Modifier | None] = {}

    def word(self, at: int) -> str:
        """The word there as the grammar compares it; "" for quoted text and outside."""
        return self.items[at].word if 0 <= at < len(self.items) else ""

    def words(self, at: int, count: int) -> tuple[str, ...]:
        """So many words from there on."""
        return tuple(self.word(i) for i in range(at, at + count))

    def quoted(self, at: int) -> bool:
        """Whether a quoted text is there."""
        return 0 <= at < len(self.items) and self.items[at].quoted

    def skip_article(self, at: int) -> int:
        """Where what follows an article begins."""
        return at + 1 if self.word(at) in ARTICLES else at

    def role_at(self, at: int, end: int) -> tuple[str, int]:
        """The longest role word that starts here, in the singular, and how many words it has."""
        for count in range(min(LONGEST_ROLE_WORD, end - at), 0, -1):
            word = singular(" ".join(self.words(at, count)))
            if word in ROLE_WORDS:
                return word, count
        return "", 0

    def role_before(self, start: int, end: int) -> tuple[str, int]:
        """The longest role word that ends right before `end`."""
        for count in range(min(LONGEST_ROLE_WORD, end - start), 0, -1):
            word, length = self.role_at(end - count, end)
            if length == count:
                return word, count
        return "", 0


# --- modifiers: in, next to, labelled, not ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Modifier:
    """A part that follows the core: which field it sets, to what, and the tokens it covers (end exclusive)."""

    field: str
    value: str
    kind: str
    start: int
    end: int
    quoted: bool


def _modifiers(reader: Reader) -> Iterator[_Modifier]:
    at = 0
    while at < len(reader.items):
        found = _modifier(reader, at)
        if found is None:
            at += 1
        else:
            yield found
            at = found.end


def _modifier(reader: Reader, at: int) -> _Modifier | None:
    """The modifier that begins here. Remembered, for each one asks where those behind it begin."""
    if at not in reader.known:
        reader.known[at] = _read_modifier(reader, at)
    return reader.known[at]


def _read_modifier(reader: Reader, at: int) -> _Modifier | None:
    if reader.quoted(at) or not reader.word(at):
        return None
    found = _not(reader, at) or named_by(reader, at) or _near(reader, at) or _inside(reader, at)
    if found and at == 0 and not found.quoted and found.field not in ("section", "row"):
        return None  # "Next to nothing" is a name
    return found


def _not(reader: Reader, at: int) -> _Modifier | None:
    start = at + 1 if reader.word(at) == "but" else at
    if reader.word(start) != "not" or not reader.quoted(start + 1):
        return None
    return _Modifier("not_words", reader.items[start + 1].text, "", at, start + 2, quoted=True)


def named_by(reader: Reader, at: int) -> _Modifier | None:
    """The modifier that begins here and says what the element is called: `labelled "E-mail"`."""
    if reader.word(at) in _LABELLED:
        return _named(reader, "by", "label", at, at + 1)
    if reader.word(at) in _NAMED:
        return _named(reader, "by", "name", at, at + 1)
    if reader.word(at) != "with":
        return None
    start = reader.skip_article(at + 1)
    for count in (2, 1):
        if kind := _WITH_BY.get(reader.words(start, count)):
            return _named(reader, "by", kind, at, start + count)
    return None


def _near(reader: Reader, at: int) -> _Modifier | None:
    for count in (3, 2, 1):
        if kind := _NEAR.get(reader.words(at, count)):
            return _named(reader, "near", kind, at, at + count)
    return None


def _named(reader: Reader, field: str, kind: str, start: int, at: int) -> _Modifier | None:
    """A modifier whose name follows: quoted, perhaps with a role word about it, or words up to the next modifier."""
    after = reader.skip_article(at)
    _, before = reader.role_at(after, len(reader.items))
    quoted_at = after if reader.quoted(after) else after + before
    if reader.quoted(quoted_at):
        _, behind = reader.role_at(quoted_at + 1, len(reader.items))
        return _Modifier(field, reader.items[quoted_at].text, kind, start, quoted_at + 1 + behind, quoted=True)
    end = _end_of_words(reader, after)
    if end == after:
        return None
    return _Modifier(field, reader.tokens.slice(after, end), kind, start, end, quoted=False)


def _end_of_words(reader: Reader, at: int) -> int:
    end = at
    while end < len(reader.items) and not reader.quoted(end) and (end == at or _modifier(reader, end) is None):
        end += 1
    return end


def _inside(reader: Reader, at: int) -> _Modifier | None:
    if reader.word(at) not in _INSIDE:
        return None
    after = reader.skip_article(at + 1)
    return (
        _row(reader, at, after)
        or _quoted_place(reader, at, after)
        or _bare_place(reader, at, after)
        or _worded_place(reader, at, after)
    )


def _row(reader: Reader, start: int, at: int) -> _Modifier | None:
    if reader.quoted(at) and reader.word(at + 1) == "row":
        return _Modifier("row", reader.items[at].text, "", start, at + 2, quoted=True)
    if reader.word(at) != "row":
        return None
    if reader.quoted(at + 1):
        return _Modifier("row", reader.items[at + 1].text, "", start, at + 2, quoted=True)
    if reader.word(at + 1) in _ROW_LINKS:
        return _named(reader, "row", "", start, at + 2)
    return None


def _quoted_place(reader: Reader, start: int, at: int) -> _Modifier | None:
    kind = singular(reader.word(at))
    if kind in SECTION_KINDS:
        name = at + 2 if reader.word(at + 1) in _NAMED | _LABELLED else at + 1
        if reader.quoted(name):
            return _Modifier("section", reader.items[name].text, kind, start, name + 1, quoted=True)
    if not reader.quoted(at):
        return None
    kind = reader.word(at + 1)
    if kind in SECTION_KINDS:
        return _Modifier("section", reader.items[at].text, kind, start, at + 2, quoted=True)
    if reader.word(start) in _PLAIN_INSIDE:
        return _Modifier("section", reader.items[at].text, "", start, at + 1, quoted=True)
    return None


def _bare_place(reader: Reader, start: int, at: int) -> _Modifier | None:
    if at == start + 1:
        return None  # "Sign in form" names something; a place without a name needs its article
    for count in (2, 1):
        kind = LANDMARKS.get(" ".join(reader.words(at, count)), "")
        if count == 1 and not kind and reader.word(at) in SECTION_KINDS:
            kind = reader.word(at)
        if kind and _ends(reader, at + count):
            return _Modifier("section", "", kind, start, at + count, quoted=False)
    return None


def _worded_place(reader: Reader, start: int, at: int) -> _Modifier | None:
    if at == start + 1:
        return None
    for end in range(at + 1, min(at + 6, len(reader.items))):
        if reader.quoted(end) or _modifier(reader, end) is not None:
            return None
        kind = reader.word(end)
        if kind in SECTION_KINDS and _ends(reader, end + 1):
            field = "row" if kind == "row" else "section"
            return _Modifier(field, reader.tokens.slice(at, end), kind, start, end + 1, quoted=False)
    return None


def _ends(reader: Reader, at: int) -> bool:
    return at >= len(reader.items) or _modifier(reader, at) is not None


def _with_modifier(reading: Reading, part: _Modifier) -> Reading:
    phrase, doubt = reading.phrase, reading.doubt
    match part.field:
        case "not_words":
            return Reading(replace(phrase, not_words=(*phrase.not_words, part.value)), doubt)
        case "row":
            return Reading(replace(phrase, row=part.value), doubt or _twice(phrase.row, part))
        case "section":
            changed = replace(phrase, section=part.value, section_kind=part.kind)
            return Reading(changed, doubt or _twice(phrase.section + phrase.section_kind, part))
        case "near":
            changed = replace(phrase, near=part.value, near_kind=part.kind)
            return Reading(changed, doubt or _twice(phrase.near, part))
        case _:
            changed = replace(phrase, name=part.value, by=part.kind, exact=part.quoted)
            return Reading(changed, doubt or _twice(phrase.name, part))


def _twice(before: str, part: _Modifier) -> str:
    what = {"by": "name", "row": "row", "section": "place", "near": "neighbour"}[part.field]
    return f'the element is given a second {what}, "{part.value or part.kind}"' if before else ""


# --- the core: ordinal, name, role --------------------------------------------------------------------------


def _core(reader: Reader, end: int) -> Reading:
    start = reader.skip_article(0)
    article = start > 0
    ordinal = _ordinal(reader, start, end) if start < end else 0
    if ordinal:
        start += 1
    quotes = [at for at in range(start, end) if reader.quoted(at)]
    if quotes:
        reading = _quoted_core(reader, start, quotes[0], end)
    elif start < end:
        reading = Reading(_worded_core(reader, start, end, article=article or bool(ordinal)))
    else:
        reading = Reading(Phrase())
    return replace(reading, phrase=replace(reading.phrase, ordinal=ordinal))


def _ordinal(reader: Reader, at: int, end: int) -> int:
    if reader.quoted(at):
        return 0
    written = reader.items[at].text
    value = _ORDINAL_VALUES.get(written.lower(), 0)
    if not value or at + 1 >= end:
        return 0
    if reader.quoted(at + 1) or reader.role_at(at + 1, end)[1] == end - at - 1:
        return value
    meant = written.islower() and reader.word(at + 1) != "name"  # "First name" and "last name" are names of fields
    return value if meant else 0


def _quoted_core(reader: Reader, start: int, at: int, end: int) -> Reading:
    before_end = at - 1 if at - 1 > start and reader.word(at - 1) in _ROLE_LINKS else at
    role, count = reader.role_before(start, before_end)
    unknown = [*reader.items[start : before_end - count]]
    behind, length = reader.role_at(at + 1, end)
    unknown += reader.items[at + 1 + length : end]
    if behind and role:
        unknown += reader.items[before_end - count : before_end]
    phrase = with_role(Phrase(name=reader.items[at].text, exact=True), behind or role)
    doubt = f'what "{_written(unknown[0])}" says about the element is not understood' if unknown else ""
    return Reading(phrase, doubt)


def _written(token: Token) -> str:
    return token.text


def _worded_core(reader: Reader, start: int, end: int, *, article: bool) -> Phrase:
    role, count = reader.role_before(start, end)
    alone = count == end - start
    if role and (article or (role in CONTROLS and not alone) or (alone and reader.items[start].text.islower())):
        return with_role(Phrase(name=reader.tokens.slice(start, end - count)), role)
    role, count = reader.role_at(start, end)
    if role and _name_follows(reader, start, start + count, article=article):
        name = start + count + (1 if reader.word(start + count) in _ROLE_LINKS else 0)
        return with_role(Phrase(name=reader.tokens.slice(reader.skip_article(name), end)), role)
    return Phrase(name=reader.tokens.slice(start, end))


def _name_follows(reader: Reader, start: int, name: int, *, article: bool) -> bool:
    """Whether a role word at the start is one: `the link to Home`, `button Save`; `Table Tennis` is a name."""
    if not reader.items[start].text.islower():
        return False
    if reader.word(name) in _ROLE_LINKS and reader.word(name) != "of":
        return article and name + 1 < len(reader.items)
    return reader.items[name].text[:1].isupper()


def with_role(phrase: Phrase, role: str) -> Phrase:
    """The phrase with a role word and the roles it stands for, where one is given."""
    return replace(phrase, role_word=role, roles=ROLE_WORDS[role]) if role else phrase


def _doubt(reader: Reader, phrase: Phrase, parts: Sequence[_Modifier]) -> str:
    """What the words between and after the modifiers, and names without quotes, leave open."""
    if reader.tokens.unclosed >= 0:
        return "a quote is opened and never closed"
    loose = [part for part in parts if part.field == "near" and not part.quoted]
    if loose and phrase.name and not phrase.exact and not phrase.role_word:
        return f'"{loose[0].kind}" may belong to the name or say where the element is; put the name in quotes'
    covered = {at for part in parts for at in range(part.start, part.end)}
    behind = range(parts[0].start, len(reader.items)) if parts else range(0)
    strays = [reader.items[at].text for at in behind if at not in covered]
    return f'what "{strays[0]}" says about the element is not understood' if strays else ""
