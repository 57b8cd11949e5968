"""`tierwright heals`: people decide (H-31). Approving writes the selector into the test; rejecting is remembered."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import click

from tierwright.cli.db import on_state, state_option, table
from tierwright.core.config import StateLocation
from tierwright.core.errors import UsageError
from tierwright.core.keys import baseline_keys
from tierwright.core.ports import BaselineKey
from tierwright.core.steps import TestCase
from tierwright.store.database import Database
from tierwright.store.decisions import healed_baseline, keep_approved, keep_rejected, old_key_of, step_of
from tierwright.store.lockfile import LockFile, Rejected, write_atomically
from tierwright.store.proposals import Proposals, ProposalStatus, StoredProposal
from tierwright.testfiles.loader import load_as_written
from tierwright.testfiles.writer import Rewrite, rewrite_step

_YES = click.option("--yes", is_flag=True, help="Do not ask. Example: --yes")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON. Example: --json")


@click.group(epilog="Example: tierwright heals list")
def heals() -> None:
    """Review heals: list, show, approve, reject."""


@heals.command("list", epilog="Example: tierwright heals list --status proposed")
@state_option
@click.option(
    "--status",
    type=click.Choice([*(s.value for s in ProposalStatus), "all"]),
    default=ProposalStatus.PROPOSED.value,
    help="Which ones (default proposed). Example: --status all",
)
@_JSON
def list_heals(state: Path | None, status: str, as_json: bool) -> None:
    """List heals and groundings, newest first."""

    async def ask(database: Database, location: StateLocation) -> tuple[StoredProposal, ...]:
        wanted = None if status == "all" else ProposalStatus(status)
        return await Proposals(database).all(project=location.project, status=wanted)

    found = on_state(state, ask)
    if as_json:
        click.echo(json.dumps([proposal.as_json() for proposal in found], ensure_ascii=False))
    elif found:
        heads = ("id", "kind", "status", "test", "step", "old", "new", "sure", "runs")
        click.echo(table(heads, [_line(proposal) for proposal in found]))
    else:
        click.echo("no heals" if status == "all" else f"no heals are {status}")


def _line(proposal: StoredProposal) -> tuple[str, ...]:
    return (
        proposal.id,
        proposal.kind,
        proposal.status.value,
        proposal.test,
        f"{proposal.step_index + 1}: {proposal.step_title}",
        proposal.old_selector or "–",
        str(proposal.new_locator),
        _score(proposal.confidence),
        str(proposal.times_seen),
    )


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.2f}"


@heals.command(epilog="Example: tierwright heals show 3f2a91c07b4d")
@click.argument("proposal_id", metavar="ID")
@state_option
@_JSON
def show(proposal_id: str, state: Path | None, as_json: bool) -> None:
    """Show one heal: what was known, what was found, how sure, what else it could have been."""

    async def ask(database: Database, _location: StateLocation) -> tuple[StoredProposal, tuple[StoredProposal, ...]]:
        proposal = await Proposals(database).get(proposal_id)
        return proposal, await Proposals(database).sharing(proposal)

    proposal, sharing = on_state(state, ask)
    if as_json:
        data = {**proposal.as_json(), "shared_with": [other.id for other in sharing]}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_lines(proposal, sharing)))


def _lines(proposal: StoredProposal, sharing: tuple[StoredProposal, ...]) -> list[str]:
    lines = [
        f"{proposal.kind} {proposal.id} ({proposal.status}), offered by {proposal.times_seen} runs",
        f"test        {proposal.test} ({proposal.file})",
        f"step        {proposal.step_index + 1}: {proposal.step_title}",
        f"old         {proposal.old_selector or 'no selector'}",
        f"new         {proposal.new_locator}",
        f"sure        {_score(proposal.confidence)}, ahead by {_score(proposal.margin)}, tier {proposal.tier}",
    ]
    if proposal.baseline:
        lines.append(f"known as    {_element(proposal.baseline.role, proposal.baseline.name)}")
    lines.append(f"found       {_element(proposal.candidate.role, proposal.candidate.name)}")
    lines += [f"or          {locator}" for locator in proposal.alternatives]
    if proposal.evidence:
        lines += [f"because     {reason}" for reason in proposal.evidence.reasons]
        lines += [
            f"candidate   {c.score:.2f} {_element(c.role, c.name)} {c.locator}" for c in proposal.evidence.candidates
        ]
    lines += [f"picture     {proposal.crop}"] if proposal.crop else []
    return lines + [f"same as     {o.id} {o.test}, step {o.step_index + 1}: {o.step_title}" for o in sharing]


def _element(role: str, name: str) -> str:
    return f'{role or "element"} "{name}"'


@heals.command(epilog="Example: tierwright heals approve 3f2a91c07b4d --yes")
@click.argument("proposal_id", metavar="ID")
@state_option
@_YES
def approve(proposal_id: str, state: Path | None, yes: bool) -> None:
    """Write a heal's selector into the test file and the baseline, after showing the difference."""

    async def work(database: Database, _location: StateLocation) -> str:
        proposal = await Proposals(database).get(proposal_id)
        if proposal.status is ProposalStatus.REJECTED:
            raise UsageError(f"heal {proposal.id} was rejected; it is not written into the test")
        index, rewrite = await asyncio.to_thread(_rewrite, proposal)
        click.echo(rewrite.diff)
        await asyncio.to_thread(_consent, yes, f"Write this to {rewrite.file}?")
        new_key = await asyncio.to_thread(_write, proposal, index, rewrite)
        await _keep(database, proposal, new_key)
        return f"approved {proposal.id}: {rewrite.file} now uses {proposal.new_locator}"

    click.echo(on_state(state, work))


