"""The embedded ranker: chooses the element a step means among a snapshot's candidates, or none of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import exp, log2

from tierwright.core.identity import Candidate, Fingerprint, Query, Ranking, Scored, Snapshot
from tierwright.core.operable import is_interactive
from tierwright.core.phrases import Phrase
from tierwright.core.steps import JUDGING_ACTIONS
from tierwright.models.local.asked import is_of_kind, true_of, weigh_clues, weigh_instruction, weigh_phrase
from tierwright.models.local.compare import (
    PLACE_STANDS,
    SAME_MEANING,
    Evidence,
    Rarity,
    compare,
    expect_rewording,
    named_places,
    weigh_doubts,
)
from tierwright.models.local.families import count_marks, count_names, family_of
from tierwright.models.local.newcomers import Newcomers
from tierwright.models.local.places import (
    weigh_exclusion,
    weigh_letters,
    weigh_mentions,
    weigh_nearness,
    weigh_only_one,
    weigh_ordinal,
    weigh_owner,
    weigh_stand_ins,
)
from tierwright.models.local.plain import weigh_drawn, weigh_hidden_twins, weigh_kin, weigh_whole_name
from tierwright.models.local.seen import Seen, Traits
from tierwright.models.local.selectors import Clues, read_selector
from tierwright.models.local.shortlist import shortlist
from tierwright.models.local.words import even_weight

NONE_OF_THESE = 4.0
"""Log-odds that evidence must outweigh: how likely "none of these" is before anything was seen."""
NONE_FOR_A_VALUE = 3.0
"""The same where the element has no name of its own, so that less evidence can be shown at all."""
DEFAULT_MIN_CONFIDENCE = 0.75
DEFAULT_MIN_MARGIN = 0.5
"""Chosen with bench/heals.py on public pages of 19 sites (352 existing elements, 285 removed; 2026-11-23): 88.6 %
right, 0.0 % wrong, 0.7 % false, the same with each site's thresholds chosen on the other sites. How far to trust these
numbers: docs/ranker.md.
"""
FORCED_MIN_CONFIDENCE = 0.97
"""What a find on a page that never settled must reach (H-8)."""
OTHER_MEMBER = -4.0
"""What it costs, among nested elements of one meaning, that one can be operated and the element before could not."""
SURROUNDINGS_ALONE = 1.5
"""What surroundings may add where two are compared with no page around: the neighbours of an element share them."""
SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A candidate with all its evidence."""

    seen: Seen
    evidence: Evidence
    family: int


class LocalRanker:
    """Ranks by evidence alone: no model, no network, no page. Thresholds lie in 0..1; None takes the measured ones."""

    def __init__(self, min_confidence: float | None = None, min_margin: float | None = None) -> None:
        self._min_confidence = DEFAULT_MIN_CONFIDENCE if min_confidence is None else min_confidence
        self._min_margin = DEFAULT_MIN_MARGIN if min_margin is None else min_margin

    def rank(self, query: Query, snapshot: Snapshot) -> Ranking:
        """Score the candidates and choose one, or none."""
        clues = read_selector(query.selector)
        weighed = _weigh(query, clues, snapshot)
        if not weighed:
            return Ranking(chosen=None, confidence=0.0, margin=0.0, why_not="nothing on the page can take this action")
        best = _odds(weighed, _none_of_these(query), query.baseline)
        margin = best[0].score - (best[1].score if len(best) > 1 else 0.0)
        why_not = _refused(query, weighed, best[0], snapshot) or self._doubt(best, margin, snapshot)
        chosen = None if why_not else best[0].index
        return Ranking(chosen=chosen, confidence=best[0].score, margin=margin, best=best[:SHOWN], why_not=why_not)

    def similarity(self, baseline: Fingerprint, seen: Fingerprint) -> float:
        """How likely both are the same element, 0..1, text and place apart from volatile parts."""
        evidence = compare(Traits(baseline), Traits(seen), Rarity(even_weight, lambda _: 1, _even_code))
        evidence.gain = min(evidence.gain, SURROUNDINGS_ALONE)
        likely = 1.0 / (1.0 + exp(NONE_OF_THESE - evidence.total))
        return max(likely, 0.97) if baseline.key == seen.key else likely

    def _doubt(self, best: Sequence[Scored], margin: float, snapshot: Snapshot) -> str:
        """Why nothing should be chosen; empty when the best may be."""
        needed = max(self._min_confidence, FORCED_MIN_CONFIDENCE) if snapshot.forced else self._min_confidence
        first = _describe(snapshot.candidates[best[0].index])
        if len(best) > 1 and margin < self._min_margin and best[1].score > 0.1:
            return f"{first} and {_describe(snapshot.candidates[best[1].index])} fit about equally well"
        if best[0].score < needed:
            return f"nothing fits well enough: {first} reaches {best[0].score:.2f} of {needed:.2f}"
        return "" if margin >= self._min_margin else f"{first} leads by {margin:.2f} only"


