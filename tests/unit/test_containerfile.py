"""The container file, read and not built: what it must say, and that what it names is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tierwright.cli.main import _COMMANDS
from tierwright.server.app import API, ROUTERS
from tierwright.server.settings import ServerSettings

ROOT = Path(__file__).parents[2]
KNOWN = {
    *("FROM", "RUN", "COPY", "USER", "WORKDIR", "VOLUME", "ENV", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
}


@pytest.fixture
def instructions() -> list[tuple[str, str]]:
    lines = (line for line in (ROOT / "Containerfile").read_text().splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def of(instructions: list[tuple[str, str]], word: str) -> list[str]:
    return [rest for name, rest in instructions if name == word]


def test_every_line_is_an_instruction_and_the_base_is_pinned(instructions) -> None:
    assert {word for word, _ in instructions} == KNOWN
    (base,) = of(instructions, "FROM")
    assert re.fullmatch(r"docker\.io/library/python:3\.\d+-slim-\w+", base)


def test_it_does_not_run_as_root_and_drops_rights_last(instructions) -> None:
    words = [word for word, _ in instructions]
    assert of(instructions, "USER") == ["10001"]
    assert words.index("USER") > max(at for at, word in enumerate(words) if word == "RUN")


def test_packages_leave_no_lists_and_no_recommendations(instructions) -> None:
    (apt,) = [run for run in of(instructions, "RUN") if "apt-get install" in run]
    assert "--no-install-recommends" in apt
    assert "rm -rf /var/lib/apt/lists/*" in apt
    assert all("--no-cache-dir" in run for run in of(instructions, "RUN") if "pip install" in run)
    assert not any(word == "ADD" or "curl" in rest for word, rest in instructions)


def test_it_sets_only_what_the_server_reads(instructions) -> None:
    (env,) = of(instructions, "ENV")
    names = {pair.partition("=")[0] for pair in shlex.split(env)} - {"PYTHONUNBUFFERED"}
    assert names == {"TIERWRIGHT_STATE_DIR", "TIERWRIGHT_CHROME_PATH"}
    fields = {f"TIERWRIGHT_{name.upper()}" for name in ServerSettings.model_fields}
    assert names <= fields


def test_its_health_check_asks_an_address_that_is_there(instructions) -> None:
    (check,) = of(instructions, "HEALTHCHECK")
    (path,) = re.findall(r"http://127\.0\.0\.1:8000(/[\w/]+)", check)
    assert path.removeprefix(API) in {getattr(route, "path", "") for router in ROUTERS for route in router.routes}


def test_it_starts_a_command_that_is_there(instructions) -> None:
    (start,) = of(instructions, "CMD")
    assert '"serve"' in start
    assert "serve" in _COMMANDS
    assert of(instructions, "ENTRYPOINT") == ['["tini", "--", "tierwright"]']


def test_the_wheel_is_what_is_installed(instructions) -> None:
    assert of(instructions, "COPY") == ["dist/tierwright-*.whl /tmp/wheel/"]