def _rewrite(proposal: StoredProposal) -> tuple[int, Rewrite]:
    """The step's index in the file as it is now, and the change. Raises UsageError when the step was edited."""
    index, new = step_of(proposal, _test(proposal)), proposal.new_locator
    return index, rewrite_step(Path(proposal.file), proposal.test, index, selector=new.selector, frame=new.frame)


def _test(proposal: StoredProposal) -> TestCase:
    """The heal's test, as its file says it now."""
    file = Path(proposal.file)
    if not file.is_file():
        raise UsageError(f"there is no file {file}; run this where the tests were run")
    loaded = load_as_written(file)
    test = next((test for test in loaded.tests if test.name == proposal.test), None)
    if test is None:
        raise UsageError("\n".join([f'there is no test "{proposal.test}" in {file}', *map(str, loaded.problems)]))
    return test


def _consent(yes: bool, question: str) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("without a terminal to ask on, say --yes once you have read the difference")
    click.confirm(question, abort=True)


def _write(proposal: StoredProposal, index: int, rewrite: Rewrite) -> BaselineKey:
    """Write the change; returns the key that the step has from now on."""
    with rewrite.file.open(encoding="utf-8", newline="") as file:
        if file.read() != rewrite.old_text:
            raise UsageError(f"{rewrite.file} was changed in the meantime; nothing was written")
    try:
        write_atomically(rewrite.file, rewrite.new_text)
    except OSError as error:
        raise UsageError(f"{rewrite.file} cannot be written: {error.strerror}") from None
    test = _test(proposal)
    return baseline_keys(proposal.project, test.name, test.all_steps)[index]


async def _keep(database: Database, proposal: StoredProposal, new: BaselineKey) -> None:
    await _lock(proposal).replace(old_key_of(proposal), new, healed_baseline(database, proposal, new))
    async with database.write() as connection:
        await keep_approved(connection, database, proposal, new)


def _lock(proposal: StoredProposal) -> LockFile:
    return LockFile(Path(proposal.file).parent)


@heals.command(epilog="Example: tierwright heals reject 3f2a91c07b4d")
@click.argument("proposal_id", metavar="ID")
@state_option
def reject(proposal_id: str, state: Path | None) -> None:
    """Refuse a heal: it is forgotten by the cache and never offered again, here and where the lock file goes."""

    async def work(database: Database, _location: StateLocation) -> str:
        proposal = await Proposals(database).get(proposal_id)
        if proposal.status is ProposalStatus.APPROVED:
            raise UsageError(f"heal {proposal.id} was approved and is in {proposal.file}; take it back there")
        await _refuse(database, proposal)
        return f"rejected {proposal.id}: {proposal.new_locator} is not offered for this step again"

    click.echo(on_state(state, work))


async def _refuse(database: Database, proposal: StoredProposal) -> None:
    if await asyncio.to_thread(Path(proposal.file).parent.is_dir):
        await _lock(proposal).reject(
            Rejected(
                proposal.test,
                proposal.step_text,
                proposal.baseline_selector,
                proposal.candidate_key,
                str(proposal.new_locator),
                database.clock.now(),
            )
        )
    async with database.write() as connection:
        await keep_rejected(connection, database, proposal)
