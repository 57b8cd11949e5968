"""The server's part of `tierwright doctor`: its settings, masked, and the key that seals stored secrets."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import SecretStr

from tierwright.cli.doctor import Finding, State, guarded_url
from tierwright.cli.server_file import said_in_file
from tierwright.core.errors import UsageError
from tierwright.server.security.secret_box import KEY_FILE
from tierwright.server.settings import ServerSettings, read_settings
from tierwright.server.telemetry import Destination, traces_go_to


def server_findings(state_dir: Path, env: Mapping[str, str], cwd: Path) -> Iterator[Finding]:
    """What a server on this state, started in this folder, would read."""
    try:
        settings = read_settings(said_in_file(cwd), state_dir=state_dir)
        traces = traces_go_to(settings, env)
    except UsageError as error:
        yield Finding("server", State.FAILED, str(error))
        return
    shown = (f"{name}={_shown(name, value)}" for name, value in settings if value not in (None, "", {}))
    yield Finding("server", State.OK, ", ".join(shown))
    yield _key(settings)
    yield Finding("tracing", State.OK, _traces_words(traces))


def _traces_words(traces: Destination) -> str:
    if traces.why_not:
        return f"off: {traces.why_not}"
    to = urlsplit(traces.address)  # what stands before its host or after its path may be a credential
    return f"spans are sent to {to.scheme}://{to.netloc.rpartition('@')[2]}{to.path}"


def _shown(name: str, value: object) -> str:
    if name == "database_url" and isinstance(value, SecretStr):
        return guarded_url(value.get_secret_value())
    return "(set)" if isinstance(value, SecretStr) else str(value)


def _key(settings: ServerSettings) -> Finding:
    name = "encryption key"
    if settings.encryption_key is not None:
        keys = [key.strip() for key in settings.encryption_key.get_secret_value().split(",") if key.strip()]
        if keys and all(map(_is_key, keys)):
            return Finding(name, State.OK, f"{len(keys)} in TIERWRIGHT_ENCRYPTION_KEY; the first one seals")
        return Finding(name, State.FAILED, "TIERWRIGHT_ENCRYPTION_KEY holds something that is no Fernet key")
    file = settings.state_dir / KEY_FILE
    if not file.exists():
        return Finding(name, State.OK, f"{file} is made with the first secret; servers on other machines need it too")
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding(name, State.NOTE, f"{file} can be read by others; type: chmod 600 {file}")
    return Finding(name, State.OK, str(file))


def _is_key(text: str) -> bool:
    try:
        Fernet(text.encode())
    except ValueError:
        return False
    return True
