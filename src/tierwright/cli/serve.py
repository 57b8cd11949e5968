"""`tierwright serve`: the server, with workers inside."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tierwright.core.errors import UsageError

if TYPE_CHECKING:
    from tierwright.server.platform import Platform
    from tierwright.server.settings import ServerSettings

STREAMS_SECONDS = 3
"""How long open streams of events are waited for at the end; those who follow come back by themselves."""


@click.command(
    epilog="""Examples:

\b
  tierwright serve                                   a server on http://127.0.0.1:8000, with one worker
  tierwright serve --demo                            the same, with the documented user, a shop and its tests
  tierwright serve --host 0.0.0.0 --port 80 --workers 4
  TIERWRIGHT_DATABASE_URL=postgresql://tw@db/tw tierwright serve --workers 0     workers on other machines

SIGTERM stops it: runs under way may finish for 30 seconds, then others make them again.""",
)
@click.option("--host", metavar="ADDRESS", help="Where to listen (default 127.0.0.1: this machine alone).")
@click.option("--port", type=click.IntRange(0, 65535), help="The port (default 8000); 0 takes a free one.")
@click.option("--state", "state_dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of the state.")
@click.option("--workers", type=click.IntRange(0, 64), help="Runs made here at the same time (default 1).")
@click.option(
    "--demo", is_flag=True, default=None, help="Make the documented demo user, a shop and its tests, on loopback only."
)
def serve(**flags: Any) -> int:
    """Serve the API and make runs. Settings: flags, else TIERWRIGHT_* in the environment, else tierwright.toml."""
    settings = settings_from(**flags)
    if settings.demo and not settings.on_loopback:
        raise UsageError(f"--demo has a password that everybody knows: it needs --host 127.0.0.1, not {settings.host}")
    if not settings.demo:
        _offer_first_administrator(settings)
    return asyncio.run(_serve(settings))


def _offer_first_administrator(settings: ServerSettings) -> None:
    from tierwright.cli.user import offer_first_administrator
    from tierwright.server.app import address_of

    offer_first_administrator(address_of(settings))


def settings_from(**flags: Any) -> ServerSettings:
    """The settings of flags, environment and settings file. Raises UsageError for what cannot be."""
    # Imported here: the server takes longer to import than the whole start of a command.
    from tierwright.cli.server_file import said_in_file
    from tierwright.server.settings import read_settings

    return read_settings(said_in_file(Path.cwd()), **flags)


async def _serve(settings: ServerSettings) -> int:
    import uvicorn

    from tierwright.core.deadline import SystemClock
    from tierwright.server.app import create_app, open_platform
    from tierwright.server.demo_data import demo_shops, words_about
    from tierwright.server.logs import MaskSecrets, secrets_in, write_logs
    from tierwright.server.upkeep import upkeep
    from tierwright.server.working import at_work

    class Server(uvicorn.Server):
        """A server that leaves signals to us: its own way ends the process before the runs are given back."""

        capture_signals = staticmethod(suppress)  # type: ignore[assignment]

    masks = MaskSecrets(secrets_in(os.environ))
    write_logs(sys.stderr, masks)
    listening = _listening(settings)
    async with open_platform(settings, SystemClock()) as platform:
        await _welcome(platform)
        app = create_app(settings)
        app.state.platform = platform
        config = uvicorn.Config(
            app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=STREAMS_SECONDS
        )
        server = Server(config)

        def stop() -> None:
            server.should_exit = True

        on_stop(stop)
        async with demo_shops(platform) as shops, upkeep(platform), at_work(platform, masks):
            click.echo(f"Tierwright is at {_address(settings, listening)}  (workers here: {settings.workers})")
            if shops:
                click.echo(words_about(shops))
            await server.serve(sockets=[listening])
    return 0


def on_stop(call: Callable[[], None]) -> None:
    """Call this when the process is asked to end."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError, RuntimeError):
            loop.add_signal_handler(number, call)


def _listening(settings: ServerSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        place = f"{settings.host}:{settings.port}"
        raise UsageError(f"{place} cannot be used ({error.strerror or error}); choose --host and --port") from error


def _address(settings: ServerSettings, listening: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.public_url or f"http://{host}:{listening.getsockname()[1]}"


async def _welcome(platform: Platform) -> None:
    from sqlalchemy import select

    from tierwright.server.users.service import DEMO_PASSWORD, DEMO_USER, create_demo_user
    from tierwright.store.platform_tables import users

    if platform.settings.demo:
        await create_demo_user(platform.database, platform.passwords, platform.settings)
        click.echo(f"DEMO: everybody knows the administrator {DEMO_USER} / {DEMO_PASSWORD}. Not for real work.")
        return
    async with platform.database.read() as connection:
        somebody = await connection.scalar(select(users.c.id).limit(1))
    if somebody is None:
        click.echo("There are no users yet. Make the first administrator with: tierwright user create")
