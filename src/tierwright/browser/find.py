"""Finds the browser a command is to use, or installs one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tierwright.core.errors import BrowserMissingError

PLAYWRIGHT_DOWNLOAD_SECONDS = 180.0
APT_SECONDS = 600.0

_COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
    "brave-browser",
)
_MAC_APPLICATIONS = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_WINDOWS_PROGRAMS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
)
_PLAYWRIGHT_EXECUTABLES = ("chrome-linux*/chrome", "chrome-mac*/*.app/Contents/MacOS/*", "chrome-win*/chrome.exe")


class BrowserSource(StrEnum):
    """Who said which browser to use."""

    FLAG = "--browser"
    TIERWRIGHT_CHROME_PATH = "TIERWRIGHT_CHROME_PATH"
    CHROME_PATH = "CHROME_PATH"
    MACHINE = "the machine"
    PLAYWRIGHT = "Playwright"


@dataclass(frozen=True, slots=True)
class FoundBrowser:
    """A browser's executable, and who named it."""

    path: Path
    source: BrowserSource


def find_browser(explicit: Path | None, env: Mapping[str, str]) -> FoundBrowser:
    """The browser to use: the one named, else one on the machine, else Playwright's own.

    Raises BrowserMissingError when a named one is not there, or when there is none at all.
    """
    for path, source in _named(explicit, env):
        if not _runs(path):
            raise BrowserMissingError(f"{source} names {path}, which is not a program that can be run here")
        return FoundBrowser(path, source)
    for path in _on_the_machine(env):
        if _runs(path):
            return FoundBrowser(path, BrowserSource.MACHINE)
    for path in _playwright_browsers(env):
        if _runs(path):
            return FoundBrowser(path, BrowserSource.PLAYWRIGHT)
    raise BrowserMissingError(
        "no Chromium, Chrome or Edge was found: install one, or name it with --browser PATH or "
        "TIERWRIGHT_CHROME_PATH, or let `tierwright doctor --install-browser` get one"
    )


def _named(explicit: Path | None, env: Mapping[str, str]) -> Iterator[tuple[Path, BrowserSource]]:
    if explicit is not None:
        yield explicit.expanduser(), BrowserSource.FLAG
    for source in (BrowserSource.TIERWRIGHT_CHROME_PATH, BrowserSource.CHROME_PATH):
        if env.get(source.value):
            yield Path(env[source.value]).expanduser(), source


def _on_the_machine(env: Mapping[str, str]) -> Iterator[Path]:
    for command in _COMMANDS:
        found = shutil.which(command, path=env.get("PATH", os.defpath))
        if found:
            yield Path(found)
    if sys.platform == "darwin":
        for folder in (Path("/Applications"), Path(env.get("HOME", "/")) / "Applications"):
            yield from (folder / application for application in _MAC_APPLICATIONS)
    if sys.platform == "win32":
        for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
            if env.get(variable):
                yield from (Path(env[variable]) / program for program in _WINDOWS_PROGRAMS)


def _playwright_browsers(env: Mapping[str, str]) -> Iterator[Path]:
    """Executables below Playwright's folder of browsers, the newest revision first."""
    folder = _playwright_folder(env)
    revisions = sorted(folder.glob("chromium-*"), key=_revision, reverse=True)
    for revision in revisions:
        for pattern in _PLAYWRIGHT_EXECUTABLES:
            yield from sorted(revision.glob(pattern))


def find_ffmpeg(env: Mapping[str, str]) -> Path | None:
    """Playwright's own ffmpeg, which it needs to record videos; None without it."""
    programs = (p for folder in _playwright_folder(env).glob("ffmpeg-*") for p in folder.glob("ffmpeg-*"))
    return next((program for program in sorted(programs, reverse=True) if _runs(program)), None)


