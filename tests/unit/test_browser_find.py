"""Which browser is used, in which order, and what is said when there is none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tierwright.browser.find import BrowserSource, Installer, find_browser, run_command
from tierwright.core.errors import BrowserMissingError


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_order_is_flag_variables_machine_playwright(tmp_path: Path):
    on_path = program(tmp_path / "bin" / "chromium")
    own = program(tmp_path / "pw" / "chromium-1200" / "chrome-linux64" / "chrome")
    ours, plain, flag = (program(tmp_path / name) for name in ("ours", "plain", "flag"))
    env = {
        "TIERWRIGHT_CHROME_PATH": str(ours),
        "CHROME_PATH": str(plain),
        "PATH": str(on_path.parent),
        "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "pw"),
    }
    assert find_browser(flag, env).path == flag
    for source, path in (("TIERWRIGHT_CHROME_PATH", ours), ("CHROME_PATH", plain)):
        found = find_browser(None, env)
        assert (found.path, found.source) == (path, source)
        del env[source]
    assert find_browser(None, env).source is BrowserSource.MACHINE
    on_path.unlink()
    found = find_browser(None, env)
    assert (found.path, found.source) == (own, BrowserSource.PLAYWRIGHT)


def test_the_newest_of_playwrights_browsers_wins(tmp_path: Path):
    for revision in (999, 1200, 1100):
        program(tmp_path / f"chromium-{revision}" / "chrome-linux64" / "chrome")
    found = find_browser(None, {"PATH": "", "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)})
    assert "chromium-1200" in str(found.path)


@pytest.mark.parametrize("name", ["TIERWRIGHT_CHROME_PATH", "CHROME_PATH"])
def test_a_named_browser_that_is_not_there_is_not_replaced_by_another(tmp_path: Path, name: str):
    on_path = program(tmp_path / "bin" / "chromium")
    with pytest.raises(BrowserMissingError, match=f"{name} names .*nowhere"):
        find_browser(None, {name: str(tmp_path / "nowhere"), "PATH": str(on_path.parent)})


def test_without_any_the_message_says_what_to_do(tmp_path: Path):
    with pytest.raises(BrowserMissingError, match="--install-browser"):
        find_browser(None, {"PATH": "", "HOME": str(tmp_path)})


class FakeMachine:
    """Runs no command: notes it, and puts a browser in place when the command that succeeds is run."""

    def __init__(self, folder: Path, works: str | None) -> None:
        self.folder, self.works, self.commands = folder, works, []

    def run(self, command: list[str], seconds: float, env: Mapping[str, str]) -> str | None:
        self.commands.append(" ".join(command))
        if self.works and self.works in self.commands[-1]:
            program(self.folder / "bin" / "chromium")
            return None
        return None if "update" in command else "the network is closed"


def installer(machine: FakeMachine, *, root: bool) -> Installer:
    program(machine.folder / "bin" / "apt-get")
    env = {"PATH": str(machine.folder / "bin"), "HOME": str(machine.folder)}
    return Installer(env, machine.run, root)


def test_playwrights_download_is_tried_first(tmp_path: Path):
    machine = FakeMachine(tmp_path, works="playwright install chromium")
    assert installer(machine, root=True).install(print).path == tmp_path / "bin" / "chromium"
    assert len(machine.commands) == 1


def test_apt_is_next_for_root(tmp_path: Path):
    machine = FakeMachine(tmp_path, works="install -y -q --no-install-recommends chromium")
    said: list[str] = []
    assert installer(machine, root=True).install(said.append).source is BrowserSource.MACHINE
    assert [c.split()[1] for c in machine.commands[1:]] == ["update", "install"]
    assert any("network is closed" in line for line in said)


def test_who_is_not_root_is_told_the_command(tmp_path: Path):
    machine = FakeMachine(tmp_path, works=None)
    with pytest.raises(BrowserMissingError, match="sudo apt-get install chromium"):
        installer(machine, root=False).install(print)
    assert len(machine.commands) == 1


def test_a_command_is_bounded_and_its_error_is_told():
    env = {"PATH": "/usr/bin:/bin"}
    assert run_command(["true"], 5, env) is None
    assert (
        run_command(["sh", "-c", "echo noise >&2; echo 'E: no such package' >&2; exit 4"], 5, env)
        == "E: no such package"
    )
    assert run_command(["sleep", "5"], 0.2, env) == "not done after 0 s"
    assert "No such file" in (run_command(["/no/such/program"], 5, env) or "")
