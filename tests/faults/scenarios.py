"""The faults, each under load: what is broken, for how long, and the account afterwards.

Every one takes a folder of its own and how many runs are queued, and leaves no process.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from tests.conftest import Site
from tests.faults.cluster import children_of, own_cluster, why_no_cluster
from tests.faults.plant import SCRIPT, Outcome, Plant, a_plant
from tests.server.queueing import THREE_STEPS
from tests.standins.providers import Answer, Behaviour, Hang, Raw, Status, standin

from tierwright.core.config import DEFAULT_MODEL
from tierwright.server.users.service import DEMO_PASSWORD, DEMO_USER
from tierwright.worker.fleet import LEASE_SECONDS

STEP_SECONDS = 0.15
OUTAGE_SECONDS = 3.0
HELD = "select count(*) from test_executions where status = 'running' and owner_pid = {pid}"
MOUNT_BYTES = 24 * 1024 * 1024
CLUSTER_BYTES = 128 * 1024 * 1024
"""An empty cluster takes about 50 MB, its write-ahead log at most 16."""
SMALL_LOG = "-c fsync=off -c max_wal_size=16MB -c min_wal_size=2MB"


@contextmanager
def on_postgres(folder: Path) -> Iterator[tuple[Plant, Any]]:
    """A plant on a cluster of its own."""
    with own_cluster() as cluster, a_plant(cluster.url, folder) as plant:
        yield plant, cluster


def half_way(plant: Plant, runs: int) -> None:
    """Wait until the load is well under way, and a moment more so that runs are in their middle."""
    plant.wait_for(lambda: plant.ended() >= max(2, runs // 4), 120, "a quarter of the runs ended")
    acting = "select count(*) from test_executions where status = 'running'"
    plant.wait_for(lambda: plant.number(acting) > 0, 60, "a run is being made")


def worker_killed(folder: Path, runs: int, lease: float) -> Outcome:
    """One of three workers is killed."""
    with on_postgres(folder) as (plant, _):
        plant.enqueue(runs)
        three = [plant.worker(places=2, lease=lease, step=STEP_SECONDS) for _ in range(3)]
        half_way(plant, runs)
        held = HELD.format(pid=three[0].pid)
        plant.wait_for(lambda: plant.number(held) > 0, 60, "the worker holds a run")
        plant.kill(three[0])
        seconds = plant.wait_for(lambda: plant.number(held) == 0, 60, "its runs were found")
        plant.wait_for_all(runs, 60 + runs)
        return plant.account("kill -9 of a worker", runs, seconds, crashes=range(3))


def postgres_killed(folder: Path, runs: int, _lease: float) -> Outcome:
    """PostgreSQL is killed, and comes back within the lease: that costs no try."""
    with on_postgres(folder) as (plant, cluster):
        plant.enqueue(runs)
        for _ in range(2):
            plant.worker(places=2, lease=LEASE_SECONDS, step=STEP_SECONDS)
        half_way(plant, runs)
        cluster.kill()
        time.sleep(OUTAGE_SECONDS)
        cluster.start()
        seconds = plant.wait_for_more()
        plant.wait_for_all(runs, 60 + runs)
        return plant.account("kill -9 of PostgreSQL", runs, seconds, crashes=range(1))


def embedded_killed(folder: Path, runs: int, lease: float) -> Outcome:
    """On SQLite the one process that makes the runs is killed, and started again."""
    with a_plant(str(folder / "state"), folder) as plant:
        plant.enqueue(runs)
        one = plant.worker(places=4, lease=lease, step=STEP_SECONDS)
        half_way(plant, runs)
        plant.kill(one)
        plant.worker(places=4, lease=lease, step=STEP_SECONDS)
        seconds = plant.wait_for(lambda: plant.number(HELD.format(pid=one.pid)) == 0, 60, "its runs were found")
        plant.wait_for_all(runs, 60 + runs)
        return plant.account("kill -9 of the one process (SQLite)", runs, seconds, crashes=range(1, 5))


def clock_jumps(folder: Path, runs: int, lease: float) -> Outcome:
    """The clock that leases on SQLite are counted by jumps an hour ahead, and then two hours back."""
    with a_plant(str(folder / "state"), folder) as plant:
        plant.enqueue(runs)
        plant.worker(places=4, lease=lease, step=STEP_SECONDS)
        half_way(plant, runs)
        plant.set_clock(3600)
        seconds = plant.wait_for_more()
        plant.set_clock(-3600)
        seconds = max(seconds, plant.wait_for_more())
        plant.wait_for_all(runs, 60 + runs)
        return plant.account("the clock jumps", runs, seconds, crashes=range(1))


# --- disk -------------------------------------------------------------------------------------------------


def why_no_mount(folder: Path) -> str:
    """Why no size-limited file system can be mounted; empty when it can."""
    try:
        with mounted(folder / "try"):
            return ""
    except (OSError, subprocess.CalledProcessError):
        return "this machine does not let us mount a tmpfs"


@contextmanager
def mounted(folder: Path, size: int = MOUNT_BYTES) -> Iterator[Path]:
    """A folder that takes so many bytes and no more."""
    folder.mkdir(parents=True)
    options = ("-t", "tmpfs", "-o", f"size={size}")
    subprocess.run(["mount", *options, "tmpfs", str(folder)], check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True, capture_output=True)


def fill(file: Path) -> None:
    """Take what space there is."""
    for size in (65536, 4096, 1):
        with suppress(OSError), file.open("ab", buffering=0) as filling:
            while filling.write(b"x" * size):
                pass


def disk_full(folder: Path, runs: int, _lease: float) -> Outcome:
    """The disk that holds SQLite's file is full for a moment, within the lease: that costs no try."""
    with mounted(folder / "disk") as disk, a_plant(str(disk), folder) as plant:
        plant.enqueue(runs)
        plant.worker(places=4, lease=LEASE_SECONDS, step=STEP_SECONDS)
        half_way(plant, runs)
        keep_full(disk)
        seconds = plant.wait_for_more()
        plant.wait_for_all(runs, 60 + runs)
        return plant.account("disk full (SQLite)", runs, seconds, crashes=range(1))


