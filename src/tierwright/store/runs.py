"""What earlier runs say: which tests passed the last time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from sqlalchemy import case, func, select

from tierwright.core.results import RunStatus
from tierwright.store.database import Database
from tierwright.store.sweep import QUEUED, RUNNING
from tierwright.store.tables import test_executions

_SAY_NOTHING = (QUEUED, RUNNING, RunStatus.CANCELLED.value)
_RED = (RunStatus.FAILED.value, RunStatus.ERROR.value)


def example_digest(example: Mapping[str, str] | None) -> str:
    """A stable name for a row of examples; empty without one. Says nothing of the values."""
    if not example:
        return ""
    return hashlib.sha256(json.dumps(dict(example), sort_keys=True).encode()).hexdigest()


async def passed_tests(database: Database, project: str) -> frozenset[str]:
    """Names of tests whose newest run passed, in every row of their examples. Cancelled runs say nothing."""
    runs = test_executions.c
    newest = (
        select(
            runs.test_name,
            runs.status,
            func.row_number()
            .over(partition_by=(runs.test_name, runs.example_digest), order_by=(runs.started_at.desc(), runs.id.desc()))
            .label("age"),
        )
        .where(runs.project == project, runs.status.not_in(_SAY_NOTHING))
        .subquery()
    )
    red = case((newest.c.status.in_(_RED), 1), else_=0)
    query = select(newest.c.test_name).where(newest.c.age == 1).group_by(newest.c.test_name).having(func.sum(red) == 0)
    async with database.read() as connection:
        return frozenset((await connection.execute(query)).scalars())
