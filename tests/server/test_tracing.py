"""OpenTelemetry: what a collector gets of runs and requests, what it never gets, and what its faults cost."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from tests.server.conftest import Person, SetClock, client_of
from tests.server.queueing import Wired, all_ended, stub
from tests.standins.otlp import Collector, collecting
from tests.store.examples import attempt, healed_step, result, told

from tierwright.core.errors import UsageError
from tierwright.core.results import ErrorKind, Failure, RunStatus, StepStatus
from tierwright.server.app import create_app, open_platform
from tierwright.server.logs import MaskSecrets, secrets_in
from tierwright.server.platform import Platform
from tierwright.server.settings import ServerSettings
from tierwright.server.telemetry import open_tracing, traces_go_to
from tierwright.server.tracing import FLUSH_SECONDS, TraceRuns, ids_of, running_tracing
from tierwright.server.working import listeners_of_runs

YAML = (
    'name: Sign in\nsteps:\n  - {action: navigate, value: "http://127.0.0.1/"}\n  - {action: click, selector: "#a"}\n'
)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that the environment names."""
    with collecting() as made:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.url)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        yield made


@pytest.fixture
def traced(settings: ServerSettings) -> ServerSettings:
    """The settings with tracing on."""
    return settings.model_copy(update={"tracing": True})


async def tell(run_id: str, *steps, status: RunStatus = RunStatus.PASSED, mask=str) -> None:
    """Trace a run as the engine tells it, in a task of its own as a worker does, and send the spans."""

    async def one_run(listener: TraceRuns) -> None:
        for event in told(run_id, tuple(steps), status=status):
            await listener.on_event(event)

    async with running_tracing() as tracing:
        await asyncio.create_task(one_run(tracing.of_runs(mask)))


async def test_a_run_is_one_trace_of_steps_and_their_attempts(collector: Collector) -> None:
    began = datetime.now(UTC)
    await tell("run-7")
    (run,) = collector.named("run")
    steps, attempts = collector.named("step"), collector.named("attempt")
    trace, queued = ids_of("run-7")
    assert {span.trace for span in collector.spans} == {f"{trace:032x}"}
    assert run.parent == f"{queued:016x}", "the span with which the server queued it"
    assert [step.parent for step in steps] == [run.id] * 3
    assert [one.parent for one in attempts] == [steps[n].id for n in (0, 1, 2, 2)]
    assert run.said == {
        "tierwright.run_id": "run-7",
        "tierwright.test": "Sign in",
        "tierwright.project": "default",
        "tierwright.strategy": "option_c",
        "tierwright.model": "local",
        "tierwright.status": "passed",
        "tierwright.tries": 1,
        "tierwright.tokens": 100,
        "tierwright.cost_usd": 0.01,
    }
    healed = {name.removeprefix("tierwright."): value for name, value in steps[2].said.items()}
    assert healed == {
        **{"step": 2, "try": 1, "action": "click", "status": "healed", "tier": 2, "cache": "none"},
        **{"tokens": 100, "cost_usd": 0.01},
    }
    second = {name.removeprefix("tierwright."): value for name, value in attempts[3].said.items()}
    assert second == {"tier": 2, "attempt": 1, "success": True, "cache": "miss", "tokens": 100, "cost_usd": 0.01}
    assert round((attempts[3].ended_ns - attempts[3].began_ns) / 1e6, 3) == 50.0
    assert round((steps[2].ended_ns - steps[2].began_ns) / 1e6, 3) == 20.0
    assert run.began_ns / 1e9 >= began.timestamp() - 1
    assert set(collector.paths) == {"/v1/traces"}
    assert run.resource["service.name"] == "tierwright"


async def test_spans_say_kinds_and_never_what_a_page_or_a_step_holds(collector: Collector) -> None:
    failure = Failure(ErrorKind.EXPECTATION, "the heading says geheim-text")
    seen = {"locator": "#geheim-locator", "xpath": "/html/geheim-xpath", "error": failure}
    attempts = (attempt(success=False, error=failure, locator="#geheim-tried", cost_usd=None),)
    await tell(
        "run-8",
        result(1, StepStatus.FAILED, attempts=attempts, **seen),
        healed_step(),
        status=RunStatus.FAILED,
        mask=lambda name: name.replace("Sign", "***"),
    )
    (run,) = collector.named("run")
    step, (tried, *_) = collector.named("step")[0], collector.named("attempt")
    assert [(span.failed, span.said.get("error.type")) for span in (step, tried)] == [(True, "expectation")] * 2
    assert "tierwright.cost_usd" not in {**run.said, **step.said, **tried.said}, "a price that is not known is not 0"
    assert run.said["tierwright.test"] == "*** in"
    everything = str(collector.spans)
    for held in ("geheim", "{{password}}", "Password field", "#pw", "#login", "#signin", "Log in button"):
        assert held not in everything, held
    assert sum(span.events for span in collector.spans) == 0, "no exception's words either"


