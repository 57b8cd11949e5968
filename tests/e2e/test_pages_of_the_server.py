"""The pages for who runs a server: docs/self-hosting.md sets one up, and the examples of all pages work on it."""

from __future__ import annotations

import configparser
import json
import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
import time
import tomllib
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import click
import httpx
import psycopg
import pytest
from psycopg import sql
from ruamel.yaml import YAML
from tests.e2e.pages import DOCS, Calls, Example, commands, examples, renamed, run_all
from tests.faults.cluster import free_port
from tests.standins.otlp import Collector, collecting
from tests.store.conftest import postgres_server  # noqa: F401 - a fixture used by name

from tierwright.cli.main import main
from tierwright.cli.server_file import said_in_file
from tierwright.demo.server import serve
from tierwright.server.settings import ENVIRONMENT_ALONE, SHARED, ServerSettings, read_settings

SELF_HOSTING = "self-hosting.md"
ON_THE_SERVER = ("accounts.md", "analytics.md", "operations.md", "platform-tests.md", "schedules.md")
PROGRAMS = ("bash", "curl", "jq", "openssl", "psql", "createdb", "pg_dump", "pg_restore")
SECONDS = 150
SHOP_OPENS = """\
name: The shop opens
base_url: {url}
steps:
  - Go to "/"
  - {{action: expect, selector: h1, condition: visible}}
"""

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(400)]


@dataclass(frozen=True)
class Machine:
    """A machine as the page makes one: its folder, how this test calls what the page names, and its environment."""

    folder: Path
    names: Mapping[str, str]
    env: Mapping[str, str]

    def run(self, example: Example) -> list[str]:
        """Run an example's commands; what each wrote."""
        return run_all(commands(renamed(example.text, self.names)), self.folder, self.env, SECONDS)


@dataclass(frozen=True)
class Installed:
    """The machine once the page was followed, with an administrator signed in. `test_id` is a stored test."""

    machine: Machine
    client: httpx.Client
    test_id: str

    def with_env(self, **more: str) -> Machine:
        token = self.client.headers["Authorization"].removeprefix("Bearer ")
        machine = self.machine
        return Machine(machine.folder, machine.names, {**machine.env, "TOKEN": token, "TEST": self.test_id, **more})


def of_kind(page: str, kind: str, note: str | None = None) -> list[Example]:
    return [e for e in examples(page) if e.kind == kind and note in (None, e.note)]


def assignments(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if line)


def unit(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    with serve(1) as running:
        yield running.base_url


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@pytest.fixture(scope="module")
def machine(
    postgres_server: str,  # noqa: F811 - the fixture above
    shop: str,
    collector: Collector,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Machine]:
    if missing := [program for program in PROGRAMS if shutil.which(program) is None]:
        pytest.skip(f"the examples of the pages use {', '.join(missing)}")
    folder, own = tmp_path_factory.mktemp("machine"), uuid.uuid4().hex[:12]
    server = urlsplit(postgres_server)
    names = {
        "127.0.0.1:8000": f"127.0.0.1:{(port := free_port())}",
        "--port 8000": f"--port {port}",
        "127.0.0.1:9000": urlsplit(shop).netloc,
        "collector.example:4318": urlsplit(collector.url).netloc,
        "tierwright_server": f"twtest_role_{own}",
        "@127.0.0.1/tierwright_team": f"@{server.hostname}:{server.port}/twtest_{own}",
        "tierwright_team": f"twtest_{own}",
        "tierwright_new": f"twtest_new_{own}",
        "/var/lib/tierwright": str(folder / "state"),
        "/opt/tierwright/bin": str(Path(sys.executable).parent),
        "/backups": str(folder / "backups"),
    }
    env = {name: value for name, value in os.environ.items() if not name.startswith("TIERWRIGHT_")}
    env |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}", "PGUSER": server.username or "postgres"}
    env |= {"PGHOST": server.hostname or "", "PGPORT": str(server.port), "PGDATABASE": "postgres"}
    for made in ("state", "backups"):
        (folder / made).mkdir()
    yield Machine(folder, names, env)
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        for database in (names["tierwright_team"], names["tierwright_new"]):
            admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database)))
        admin.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(names["tierwright_server"])))


