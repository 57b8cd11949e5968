"""The server's part of `tierwright doctor`."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tierwright.cli.doctor import _READ, State
from tierwright.cli.doctor_server import server_findings
from tierwright.server.security.secret_box import KEY_FILE
from tierwright.server.settings import ServerSettings


def found(state: Path) -> dict[str, tuple[State, str]]:
    return {one.name: (one.state, one.detail) for one in server_findings(state)}


def test_settings_are_shown_without_their_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = Fernet.generate_key().decode()
    monkeypatch.setenv("TIERWRIGHT_ENCRYPTION_KEY", f"{key},{Fernet.generate_key().decode()}")
    monkeypatch.setenv("TIERWRIGHT_DATABASE_URL", "postgresql://ada:geheim@db/tw")
    monkeypatch.setenv("TIERWRIGHT_PORT", "8123")
    seen = found(tmp_path)
    state, detail = seen["server"]
    assert state is State.OK
    assert "port=8123" in detail
    assert "encryption_key=(set)" in detail
    assert "ada:***@db/tw" in detail
    assert not any(secret in str(seen) for secret in ("geheim", key))
    assert seen["encryption key"] == (State.OK, "2 in TIERWRIGHT_ENCRYPTION_KEY; the first one seals")


def test_a_setting_that_cannot_be_and_a_key_that_is_none_are_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIERWRIGHT_ENCRYPTION_KEY", "hello")
    assert found(tmp_path)["encryption key"][0] is State.FAILED
    monkeypatch.setenv("TIERWRIGHT_WORKERS", "many")
    state, detail = found(tmp_path)["server"]
    assert (state, "workers" in detail) == (State.FAILED, True)
    monkeypatch.delenv("TIERWRIGHT_WORKERS")
    monkeypatch.setenv("TIERWRIGHT_PRICES", "{openai")
    state, detail = found(tmp_path)["server"]
    assert (state, '"prices"' in detail, "JSON" in detail) == (State.FAILED, True, True)
    monkeypatch.setenv("TIERWRIGHT_PRICES", '{"openai:mine": {"input": -1, "output": 1}}')
    assert "prices.openai:mine.input" in found(tmp_path)["server"][1]


def test_the_key_file_is_named_with_what_is_wrong_with_it(tmp_path: Path) -> None:
    assert "is made with the first secret" in found(tmp_path)["encryption key"][1]
    file = tmp_path / KEY_FILE
    file.write_bytes(Fernet.generate_key())
    file.chmod(0o644)
    assert "chmod 600" in found(tmp_path)["encryption key"][1]
    file.chmod(0o600)
    assert found(tmp_path)["encryption key"] == (State.OK, str(file))


def test_doctor_knows_every_setting_that_the_server_reads() -> None:
    assert {f"TIERWRIGHT_{name.upper()}" for name in ServerSettings.model_fields} <= _READ
