"""What projects spend on models in a calendar month of UTC, counted before a call is made and corrected after it.

However many workers ask, a month's sum passes the budget only by what answers under way cost more than their questions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.ports import Short
from tierwright.store.database import Database
from tierwright.store.platform_tables import project_spending, projects

_spending = project_spending.c


@dataclass(frozen=True, slots=True)
class ProjectPurse:
    """The money of one project (core.ports.Purse); its budget is read anew for every call. Raises MachineryError."""

    database: Database
    project: str

    async def take(self, cost_usd: float | None) -> Short | None:
        """Take what a call costs at least, in one statement that two workers cannot both pass."""
        month = month_of(self.database.clock.now())
        async with self.database.write_unfenced() as connection:
            await _open_month(connection, self.database, self.project, month)
            budget = select(projects.c.settings["budget_usd"].as_float()).where(projects.c.id == self.project)
            fits = budget.scalar_subquery().is_(None) | _fits(budget.scalar_subquery(), cost_usd)
            taking = update(project_spending).where(_is(self.project, month), fits)
            taken = await connection.execute(taking.values(spent_usd=_spending.spent_usd + (cost_usd or 0.0)))
            if taken.rowcount:
                return None
            asked = select(budget.scalar_subquery().label("limit"), _spending.spent_usd)
            row = (await connection.execute(asked.where(_is(self.project, month)))).one()
            return Short(float(row.limit), row.spent_usd)

    async def settle(self, taken_usd: float, cost_usd: float | None) -> None:
        """Correct what was taken to what the call did cost."""
        if cost_usd is None or cost_usd == taken_usd:
            return
        async with self.database.write_unfenced() as connection:
            await add_spending(connection, self.database, self.project, cost_usd - taken_usd)


def _fits(budget: ColumnElement[float], cost_usd: float | None) -> ColumnElement[bool]:
    """Whether a call fits; one whose cost is not known never does, one that is free does until all is spent."""
    if cost_usd is None:
        return budget < 0
    some_left = or_(_spending.spent_usd < budget, _spending.spent_usd <= 0)
    return and_(_spending.spent_usd + cost_usd <= budget, some_left)


async def add_spending(connection: AsyncConnection, database: Database, project: str, cost_usd: float) -> None:
    """Count dollars to a project's month, in the caller's transaction; fewer than none takes some back."""
    month = month_of(database.clock.now())
    await _open_month(connection, database, project, month)
    more = update(project_spending).where(_is(project, month))
    await connection.execute(more.values(spent_usd=_spending.spent_usd + cost_usd))


async def _open_month(connection: AsyncConnection, database: Database, project: str, month: str) -> None:
    row = {"project": project, "month": month, "spent_usd": 0.0}
    await database.insert_new(connection, project_spending, row, ("project", "month"))


def _is(project: str, month: str) -> ColumnElement[bool]:
    return (_spending.project == project) & (_spending.month == month)


def month_of(moment: datetime) -> str:
    """The month of a moment in UTC, such as 2026-11."""
    return f"{moment:%Y-%m}"
