"""What the engine needs from outside, each a Protocol as small as its use. Fakes: tierwright/testing.py."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from tierwright.core.events import Event
from tierwright.core.identity import ElementLocator, Fingerprint, Query, Ranking, Snapshot
from tierwright.core.results import Usage


class Listener(Protocol):
    """Hears what happens. A listener that raises is dropped with a note; it never changes a verdict."""

    async def on_event(self, event: Event) -> None:
        """Take one event; they come in order."""
        ...


class Chooser(Protocol):
    """Chooses the element a query means among a snapshot's candidates, or none of them (the embedded ranker)."""

    def rank(self, query: Query, snapshot: Snapshot) -> Ranking:
        """Score the candidates and choose one, or none."""
        ...

    def similarity(self, baseline: Fingerprint, seen: Fingerprint) -> float:
        """How likely both are the same element, 0..1, text and place apart from volatile parts."""
        ...


class Gate(Protocol):
    """Knows what a browser was not let out to. Without a filter: tierwright.page.session.OpenGate."""

    def trouble(self, address: str) -> str | None:
        """Why a URL's host was refused or could not be reached; None when it was."""
        ...

    def take_refusals(self) -> tuple[str, ...]:
        """What was refused since the last call."""
        ...


# --- memory -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a step is known to mean: the element of its last passed run, and what its green runs had in common.

    `contract` is the set of effects that all green runs shared (H-16), `greens` how many there were.
    """

    key: str
    fingerprint: Fingerprint
    contract: frozenset[str] = frozenset()
    greens: int = 1
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BaselineKey:
    """What a baseline belongs to: project, test, step text and selector (H-12). `digest` is its stable hash."""

    project: str
    test: str
    step_text: str
    selector: str
    digest: str


@dataclass(frozen=True, slots=True)
class Known:
    """All that is remembered of a step: its baseline, the candidates a person rejected, whether it ever matched."""

    baseline: Baseline | None = None
    rejected: frozenset[str] = frozenset()
    seen: bool = False


class BaselineStore(Protocol):
    """Remembers baselines and rejected heals (H-12, H-13, H-31)."""

    async def known(self, keys: Sequence[BaselineKey]) -> Mapping[BaselineKey, Known]:
        """All that is remembered of these steps, in as few questions as can be; every key is in the answer."""
        ...

    async def get(self, key: BaselineKey) -> Baseline | None:
        """The baseline of a step, or None."""
        ...

    async def put(self, key: BaselineKey, baseline: Baseline) -> None:
        """Store a baseline; the newest wins."""
        ...

    async def put_all(self, baselines: Mapping[BaselineKey, Baseline]) -> None:
        """Store what a try taught, at once; the newest wins."""
        ...

    async def rejected(self, key: BaselineKey) -> frozenset[str]:
        """Candidate keys (`Fingerprint.key`) that a person rejected for this step."""
        ...

    async def seen(self, key: BaselineKey) -> bool:
        """Whether this step's selector ever matched in any run (H-18)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheKey:
    """Key of a cache entry (H-19); `digest` is the SHA-256 over all the rest, 64 hex digits."""

    project: str
    instruction: str
    selector: str
    action: str
    page: str
    frame: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheEntry:
    """A remembered way to an element (H-20). Texts that were variables stand as `{{name}}`."""

    key: CacheKey
    locators: tuple[ElementLocator, ...]
    xpath: str
    fingerprint: Fingerprint
    provisional: bool = True
    hit_count: int = 0
    validation_failures: int = 0
    created_at: datetime | None = None
    last_validated_at: datetime | None = None
    expires_at: datetime | None = None


class ElementCache(Protocol):
    """Storage of cache entries. The life cycle (H-21 to H-23) is XPathCacheService's, not the storage's."""

    async def load(self, project: str, digest: str) -> CacheEntry | None:
        """The entry with this digest, expired or not; None without one."""
        ...

    async def load_all(self, project: str, instructions: Collection[str]) -> Mapping[str, CacheEntry]:
        """The entries of these normalised instructions on every page, by digest."""
        ...

    async def save(self, entry: CacheEntry) -> None:
        """Insert or replace an entry."""
        ...

    async def used(self, project: str, digest: str, *, at: datetime, expires_at: datetime | None) -> None:
        """Note a verified use, and count it as a `hit`; `expires_at` None leaves the entry's end as it is."""
        ...

    async def remove(self, project: str, digest: str, *, evicted: bool = True) -> None:
        """Delete an entry; `evicted` counts it as an eviction."""
        ...

    async def count(self, project: str, outcome: str, times: int = 1) -> None:
        """Count a `hit`, `miss`, `invalid` or `eviction`."""
        ...


# --- models -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One question to a model. `purpose` is `observe`, `act` or `choose`; `schema` the JSON schema of the answer.

    `system` and `prompt` have had their secrets masked. `deadline_seconds` is what is left for the answer.
    """

    purpose: str
    system: str
    prompt: str
    schema: Mapping[str, Any]
    deadline_seconds: float
    temperature: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelReply:
    """A model's structured answer, and what it used."""

    answer: Mapping[str, Any]
    usage: Usage = field(default_factory=Usage)


class Model(Protocol):
    """Anything that answers a request: a provider, a recording, a scripted fake."""

    @property
    def name(self) -> str:
        """What reports call it."""
        ...

    async def generate(self, request: ModelRequest) -> ModelReply:
        """Answer. Raises core.errors.ModelError, with the usage of what failed."""
        ...


@dataclass(frozen=True, slots=True)
class Short:
    """Why a purse gave nothing: what may be spent, and what is spent by now, in US dollars."""

    limit_usd: float
    spent_usd: float


class Purse(Protocol):
    """Money for model calls that other processes spend too, in US dollars. Fake: tierwright.testing.MemoryPurse."""

    async def take(self, cost_usd: float | None) -> Short | None:
        """Take what a call costs at least before it is made; a cost that is not known is given only without a limit."""
        ...

    async def settle(self, taken_usd: float, cost_usd: float | None) -> None:
        """Replace what was taken by what the call did cost; None leaves what was taken."""
        ...


class Secrets(Protocol):
    """Takes secrets out of text that leaves the engine."""

    def mask(self, text: str) -> str:
        """The text with every secret value replaced."""
        ...

    @property
    def secret_values(self) -> Sequence[str]:
        """The secrets themselves."""
        ...
