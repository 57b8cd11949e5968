"""What the gym makes of the demo shop's own suite: benign changes survived, defects caught, defects masked.

usage: python bench/gym.py [--trials N] [--seed S] [--write] [--browser PATH]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from _heals_figures import share_interval
from _measure import browser_path, machine_line, table
from tierwright.demo.assets import suite_dir
from tierwright.demo.server import serve
from tierwright.demo.shop import DEMO_PASSWORD
from tierwright.gym.kinds import DEFECTS, Kind

PAGE = Path(__file__).parents[1] / "docs" / "gym.md"
BENIGN_HEAD = ("benign change", "n", "right", "wrong", "abstained", "healed, of those that needed it")
DEFECT_HEAD = ("defect", "n", "caught", "warned", "false", "MASKED", "gap of the suite")
BENIGN_TARGET = 0.9
LIMIT_SECONDS = 3 * 3600.0


def exercise(given: argparse.Namespace, browser: Path) -> dict[str, Any]:
    """The gym's own JSON for version 1 of the shop. Raises SystemExit with what the command said when it failed."""
    with serve(1) as shop, tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "gym.json"
        words = ["gym", suite_dir(), "--base-url", shop.base_url, "--trials", given.trials, "--seed", given.seed]
        flags = ["--patience", given.patience, "--json", found, "--browser", browser, "--state", Path(folder) / "state"]
        command = [sys.executable, "-m", "tierwright", *map(str, (*words, *flags))]
        env = {**os.environ, "TIERWRIGHT_SECRET_PASSWORD": DEMO_PASSWORD}
        done = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=False, timeout=LIMIT_SECONDS)
        if done.returncode not in (0, 1):
            raise SystemExit(f"tierwright gym ended with {done.returncode}")
        result: dict[str, Any] = json.loads(found.read_text(encoding="utf-8"))
        return result


def benign_rows(trials: Sequence[dict[str, Any]]) -> list[list[str]]:
    """One line for each kind, the sum last."""
    return [_benign(kind, [t for t in trials if t["kind"] == kind]) for kind in _kinds(trials, defects=False)] + [
        _benign("all", [t for t in trials if Kind(t["kind"]) not in DEFECTS])
    ]


def _benign(name: str, trials: Sequence[dict[str, Any]]) -> list[str]:
    seen = Counter(t["verdict"] for t in trials)
    kept = sum(t["verdict"] == "right" and t["tier"] == 1 for t in trials)
    needed = len(trials) - kept
    healed = f"{seen['right'] - kept} of {needed}" if needed else "-"
    return [name, str(len(trials)), *(str(seen[v]) for v in ("right", "wrong", "abstained")), healed]


def defect_rows(trials: Sequence[dict[str, Any]]) -> list[list[str]]:
    """One line for each kind, the sum last."""
    return [_defect(kind, [t for t in trials if t["kind"] == kind]) for kind in _kinds(trials, defects=True)] + [
        _defect("all", [t for t in trials if Kind(t["kind"]) in DEFECTS])
    ]


def _defect(name: str, trials: Sequence[dict[str, Any]]) -> list[str]:
    seen = Counter(t["verdict"] for t in trials)
    return [name, str(len(trials)), *(str(seen[v]) for v in ("caught", "warned", "false", "masked", "gap"))]


def _kinds(trials: Sequence[dict[str, Any]], *, defects: bool) -> list[str]:
    seen = {t["kind"] for t in trials}
    return [kind.value for kind in Kind if kind.value in seen and (kind in DEFECTS) is defects]


def report(found: dict[str, Any], browser: Path, markdown: bool) -> str:
    """Both tables, with the bounds that so many trials allow."""
    trials = found["strategies"][0]["trials"]
    benign = [t for t in trials if Kind(t["kind"]) not in DEFECTS]
    defects = [t for t in trials if Kind(t["kind"]) in DEFECTS]
    right, masked = sum(t["verdict"] == "right" for t in benign), sum(t["verdict"] == "masked" for t in defects)
    low, high = share_interval(right, len(benign))
    most = share_interval(masked, len(defects))[1]
    thorough = sum(t["thorough"] for t in benign)
    reached = right >= BENIGN_TARGET * len(benign) and not masked
    return "\n\n".join(
        (
            f"{machine_line(browser)}; {len(trials)} trials, seed {found['seed']}, {thorough} of the benign thorough.",
            table(BENIGN_HEAD, benign_rows(trials), markdown),
            table(DEFECT_HEAD, defect_rows(trials), markdown),
            f"Benign changes right: {100 * right / max(1, len(benign)):.0f} % ({100 * low:.0f} to {100 * high:.0f}); "
            f"masked: {masked} of {len(defects)} (at most {100 * most:.1f} %). "
            f"Target, 90 % right and none masked: {'reached' if reached else 'MISSED'}.",
        )
    )


def write_page(text: str) -> None:
    """Renew the tables of docs/gym.md."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition("<!-- figures -->\n")
    PAGE.write_text(f"{before}<!-- figures -->\n{text}\n<!-- /figures -->" + rest.partition("<!-- /figures -->")[2])


def main() -> int:
    """Run the gym."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=240, help="changes that must prove something (240)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed tries the same changes (1)")
    parser.add_argument("--patience", type=float, default=6.0, help="longest time of a tier in seconds (6)")
    parser.add_argument("--write", action="store_true", help="renew the tables of docs/gym.md")
    parser.add_argument("--browser", type=Path, help="path of a Chromium; found by itself without")
    given = parser.parse_args()
    browser = browser_path(given.browser)
    found = exercise(given, browser)
    print(report(found, browser, markdown=False))
    if given.write:
        write_page(report(found, browser, markdown=True))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
