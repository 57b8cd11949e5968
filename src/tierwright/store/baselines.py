"""Baselines: in the database, and laid together with those of the lock file beside the tests (H-12, H-13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.identity import Fingerprint
from tierwright.core.ports import Baseline, BaselineKey, Known
from tierwright.core.results import StepStatus
from tierwright.store.codec import fingerprint_from_json, fingerprint_to_json
from tierwright.store.database import Database
from tierwright.store.lockfile import LockFile, telling
from tierwright.store.tables import fingerprints, heals, steps, test_executions


class SqlBaselineStore:
    """Baselines and rejections in the state's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def known(self, keys: Sequence[BaselineKey]) -> Mapping[BaselineKey, Known]:
        """All that is remembered of the steps of one test, in one transaction."""
        wanted = [key.digest for key in keys]
        async with self._database.read() as connection:
            stored = await connection.execute(select(fingerprints).where(fingerprints.c.digest.in_(wanted)))
            baselines = {row.digest: _baseline(row) for row in stored}
            refused = await connection.execute(_rejected_of(wanted))
            rejected: dict[str, set[str]] = {}
            for row in refused:
                rejected.setdefault(row.baseline_digest, set()).add(row.candidate_key)
            matched = [tuple(row) for row in await connection.execute(_matched_of(keys, wanted))]
        digests, selectors = {digest for digest, _ in matched}, {s for _, s in matched if s}
        return {
            key: Known(
                baselines.get(key.digest),
                frozenset(rejected.get(key.digest, ())),
                key.digest in baselines or key.digest in digests or key.selector in selectors,
            )
            for key in keys
        }

    async def get(self, key: BaselineKey) -> Baseline | None:
        """The baseline of a step, or None."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(fingerprints).where(fingerprints.c.digest == key.digest))).first()
        return _baseline(row) if row else None

    async def put(self, key: BaselineKey, baseline: Baseline) -> None:
        """Store a baseline; the newest wins."""
        await self.put_all({key: baseline})

    async def put_all(self, baselines: Mapping[BaselineKey, Baseline]) -> None:
        """Store several in one transaction; the newest wins."""
        if baselines:
            async with self._database.write() as connection:
                for key, baseline in baselines.items():
                    await put_baseline(connection, self._database, key, baseline)

    async def rejected(self, key: BaselineKey) -> frozenset[str]:
        """Candidate keys (`Fingerprint.key`) that a person rejected for this step."""
        query = select(heals.c.candidate_key).where(heals.c.baseline_digest == key.digest, heals.c.status == "rejected")
        async with self._database.read() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def seen(self, key: BaselineKey) -> bool:
        """Whether this step's selector ever matched in any run (H-18).

        A step that passed without an element (`hidden` of something that never was) proves nothing; another
        step of the same test with the same selector that found its element does.
        """
        same_step = steps.c.baseline_digest == key.digest
        same_selector = (
            (steps.c.selector == key.selector)
            & (test_executions.c.project == key.project)
            & (test_executions.c.test_name == key.test)
        )
        found = (
            select(steps.c.id)
            .join(test_executions, test_executions.c.id == steps.c.test_execution_id)
            .where(steps.c.status == StepStatus.PASSED.value, steps.c.xpath.is_not(None))
            .where(or_(same_step, same_selector) if key.selector else same_step)
        )
        known = select(fingerprints.c.id).where(fingerprints.c.digest == key.digest)
        async with self._database.read() as connection:
            return bool((await connection.execute(select(or_(exists(known), exists(found))))).scalar())


async def put_baseline(connection: AsyncConnection, database: Database, key: BaselineKey, baseline: Baseline) -> None:
    """Store a baseline in a transaction of the caller's; the newest wins."""
    moment = baseline.updated_at or database.clock.now()
    insert = (sqlite.insert if database.is_sqlite else postgresql.insert)(fingerprints).values(
        project=key.project,
        test_name=key.test,
        step_text=key.step_text,
        selector=key.selector,
        digest=key.digest,
        fingerprint=fingerprint_to_json(baseline.fingerprint),
        contract=sorted(baseline.contract),
        greens=baseline.greens,
        created_at=moment,
        updated_at=moment,
    )
    changed = {name: insert.excluded[name] for name in ("fingerprint", "contract", "greens", "updated_at")}
    newer = fingerprints.c.updated_at <= insert.excluded.updated_at
    await connection.execute(insert.on_conflict_do_update(index_elements=["digest"], set_=changed, where=newer))


def _rejected_of(digests: Sequence[str]) -> Select[Any]:
    return select(heals.c.baseline_digest, heals.c.candidate_key).where(
        heals.c.baseline_digest.in_(digests), heals.c.status == "rejected"
    )


