"""Looks at a state without touching it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from tierwright.store.database import _engine, parse_url, translated
from tierwright.store.migrate import HEAD, schema_version


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Where a database is, without its password, and its schema; `found` None: it has none of our tables yet."""

    shown: str
    found: str | None
    needed: str = HEAD

    @property
    def current(self) -> bool:
        """Whether the schema is the one this program needs."""
        return self.found == self.needed


async def schema_state(url_or_state_dir: str | Path) -> SchemaState:
    """The schema of a state, which is neither made nor upgraded. Raises MachineryError when it cannot be reached."""
    url = parse_url(url_or_state_dir)
    if url.get_backend_name() == "sqlite":
        shown = url.database or ""
        if not await asyncio.to_thread(Path(shown).exists):
            return SchemaState(shown, None)
    else:
        shown = url.render_as_string(hide_password=True)
    with translated(shown):
        engine = _engine(url)
        try:
            return SchemaState(shown, await schema_version(engine))
        finally:
            await engine.dispose()
