"""`/settings/execution/strategies`."""

from __future__ import annotations

from fastapi import APIRouter

from tierwright.server.analytics.asked import SeenProjects
from tierwright.server.platform import ThePlatform
from tierwright.server.strategies.schemas import StrategiesOut
from tierwright.server.strategies.service import described_strategies

router = APIRouter(prefix="/settings/execution/strategies", tags=["settings"])


@router.get("")
async def list_strategies(projects: SeenProjects, platform: ThePlatform) -> StrategiesOut:
    """The three strategies: what the design expects of them, and what they did in your projects so far."""
    return StrategiesOut(strategies=await described_strategies(platform.database, projects))
