"""The application: `create_app(settings)` wires routes, errors and the open state together."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from tierwright import __version__
from tierwright.core.deadline import Clock, SystemClock
from tierwright.server.analytics.endpoints import router as analytics
from tierwright.server.auth.endpoints import router as auth
from tierwright.server.cache.endpoints import router as cache
from tierwright.server.dashboard.endpoints import router as dashboard
from tierwright.server.execution_settings.endpoints import router as execution_settings
from tierwright.server.executions.endpoints import router as executions
from tierwright.server.heals.endpoints import router as heals
from tierwright.server.health.endpoints import router as health
from tierwright.server.logs import LogRequests
from tierwright.server.metrics.endpoints import router as metrics
from tierwright.server.metrics.service import CountRequests, Metrics
from tierwright.server.platform import Platform
from tierwright.server.problems import ProblemBody, answer_problems, not_found
from tierwright.server.projects.endpoints import router as projects
from tierwright.server.reference.page import reference_page
from tierwright.server.schedules.endpoints import router as schedules
from tierwright.server.security.body_limit import BodyLimit
from tierwright.server.security.headers import SecurityHeaders
from tierwright.server.security.login_limits import LoginLimits
from tierwright.server.security.passwords import Passwords
from tierwright.server.security.secret_box import KEY_FILE, SecretBox
from tierwright.server.settings import ServerSettings
from tierwright.server.strategies.endpoints import router as strategies
from tierwright.server.suites.endpoints import router as suites
from tierwright.server.telemetry import TraceRequests, open_tracing
from tierwright.server.tests.endpoints import router as tests
from tierwright.server.ui.serving import serve_ui
from tierwright.server.upkeep import upkeep
from tierwright.server.users.endpoints import router as users
from tierwright.server.working import at_work
from tierwright.store.database import KEPT_CONNECTIONS, database_url, open_database
from tierwright.worker.fleet import connections_of_worker
from tierwright.worker.queue import open_queue
from tierwright.worker.signals import open_signals

API = "/api/v1"

ROUTERS = (
    auth,
    users,
    projects,
    execution_settings,
    tests,
    suites,
    executions,
    heals,
    cache,
    schedules,
    health,
    strategies,
    analytics,
    dashboard,
    metrics,
)


_PROBLEM: dict[str, Any] = {
    "model": ProblemBody,
    "description": "What is wrong, in words and as a code.",
    # Said once more, because a route that streams or sends a file would be said to tell its errors in that form.
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
}


def create_app(settings: ServerSettings, clock: Clock | None = None) -> FastAPI:
    """The web application of these settings; its state is opened when it starts and closed when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_platform(settings, clock or SystemClock()) as platform:
            app.state.platform = platform
            async with upkeep(platform), at_work(platform):
                yield

    app = FastAPI(
        title="Tierwright",
        version=__version__,
        lifespan=lifespan,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        responses={"4XX": _PROBLEM},
    )
    app.state.metrics = Metrics()
    answer_problems(app)
    app.include_router(_api(), prefix=API)
    _add_reference(app)
    serve_ui(app)
    _guard(app, settings)
    return app


def _operation_id(route: APIRoute) -> str:
    """Clients' functions are named by this; the names of endpoints are unique, which a test keeps."""
    return route.name


def _add_reference(app: FastAPI) -> None:
    @app.get("/docs", include_in_schema=False)
    def reference() -> HTMLResponse:
        return HTMLResponse(reference_page(app.openapi()))


def _guard(app: FastAPI, settings: ServerSettings) -> None:
    """What every request passes, the last one first."""
    app.add_middleware(BodyLimit, most_bytes=settings.body_limit_bytes)
    origins = [origin.strip().rstrip("/") for origin in settings.cors_origins.split(",") if origin.strip()]
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
        )
    app.add_middleware(SecurityHeaders, https=(settings.public_url or "").startswith("https:"), api=API)
    app.add_middleware(CountRequests, metrics=app.state.metrics)
    if settings.tracing:
        app.add_middleware(TraceRequests)
    app.add_middleware(LogRequests)


def _api() -> APIRouter:
    api = APIRouter()
    for router in ROUTERS:
        api.include_router(router)

    @api.get("/{rest:path}", include_in_schema=False)
    async def unknown(rest: str) -> None:
        raise not_found(f"address: {rest}")

    return api


@asynccontextmanager
async def open_platform(settings: ServerSettings, clock: Clock, *, apart: bool = False) -> AsyncIterator[Platform]:
    """Open the state of a server, or of a worker `apart` from one, and close it however that ends.

    A worker hears of no events, and keeps few connections: there may be hundreds of it. Raises UsageError and
    MachineryError.
    """
    address = address_of(settings)
    async with AsyncExitStack() as stack:
        tracing = await stack.enter_async_context(open_tracing(settings, os.environ))
        kept = connections_of_worker(settings.workers) if apart else KEPT_CONNECTIONS
        database = await stack.enter_async_context(open_database(address, clock, kept_connections=kept))
        signals = await stack.enter_async_context(open_signals(database, follows=not apart))
        queue = await stack.enter_async_context(open_queue(database, signals))
        box = _secret_box(settings)
        yield Platform(settings, database, clock, box, Passwords(), LoginLimits(database), signals, queue, tracing)


def address_of(settings: ServerSettings) -> str:
    """Where the state of a server is: its database URL, else SQLite in its state folder."""
    given = settings.database_url
    return given.get_secret_value() if given else database_url(settings.state_dir, {})


def _secret_box(settings: ServerSettings) -> SecretBox:
    keys = settings.encryption_key
    return SecretBox(settings.state_dir / KEY_FILE, keys.get_secret_value() if keys else None)
