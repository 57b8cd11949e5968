"""A real `tierwright serve` in a process of its own, with the interface built, and what browsers see of it."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.async_api import BrowserContext, Page, expect

from tierwright.demo.assets import REMOVED_TEST
from tierwright.server.demo_data import PORTS_FILE
from tierwright.store.database import DATABASE_NAME

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
ADMIN, PASSWORD = "anna", "correct horse battery"
DEMO_USER, DEMO_PASSWORD = "testuser", "testpassword123"
DEMO_TEST = "Sign in and out"
DEMO_SUITE = "Demo shop"
DEMO_SCHEDULE = "Every night"
HEALED_STEP = "The header shows the name of the customer"
RUNS_END_SECONDS = 900
PROJECT = "default"
"""The first administrator's project."""


@dataclass(frozen=True)
class Serving:
    """A server that runs, and who may sign in to it."""

    origin: str
    state: Path
    username: str
    password: str
    process: subprocess.Popen[bytes]

    @property
    def port(self) -> int:
        """The port that the server listens on."""
        return int(self.origin.rpartition(":")[2])

    @property
    def database(self) -> Path:
        """The file with everything that the server keeps."""
        return self.state / DATABASE_NAME

    def kill(self) -> None:
        """End the server at once, with no time to say or write anything."""
        self.process.kill()
        self.process.wait(10)

    def url(self, path: str = "/") -> str:
        return self.origin + path

    def page_url(self, path: str) -> str:
        """The address of a page, with the ids of what the demo has for `{project}`, `{test}`, `{suite}`, `{schedule}`,
        `{run}`, `{heal}` and `{failed_run}`.

        What the demo has not is made when it is first asked for: a schedule, which starts nothing, and runs on the shop
        before and after its redesign, which leave heals, and a failure where a feature is gone.
        """
        names = {"project": PROJECT}
        with closing(self.client()) as client:
            for word, find in self._finders():
                if f"{{{word}}}" in path:
                    names[word] = find(client)
        return self.url(path.format(**names))

    def _finders(self) -> tuple[tuple[str, Callable[[httpx.Client], str]], ...]:
        return (
            ("test", _demo_test),
            ("suite", _demo_suite),
            ("schedule", _demo_schedule),
            ("run", self._healed_run),
            ("heal", self._heal),
            ("failed_run", self._failed_run),
        )

    @property
    def redesigned_shop(self) -> str:
        """Where the demo's shop is after its redesign."""
        _, (port, _) = json.loads((self.state / PORTS_FILE).read_text())
        return f"http://127.0.0.1:{port}"

    def _healed_run(self, client: httpx.Client) -> str:
        if known := _first(client, "/executions", status="passed_healed"):
            return known
        test = _demo_test(client)
        run_and_wait(client, test_ids=[test], overrides={})
        run_and_wait(client, test_ids=[test], overrides={"base_url": self.redesigned_shop})
        return _first(client, "/executions", status="passed_healed") or ""

    def _heal(self, client: httpx.Client) -> str:
        self._healed_run(client)
        heals = client.get("/heals").raise_for_status().json()["items"]
        named = [heal for heal in heals if heal["step_title"] == HEALED_STEP]
        heal: str = min(named, key=lambda one: one["status"] != "proposed")["id"]
        return heal

    def _failed_run(self, client: httpx.Client) -> str:
        if known := _first(client, "/executions", status="failed"):
            return known
        test = _first(client, "/tests", q=REMOVED_TEST)
        run_and_wait(client, test_ids=[test], overrides={"base_url": self.redesigned_shop})
        return _first(client, "/executions", status="failed") or ""

    def client(self) -> httpx.Client:
        """A client of the API that is signed in, with the bearer token."""
        client = httpx.Client(base_url=f"{self.origin}/api/v1", timeout=30)
        form = {"username": self.username, "password": self.password}
        token = client.post("/auth/login", data=form).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    async def sign_in(self, context: BrowserContext) -> Page:
        """A page of this context, signed in by the cookie that a login gives."""
        form = {"username": self.username, "password": self.password}
        # A connection that was idle for seconds may be closed by the server just when it is used again.
        answer = await context.request.post(self.url("/api/v1/auth/login"), form=form, max_retries=3)
        assert answer.ok, await answer.text()
        return await context.new_page()


