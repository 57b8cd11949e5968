"""Runs for the tests of figures, recorded as the engine records them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from tests.store.examples import told

from tierwright.store.database import Database
from tierwright.store.recorder import RunRecorder
from tierwright.store.tables import test_executions


async def record(database: Database, *runs: dict[str, Any]) -> None:
    """Record runs; each is the arguments of `told`, and under `columns` what the server writes beside the engine."""
    recorder = RunRecorder(database)
    columns: dict[str, dict[str, Any]] = {}
    for run in runs:
        parts = dict(run)
        columns[parts["run_id"]] = parts.pop("columns", {})
        for event in told(**parts):
            await recorder.on_event(event)
    await recorder.close()
    async with database.write() as connection:
        for run_id, values in columns.items():
            if values:
                await connection.execute(update(test_executions).where(test_executions.c.id == run_id).values(values))
