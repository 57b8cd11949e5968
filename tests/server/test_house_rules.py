"""Rules of server/ that a machine keeps, because prose does not."""

from __future__ import annotations

import inspect
import re

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from tierwright.server.access import running_principal, signed_in
from tierwright.server.app import ROUTERS
from tierwright.server.transactions import reading, writing

PUBLIC = {"/auth/login", "/auth/start", "/health/live", "/health/ready", "/metrics"}
"""What may be asked without signing in."""

RUNNING = re.compile(r"/executions|/executions/\{\w+\}/(cancel|rerun)|/tests/\{\w+\}/run|/suites/\{\w+\}/run")
"""What an API token needs the scope `run` for, and only that."""


def api_routes() -> list[APIRoute]:
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def calls_of(dependant: Dependant) -> list[object]:
    """What FastAPI calls for a route, in its order."""
    found: list[object] = []
    for inner in dependant.dependencies:
        found += [*calls_of(inner), inner.call]
    return found


def test_every_route_asks_who_calls_unless_it_is_listed_as_public() -> None:
    open_routes = {r.path for r in api_routes() if signed_in not in calls_of(r.dependant)}
    assert open_routes == PUBLIC


def test_the_caller_is_known_before_the_transaction_opens() -> None:
    for route in api_routes():
        calls = calls_of(route.dependant)
        opened = [calls.index(which) for which in (reading, writing) if which in calls]
        if opened and signed_in in calls:
            assert calls.index(signed_in) < min(opened), f"{route.path}: name the caller before the connection"


def test_starting_cancelling_and_repeating_runs_needs_the_scope_run_and_nothing_else_does() -> None:
    posts = [route for route in api_routes() if route.methods == {"POST"}]
    expected = {route.path for route in posts if RUNNING.fullmatch(route.path)}
    asking = {route.path for route in api_routes() if running_principal in calls_of(route.dependant)}
    assert asking == expected, "name the caller RunCaller where a run is started, cancelled or repeated"


def test_an_endpoint_that_holds_a_connection_asks_for_no_second_one() -> None:
    """As many requests as the pool has connections would each wait for another one's, and none would go on."""
    for route in api_routes():
        if {reading, writing} & set(calls_of(route.dependant)):
            source = inspect.getsource(route.endpoint)
            second = re.search(r"project_for\(|database\.(read|write)\(", source)
            assert not second, f"{route.path}: find the project in a dependency that is named before the connection"