def keep_full(disk: Path) -> None:
    """Leave no space for a moment: what others free meanwhile is taken too."""
    filler, end = disk / "filler", time.monotonic() + OUTAGE_SECONDS
    while time.monotonic() < end:
        fill(filler)
        time.sleep(0.02)
    filler.unlink()


@contextmanager
def open_to_all() -> Iterator[Path]:
    """A temporary folder that the user postgres can go through, as those of tests are not."""
    with TemporaryDirectory(prefix="tierwright-faults-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def disk_full_postgres(folder: Path, runs: int, _lease: float) -> Outcome:
    """The disk of PostgreSQL is full for a moment, within the lease; it is started again where that ended it."""
    with (
        open_to_all() as place,
        mounted(place / "disk", CLUSTER_BYTES) as disk,
        own_cluster(SMALL_LOG, within=disk) as cluster,
        a_plant(cluster.url, folder) as plant,
    ):
        plant.enqueue(runs)
        for _ in range(2):
            plant.worker(places=2, lease=LEASE_SECONDS, step=STEP_SECONDS)
        half_way(plant, runs)
        keep_full(disk)
        assert "No space left on device" in cluster.said(), "PostgreSQL felt it"
        cluster.start_again()
        seconds = plant.wait_for_more()
        plant.wait_for_all(runs, 60 + runs)
        return plant.account("disk full (PostgreSQL)", runs, seconds, crashes=range(1))


# --- the server -------------------------------------------------------------------------------------------


def serve(plant: Plant, *words: str, env: Mapping[str, str] | None = None) -> tuple[Any, httpx.Client]:
    """A server in a process of its own, and a client that is signed in as the demo's administrator."""
    command = (SCRIPT.parents[2] / ".venv/bin/tierwright", "serve", "--demo", "--port", "0")
    process = plant.process(*command, "--state", plant.folder / "state", *words, env=dict(env or {}))
    said = plant.folder / f"said-{len(plant.processes) - 1}.log"
    plant.wait_for(lambda: "Tierwright is at " in said.read_text(), 60, "the server said where it is")
    address = said.read_text().partition("Tierwright is at ")[2].split()[0]
    client = httpx.Client(base_url=f"{address}/api/v1", timeout=20)
    answer = client.post("/auth/login", data={"username": DEMO_USER, "password": DEMO_PASSWORD})
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    client.cookies.clear()
    return process, client


def server_killed(folder: Path, runs: int, lease: float) -> Outcome:
    """A server is killed while it queues runs; what it had answered is made, what it had not is asked for again."""
    with on_postgres(folder) as (plant, cluster):
        env = {"TIERWRIGHT_DATABASE_URL": cluster.url}
        process, client = serve(plant, "--workers", "0", env=env)
        with closing(client):
            path = f"/tests/{client.post('/tests', json={'yaml': _one_test()}).json()['id']}/run"
            for _ in range(2):
                plant.worker(places=2, lease=lease, step=STEP_SECONDS)
            for _ in range(runs // 2):
                assert client.post(path, json={}).status_code < 300
            plant.kill(process)
            with suppress(httpx.HTTPError):
                client.post(path, json={})
        began = time.monotonic()
        _, client = serve(plant, "--workers", "0", env=env)
        with closing(client):
            for _ in range(runs - runs // 2):
                assert client.post(path, json={}).status_code < 300
        seconds = time.monotonic() - began
        plant.wait_for_all(runs, 60 + runs)
        return plant.account("kill -9 of the server", runs, seconds, crashes=range(1))


def _one_test() -> str:
    return THREE_STEPS.format(name="sign in")


PAGE = """<title>Shop</title><button id=b onclick="this.insertAdjacentHTML('afterend','<p id=done>Done</p>')">Buy
</button>"""
BUY = """\
name: {name}
steps:
  - {{action: navigate, value: /}}
  - {{action: click, selector: "#b", timeout_seconds: 60}}
  - {{action: expect, selector: "#done", condition: visible}}
"""


@contextmanager
def a_site() -> Iterator[Site]:
    site = Site()
    try:
        yield site
    finally:
        site.close()


def server_killed_while_its_browser_acts(folder: Path, _runs: int, _lease: float) -> Outcome:
    """`tierwright serve` on SQLite is killed while a browser acts: the browser goes, the run is made again."""
    with a_site() as site, a_plant(str(folder / "state"), folder) as plant:
        site.page("/", "<title>Shop</title>not yet")
        process, client = serve(plant, "--workers", "1")
        with closing(client):
            test = client.post("/tests", json={"yaml": BUY.format(name="Buy")}).json()
            run = {"overrides": {"base_url": site.origin}}
            assert client.post(f"/tests/{test['id']}/run", json=run).status_code < 300
        plant.wait_for(lambda: plant.number("select count(*) from steps") == 1, 90, "the browser acts")
        browsers = [pid for pid in children_of(process.pid) if _is_browser(pid)]
        assert browsers
        plant.kill(process)
        plant.wait_for(lambda: not any(map(_is_browser, browsers)), 20, "the browser is gone")
        site.page("/", PAGE)
        _, client = serve(plant, "--workers", "1")
        client.close()
        crashed = "select count(*) from tries where error_kind = 'crashed'"
        seconds = plant.wait_for(lambda: plant.number(crashed) == 1, 60, "the run was found")
        plant.wait_for_all(1, 90)
        return plant.account("kill -9 of serve, its browser acting", 1, seconds, crashes=range(1, 2))


# --- browsers and models ----------------------------------------------------------------------------------


def _is_browser(pid: int) -> bool:
    try:
        return b"--user-data-dir=" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def real_worker(plant: Plant, address: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """`tierwright worker` with real browsers, which may open this machine."""
    own = {"TIERWRIGHT_DATABASE_URL": address, "TIERWRIGHT_ALLOWED_HOSTS": "127.0.0.1"}
    command = (SCRIPT.parents[2] / ".venv/bin/tierwright", "worker", "--workers", "2")
    return plant.process(*command, "--state", plant.folder / "state", env={**own, **(env or {})})


def browsers_killed(folder: Path, runs: int, _lease: float) -> Outcome:
    """Every process of every browser of a worker is killed in mid-run; the tries that it cost are made again."""
    with on_postgres(folder) as (plant, cluster), a_site() as site:
        site.page("/", PAGE, delay_seconds=0.3)
        plant.enqueue(runs, BUY, overrides={"base_url": site.origin})
        worker = real_worker(plant, cluster.url)
        half_way(plant, runs)
        seen = len(site.requests)
        plant.wait_for(lambda: len(site.requests) > seen, 30, "a browser opens a page")
        for pid in filter(_is_browser, children_of(worker.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        seconds = plant.wait_for_more()
        plant.wait_for_all(runs, 60 + 6 * runs)
        return plant.account("kill -9 of all browsers", runs, seconds, crashes=range(1, 5))


ASK = """\
name: {name}
steps:
  - {{action: navigate, value: /}}
  - {{action: click, selector: "#no", instruction: the flux capacitor dial, timeout_seconds: 6}}
"""


def model_fault(name: str, *behaviours: Behaviour) -> Callable[[Path, int, float], Outcome]:
    """A model endpoint that misbehaves: every run that needs it ends red in its time, and none passes by it."""

    def fault(folder: Path, runs: int, _lease: float) -> Outcome:
        runs = max(2, runs // 20)
        with on_postgres(folder) as (plant, cluster), a_site() as site, standin("openai") as model:
            model.will(*behaviours)
            site.page("/", PAGE)
            env = {"TIERWRIGHT_MODEL": "openai-compatible:x", "TIERWRIGHT_MODEL_BASE_URL": f"{model.url}/v1"}
            asked = {"base_url": site.origin, "model": "openai-compatible:x"}
            plant.enqueue(runs, ASK, overrides=asked, default_model=DEFAULT_MODEL)
            real_worker(plant, cluster.url, env)
            plant.wait_for_all(runs, 90 + 30 * runs)
            longest = float(plant.rows("select max(duration_ms) from test_executions")[0][0]) / 1000
            assert model.received, "the model was asked"
            return plant.account(f"model {name}", runs, longest, crashes=range(1), status="failed")

    return fault


FAULTS: Mapping[str, Callable[[Path, int, float], Outcome]] = {
    "worker_killed": worker_killed,
    "server_killed": server_killed,
    "postgres_killed": postgres_killed,
    "browsers_killed": browsers_killed,
    "embedded_killed": embedded_killed,
    "serve_killed_with_browser": server_killed_while_its_browser_acts,
    "disk_full": disk_full,
    "disk_full_postgres": disk_full_postgres,
    "clock_jumps": clock_jumps,
    "model_hangs": model_fault("hangs", Hang()),
    "model_429": model_fault("answers 429", Status(429, {"retry-after": "1"})),
    "model_lies": model_fault("lies", Answer.of(choice=99), Raw("<html>all is well</html>"), Answer("{")),
}

NEED_MOUNT = frozenset({"disk_full", "disk_full_postgres"})
NEED_NO_CLUSTER = frozenset({"embedded_killed", "serve_killed_with_browser", "disk_full", "clock_jumps"})


def why_not(name: str, folder: Path) -> str:
    """Why a fault cannot be made on this machine; empty when it can."""
    reason = why_no_mount(folder / "mount") if name in NEED_MOUNT else ""
    return reason or ("" if name in NEED_NO_CLUSTER else why_no_cluster())
