"""`./dev faults [--runs 200] [NAMES]`: every fault in turn, and a table of what became of the runs."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.plant import Outcome
from tests.faults.scenarios import FAULTS, why_not

from tierwright.worker.fleet import LEASE_SECONDS

HEADER = "| fault | runs | passed | error | crashed tries | double acts | seconds to recover | |"


def main(words: Sequence[str]) -> int:
    """Print the table; 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="./dev faults")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"faults (default all): {', '.join(FAULTS)}")
    parser.add_argument("--runs", type=int, default=200, help="runs queued under each fault (default 200)")
    chosen = parser.parse_args(words)
    if unknown := set(chosen.names) - set(FAULTS):
        parser.error(f"there is no fault {', '.join(sorted(unknown))}")
    os.environ["TIERWRIGHT_FORBID_PAID_MODELS"] = "1"
    _say(f"{platform.platform()}, {os.cpu_count()} cores, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n")
    _say(f"{HEADER}\n|---|---|---|---|---|---|---|---|")
    return max([_one(name, chosen.runs) for name in chosen.names or FAULTS])


def _one(name: str, runs: int) -> int:
    with tempfile.TemporaryDirectory(prefix="tierwright-faults-") as made:
        folder = Path(made)
        if reason := why_not(name, folder):
            _say(f"| {name} | | | | | | | skipped: {reason} |")
            return 0
        try:
            outcome = FAULTS[name](folder / name, runs, LEASE_SECONDS)
        except AssertionError as error:
            _say(f"| {name} | | | | | | | WRONG: {str(error).splitlines()[0]} |")
            sys.stderr.write(f"{error}\n")
            return 1
    _say(line_of(outcome))
    return 1 if outcome.wrong else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def line_of(o: Outcome) -> str:
    """A row of the table."""
    verdict = f"WRONG: {'; '.join(o.wrong)}" if o.wrong else "ok"
    figures = f"{o.runs} | {o.passed} | {o.error} | {o.crashed} | {o.double} | {o.seconds:.1f}"
    return f"| {o.fault} | {figures} | {verdict} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
