"""Learns how sure to be of the ranker's best from its score and evidence, and says whether that beats the hand weights.

usage: python bench/train_ranker.py [--data FOLDER] [--out weights.json] [--browser PATH]

Trained on the project's own pages under seeded changes and, with --data, on the public pages; every site is judged by
weights that have not seen it. What came of it, and why nothing learned ships: docs/model-card.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.async_api import async_playwright

from _heals_cases import VIEWPORT, Case
from _heals_figures import HARM, Answer, bins, calibration_error, out_of_fold, share
from _heals_methods import judge, why
from _measure import browser_path, machine_line, table
from heals import every_case
from tierwright.core.identity import Fingerprint, Ranking
from tierwright.models.local import LocalRanker
from tierwright.page.identify import rank_in_place

FEATURES = (
    "log-odds of the best",
    "log-odds of the runner-up",
    "margin",
    "same name",
    "same role",
    "same tag",
    "same address",
    "same id",
    "same test id",
    "how many bear its name",
    "how much is known",
    "visible",
)
PULL = 3.0
"""How strongly weights are held near zero (L2)."""
STEPS = 60
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """A case as the model sees it: the answer by hand weights, and the features."""

    answer: Answer
    features: tuple[float, ...]

    @property
    def target(self) -> float:
        """1 where the best is right, or an equal one that was left."""
        return float(self.answer.equivalent if self.answer.removed else self.answer.hit)


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic model in plain numbers: the features' means and scales, their weights, the bias first."""

    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]

    def sure(self, features: Sequence[float]) -> float:
        """How likely the best is right, 0..1."""
        scaled = [(f - m) / s for f, m, s in zip(features, self.means, self.scales, strict=True)]
        return float(1 / (1 + np.exp(-self.weights[0] - np.dot(self.weights[1:], scaled))))


def row_of(case: Case) -> Row:
    """Ask the ranker, and note what its answer rests on."""
    ranking = rank_in_place(LocalRanker(min_confidence=0.0, min_margin=0.0), case.query, case.snapshot, why(case))
    chosen = None if ranking.chosen is None else case.snapshot.candidates[ranking.chosen]
    answer, _ = judge(case, chosen, ranking.confidence, ranking.margin, 0.0)
    known = case.query.baseline
    if chosen is None or known is None:
        return Row(answer, (0.0,) * len(FEATURES))
    sharing = sum(_called(c.fingerprint) == _called(chosen.fingerprint) for c in case.snapshot.candidates)
    return Row(
        answer,
        (*_odds(ranking), *_agreement(known, chosen.fingerprint), min(sharing, 5) / 5, *_rest(known, chosen.visible)),
    )


def _odds(ranking: Ranking) -> tuple[float, float, float]:
    second = ranking.best[1].score if len(ranking.best) > 1 else 0.0
    return _logit(ranking.confidence), _logit(second), ranking.margin


def _agreement(known: Fingerprint, seen: Fingerprint) -> tuple[float, ...]:
    pairs = (
        (_called(known), _called(seen)),
        (known.role, seen.role),
        (known.tag, seen.tag),
        (known.href_path, seen.href_path),
        (known.id, seen.id),
        (known.test_ids, seen.test_ids),
    )
    return tuple((1.0 if a == b else -1.0) if a and b else 0.0 for a, b in pairs)


def _rest(known: Fingerprint, visible: bool) -> tuple[float, float]:
    facts = (known.name, known.id, known.href_path, known.test_ids, known.name_attribute, known.classes)
    return sum(map(bool, (*facts, known.neighbours, known.headings, known.row, known.box))) / 10, float(visible)


def _called(seen: Fingerprint) -> str:
    return (seen.name or seen.text or seen.label).casefold()


def _logit(share_of_odds: float) -> float:
    bounded = min(max(share_of_odds, 1e-6), 1 - 1e-6)
    return log(bounded / (1 - bounded))


def fit(rows: Sequence[Row]) -> Weights:
    """Newton's method on the penalised likelihood: no randomness, the same numbers from the same rows."""
    features, target = np.array([r.features for r in rows]), np.array([r.target for r in rows])
    means, scales = features.mean(axis=0), features.std(axis=0) + 1e-9
    design: Matrix = np.c_[np.ones(len(rows)), (features - means) / scales]
    pull = np.diag([1e-6, *[PULL] * len(FEATURES)])
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (target - likely) - pull @ weights
        bend = (design.T * (likely * (1 - likely))) @ design + pull
        weights = weights + np.linalg.solve(bend, slope)
    return Weights(tuple(map(float, means)), tuple(map(float, scales)), tuple(map(float, weights)))


def learned(rows: Sequence[Row], judged: set[str]) -> list[Answer]:
    """The answers of these sites, each with the confidence of weights that were fitted without its site."""
    done = []
    for site in sorted(judged):
        weights = fit([r for r in rows if r.answer.site != site])
        here = [r for r in rows if r.answer.site == site]
        done += [replace(r.answer, score=weights.sure(r.features) if r.answer.score > 0 else 0.0) for r in here]
    return done


def line(name: str, answers: Sequence[Answer]) -> list[str]:
    """One line: thresholds of each site chosen on the others, for both ways alike."""
    verdicts = out_of_fold(answers)
    shares = [share(verdicts, False, v) for v in ("right", "wrong")] + [share(verdicts, True, "false")]
    return [name, *(f"{100 * s:.1f} %" for s in shares), f"{calibration_error(bins(answers)):.3f}"]


def is_better(ours: Sequence[Answer], by_hand: Sequence[Answer]) -> bool:
    """Whether learned confidence finds more within the harm allowed, on sites it has not seen."""
    mine, theirs = out_of_fold(ours), out_of_fold(by_hand)
    harm = max(share(mine, False, "wrong"), share(mine, True, "false"))
    return harm <= HARM and share(mine, False, "right") > share(theirs, False, "right")


async def rows_of(data: Path | None, browser: Path) -> list[Row]:
    """Every case as a row."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = await chromium.new_page(viewport={"width": VIEWPORT[0], "height": VIEWPORT[1]})
        rows = [row_of(case) async for case in every_case(page, data)]
        await chromium.close()
    return rows


def main() -> int:
    """Train, compare, and write the numbers where they are wanted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with similo/ and webevo/; without it own pages only")
    parser.add_argument("--out", type=Path, help="write the weights, trained on all sites, here as JSON")
    parser.add_argument("--browser", type=Path, help="path of a Chromium; found by itself without")
    given = parser.parse_args()
    browser = browser_path(given.browser)
    rows = asyncio.run(rows_of(given.data, browser))
    public = {r.answer.site for r in rows if r.answer.data_set != "own"} or {r.answer.site for r in rows}
    by_hand = [r.answer for r in rows if r.answer.site in public]
    ours = learned(rows, public)
    print(machine_line(browser) + f"; {len(rows)} cases, judged on {len(public)} sites left out one by one\n")
    print(
        table(
            ("confidence", "right", "wrong", "false", "calibration error"),
            [line("by hand", by_hand), line("learned", ours)],
            False,
        )
    )
    print(f"\nlearned confidence is {'better' if is_better(ours, by_hand) else 'no better: keep the hand weights'}")
    if given.out:
        whole = fit(rows)
        given.out.write_text(
            json.dumps(
                {"features": FEATURES, "means": whole.means, "scales": whole.scales, "weights": whole.weights}, indent=1
            ),
            encoding="utf-8",
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
