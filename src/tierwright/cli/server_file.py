"""What `tierwright.toml` says to a server: its table `[server]`, and the keys that commands and server share."""

from __future__ import annotations

from pathlib import Path

from tierwright.cli.config import find_settings_file, read_settings_file
from tierwright.server.settings import SHARED, SaidInFile


def said_in_file(cwd: Path) -> SaidInFile:
    """What the file says to a server that is started in this folder. Raises UsageError for a bad file."""
    file = find_settings_file(cwd, cwd)
    if file is None:
        return SaidInFile()
    said = read_settings_file(file)
    shared = {SHARED[key]: value for key, value in said.values.items() if key in SHARED}
    if said.prices:
        shared["prices"] = {
            model: {"input": price.input_usd_per_million, "output": price.output_usd_per_million}
            for model, price in said.prices.items()
        }
    return SaidInFile(str(file), shared, said.server)