def _refused(query: Query, weighed: Sequence[_Weighed], best: Scored, snapshot: Snapshot) -> str:
    """Why the best may not be chosen: a person rejected it. The next best must not win for want of a competitor."""
    if not query.rejected:
        return ""
    families = {w.family for w in weighed if w.seen.print.key in query.rejected}
    if family_of(best.index, snapshot.candidates) not in families:
        return ""
    return f"{_describe(snapshot.candidates[best.index])} fits best, and was rejected for this step"


def _describe(candidate: Candidate) -> str:
    seen = candidate.fingerprint
    name = seen.name or seen.text
    return f"{seen.role or seen.tag} {name[:40]!r}" if name else seen.role or seen.tag


def _weigh(query: Query, clues: Clues, snapshot: Snapshot) -> list[_Weighed]:
    candidates = snapshot.candidates
    names = count_names(candidates)
    seen = [Seen(i, candidates[i], query.excluded) for i in shortlist(query, query.baseline, clues, candidates)]
    marks = count_marks(candidates)
    rarity = Rarity(_word_weights(seen), lambda name: names[name], _code_weights(seen), lambda mark: marks[mark])
    baseline = Traits(query.baseline, query.excluded) if query.baseline is not None else None
    weighed = [_Weighed(s, _evidence(query, baseline, clues, s, rarity), family_of(s.index, candidates)) for s in seen]
    if baseline is not None:
        _after_a_redesign(weighed, baseline)
        newcomers = Newcomers(baseline.print, candidates)
        for w in weighed:
            newcomers.weigh(w.evidence, w.seen.print)
    for s in weighed:
        _circumstances(s.evidence, query, s.seen, snapshot)
    _among_all(query, weighed, candidates)
    return weighed


def _among_all(query: Query, weighed: Sequence[_Weighed], candidates: Sequence[Candidate]) -> None:
    """Count what the instruction says and only shows among several."""
    phrase = _permitted(query)
    if phrase is None:
        return
    pairs, families = [(w.seen, w.evidence) for w in weighed], [(w.seen, w.evidence, w.family) for w in weighed]
    if query.baseline is None:
        weigh_letters(phrase, pairs)
        weigh_owner(phrase, pairs, candidates)
        weigh_mentions(phrase, pairs)
        if query.action not in JUDGING_ACTIONS:
            weigh_stand_ins(phrase, pairs)
            weigh_kin(phrase, pairs, candidates)
            weigh_whole_name(phrase, pairs)
            weigh_drawn(phrase, pairs)
            weigh_hidden_twins(pairs)
    weigh_exclusion(phrase, pairs)
    weigh_nearness(phrase, pairs, candidates)
    weigh_ordinal(phrase, families, candidates)
    if query.baseline is None:
        weigh_only_one(phrase, families)


def _after_a_redesign(weighed: Sequence[_Weighed], baseline: Traits) -> None:
    """Take back what the surroundings cost where nothing on the page looks as it did: then the page has changed."""
    before = named_places(baseline.print)
    redesigned = bool(before) and all(before.isdisjoint(w.seen.print.ancestors) for w in weighed)
    best = max((w.evidence.context for w in weighed), default=0.0)
    named_as_before = any(w.evidence.alike >= SAME_MEANING for w in weighed)
    for w in weighed:
        w.evidence.context -= min(0.0, best)
        if redesigned:
            expect_rewording(w.evidence, named_as_before=named_as_before)
        weigh_doubts(w.evidence, baseline, w.seen, place_stands=best >= PLACE_STANDS and not redesigned)


def _even_code(_: str) -> float:
    return 0.5


def _code_weights(seen: Sequence[Seen]) -> Callable[[str], float]:
    """Words of ids and classes that many candidates bear say nothing about one of them."""
    counts = Counter(w for s in seen for w in s.codes)
    return lambda word: 1.0 if counts[word] <= 2 else 0.4 if counts[word] <= 5 else 0.0