async def test_the_names_and_the_sampling_of_the_environment_hold(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "nightly")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=staging")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=geheim-123")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
    async with running_tracing() as tracing:
        for number in range(40):
            tracing.queued([f"run-{number}"])
            for event in told(f"run-{number}"):
                await tracing.of_runs(str).on_event(event)
    queued, runs = collector.named("queued"), collector.named("run")
    assert 5 < len(queued) < 35
    assert {span.trace for span in runs} == {span.trace for span in queued}, "a trace is kept whole, or not at all"
    resource = runs[0].resource
    assert (resource["service.name"], resource["deployment.environment.name"]) == ("nightly", "staging")
    assert collector.headers[0]["x-key"] == "geheim-123"


async def test_a_request_is_linked_to_the_run_that_it_starts_and_a_worker_goes_on_from_there(
    traced: ServerSettings, clock: SetClock, collector: Collector, person
) -> None:
    app = create_app(traced, clock)
    async with open_platform(traced, clock) as platform:
        app.state.platform = platform
        bob: Person = await person("bob")
        above = {"traceparent": f"00-{1:032x}-{2:016x}-01", "Authorization": bob.client.headers["Authorization"]}
        async with client_of(app) as client:
            client.headers.update(above)
            test = (await client.post("/tests", json={"yaml": YAML})).json()
            answer = await client.post(f"/tests/{test['id']}/run", json={})
            (run_id,) = [run["id"] for run in answer.json()["runs"]]
        wires = Wired(platform.database, platform.signals, platform.queue)
        async with wires.fleet(stub(), watching=listeners_of_runs(platform, MaskSecrets())):
            assert await all_ended(wires) == ["passed"]
    (asked,) = collector.named("POST /tests/{test_id}/run")
    (queued,), (run,) = collector.named("queued"), collector.named("run")
    assert (asked.trace, asked.parent) == (f"{1:032x}", f"{2:016x}")
    assert queued.links == (asked.id,)
    assert (queued.trace, queued.parent) == (f"{ids_of(run_id)[0]:032x}", "")
    assert (run.trace, run.parent) == (queued.trace, queued.id)
    assert asked.said["http.response.status_code"] == answer.status_code
    assert asked.said["tierwright.request_id"] == answer.headers["x-request-id"]
    assert len(collector.named("step")) == 2


@pytest.mark.parametrize("migrated_address", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fault", ["away", "refuses", "hangs"])
async def test_a_collector_that_fails_costs_no_run_and_a_stop_has_a_deadline(
    platform: Platform, collector: Collector, monkeypatch: pytest.MonkeyPatch, fault: str, person
) -> None:
    collector.status, collector.hangs = 500, fault == "hangs"
    if fault == "away":
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
        collector.close()
    bob: Person = await person("bob")
    test = (await bob.client.post("/tests", json={"yaml": YAML})).json()
    assert (await bob.client.post(f"/tests/{test['id']}/run", json={})).status_code == 202
    wires = Wired(platform.database, platform.signals, platform.queue)
    async with (
        asyncio.timeout(FLUSH_SECONDS + 40),
        running_tracing() as tracing,
        wires.fleet(stub(), watching=tracing.of_runs(str)),
    ):
        assert await all_ended(wires) == ["passed"]
    assert collector.spans == []


async def test_without_the_switch_nothing_is_opened(settings: ServerSettings, traced: ServerSettings) -> None:
    async with open_tracing(settings, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}) as tracing:
        assert tracing is None
    for env in ({"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}):
        async with open_tracing(traced, env) as tracing:
            assert tracing is None
    with pytest.raises(UsageError, match="OTEL_TRACES_EXPORTER=zipkin is not supported"):
        traces_go_to(traced, {"OTEL_TRACES_EXPORTER": "zipkin"})


def test_what_is_sent_to_the_collector_in_headers_is_secret() -> None:
    env = {"OTEL_EXPORTER_OTLP_HEADERS": "x-key=abc%20d,team=blue", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "k=tracekey"}
    assert set(secrets_in(env)) == {"abc%20d", "abc d", "blue", "tracekey"}


WITHOUT = """
import sys
sys.modules.update({"opentelemetry.exporter": None, "opentelemetry.sdk": None})
from tierwright.core.errors import UsageError
from tierwright.server.app import create_app
from tierwright.server.platform import Platform
from tierwright.server.settings import ServerSettings
from tierwright.server.telemetry import traces_go_to
create_app(ServerSettings(tracing=True))
assert traces_go_to(ServerSettings(), {}).why_not
try:
    traces_go_to(ServerSettings(tracing=True), {})
except UsageError as error:
    print(error)
"""


@pytest.mark.timeout(240)
def test_without_the_extra_the_server_imports_and_says_how_to_install_it() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, timeout=200, check=False)
    assert done.stdout.strip().endswith("pip install 'tierwright[otel]'"), done.stderr


async def test_a_run_whose_worker_lost_it_leaves_nothing_open_for_the_next(collector: Collector) -> None:
    lost, whole = told("lost")[:5], told("whole")

    async def on(listener: TraceRuns, events) -> None:
        for event in events:
            await listener.on_event(event)

    async with running_tracing() as tracing:
        listener = tracing.of_runs(str)
        await asyncio.create_task(on(listener, lost))
        await asyncio.create_task(on(listener, whole))
    assert [run.said["tierwright.run_id"] for run in collector.named("run")] == ["whole"]
    trace = f"{ids_of('whole')[0]:032x}"
    assert len([step for step in collector.named("step") if step.trace == trace]) == 3
