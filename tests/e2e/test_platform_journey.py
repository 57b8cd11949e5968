"""The whole journey over HTTP as a newcomer makes it: on SQLite alone, and on PostgreSQL with a worker apart."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from tests.store.conftest import postgres_server, postgres_url  # noqa: F401 - fixtures used by name

from tierwright.browser.camera import ELEMENT_ENDING
from tierwright.demo.server import DemoShop, serve
from tierwright.demo.shop import DEMO_EMAIL, DEMO_PASSWORD

MARK = "TIERWRIGHT_TEST_JOURNEY"
USER, PASSWORD = "anna", "correct horse battery"
STEPS: list[Any] = [
    'Go to "/login"',
    {
        "action": "fill",
        "instruction": "Enter the e-mail address",
        "selector": "#email",
        "value": "{{email}}",
    },
    {"action": "fill", "instruction": "Enter the password", "selector": "#password", "value": "{{password}}"},
    {"action": "click", "instruction": "Click the Sign in button", "selector": "#login-btn"},
    'Go to "/product/blue-mug"',
    {"action": "click", "instruction": "Click the Add to cart button", "selector": "#add-to-cart"},
    'The "Blue mug" heading should be visible',
]
EMAIL, SECRET, SIGN_IN, ADD = 1, 2, 3, 5
"""The steps that the redesign breaks."""
NAVIGATIONS = 2
"""The steps that have no element, whose crop could be taken."""

BUY = {
    "name": "Buy a mug",
    "tags": ["journey"],
    "variables": {"email": DEMO_EMAIL},
    "secrets": ["password"],
    "steps": STEPS,
}
WAIT = {
    "name": "Wait for what never comes",
    "steps": ['Go to "/help"', {"action": "wait_for", "selector": "#never", "timeout_seconds": 120}],
}
HELP = {"name": "Look at the help", "steps": ['Go to "/help"', 'The "Help" heading should be visible']}


@dataclass(frozen=True)
class Event:
    """A server-sent event."""

    id: int
    kind: str


@dataclass
class Installation:
    """A database, a state folder and the processes of a server, and a client that asks it."""

    state: Path
    env: dict[str, str]
    processes: list[subprocess.Popen[str]] = field(default_factory=list)
    client: httpx.Client = field(default_factory=httpx.Client)

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "tierwright", *words, "--state", str(self.state)]

    def start(self, *words: str) -> subprocess.Popen[str]:
        self.state.mkdir(exist_ok=True)
        with (self.state / "server.log").open("ab") as log:
            process = subprocess.Popen(
                self.command(*words), stdout=subprocess.PIPE, stderr=log, text=True, env=self.env
            )
        self.processes.append(process)
        return process

    def ask(self, method: str, path: str, status: int = 200, **request: Any) -> Any:
        answer = self.client.request(method, path, **request)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def get(self, path: str, **request: Any) -> Any:
        return self.ask("GET", path, **request)

    def started(self, test: dict[str, Any], base_url: str, **overrides: Any) -> str:
        body = {"test_ids": [test["id"]], "overrides": {"base_url": base_url, **overrides}}
        return str(self.ask("POST", "/executions", 202, json=body)["runs"][0]["id"])

    def in_state(self, run_id: str, *states: str) -> dict[str, Any]:
        """A run, as soon as it is in one of these states."""
        until = time.monotonic() + 90
        while (run := self.get(f"/executions/{run_id}"))["status"] not in states:
            assert time.monotonic() < until, run
            time.sleep(0.1)
        found: dict[str, Any] = run
        return found

    def made(self, test: dict[str, Any], base_url: str, **overrides: Any) -> dict[str, Any]:
        run_id = self.started(test, base_url, **overrides)
        return self.in_state(run_id, "passed", "passed_healed", "failed", "error", "flaky", "cancelled")

    def events(self, run_id: str, *, after: int | None = None, most: int = 10_000) -> list[Event]:
        """Follow a run to its end, or until so many events have come."""
        headers = {"Last-Event-ID": str(after)} if after is not None else {}
        seen: list[Event] = []
        number = 0
        with self.client.stream("GET", f"/executions/{run_id}/events", headers=headers, timeout=90) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            fields: dict[str, str] = {}
            for line in answer.iter_lines():
                key, _, value = line.partition(": ")
                fields[key] = value
                if not line and "event" in fields:
                    number = int(fields["id"])
                    seen.append(Event(number, fields["event"]))
                    fields = {}
                if len(seen) == most:
                    break
        return seen

    def ended(self) -> list[int]:
        """The exit codes of all processes, each asked to end in its turn: workers first."""
        codes = []
        for process in reversed(self.processes):
            process.terminate()
            codes.append(process.wait(60))
        return codes

    def close(self) -> None:
        self.client.close()
        for process in self.processes:
            process.kill()
            process.wait(10)
            if process.stdout:
                process.stdout.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """Nothing but an empty database."""
    env = {**os.environ, MARK: uuid.uuid4().hex}
    if request.param == "postgres":
        env["TIERWRIGHT_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    made = Installation(tmp_path / "state", env)
    yield made
    made.close()


@contextmanager
def both_shops() -> Iterator[tuple[DemoShop, DemoShop]]:
    with ExitStack() as stack:
        yield stack.enter_context(serve(1)), stack.enter_context(serve(2))


def left_running(mark: str) -> list[str]:
    """The processes that inherited this mark and still live."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            marked = f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0")
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if marked and words:
            found.append(words)
    return found


