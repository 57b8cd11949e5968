"""`/settings/execution`: one set a user."""

from __future__ import annotations

from fastapi import APIRouter

from tierwright.server.access import Caller
from tierwright.server.execution_settings.schemas import ExecutionSettingsChange, ExecutionSettingsOut
from tierwright.server.execution_settings.service import change_settings, settings_row
from tierwright.server.platform import ThePlatform
from tierwright.server.transactions import Writing

router = APIRouter(prefix="/settings/execution", tags=["settings"])


@router.get("")
async def read_settings(caller: Caller, platform: ThePlatform, connection: Writing) -> ExecutionSettingsOut:
    """My settings; made with the defaults on first read."""
    row = await settings_row(platform.database, connection, caller.user_id)
    return ExecutionSettingsOut.model_validate(row._asdict())


@router.put("")
async def write_settings(
    change: ExecutionSettingsChange, caller: Caller, platform: ThePlatform, connection: Writing
) -> ExecutionSettingsOut:
    """Change any of the six settings; the whole set comes back."""
    row = await change_settings(platform.database, connection, caller.user_id, change)
    return ExecutionSettingsOut.model_validate(row._asdict())