def _playwright_folder(env: Mapping[str, str]) -> Path:
    named = env.get("PLAYWRIGHT_BROWSERS_PATH")
    if named and named != "0":
        return Path(named)
    if sys.platform == "win32":
        return Path(env.get("LOCALAPPDATA", "")) / "ms-playwright"
    home = Path(env.get("HOME", "/"))
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "ms-playwright"
    return Path(env.get("XDG_CACHE_HOME") or home / ".cache") / "ms-playwright"


def _revision(folder: Path) -> int:
    digits = folder.name.rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0


def _runs(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


# --- installing -------------------------------------------------------------------------------------------


Say = Callable[[str], None]
Run = Callable[[list[str], float, Mapping[str, str]], str | None]
"""Runs a command within so many seconds and in an environment; None when it went well, else why it did not."""


@dataclass(frozen=True, slots=True)
class Installer:
    """How a browser is brought onto this machine. `run` and `is_root` are the machine's own unless a test says else."""

    env: Mapping[str, str]
    run: Run
    is_root: bool

    def install(self, say: Say) -> FoundBrowser:
        """Install a browser and find it. Raises BrowserMissingError, with what was tried and why it failed."""
        failures: list[str] = []
        for attempt in (self._by_playwright, self._by_apt):
            failure = attempt(say)
            if failure is None:
                return find_browser(None, self.env)
            say(failure)
            failures.append(failure)
        raise BrowserMissingError(
            "no browser could be installed: " + "; ".join(failures) + ". Install Chromium or Chrome yourself and "
            "name it with TIERWRIGHT_CHROME_PATH"
        )

    def _by_playwright(self, say: Say) -> str | None:
        say("Asking Playwright to download its Chromium")
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        failure = self.run(command, PLAYWRIGHT_DOWNLOAD_SECONDS, self.env)
        return failure and f"Playwright's download did not work ({failure})"

    def _by_apt(self, say: Say) -> str | None:
        apt = shutil.which("apt-get", path=self.env.get("PATH", os.defpath))
        if apt is None:
            return "there is no apt-get on this machine"
        if not self.is_root:
            return "apt-get needs root: run `sudo apt-get install chromium`"
        quiet = {**self.env, "DEBIAN_FRONTEND": "noninteractive"}
        say("Installing Debian's chromium with apt-get")
        update = self.run([apt, "update", "-q"], APT_SECONDS, quiet)
        failure = self.run(
            [apt, "install", "-y", "-q", "--no-install-recommends", "chromium", "fonts-liberation"], APT_SECONDS, quiet
        )
        return failure and f"apt-get did not work ({failure}{'; update: ' + update if update else ''})"


def install_browser(say: Say, env: Mapping[str, str]) -> FoundBrowser:
    """Install a browser for this machine: Playwright's own, else Debian's as root; `say` hears what is done.

    Raises BrowserMissingError when neither works.
    """
    return Installer(env, run_command, is_root()).install(say)


def ensure_browser(say: Say, env: Mapping[str, str]) -> FoundBrowser:
    """The browser that is there, else one installed now. Raises BrowserMissingError when neither works."""
    try:
        return find_browser(None, env)
    except BrowserMissingError as error:
        say(str(error))
        return install_browser(say, env)


def is_root() -> bool:
    """Whether this process may do everything; never so on Windows, which has no such user."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def run_command(command: list[str], seconds: float, env: Mapping[str, str]) -> str | None:
    """Run a command within so many seconds; None when it went well, else the last line it said."""
    try:
        done = subprocess.run(  # noqa: S603 - the commands are this module's own
            command, timeout=seconds, env=dict(env), capture_output=True, text=True, check=False, errors="replace"
        )
    except subprocess.TimeoutExpired:
        return f"not done after {seconds:.0f} s"
    except OSError as error:
        return str(error)
    if done.returncode == 0:
        return None
    lines = [line.strip() for line in (done.stderr + "\n" + done.stdout).splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("Error", "E:"))]
    return (errors or lines or [f"exit code {done.returncode}"])[0][:300]
