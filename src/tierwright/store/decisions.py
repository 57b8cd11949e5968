"""What follows when a person decides about a heal (H-31), in one transaction of the caller's."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.errors import UsageError
from tierwright.core.keys import baseline_key_of, baseline_keys, selector_text
from tierwright.core.ports import Baseline, BaselineKey
from tierwright.core.steps import TestCase
from tierwright.store.baselines import put_baseline
from tierwright.store.codec import fingerprint_from_json
from tierwright.store.database import Database
from tierwright.store.element_cache import evict_matching
from tierwright.store.proposals import ProposalStatus, StoredProposal
from tierwright.store.tables import fingerprints, heals


def step_of(proposal: StoredProposal, test: TestCase) -> int:
    """The index of a heal's step in its test as it is now. Raises UsageError when the step was edited."""
    digests = [key.digest for key in baseline_keys(proposal.project, test.name, test.all_steps)]
    if proposal.baseline_key not in digests:
        raise UsageError(
            f'the step "{proposal.step_title}" of "{proposal.test}" was edited since this heal was offered; '
            "run the test again"
        )
    return digests.index(proposal.baseline_key)


def old_key_of(proposal: StoredProposal) -> BaselineKey:
    """The key under which the step was known when it was healed."""
    return baseline_key_of(proposal.project, proposal.test, proposal.step_text, proposal.baseline_selector)


def healed_baseline(database: Database, proposal: StoredProposal, new: BaselineKey) -> Baseline:
    """The healed element as what the step, under its new selector, is known to mean from now on."""
    return Baseline(key=new.digest, fingerprint=proposal.candidate, updated_at=database.clock.now())


async def keep_approved(
    connection: AsyncConnection, database: Database, proposal: StoredProposal, new: BaselineKey
) -> None:
    """Note that a heal is approved and stands in the test, and move the step's baseline to its new key."""
    await put_baseline(connection, database, new, healed_baseline(database, proposal, new))
    await _decide(connection, database, proposal, ProposalStatus.APPROVED)


async def keep_rejected(connection: AsyncConnection, database: Database, proposal: StoredProposal) -> None:
    """Note that a heal is rejected, so that it is not offered again, and forget what the cache has of it."""
    await evict_matching(
        connection,
        database,
        project=proposal.project,
        instruction=proposal.instruction,
        selector=proposal.old_selector or "",
        action=proposal.action,
        candidate=proposal.candidate_key,
    )
    await _decide(connection, database, proposal, ProposalStatus.REJECTED)


async def keep_wrong(connection: AsyncConnection, database: Database, proposal: StoredProposal) -> None:
    """Reject a heal that took the wrong element, also an approved one: its step no longer means that element.

    The selector that an approval wrote stays in the test until a person changes it.
    """
    if proposal.status is ProposalStatus.APPROVED:
        await _forget_meaning(connection, proposal)
    await keep_rejected(connection, database, proposal)


async def _forget_meaning(connection: AsyncConnection, proposal: StoredProposal) -> None:
    """Delete the baselines that say that the approved selector means the element of the proposal."""
    new, known = proposal.new_locator, fingerprints.c
    by_selector = (
        (known.project == proposal.project)
        & (known.test_name == proposal.test)
        & (known.selector == selector_text(new.selector, new.frame))
    )
    rows = await connection.execute(select(known.digest, known.fingerprint).where(by_selector))
    wrong = [row.digest for row in rows if fingerprint_from_json(row.fingerprint).key == proposal.candidate_key]
    await connection.execute(delete(fingerprints).where(known.digest.in_(wrong)))


async def _decide(
    connection: AsyncConnection, database: Database, proposal: StoredProposal, status: ProposalStatus
) -> None:
    decided = update(heals).where(heals.c.id == proposal.id)
    await connection.execute(decided.values(status=status.value, decided_at=database.clock.now()))
