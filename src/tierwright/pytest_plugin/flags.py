"""Flags of `tierwright run` under pytest: `--strategy` is `--tw-strategy`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any

import click
import pytest

from tierwright.cli.options import RUN_FLAGS, Flag

PYTESTS_OWN = frozenset(
    {
        "workers",
        "tag",
        "grep",
        "json",
        "junit",
        "html",
        "max-failures",
        "last-failed",
        "shard",
        "max-heals",
        "save-storage",
    }
)
"""What pytest and its plug-ins do in their own way, or what is about one whole command."""

SAID_OTHERWISE = {
    "heal-policy": "What heals mean: allow = nothing, warn = listed at the end (default), fail = their tests fail. "
    "Example: --tw-heal-policy fail",
}


def add_flags(parser: pytest.Parser) -> None:
    """Give pytest our flags, in a group of their own."""
    group = parser.getgroup("tierwright", "Tierwright, for *.tw.yaml files")
    for flag in RUN_FLAGS:
        if flag.name not in PYTESTS_OWN:
            help_ = SAID_OTHERWISE.get(flag.name, flag.help.replace("Example: --", "Example: --tw-"))
            group.addoption(f"--tw-{flag.name}", dest=_destination(flag), help=help_.replace("%", "%%"), **_kind(flag))


def given_flags(config: pytest.Config) -> Mapping[str, Any]:
    """What was given, by the parameter names of `run`; None or () where nothing was."""
    offered = (flag for flag in RUN_FLAGS if flag.name not in PYTESTS_OWN)
    return {flag.parameter: config.getoption(_destination(flag)) for flag in offered}


def _destination(flag: Flag) -> str:
    return f"tw_{flag.parameter}"


def _kind(flag: Flag) -> dict[str, Any]:
    if flag.type is None:
        return {"action": "store_true", "default": None}
    taken = {"type": _reader(flag.type), "metavar": flag.type.name}
    return taken | ({"action": "append", "default": []} if flag.many else {"default": None})


def _reader(kind: click.ParamType[Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return kind.convert(text, None, None)
        except click.BadParameter as error:
            raise argparse.ArgumentTypeError(error.message) from error

    return read
