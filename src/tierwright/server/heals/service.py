"""People decide about heals: approving writes a new version of the test, rejecting is remembered for good (H-31)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.browser.camera import ELEMENT_ENDING
from tierwright.core.errors import UsageError
from tierwright.core.identity import Fingerprint
from tierwright.core.keys import baseline_keys
from tierwright.core.ports import BaselineKey
from tierwright.core.results import StepStatus
from tierwright.core.strategy import TierNumber
from tierwright.server.heals.schemas import EvidenceOut, HealItem, HealOut, LocatorOut, SharingOut, Undecided
from tierwright.server.problems import Problem, conflict, not_found
from tierwright.server.tests.service import Author, save_test
from tierwright.server.tests.source import CheckedTest, test_file
from tierwright.store.codec import fingerprint_to_json
from tierwright.store.database import Database
from tierwright.store.decisions import keep_approved, keep_rejected, keep_wrong, step_of
from tierwright.store.platform_tables import tests
from tierwright.store.proposals import ProposalStatus, StoredProposal, proposal_of_row, sharing_element
from tierwright.store.tables import artifacts, heals, steps, test_executions
from tierwright.testfiles.loader import load_text
from tierwright.testfiles.writer import rewrite_step_in_text

# --- seeing -----------------------------------------------------------------------------------------------


def heals_with_tests(which: ColumnElement[bool]) -> Select[Any]:
    """Rows of heals, and the stored test that each belongs to as `test_id`."""
    same = (tests.c.project_id == heals.c.project) & (tests.c.name == heals.c.test_name)
    return select(heals, tests.c.id.label("test_id")).outerjoin(tests, same).where(which)


async def heal_row(connection: AsyncConnection, which: ColumnElement[bool]) -> Row[Any]:
    """One heal. Raises Problem (404)."""
    row: Row[Any] | None = (await connection.execute(heals_with_tests(which))).first()
    if row is None:
        raise not_found("heal")
    return row


def item_of(row: Row[Any]) -> HealItem:
    """A row as it stands in a list."""
    return HealItem.model_validate(_item(proposal_of_row(row), row.test_id))


def _item(proposal: StoredProposal, test_id: str | None) -> dict[str, Any]:
    same = {name: getattr(proposal, name) for name in HealItem.model_fields if hasattr(proposal, name)}
    return {**same, "project_id": proposal.project, "test_id": test_id, "new_locator": asdict(proposal.new_locator)}


async def shown(connection: AsyncConnection, which: ColumnElement[bool], api: str) -> HealOut:
    """One heal with everything. `api` is where the API's addresses begin. Raises Problem (404)."""
    row = await heal_row(connection, which)
    proposal = proposal_of_row(row)
    sharing = await sharing_element(connection, proposal)
    return HealOut(
        **_item(proposal, row.test_id),
        step_text=proposal.step_text,
        alternatives=[LocatorOut(selector=one.selector, frame=list(one.frame)) for one in proposal.alternatives],
        baseline_key=proposal.baseline_key,
        baseline_selector=proposal.baseline_selector,
        candidate_key=proposal.candidate_key,
        baseline=_look(proposal.baseline) if proposal.baseline else None,
        candidate=_look(proposal.candidate),
        evidence=EvidenceOut.model_validate(asdict(proposal.evidence)) if proposal.evidence else None,
        crop=f"{api}/heals/{proposal.id}/crop" if proposal.crop else None,
        baseline_crop=await _baseline_crop(connection, proposal, api),
        sharing=[_sharing(other, proposal) for other in sharing],
    )


def _look(seen: Fingerprint) -> dict[str, Any]:
    """A fingerprint for people: without the digests of what else the page showed."""
    return fingerprint_to_json(replace(seen, others=()))


async def _baseline_crop(connection: AsyncConnection, proposal: StoredProposal, api: str) -> str | None:
    """The address of the newest picture of the element that the step's own selector found."""
    of_step = (
        (steps.c.test_execution_id == artifacts.c.test_execution_id)
        & (steps.c.try_ordinal == artifacts.c.try_ordinal)
        & (steps.c.step_index == artifacts.c.step_index)
    )
    query = (
        select(artifacts.c.id, artifacts.c.test_execution_id)
        .join(steps, of_step)
        .join(test_executions, test_executions.c.id == artifacts.c.test_execution_id)
        .where(
            steps.c.baseline_digest == proposal.baseline_key,
            steps.c.status == StepStatus.PASSED.value,
            steps.c.tier == int(TierNumber.DIRECT),
            test_executions.c.project == proposal.project,
            artifacts.c.path.endswith(ELEMENT_ENDING),
        )
        .order_by(artifacts.c.id.desc())
        .limit(1)
    )
    row = (await connection.execute(query)).first()
    return f"{api}/executions/{row.test_execution_id}/artifacts/{row.id}" if row else None


def _sharing(other: StoredProposal, proposal: StoredProposal) -> SharingOut:
    return SharingOut(
        id=other.id,
        status=other.status,
        test=other.test,
        step_index=other.step_index,
        step_title=other.step_title,
        same_element=other.candidate_key == proposal.candidate_key,
    )


async def crop_file(state_dir: Path, crop: str | None) -> Path:
    """The picture of a heal, which lies in the state's folder. Raises Problem (404)."""
    found = await asyncio.to_thread(_inside, state_dir, crop) if crop else None
    if found is None:
        raise not_found("picture")
    return found


