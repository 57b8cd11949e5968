"""Counts the requests of a process, and reads what a database holds, in a registry of the application's own.

Labels are words of ours (method, route template, status, kind), never an id, a name or a text that a user gave.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from tierwright.core.deadline import Clock
from tierwright.server.answers import NotedSend, route_of
from tierwright.store.database import Database
from tierwright.store.sweep import QUEUED
from tierwright.store.tables import heals, test_executions

READ_EVERY_SECONDS = 15.0
"""How old the database's figures may be: several scrapers, or an impatient one, ask it no more often."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)


@dataclass
class Metrics:
    """The metrics of one application."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    read_at: float | None = None

    def __post_init__(self) -> None:
        """Make the metrics."""
        labels = ("method", "route", "status")
        self.requests = Counter("tierwright_http_requests", "Requests.", labels, registry=self.registry)
        self.seconds = Histogram(
            "tierwright_http_request_seconds",
            "Seconds until an answer was sent.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.runs = Gauge("tierwright_runs", "Runs in the database.", ("status",), registry=self.registry)
        self.queued = Gauge("tierwright_queue_depth", "Runs that wait.", registry=self.registry)
        self.tokens = Gauge("tierwright_tokens", "Tokens of the runs in the database.", registry=self.registry)
        self.dollars = Gauge("tierwright_cost_usd", "Known dollars of the same runs.", registry=self.registry)
        self.unpriced = Gauge("tierwright_unpriced_runs", "Ended runs of unknown price.", registry=self.registry)
        self.heals = Gauge("tierwright_heals", "Heals and groundings.", ("kind", "status"), registry=self.registry)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note a request that was answered."""
        known = method if method in _METHODS else "other"
        self.requests.labels(known, route, str(status)).inc()
        self.seconds.labels(known, route).observe(seconds)

    async def text(self, database: Database, clock: Clock) -> bytes:
        """All figures as Prometheus reads them. Raises MachineryError."""
        now = clock.monotonic()
        if self.read_at is None or now - self.read_at >= READ_EVERY_SECONDS:
            async with database.read() as connection:
                await self._read(connection)
            self.read_at = now
        return generate_latest(self.registry)

    async def _read(self, connection: AsyncConnection) -> None:
        await self._read_runs(connection)
        self.heals.clear()
        kinds = select(heals.c.kind, heals.c.status, func.count()).group_by(heals.c.kind, heals.c.status)
        for kind, status, count in await connection.execute(kinds):
            self.heals.labels(kind, status).set(count)

    async def _read_runs(self, connection: AsyncConnection) -> None:
        run = test_executions.c
        query = select(
            run.status,
            func.count().label("runs"),
            func.sum(run.tokens).label("tokens"),
            func.coalesce(func.sum(run.cost_usd), 0.0).label("cost"),
            (func.count(run.finished_at) - func.count(run.cost_usd)).label("unpriced"),
        ).group_by(run.status)
        rows = (await connection.execute(query)).all()
        self.runs.clear()
        for row in rows:
            self.runs.labels(row.status).set(row.runs)
        self.queued.set(sum(row.runs for row in rows if row.status == QUEUED))
        self.tokens.set(sum(int(row.tokens) for row in rows))
        self.dollars.set(sum(float(row.cost) for row in rows))
        self.unpriced.set(sum(max(row.unpriced, 0) for row in rows))


class CountRequests:
    """Counts every request by its route's template: addresses hold ids, and would make a series each."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        noted, started = NotedSend(send), perf_counter()
        try:
            await self._app(scope, receive, noted)
        finally:
            self._metrics.count(scope["method"], route_of(scope), noted.status, perf_counter() - started)
