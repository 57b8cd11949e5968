"""Keeps the files of a test within a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def outside(paths: Sequence[Path], folder: Path) -> bool:
    """Whether any of some paths leads out of a folder, links followed; looks at the disk."""
    root = folder.resolve()
    return any(not path.resolve().is_relative_to(root) for path in paths)


def leads_out(written: str) -> bool:
    """Whether a path, as it is written, is absolute or climbs out of the folder that it begins in."""
    parts = written.replace("\\", "/").split("/")
    return parts[0] == "" or parts[0].endswith(":") or ".." in parts
