"""Builds this folder into the package; used by `./dev` and by the wheel's build. Needs the standard library only."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

FRONTEND = Path(__file__).resolve().parent
ROOT = FRONTEND.parent
DIST = ROOT / "src" / "tierwright" / "server" / "ui" / "dist"
OWN_NODE = ROOT / ".dev" / "node" / "bin"
NODE_MODULES = FRONTEND / "node_modules"
INSTALLED, BUILT = NODE_MODULES / ".tierwright-installed", DIST / ".tierwright-built"
OLDEST_NODE = (22, 18)


class BuildError(Exception):
    """The interface could not be built; the message says what to do."""


def node_folder() -> Path | None:
    """The folder of a Node.js that is new enough: the machine's own, else the one that `./dev` has installed."""
    on_path = shutil.which("node")
    folders = [Path(on_path).parent] if on_path else []
    return next((f for f in (*folders, OWN_NODE) if _version(f) >= OLDEST_NODE and (f / "npm").exists()), None)


def _version(folder: Path) -> tuple[int, ...]:
    node = folder / "node"
    if not node.exists():
        return (0,)
    said = subprocess.run([str(node), "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(number) for number in re.findall(r"\d+", said)) or (0,)


def npm(*words: str, quiet: bool = True) -> None:
    """Run npm in this folder. Raises BuildError when there is no Node.js, and when it fails."""
    folder = node_folder()
    if folder is None:
        least = ".".join(map(str, OLDEST_NODE))
        raise BuildError(f"Node.js {least} or newer is needed to build the web interface; `./dev setup` brings one")
    env = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}", "NO_UPDATE_NOTIFIER": "1"}
    done = subprocess.run(
        [str(folder / "npm"), *words], cwd=FRONTEND, env=env, check=False, capture_output=quiet, text=True
    )
    if done.returncode:
        raise BuildError(f"npm {' '.join(words)} failed\n{done.stdout or ''}{done.stderr or ''}")


def install() -> None:
    """Bring node_modules to the versions of package-lock.json, unless they are."""
    wanted = _hash([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    if _said(INSTALLED) != wanted:
        npm("ci", "--no-fund", "--no-audit")
        INSTALLED.write_text(wanted)


def build() -> None:
    """Build the interface, unless nothing changed since the last build."""
    wanted = _hash(sources())
    if _said(BUILT) == wanted and (DIST / "index.html").exists():
        return
    install()
    npm("run", "build")
    BUILT.write_text(wanted)


def sources() -> list[Path]:
    """What the build depends on."""
    files = [FRONTEND / name for name in ("package-lock.json", "vite.config.ts", "tsconfig.json", "index.html")]
    folders = (FRONTEND / "src", FRONTEND / "public")
    return files + sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())


def _hash(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(FRONTEND)}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _said(stamp: Path) -> str:
    return stamp.read_text() if stamp.exists() else ""
