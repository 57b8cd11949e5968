"""Text in quotes: how sentences and phrases are cut into words, and how any text is written so that it comes back."""

from __future__ import annotations

from dataclasses import dataclass

CLOSING = {'"': '"', "'": "'", "“": "”“", "„": "“”", "‘": "’", "«": "»"}
_BREAKS = frozenset('"“„«')  # end a word even without a space before them
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
_QUOTES = frozenset("\"'“”„‘’«»")
_AFTER_APOSTROPHE = frozenset(" \t\r\n.,;:!?)")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a quoted text. `start` and `end` are offsets in the source; `text` has quotes and escapes resolved."""

    text: str
    start: int
    end: int
    quoted: bool = False

    @property
    def word(self) -> str:
        """The word as the grammar compares it; empty for quoted text, which is never a word of the grammar."""
        return "" if self.quoted else self.text.lower().rstrip(",")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text cut into tokens. `unclosed` is the offset of a quote that is never closed, else -1."""

    source: str
    items: tuple[Token, ...]
    unclosed: int = -1

    def slice(self, start: int, end: int) -> str:
        """The source between two tokens (end exclusive), as written."""
        if start >= end:
            return ""
        return self.source[self.items[start].start : self.items[end - 1].end]


def tokenize(source: str) -> Tokens:
    """Cut a text into words and quoted texts. Never fails: a quote that is not closed is part of its word."""
    items: list[Token] = []
    unclosed = -1
    at = 0
    while at < len(source):
        if source[at].isspace():
            at += 1
            continue
        token = _quoted(source, at)
        if token is None:
            if source[at] in CLOSING and unclosed < 0:
                unclosed = at
            token = _word(source, at)
        items.append(token)
        at = token.end
    return Tokens(source, tuple(items), unclosed)


def _quoted(source: str, start: int) -> Token | None:
    closing = CLOSING.get(source[start])
    if closing is None:
        return None
    text: list[str] = []
    at = start + 1
    while at < len(source):
        char = source[at]
        if char == "\\" and at + 1 < len(source):
            text.append(_unescape(source[at + 1]))
            at += 2
        elif char in closing and _closes(source, at):
            return Token("".join(text), start, at + 1, quoted=True)
        else:
            text.append(char)
            at += 1
    return None


def _unescape(char: str) -> str:
    if char in _QUOTES:
        return char
    return _ESCAPES.get(char, f"\\{char}")  # so that a pattern such as "\d+" needs no second backslash


def _closes(source: str, at: int) -> bool:
    if source[at] not in "'’":
        return True
    return at + 1 == len(source) or source[at + 1] in _AFTER_APOSTROPHE


def _word(source: str, start: int) -> Token:
    if source.startswith("{{", start) and (close := source.find("}}", start)) > 0:
        return Token(source[start : close + 2], start, close + 2)
    at = start + 1
    while at < len(source) and not source[at].isspace() and source[at] not in _BREAKS:
        at += 1
    return Token(source[start:at], start, at)


def quote(text: str) -> str:
    """The text in double quotes, escaped so that `tokenize` gives it back, whatever it holds."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    for name, char in (("n", "\n"), ("t", "\t"), ("r", "\r")):
        escaped = escaped.replace(char, f"\\{name}")
    return f'"{escaped}"'
