"""The XPath cache's storage (port ElementCache), and what people may see and do with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.keys import cache_key_of
from tierwright.core.ports import CacheEntry
from tierwright.store.codec import (
    Json,
    fingerprint_from_json,
    fingerprint_to_json,
    locator_from_json,
    locator_to_json,
)
from tierwright.store.database import Database
from tierwright.store.tables import cache_counters, xpath_cache

OUTCOMES = ("hit", "miss", "invalid", "eviction")


@dataclass(frozen=True, slots=True)
class CacheStats:
    """How the cache is doing. `hit_rate` is per cent with two decimals, None where nothing was asked."""

    entries: int
    provisional: int
    hits: int
    misses: int
    invalid: int
    evictions: int

    @property
    def hit_rate(self) -> float | None:
        """Hits among all questions, in per cent."""
        asked = self.hits + self.misses + self.invalid
        return round(100 * self.hits / asked, 2) if asked else None

    def as_json(self) -> Json:
        """The same as plain values."""
        return {
            "entries": self.entries,
            "provisional": self.provisional,
            "hits": self.hits,
            "misses": self.misses,
            "invalid": self.invalid,
            "evictions": self.evictions,
            "hit_rate": self.hit_rate,
        }


class SqlElementCache:
    """Cache entries in the state's database. Project None means all projects."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, project: str, digest: str) -> CacheEntry | None:
        """The entry with this digest, expired or not; None without one."""
        async with self._database.read() as connection:
            row = (await connection.execute(_entries(project).where(xpath_cache.c.instruction_hash == digest))).first()
        return entry_of_row(row) if row else None

    async def load_all(self, project: str, instructions: Collection[str]) -> Mapping[str, CacheEntry]:
        """The entries of these normalised instructions on every page, by digest."""
        query = _entries(project).where(xpath_cache.c.instruction.in_(instructions))
        async with self._database.read() as connection:
            return {row.instruction_hash: entry_of_row(row) for row in await connection.execute(query)}

    async def save(self, entry: CacheEntry) -> None:
        """Insert or replace an entry."""
        async with self._database.write() as connection:
            await self._database.upsert(
                connection, xpath_cache, _row(entry, self._database.clock.now()), ("instruction_hash",)
            )

    async def used(self, project: str, digest: str, *, at: datetime, expires_at: datetime | None) -> None:
        """Note a verified use, and count it as a `hit`; `expires_at` None leaves the entry's end as it is."""
        values: Json = {"hit_count": xpath_cache.c.hit_count + 1, "validation_failures": 0, "last_validated_at": at}
        if expires_at is not None:
            values["expires_at"] = expires_at
        this = (xpath_cache.c.project == project) & (xpath_cache.c.instruction_hash == digest)
        async with self._database.write() as connection:
            await _count(connection, self._database, project, "hit", 1)
            await connection.execute(update(xpath_cache).where(this).values(**values))

    async def remove(self, project: str, digest: str, *, evicted: bool = True) -> None:
        """Delete an entry; `evicted` counts it as an eviction."""
        async with self._database.write() as connection:
            gone = await connection.execute(
                delete(xpath_cache).where(xpath_cache.c.project == project, xpath_cache.c.instruction_hash == digest)
            )
            if evicted and gone.rowcount:
                await _count(connection, self._database, project, "eviction", gone.rowcount)

    async def count(self, project: str, outcome: str, times: int = 1) -> None:
        """Count a `hit`, `miss`, `invalid` or `eviction`, by the hour."""
        async with self._database.write() as connection:
            await _count(connection, self._database, project, outcome, times)

    async def entries(self, project: str | None = None) -> tuple[CacheEntry, ...]:
        """All entries, newest first."""
        query = _entries(project).order_by(xpath_cache.c.created_at.desc(), xpath_cache.c.id.desc())
        async with self._database.read() as connection:
            return tuple(entry_of_row(row) for row in await connection.execute(query))

    async def clear(self, project: str | None = None) -> int:
        """Delete all entries; returns how many there were."""
        doomed = delete(xpath_cache)
        if project is not None:
            doomed = doomed.where(xpath_cache.c.project == project)
        async with self._database.write() as connection:
            return (await connection.execute(doomed)).rowcount

    async def stats(self, project: str | None = None) -> CacheStats:
        """Entries there are and outcomes so far."""
        entries = select(func.count(), func.count().filter(xpath_cache.c.provisional)).select_from(xpath_cache)
        counted = select(cache_counters.c.outcome, func.sum(cache_counters.c.count)).group_by(cache_counters.c.outcome)
        if project is not None:
            entries = entries.where(xpath_cache.c.project == project)
            counted = counted.where(cache_counters.c.project == project)
        async with self._database.read() as connection:
            total, provisional = (await connection.execute(entries)).one()
            outcomes = {outcome: int(count) for outcome, count in await connection.execute(counted)}
        hits, misses, invalid, evictions = (outcomes.get(outcome, 0) for outcome in OUTCOMES)
        return CacheStats(int(total), int(provisional), hits, misses, invalid, evictions)