@pytest.fixture(scope="module")
def installed(machine: Machine, shop: str) -> Iterator[Installed]:
    """What docs/self-hosting.md says, done in its order; the last example is the one that asks the server."""
    steps = of_kind(SELF_HOSTING, "run")
    database, key, administrator, ready = steps
    machine.run(database)
    (made,) = machine.run(key)
    text = renamed(of_kind(SELF_HOSTING, "settings")[0].text, machine.names)
    said = assignments(text.replace("the-line-that-openssl-wrote", made.strip()))
    said |= assignments(renamed(of_kind("operations.md", "settings")[0].text, machine.names))
    machine = Machine(machine.folder, machine.names, {**machine.env, **said})
    machine.run(administrator)
    with running_service(machine) as service:
        wait_for(service, machine)
        machine.run(ready)
        with httpx.Client(base_url=f"http://{machine.names['127.0.0.1:8000']}/api/v1", timeout=30) as client:
            form = {"username": "anna", "password": (machine.folder / "password.txt").read_text()}
            answer = client.post("/auth/login", data=form)
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            client.cookies.clear()
            stored = client.post("/tests", json={"yaml": SHOP_OPENS.format(url=shop)})
            yield Installed(machine, client, stored.json()["id"])


@contextmanager
def running_service(machine: Machine) -> Iterator[subprocess.Popen[bytes]]:
    """The service of the page, started as its unit says and stopped as systemd stops it."""
    said = unit(renamed(of_kind(SELF_HOSTING, "unit", "tierwright.service")[0].text, machine.names))["Service"]
    with (machine.folder / "said.log").open("wb") as log:
        words = shlex.split(said["ExecStart"])
        process = subprocess.Popen(
            words, cwd=said["WorkingDirectory"], env=dict(machine.env), stdout=log, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(float(said["TimeoutStopSec"])) == 0


def wait_for(service: subprocess.Popen[bytes], machine: Machine) -> None:
    until, log = time.monotonic() + SECONDS, machine.folder / "said.log"
    while "Tierwright is at https://tests.example" not in log.read_text():
        assert service.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.1)


# --- what the pages say, done -----------------------------------------------------------------------------


@pytest.mark.parametrize("page", ON_THE_SERVER)
def test_the_examples_of_a_page_work(installed: Installed, page: str) -> None:
    found = examples(page)
    assert found
    calls = Calls(installed.client, {})
    machine = installed.with_env()
    for example in found:
        if example.kind == "call":
            calls.make(example)
        elif example.kind == "run" and example.note == "sqlite":
            in_a_folder_of_its_own(machine).run(example)
        elif example.kind == "run":
            machine.run(example)


def in_a_folder_of_its_own(machine: Machine) -> Machine:
    """The same machine with SQLite instead: a state with files, as a server leaves one."""
    env = {name: value for name, value in machine.env.items() if not name.startswith("TIERWRIGHT_")}
    state = machine.folder / ".tierwright"
    if not state.exists():
        run_all(commands("$ tierwright db upgrade\n"), machine.folder, env, SECONDS)
        (state / "artifacts").mkdir()
        (state / "secret.key").write_text("a key")
    return Machine(machine.folder, machine.names, env)


@pytest.mark.browser
def test_a_host_is_refused_until_it_is_allowed_and_a_script_reads_a_green_run(
    installed: Installed, collector: Collector
) -> None:
    (refused, allowed), (script,) = of_kind("safety.md", "run"), of_kind("workers.md", "run")
    machine = installed.with_env()
    # One shell: the second example goes on where the first one ended.
    machine.run(Example("run", "", refused.text + allowed.text))
    machine.run(script)
    first, *_, last = collector.wait_for("run", 3)
    assert (first.said["error.type"], last.said["tierwright.strategy"]) == ("navigation", "option_a")
    below = [span for span in collector.spans if span.trace == last.trace]
    names = [span.name for span in sorted(below, key=lambda span: span.began_ns)]
    assert names == ["queued", "run", "step", "attempt", "step", "attempt"]


def test_the_settings_of_the_pages_are_read(machine: Machine, tmp_path: Path) -> None:
    known = {f"TIERWRIGHT_{name.upper()}" for name in ServerSettings.model_fields}
    for page in (SELF_HOSTING, "operations.md"):
        (example,) = of_kind(page, "settings")
        assert {name for name in assignments(example.text) if name.startswith("TIERWRIGHT_")} <= known
    (file,) = of_kind(SELF_HOSTING, "toml")
    (tmp_path / "tierwright.toml").write_text(file.text)
    read = read_settings(said_in_file(tmp_path))
    assert read.workers == tomllib.loads(file.text)["server"]["workers"]
    assert read.allowed_hosts == "shop.internal"


