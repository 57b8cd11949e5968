"""`tierwright cache`: see, clear, export and import the elements that tier 2 remembers."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from tierwright.cli.db import on_state, state_option, table
from tierwright.core.config import StateLocation
from tierwright.core.errors import UsageError
from tierwright.core.ports import CacheEntry
from tierwright.store.cache_file import entry_to_json, export_entries, import_entries
from tierwright.store.database import Database
from tierwright.store.element_cache import CacheStats, SqlElementCache
from tierwright.store.lockfile import write_atomically

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON. Example: --json")


@click.group(epilog="Example: tierwright cache stats")
def cache() -> None:
    """Show, clear, export and import the elements that tier 2 remembers."""


@cache.command(epilog="Example: tierwright cache stats --json")
@state_option
@_JSON
def stats(state: Path | None, as_json: bool) -> None:
    """Show how many entries there are and how often they hit."""

    async def ask(database: Database, location: StateLocation) -> CacheStats:
        return await SqlElementCache(database).stats(location.project)

    found = on_state(state, ask)
    if as_json:
        click.echo(json.dumps(found.as_json()))
        return
    rate = "–" if found.hit_rate is None else f"{found.hit_rate:.2f} %"
    unconfirmed = f" ({found.provisional} of runs that have not passed yet)" if found.provisional else ""
    click.echo(f"entries    {found.entries}{unconfirmed}")
    click.echo(f"hits       {found.hits}\nmisses     {found.misses}\ninvalid    {found.invalid}")
    click.echo(f"evictions  {found.evictions}\nhit rate   {rate}")


@cache.command("list", epilog="Example: tierwright cache list --json")
@state_option
@_JSON
def list_entries(state: Path | None, as_json: bool) -> None:
    """List the entries, newest first."""
    entries = on_state(state, _entries)
    if as_json:
        click.echo(json.dumps([entry_to_json(entry) for entry in entries], ensure_ascii=False))
    elif entries:
        click.echo(table(("digest", "page", "step", "locator", "hits", "expires"), [_line(e) for e in entries]))
    else:
        click.echo("the cache is empty")


async def _entries(database: Database, location: StateLocation) -> tuple[CacheEntry, ...]:
    return await SqlElementCache(database).entries(location.project)


def _line(entry: CacheEntry) -> tuple[str, ...]:
    return (
        entry.key.digest[:12],
        entry.key.page,
        f"{entry.key.action} {entry.key.instruction or entry.key.selector}",
        str(entry.locators[0]) if entry.locators else entry.xpath,
        "not yet" if entry.provisional else str(entry.hit_count),
        entry.expires_at.strftime("%Y-%m-%d %H:%M") if entry.expires_at else "never",
    )


@cache.command(epilog="Example: tierwright cache clear --yes")
@state_option
@click.option("--yes", is_flag=True, help="Do not ask. Example: --yes")
def clear(state: Path | None, yes: bool) -> None:
    """Forget all entries of this project."""
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("without a terminal to ask on, say --yes to clear the cache")
        click.confirm("Forget all remembered elements of this project?", abort=True)

    async def work(database: Database, location: StateLocation) -> int:
        return await SqlElementCache(database).clear(location.project)

    click.echo(f"{on_state(state, work)} entries forgotten")


@cache.command(epilog="Example: tierwright cache export cache.json")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@state_option
def export(file: Path, state: Path | None) -> None:
    """Write the entries to FILE, or to standard output with -."""
    text = export_entries(on_state(state, _entries))
    if str(file) == "-":
        click.echo(text, nl=False)
        return
    try:
        write_atomically(file, text)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from None
    click.echo(f"{len(json.loads(text)['entries'])} entries written to {file}")


@cache.command("import", epilog="Example: tierwright cache import cache.json")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@state_option
def import_file(file: Path, state: Path | None) -> None:
    """Take over the entries of FILE, made by `cache export`. The same entry here is replaced."""
    entries = import_entries(file.read_text(encoding="utf-8"), str(file))

    async def work(database: Database, _location: StateLocation) -> None:
        store = SqlElementCache(database)
        for entry in entries:
            await store.save(entry)

    on_state(state, work)
    click.echo(f"{len(entries)} entries imported")