async def evict_matching(
    connection: AsyncConnection,
    database: Database,
    *,
    project: str,
    instruction: str,
    selector: str,
    action: str,
    candidate: str,
) -> int:
    """Evict what leads to a rejected heal: the step's entries on any page, and those of the same element."""
    table = xpath_cache.c
    of_step = (table.instruction == instruction) & (table.action == action)
    same_element = (table.candidate_key == candidate) & (table.action == action)
    gone = await connection.execute(
        delete(xpath_cache).where(table.project == project, table.selector == selector, of_step | same_element)
    )
    if gone.rowcount:
        await _count(connection, database, project, "eviction", gone.rowcount)
    return gone.rowcount


def _entries(project: str | None) -> Select[Any]:
    query = select(xpath_cache)
    return query if project is None else query.where(xpath_cache.c.project == project)


async def _count(connection: AsyncConnection, database: Database, project: str, outcome: str, by: int) -> None:
    hour = database.clock.now().replace(minute=0, second=0, microsecond=0)
    insert = (sqlite.insert if database.is_sqlite else postgresql.insert)(cache_counters)
    await connection.execute(
        insert.values(project=project, hour=hour, outcome=outcome, count=by).on_conflict_do_update(
            index_elements=["project", "hour", "outcome"], set_={"count": cache_counters.c.count + by}
        )
    )


def _row(entry: CacheEntry, now: datetime) -> Json:
    key = entry.key
    return {
        "project": key.project,
        "instruction": key.instruction,
        "instruction_hash": key.digest,
        "xpath": entry.xpath,
        "page_context": key.page,
        "selector": key.selector,
        "action": key.action,
        "frame": list(key.frame),
        "locators": [locator_to_json(locator) for locator in entry.locators],
        "fingerprint": fingerprint_to_json(entry.fingerprint),
        "candidate_key": entry.fingerprint.key,
        "provisional": entry.provisional,
        "hit_count": entry.hit_count,
        "validation_failures": entry.validation_failures,
        "last_validated_at": entry.last_validated_at,
        "created_at": entry.created_at or now,
        "expires_at": entry.expires_at,
    }


def entry_of_row(row: Row[Any]) -> CacheEntry:
    """The entry that a row of `xpath_cache` holds."""
    return CacheEntry(
        key=cache_key_of(
            project=row.project,
            instruction=row.instruction,
            selector=row.selector,
            action=row.action,
            page=row.page_context,
            frame=tuple(row.frame),
        ),
        locators=tuple(locator_from_json(data) for data in row.locators),
        xpath=row.xpath,
        fingerprint=fingerprint_from_json(row.fingerprint),
        provisional=row.provisional,
        hit_count=row.hit_count,
        validation_failures=row.validation_failures,
        created_at=row.created_at,
        last_validated_at=row.last_validated_at,
        expires_at=row.expires_at,
    )