def nothing_is_left(mark: str) -> bool:
    until = time.monotonic() + 10
    while left_running(mark):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def open_for_business(here: Installation) -> None:
    """Make the first user, start what serves and what works, and sign in."""
    done = subprocess.run(
        here.command("user", "create", USER, "--password-stdin"),
        input=f"{PASSWORD}\n",
        text=True,
        capture_output=True,
        env=here.env,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"{USER} is an administrator\n"), done.stderr
    apart = "TIERWRIGHT_DATABASE_URL" in here.env
    server = here.start("serve", "--port", "0", "--workers", "0" if apart else "1")
    if apart:
        here.start("worker")
    assert server.stdout
    said = server.stdout.readline()
    assert said.startswith("Tierwright is at http://127.0.0.1:"), said
    here.client = httpx.Client(base_url=f"{said.split()[3]}/api/v1", timeout=30)
    here.ask("GET", "/tests", 401)
    answer = here.ask("POST", "/auth/login", data={"username": USER, "password": PASSWORD})
    here.client.cookies.clear()
    here.client.headers["Authorization"] = f"Bearer {answer['access_token']}"
    assert here.get("/auth/me")["username"] == USER


def set_up_project(here: Installation, shops: Sequence[DemoShop]) -> None:
    """The shop's password, the hosts that browsers may open, a strategy without tier 3 and short timeouts."""
    project = here.get("/projects")["items"][0]["id"]
    here.ask("PUT", f"/projects/{project}/secrets/password", 204, json={"value": DEMO_PASSWORD})
    hosts = [urlsplit(shop.base_url).netloc for shop in shops]
    here.ask("PUT", f"/projects/{project}/settings", json={"allowed_hosts": hosts})
    assert here.get("/settings/execution")["fallback_strategy"] == "option_c"
    wanted = {"fallback_strategy": "option_a", "tier1_timeout_seconds": 10, "tier2_timeout_seconds": 10}
    kept = here.ask("PUT", "/settings/execution", json=wanted)
    assert {key: kept[key] for key in wanted} == wanted


def step(run: dict[str, Any], index: int) -> dict[str, Any]:
    found: dict[str, Any] = run["steps"][index]
    return found


def tiers(run: dict[str, Any]) -> list[int | None]:
    return [one["tier"] for one in run["steps"]]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(280)
def test_a_newcomer_comes_from_an_empty_database_to_decided_heals(installation: Installation) -> None:
    """H-3: green on v1, healed on v2; what is approved is tier 1's from then on, what is rejected never comes back."""
    here = installation
    with both_shops() as (v1, v2):
        open_for_business(here)
        set_up_project(here, (v1, v2))
        test = here.ask("POST", "/tests", 201, json=BUY)
        assert test["steps"][0]["sentence"] == 'Go to "/login"'

        before = here.made(test, v1.base_url, screenshots="on")
        assert (before["status"], set(tiers(before))) == ("passed", {1}), before["error_message"]
        pictures_can_be_had(here, before)

        after = healed_while_followed(here, test, v2)
        figures_agree(here, before, after)
        decided(here, test, v2, after)

        settings_change_whole_or_not_at_all(here)
        cancelled_while_it_acts(here, v1)
        drained(here, v1)
    assert nothing_is_left(here.env[MARK]), left_running(here.env[MARK])


def pictures_can_be_had(here: Installation, run: dict[str, Any]) -> None:
    files = here.get(f"/executions/{run['id']}/artifacts")["items"]
    pictures = [one for one in files if one["content_type"] == "image/png"]
    of_elements = [one for one in pictures if one["name"].endswith(ELEMENT_ENDING)]
    assert (len(pictures) - len(of_elements), len(of_elements)) == (len(STEPS), len(STEPS) - NAVIGATIONS)
    address = f"/executions/{run['id']}/artifacts/{pictures[0]['id']}"
    assert here.client.get(address).content.startswith(b"\x89PNG")
    assert httpx.get(f"{here.client.base_url}{address.lstrip('/')}").status_code == 401


def healed_while_followed(here: Installation, test: dict[str, Any], shop: DemoShop) -> dict[str, Any]:
    """Run on the redesign, follow it live, lose the stream, and take it up again."""
    run_id = here.started(test, shop.base_url)
    first = here.events(run_id, most=6)
    assert [event.kind for event in first[:3]] == ["queued", "run_started", "try_started"]
    rest = here.events(run_id, after=first[-1].id)
    ids = [event.id for event in (*first, *rest)]
    assert ids == sorted(set(ids))
    assert here.events(run_id) == [*first, *rest], "nothing was lost or told twice"
    assert rest[-1].kind == "run_finished"
    kinds = [event.kind for event in (*first, *rest)]
    assert (kinds.count("step_finished"), kinds.count("proposal_made")) == (len(STEPS), 4)
    run = here.in_state(run_id, "passed_healed")
    assert tiers(run) == [1, 2, 2, 2, 1, 2, 1]
    steps = here.get(f"/executions/{run_id}/steps")["items"]
    assert [(one["tier"], one["success"]) for one in steps[ADD]["attempts"]] == [(1, False), (2, True)]
    assert steps[ADD]["heal_id"]
    return run


