"""Values sealed at rest: Fernet (AES and HMAC), with keys that can be replaced without losing what is sealed."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from tierwright.core.errors import MachineryError, UsageError

KEY_FILE = "secret.key"


@dataclass(slots=True)
class SecretBox:
    """Seals and opens. The keys are those given (the first seals, all open), else one in a file made on first use."""

    key_file: Path
    given_keys: str | None = field(default=None, repr=False)
    _fernet: MultiFernet | None = field(default=None, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def seal(self, value: str) -> bytes:
        """The value as it may be stored."""
        return self._keys().encrypt(value.encode())

    def open(self, sealed: bytes) -> str:
        """The value again. Raises MachineryError where none of the keys sealed it."""
        return self._opened(sealed, self._keys().decrypt).decode()

    def rotate(self, sealed: bytes) -> bytes:
        """The same value sealed with the first key. Raises MachineryError where none of the keys sealed it."""
        return self._opened(sealed, self._keys().rotate)

    def _opened(self, sealed: bytes, way: Callable[[bytes], bytes]) -> bytes:
        try:
            return way(sealed)
        except InvalidToken:
            raise MachineryError(
                "a stored secret cannot be opened with this server's keys; set TIERWRIGHT_ENCRYPTION_KEY to the key "
                f"that sealed it, bring back {self.key_file}, or set the secret anew"
            ) from None

    def _keys(self) -> MultiFernet:
        with self._lock:
            if self._fernet is None:
                self._fernet = _fernet(self.given_keys or _kept_key(self.key_file))
            return self._fernet


def _fernet(keys: str) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key.strip()) for key in keys.split(",") if key.strip()])
    except ValueError:
        raise UsageError(
            "TIERWRIGHT_ENCRYPTION_KEY is not one or more Fernet keys separated by commas; make one with: "
            "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
        ) from None


def _kept_key(file: Path) -> str:
    try:
        if not file.exists():
            _make_key(file)
        return file.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise MachineryError(f"the key of the secrets, {file}, cannot be read or made: {error}") from error


def _make_key(file: Path) -> None:
    """Make a key that only this user can read; of two processes that make one at once, one wins for both."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}.{threading.get_ident()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(Fernet.generate_key())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
