"""What a project spends on models: one sum a month for all workers, that parallel calls do not pass."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import insert, select
from tests.store.conftest import SetClock
from tests.store.examples import told

from tierwright.core.errors import ModelError
from tierwright.core.metering import Meter
from tierwright.core.ports import ModelReply, ModelRequest, Short
from tierwright.core.results import ErrorKind, Usage
from tierwright.models.ledger import Ledger
from tierwright.store.database import Database
from tierwright.store.fence import fenced
from tierwright.store.platform_tables import project_spending, projects
from tierwright.store.recorder import RunRecorder
from tierwright.store.spending import ProjectPurse
from tierwright.testing import FixedSecrets, MemoryPurse


async def project(database: Database, **settings: Any) -> None:
    now = database.clock.now()
    row = {"id": "p1", "name": "p1", "settings": settings, "created_at": now, "updated_at": now}
    async with database.write() as connection:
        await connection.execute(insert(projects).values(row))


async def spent(database: Database) -> dict[tuple[str, str], float]:
    async with database.read() as connection:
        rows = await connection.execute(select(project_spending))
        return {(row.project, row.month): round(row.spent_usd, 6) for row in rows}


async def test_what_was_taken_counts_at_once_and_is_corrected_to_what_the_call_cost(database: Database) -> None:
    await project(database, budget_usd=1)
    purse = ProjectPurse(database, "p1")
    assert await purse.take(0.6) is None
    assert await ProjectPurse(database, "p1").take(0.6) == Short(1.0, 0.6)
    await purse.settle(0.6, 0.2)
    assert await purse.take(0.6) is None
    assert await spent(database) == {("p1", "2026-11"): 0.8}


async def test_a_new_month_begins_with_nothing_spent(database: Database, clock: SetClock) -> None:
    await project(database, budget_usd=1)
    purse = ProjectPurse(database, "p1")
    assert await purse.take(1.0) is None
    assert await purse.take(0.1) == Short(1.0, 1.0)
    clock.move(days=10)
    assert await purse.take(0.1) is None
    assert await spent(database) == {("p1", "2026-11"): 1.0, ("p1", "2026-12"): 0.1}


async def test_without_a_budget_everything_is_given_and_counted(database: Database) -> None:
    await project(database)
    purse = ProjectPurse(database, "p1")
    assert await purse.take(None) is None
    assert await purse.take(50.0) is None
    await purse.settle(50.0, None)
    assert await spent(database) == {("p1", "2026-11"): 50.0}


async def test_under_a_budget_an_unknown_price_gets_nothing_and_a_free_call_does(database: Database) -> None:
    await project(database, budget_usd=0)
    purse = ProjectPurse(database, "p1")
    assert await purse.take(None) == Short(0.0, 0.0)
    assert await purse.take(0.01) == Short(0.0, 0.0)
    assert await purse.take(0.0) is None


async def test_a_spent_budget_gives_nothing_even_to_calls_that_cannot_be_estimated(database: Database) -> None:
    await project(database, budget_usd=0.5)
    purse = ProjectPurse(database, "p1")
    assert await purse.take(0.0) is None
    await purse.settle(0.0, 0.5)
    assert await purse.take(0.0) == Short(0.5, 0.5)


async def test_a_worker_that_lost_its_claim_still_says_what_it_spent(database: Database) -> None:
    await project(database, budget_usd=1)
    lost = fenced(database, "no-such-run", 7)
    await ProjectPurse(lost, "p1").settle(0.0, 0.25)
    assert await spent(database) == {("p1", "2026-11"): 0.25}


class Priced:
    """A model whose questions cost a cent at least, and half a cent more with their answers."""

    name = "openai:priced"

    def __init__(self) -> None:
        self.calls = 0

    def estimate(self, _request: ModelRequest) -> Usage:
        return Usage(100, 0, 0.01)

    async def generate(self, _request: ModelRequest) -> ModelReply:
        self.calls += 1
        await asyncio.sleep(0)
        return ModelReply({"a": 1}, Usage(100, 50, 0.015))


async def ask(ledger: Ledger) -> bool:
    """Whether the model was asked; a refusal is for money."""
    request = ModelRequest(purpose="choose", system="", prompt="?", schema={"type": "object"}, deadline_seconds=30.0)
    try:
        await ledger.generate(request, Meter())
    except ModelError as error:
        refusal = error
    else:
        return True
    assert refusal.kind is ErrorKind.BUDGET
    assert "the project's budget of $0.1 for this month" in refusal.message
    return False


async def test_parallel_runs_of_a_project_pass_its_budget_by_the_answers_under_way_at_most(database: Database) -> None:
    await project(database, budget_usd=0.1)
    model, runs = Priced(), 6

    async def run() -> int:
        ledger = Ledger(model, secrets=FixedSecrets(), purse=ProjectPurse(database, "p1"))
        asked = 0
        while await ask(ledger):
            asked += 1
        return asked

    asked = sum(await asyncio.gather(*(run() for _ in range(runs))))
    (total,) = (await spent(database)).values()
    assert asked == model.calls
    assert total == pytest.approx(asked * 0.015)
    # Six answers are 0.09 dollars: whether the question after them still fits is then a matter of the last bit.
    assert total + 1e-9 >= 0.1 - 0.01
    assert total <= 0.1 + runs * 0.005 + 1e-9


async def test_the_fake_purse_gives_and_refuses_as_the_real_one() -> None:
    purse = MemoryPurse(0.03)
    ledger = Ledger(Priced(), secrets=FixedSecrets(), purse=purse)
    request = ModelRequest(purpose="choose", system="", prompt="?", schema={"type": "object"}, deadline_seconds=5.0)
    await ledger.generate(request, Meter())
    assert purse.spent_usd == pytest.approx(0.015)
    await ledger.generate(request, Meter())
    with pytest.raises(ModelError, match=r"\$0.0300 is spent"):
        await ledger.generate(request, Meter())
    assert await MemoryPurse(0.03).take(None) == Short(0.03, 0.0)
    assert await MemoryPurse().take(None) is None


async def test_runs_of_the_command_line_count_when_they_end(database: Database) -> None:
    recorder = RunRecorder(database)
    for event in told(run_id="r1", project="p1"):
        await recorder.on_event(event)
    await recorder.close()
    assert await spent(database) == {("p1", "2026-11"): 0.01}