def test_the_table_of_settings_is_whole_and_its_defaults_are_right() -> None:
    page = (DOCS / SELF_HOSTING).read_text("utf-8")
    table = page.partition("| setting | meaning | default |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    named = {word.strip("`").replace("-", "_") for cells in rows for word in cells[0].partition("(")[0].split(", ")}
    assert {name.strip().strip("`") for name in named} == set(ServerSettings.model_fields)
    default = {cells[0]: cells[2] for cells in rows}
    settings = ServerSettings()
    assert default["`session-hours`"] == f"{settings.session_hours:g}"
    assert default["`body-limit-bytes`"] == str(settings.body_limit_bytes)
    assert default["`host`, `port`"] == f"`{settings.host}`, {settings.port}"
    for name in ENVIRONMENT_ALONE:
        assert f"`{name.replace('_', '-')}` (environment alone)" in page
    assert {"state", "browser"} <= SHARED.keys()


def test_the_first_administrator_is_asked_for_as_the_page_shows(tmp_path: Path) -> None:
    """A command on a terminal: what the page shows is what a person sees."""
    shown = (DOCS / "accounts.md").read_text("utf-8").partition("```\n$ ")[2].partition("\n```")[0]
    command, *lines = shown.splitlines()
    said = on_a_terminal([*shlex.split(command), "--state", str(tmp_path / "state")], ["correct horse"] * 2)
    assert [line.strip() for line in said.splitlines() if line.strip()] == lines


def on_a_terminal(words: list[str], answers: list[str]) -> str:
    """What a command writes to a terminal on which each of its questions is answered."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", *words], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    said, left, until = "", list(answers), time.monotonic() + SECONDS
    while select.select([ours], [], [], max(0.0, until - time.monotonic()))[0]:
        try:
            said += os.read(ours, 1024).decode()
        except OSError:  # the other end was closed
            break
        if left and said.endswith(": "):
            os.write(ours, f"{left.pop(0)}\n".encode())
    os.close(ours)
    assert process.wait(10) == 0, said
    return said


# --- what only a machine of one's own can run, read -----------------------------------------------------


@pytest.mark.parametrize("name", ["tierwright.service", "tierwright-worker.service"])
def test_the_units_start_commands_that_exist_with_time_to_drain(name: str, machine: Machine, tmp_path: Path) -> None:
    (example,) = of_kind(SELF_HOSTING, "unit", name)
    text = renamed(example.text, machine.names).replace("User=tierwright", "User=root")
    said = unit(text)["Service"]
    words = shlex.split(said["ExecStart"])
    command = main.get_command(None, words[1])  # type: ignore[arg-type]
    assert command is not None
    flags = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= flags
    assert float(said["TimeoutStopSec"]) > 30
    verify = shutil.which("systemd-analyze")
    if verify:
        file = tmp_path / name
        file.write_text(text)
        done = subprocess.run([verify, "verify", str(file)], capture_output=True, text=True, timeout=60, check=False)
        assert name not in done.stderr, done.stderr


@pytest.mark.parametrize("page", [*ON_THE_SERVER, SELF_HOSTING, "workers.md", "safety.md"])
def test_every_command_of_a_page_takes_the_flags_that_the_page_gives_it(page: str) -> None:
    blocks = re.findall(r"^```\w*\n(.*?)^```", (DOCS / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    lines = re.findall(r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(tierwright .*)$", "\n".join(blocks), re.MULTILINE)
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        command: click.Command | None = main
        while isinstance(command, click.Group):
            command = command.get_command(click.Context(command), words.pop(0))
        assert command is not None, line
        flags = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= flags, line


def test_the_scrape_of_the_page_asks_where_metrics_are() -> None:
    text = (DOCS / "operations.md").read_text("utf-8").partition("```yaml\n")[2].partition("```")[0]
    (job,) = YAML(typ="safe").load(text)["scrape_configs"]
    openapi = json.loads((DOCS.parent / "frontend" / "openapi.json").read_text("utf-8"))
    assert job["metrics_path"] in openapi["paths"]


def test_the_proxy_of_the_page_sends_what_the_server_needs() -> None:
    (example,) = of_kind(SELF_HOSTING, "nginx")
    assert example.text.count("{") == example.text.count("}")
    for line in (
        "proxy_set_header Host $host;",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_buffering off;",
    ):
        assert line in example.text
    limit = int(example.text.partition("client_max_body_size ")[2].partition("m")[0])
    assert limit * 1024 * 1024 > ServerSettings().body_limit_bytes
