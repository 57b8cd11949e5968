"""Apps in two releases, each from PyPI in an environment of its own, served on loopback with seeded data."""

from __future__ import annotations

import os
import selectors
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SITES = ROOT / "bench" / "apps"
HOME = ROOT / ".dev" / "apps"
"""Git ignores it."""
READY_SECONDS, GONE_SECONDS, INSTALL_SECONDS = 40.0, 10.0, 300.0


class AppMissingError(Exception):
    """A release cannot be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release of an app: what to install, as it could be installed on a day."""

    version: str
    requirements: tuple[str, ...]
    day: str

    @property
    def stamp(self) -> str:
        """What an environment was made of."""
        return f"{sys.version_info[:2]} {self.day} {' '.join(self.requirements)}"


@dataclass(frozen=True, slots=True)
class App:
    """An app before and after its developers changed it. `key` names its test, its site and its truths."""

    key: str
    title: str
    old: Release
    new: Release

    @property
    def test(self) -> Path:
        """The test that was written against the old release."""
        return SITES / f"{self.key}.tw.yaml"


APPS = (
    App(
        "flask_admin",
        "Flask-Admin",
        Release("1.5.8", ("flask-admin==1.5.8", "flask-sqlalchemy", "sqlalchemy<1.4"), "2021-05-01"),
        Release("2.0.0", ("flask-admin==2.0.0", "flask-sqlalchemy"), "2026-11-20"),
    ),
    App(
        "django_admin",
        "Django admin",
        Release("2.2", ("django==2.2",), "2019-05-01"),
        Release("5.2", ("django==5.2",), "2026-11-20"),
    ),
    App(
        "locust",
        "Locust",
        Release("2.15.1", ("locust==2.15.1",), "2023-03-15"),
        Release("2.47.0", ("locust==2.47.0",), "2026-11-20"),
    ),
)


def python_of(app: App, release: Release) -> Path:
    """The Python of a release's environment, made when it is not there. Raises AppMissingError."""
    home = HOME / f"{app.key}-{release.version}"
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    stamp = home / "stamp.txt"
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == release.stamp):
        print(f"installing {app.title} {release.version} as of {release.day}", file=sys.stderr)
        shutil.rmtree(home, ignore_errors=True)
        _uv("venv", "--quiet", "--python", sys.executable, str(home))
        _uv("pip", "install", "--quiet", "--python", str(python), "--exclude-newer", release.day, *release.requirements)
        stamp.write_text(release.stamp, encoding="utf-8")
    return python


def _uv(*words: str) -> None:
    own = ROOT / ".dev" / "tools" / ("Scripts" if os.name == "nt" else "bin") / "uv"
    uv = own if own.exists() else shutil.which("uv")
    if uv is None:
        raise AppMissingError("there is no uv: ./dev setup installs one")
    done = subprocess.run([uv, *words], capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS)
    if done.returncode:
        raise AppMissingError(f"uv {' '.join(words)}: {done.stderr.strip()}")


@contextmanager
def served(app: App, release: Release) -> Iterator[str]:
    """The app with fresh data on a port of its own; gives its origin. Its process is gone when the block ends."""
    python = python_of(app, release)
    with tempfile.TemporaryDirectory(prefix="tierwright-app-") as folder:
        log = Path(folder) / "log.txt"
        with log.open("w") as errors:
            process = subprocess.Popen(
                [python, SITES / f"{app.key}_site.py", folder],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        try:
            port = _port(process)
            if not port:
                raise AppMissingError(f"{app.title} {release.version} did not start: {log.read_text()[-500:]}")
            yield f"http://127.0.0.1:{port}"
        finally:
            _end(process)


def _port(process: subprocess.Popen[str]) -> int | None:
    """The port it says it listens on, None when it says nothing in time."""
    assert process.stdout
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        said = process.stdout.readline() if waiting.select(READY_SECONDS) else ""
    return int(said.split()[1]) if said.startswith("ready ") else None


def _end(process: subprocess.Popen[str]) -> None:
    """Close its standard input, upon which it ends; kill it where it does not."""
    try:
        process.communicate(timeout=GONE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
