"""How a secret may stand in texts that something else made: as URLs, HTML, JSON and base64 write it."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

_SHORTEST_BASE64 = 4


def escaped_forms(value: str) -> tuple[str, ...]:
    """What JSON, HTML and addresses make of a value."""
    return (
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        html.escape(value),
        quote(value, errors="replace"),
        quote(value, safe="", errors="replace"),
        quote_plus(value, errors="replace"),
    )


def base64_forms(value: str) -> Iterator[str]:
    """What base64 makes of a value at each of the three places it may begin in a longer text."""
    plain = value.encode(errors="replace")
    for before in range(3):
        first = -(-before * 8 // 6)
        last = (before + len(plain)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            core = encode(b"\0" * before + plain + b"\0\0").decode()[first:last]
            if len(core) >= _SHORTEST_BASE64:
                yield core
