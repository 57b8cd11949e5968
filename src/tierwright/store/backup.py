"""A copy of an SQLite state while others use it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tierwright.core.errors import MachineryError, UsageError


def back_up(database_file: Path, to: Path) -> int:
    """Copy a database as it is at one moment, writers or not; returns the bytes of the copy.

    The copy appears whole or not at all. Raises UsageError for a file that is there already, MachineryError when the
    copy cannot be made or is damaged.
    """
    if to.exists():
        raise UsageError(f"{to} is there already; name another file, or move it away")
    unfinished = to.with_name(f".{to.name}.unfinished")
    try:
        reading = sqlite3.connect(f"file:{database_file}?mode=ro", uri=True)
        with closing(reading) as source, closing(sqlite3.connect(unfinished)) as target:
            source.backup(target)
            (said,) = target.execute("PRAGMA integrity_check").fetchone()
        if said != "ok":
            raise MachineryError(f"the copy of {database_file} is damaged: {said}")
        unfinished.replace(to)
    except (sqlite3.Error, OSError) as error:
        raise MachineryError(f"{database_file} could not be copied to {to}: {error}") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return to.stat().st_size
