"""Heals and groundings offered for review: recorded, listed, decided (H-31)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.errors import UsageError
from tierwright.core.identity import ElementLocator, Fingerprint
from tierwright.core.keys import normalise_instruction
from tierwright.core.ports import BaselineKey
from tierwright.core.results import Evidence, Proposal
from tierwright.core.steps import Step
from tierwright.store.codec import (
    Json,
    evidence_from_json,
    fingerprint_from_json,
    fingerprint_to_json,
    locator_from_json,
    locator_to_json,
    maybe_fingerprint,
)
from tierwright.store.database import Database
from tierwright.store.tables import heals


class ProposalStatus(StrEnum):
    """What people decided about a heal."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredProposal:
    """A heal or grounding as the state remembers it. Score and margin lie in 0..1; `old_selector` None: there was none.

    `times_seen` counts the runs that offered it, `updated_at` is the last of them.
    """

    id: str
    project: str
    kind: str
    status: ProposalStatus
    test: str
    file: str
    step_index: int
    step_text: str
    step_title: str
    action: str
    instruction: str
    old_selector: str | None
    new_locator: ElementLocator
    alternatives: tuple[ElementLocator, ...]
    tier: int
    confidence: float | None
    margin: float | None
    baseline_key: str
    baseline_selector: str
    candidate_key: str
    baseline: Fingerprint | None
    candidate: Fingerprint
    evidence: Evidence | None
    crop: str | None
    times_seen: int
    last_run_id: str
    created_at: datetime
    updated_at: datetime
    decided_at: datetime | None

    def as_json(self) -> Json:
        """The same as plain values, times in ISO 8601."""
        data = asdict(self)
        for name in ("created_at", "updated_at", "decided_at"):
            data[name] = data[name].isoformat() if data[name] else None
        data["new_locator"] = locator_to_json(self.new_locator)
        data["alternatives"] = [locator_to_json(locator) for locator in self.alternatives]
        data["candidate"] = fingerprint_to_json(self.candidate)
        data["baseline"] = fingerprint_to_json(self.baseline) if self.baseline else None
        return data


async def record_proposal(
    connection: AsyncConnection,
    database: Database,
    proposal: Proposal,
    *,
    project: str,
    run_id: str,
    written: Step,
    key: BaselineKey,
    masked: Callable[[Mapping[str, Any]], Json],
) -> None:
    """Insert a proposal, or refresh the one with its id.

    A rejected one stays rejected. An approved one that comes again means that the test file was taken back: it is
    offered anew.
    """
    now = database.clock.now()
    old = (await connection.execute(select(heals).where(heals.c.id == proposal.id))).first()
    rejected = old is not None and old.status == ProposalStatus.REJECTED
    row = {
        **masked({**_row(proposal, written), "step_text": key.step_text, "baseline_selector": key.selector}),
        "project": project,
        "status": (ProposalStatus.REJECTED if rejected else ProposalStatus.PROPOSED).value,
        "times_seen": 1 if old is None else old.times_seen + 1,
        "last_run_id": run_id,
        "created_at": now,
        "updated_at": now,
        "decided_at": old.decided_at if old is not None and rejected else None,
    }
    await database.upsert(connection, heals, row, ("id",))


def _row(proposal: Proposal, written: Step) -> Json:
    return {
        "id": proposal.id,
        "kind": proposal.kind,
        "test_name": proposal.test,
        "test_file": proposal.file,
        "step_index": proposal.step_index,
        "step_title": written.title,
        "action": written.action.value,
        "instruction": normalise_instruction(written.instruction),
        "old_selector": written.selector,
        "new_locator": locator_to_json(proposal.new_locator),
        "alternatives": [locator_to_json(locator) for locator in proposal.alternatives],
        "tier": int(proposal.tier),
        "confidence": proposal.confidence,
        "margin": proposal.margin,
        "baseline_digest": proposal.baseline_key,
        "candidate_key": proposal.candidate_key,
        "baseline": fingerprint_to_json(proposal.baseline) if proposal.baseline else None,
        "candidate": fingerprint_to_json(proposal.candidate),
        "evidence": asdict(proposal.evidence) if proposal.evidence else None,
        "crop": proposal.crop,
    }


class Proposals:
    """The heals and groundings of a state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(
        self, *, project: str | None = None, status: ProposalStatus | None = None
    ) -> tuple[StoredProposal, ...]:
        """Those of a project (None: of all) with a status (None: with any), newest first."""
        query = select(heals).order_by(heals.c.updated_at.desc(), heals.c.id)
        if project is not None:
            query = query.where(heals.c.project == project)
        if status is not None:
            query = query.where(heals.c.status == status.value)
        async with self._database.read() as connection:
            return tuple(proposal_of_row(row) for row in await connection.execute(query))

    async def get(self, proposal_id: str) -> StoredProposal:
        """The one whose id begins with this. Raises UsageError when there is none, or more than one."""
        query = select(heals).where(heals.c.id.startswith(proposal_id, autoescape=True)).limit(2)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        if len(rows) != 1 or not proposal_id:
            reason = "more than one heal begins" if len(rows) > 1 else "there is no heal whose id begins"
            raise UsageError(f"{reason} with {proposal_id!r}; see: tierwright heals list")
        return proposal_of_row(rows[0])

    async def sharing(self, proposal: StoredProposal) -> tuple[StoredProposal, ...]:
        """Other proposals of steps that use the same selector, or came to the same element."""
        async with self._database.read() as connection:
            return await sharing_element(connection, proposal)


async def sharing_element(connection: AsyncConnection, proposal: StoredProposal) -> tuple[StoredProposal, ...]:
    """Other proposals of steps that use the same selector, or came to the same element, by test and step."""
    same = heals.c.candidate_key == proposal.candidate_key
    if proposal.old_selector:
        same = or_(same, heals.c.old_selector == proposal.old_selector)
    query = select(heals).where(same, heals.c.project == proposal.project, heals.c.id != proposal.id)
    rows = await connection.execute(query.order_by(heals.c.test_name, heals.c.step_index))
    return tuple(proposal_of_row(row) for row in rows)


def proposal_of_row(row: Row[Any]) -> StoredProposal:
    """The proposal that a row of `heals` holds."""
    return StoredProposal(
        id=row.id,
        project=row.project,
        kind=row.kind,
        status=ProposalStatus(row.status),
        test=row.test_name,
        file=row.test_file,
        step_index=row.step_index,
        step_text=row.step_text,
        step_title=row.step_title,
        action=row.action,
        instruction=row.instruction,
        old_selector=row.old_selector,
        new_locator=locator_from_json(row.new_locator),
        alternatives=tuple(locator_from_json(data) for data in row.alternatives),
        tier=row.tier,
        confidence=row.confidence,
        margin=row.margin,
        baseline_key=row.baseline_digest,
        baseline_selector=row.baseline_selector,
        candidate_key=row.candidate_key,
        baseline=maybe_fingerprint(row.baseline),
        candidate=fingerprint_from_json(row.candidate),
        evidence=evidence_from_json(row.evidence),
        crop=row.crop,
        times_seen=row.times_seen,
        last_run_id=row.last_run_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        decided_at=row.decided_at,
    )
