"""Reports reach their file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TextIO

from tierwright.core.config import STDOUT


def write_report(text: str, file: Path, stdout: TextIO) -> None:
    """Write to the file, or to `stdout` for `-`. Raises OSError; a report that was there before stays then."""
    if file == STDOUT:
        stdout.write(text if text.endswith("\n") else text + "\n")
        stdout.flush()
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    _replace(file, text.encode("utf-8", errors="replace"))


def _replace(file: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as draft:
            draft.write(content)
        # mkstemp makes files that only their owner can read; a report is for others too.
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