def run_and_wait(client: httpx.Client, **asked: object) -> None:
    """Queue runs, as `POST /executions` does, and wait until every one of them has ended."""
    group = client.post("/executions", json=asked).raise_for_status().json()["group_id"]
    until = time.monotonic() + RUNS_END_SECONDS
    while any(run["status"] in ("queued", "running") for run in runs_of(client, group_id=group)):
        assert time.monotonic() < until, "the runs did not end"
        time.sleep(0.5)


def runs_of(client: httpx.Client, **asked: str) -> list[dict[str, str]]:
    """The newest runs that fit what is asked."""
    runs: list[dict[str, str]] = client.get("/executions", params=asked).raise_for_status().json()["items"]
    return runs


def _demo_test(client: httpx.Client) -> str:
    return _first(client, "/tests", q=DEMO_TEST) or ""


def _demo_suite(client: httpx.Client) -> str:
    return _first(client, "/suites") or ""


def _demo_schedule(client: httpx.Client) -> str:
    known = _first(client, "/schedules")
    if known:
        return known
    wanted = {"name": DEMO_SCHEDULE, "cron": "0 3 * * *", "suite_id": _demo_suite(client), "active": False}
    made: str = client.post("/schedules", json=wanted).raise_for_status().json()["id"]
    return made


def _first(client: httpx.Client, path: str, **asked: str) -> str | None:
    found = client.get(path, params=asked).raise_for_status().json()["items"]
    return found[0]["id"] if found else None


def build() -> None:
    """Build the interface, once, however many processes of tests ask for it."""
    spec = importlib.util.spec_from_file_location("build_ui", ROOT / "frontend" / "build_ui.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with (ROOT / "frontend" / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        module.build()


@contextmanager
def serving(
    state: Path, *, demo: bool = False, user: bool = True, workers: int = 1, port: int = 0
) -> Iterator[Serving]:
    """A server on loopback, at a free port unless one is given, on a state folder; with its first administrator, unless
    `user` is false.
    """
    build()
    state.mkdir(parents=True, exist_ok=True)
    if user and not demo:
        make_user(state)
    words = ["serve", "--port", str(port), "--workers", str(workers), *(["--demo"] if demo else [])]
    with (state / "server.log").open("ab") as log:
        process = subprocess.Popen(
            _command(state, *words), stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL
        )
    try:
        who = (DEMO_USER, DEMO_PASSWORD) if demo else (ADMIN, PASSWORD)
        yield Serving(_origin_of(process, state), state, *who, process)
    finally:
        process.terminate()
        try:
            process.wait(45)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def make_user(state: Path, name: str = ADMIN) -> None:
    """Make a user as an administrator of the machine does."""
    command = _command(state, "user", "create", name, "--password-stdin")
    subprocess.run(command, input=PASSWORD.encode(), check=True, capture_output=True, timeout=60)


def _command(state: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "tierwright", *words, "--state", str(state)]


def _origin_of(process: subprocess.Popen[bytes], state: Path) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(rb"Tierwright is at (http://\S+)", line):
            return found[1].decode()
    raise AssertionError(f"the server did not start: {(state / 'server.log').read_text()[-2000:]}")


async def settled(page: Page) -> None:
    """Wait until the page has its heading, and nothing on it is on its way."""
    await expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=20_000)
    await expect(page.get_by_test_id("loading")).to_have_count(0, timeout=20_000)


TRANSITIONS_ENDED = """() => Promise.allSettled(document.getAnimations()
  .filter((moving) => moving.effect.getComputedTiming().iterations < Infinity).map((moving) => moving.finished))"""


async def axe(page: Page) -> list[str]:
    """What axe-core finds wrong with the page as it is now, a line each."""
    # Straight into the page: a script tag would be refused by the server's content policy, as it should.
    await page.evaluate(AXE.read_text())
    await page.evaluate(TRANSITIONS_ENDED)  # a button that is just enabled has, for a moment, neither of its colours
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {v['help']}: {n['html'][:160]}" for v in found["violations"] for n in v["nodes"]]
