"""Fakes for the engine's ports, shipped for tests of the engine, of plugins and of your own tools.

Each keeps what it was given in public attributes, so that a test can look; none touches a network, a disk or a page.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from tierwright.core.cancel import CancelToken
from tierwright.core.deadline import Clock
from tierwright.core.errors import ModelError
from tierwright.core.events import Event, StepFinished, StepStarted, TryFinished, TryStarted
from tierwright.core.identity import Fingerprint, Query, Ranking, Scored, Snapshot
from tierwright.core.ports import (
    Baseline,
    BaselineKey,
    CacheEntry,
    Known,
    Listener,
    ModelReply,
    ModelRequest,
    Short,
)
from tierwright.core.results import (
    Attempt,
    ErrorKind,
    Failure,
    RunStatus,
    StepResult,
    StepStatus,
    TryResult,
    Usage,
)
from tierwright.core.steps import Step, TestCase
from tierwright.core.strategy import TierNumber
from tierwright.core.variables import MASK

E = TypeVar("E", bound=Event)


class FakeClock:
    """A clock that stands still until `advance` moves it (core.deadline.Clock)."""

    def __init__(self, now: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = now
        self._elapsed = 0.0

    def now(self) -> datetime:
        """The wall clock, in UTC."""
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._elapsed

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._elapsed += seconds


# --- models -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hang:
    """An answer that never comes."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """A failure instead of an answer, with what it cost all the same."""

    message: str = "the model refused"
    usage: Usage = field(default_factory=Usage)


ScriptedAnswer = Mapping[str, Any] | Hang | Refuse


class ScriptedModel:
    """A model that answers from a script (core.ports.Model).

    `script` is a sequence, one entry a request, or a function of the request. A mapping is answered as it is, fitting
    the schema or not; `Hang()` never answers; `Refuse()` fails. Every answer is charged `usage`. `requests` holds
    what was asked. A script that has run out refuses.
    """

    def __init__(
        self,
        script: Sequence[ScriptedAnswer] | Callable[[ModelRequest], ScriptedAnswer] = (),
        *,
        name: str = "scripted",
        usage: Usage = Usage(),
    ) -> None:
        self._script = script
        self._name = name
        self._usage = usage
        self.requests: list[ModelRequest] = []

    @property
    def name(self) -> str:
        """What reports call it."""
        return self._name

    async def generate(self, request: ModelRequest) -> ModelReply:
        """Answer as the script says. Raises ModelError for Refuse and when the script has run out."""
        self.requests.append(request)
        answer = self._next(request)
        if isinstance(answer, Hang):
            await asyncio.Event().wait()
        if isinstance(answer, Refuse):
            raise ModelError(answer.message, answer.usage)
        assert isinstance(answer, Mapping)
        return ModelReply(answer, self._usage)

    def _next(self, request: ModelRequest) -> ScriptedAnswer:
        if callable(self._script):
            return self._script(request)
        asked = len(self.requests)
        return self._script[asked - 1] if asked <= len(self._script) else Refuse(f"the script has no answer {asked}")


@dataclass(slots=True)
class MemoryPurse:
    """Money kept in memory (core.ports.Purse), in US dollars; `limit_usd` None: as much as is asked for."""

    limit_usd: float | None = None
    spent_usd: float = 0.0

    async def take(self, cost_usd: float | None) -> Short | None:
        """Take what a call costs at least."""
        fits = self.limit_usd is None or (cost_usd is not None and self.spent_usd + cost_usd <= self.limit_usd)
        if self.limit_usd is not None and not fits:
            return Short(self.limit_usd, self.spent_usd)
        self.spent_usd += cost_usd or 0.0
        return None

    async def settle(self, taken_usd: float, cost_usd: float | None) -> None:
        """Replace what was taken by what the call did cost."""
        self.spent_usd += 0.0 if cost_usd is None else cost_usd - taken_usd


@dataclass(frozen=True, slots=True)
class FixedSecrets:
    """Secrets given as values (core.ports.Secrets)."""

    secret_values: tuple[str, ...] = ()

    def mask(self, text: str) -> str:
        """The text with every value replaced by dots, the longest first."""
        for value in sorted(self.secret_values, key=len, reverse=True):
            text = text.replace(value, MASK)
        return text


class FixedChooser:
    """A ranker that always chooses the same candidate, or none (core.ports.Chooser). `queries` holds what was asked.

    `chosen` is an accessible name, an index, or None. Similarity is 1 for equal fingerprints (box, place and page
    apart), else `similarity`.
    """

    def __init__(self, chosen: str | int | None = None, *, confidence: float = 0.9, similarity: float = 0.0) -> None:
        self._chosen = chosen
        self._confidence = confidence
        self._similarity = similarity
        self.queries: list[Query] = []

    def rank(self, query: Query, snapshot: Snapshot) -> Ranking:
        """Choose the candidate it was made with, if the snapshot has it."""
        self.queries.append(query)
        index = self._index(snapshot)
        if index is None:
            return Ranking(chosen=None, confidence=0.0, margin=0.0, why_not="none of these")
        best = Scored(index=index, score=self._confidence, reasons=("fixed",))
        return Ranking(chosen=index, confidence=self._confidence, margin=self._confidence, best=(best,))

    def similarity(self, baseline: Fingerprint, seen: Fingerprint) -> float:
        """1 for the same element, else what it was made with."""
        return 1.0 if baseline.key == seen.key else self._similarity

    def _index(self, snapshot: Snapshot) -> int | None:
        for index, candidate in enumerate(snapshot.candidates):
            if self._chosen in (candidate.fingerprint.name, index) and self._chosen is not None:
                return index
        return None


# --- memory -----------------------------------------------------------------------------------------------


@dataclass
class MemoryElementCache:
    """Cache entries in memory (core.ports.ElementCache). `counts` counts outcomes by project and outcome."""

    entries: dict[tuple[str, str], CacheEntry] = field(default_factory=dict)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)

    async def load(self, project: str, digest: str) -> CacheEntry | None:
        """The entry with this digest, expired or not; None without one."""
        return self.entries.get((project, digest))

    async def load_all(self, project: str, instructions: Collection[str]) -> Mapping[str, CacheEntry]:
        """The entries of these normalised instructions on every page, by digest."""
        wanted = (e for (owner, _), e in self.entries.items() if owner == project)
        return {e.key.digest: e for e in wanted if e.key.instruction in instructions}

    async def save(self, entry: CacheEntry) -> None:
        """Insert or replace an entry."""
        self.entries[entry.key.project, entry.key.digest] = entry

    async def used(self, project: str, digest: str, *, at: datetime, expires_at: datetime | None) -> None:
        """Note a verified use, and count it as a `hit`; `expires_at` None leaves the entry's end as it is."""
        await self.count(project, "hit")
        entry = self.entries.get((project, digest))
        if entry is not None:
            end = entry.expires_at if expires_at is None else expires_at
            used = replace(
                entry, hit_count=entry.hit_count + 1, validation_failures=0, last_validated_at=at, expires_at=end
            )
            self.entries[project, digest] = used

    async def remove(self, project: str, digest: str, *, evicted: bool = True) -> None:
        """Delete an entry; `evicted` counts it as an eviction."""
        if self.entries.pop((project, digest), None) is not None and evicted:
            await self.count(project, "eviction")

    async def count(self, project: str, outcome: str, times: int = 1) -> None:
        """Count a `hit`, `miss`, `invalid` or `eviction`."""
        self.counts[project, outcome] = self.counts.get((project, outcome), 0) + times


