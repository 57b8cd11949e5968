"""What a tier is: it finds an element, and acts on it when it holds the step's dispatch token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from playwright.async_api import ElementHandle, Frame, Page

from tierwright.core.deadline import Deadline
from tierwright.core.dispatch import DispatchToken
from tierwright.core.identity import ElementLocator, Fingerprint
from tierwright.core.metering import Meter
from tierwright.core.phrases import Phrase
from tierwright.core.ports import Baseline, BaselineKey
from tierwright.core.results import Actuator, CacheOutcome, Evidence, Failure, Notice
from tierwright.core.settings import ExecutionSettings
from tierwright.core.steps import Step
from tierwright.core.strategy import TierNumber
from tierwright.core.variables import Variables


class Session(Protocol):
    """The page of a run as the engine sees it: the current tab, and what happened in it (page/session.py)."""

    @property
    def page(self) -> Page:
        """The tab that steps act on now."""
        ...

    @property
    def page_path(self) -> str:
        """The current address as identity and cache know it: relative to the base URL, ids templated."""
        ...

    def begin_step(self) -> None:
        """Open a new window of effects and notices; whatever the page does from now on belongs to this step."""
        ...

    @property
    def effects(self) -> frozenset[str]:
        """What the page did since the step began: requests, paths, dialogs, tabs, downloads, and what was noticed."""
        ...

    def take_notices(self) -> tuple[Notice, ...]:
        """Warnings of this step so far, such as a dialog that nobody asked for; handed out once."""
        ...

    def on_death(self, tell: Callable[[str], None] | None) -> None:
        """Call this, with the reason, when the browser or the page's process dies; None calls nobody any more."""
        ...

    def problem(self) -> Failure | None:
        """Why nothing may heal here: the document failed to load (5xx, DNS, crash). None when all is well."""
        ...

    async def look_around(self) -> None:
        """Note what shows before a step acts, so that what appears and vanishes can be told (H-16)."""
        ...

    async def notice(self) -> None:
        """Look again, and count what appeared, vanished and got the focus among the effects (H-16)."""
        ...

    async def wait_for_effects(self, wanted: frozenset[str], deadline: Deadline) -> frozenset[str]:
        """Wait until the page settled and the wanted effects showed, or the deadline; returns those seen."""
        ...

    async def wait_for_change(self, deadline: Deadline) -> bool:
        """Wait for the page to change; False when the deadline came first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCall:
    """One step as the tiers see it: bound to its values, on a page, under a deadline.

    `step` has its variables expanded, `written` has not. `phrase` is what the instruction says of the element.
    `cache_only` forbids everything but tier 2's cache (H-7), `frugal` forbids paid models (a search made again).
    `moved` is where a step before was healed to whose selector is the same: that selector's silence proves nothing.
    `learns_others`: what else the page shows is to be noted with the element, for whoever must find it again.
    """

    index: int
    step: Step
    written: Step
    project: str
    test: str
    variables: Variables
    settings: ExecutionSettings
    session: Session
    deadline: Deadline
    phrase: Phrase
    baseline_key: BaselineKey
    baseline: Baseline | None = None
    rejected: frozenset[str] = frozenset()
    ever_seen: bool = False
    moved: ElementLocator | None = None
    learns_others: bool = False
    cache_only: bool = False
    frugal: bool = False
    meter: Meter = field(default_factory=Meter)

    @property
    def page(self) -> Page:
        """The tab that the step acts on."""
        return self.session.page

    @property
    def known(self) -> Fingerprint | None:
        """The element that this step is known to mean."""
        return self.baseline.fingerprint if self.baseline else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where an element is, and why it is believed to be the right one.

    `locator` None: the step is about the page. `agrees`: the element matches the step's known fingerprint, so a
    step without a selector is found again rather than healed (H-3). `durable` is `locator` with `{{variables}}`
    in place of their values, as it may be kept. `usable`: a moment ago a person could use it, so that an action which
    Playwright sends without looking needs no second look.
    """

    tier: TierNumber
    locator: ElementLocator | None = None
    target: ElementLocator | None = None
    fingerprint: Fingerprint | None = None
    xpath: str | None = None
    cache: CacheOutcome = CacheOutcome.NONE
    confidence: float | None = None
    margin: float | None = None
    alternatives: tuple[ElementLocator, ...] = ()
    evidence: Evidence | None = None
    agrees: bool = False
    durable: ElementLocator | None = None
    usable: bool = False
    warnings: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A tier found nothing that it may act on, and why. `final`: nothing that the page does can change that."""

    tier: TierNumber
    error: Failure
    final: bool = False
    cache: CacheOutcome = CacheOutcome.NONE
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """The action was sent and verified (or, for expect, the page was judged)."""

    found: Found
    actuator: Actuator | None = Actuator.PLAYWRIGHT
    warnings: tuple[Notice, ...] = ()
    artifacts: tuple[str, ...] = ()


class Tier(Protocol):
    """One of the three tiers. They do not know each other."""

    @property
    def number(self) -> TierNumber:
        """Which tier it is."""
        ...

    async def find(self, call: StepCall) -> Found | Miss:
        """Search for the step's element; never acts."""
        ...

    async def act(self, call: StepCall, found: Found, token: DispatchToken) -> Performed:
        """Take the token, send the action, verify it. Raises StepError."""
        ...


class WatchingTier(Tier, Protocol):
    """Tier 1: it can keep watching for the step's own element while others search (H-9)."""

    async def glance(self, call: StepCall) -> Found | None:
        """One look: the step's own element if it is there and ready now; raises no StepError."""
        ...

    async def watch(self, call: StepCall) -> Found:
        """Return as soon as the step's own element is there and ready; runs until cancelled, raises no StepError."""
        ...


# --- models that look and act (H-25, H-26) ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Observed:
    """What a model pointed at, and how it described it."""

    frame: Frame
    element: ElementHandle
    description: str = ""


class Observer(Protocol):
    """Asks a model where a step's element is."""

    async def observe(self, call: StepCall) -> Observed | None:
        """The element, or none of these. Raises ModelError and StepError (`unavailable`)."""
        ...


@dataclass(frozen=True, slots=True)
class Move:
    """One thing Stagehand is about to do: on which element, by which of its methods, with which arguments.

    `drop_on` is the frame and element at the other end of a drag.
    """

    frame: Frame
    element: ElementHandle
    method: str
    arguments: tuple[str, ...] = ()
    drop_on: tuple[Frame, ElementHandle] | None = None


Vet = Callable[[Move], Awaitable[Move]]
"""Sees a move before it is made: returns what may be done, or raises StepError to refuse it (H-26)."""


class Actor(Protocol):
    """Lets Stagehand act: on an element that is planned, or on the one its model chooses."""

    @property
    def chooses(self) -> bool:
        """Whether a model stands behind it that can choose; otherwise every move must be planned."""
        ...

    async def act(self, call: StepCall, planned: Move | None, vet: Vet) -> str | None:
        """Make one move; returns None, or Stagehand's words for why it did not succeed. Raises StepError."""
        ...
