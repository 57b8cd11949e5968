"""How often the embedded ranker finds a moved element, picks another, and "heals" one that is gone (bench/README.md).

usage: python bench/heals.py --data FOLDER [--out answers.jsonl] [--browser PATH]

FOLDER holds `similo/` and `webevo/`, each with a cases.jsonl. Nothing of it is kept here and nothing leaves loopback.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from time import perf_counter

from playwright.async_api import Page, async_playwright

from _heals_cases import VIEWPORT, Case, block_all_but, canonical, evolved_cases, find, rebuilt_cases, served
from tierwright.browser.find import find_browser
from tierwright.core.deadline import Deadline, SystemClock
from tierwright.core.identity import Ranking, Snapshot
from tierwright.core.phrases import Phrase
from tierwright.models.local import DEFAULT_MIN_CONFIDENCE, DEFAULT_MIN_MARGIN, LocalRanker
from tierwright.page.identify import rank_in_place
from tierwright.page.snapshot import take_snapshot
from tierwright.page.surroundings import why_elsewhere

SOURCES = (("similo", rebuilt_cases), ("webevo", evolved_cases))
CONFIDENCES = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
BINS = (0.0, 0.3, 0.6, 0.75, 0.9, 0.97, 1.01)
EQUAL_BINS = 10
MARGINS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
PRICE_OF_HARM = 5
"""A wrong or false heal undoes this many right ones when thresholds are chosen."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A case with the ranker's best, thresholds not yet applied. `right` is None for a removed element."""

    case: Case
    ranking: Ranking
    xpath: str | None
    ms: float

    def verdict(self, confidence: float, margin: float) -> str:
        """`right`, `wrong`, `none`, `false`, or `equivalent` for a look-alike with the same text and target."""
        if self.xpath is None or self.ranking.confidence < confidence or self.ranking.margin < margin:
            return "none"
        if self.case.removed:
            return "equivalent" if self.case.equivalent else "false"
        return "right" if self.xpath in self.case.accepted else "wrong"


async def capture(page: Page) -> Snapshot:
    """The page as tier 2 sees it."""
    deadline = Deadline.after(SystemClock(), 60)
    live = await take_snapshot(page, unexpand=str, page_path="/", frame_path=None, deadline=deadline)
    return live.snapshot


async def ask_all(data: Path, executable: str | None) -> list[Answered]:
    """Put every case to the ranker."""
    answers: list[Answered] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": VIEWPORT[0], "height": VIEWPORT[1]})
        for name, cases in SOURCES:
            with served(data / name) as address:
                await block_all_but(page, address)
                answers += [answer(case) async for case in cases(page, address, data / name, capture)]
                await page.unroute_all(behavior="ignoreErrors")
        await browser.close()
    return answers


def answer(case: Case) -> Answered:
    """Ask without thresholds: they are applied when counting."""
    began = perf_counter()
    ranking = rank_in_place(LocalRanker(min_confidence=0.0, min_margin=0.0), case.query, case.snapshot, why(case))
    ms = (perf_counter() - began) * 1000
    chosen = None if ranking.chosen is None else canonical(case.snapshot.candidates[ranking.chosen].xpath)
    return Answered(case, ranking, chosen, ms)


def why(case: Case) -> Callable[[int], str]:
    """Tier 2's own question: is a candidate a look-alike of the known element that stands elsewhere?"""
    known, phrase = case.query.baseline, case.query.phrase or Phrase(text="")
    if known is None:
        return lambda _: ""
    return lambda index: why_elsewhere(phrase, known, case.snapshot.candidates[index].fingerprint)


def held_out(answers: Sequence[Answered]) -> Counter[str]:
    """Verdicts where each site's thresholds were chosen on the other sites only."""
    total: Counter[str] = Counter()
    for site in sorted({a.case.site for a in answers}):
        confidence, margin = choose_thresholds([a for a in answers if a.case.site != site])
        total += count([a for a in answers if a.case.site == site], confidence, margin)
    return total


def choose_thresholds(answers: Sequence[Answered]) -> tuple[float, float]:
    """The threshold and margin with the most right heals, each wrong or false one costing several."""
    pairs = [(c, m) for c in CONFIDENCES for m in MARGINS if m <= c]

    def worth(pair: tuple[float, float]) -> float:
        seen = count(answers, *pair)
        return seen["exists:right"] - PRICE_OF_HARM * (seen["exists:wrong"] + seen["removed:false"])

    return max(pairs, key=worth)


def count(answers: Sequence[Answered], confidence: float, margin: float) -> Counter[str]:
    """How many cases of each kind ended with each verdict."""
    kinds = ("removed" if a.case.removed else "exists" for a in answers)
    return Counter(f"{kind}:{a.verdict(confidence, margin)}" for kind, a in zip(kinds, answers, strict=True))


