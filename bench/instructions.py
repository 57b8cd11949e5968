"""Plain instructions alone on apps that nobody of ours built: right, wrong and false on two releases (bench/README.md).

usage: ./dev bench instructions [--app KEY] [--markdown] [--browser PATH]

The tests of `strategies` without any selector or baseline, on the old and on the new release, judged by the same
truths; then each element in turn is taken out of its page, when the only right answer is none.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from _apps import APPS, App, AppMissingError, served
from _apps_judge import Judged, Verdict, judge_of
from _apps_runs import configured, run_on, taken_out
from _apps_truths import TRUTHS
from _heals_figures import share_words
from _measure import browser_path, heading, table
from tierwright.core.steps import TestCase
from tierwright.core.strategy import FallbackStrategy
from tierwright.testfiles.loader import load

RIGHT_AT_LEAST, HARM_AT_MOST = 85.0, 3.0
"""The target in per cent: right, and wrong or false."""
HEAD = ("release", "n", "right", "wrong", "none", "n gone", "false")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was seen of one release: each step with its element there, and with it taken out."""

    title: str
    there: tuple[Judged, ...]
    gone: tuple[Judged, ...]


def without_selectors(test: TestCase, judged: Sequence[int]) -> TestCase:
    """The test as somebody would say it: of the judged steps only the instruction is left, and the value."""
    steps = enumerate(test.steps, len(test.setup))
    bare = tuple(replace(step, selector=None, frame=()) if index in judged else step for index, step in steps)
    return replace(test, steps=bare)


async def asked(app: App, browser: Path) -> list[Asked]:
    """Both releases of an app."""
    (test,) = load([app.test]).tests
    truths = TRUTHS[app.key]
    bare = without_selectors(test, tuple(truths))
    found = []
    for release in (app.old, app.new):
        with tempfile.TemporaryDirectory(prefix="tierwright-apps-") as folder:
            config = configured(bare, "", Path(folder), browser, FallbackStrategy.OPTION_C)
            there = judge_of(truths, old=release is app.old)
            await run_on(served(app, release), config, bare, there)
            gone: list[Judged] = []
            for index in truths:
                judge = partial(judge_of, truths, old=release is app.old, removed=index)
                gone += await taken_out(partial(served, app, release), config, bare, judge)
        found.append(Asked(f"{app.title} {release.version}", tuple(there.judged), tuple(gone)))
    return found


def row(name: str, seen: Sequence[Asked]) -> list[str]:
    """One line of the table."""
    there, gone = [j for a in seen for j in a.there], [j for a in seen for j in a.gone]
    counts = [str(count(there, verdict)) for verdict in (Verdict.RIGHT, Verdict.WRONG, Verdict.NONE)]
    return [name, str(len(there)), *counts, str(len(gone)), str(count(gone, Verdict.FALSE))]


def count(judged: Sequence[Judged], verdict: Verdict) -> int:
    """How many got this verdict."""
    return sum(j.verdict is verdict for j in judged)


def shares(seen: Sequence[Asked]) -> str:
    """Right, wrong and false over all, with their intervals, and whether the target is reached."""
    there, gone = [j for a in seen for j in a.there], [j for a in seen for j in a.gone]
    parts = [
        ("right", count(there, Verdict.RIGHT), len(there)),
        ("wrong", count(there, Verdict.WRONG), len(there)),
        ("false", count(gone, Verdict.FALSE), len(gone)),
    ]
    per_cent = {name: 100 * some / max(1, of) for name, some, of in parts}
    reached = per_cent["right"] >= RIGHT_AT_LEAST and max(per_cent["wrong"], per_cent["false"]) <= HARM_AT_MOST
    said = "; ".join(share_words(*part) for part in parts)
    wanted = f"{RIGHT_AT_LEAST:.0f} % right at {HARM_AT_MOST:.0f} % wrong or false at most"
    return f"{said[0].upper()}{said[1:]}.\nTarget, {wanted}: {'reached' if reached else 'MISSED'}."


def misses(seen: Sequence[Asked]) -> Iterator[str]:
    """What was not right, one line each."""
    for one in seen:
        for where, judged in (("", one.there), (", taken out", one.gone)):
            for j in judged:
                if j.verdict not in (Verdict.RIGHT, Verdict.ABSENT):
                    yield f"- {one.title}{where}, *{j.title}*: {j.verdict}; {j.error.partition('; nearest')[0][:160]}"


def main() -> int:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--app", choices=[a.key for a in APPS], action="append", help="only this one; may be repeated")
    parser.add_argument("--markdown", action="store_true", help="print tables for bench/README.md")
    parser.add_argument("--browser", type=Path, help="path of a Chromium; found by itself without")
    given = parser.parse_args()
    browser = browser_path(given.browser)
    seen: list[Asked] = []
    for app in APPS:
        if given.app and app.key not in given.app:
            continue
        try:
            seen += asyncio.run(asked(app, browser))
        except AppMissingError as error:
            print(f"{app.key} is left out: {error}", file=sys.stderr)
    print(heading("Plain instructions on two releases of an app", browser, "option_c, no model", given.markdown))
    rows = [row(one.title, [one]) for one in seen]
    print(table(HEAD, [*rows, row("all", seen)], given.markdown))
    print(f"\n{shares(seen)}\n\n" + "\n".join(misses(seen)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