class MemoryBaselineStore:
    """Baselines in memory (core.ports.BaselineStore). `reject` and `mark_seen` set what a person or a run would."""

    def __init__(self) -> None:
        self.baselines: dict[str, Baseline] = {}
        self._rejected: dict[str, frozenset[str]] = {}
        self._seen: set[str] = set()

    async def known(self, keys: Sequence[BaselineKey]) -> Mapping[BaselineKey, Known]:
        """All that is remembered of these steps."""
        return {k: Known(await self.get(k), await self.rejected(k), await self.seen(k)) for k in keys}

    async def get(self, key: BaselineKey) -> Baseline | None:
        """The baseline of a step, or None."""
        return self.baselines.get(key.digest)

    async def put(self, key: BaselineKey, baseline: Baseline) -> None:
        """Store a baseline; the newest wins. A step with a baseline has been seen."""
        known = self.baselines.get(key.digest)
        if known is None or _moment(baseline) >= _moment(known):
            self.baselines[key.digest] = baseline
        self._seen.add(key.digest)

    async def put_all(self, baselines: Mapping[BaselineKey, Baseline]) -> None:
        """Store several."""
        for key, baseline in baselines.items():
            await self.put(key, baseline)

    async def rejected(self, key: BaselineKey) -> frozenset[str]:
        """Candidate keys that a person rejected for this step."""
        return self._rejected.get(key.digest, frozenset())

    async def seen(self, key: BaselineKey) -> bool:
        """Whether this step's selector ever matched in any run."""
        return key.digest in self._seen

    def reject(self, key: BaselineKey, *candidate_keys: str) -> None:
        """Remember that a person rejected these candidates."""
        self._rejected[key.digest] = self._rejected.get(key.digest, frozenset()) | frozenset(candidate_keys)

    def mark_seen(self, key: BaselineKey) -> None:
        """Remember that the step's selector matched once."""
        self._seen.add(key.digest)