def _word_weights(seen: Sequence[Seen]) -> _WordWeights:
    return _WordWeights(Counter(w for s in seen for w in {w for name in s.names for w in name}))


class _WordWeights:
    """Words that many candidates share weigh less."""

    def __init__(self, counts: Counter[str]) -> None:
        self._weights = {word: even_weight(word) * max(0.4, 1.0 - 0.1 * log2(n)) for word, n in counts.items()}

    def __call__(self, word: str) -> float:
        weight = self._weights.get(word)
        return even_weight(word) if weight is None else weight


def _permitted(query: Query) -> Phrase | None:
    """The phrase without a name that must not count as evidence (H-17)."""
    if query.phrase is None:
        return None
    name = query.phrase.name.strip().casefold()
    barred = any(name == text.strip().casefold() for text in query.excluded)
    return replace(query.phrase, name="") if barred else query.phrase


def _evidence(query: Query, baseline: Traits | None, clues: Clues, seen: Seen, rarity: Rarity) -> Evidence:
    """All evidence for one candidate. Beside a baseline, instruction and selector only support or cast doubt."""
    phrase = _permitted(query)
    if phrase is not None and baseline is not None:
        phrase = true_of(phrase, baseline)
    found = compare(baseline, seen, rarity) if baseline is not None else Evidence()
    asked = Evidence()
    if phrase is not None:
        weigh_phrase(asked, phrase, seen, rarity.word)
    elif query.instruction:
        weigh_instruction(asked, seen.allowed(query.instruction), seen)
    hinted = Evidence()
    if not clues.empty:
        weigh_clues(hinted, clues, seen, rarity.word)
    if baseline is not None:
        _support(found, asked, 0.4, 1.5)
        _support(found, hinted, 0.3, 1.0, against=0.0)
    else:
        _support(found, asked, 1.0, 20.0)
        _support(found, hinted, 1.0, 2.0 if asked.specific > 0 else 6.0)
    return found


def _support(found: Evidence, other: Evidence, share: float, bound: float, against: float | None = None) -> None:
    """Add a share of other evidence; at most `bound` for, and `against` (else as much) against."""
    found.specific += max(-(bound if against is None else against), min(bound, share * other.specific))
    found.reasons += [r for r in other.reasons if r not in found.reasons]


def _circumstances(found: Evidence, query: Query, seen: Seen, snapshot: Snapshot) -> None:
    """Count what does not belong to the element's looks: whether it shows, works, and in which frame it is."""
    if not seen.candidate.visible:
        found.specific -= 1.0
    if query.frame and snapshot.frames[seen.candidate.frame_index].path != query.frame:
        found.specific -= 2.0
    asked_for = seen.clickable or (query.phrase is not None and is_of_kind(query.phrase, seen))
    if query.baseline is None and query.action not in JUDGING_ACTIONS and not asked_for:
        found.specific -= 1.0


def _none_of_these(query: Query) -> float:
    known = query.baseline
    return NONE_FOR_A_VALUE if known is not None and Traits(known, query.excluded).unnamed else NONE_OF_THESE


def _odds(weighed: Sequence[_Weighed], none: float, known: Fingerprint | None) -> tuple[Scored, ...]:
    """Each family's likeliest member with the family's share of the odds, "none of these" included; best first."""
    families: dict[int, list[_Weighed]] = {}
    for w in weighed:
        families.setdefault(w.family, []).append(w)
    best = [(max(w.evidence.total for w in members), _member(members, known)) for members in families.values()]
    best.sort(key=lambda b: (-b[0], b[1].seen.index))
    top = max(none, best[0][0])
    total = exp(none - top) + sum(exp(worth - top) for worth, _ in best)
    return tuple(
        Scored(index=w.seen.index, score=exp(worth - top) / total, reasons=tuple(w.evidence.reasons))
        for worth, w in best
    )


def _member(members: Sequence[_Weighed], known: Fingerprint | None) -> _Weighed:
    """Of elements that are one to a person, the one that people operate if that was meant: the link in a list item."""

    def fit(w: _Weighed) -> float:
        as_before = known is None or is_interactive(w.seen.print) == is_interactive(known)
        return w.evidence.total + (0.0 if as_before else OTHER_MEMBER)

    return max(members, key=lambda w: (fit(w), -w.seen.index))
