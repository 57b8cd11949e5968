"""Plain sentences to steps, by a fixed grammar (grammar.py) and never by a guess.

Every rule is tried on the whole sentence. One meaning: that is the step. None, or two: a SentenceError.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache

from tierwright.core.errors import UsageError
from tierwright.core.phrases import read_phrase
from tierwright.core.quoting import Token, Tokens, quote, tokenize
from tierwright.core.steps import Action, Origin, Step
from tierwright.testfiles.grammar import RULES, Rule
from tierwright.testfiles.keys import KEY_NAMES, canonical_key

LONGEST_SENTENCE = 2000
"""Characters. A longer text is not a sentence; a long value belongs into a step with keys."""

MOST_WORDS = 60
"""Words of a sentence, a quoted text being one: every way to cut them up is tried."""


class SentenceError(UsageError):
    """A sentence that is not understood, or is understood two ways. `column` counts from 1 in the sentence."""

    def __init__(self, message: str, column: int = 1, how: str = "", nearest: str = "") -> None:
        hints = [f"did you mean {nearest!r}?"] if nearest else []
        hints += [f"write: {how}"] if how else []
        super().__init__("; ".join((message, *hints)))
        self.message = message
        self.column = column
        self.how = how
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class _Slot:
    """What a slot of a pattern took."""

    name: str
    text: str


_Slots = tuple[_Slot, ...]


@dataclass(slots=True)
class _Trace:
    """How far the rules came, for the error message: the furthest token, why it stopped there, and the rules."""

    at: int = -1
    why: str = ""
    rules: tuple[Rule, ...] = ()

    def note(self, at: int, rule: Rule, why: str = "") -> None:
        if at > self.at:
            self.at, self.why, self.rules = at, why, (rule,)
        elif at == self.at:
            self.why = self.why or why
            self.rules += () if rule in self.rules else (rule,)


def compile_sentence(text: str) -> Step:
    """The step a sentence means. Raises SentenceError for what the grammar does not understand, or in two ways."""
    tokens = _tokens(text)
    body, described = _split_description(tokens)
    trace = _Trace()
    found: list[tuple[Step, Rule]] = []
    for rule in RULES:
        for slots in _matches(rule, body, trace):
            step = _step(rule, slots)
            if step not in [other for other, _ in found]:
                found.append((step, rule))
    if not found:
        raise _not_understood(body, trace)
    if len(found) > 1:
        raise _two_ways(found)
    return replace(_describe(found[0][0], described, text), origin=Origin(sentence=text))


def _tokens(text: str) -> Tokens:
    if not text.strip():
        raise SentenceError("the sentence is empty", how='Click the "Save" button')
    if len(text) > LONGEST_SENTENCE and not tokenize(text[:LONGEST_SENTENCE]).unclosed >= 0:
        raise SentenceError(f"the sentence is longer than {LONGEST_SENTENCE} characters")
    tokens = tokenize(text)
    if tokens.unclosed >= 0:
        message = "a quote is opened here and never closed"
        raise SentenceError(message, tokens.unclosed + 1, 'Click the "Save" button (\\" is a quote inside quotes)')
    if len(tokens.items) > MOST_WORDS:
        raise SentenceError(f"the sentence has more than {MOST_WORDS} words", tokens.items[MOST_WORDS].start + 1)
    return _without_start(_without_period(tokens))


def _without_period(tokens: Tokens) -> Tokens:
    last = tokens.items[-1]
    if last.quoted or not last.text.endswith(".") or last.text.endswith(".."):
        return tokens
    trimmed = replace(last, text=last.text[:-1], end=last.end - 1)
    return replace(tokens, items=(*tokens.items[:-1], *([trimmed] if trimmed.text else [])))


def _without_start(tokens: Tokens) -> Tokens:
    """Without a leading `I`, which means nothing."""
    first = tokens.items[0] if tokens.items else None
    return replace(tokens, items=tokens.items[1:]) if first and first.word == "i" and tokens.items[1:] else tokens


def _split_description(tokens: Tokens) -> tuple[Tokens, str]:
    """Take `, described as "…"` off the end of a sentence that names no element."""
    items = tokens.items
    if len(items) < 4 or not items[-1].quoted or [t.word for t in items[-3:-1]] != ["described", "as"]:
        return tokens, ""
    before = items[-4]
    if before.quoted or not before.text.endswith(","):
        return tokens, ""
    shortened = replace(before, text=before.text[:-1], end=before.end - 1)
    return replace(tokens, items=(*items[:-4], *([shortened] if shortened.text else []))), items[-1].text


_ABOUT_ELEMENT = frozenset({Action.PRESS, Action.SCROLL, Action.SCREENSHOT})
"""With an instruction these are about an element, so none may be added to a sentence without one."""


def _describe(step: Step, described: str, text: str) -> Step:
    if described and step.instruction:
        raise SentenceError(
            "the element is described twice", len(text) - len(described), how='leave out ", described as"'
        )
    if described and step.action in _ABOUT_ELEMENT:
        raise SentenceError(f"this {step.action} step is about the page; leave the description out")
    return replace(step, instruction=described) if described else step


# --- matching -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """One place of a pattern: words, any of which fits, or a slot."""

    words: frozenset[str] = frozenset()
    slot: str = ""
    optional: bool = False


@cache
def _parts(pattern: str) -> tuple[_Part, ...]:
    parts = []
    for written in pattern.split():
        optional = written.startswith("[")
        bare = written.strip("[]")
        if bare.startswith("{"):
            parts.append(_Part(slot=bare.strip("{}")))
        else:
            parts.append(_Part(words=frozenset(bare.split("|")), optional=optional))
    return tuple(parts)


def _matches(rule: Rule, tokens: Tokens, trace: _Trace) -> Iterator[_Slots]:
    for pattern in rule.patterns:
        parts = _parts(pattern)
        if not parts[0].slot or any(token.word in parts[1].words for token in tokens.items):
            yield from _match(rule, parts, tokens, 0, trace)


def _match(rule: Rule, parts: tuple[_Part, ...], tokens: Tokens, at: int, trace: _Trace) -> Iterator[_Slots]:
    if not parts:
        if at == len(tokens.items):
            yield ()
        else:
            trace.note(at, rule)
        return
    part, rest = parts[0], parts[1:]
    if part.slot:
        yield from _match_slot(rule, part.slot, rest, tokens, at, trace)
        return
    if at < len(tokens.items) and tokens.items[at].word in part.words:
        yield from _match(rule, rest, tokens, at + 1, trace)
    elif at and not part.optional:
        trace.note(at, rule)
    if part.optional:
        yield from _match(rule, rest, tokens, at, trace)


def _match_slot(
    rule: Rule, slot: str, rest: tuple[_Part, ...], tokens: Tokens, at: int, trace: _Trace
) -> Iterator[_Slots]:
    longest = {"element": None, "target": None, "files": None, "key": 4}.get(slot, 1)
    last = len(tokens.items) if longest is None else min(len(tokens.items), at + longest)
    if at >= len(tokens.items):
        trace.note(at, rule)
    first_end = last if longest is None and not rest else at + 1  # what ends a sentence takes all that is left
    for end in range(max(first_end, at + 1), last + 1):
        text, why = _take(slot, tokens, at, end, first=at == 0)
        if why:
            trace.note(at, rule, why)
        if text is not None:
            for slots in _match(rule, rest, tokens, end, trace):
                yield (_Slot(slot, text), *slots)


_Taken = tuple[str | None, str]
"""The text a slot takes, or None; and why not, where there is something to say."""


def _take(slot: str, tokens: Tokens, at: int, end: int, *, first: bool) -> _Taken:
    token = tokens.items[at]
    match slot:
        case "element" | "target":
            return _element(tokens, at, end, first=first)
        case "files":
            return _files(tokens.items[at:end])
        case "key":
            return _key(tokens, at, end)
        case "address" | "url":
            return _address(token, strict=slot == "url")
        case _:
            return _text(slot, token)


def _text(slot: str, token: Token) -> _Taken:
    bare = {"value": _is_number(token) or _is_variable(token), "number": _is_number(token) or _is_variable(token)}
    if bare.get(slot, False) or (token.quoted and slot != "number"):
        return token.text, ""
    return None, "" if slot == "number" else "the text must be in quotes here"


def _is_number(token: Token) -> bool:
    return not token.quoted and token.text.lstrip("-").replace(".", "", 1).isdecimal() and token.text.isascii()


def _is_variable(token: Token) -> bool:
    return not token.quoted and token.text.startswith("{{") and token.text.endswith("}}")


def _address(token: Token, *, strict: bool) -> _Taken:
    looks = any(sign in token.text for sign in ("/", "{{", "://")) or token.text.startswith(("about:", "data:"))
    if looks or (token.quoted and not strict):
        return token.text, ""
    return None, f"{quote(token.text)} is not an address"


def _key(tokens: Tokens, at: int, end: int) -> _Taken:
    if any(token.quoted for token in tokens.items[at:end]) and end > at + 1:
        return None, ""
    written = tokens.items[at].text if end == at + 1 else tokens.slice(at, end)
    key = canonical_key(written)
    if key is not None or end > at + 1:
        return key, ""
    nearest = get_close_matches(written, KEY_NAMES, 1, 0.6)
    return None, f"{quote(written)} is not a key" + (f" (did you mean {nearest[0]}?)" if nearest else "")


def _files(items: tuple[Token, ...]) -> _Taken:
    names = [t.text for t in items if t.quoted or _is_variable(t)]
    between = [t for t in items if not t.quoted and not _is_variable(t)]
    last_is_name = items[-1].quoted or _is_variable(items[-1])
    if names and last_is_name and all(t.text in (",", "and") for t in between):
        return "\n".join(names), ""
    return None, "" if names else "file names must be in quotes"


# --- elements -----------------------------------------------------------------------------------------------

_NO_START = frozenset(
    {
        "that", "if", "whether", "to", "no", "not", "and", "or", "then", "be", "in", "on", "into", "onto", "over",
        "with", "from", "by", "is", "are", "until", "for",
    }
)  # fmt: skip
_NO_WORD = frozenset(
    {
        "should", "must", "is", "are", "says", "contains", "matches", "reads", "appears", "disappears",
        "doesn't", "isn't", "aren't", "shouldn't", "don't",
    }
)  # fmt: skip
_AFTER_TO = frozenset(
    {"be", "appear", "disappear", "vanish", "exist", "say", "read", "contain", "include", "match", "have", "not", "see"}
)
_RESERVED = frozenset(
    {
        "the element described", "element described", "a download", "the download", "the page",
        "page", "the url", "the page url", "the address", "the page address",
        "the title", "the page title", "the top", "the bottom", "the top of the page", "the bottom of the page",
    }
)  # fmt: skip


@cache
def _verbs() -> tuple[str, ...]:
    """The words a sentence of the grammar may begin with."""
    firsts = (_parts(pattern)[0] for rule in RULES for pattern in rule.patterns)
    return tuple(sorted({word for part in firsts for word in part.words} - {"the", "am", "page"}))


def _element(tokens: Tokens, at: int, end: int, *, first: bool) -> _Taken:
    items = tokens.items[at:end]
    if _is_description(items):
        return items[-1].text or None, ""
    raw = tokens.slice(at, end)
    why = _not_an_element(items, raw, first=first) or read_phrase(raw).doubt
    return (None, why) if why else (raw, "")


def _is_description(items: tuple[Token, ...]) -> bool:
    words = [t.word for t in items]
    return words[:-1] in (["the", "element", "described", "as"], ["element", "described", "as"]) and items[-1].quoted


def _not_an_element(items: tuple[Token, ...], raw: str, *, first: bool) -> str:
    opening = items[0]
    lower = raw.lower()
    if lower in _RESERVED:
        return f"{quote(raw)} is not an element"
    if not opening.quoted and (opening.text in _NO_START or _is_number(opening)):
        return f"{quote(opening.text)} cannot begin the name of an element; put the name in quotes"
    if first and opening.word in _verbs():
        return f"{quote(opening.text)} may be a verb or a name; put the name in quotes"
    return _loose_words(items)


def _loose_words(items: tuple[Token, ...]) -> str:
    """Words outside quotes that may be part of the sentence or of the name."""
    for before, token in zip((None, *items), items, strict=False):
        if token.word in _NO_WORD:
            return f"{quote(token.text)} may belong to the name or not; put the name in quotes"
        if before and before.word == "to" and token.word in _AFTER_TO:
            return f"{quote(f'to {token.text}')} may belong to the name or not; put the name in quotes"
        if before and before.word in ("and", "then") and token.word in _verbs():
            return (
                f"{quote(f'{before.text} {token.text}')} may be a second step or part of the name; put names in quotes"
            )
    if items[-1].word == "to":
        return '"to" cannot end the name of an element; put the name in quotes'
    return ""


# --- steps --------------------------------------------------------------------------------------------------


def _step(rule: Rule, slots: _Slots) -> Step:
    taken = {slot.name: slot.text for slot in slots}
    value = next((taken[name] for name in ("value", "address", "url", "number") if name in taken), rule.value)
    return Step(
        action=rule.action,
        instruction=taken.get("element", ""),
        value=value,
        condition=rule.condition,
        attribute=taken.get("attribute"),
        key=taken.get("key"),
        target=taken.get("target"),
        files=tuple(taken["files"].split("\n")) if "files" in taken else (),
    )


def _not_understood(tokens: Tokens, trace: _Trace) -> SentenceError:
    items = tokens.items
    if trace.at < 0 or not items:
        return _unknown_verb(items[0] if items else None)
    start = items[0]
    at = min(trace.at, len(items) - 1)
    column = items[at].start + 1 if trace.at < len(items) else items[-1].end + 1
    hows = tuple(dict.fromkeys(rule.how for rule in trace.rules))
    message = trace.why or _stopped(start, items[at] if trace.at < len(items) else None)
    return SentenceError(message, column, " or: ".join(hows[:3]))


def _stopped(start: Token, at: Token | None) -> str:
    if at is None:
        return "the sentence ends too early"
    if at is start:
        return f"a sentence cannot begin with {quote(at.text)}"
    return f"{quote(at.text)} is not understood here"


def _unknown_verb(first: Token | None) -> SentenceError:
    word = first.text if first else ""
    nearest = get_close_matches(word.lower(), _verbs(), 1, 0.6)
    how = next((r.how for r in RULES if nearest and nearest[0] in _parts(r.patterns[0])[0].words), "")
    message = f"{quote(word)} is not a verb the grammar knows"
    return SentenceError(message, (first.start + 1) if first else 1, how, nearest[0] if nearest else "")


def _two_ways(found: list[tuple[Step, Rule]]) -> SentenceError:
    meanings = [_meaning(step) for step, _ in found[:2]]
    return SentenceError(f"this can be understood two ways: {meanings[0]}, or {meanings[1]}; put names in quotes")


def _meaning(step: Step) -> str:
    said = (step.condition and f"{step.action} {step.condition}") or str(step.action)
    parts = (("element", step.instruction), ("value", step.value), ("key", step.key), ("target", step.target))
    return " ".join((said, *(f"{name}={quote(text)}" for name, text in parts if text)))
