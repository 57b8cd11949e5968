"""`tierwright serve` and `tierwright worker` as users start them: real processes, a real browser, over HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from pydantic import SecretStr
from tests.conftest import Site
from tests.server.queueing import Wired, a_wish, all_ended, until
from tests.standins.providers import Hang, standin

from tierwright.core.deadline import SystemClock
from tierwright.server.app import open_platform
from tierwright.server.projects.secrets.service import keep_secret
from tierwright.server.settings import ServerSettings
from tierwright.server.users.service import DEMO_PASSWORD, DEMO_USER
from tierwright.worker.requests import TestToRun

SHOP = """\
name: Buy
secrets: [password]
steps:
  - {action: navigate, value: /}
  - {action: fill, selector: "#secret", value: "{{password}}"}
  - {action: upload, selector: "#file", files: ["FILE"]}
  - {action: click, selector: "#b"}
  - {action: expect, selector: "#done", condition: visible}
"""
PAGE = """<title>Shop</title><input id=secret><input type=file id=file>
<button id=b onclick="this.insertAdjacentHTML('afterend','<p id=done>Done</p>')">Buy</button>"""


class Served:
    """A server in a process of its own, and a client that is signed in as the demo's administrator."""

    def __init__(self, state: Path, *words: str, env: dict[str, str] | None = None) -> None:
        command = [sys.executable, "-m", "tierwright", "serve", "--demo", "--port", "0", "--state", str(state), *words]
        self.log = state.with_name("serve.log")
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, **(env or {})}
            )
        assert self.process.stdout
        self.said = [self.process.stdout.readline(), self.process.stdout.readline()]
        address = self.said[1].split()[3]
        self.client = httpx.Client(base_url=f"{address}/api/v1", timeout=20)

    def sign_in(self) -> None:
        answer = self.client.post("/auth/login", data={"username": DEMO_USER, "password": DEMO_PASSWORD})
        self.client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        self.client.cookies.clear()

    def post(self, path: str, body: Any) -> Any:
        answer = self.client.post(path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def close(self) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        assert self.process.stdout
        self.process.stdout.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "state")
    made.sign_in()
    yield made
    made.close()


def started(served: Served, site: Site, yaml: str, **overrides: Any) -> str:
    test = served.post("/tests", {"yaml": yaml})
    group = served.post(f"/tests/{test['id']}/run", {"overrides": {"base_url": site.origin, **overrides}})
    return str(group["runs"][0]["id"])


async def ended(served: Served, run_id: str, seconds: float = 60) -> dict[str, Any]:
    async def over() -> bool:
        return served.get(f"/executions/{run_id}")["status"] not in ("queued", "running")

    await until(over, seconds)
    run: dict[str, Any] = served.get(f"/executions/{run_id}")
    return run


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_served_run_uses_the_projects_secrets_and_files_and_leaves_pictures(
    served: Served, site: Site, tmp_path: Path
) -> None:
    site.page("/", PAGE)
    assert served.said[0].startswith("DEMO")
    project = served.get("/projects")["items"][0]["id"]
    answer = served.client.put(f"/projects/{project}/secrets/password", json={"value": "hunter22"})
    assert answer.status_code < 300, answer.text
    files = tmp_path / "state" / "projects" / project / "files"
    files.mkdir(parents=True, exist_ok=True)
    (files / "photo.png").write_bytes(b"x")
    run = await ended(served, started(served, site, SHOP.replace("FILE", "photo.png"), screenshots="on"), 120)
    assert run["status"] == "passed", run["error_message"]
    pictures = [one for one in run["artifacts"] if one["content_type"] == "image/png"]
    elements = [one for one in pictures if one["name"].endswith("-element.png")]
    assert (len(pictures) - len(elements), len(elements)) == (5, 4)
    shown = served.client.get(f"/executions/{run['id']}/artifacts/{pictures[0]['id']}")
    assert shown.content.startswith(b"\x89PNG")
    stream = served.client.get(f"/executions/{run['id']}/events").text
    assert stream.count("event: step_finished") == 5
    log = served.log.read_text()
    assert "hunter22" not in stream + str(run) + log
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    told = [(line["event"], line.get("step")) for line in lines if line.get("run_id") == run["id"]]
    assert told[0] == ("run started", None)
    assert [step for event, step in told if event == "step finished"] == [0, 1, 2, 3, 4]
    assert told[-1] == ("run finished", None)
    elsewhere = "name: Steal\nvariables: {where: ../../../tierwright.db}"
    outside = SHOP.replace("name: Buy", elsewhere).replace("FILE", "{{where}}")
    stolen = await ended(served, started(served, site, outside), 120)
    assert stolen["status"] == "failed"
    assert "only files of the project" in stolen["error_message"]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.serial
