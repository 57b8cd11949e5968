"""`/dashboard`."""

from __future__ import annotations

from fastapi import APIRouter

from tierwright.server.analytics.asked import ProjectId, SeenProjects, WindowAsked
from tierwright.server.dashboard.schemas import DashboardOut
from tierwright.server.dashboard.service import dashboard
from tierwright.server.platform import ThePlatform

router = APIRouter(prefix="/dashboard", tags=["analytics"])


@router.get("")
async def read_dashboard(
    seen: SeenProjects, window: WindowAsked, platform: ThePlatform, project_id: ProjectId = None
) -> DashboardOut:
    """How your projects are: what passes, runs, heals, costs, and is slow or flaky. By default of the last 30 days."""
    return await dashboard(platform.database, seen, project_id, window)
