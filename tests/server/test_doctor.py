"""The server's part of `tierwright doctor`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from tierwright.cli.doctor import _READ, State
from tierwright.cli.doctor_server import server_findings
from tierwright.cli.server_file import said_in_file
from tierwright.core.config import ModelPrice
from tierwright.core.errors import UsageError
from tierwright.server.security.secret_box import KEY_FILE
from tierwright.server.settings import ServerSettings, read_settings


def found(state: Path) -> dict[str, tuple[State, str]]:
    return {one.name: (one.state, one.detail) for one in server_findings(state, os.environ, state)}


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


def test_it_tells_where_traces_go_without_the_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(tmp_path)["tracing"] == (State.OK, "off: TIERWRIGHT_TRACING is not set")
    monkeypatch.setenv("TIERWRIGHT_TRACING", "true")
    assert found(tmp_path)["tracing"] == (State.OK, "spans are sent to http://localhost:4318/v1/traces")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "https://ada:geheim@otel.example:4318/base/?key=geheim")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "")
    assert "geheim" not in str(found(tmp_path))
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert found(tmp_path)["tracing"] == (State.OK, "off: OTEL_SDK_DISABLED is true")
    monkeypatch.delenv("OTEL_SDK_DISABLED")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    state, detail = found(tmp_path)["server"]
    assert (state, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc" in detail) == (State.FAILED, True)


# --- the settings file ------------------------------------------------------------------------------------


def settings_in(folder: Path, text: str, **flags: Any) -> ServerSettings:
    (folder / "tierwright.toml").write_text(text)
    return read_settings(said_in_file(folder), **flags)


def test_a_server_takes_settings_from_the_file_below_environment_and_flags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
state = "kept"
model = "openai:small"
workers = 7
[prices."openai:small"]
input = 1
output = 2.5
[server]
port = 8100
workers = 3
public-url = "https://tw.example"
tracing = true
"""
    monkeypatch.setenv("TIERWRIGHT_PUBLIC_URL", "https://other.example")
    read = settings_in(tmp_path, text, port=8200)
    assert (read.port, read.workers, read.public_url, read.tracing) == (8200, 3, "https://other.example", True)
    assert (read.state_dir, read.model) == (tmp_path / "kept", "openai:small")
    assert read.model_prices == {"openai:small": ModelPrice(1, 2.5)}
    monkeypatch.setenv("TIERWRIGHT_STATE_DIR", "elsewhere")
    assert settings_in(tmp_path, text).state_dir == Path("elsewhere")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("prot = 1", "server.prot: unknown key; did you mean port?"),
        ('database-url = "postgresql://db/tw"', "set TIERWRIGHT_DATABASE_URL"),
        ('encryption-key = "k"', "set TIERWRIGHT_ENCRYPTION_KEY"),
        ('model = "local"', "say it above [server], as model"),
        ("port = 99999", "port (in "),
    ],
)
def test_what_the_file_says_wrongly_is_told_with_its_place(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(UsageError) as told:
        settings_in(tmp_path, f"[server]\n{line}\n")
    assert words in str(told.value)
    assert str(tmp_path / "tierwright.toml") in str(told.value)
