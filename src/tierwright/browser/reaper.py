"""Ends a browser whose command has died: a process of its own that outlives even kill -9 of its parent.

Started by launch.py as `python reaper.py`. Its standard input is a pipe that only the parent holds: the first line is
the browser's profile folder, and the end of the pipe means that the parent closed the browser or died. Either way
every process of that profile is killed and the profile is removed. Imports the standard library only, to start fast.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

MARK = "TIERWRIGHT_PROFILE"
"""Environment variable that the browser and its children inherit; its value is the profile folder."""

REAP_SECONDS = 8.0
_PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Process:
    """A process as this module needs it: whether it carries the profile's mark, its group and its parent."""

    pid: int
    parent: int
    group: int
    marked: bool


def processes_of(profile: str) -> list[int]:
    """The ids of the living processes of the browser with this profile folder."""
    everyone = _everyone(profile)
    groups = {p.group for p in everyone if p.marked}
    found = {p.pid for p in everyone if p.marked or p.group in groups}
    while True:
        children = {p.pid for p in everyone if p.parent in found} - found
        if not children:
            return sorted(found - {os.getpid(), os.getppid()})
        found |= children


def _everyone(profile: str) -> list[Process]:
    if Path("/proc/self/stat").exists():
        ids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return [p for p in (_from_proc(pid, profile) for pid in ids) if p is not None]
    return _from_windows(profile) if sys.platform == "win32" else _from_ps(profile)


def _from_proc(pid: int, profile: str) -> Process | None:
    folder = Path("/proc") / str(pid)
    try:
        state, parent, group = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[:3]
        if state in "ZX":
            return None
        words = (folder / "cmdline").read_bytes().split(b"\0") + _environment(folder)
    except OSError:
        return None
    marks = {f"--user-data-dir={profile}".encode(), f"{MARK}={profile}".encode()}
    return Process(pid, int(parent), int(group), not marks.isdisjoint(words))


def _environment(folder: Path) -> list[bytes]:
    try:
        return (folder / "environ").read_bytes().split(b"\0")
    except OSError:  # another user's
        return []


def _from_ps(profile: str) -> list[Process]:
    listing = _output(["ps", "-axo", "pid=,ppid=,pgid=,args="])
    found = []
    for line in listing.splitlines():
        pid, parent, group, args = line.split(None, 3) if len(line.split(None, 3)) == 4 else ("0", "0", "0", "")
        found.append(Process(int(pid), int(parent), int(group), f"--user-data-dir={profile}" in args))
    return [p for p in found if p.pid]


def _from_windows(profile: str) -> list[Process]:
    """Windows has no process groups: every process is its own, and children are found by their parent."""
    script = 'Get-CimInstance Win32_Process | % { "$($_.ProcessId)|$($_.ParentProcessId)|$($_.CommandLine)" }'
    found = []
    for line in _output(["powershell", "-NoProfile", "-Command", script]).splitlines():
        pid, _, rest = line.partition("|")
        parent, _, args = rest.partition("|")
        if pid.isdigit() and parent.isdigit():
            found.append(Process(int(pid), int(parent), int(pid), profile in args and "user-data-dir" in args))
    return found


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=REAP_SECONDS).stdout  # noqa: S603


def reap(profile: str) -> list[int]:
    """Kill every process of a profile and remove the folder; the ids of those that would not die in time."""
    until = time.monotonic() + REAP_SECONDS
    while (alive := processes_of(profile)) and time.monotonic() < until:
        for pid in alive:
            _kill(pid)
        time.sleep(_PAUSE_SECONDS)
    while Path(profile).exists() and time.monotonic() < until:
        shutil.rmtree(profile, ignore_errors=True)
        if Path(profile).exists():
            time.sleep(_PAUSE_SECONDS)
    return alive


def _kill(pid: int) -> None:
    try:
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    except (ProcessLookupError, PermissionError):
        return


def main() -> int:
    """Wait for the end of the pipe, then end the browser."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    profile = sys.stdin.readline().strip()
    sys.stdin.read()
    return 1 if profile and reap(profile) else 0


if __name__ == "__main__":
    sys.exit(main())