def _inside(state_dir: Path, crop: str) -> Path | None:
    path = Path(crop).resolve()
    return path if path.is_relative_to(state_dir.resolve()) and path.is_file() else None


# --- deciding ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides, in whose transaction."""

    connection: AsyncConnection
    database: Database
    user_id: str

    async def approve(self, proposal: StoredProposal) -> None:
        """Write the heal into its test, as a new version. Raises Problem (409) where that cannot be."""
        if proposal.status is ProposalStatus.APPROVED:
            return
        if proposal.status is ProposalStatus.REJECTED:
            raise conflict(f"heal {proposal.id} was rejected; it is not written into the test")
        row = await self._test(proposal)
        made, key = await asyncio.to_thread(_healed, row.yaml, proposal)
        note = f"heal {proposal.id} approved: {proposal.old_selector or 'no selector'} is now {proposal.new_locator}"
        author = Author(proposal.project, self.user_id)
        await save_test(self.connection, self.database, author, row, made, note)
        await keep_approved(self.connection, self.database, proposal, key)

    async def reject(self, proposal: StoredProposal) -> None:
        """Never offer the heal again, and forget what the cache has of it. Raises Problem (409)."""
        if proposal.status is ProposalStatus.REJECTED:
            return
        if proposal.status is ProposalStatus.APPROVED:
            raise conflict(
                f'heal {proposal.id} was approved and stands in "{proposal.test}"; restore an older version there'
            )
        await keep_rejected(self.connection, self.database, proposal)

    async def _test(self, proposal: StoredProposal) -> Row[Any]:
        mine = (tests.c.project_id == proposal.project) & (tests.c.name == proposal.test)
        row = (await self.connection.execute(select(tests).where(mine).with_for_update())).first()
        if row is None:
            raise conflict(
                f'the test "{proposal.test}" is not stored here; if it is a test file, write where that file is: '
                f"tierwright heals approve {proposal.id}"
            )
        return row


def _healed(yaml: str, proposal: StoredProposal) -> tuple[CheckedTest, BaselineKey]:
    """The test with the healed selector, and the key that its step has from now on. Raises Problem (409)."""
    file, new = test_file(proposal.test), proposal.new_locator
    loaded = load_text(yaml, file, check_variables=False)
    if not loaded.tests:
        raise conflict("; ".join(map(str, loaded.problems)))
    try:
        at = step_of(proposal, loaded.tests[0])
        text = rewrite_step_in_text(yaml, file, proposal.test, at, selector=new.selector, frame=new.frame)
    except UsageError as error:
        raise conflict(str(error)) from None
    (test,) = load_text(text, file, check_variables=False).tests
    return CheckedTest(text, test), baseline_keys(proposal.project, test.name, test.all_steps)[at]


Decide = Callable[[StoredProposal], Awaitable[None]]


async def decide(
    connection: AsyncConnection, heal_id: str, do: Decide, *, also_sharing: bool
) -> tuple[list[str], list[Undecided]]:
    """Decide about a heal, and where asked about the open ones of the same element; returns these, and those left.

    Raises Problem (409) when the heal itself cannot be decided so; nothing is changed then.
    """
    first, *others = await _locked(connection, heal_id, also_sharing=also_sharing)
    await do(first)
    also: list[str] = []
    left: list[Undecided] = []
    for other in others:
        try:
            async with connection.begin_nested():
                await do(other)
            also.append(other.id)
        except Problem as problem:
            left.append(Undecided(id=other.id, reason=problem.body.detail))
    return also, left


async def _locked(connection: AsyncConnection, heal_id: str, *, also_sharing: bool) -> Sequence[StoredProposal]:
    """The heal, then the open ones of the same element; all locked, in the order of their ids."""
    one = (
        await connection.execute(select(heals.c.project, heals.c.candidate_key).where(heals.c.id == heal_id))
    ).first()
    if one is None:
        raise not_found("heal")
    which = heals.c.id == heal_id
    if also_sharing:
        same = (heals.c.project == one.project) & (heals.c.candidate_key == one.candidate_key)
        which |= same & (heals.c.status == ProposalStatus.PROPOSED.value)
    rows = await connection.execute(select(heals).where(which).order_by(heals.c.id).with_for_update())
    found = [proposal_of_row(row) for row in rows]
    return sorted(found, key=lambda proposal: proposal.id != heal_id)


async def mark_wrong(connection: AsyncConnection, database: Database, run_id: str, step_index: int) -> str | None:
    """Reject the heal that a run's step ended with, because it took the wrong element; returns its id, if there is one.

    It is not offered again, even where it was approved: the test keeps what stands in it until a person changes that.
    """
    step = (
        select(steps.c.proposal_id)
        .where(steps.c.test_execution_id == run_id, steps.c.step_index == step_index)
        .order_by(steps.c.try_ordinal.desc())
        .limit(1)
        .scalar_subquery()
    )
    row = (await connection.execute(select(heals).where(heals.c.id == step).with_for_update())).first()
    if row is None:
        return None
    proposal = proposal_of_row(row)
    if proposal.status is not ProposalStatus.REJECTED:
        await keep_wrong(connection, database, proposal)
    return proposal.id
