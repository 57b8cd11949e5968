"""Asking a chooser about the page: the query of a step, the snapshot, the evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from playwright.async_api import Frame

from tierwright.core.identity import Candidate, ElementLocator, Fingerprint, Query, Ranking, Snapshot
from tierwright.core.phrases import Phrase
from tierwright.core.ports import Chooser
from tierwright.core.results import Evidence, ScoredElement
from tierwright.core.steps import Condition
from tierwright.core.tier import StepCall
from tierwright.core.variables import Variables
from tierwright.page.failures import reading
from tierwright.page.session import PageSession
from tierwright.page.snapshot import LiveSnapshot, take_snapshot
from tierwright.page.surroundings import why_elsewhere

AGREE_ABOVE = 0.6
"""Similarity to a fingerprint from which an element agrees with it."""

JUDGING_WORDS = frozenset({Condition.TEXT, Condition.CONTAINS, Condition.MATCHES})

DENY_BELOW = 0.2
"""Similarity to the baseline under which a model's choice is refused: it is clearly another element."""

DOUBT_ABOVE = 0.3
"""Score from which another element speaks against a model's choice, which must score at least half of it."""


def in_use(kept: ElementLocator, variables: Variables) -> ElementLocator:
    """A kept locator with its variables expanded, as the page is asked."""
    return ElementLocator(variables.expand(kept.selector), tuple(variables.expand(f) for f in kept.frame))


def lasting(seen: Fingerprint, call: StepCall) -> Fingerprint:
    """The fingerprint without the words that the step judges: they may change, and it is the same element (H-17)."""
    if call.step.condition not in JUDGING_WORDS:
        return seen
    return replace(seen, text="", name="" if seen.name in ("", seen.text) else seen.name)


async def snapshot_for(call: StepCall, session: PageSession, *, forced: bool = False) -> LiveSnapshot:
    """All frames of the step's page, variables unexpanded."""
    with reading("the page"):
        return await take_snapshot(
            session.page,
            unexpand=call.variables.unexpand,
            page_path=session.page_path,
            frame_path=None,
            deadline=call.deadline,
            forced=forced,
        )


def query_of(call: StepCall) -> Query:
    """What a step asks for. Its expected or typed value is no evidence for where (H-17)."""
    step, written = call.step, call.written
    excluded = tuple(text for text in (step.value, written.value) if text)
    return Query(
        action=step.action,
        condition=step.condition,
        instruction=call.variables.unexpand_words(step.instruction),
        phrase=phrase_as_read(call.phrase, call.variables),
        selector=step.selector,
        baseline=call.known,
        excluded=excluded,
        rejected=call.rejected,
        page_path=call.session.page_path,
    )


def phrase_as_read(phrase: Phrase, variables: Variables) -> Phrase:
    """The phrase with variables' values as `{{name}}`, as they stand in fingerprints and snapshots."""
    as_read = variables.unexpand_words
    return replace(
        phrase,
        name=as_read(phrase.name),
        section=as_read(phrase.section),
        row=as_read(phrase.row),
        near=as_read(phrase.near),
        not_words=tuple(as_read(word) for word in phrase.not_words),
    )


def why_another(call: StepCall, live: LiveSnapshot, index: int, frame: Frame | None) -> str:
    """Why an element cannot be the step's, however much it looks like it; "" for no reason.

    `frame` is the one that the step names, where it is there: the same field outside it is another one.
    """
    candidate = live.snapshot.candidates[index]
    if call.step.frame and frame is not None and not _is_inside(live.frames[candidate.frame_index], frame):
        return f"it is outside the frame {' > '.join(call.step.frame)}"
    if call.known is None:
        return ""
    return why_elsewhere(phrase_as_read(call.phrase, call.variables), call.known, candidate.fingerprint)


def rank_in_place(chooser: Chooser, query: Query, snapshot: Snapshot, why_another: Callable[[int], str]) -> Ranking:
    """The ranking; where the best are look-alikes that stand elsewhere, that of the others (H-14).

    `why_another` says of a candidate why it cannot be the one that is meant, or "".
    """
    ranking = chooser.rank(query, snapshot)
    shown = [scored.index for scored in ranking.best]
    another = {i: why for i in shown if (why := why_another(i))}
    if not another or (ranking.chosen is not None and ranking.chosen not in another):
        return ranking
    meant = frozenset(shown) - another.keys()
    again = chooser.rank(replace(query, among=meant), snapshot) if meant else ranking
    if again.chosen in meant:
        return again
    if shown[0] not in another:
        return ranking
    return replace(ranking, chosen=None, why_not=f"what fits best is another element: {another[shown[0]]}")


def _is_inside(frame: Frame | None, around: Frame) -> bool:
    while frame is not None and frame is not around:
        frame = frame.parent_frame
    return frame is around


def evidence_of(ranking: Ranking, snapshot: Snapshot, source: str) -> Evidence:
    """The ranking as it is shown to a person: the best candidates and the reasons."""
    shown = []
    for scored in ranking.best[:5]:
        candidate = snapshot.candidates[scored.index]
        seen = candidate.fingerprint
        shown.append(ScoredElement(candidate.xpath, seen.role or seen.tag, seen.name or seen.text[:80], scored.score))
    reasons = ranking.best[0].reasons if ranking.best else ()
    why_not = (ranking.why_not,) if ranking.why_not else ()
    return Evidence(tuple(shown), reasons + why_not, source, snapshot.forced)


def better_than(ranking: Ranking, chosen: int, snapshot: Snapshot) -> Candidate | None:
    """The element that the ranker sees instead of the one a model chose, None where they do not contradict each other.

    An element and what is around it are the same to a person who clicks.
    """
    scores = {scored.index: scored.score for scored in ranking.best}
    best = ranking.best[0] if ranking.best else None
    if best is None or best.score < DOUBT_ABOVE or scores.get(chosen, 0.0) >= best.score / 2:
        return None
    around = best.index
    while around >= 0:
        if around == chosen:
            return None
        around = snapshot.candidates[around].parent
    return snapshot.candidates[best.index]
