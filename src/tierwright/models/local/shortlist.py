"""Which candidates are worth a closer look: those that share a word, an identifier or a kind with what is sought."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tierwright.core.identity import Candidate, Fingerprint, Query
from tierwright.models.local.abilities import can_take
from tierwright.models.local.asked import is_message, row_says
from tierwright.models.local.selectors import Clues
from tierwright.models.local.words import FILLER, SYNONYMS, code_words, words

SHORTLIST = 90
"""Candidates that are compared in full; pages with fewer are compared whole."""

IN_ITS_ROW = 3.0
"""What it counts to lie in the row that the instruction names: tables repeat the same buttons."""

_VARIANTS = {group[0].replace(" ", ""): group for group in SYNONYMS}


def shortlist(query: Query, baseline: Fingerprint | None, clues: Clues, candidates: Sequence[Candidate]) -> list[int]:
    """Indexes of the candidates to compare, in document order."""
    asked = sorted(query.among) if query.among else range(len(candidates))
    able = [i for i in asked if can_take(query.action, query.condition, candidates[i])]
    if len(able) <= SHORTLIST:
        return able
    pattern = _pattern(_terms(query, baseline, clues))

    def worth(at: int) -> float:
        asked = _around(candidates[at], pattern, query) if baseline is None else 0.0
        return asked + _promise(candidates[at].fingerprint, pattern, baseline, query)

    return sorted(sorted(able, key=lambda at: -worth(at))[:SHORTLIST])


def _around(seen: Candidate, pattern: re.Pattern[str] | None, query: Query) -> float:
    """What an instruction alone finds in captions, in what an icon is drawn with, and in the row that it names."""
    p = seen.fingerprint
    text = "\n".join((*seen.captions, *seen.drawn, *(() if p.name or p.text else p.classes)))
    promise = 2.0 * len(set(pattern.findall(text.casefold()))) if pattern and text else 0.0
    if query.phrase is not None and query.phrase.row and row_says(query.phrase, seen):
        promise += IN_ITS_ROW
    return promise


def _terms(query: Query, baseline: Fingerprint | None, clues: Clues) -> set[str]:
    """Words to look for, each in all its variants."""
    found: set[str] = {w for said in clues.said for w in said} | set(clues.coded)
    if baseline is not None:
        texts = (baseline.name, baseline.label, baseline.placeholder, baseline.title, baseline.alt, baseline.text[:120])
        found.update(w for text in texts for w in words(text))
        found.update(w for code in (baseline.id, baseline.name_attribute) for w in code_words(code))
    if query.phrase is not None:
        found.update(words(query.phrase.name))
    elif query.instruction:
        found.update(words(query.instruction))
    return {v for w in found - FILLER for v in (w, *_VARIANTS.get(w, ()))}


def _pattern(terms: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted((t for t in terms if t), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def _promise(seen: Fingerprint, pattern: re.Pattern[str] | None, baseline: Fingerprint | None, query: Query) -> float:
    text = f"{seen.name}\n{seen.label}\n{seen.placeholder}\n{seen.title}\n{seen.alt}\n{seen.id} {seen.name_attribute}"
    if not seen.name:
        text += seen.text[:80]
    hits = len(set(pattern.findall(text.casefold()))) if pattern else 0
    promise = 2.0 * hits - (0.01 * len(text) if len(text) > 100 else 0.0)
    if baseline is not None:
        promise += (seen.tag == baseline.tag) + (seen.role == baseline.role)
        if baseline.href_path and seen.href_path == baseline.href_path:
            promise += 3.0
        if baseline.id and seen.id == baseline.id:
            promise += 3.0
        if baseline.name and seen.name == baseline.name:
            promise += 4.0
    elif query.phrase is not None and (
        seen.role in query.phrase.roles or ("alert" in query.phrase.roles and is_message(seen))
    ):
        promise += 1.0
    return promise + (bool(seen.test_ids) and baseline is not None and seen.test_ids == baseline.test_ids) * 5.0
