"""How often elements are found again, others taken, and gone ones "healed": the ranker and published ways.

usage: python bench/heals.py [--data FOLDER] [--out answers.jsonl] [--write] [--browser PATH]

FOLDER holds `similo/` and `webevo/`, each with a cases.jsonl. Nothing of it is kept here and nothing leaves loopback.
Without it only the project's own pages are asked about. What the figures mean: bench/README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Page, async_playwright

from _heals_cases import VIEWPORT, Case, block_all_but, evolved_cases, rebuilt_cases, served
from _heals_figures import (
    RECALLS,
    Answer,
    Thresholds,
    Verdicts,
    at_recall,
    bins,
    calibration_error,
    harms,
    interval,
    judged,
    out_of_fold,
    share,
    sign_test,
    tally,
)
from _heals_methods import methods
from _heals_pictures import draw_calibration
from _measure import browser_path, late, machine_line, median, table
from _own_cases import own_cases
from tierwright.core.deadline import Deadline, SystemClock
from tierwright.core.identity import Snapshot
from tierwright.models.local import DEFAULT_MIN_CONFIDENCE, DEFAULT_MIN_MARGIN
from tierwright.page.snapshot import take_snapshot

PUBLIC = (("similo", rebuilt_cases), ("webevo", evolved_cases))
SHIPPED = Thresholds(DEFAULT_MIN_CONFIDENCE, DEFAULT_MIN_MARGIN)
TITLES = {"similo": "rebuilt pages", "webevo": "old and new pages", "own": "own pages, changed"}
DOCS = Path(__file__).parents[1] / "docs"
HEAD = ("data set", "method", "n", "right", "wrong", "abstained", "n gone", "false", "equal left", "ms")


@dataclass(slots=True)
class Run:
    """All answers of each method, and the XPaths that the ranker chose."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    chosen: dict[str, str | None] = field(default_factory=dict)

    def of(self, method: str, data_set: str = "") -> list[Answer]:
        """A method's answers, on one data set or on all public ones."""
        wanted = {data_set} if data_set else self.public
        return [a for a in self.answers[method] if a.data_set in wanted]

    @property
    def public(self) -> set[str]:
        """The public data sets; the project's own pages where there are none."""
        every = {a.data_set for a in self.answers["local"]}
        return every - {"own"} or every

    @property
    def data_sets(self) -> list[str]:
        """In the order of the table."""
        return [name for name in TITLES if any(a.data_set == name for a in self.answers["local"])]


async def capture(page: Page) -> Snapshot:
    """The page as tier 2 sees it."""
    deadline = Deadline.after(SystemClock(), 60)
    live = await take_snapshot(page, unexpand=str, page_path="/", frame_path=None, deadline=deadline)
    return live.snapshot


async def every_case(page: Page, data: Path | None) -> AsyncIterator[Case]:
    """The cases of the public sets, where they are given, and of the project's own pages."""
    for name, cases in PUBLIC if data else ():
        assert data
        with served(data / name) as address:
            await block_all_but(page, address)
            async for case in cases(page, address, data / name, capture):
                yield case
            await page.unroute_all(behavior="ignoreErrors")
    async for case in own_cases(page):
        yield case


async def ask_all(data: Path | None, executable: Path) -> Run:
    """Put every case to every method."""
    run, asked = Run(), methods()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": VIEWPORT[0], "height": VIEWPORT[1]})
        async for case in every_case(page, data):
            for method in asked:
                answer, xpath = method.answer(case)
                run.answers.setdefault(method.name, []).append(answer)
                if method.name == "local":
                    run.chosen[case.id] = xpath
        await browser.close()
    return run


# --- the table --------------------------------------------------------------------------------------------


def rows(run: Run) -> list[list[str]]:
    """One line for each data set and method; right never without wrong and false."""
    done = [row(run, data_set, "local, as shipped", "local", SHIPPED) for data_set in run.data_sets]
    for data_set in run.data_sets:
        done += [row(run, data_set, method, method, None) for method in run.answers]
    if len(run.public) > 1:
        done += [row(run, "", "local, as shipped", "local", SHIPPED)]
        done += [row(run, "", method, method, None) for method in run.answers]
        done += [row(run, "", f"{method}, always answers", method, Thresholds()) for method in run.answers]
    return done


def row(run: Run, data_set: str, name: str, method: str, at: Thresholds | None) -> list[str]:
    """Thresholds as given, else chosen for each site on the other sites of all public sets."""
    everywhere = run.of(method, data_set if data_set == "own" else "")
    verdicts = judged(everywhere, at) if at else out_of_fold(everywhere)
    mine = [(a, v) for a, v in verdicts if not data_set or a.data_set == data_set]
    counts = tally(mine)
    times = [a.ms for a, _ in mine]
    return [
        TITLES.get(data_set, "all public"),
        name,
        str(counts["existing"]),
        *(cell(mine, False, verdict) for verdict in ("right", "wrong", "none")),
        str(counts["removed"]),
        *(cell(mine, True, verdict) for verdict in ("false", "equivalent")),
        f"{median(times):.1f}",
    ]


