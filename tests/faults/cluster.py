"""A PostgreSQL cluster of the fault suite's own: made in a temporary folder, killed, started again, thrown away."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def why_no_cluster() -> str:
    """Why this machine can have no cluster; empty when it can."""
    if os.geteuid() != 0:
        return "only root may start a cluster as the user postgres"
    return "" if _programs() else "PostgreSQL's programs are not installed"


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    return found[-1].parent if found else None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


class Cluster:
    """A cluster on a free port of loopback that trusts everybody."""

    def __init__(self, folder: Path, options: str = "-c fsync=off") -> None:
        self.options = options
        self.data = folder / "data"
        self.port = free_port()
        self._log = folder / "log"
        self._programs = _programs()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        words = ("-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--wal-segsize=1")
        self._run("initdb", "-D", self.data, *words)
        self.start()

    def start(self) -> None:
        options = f"-h 127.0.0.1 -p {self.port} -k {self.data.parent} {self.options}"
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self._log, "-o", options, "start")

    def start_again(self) -> None:
        """What a supervisor does: start it where it ended by itself, for as long as it does not come up."""
        until = time.monotonic() + 60
        while not self.is_up():
            assert time.monotonic() < until, self.said()[-2000:]
            with contextlib.suppress(subprocess.CalledProcessError):
                self.start()

    def said(self) -> str:
        """What it wrote into its log."""
        return self._log.read_text(errors="replace")

    def is_up(self) -> bool:
        """Whether its postmaster lives."""
        try:
            return _state(self.postmaster) not in ("X", "Z")
        except (OSError, IndexError):
            return False

    @property
    def postmaster(self) -> int:
        """The process that started all others of the cluster."""
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        """kill -9 of the postmaster and of every process it started."""
        postmaster = self.postmaster
        for pid in (postmaster, *children_of(postmaster)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{postmaster}").exists() and _state(postmaster) != "Z":
            time.sleep(0.02)

    def stop(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *words: str | Path) -> None:
        assert self._programs is not None
        command = ["runuser", "-u", "postgres", "--", str(self._programs / program), *map(str, words)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", timeout=120)


@contextmanager
def own_cluster(options: str = "-c fsync=off", within: Path | None = None) -> Iterator[Cluster]:
    """A running cluster with options for `postgres`, ended and removed however the block ends.

    It lies in a temporary folder, `within` a place whose size is limited.
    """
    folder = Path(tempfile.mkdtemp(prefix="tierwright-faults-", dir=within))
    shutil.chown(folder, "postgres")
    cluster = Cluster(folder, options)
    try:
        cluster.make()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def children_of(pid: int) -> list[int]:
    """The processes that a process started, and theirs."""
    parents = {int(p.name): _parent(int(p.name)) for p in Path("/proc").iterdir() if p.name.isdigit()}
    found, new = set[int](), {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new}
        found |= new
    return sorted(found)


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return ["X", "0"]


def _parent(pid: int) -> int:
    return int(_stat(pid)[1])


def _state(pid: int) -> str:
    return _stat(pid)[0]