def line(name: str, seen: Counter[str]) -> str:
    """One line of the table: rights together with wrongs and falses, never alone."""
    existing = sum(n for key, n in seen.items() if key.startswith("exists:"))
    removed = sum(n for key, n in seen.items() if key.startswith("removed:"))

    def share(key: str, of: int) -> str:
        return f"{100 * seen[key] / of:5.1f} %" if of else "      -"

    cells = [share(f"exists:{v}", existing) for v in ("right", "wrong", "none")]
    cells += [share(f"removed:{v}", removed) for v in ("false", "equivalent")]
    return f"{name:34}  {existing:4}  {'  '.join(cells[:3])}   {removed:4}  {'  '.join(cells[3:])}"


def report(answers: Sequence[Answered]) -> None:
    """Print the numbers with date and machine."""
    sites = len({a.case.site for a in answers})
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}, {sites} sites")
    print(f"{'':34}  {'n':>4}    right    wrong     none      n    false  equal left")
    for name, _ in SOURCES:
        part = [a for a in answers if a.case.id.startswith(name)]
        print(line(f"{name}, thresholds that ship", count(part, DEFAULT_MIN_CONFIDENCE, DEFAULT_MIN_MARGIN)))
    print(line("all, thresholds that ship", count(answers, DEFAULT_MIN_CONFIDENCE, DEFAULT_MIN_MARGIN)))
    print(line("all, chosen without the site", held_out(answers)))
    shown = [a for a in answers if a.case.removed or find(a.case.snapshot, a.case.accepted)]
    print(line("those that are a candidate at all", count(shown, DEFAULT_MIN_CONFIDENCE, DEFAULT_MIN_MARGIN)))
    operable = [a for a in answers if a.case.interactive]
    print(line("links, buttons and fields only", count(operable, DEFAULT_MIN_CONFIDENCE, DEFAULT_MIN_MARGIN)))
    print_calibration(answers)
    times = sorted(a.ms for a in answers)
    median, late = times[len(times) // 2], times[int(0.95 * len(times))]
    size = sorted(len(a.case.snapshot.candidates) for a in answers)[len(answers) // 2]
    print(f"ranking: median {median:.1f} ms, p95 {late:.1f} ms, {size} candidates")


def print_calibration(answers: Sequence[Answered]) -> None:
    """Print how often the best candidate was right, by its confidence; removed elements count as not right."""
    for low, high in pairwise(BINS):
        inside = [a for a in answers if low <= a.ranking.confidence < high]
        right = sum(a.verdict(0.0, 0.0) in ("right", "equivalent") for a in inside)
        print(f"confidence {low:.2f} to {min(high, 1.0):.2f}: {right} of {len(inside)} right")
    for name, part in (*((n, [a for a in answers if a.case.id.startswith(n)]) for n, _ in SOURCES), ("all", answers)):
        print(f"expected calibration error, {name}: {calibration_error(part):.3f} ({EQUAL_BINS} bins of equal mass)")


def calibration_error(answers: Sequence[Answered]) -> float:
    """How far confidence and the share of right answers lie apart, over bins that hold equally many answers."""
    by_confidence = sorted(answers, key=lambda a: a.ranking.confidence)
    edges = [round(i * len(answers) / EQUAL_BINS) for i in range(EQUAL_BINS + 1)]
    gaps = 0.0
    for low, high in pairwise(edges):
        inside = by_confidence[low:high]
        right = sum(a.verdict(0.0, 0.0) in ("right", "equivalent") for a in inside)
        gaps += abs(sum(a.ranking.confidence for a in inside) - right)
    return gaps / len(answers)


def write_answers(answers: Sequence[Answered], out: Path) -> None:
    """Write the answers in the format that score.py of the material reads."""
    with out.open("w", encoding="utf-8") as file:
        for a in answers:
            chosen = None if a.verdict(DEFAULT_MIN_CONFIDENCE, DEFAULT_MIN_MARGIN) == "none" else a.xpath
            record = {"id": a.case.id, "answer": chosen, "confidence": a.ranking.confidence, "ms": a.ms}
            file.write(json.dumps(record) + "\n")


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with similo/ and webevo/")
    parser.add_argument("--out", type=Path, help="write the answers here, as JSON lines")
    parser.add_argument("--browser", type=Path, help="path of a Chromium; found by itself without")
    given = parser.parse_args()
    missing = [name for name, _ in SOURCES if not (given.data / name / "cases.jsonl").is_file()]
    if missing:
        print(
            f"no evaluation material: {given.data} lacks {', '.join(f'{m}/cases.jsonl' for m in missing)}",
            file=sys.stderr,
        )
        return 2
    answers = asyncio.run(ask_all(given.data, str(find_browser(given.browser, os.environ).path)))
    report(answers)
    if given.out:
        write_answers(answers, given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
