"""The gym's findings: a table a strategy, the gaps of the tests, and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tierwright import __version__
from tierwright.core.strategy import TierNumber
from tierwright.gym.exercise import Exercise
from tierwright.gym.kinds import Kind
from tierwright.gym.verdict import TrialResult, Verdict

SCHEMA_VERSION = 1

BAD = frozenset({Verdict.WRONG, Verdict.FALSE, Verdict.MASKED})
"""Verdicts that turn a bug green, or would."""


@dataclass(frozen=True, slots=True)
class Count:
    """How often each verdict was given over some results, and who had acted."""

    results: tuple[TrialResult, ...]

    def of(self, *verdicts: Verdict) -> int:
        """How many results have one of these verdicts."""
        return sum(r.verdict in verdicts for r in self.results)

    def by_tier(self, tier: TierNumber) -> int:
        """How many benign changes a tier got right."""
        return sum(r.tier is tier and r.verdict is Verdict.RIGHT for r in self.results)


def counts(exercise: Exercise) -> Iterator[tuple[Kind, Count]]:
    """The results of each kind that was tried, benign kinds first."""
    for kind in Kind:
        of_kind = tuple(r for r in exercise.results if r.kind is kind)
        if of_kind:
            yield kind, Count(of_kind)


def total(exercise: Exercise, *, defects: bool) -> Count:
    """All benign changes together, or all defects."""
    return Count(tuple(r for r in exercise.results if r.kind.is_defect is defects))


def is_clean(exercises: Sequence[Exercise]) -> bool:
    """Whether nothing was touched wrongly and no covered defect went green."""
    return not any(r.verdict in BAD for e in exercises for r in e.results)


def gaps(exercises: Sequence[Exercise]) -> list[TrialResult]:
    """Defects that nothing in a test notices, each once."""
    seen: dict[tuple[str, int, Kind], TrialResult] = {}
    for result in (r for e in exercises for r in e.results if r.verdict is Verdict.GAP):
        seen.setdefault((result.test, result.step_index, result.kind), result)
    return list(seen.values())


def benign_rows(exercise: Exercise) -> list[tuple[str, ...]]:
    """Rows of the table of benign changes, the sum last."""
    rows = [(kind.value, *_benign(count)) for kind, count in counts(exercise) if not kind.is_defect]
    return [*rows, ("all benign changes", *_benign(total(exercise, defects=False)))]


def _benign(count: Count) -> tuple[str, ...]:
    n, right = len(count.results), count.of(Verdict.RIGHT)
    broken = n - count.by_tier(TierNumber.DIRECT)
    healed = right - count.by_tier(TierNumber.DIRECT)
    numbers = (n, right, count.of(Verdict.WRONG), count.of(Verdict.ABSTAINED))
    tiers = " / ".join(str(count.by_tier(tier)) for tier in TierNumber)
    return (*map(str, numbers), _share(right, n), tiers, f"{healed} of {broken}")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def defect_rows(exercise: Exercise) -> list[tuple[str, ...]]:
    """Rows of the table of defects, the sum last."""
    rows = [(kind.value, *_defect(count)) for kind, count in counts(exercise) if kind.is_defect]
    return [*rows, ("all defects", *_defect(total(exercise, defects=True)))]


def _defect(count: Count) -> tuple[str, ...]:
    ends = (Verdict.CAUGHT, Verdict.WARNED, Verdict.FALSE, Verdict.MASKED, Verdict.GAP)
    return (str(len(count.results)), *(str(count.of(end)) for end in ends))


def as_json(exercises: Sequence[Exercise], seed: int) -> str:
    """Everything as JSON, `schema_version` 1."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool_version": __version__,
        "seed": seed,
        "strategies": [_strategy(exercise) for exercise in exercises],
        "gaps": [_place(gap) for gap in gaps(exercises)],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _strategy(exercise: Exercise) -> dict[str, object]:
    kinds = {
        kind.value: {v.value: count.of(v) for v in Verdict if count.of(v)} | {"n": len(count.results)}
        for kind, count in counts(exercise)
    }
    return {
        "strategy": exercise.strategy.value,
        "not_applicable": exercise.not_applicable,
        "kinds": kinds,
        "trials": [_trial(result) for result in exercise.results],
    }


def _place(result: TrialResult) -> dict[str, object]:
    return {
        "test": result.test,
        "file": result.file,
        "step_index": result.step_index,
        "step": result.step,
        "kind": result.kind.value,
    }


def _trial(result: TrialResult) -> dict[str, object]:
    return _place(result) | {
        "thorough": result.thorough,
        "verdict": result.verdict.value,
        "tier": result.tier.value if result.tier else None,
        "error": result.error,
        "duration_ms": round(result.duration_ms),
    }