def figures_agree(here: Installation, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Both analytics and the dashboard count what the two runs say themselves."""
    steps = before["steps"] + after["steps"]
    attempts = [one for some in steps for one in some["attempts"]]
    told = here.get("/settings/analytics/tier-distribution")
    assert (told["total_executions"], told["total_steps"]) == (2, len(steps))
    for tier in (1, 2, 3):
        mine = [one for one in attempts if one["tier"] == tier]
        assert told[f"tier{tier}_attempts"] == len(mine)
        assert told[f"tier{tier}_success_count"] == sum(one["success"] for one in mine)
    effect = here.get("/settings/analytics/strategy-effectiveness")
    assert (effect["option_a"]["total_executions"], effect["option_a"]["success_rate"]) == (2, 100.0)
    assert effect["option_c"]["total_executions"] == 0
    shown = here.get("/dashboard")
    assert (shown["pass_rate"]["sample"], shown["pass_rate"]["pass_rate"]) == (2, 100.0)
    assert shown["heals_waiting"]["heals"] == 4
    assert shown["tiers"]["tiers"] == {"tier1": 10, "tier2": 4, "tier3": 0}


def decided(here: Installation, test: dict[str, Any], shop: DemoShop, run: dict[str, Any]) -> None:
    """Approve what signs in; then reject the button, which from then on fails instead of being offered again."""
    for number, index in enumerate((EMAIL, SECRET, SIGN_IN), start=2):
        heal = here.get(f"/heals/{step(run, index)['heal_id']}")
        assert heal["old_selector"] == STEPS[index]["selector"]
        said = here.ask("POST", f"/heals/{heal['id']}/approve", json={})
        assert said["heal"]["status"] == "approved"
        assert here.get(f"/tests/{test['id']}")["version"] == number
    approved = here.made(test, shop.base_url)
    assert (approved["status"], approved["test_version"]) == ("passed_healed", 4), approved["error_message"]
    assert tiers(approved) == [1, 1, 1, 1, 1, 2, 1]

    button = step(approved, ADD)["heal_id"]
    here.ask("POST", f"/heals/{button}/reject", json={})
    rejected = here.made(test, shop.base_url)
    assert rejected["status"] == "failed"
    assert [one["status"] for one in rejected["steps"]] == [*["passed"] * ADD, "failed", "skipped"]
    assert step(rejected, ADD)["heal_id"] is None
    assert here.get("/heals", params={"status": "proposed", "kind": "heal"})["items"] == []
    assert [one["id"] for one in here.get("/heals", params={"status": "rejected"})["items"]] == [button]


def settings_change_whole_or_not_at_all(here: Installation) -> None:
    before = here.get("/settings/execution")
    here.ask("PUT", "/settings/execution", 422, json={"tier1_timeout_seconds": 7, "max_retries_per_tier": 4})
    assert here.get("/settings/execution") == before
    after = here.ask("PUT", "/settings/execution", json={"tier1_timeout_seconds": 7})
    assert {**after, "updated_at": None} == {**before, "tier1_timeout_seconds": 7, "updated_at": None}


def cancelled_while_it_acts(here: Installation, shop: DemoShop) -> None:
    """A run that waits for an element shows its page meanwhile, and ends within two seconds of being asked."""
    run_id = here.started(here.ask("POST", "/tests", 201, json=WAIT), shop.base_url)
    until = time.monotonic() + 60
    while (frame := here.client.get(f"/executions/{run_id}/frame")).status_code != 200:
        assert time.monotonic() < until, frame.text
        time.sleep(0.1)
    assert frame.content.startswith(b"\xff\xd8")
    asked = time.monotonic()
    here.ask("POST", f"/executions/{run_id}/cancel")
    here.in_state(run_id, "cancelled")
    assert time.monotonic() - asked < 2


def drained(here: Installation, shop: DemoShop) -> None:
    """Who is asked to end finishes the run under way, and ends with 0."""
    run_id = here.started(here.ask("POST", "/tests", 201, json=HELP), shop.base_url)
    here.in_state(run_id, "running")
    worker, *server = reversed(here.processes)
    worker.terminate()
    assert worker.wait(60) == 0
    if not server:
        here.processes.clear()
        again = here.start("serve", "--port", "0", "--workers", "0")
        assert again.stdout
        here.client.base_url = httpx.URL(f"{again.stdout.readline().split()[3]}/api/v1")
        if worker.stdout:
            worker.stdout.close()
    assert here.get(f"/executions/{run_id}")["status"] == "passed"
    assert set(here.ended()) == {0}
