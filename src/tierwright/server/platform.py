"""What every request of one server shares, opened at the edge and passed inward."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from tierwright.core.deadline import Clock
from tierwright.server.security.login_limits import LoginLimits
from tierwright.server.security.passwords import Passwords
from tierwright.server.security.secret_box import SecretBox
from tierwright.server.settings import ServerSettings
from tierwright.server.turns import Turns
from tierwright.store.database import Database
from tierwright.worker.queue import Queue
from tierwright.worker.signals import Signals

if TYPE_CHECKING:
    from tierwright.server.tracing import Tracing


@dataclass(frozen=True, slots=True)
class Platform:
    """The open state of a server. `tracing` is None where it is off."""

    settings: ServerSettings
    database: Database
    clock: Clock
    secret_box: SecretBox
    passwords: Passwords
    login_limits: LoginLimits
    signals: Signals
    queue: Queue
    tracing: Tracing | None = None
    imports: Turns = field(default_factory=Turns)


def platform_of(request: Request) -> Platform:
    """The platform that serves a request."""
    platform: Platform = request.app.state.platform
    return platform


ThePlatform = Annotated[Platform, Depends(platform_of)]
