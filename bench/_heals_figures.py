"""What is counted over answers: verdicts with intervals, thresholds chosen elsewhere, pairs, calibration."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb, isnan, sqrt

HARM = 0.01
"""The share of wrong heals, and of false ones, that thresholds are chosen to stay within."""
RECALLS = (0.5, 0.6, 0.7, 0.8)
EQUAL_BINS = 10
RESAMPLES = 1000
SEED = 20261128
GRID = 40


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method's best candidate for one case is worth; thresholds not yet applied.

    `hit` says that the best is the element (or one of its twins), `equivalent` that a removed element left another with
    the same tag, text and target, which is counted apart. `score` is 0 where a method has no candidate at all.
    """

    id: str
    data_set: str
    site: str
    removed: bool
    hit: bool
    equivalent: bool
    score: float
    margin: float
    ms: float

    def verdict(self, at: Thresholds) -> str:
        """`right`, `wrong`, `none`; of a removed element `none`, `false` or `equivalent`."""
        if self.score <= 0 or self.score < at.score or self.margin < at.margin:
            return "none"
        if self.removed:
            return "equivalent" if self.equivalent else "false"
        return "right" if self.hit else "wrong"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the best must reach, and by how much it must lead."""

    score: float = 0.0
    margin: float = 0.0


Verdicts = list[tuple[Answer, str]]


def judged(answers: Iterable[Answer], at: Thresholds) -> Verdicts:
    """Each answer with its verdict."""
    return [(a, a.verdict(at)) for a in answers]


def share(verdicts: Verdicts, removed: bool, verdict: str) -> float:
    """The part of the existing, or removed, elements with this verdict; nan without any."""
    kind = [v for a, v in verdicts if a.removed is removed]
    return kind.count(verdict) / len(kind) if kind else float("nan")


# --- intervals --------------------------------------------------------------------------------------------


def interval(verdicts: Verdicts, removed: bool, verdict: str) -> tuple[float, float]:
    """95 %, by drawing whole sites again: elements of one page are not independent.

    Where all or none have the verdict no resample shows a spread, and the exact bound of Clopper and Pearson is wider.
    """
    by_site: dict[str, list[str]] = {}
    for answer, given in verdicts:
        if answer.removed is removed:
            by_site.setdefault(answer.site, []).append(given)
    if not by_site:
        return float("nan"), float("nan")
    counts = [(given.count(verdict), len(given)) for given in by_site.values()]
    draw, seen = random.Random(SEED), []
    for _ in range(RESAMPLES):
        drawn = draw.choices(counts, k=len(counts))
        seen.append(sum(n for n, _ in drawn) / sum(of for _, of in drawn))
    seen.sort()
    low, high = seen[int(0.025 * RESAMPLES)], seen[int(0.975 * RESAMPLES) - 1]
    some, of = sum(n for n, _ in counts), sum(of for _, of in counts)
    exact = 1.0 - 0.025 ** (1.0 / of)
    return (min(low, 1.0 - exact) if some == of else low), (max(high, exact) if some == 0 else high)


def share_interval(some: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, cases one by one; nothing seen gives the exact bound, of nothing nan."""
    if not of:
        return float("nan"), float("nan")
    if not some:
        return 0.0, 1.0 - 0.025 ** (1.0 / of)
    z, p = 1.959964, some / of
    middle, spread = p + z * z / (2 * of), z * sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return (middle - spread) / (1 + z * z / of), (middle + spread) / (1 + z * z / of)


def share_words(name: str, some: int, of: int) -> str:
    """A share in per cent with its 95 % interval: `right 92.5 % (85.8 to 96.1)`."""
    low, high = share_interval(some, of)
    return f"{name} {100 * some / max(1, of):.1f} % ({100 * low:.1f} to {100 * high:.1f})"


# --- thresholds -------------------------------------------------------------------------------------------


def choose(answers: Sequence[Answer]) -> Thresholds:
    """The thresholds with the most right heals within the harm allowed; of equals the strictest."""
    scores = _grid([a.score for a in answers if a.score > 0])
    margins = [0.0, *_grid([a.margin for a in answers if a.score > 0])[:: GRID // 5]]
    pairs = [Thresholds(s, m) for s in scores for m in margins]
    return max(pairs, key=lambda at: (*_worth(judged(answers, at)), at.score, at.margin))


def _grid(values: Sequence[float]) -> list[float]:
    """Values that stand at equal distances in order, the largest and more than it included."""
    ordered = sorted(values)
    if not ordered:
        return [1.0]
    return sorted({ordered[round(i * (len(ordered) - 1) / GRID)] for i in range(GRID + 1)} | {ordered[-1] + 1e-9})


def _worth(verdicts: Verdicts) -> tuple[bool, float]:
    harm = max(_known(share(verdicts, False, "wrong")), _known(share(verdicts, True, "false")))
    return harm <= HARM, _known(share(verdicts, False, "right"))


def _known(value: float) -> float:
    return 0.0 if isnan(value) else value


def out_of_fold(answers: Sequence[Answer], choice: Callable[[Sequence[Answer]], Thresholds] = choose) -> Verdicts:
    """Verdicts where each site's thresholds were chosen on all the other sites."""
    done: Verdicts = []
    for site in sorted({a.site for a in answers}):
        at = choice([a for a in answers if a.site != site])
        done += judged((a for a in answers if a.site == site), at)
    return done


def at_recall(answers: Sequence[Answer], recall: float) -> Thresholds | None:
    """The highest score threshold that leaves at least this share right; None where it is out of reach."""
    for score in sorted({a.score for a in answers if a.score > 0}, reverse=True):
        if share(judged(answers, Thresholds(score)), False, "right") >= recall:
            return Thresholds(score)
    return None


# --- pairs ------------------------------------------------------------------------------------------------


def harms(verdicts: Verdicts) -> set[str]:
    """The cases healed to something else."""
    return {a.id for a, v in verdicts if v in ("wrong", "false")}


def sign_test(ours: set[str], theirs: set[str]) -> float:
    """How likely so uneven a split of the cases that only one of two methods harms is by chance (exact, two sides)."""
    few, many = sorted((len(ours - theirs), len(theirs - ours)))
    of = few + many
    return min(1.0, 2 * sum(comb(of, k) for k in range(few + 1)) / 2**of) if of else 1.0


# --- calibration ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers next to each other in confidence: how sure, how often right, how many."""

    said: float
    right: float
    n: int


def bins(answers: Sequence[Answer]) -> list[Bin]:
    """Ten bins of equal mass; an equivalent element that was left counts as right."""
    ordered = sorted(answers, key=lambda a: a.score)
    edges = [round(i * len(ordered) / EQUAL_BINS) for i in range(EQUAL_BINS + 1)]
    parts = [ordered[low:high] for low, high in pairwise(edges) if high > low]
    return [
        Bin(sum(a.score for a in part) / len(part), sum(_is_right(a) for a in part) / len(part), len(part))
        for part in parts
    ]


def _is_right(answer: Answer) -> bool:
    return answer.equivalent if answer.removed else answer.hit


def calibration_error(curve: Sequence[Bin]) -> float:
    """The mean distance of confidence and share of right answers."""
    of = sum(b.n for b in curve)
    return sum(b.n * abs(b.said - b.right) for b in curve) / of if of else float("nan")


def tally(verdicts: Verdicts) -> Counter[str]:
    """How many existing and removed elements there are, and how many verdicts of each kind."""
    return Counter("removed" if a.removed else "existing" for a, _ in verdicts) + Counter(v for _, v in verdicts)