def cell(verdicts: Verdicts, removed: bool, verdict: str) -> str:
    """`88.9 % (80 to 94)`."""
    low, high = interval(verdicts, removed, verdict)
    return f"{100 * share(verdicts, removed, verdict):.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def pair_rows(run: Run) -> list[list[str]]:
    """At the same share of right heals, how many elements each method heals to something else."""
    ours = run.of("local")
    shipped = share(judged(ours, SHIPPED), False, "right")
    done = []
    for recall in (*RECALLS, shipped):
        mine = at_recall(ours, recall)
        for method in list(run.answers)[1:]:
            theirs = run.of(method)
            at = at_recall(theirs, recall)
            if mine is None or at is None:
                done.append([f"{100 * recall:.1f} %", method, "-", "out of reach", "-"])
                continue
            a, b = harms(judged(ours, mine)), harms(judged(theirs, at))
            done.append([f"{100 * recall:.1f} %", method, str(len(a)), str(len(b)), f"{sign_test(a, b):.2g}"])
    return done


def curve_rows(run: Run) -> list[list[str]]:
    """The expected calibration error of each data set."""
    done = []
    for data_set in (*run.data_sets, *([""] if len(run.public) > 1 else [])):
        mine = run.of("local", data_set)
        error = calibration_error(bins(mine))
        done.append([TITLES.get(data_set, "all public"), str(len(mine)), f"{error:.3f}"])
    return done


def report(run: Run, browser: Path, markdown: bool) -> str:
    """The tables with date and machine."""
    sites = len({a.site for a in run.of("local")})
    times = [a.ms for a in run.of("local")]
    parts = [
        f"{machine_line(browser)}; {sites} public sites." if run.public != {"own"} else machine_line(browser),
        table(HEAD, rows(run), markdown),
        table(("right", "beside", "local harms", "it harms", "p"), pair_rows(run), markdown),
        table(("confidence of local", "answers", "calibration error"), curve_rows(run), markdown),
        f"Ranking: median {median(times):.1f} ms, 95th percentile {late(times):.1f} ms a case.",
    ]
    return "\n\n".join(parts)


# --- the command ------------------------------------------------------------------------------------------


def write_answers(run: Run, out: Path) -> None:
    """Write the shipped ranker's answers in the format that score.py of the material reads."""
    with out.open("w", encoding="utf-8") as file:
        for a in run.of("local"):
            chosen = None if a.verdict(SHIPPED) == "none" else run.chosen[a.id]
            file.write(json.dumps({"id": a.id, "answer": chosen, "confidence": a.score, "ms": a.ms}) + "\n")


def write_page(run: Run, browser: Path) -> None:
    """Renew the figures of docs/benchmark.md and its picture."""
    page = DOCS / "benchmark.md"
    before, _, rest = page.read_text(encoding="utf-8").partition("<!-- figures -->\n")
    _, _, after = rest.partition("<!-- /figures -->")
    figures = report(run, browser, markdown=True)
    page.write_text(f"{before}<!-- figures -->\n{figures}\n<!-- /figures -->{after}", encoding="utf-8")
    curves = {TITLES[name]: bins(run.of("local", name)) for name in run.data_sets}
    draw_calibration(curves, DOCS / "pictures" / "calibration.png")


def parse() -> argparse.Namespace:
    """The flags."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with similo/ and webevo/; without it own pages only")
    parser.add_argument("--out", type=Path, help="write the answers here, as JSON lines")
    parser.add_argument("--write", action="store_true", help="renew docs/benchmark.md and its picture; needs --data")
    parser.add_argument("--browser", type=Path, help="path of a Chromium; found by itself without")
    return parser.parse_args()


def unusable(given: argparse.Namespace) -> str:
    """Why the command cannot do what it was asked; "" when it can."""
    if given.data is None:
        return "--write needs --data: figures of the own pages alone are not published" if given.write else ""
    missing = [f"{name}/cases.jsonl" for name, _ in PUBLIC if not (given.data / name / "cases.jsonl").is_file()]
    return f"no evaluation material: {given.data} lacks {', '.join(missing)}" if missing else ""


def main() -> int:
    """Run the benchmark."""
    given = parse()
    if problem := unusable(given):
        print(problem, file=sys.stderr)
        return 2
    if given.data is None:
        print("without --data: the public pages are left out, the project's own are asked about", file=sys.stderr)
    browser = browser_path(given.browser)
    run = asyncio.run(ask_all(given.data, browser))
    print(report(run, browser, markdown=False))
    if given.out:
        write_answers(run, given.out)
    if given.write:
        write_page(run, browser)
    return 0


if __name__ == "__main__":
    sys.exit(main())
