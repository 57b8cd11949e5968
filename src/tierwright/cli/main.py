"""The `tierwright` command: its subcommands, and what an error means to the shell."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import click

from tierwright import __version__
from tierwright.cli.exit_codes import INTERRUPTED, MACHINERY, USAGE
from tierwright.cli.lazy import LazyCommand, LazyGroup
from tierwright.core.errors import MachineryError, UsageError

DEBUG_VARIABLE = "TIERWRIGHT_DEBUG"

_COMMANDS = {
    "run": LazyCommand("tierwright.cli.run:run", "Run tests in a real browser."),
    "check": LazyCommand("tierwright.cli.check:check", "Validate test files and run nothing."),
    "demo": LazyCommand("tierwright.cli.demo:demo", "See it work: a shop, its redesign, what healed and what failed."),
    "gym": LazyCommand("tierwright.cli.gym:gym", "Change your own pages, and see what your tests make of it."),
    "analytics": LazyCommand(
        "tierwright.cli.analytics:analytics", "Which tier carried how many steps, and at what cost."
    ),
    "cache": LazyCommand("tierwright.cli.cache:cache", "Show, clear, export and import remembered elements."),
    "heals": LazyCommand("tierwright.cli.heals:heals", "Review heals: list, show, approve, reject."),
    "doctor": LazyCommand("tierwright.cli.doctor:doctor", "Check this machine and print the settings, masked."),
    "serve": LazyCommand("tierwright.cli.serve:serve", "Serve the API, with workers inside."),
    "worker": LazyCommand("tierwright.cli.worker:worker", "Make the runs of a server on PostgreSQL."),
    "user": LazyCommand("tierwright.cli.user:user", "Make users of the server: create."),
    "secrets": LazyCommand("tierwright.cli.secrets:secrets", "Look after the key of the projects' secrets: reseal."),
    "db": LazyCommand("tierwright.cli.db:db", "Look after the database: upgrade, backup."),
}


class _Main(LazyGroup):
    """The root command. Turns every way to end into the exit code that users rely on."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line and exit the process, or return the value when not standalone."""
        command = partial(super().main, args, prog_name, complete_var, standalone_mode=False, **extra)
        if not standalone_mode:
            return command()
        sys.exit(_guarded(command))


def _guarded(command: Callable[[], object]) -> int:
    try:
        code = command()
    except click.ClickException as error:
        error.show()
        return USAGE
    except UsageError as error:
        return _say(str(error), USAGE)
    except MachineryError as error:
        return _say(str(error), MACHINERY)
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted", INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the outermost place: a bug ends with words and an exit code
        return _unexpected(error)
    return code if isinstance(code, int) else 0


def _say(message: str, code: int) -> int:
    # A list of problems keeps its `file:line:column` at the start of the line, where editors look for it.
    click.echo(message if "\n" in message else f"tierwright: {message}", err=True)
    return code


def _unexpected(error: Exception) -> int:
    if os.environ.get(DEBUG_VARIABLE, "0") not in ("", "0"):
        traceback.print_exception(error)
    else:
        _say(f"this is a bug in tierwright: {type(error).__name__}: {error}", MACHINERY)
        _say(f"run it again with {DEBUG_VARIABLE}=1 to see where", MACHINERY)
    return MACHINERY


@click.group(
    cls=_Main,
    lazy=_COMMANDS,
    epilog="Example: tierwright run tests/ --base-url http://127.0.0.1:8000 --html report.html",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, "--version", prog_name="tierwright")
def main() -> None:
    """Web UI tests that survive the page changing and never survive the feature breaking."""
