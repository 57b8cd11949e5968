"""The heads of HTTP/1 messages, as far as a proxy must understand them."""

from __future__ import annotations

from asyncio import IncompleteReadError, LimitOverrunError, StreamReader
from collections.abc import Iterable
from dataclasses import dataclass

HEAD_LIMIT = 256 * 1024
"""Bytes; cookies and long addresses fit."""

_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "proxy-authorization", "proxy-authenticate", "te", "trailer"}
)


class BadMessageError(Exception):
    """What came is no HTTP/1 message."""


@dataclass(frozen=True, slots=True)
class Head:
    """A start line in three words, and the headers in order."""

    words: tuple[str, str, str]
    headers: tuple[tuple[str, str], ...]

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key.lower() == name]

    def first(self, name: str) -> str:
        """The first value of a header; "" without one."""
        return next(iter(self.all(name)), "")

    @property
    def upgrades(self) -> bool:
        """Whether the message wants to leave HTTP."""
        wanted = [word.strip().lower() for value in self.all("connection") for word in value.split(",")]
        return "upgrade" in wanted and bool(self.first("upgrade"))

    def forwarded(self, words: Iterable[str], more: Iterable[tuple[str, str]], without: frozenset[str]) -> bytes:
        """The head as the next hop gets it: without what concerned this hop, and with these headers instead."""
        dropped = (_HOP | without | self._named_by_connection()) - ({"upgrade"} if self.upgrades else set())
        kept = [(key, value) for key, value in self.headers if key.lower() not in dropped]
        lines = [" ".join(words), *(f"{key}: {value}" for key, value in (*more, *kept))]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _named_by_connection(self) -> frozenset[str]:
        return frozenset(word.strip().lower() for value in self.all("connection") for word in value.split(","))

    def body_length(self) -> int | None:
        """Bytes of a request's body; None when it is chunked. Raises BadMessageError for a length with two meanings."""
        lengths, coding = set(self.all("content-length")), self.all("transfer-encoding")
        if coding:
            if lengths or [value.strip().lower() for value in coding] != ["chunked"]:
                raise BadMessageError("the body has no clear length")
            return None
        if len(lengths) > 1 or not all(text.isascii() and text.isdecimal() for text in lengths):
            raise BadMessageError("the body has no clear length")
        return int(lengths.pop()) if lengths else 0


async def read_head(reader: StreamReader) -> Head | None:
    """The next head; None when nothing comes any more. Raises BadMessageError."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except IncompleteReadError as error:
        if error.partial:
            raise BadMessageError("the message ended in its head") from error
        return None
    except LimitOverrunError as error:
        raise BadMessageError("the head is too long") from error
    return parse_head(raw)


def parse_head(raw: bytes) -> Head:
    """A head from its bytes. Raises BadMessageError."""
    start, *lines = raw.decode("latin-1")[:-4].split("\r\n")
    words = start.split(" ", 2)
    if len(words) < 2 or "\n" in start or "\r" in start or b"\0" in raw:
        raise BadMessageError("the start line is none")
    return Head((words[0], words[1], words[2] if len(words) == 3 else ""), tuple(_header(line) for line in lines))


def _header(line: str) -> tuple[str, str]:
    key, colon, value = line.partition(":")
    if not colon or not key or key != key.strip() or "\n" in line or "\r" in line:
        raise BadMessageError("a header is none")
    return key, value.strip()