def _moment(baseline: Baseline) -> datetime:
    return baseline.updated_at or datetime.min.replace(tzinfo=UTC)


# --- listeners --------------------------------------------------------------------------------------------


class RecordingListener:
    """Keeps every event in order (core.ports.Listener)."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def on_event(self, event: Event) -> None:
        """Take one event."""
        self.events.append(event)

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]


# --- runs of the queue ------------------------------------------------------------------------------------


@dataclass
class StubRun:
    """A run that is ready to be tried and needs no browser: each step takes a moment and passes (worker.OpenedRun).

    `before_step` is awaited before each step, with the run and the step's index. A step whose value is `fail` fails.
    """

    run_id: str
    test: TestCase
    before_step: Callable[[str, int], Awaitable[None]]
    clock: Clock
    model: str = "stub"
    retries: int = 0

    def mask(self, text: str) -> str:
        """A text as it is."""
        return text

    async def run_try(self, ordinal: int, listener: Listener, cancel: CancelToken) -> TryResult:
        """Make one try, and tell of it."""
        started_at = self.clock.now()
        await listener.on_event(TryStarted(self.run_id, ordinal))
        results: list[StepResult] = []
        try:
            with cancel.scope():
                await self._steps(ordinal, listener, results)
            status = RunStatus.FAILED if any(r.error for r in results) else RunStatus.PASSED
        except asyncio.CancelledError:
            if not cancel.cancelled:
                raise
            status = RunStatus.CANCELLED
        error = next((r.error for r in results if r.error), None)
        result = TryResult(status=status, started_at=started_at, duration_ms=1.0, steps=tuple(results), error=error)
        await listener.on_event(TryFinished(self.run_id, ordinal, result))
        return result

    async def _steps(self, ordinal: int, listener: Listener, results: list[StepResult]) -> None:
        for index, step in enumerate(self.test.all_steps):
            await listener.on_event(StepStarted(self.run_id, index, step))
            await self.before_step(self.run_id, index)
            result = _stub_result(index, step)
            results.append(result)
            await listener.on_event(StepFinished(self.run_id, ordinal, result))
            if result.error:
                return


def _stub_result(index: int, step: Step) -> StepResult:
    error = Failure(ErrorKind.EXPECTATION, "the stub was told to fail") if step.value == "fail" else None
    attempt = Attempt(tier=TierNumber.DIRECT, ordinal=1, success=error is None, duration_ms=1.0, error=error)
    status = StepStatus.FAILED if error else StepStatus.PASSED
    return StepResult(
        index=index, step=step, status=status, tier=TierNumber.DIRECT, duration_ms=1.0, error=error, attempts=(attempt,)
    )


@dataclass
class StubOpener:
    """Opens claimed runs without a browser (worker.Opener); `opened` is what was claimed, in order.

    `test_of` reads a run's text. `step_seconds` is how long each step takes; `before_step` comes before that.
    """

    test_of: Callable[[str, str], TestCase]
    step_seconds: float = 0.0
    before_step: Callable[[str, int], Awaitable[None]] | None = None
    opened: list[Any] = field(default_factory=list)

    @asynccontextmanager
    async def open(self, claim: Any, database: Any) -> AsyncIterator[StubRun]:
        """A run of the claim's test."""
        self.opened.append(claim)
        test = self.test_of(claim.yaml, claim.test_name)
        yield StubRun(claim.run_id, test, self._before_step, database.clock)

    async def _before_step(self, run_id: str, index: int) -> None:
        if self.before_step:
            await self.before_step(run_id, index)
        await asyncio.sleep(self.step_seconds)