def _matched_of(keys: Sequence[BaselineKey], digests: Sequence[str]) -> Select[Any]:
    """Steps and selectors of one test that ever found their element; see `SqlBaselineStore.seen`."""
    same_test = or_(
        *((test_executions.c.project == p) & (test_executions.c.test_name == t) for p, t in _tests_of(keys))
    )
    return (
        select(steps.c.baseline_digest, steps.c.selector)
        .join(test_executions, test_executions.c.id == steps.c.test_execution_id)
        .where(steps.c.status == StepStatus.PASSED.value, steps.c.xpath.is_not(None))
        .where(or_(steps.c.baseline_digest.in_(digests), same_test))
        .distinct()
    )


def _tests_of(keys: Sequence[BaselineKey]) -> set[tuple[str, str]]:
    return {(key.project, key.test) for key in keys}


def _baseline(row: Row[Any]) -> Baseline:
    return Baseline(
        key=row.digest,
        fingerprint=fingerprint_from_json(row.fingerprint),
        contract=frozenset(row.contract),
        greens=row.greens,
        updated_at=row.updated_at,
    )


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A step whose baseline differs between lock file and database. `newer` is `lock file` or `database`."""

    test: str
    step_text: str
    selector: str
    newer: str
    lock_updated_at: datetime
    database_updated_at: datetime


class LayeredBaselineStore:
    """Lock file and database together: both are read, the newer wins (H-13).

    The lock file is written only with `update_lock` (`run --update-baseline`), and only by `flush`.
    """

    def __init__(self, lock: LockFile, database: SqlBaselineStore, *, update_lock: bool = False) -> None:
        self._lock = lock
        self._database = database
        self._update_lock = update_lock
        self._pending: dict[BaselineKey, Baseline] = {}

    async def known(self, keys: Sequence[BaselineKey]) -> Mapping[BaselineKey, Known]:
        """All that either place remembers of the steps of one test; the newer baseline wins."""
        stored = await self._database.known(keys)
        locked: dict[BaselineKey, Baseline] = {}
        for project in {key.project for key in keys}:
            locked |= await self._lock.baselines(project)
        refused = {(r.test, r.step, r.selector) for r in (await self._lock.content()).rejected}
        known = {}
        for key in keys:
            here, rejected = stored[key], stored[key].rejected
            if (key.test, key.step_text, key.selector) in refused:
                rejected |= await self._lock.rejected(key)
            known[key] = Known(_newer(locked.get(key), here.baseline), rejected, here.seen or key in locked)
        return known

    async def get(self, key: BaselineKey) -> Baseline | None:
        """The newer of both baselines; where they agree the database's, which knows more."""
        return _newer(await self._lock.get(key), await self._database.get(key))

    async def put(self, key: BaselineKey, baseline: Baseline) -> None:
        """Store a baseline in the database, and note it for the lock file when that is to be updated."""
        await self.put_all({key: baseline})

    async def put_all(self, baselines: Mapping[BaselineKey, Baseline]) -> None:
        """Store several in the database, and note them for the lock file when that is to be updated."""
        await self._database.put_all(baselines)
        if self._update_lock:
            self._pending |= baselines

    async def rejected(self, key: BaselineKey) -> frozenset[str]:
        """Candidate keys rejected in either place."""
        return await self._database.rejected(key) | await self._lock.rejected(key)

    async def seen(self, key: BaselineKey) -> bool:
        """Whether this step's selector ever matched in any run that either place knows of (H-18)."""
        return await self._lock.get(key) is not None or await self._database.seen(key)

    async def flush(self) -> int:
        """Write the noted baselines to the lock file; returns how many."""
        pending, self._pending = self._pending, {}
        if pending:
            await self._lock.put_all(pending)
        return len(pending)

    async def disagreements(self, project: str) -> tuple[Disagreement, ...]:
        """Steps whose baselines differ, for `doctor`."""
        found = []
        for key, locked in (await self._lock.baselines(project)).items():
            stored = await self._database.get(key)
            if stored is not None and _differ(locked.fingerprint, stored.fingerprint):
                found.append(_disagreement(key, locked, stored))
        return tuple(found)


def _differ(locked: Fingerprint, stored: Fingerprint) -> bool:
    """Whether they are two elements; what else the page shows changes, and is the same element."""
    ours, theirs = (telling(replace(each, others=())) for each in (locked, stored))
    return ours != theirs


def _newer(locked: Baseline | None, stored: Baseline | None) -> Baseline | None:
    """The newer of both; where they agree the database's, which knows more."""
    if locked is None or stored is None:
        return stored or locked
    return locked if _lock_wins(locked, stored) else stored


def _lock_wins(locked: Baseline, stored: Baseline) -> bool:
    assert locked.updated_at is not None
    assert stored.updated_at is not None
    return _differ(locked.fingerprint, stored.fingerprint) and locked.updated_at > stored.updated_at


def _disagreement(key: BaselineKey, locked: Baseline, stored: Baseline) -> Disagreement:
    assert locked.updated_at is not None
    assert stored.updated_at is not None
    return Disagreement(
        key.test,
        key.step_text,
        key.selector,
        "lock file" if locked.updated_at > stored.updated_at else "database",
        locked.updated_at,
        stored.updated_at,
    )
