"""`/metrics`, for Prometheus.

Open without signing in where nobody but this machine can ask: the server listens on loopback, no proxy stands before
it, and the request comes from loopback. Everybody else signs in as an administrator, a scraper with an API token.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from tierwright.server.access import Role, signed_in
from tierwright.server.metrics.service import Metrics
from tierwright.server.platform import Platform, ThePlatform
from tierwright.server.problems import forbidden
from tierwright.server.settings import LOOPBACK

router = APIRouter(tags=["operations"])

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BEARER = HTTPBearer(auto_error=False, description="An API token of an administrator.")
_BY_PROXY = ("x-forwarded-for", "forwarded", "via")


async def may_scrape(
    request: Request,
    platform: ThePlatform,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
) -> None:
    """Let in who may read the metrics. Raises Problem (401, 403)."""
    if _from_this_machine(request, platform):
        return
    caller = await signed_in(request, platform, bearer, None)
    if caller.role is not Role.ADMIN:
        raise forbidden("only an administrator's token may read the metrics")


def _from_this_machine(request: Request, platform: Platform) -> bool:
    proxied = platform.settings.public_url or any(name in request.headers for name in _BY_PROXY)
    client = request.client.host if request.client else ""
    return platform.settings.on_loopback and not proxied and client in LOOPBACK


@router.get("/metrics", dependencies=[Depends(may_scrape)], response_class=Response)
async def read_metrics(request: Request, platform: ThePlatform) -> Response:
    """Requests, runs, queue, heals, tokens and dollars, in the text format of Prometheus."""
    metrics: Metrics = request.app.state.metrics
    return Response(await metrics.text(platform.database, platform.clock), media_type=CONTENT_TYPE)
