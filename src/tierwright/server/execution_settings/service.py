"""Reads and changes a user's execution settings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.settings import ExecutionSettings
from tierwright.core.strategy import FallbackStrategy
from tierwright.server.execution_settings.schemas import ExecutionSettingsChange
from tierwright.store.database import Database
from tierwright.store.tables import execution_settings

_DEFAULTS = ExecutionSettings()


async def settings_row(database: Database, connection: AsyncConnection, user_id: str) -> Row[Any]:
    """A user's row, made with the defaults where there is none yet."""
    query = select(execution_settings).where(execution_settings.c.user_id == user_id)
    row = (await connection.execute(query)).first()
    if row is not None:
        return row
    now = database.clock.now()
    values = {
        "user_id": user_id,
        "fallback_strategy": _DEFAULTS.fallback_strategy.value,
        "tier1_timeout_seconds": _DEFAULTS.tier1_timeout_seconds,
        "tier2_timeout_seconds": _DEFAULTS.tier2_timeout_seconds,
        "tier3_timeout_seconds": _DEFAULTS.tier3_timeout_seconds,
        "max_retries_per_tier": _DEFAULTS.max_retries_per_tier,
        "track_effectiveness": _DEFAULTS.track_effectiveness,
        "created_at": now,
        "updated_at": now,
    }
    await database.insert_new(connection, execution_settings, values, ("user_id",))
    return (await connection.execute(query)).one()


async def change_settings(
    database: Database, connection: AsyncConnection, user_id: str, change: ExecutionSettingsChange
) -> Row[Any]:
    """Set what the change names; returns the whole row."""
    row = await settings_row(database, connection, user_id)
    values = change.model_dump(mode="json", exclude_unset=True)
    if not values:
        return row
    mine = execution_settings.c.user_id == user_id
    await connection.execute(update(execution_settings).where(mine).values(**values, updated_at=database.clock.now()))
    return await settings_row(database, connection, user_id)


def as_engine_settings(row: Row[Any]) -> ExecutionSettings:
    """The settings as the engine reads them, for a run that is being queued."""
    return ExecutionSettings(
        fallback_strategy=FallbackStrategy(row.fallback_strategy),
        tier1_timeout_seconds=row.tier1_timeout_seconds,
        tier2_timeout_seconds=row.tier2_timeout_seconds,
        tier3_timeout_seconds=row.tier3_timeout_seconds,
        max_retries_per_tier=row.max_retries_per_tier,
        track_effectiveness=row.track_effectiveness,
    )
