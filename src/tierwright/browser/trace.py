"""Playwright traces of runs, with what was typed in secret taken out of every entry of the archive."""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.async_api import BrowserContext, Error

from tierwright.core.config import TraceMode
from tierwright.core.variables import MASK
from tierwright.core.written import base64_forms

STOP_SECONDS = 30.0
SHORTEST_SECRET = 3
"""A shorter secret is replaced only where it is a whole value: inside other texts it would hit everything."""

_JSON_LINES = (".trace", ".network", ".stacks")


def is_kept(mode: TraceMode, *, failed: bool) -> bool:
    """Whether a run that ended this way keeps its trace."""
    return mode is TraceMode.ON or (mode is TraceMode.RETAIN_ON_FAILURE and failed)


@dataclass(frozen=True, slots=True)
class TraceRecorder:
    """Records one run's trace. With `secrets` it takes no pictures, and rewrites them in what it keeps."""

    context: BrowserContext
    mode: TraceMode
    secrets: tuple[str, ...] = ()

    async def start(self, title: str) -> None:
        """Begin to record, before the first step."""
        if self.mode is not TraceMode.OFF:
            await self.context.tracing.start(title=title, screenshots=not self.secrets, snapshots=True, sources=False)

    async def stop(self, file: Path, *, failed: bool) -> Path | None:
        """End the recording and write it to a file; None when it is not kept or the browser can no longer give it."""
        if self.mode is TraceMode.OFF:
            return None
        with contextlib.suppress(Error, TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                if is_kept(self.mode, failed=failed):
                    return await self._keep(file)
                await self.context.tracing.stop()
        return None

    async def _keep(self, file: Path) -> Path:
        """The raw archive only ever lies in a folder that nobody else may enter."""
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="tierwright-trace-"))
        try:
            raw = folder / "trace.zip"
            await self.context.tracing.stop(path=raw)
            if self.secrets:
                await asyncio.to_thread(scrub, raw, self.secrets)
            await asyncio.to_thread(_move, raw, file)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return file


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target)


# --- scrubbing --------------------------------------------------------------------------------------------


def scrub(archive: Path, secrets: Sequence[str]) -> None:
    """Rewrite a trace archive in place, without its pictures of the page and with every form of every secret masked."""
    scrubber = Scrubber.of(secrets)
    rebuilt = archive.with_name(archive.name + ".scrubbed")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(rebuilt, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if not _is_picture(entry.filename):
                new.writestr(entry.filename, scrubber.entry(entry.filename, old.read(entry)))
    rebuilt.replace(archive)


def _is_picture(name: str) -> bool:
    """Whether an entry is a frame of the film strip (`resources/page@...-123.jpeg`)."""
    return name.startswith("resources/page@") and name.endswith((".jpeg", ".jpg", ".png", ".webp"))


@dataclass(frozen=True, slots=True)
class Scrubber:
    """Masks secrets in the entries of a trace, in every form in which they may stand there."""

    secrets: frozenset[str]
    in_text: re.Pattern[str]
    in_bytes: re.Pattern[bytes]

    @classmethod
    def of(cls, secrets: Sequence[str]) -> Scrubber:
        """A scrubber for these secrets; empty ones are none."""
        longest_first = sorted({s for s in secrets if s}, key=lambda s: (-len(s), s))
        patterns = [p for secret in longest_first if len(secret) >= SHORTEST_SECRET for p in _patterns(secret)]
        pattern = "|".join(patterns) or r"(?!)"
        return cls(frozenset(longest_first), re.compile(pattern), re.compile(pattern.encode(errors="surrogatepass")))

    def entry(self, name: str, content: bytes) -> bytes:
        """The content of an entry with its secrets masked. Playwright's own files stay valid JSON, line by line."""
        if name.endswith(_JSON_LINES):
            return b"\n".join(self._line(line) for line in content.split(b"\n"))
        return self.raw(content)

    def raw(self, content: bytes) -> bytes:
        """Any bytes with the secrets masked."""
        return self.in_bytes.sub(MASK.encode(), content)

    def text(self, text: str) -> str:
        """A text with the secrets masked."""
        return MASK if text in self.secrets else self.in_text.sub(MASK, text)

    def _line(self, line: bytes) -> bytes:
        """One line of JSON; its numbers and its own keys are Playwright's and stay as they are."""
        try:
            value = json.loads(line)
        except ValueError:
            return self.raw(line)
        if _is_film_strip(value):
            return b""
        return json.dumps(self._value(value), ensure_ascii=False, separators=(",", ":")).encode()

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self._value(v) for v in value]
        if isinstance(value, dict):
            return {k: self._value(v) for k, v in value.items()}
        return value


def _is_film_strip(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == "screencast-frame"


def _patterns(secret: str) -> Iterator[str]:
    """Regular expressions for the secret: character by character in any writing, and as base64."""
    yield "".join(f"(?:{'|'.join(map(re.escape, _ways_to_write(c)))})" for c in secret)
    yield from map(re.escape, base64_forms(secret))


def _ways_to_write(character: str) -> list[str]:
    """A character plain and as URLs, HTML and JSON (once, and as a string in JSON) write it, the longest first."""
    once = {json.dumps(character, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    once |= {f"\\u{ord(character):04x}"} if ord(character) < 0x10000 else set()
    ways = {character, quote(character, safe="", errors="replace"), html.escape(character), *once}
    ways |= {f"%{byte:02X}" for byte in character.encode()} if character.isascii() else set()
    ways |= {json.dumps(way, ensure_ascii=False)[1:-1] for way in once}
    ways |= {f"&#{ord(character)};", f"&#x{ord(character):x};", *_NAMED.get(character, ())}
    ways |= {way.lower() for way in ways if way[0] in "%\\&"} | {way.upper() for way in ways if way[0] == "%"}
    return sorted(ways, key=lambda way: (-len(way), way))


_NAMED = {" ": ("+",), "'": ("&apos;",), "/": ("\\/", "\\\\/"), "\u00a0": ("&nbsp;",)}
