"""`tierwright secrets`: look after the key that seals the projects' secrets."""

from __future__ import annotations

import os
from pathlib import Path

import click

from tierwright.cli.db import on_state, state_option
from tierwright.core.config import StateLocation
from tierwright.server.projects.secrets.service import reseal_all
from tierwright.server.security.secret_box import KEY_FILE, SecretBox
from tierwright.store.database import Database


@click.group(epilog="Example: tierwright secrets reseal")
def secrets() -> None:
    """Look after the projects' secrets."""


@secrets.command(epilog="Example: TIERWRIGHT_ENCRYPTION_KEY=NEW,OLD tierwright secrets reseal")
@state_option
def reseal(state: Path | None) -> None:
    """Seal all secrets with the first key of TIERWRIGHT_ENCRYPTION_KEY; after it, the other keys can be dropped."""

    async def work(database: Database, location: StateLocation) -> int:
        box = SecretBox(location.state_dir / KEY_FILE, os.environ.get("TIERWRIGHT_ENCRYPTION_KEY"))
        return await reseal_all(database, box)

    count = on_state(state, work)
    click.echo(f"{count} {'secret is' if count == 1 else 'secrets are'} sealed with the first key")
