"""`tierwright worker`: a process that makes runs and serves nothing, for a server on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tierwright.cli.serve import on_stop, settings_from
from tierwright.core.errors import UsageError

if TYPE_CHECKING:
    from tierwright.server.settings import ServerSettings


@click.command(
    epilog="Example: TIERWRIGHT_DATABASE_URL=postgresql://tw@db/tw tierwright worker --workers 4 --state /shared/tw"
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Runs at the same time.")
@click.option(
    "--state",
    "state_dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the state, shared with the server: pictures, traces and files of projects.",
)
def worker(workers: int, state_dir: Path | None) -> int:
    """Make the runs of a server whose database is PostgreSQL. SIGTERM lets runs under way finish for 30 seconds."""
    settings = settings_from(workers=workers, state_dir=state_dir)
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    if not url.startswith("postgres"):
        raise UsageError(
            "a worker of its own needs PostgreSQL: set TIERWRIGHT_DATABASE_URL to the server's database; "
            "on SQLite the server makes the runs itself (tierwright serve --workers N)"
        )
    return asyncio.run(_work(settings))


async def _work(settings: ServerSettings) -> int:
    # Imported here: the server takes longer to import than the whole start of a command.
    from tierwright.core.deadline import SystemClock
    from tierwright.server.app import open_platform
    from tierwright.server.logs import MaskSecrets, secrets_in, write_logs
    from tierwright.server.working import fleet_of

    masks = MaskSecrets(secrets_in(os.environ))
    write_logs(sys.stderr, masks)
    stop = asyncio.Event()
    on_stop(stop.set)
    opening = open_platform(settings, SystemClock(), apart=True)
    async with opening as platform, fleet_of(platform, masks, apart=True) as fleet:
        click.echo(f"Worker {fleet.name} makes up to {settings.workers} runs at a time")
        await stop.wait()
        click.echo("Stopping: runs under way may finish")
    return 0
