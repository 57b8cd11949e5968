"""What the tiers gave and took: shares, recovery, milliseconds, the cache, and tokens of the real prompts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from _apps_judge import Judged, Verdict
from _measure import median
from tierwright.compose import Tiers
from tierwright.core.errors import ModelError, StepError
from tierwright.core.ports import ModelRequest
from tierwright.core.results import CacheOutcome, StepResult
from tierwright.core.strategy import FallbackStrategy, TierNumber
from tierwright.core.tier import Move, StepCall
from tierwright.models.pricing import Prices, Tokens
from tierwright.models.stagehand import Choice, nothing
from tierwright.tiers.tier3_stagehand import Tier3StagehandExecutor

PRICED = ("openai:gpt-4o-mini", "openai:gpt-5-mini", "anthropic:claude-haiku-4-5")
ANSWER = json.dumps(Choice("0-1234", "click").as_json())
"""As long as an answer that names an element."""
TIERS = (TierNumber.DIRECT, TierNumber.HYBRID, TierNumber.AI)


@dataclass(slots=True)
class Prompts:
    """A model that answers "none of these" and keeps what it was sent: in `ours`, or in `each` while `counting`."""

    ours: list[Tokens] = field(default_factory=list)
    each: list[Tokens] = field(default_factory=list)
    counting: bool = False

    def answer(self, request: ModelRequest) -> Mapping[str, object]:
        """Keep the tokens of a request, as the product estimates them: a token for four characters."""
        sent = f"{request.system}{request.prompt}{json.dumps(request.schema)}"
        (self.each if self.counting else self.ours).append(Tokens.estimated(sent, ANSWER))
        return nothing(request.purpose)

    async def ask(self, tiers: Tiers, call: StepCall) -> None:
        """Send the model the very prompt by which tier 3 would ask for this step, before any tier has looked."""
        third = tiers.others[TierNumber.AI]
        assert isinstance(third, Tier3StagehandExecutor)
        if third._actor is None:
            raise SystemExit(f"Stagehand cannot attach here: {third._why_not}")
        await tiers.session.settled(call.deadline)
        self.counting = True
        try:
            await third._actor.act(call, None, _nothing_moves)
        except (StepError, ModelError):
            pass  # "none of these" ends the question, as it should
        finally:
            self.counting = False


async def _nothing_moves(_move: Move) -> Move:
    raise AssertionError("a model that answers none of these moves nothing")


@dataclass(frozen=True, slots=True)
class Cached:
    """The steps that tier 2 found on the new release, in two real runs: searched, then remembered. Milliseconds."""

    searched_ms: tuple[float, ...] = ()
    hit_ms: tuple[float, ...] = ()
    misses: int = 0


def cached_of(first: Sequence[StepResult], second: Sequence[StepResult]) -> Cached:
    """What two runs after each other say of the cache."""
    searched = [a.duration_ms for s in first for a in s.attempts if a.success and a.tier is TierNumber.HYBRID]
    again = [a for s in second for a in s.attempts if a.success and a.tier is TierNumber.HYBRID]
    hits = [a.duration_ms for a in again if a.cache is CacheOutcome.HIT]
    return Cached(tuple(searched), tuple(hits), len(again) - len(hits))


def per_cent(part: int, whole: int) -> str:
    """A share as it is read: `93 % (14 of 15)`."""
    return f"{100 * part / whole:.0f} % ({part} of {whole})" if whole else "-"


def tier_rows(steps: Mapping[FallbackStrategy, Sequence[Judged]]) -> list[list[str]]:
    """One line a strategy: what each tier gave, and of what reached it."""
    return [_tier_row(strategy.value, judged) for strategy, judged in steps.items()]


def _tier_row(name: str, judged: Sequence[Judged]) -> list[str]:
    right = [j for j in judged if j.verdict is Verdict.RIGHT]
    row = [name, str(len(judged))]
    for tier in TIERS:
        reached = sum(any(a.tier is tier for a in j.attempts) for j in judged)
        row.append(per_cent(sum(j.tier is tier for j in right), reached))
    return [*row, per_cent(len(right), len(judged))]


def ms_of(judged: Sequence[Judged], tier: TierNumber) -> list[float]:
    """How long the attempts took that succeeded: looking, acting, verifying."""
    return [a.duration_ms for j in judged for a in j.attempts if a.success and a.tier is tier]


@dataclass(frozen=True, slots=True)
class Bill:
    """What a model would have cost, in US dollars a step: for what our tiers leave to it, and for every step."""

    model: str
    ours: float
    each: float

    @property
    def saved(self) -> float:
        """The share that is saved."""
        return 1 - self.ours / self.each if self.each else 0.0


def bills(prompts: Sequence[Prompts], steps: int) -> list[Bill]:
    """By model, from the list prices that genai-prices ships."""
    return [_bill(model, prompts, steps) for model in PRICED]


def _bill(model: str, prompts: Sequence[Prompts], steps: int) -> Bill:
    def dollars(calls: Sequence[Tokens]) -> float:
        return sum((Prices().cost_usd(model, t) or 0.0) for t in calls) / max(1, steps)

    return Bill(model, dollars([t for p in prompts for t in p.ours]), dollars([t for p in prompts for t in p.each]))


def figures_rows(
    judged: Mapping[FallbackStrategy, Sequence[Judged]], cached: Sequence[Cached], prompts: Sequence[Prompts]
) -> list[list[str]]:
    """The original design's figures, and beside each what was measured."""
    by_c = judged[FallbackStrategy.OPTION_C]
    rows = [
        _recovery_row(by_c, tier, design) for tier, design in zip(TIERS, ((85, 90), (75, 80), (60, 70)), strict=True)
    ]
    right = sum(j.verdict is Verdict.RIGHT for j in by_c)
    rows.append(["right at the end, option_c", "97 to 99 %", per_cent(right, len(by_c)), _met(right, len(by_c), 97)])
    limits = (100, 500, 2000)
    for tier, limit in zip(TIERS, limits, strict=True):
        took = ms_of([j for js in judged.values() for j in js], tier)
        rows.append(_ms_row(f"an attempt of tier {tier} that succeeds", limit, took))
    rows.append(_ms_row("the same of tier 2 from the cache", 50, [ms for c in cached for ms in c.hit_ms]))
    hits, misses = sum(len(c.hit_ms) for c in cached), sum(c.misses for c in cached)
    rows.append(["cache hits, second run", "70 to 85 %", per_cent(hits, hits + misses), _met(hits, hits + misses, 70)])
    dear = bills(prompts, len(by_c))[0]
    rows.append(
        [f"a step, {dear.model}", "$0.00074", f"${dear.ours:.5f}", "met" if dear.ours <= 0.00074 else "not met"]
    )
    rows.append(
        [
            "saved against tier 3 for every step",
            "98.5 %",
            f"{100 * dear.saved:.1f} %",
            "met" if dear.saved >= 0.985 else "not met",
        ]
    )
    return rows


def _recovery_row(judged: Sequence[Judged], tier: TierNumber, design: tuple[int, int]) -> list[str]:
    reached = [j for j in judged if any(a.tier is tier for a in j.attempts)]
    right = sum(j.verdict is Verdict.RIGHT and j.tier is tier for j in reached)
    wanted = f"{design[0]} to {design[1]} %"
    return [
        f"tier {tier} right, of what reached it",
        wanted,
        per_cent(right, len(reached)),
        _met(right, len(reached), design[0]),
    ]


def _met(part: int, whole: int, per_cent_wanted: int) -> str:
    if not whole:
        return "not seen"
    return "met" if 100 * part >= per_cent_wanted * whole else "not met"


def _ms_row(name: str, limit: int, took: Sequence[float]) -> list[str]:
    if not took:
        return [name, f"{limit} ms", "-", "not seen"]
    middle = median(took)
    return [name, f"{limit} ms", f"{middle:.0f} ms (n {len(took)})", "met" if middle <= limit else "not met"]
