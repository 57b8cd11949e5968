"""`/settings/analytics` and `/analytics/costs`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from tierwright.server.analytics.asked import RunsAsked, SeenProjects, WindowAsked
from tierwright.server.analytics.costs_csv import costs_csv
from tierwright.server.analytics.schemas import CostsOut, Format, StrategyEffectivenessOut, TierDistributionOut
from tierwright.server.analytics.service import costs
from tierwright.server.platform import ThePlatform
from tierwright.store.analytics import strategy_effectiveness, tier_distribution
from tierwright.store.figures_csv import figures_csv
from tierwright.store.moments import Bucket

router = APIRouter(tags=["analytics"])

BucketAsked = Annotated[Bucket | None, Query(alias="bucket", description="Also split by the time that runs began.")]
FormatAsked = Annotated[Format, Query(alias="format", description="`csv`: one figure a line; of costs, one row.")]

_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.get("/settings/analytics/tier-distribution", response_model_exclude_unset=True, responses=_CSV)
async def read_tier_distribution(
    wanted: RunsAsked, platform: ThePlatform, bucket: BucketAsked = None, form: FormatAsked = Format.JSON
) -> TierDistributionOut:
    """Which tier carried how many steps."""
    data = (await tier_distribution(platform.database, wanted, bucket)).as_json()
    return _csv("tier_distribution", data) if form is Format.CSV else TierDistributionOut.model_validate(data)


@router.get("/settings/analytics/strategy-effectiveness", response_model_exclude_unset=True, responses=_CSV)
async def read_strategy_effectiveness(
    wanted: RunsAsked, platform: ThePlatform, bucket: BucketAsked = None, form: FormatAsked = Format.JSON
) -> StrategyEffectivenessOut:
    """How the three strategies did."""
    data = (await strategy_effectiveness(platform.database, wanted, bucket)).as_json()
    return _csv("strategy_effectiveness", data) if form is Format.CSV else StrategyEffectivenessOut.model_validate(data)


def _csv(report: str, data: dict[str, Any]) -> Any:
    return _sent_as_csv(report, figures_csv({report: data}))


def _sent_as_csv(report: str, text: str) -> Any:
    """FastAPI sends a response as it is."""
    file = f'attachment; filename="{report}.csv"'
    return Response(text, media_type="text/csv", headers={"Content-Disposition": file})


@router.get("/analytics/costs", responses=_CSV)
async def read_costs(
    seen: SeenProjects, window: WindowAsked, platform: ThePlatform, form: FormatAsked = Format.JSON
) -> CostsOut:
    """What runs cost, by test, model and day, and this month's budgets. Without a window: the last 30 days."""
    spent = await costs(platform.database, seen, window)
    return _sent_as_csv("costs", costs_csv(spent)) if form is Format.CSV else spent