async def test_a_run_that_acts_in_a_browser_is_cancelled_within_two_seconds(served: Served, site: Site) -> None:
    site.page("/", PAGE)
    waiting = '{action: click, selector: "#no", timeout_seconds: 60}'
    run_id = started(served, site, f"name: Wait\nsteps:\n  - {{action: navigate, value: /}}\n  - {waiting}\n")

    async def acting() -> bool:
        return len(served.get(f"/executions/{run_id}/steps")["items"]) == 1

    await until(acting, 90)
    assert served.client.get(f"/executions/{run_id}/frame").headers["content-type"] == "image/jpeg"
    asked = time.monotonic()
    served.post(f"/executions/{run_id}/cancel", {})
    run = await ended(served, run_id)
    assert time.monotonic() - asked < 2.0
    assert run["status"] == "cancelled"
    assert served.client.get(f"/executions/{run_id}/frame").status_code == 404


SEEN_WITHIN_SECONDS = 1.0
"""How long after it happened whoever follows a run sees a step; a model may be asked sooner than that."""


@pytest.mark.browser
@pytest.mark.stagehand
@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.serial
async def test_a_run_that_waits_for_a_model_is_cancelled_within_two_seconds_and_who_follows_sees_it_live(
    tmp_path: Path, site: Site
) -> None:
    site.page("/", PAGE)
    waiting = "{action: click, selector: '#no', instruction: the flux capacitor dial}"
    yaml = f"name: Ask\nsteps:\n  - {{action: navigate, value: /}}\n  - {waiting}\n"
    with standin("openai") as model:
        model.will(Hang())
        env = {"TIERWRIGHT_MODEL": "openai-compatible:slow", "TIERWRIGHT_MODEL_BASE_URL": f"{model.url}/v1"}
        served = Served(tmp_path / "state", env=env)
        try:
            served.sign_in()
            run_id = started(served, site, yaml)
            following = asyncio.create_task(asyncio.to_thread(followed, served, run_id))
            assert await asyncio.to_thread(model.arrived.wait, 120)
            await asyncio.sleep(SEEN_WITHIN_SECONDS)
            asked = time.time()
            served.post(f"/executions/{run_id}/cancel", {})
            run = await ended(served, run_id)
            assert time.time() - asked < 2.0
            assert run["status"] == "cancelled"
            events = await following
        finally:
            served.close()
    assert events[-1][0] == "run_finished"
    before = [kind for kind, at in events if at < asked]
    assert before.count("step_finished") == 1, "the first step was seen while the second waited"


@pytest.mark.browser
@pytest.mark.stagehand
@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_project_whose_budget_is_spent_asks_no_model_and_asks_again_when_it_has_more(
    tmp_path: Path, site: Site
) -> None:
    site.page("/", PAGE)
    waiting = "{action: click, selector: '#no', instruction: the flux capacitor dial, timeout_seconds: 20}"
    yaml = f"name: Ask\nsteps:\n  - {{action: navigate, value: /}}\n  - {waiting}\n"
    with standin("openai") as model:
        env = {
            "TIERWRIGHT_MODEL": "openai-compatible:dear",
            "TIERWRIGHT_MODEL_BASE_URL": f"{model.url}/v1",
            "TIERWRIGHT_PRICES": '{"openai-compatible:dear": {"input": 1000, "output": 1000}}',
        }
        served = Served(tmp_path / "state", env=env)
        try:
            served.sign_in()
            project = served.get("/projects")["items"][0]["id"]
            path = f"/projects/{project}/settings"
            assert served.client.put(path, json={"budget_usd": 0.01}).status_code == 200
            refused = await ended(served, started(served, site, yaml, strategy="option_a"), 120)
            assert (refused["status"], refused["error_kind"], model.received) == ("failed", "budget", [])
            assert "the project's budget of $0.01 for this month" in refused["error_message"]
            assert served.client.put(path, json={"budget_usd": 50}).status_code == 200
            again = served.post(f"/executions/{refused['id']}/rerun", {})["runs"][0]["id"]
            run = await ended(served, again, 120)
            (budget,) = served.get("/analytics/costs")["budgets"]
        finally:
            served.close()
    assert len(model.received) > 0
    assert run["cost_usd"] > 0
    assert budget["spent_usd"] == pytest.approx(run["cost_usd"])
    assert budget["remaining_usd"] == pytest.approx(50 - run["cost_usd"])


