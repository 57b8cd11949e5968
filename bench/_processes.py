"""Which processes a command started, and what memory they hold, read from /proc (Linux)."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MARK = "TIERWRIGHT_BENCH"


@dataclass(frozen=True, slots=True)
class Memory:
    """What one process holds, in MiB: its own pages and its share of shared ones (PSS), and all it maps (RSS)."""

    kind: str
    pss: float
    rss: float


def marked_environment() -> tuple[str, Mapping[str, str]]:
    """A mark, and an environment that carries it to everything a command starts."""
    mark = uuid.uuid4().hex
    return mark, {**os.environ, MARK: mark}


def memories(mark: str) -> Iterator[Memory]:
    """Every living process with this mark, and every child of one: Chromium's own helpers forget their environment."""
    parents = dict(_parents())
    ours = {pid for pid in parents if _is_marked(pid, mark)}
    while found := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= found
    for pid in ours:
        memory = _memory(pid)
        if memory is not None:
            yield memory


def _parents() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        yield int(folder.name), int(after_name[1])


def _is_marked(pid: int, mark: str) -> bool:
    try:
        return f"{MARK}={mark}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _memory(pid: int) -> Memory | None:
    try:
        name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None  # it has ended since
    sizes = {words[0]: int(words[1]) / 1024 for line in lines[1:] if len(words := line.split()) >= 2}
    return Memory(_kind(name), sizes.get("Pss:", 0.0), sizes.get("Rss:", 0.0))


def _kind(name: str) -> str:
    """Which part of a run a process is, by its command's name."""
    if "chrom" in name or "headless" in name:
        return "browser"
    if "node" in name or name == "MainThread":
        return "Playwright's node"
    return "command"
