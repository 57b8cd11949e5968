"""The methods that are compared: the ranker through the code that tier 2 uses, and the published ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Protocol

from _heals_cases import Case, canonical
from _heals_figures import Answer
from baselines import Asked, Baseline
from baselines.similo import Similo, VonSimilo
from baselines.treepath import TreePath
from baselines.xpaths import AbsoluteXPath, Robula
from tierwright.core.identity import Candidate
from tierwright.core.phrases import Phrase
from tierwright.models.local import LocalRanker
from tierwright.page.identify import rank_in_place
from tierwright.page.surroundings import why_elsewhere


class Method(Protocol):
    """A way to find an element again."""

    name: str

    def answer(self, case: Case) -> tuple[Answer, str | None]:
        """What its best is worth, and the XPath of it."""


class Local:
    """The embedded ranker, asked as tier 2 asks it; thresholds are applied when counting."""

    name = "local"

    def answer(self, case: Case) -> tuple[Answer, str | None]:
        """Confidence and margin of its best."""
        began = perf_counter()
        ranking = rank_in_place(LocalRanker(min_confidence=0.0, min_margin=0.0), case.query, case.snapshot, why(case))
        ms = (perf_counter() - began) * 1000
        chosen = None if ranking.chosen is None else case.snapshot.candidates[ranking.chosen]
        return judge(case, chosen, ranking.confidence, ranking.margin, ms)


class Published:
    """A baseline: its best candidate, and its lead over the next that neither holds it nor lies in it."""

    def __init__(self, baseline: Baseline) -> None:
        self._baseline = baseline
        self.name = baseline.name

    def answer(self, case: Case) -> tuple[Answer, str | None]:
        """Score and lead of its best."""
        known = case.query.baseline
        assert known is not None
        asked = Asked(known, case.xpath, case.id_xpath, case.before)
        began = perf_counter()
        scores = self._baseline.scores(asked, case.snapshot)
        ms = (perf_counter() - began) * 1000
        best = max(range(len(scores)), key=scores.__getitem__, default=None)
        if best is None or scores[best] <= 0:
            return judge(case, None, 0.0, 0.0, ms)
        chosen = case.snapshot.candidates[best]
        others = [s for s, c in zip(scores, case.snapshot.candidates, strict=True) if not _nested(c, chosen)]
        return judge(case, chosen, scores[best], scores[best] - max(others, default=0.0), ms)


def _nested(one: Candidate, other: Candidate) -> bool:
    a, b = one.xpath + "/", other.xpath + "/"
    return one.frame_index == other.frame_index and (a.startswith(b) or b.startswith(a))


def judge(case: Case, chosen: Candidate | None, score: float, margin: float, ms: float) -> tuple[Answer, str | None]:
    """The answer to a case: whether the chosen one is the element, or lies where one of its twins does."""
    xpath = None if chosen is None else canonical(chosen.xpath)
    worth = score if chosen is not None else 0.0
    hit = xpath in case.accepted
    data_set = case.id.partition("/")[0]
    return Answer(case.id, data_set, case.site, case.removed, hit, case.equivalent, worth, margin, ms), xpath


def why(case: Case) -> Callable[[int], str]:
    """Tier 2's own question: is a candidate a look-alike of the known element that stands elsewhere?"""
    known, phrase = case.query.baseline, case.query.phrase or Phrase(text="")
    if known is None:
        return lambda _: ""
    return lambda index: why_elsewhere(phrase, known, case.snapshot.candidates[index].fingerprint)


def methods() -> Sequence[Method]:
    """The ranker first, then the published ways."""
    baselines: Sequence[Baseline] = (Similo(), VonSimilo(), TreePath(), AbsoluteXPath(), Robula())
    return Local(), *map(Published, baselines)