def followed(served: Served, run_id: str) -> list[tuple[str, float]]:
    """The kinds of a run's events, and when each came."""
    seen = []
    with served.client.stream("GET", f"/executions/{run_id}/events", timeout=180) as answer:
        for line in answer.iter_lines():
            if line.startswith("event: "):
                seen.append((line.removeprefix("event: "), time.time()))
    return seen


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_worker_of_its_own_needs_postgresql_and_a_demo_needs_loopback(tmp_path: Path) -> None:
    def said(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "tierwright", *words, "--state", str(tmp_path / "s")],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stderr

    code, words = said("worker")
    assert (code, "PostgreSQL" in words) == (2, True)
    code, words = said("serve", "--demo", "--host", "0.0.0.0")
    assert (code, "--host 127.0.0.1" in words) == (2, True)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_server_that_is_stopped_gives_its_run_back_and_makes_it_when_it_is_there_again(
    tmp_path: Path, site: Site
) -> None:
    site.page("/", PAGE)
    first = Served(tmp_path / "state")
    first.sign_in()
    yaml = 'name: One\nsteps:\n  - {action: navigate, value: /}\n  - {action: click, selector: "#b"}\n'
    test = first.post("/tests", {"yaml": yaml})
    body = {"test_ids": [test["id"]], "overrides": {"base_url": site.origin}}
    runs = [first.post("/executions", body)["runs"][0]["id"] for _ in range(3)]
    first.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(first.process.wait, 60) == 0
    first.close()
    second = Served(tmp_path / "state")
    second.sign_in()
    try:
        assert [(await ended(second, run_id, 120))["status"] for run_id in runs] == ["passed"] * 3
    finally:
        second.close()


@pytest.mark.browser
@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_server_without_workers_has_its_runs_made_by_a_worker_elsewhere(
    tmp_path: Path, site: Site, postgres_url: str
) -> None:
    site.page("/", PAGE)
    env = {"TIERWRIGHT_DATABASE_URL": postgres_url, "TIERWRIGHT_ALLOWED_HOSTS": site.origin.removeprefix("http://")}
    served = Served(tmp_path / "state", "--workers", "0", env=env)
    command = [sys.executable, "-m", "tierwright", "worker", "--state", str(tmp_path / "state")]
    worker = await asyncio.to_thread(subprocess.Popen, command, stdout=subprocess.DEVNULL, env={**os.environ, **env})
    try:
        served.sign_in()
        yaml = 'name: One\nsteps:\n  - {action: navigate, value: /}\n  - {action: click, selector: "#b"}\n'
        run = await ended(served, started(served, site, yaml), 120)
        assert run["status"] == "passed", run["error_message"]
        assert f"-{worker.pid}-" in run["worker"]
        worker.terminate()
        assert await asyncio.to_thread(worker.wait, 60) == 0
    finally:
        worker.kill()
        worker.wait()
        served.close()


CHATTER = """
import logging, sys, threading, time
from tierwright.cli.main import main
def chat():
    while True:
        logging.getLogger("some.library").warning(sys.argv[1])
        time.sleep(0.02)
threading.Thread(target=chat, daemon=True).start()
main(sys.argv[2:], prog_name="tierwright")
"""
"""The command beside a library that writes to the log without end."""


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("command", ["serve", pytest.param("worker", marks=pytest.mark.postgres)])
async def test_a_process_that_makes_a_run_writes_no_secret_of_it_to_its_log_in_any_form(
    command: str, request: pytest.FixtureRequest, tmp_path: Path, site: Site
) -> None:
    site.page("/", PAGE)
    secret = "hunter2/geheim & co"
    forms = (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode())
    env = {"TIERWRIGHT_ALLOWED_HOSTS": site.origin.removeprefix("http://")}
    if command == "worker":
        env["TIERWRIGHT_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    yaml = "name: One\nsecrets: [password]\nsteps:\n  - {action: navigate, value: /}\n"
    yaml += '  - {action: fill, selector: "#secret", value: "{{password}}"}\n'
    url = SecretStr(env["TIERWRIGHT_DATABASE_URL"]) if command == "worker" else None
    settings = ServerSettings(state_dir=tmp_path / "state", database_url=url)
    arguments = ["--port", "0"] if command == "serve" else []
    arguments = [sys.executable, "-c", CHATTER, " | ".join(forms), command, *arguments]
    log = tmp_path / "process.log"
    async with open_platform(settings, SystemClock()) as platform:
        wires = Wired(platform.database, platform.signals, platform.queue)
        await wires.project()
        async with platform.database.write() as connection:
            sealed = await asyncio.to_thread(platform.secret_box.seal, secret)
            await keep_secret(platform.database, connection, "p1", "password", sealed)
        wish = a_wish(overrides={"base_url": site.origin})
        await wires.enqueue([TestToRun(id="t", version=1, name="One", yaml=yaml)], wish)
        with log.open("w") as errors:
            process = await asyncio.to_thread(
                subprocess.Popen,
                [*arguments, "--state", str(tmp_path / "state")],
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env={**os.environ, **env},
            )
        try:
            assert await all_ended(wires, 120) == ["passed"]
        finally:
            process.terminate()
            assert await asyncio.to_thread(process.wait, 60) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    events = [(line["event"], line["logger"]) for line in lines]
    begun = events.index(("run started", "tierwright.runs"))
    over = max(at for at, (event, _) in enumerate(events) if event == "step finished")
    during = [event for event, logger in events[begun:over] if logger == "some.library"]
    assert all(form in events[0][0] for form in forms), "before the run nobody knows the secret"
    assert during
    assert [form for form in forms if form in str(during)] == []
    assert "geheim" not in str(during)
