"""The steps of one test on one page: events out, stop at the first failure (healing.md, section 1)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from tierwright.core.cancel import CancelToken
from tierwright.core.deadline import Clock, Deadline
from tierwright.core.effects import NOTICED
from tierwright.core.errors import CrashedError, MachineryError
from tierwright.core.events import (
    AttemptFinished,
    ProposalMade,
    StepFinished,
    StepStarted,
    TierStarted,
    TryFinished,
    TryStarted,
)
from tierwright.core.identity import Box, ElementLocator
from tierwright.core.instructions import understand
from tierwright.core.keys import baseline_keys, selector_text
from tierwright.core.masking import masked_attempt, masked_result
from tierwright.core.phrases import Phrase, parse_phrase
from tierwright.core.ports import BaselineKey, Known, Listener
from tierwright.core.results import Attempt, ErrorKind, Failure, RunStatus, StepResult, StepStatus, TryResult
from tierwright.core.settings import ExecutionSettings
from tierwright.core.steps import Step, TestCase
from tierwright.core.strategy import TierNumber
from tierwright.core.three_tier import Outcome, Witness
from tierwright.core.tier import Found, Performed, Session, StepCall
from tierwright.core.variables import Variables
from tierwright.core.verdicts import (
    broken_contract,
    is_offered,
    is_on_another,
    is_watched,
    learns_others,
    missing_of_contract,
    step_result,
    try_status,
)

CONTRACT_WAIT_SECONDS = 5.0
"""How long a healed step's missing effects may still show before the heal is said to break the contract."""

NOTICE_WAIT_SECONDS = 2.0
"""How long what should appear or vanish may take after a step that its own selector found."""


class Memory(Protocol):
    """Remembers steps between runs; one object a try, so that a failed try can be taken back (H-12, H-21)."""

    async def begin(self, keys: Sequence[BaselineKey]) -> None:
        """A try of these steps begins: fetch what is known of them, all at once."""
        ...

    def recall(self, key: BaselineKey) -> Known:
        """What was known of a step when the try began."""
        ...

    async def performed(self, call: StepCall, performed: Performed) -> None:
        """A step's action was verified."""
        ...

    async def closed(self, call: StepCall, performed: Performed, effects: frozenset[str]) -> None:
        """The window of effects of a passed step closed."""
        ...

    async def finish(self, *, green: bool) -> None:
        """The try ended: keep what it taught, or take it back."""
        ...


class StepService(Protocol):
    """Takes one step up its tiers (core/three_tier.py)."""

    async def run_step(self, call: StepCall, witness: Witness) -> Outcome:
        """Find the step's element, act once, verify; never raises StepError, ends by the step's deadline."""
        ...


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the page as a step left it. `box` is where the step's element stands in it, in its pixels."""

    path: str
    box: Box | None = None


class Camera(Protocol):
    """Takes the pictures that a policy asks for."""

    async def before_act(self, session: Session, index: int, found: Found, *, offered: bool) -> str | None:
        """Path of a picture of the element that is acted on next, cut out; `offered`: for people to review."""
        ...

    async def after_step(self, session: Session, index: int, found: Found | None, *, passed: bool) -> Picture | None:
        """The picture of a step that ended; `found` is its element, if that can still be there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TryContext:
    """Everything one try of a run needs; opened at the edge and passed in."""

    run_id: str
    ordinal: int
    project: str
    test: TestCase
    variables: Variables
    settings: ExecutionSettings
    session: Session
    service: StepService
    memory: Memory
    camera: Camera
    listener: Listener
    clock: Clock
    cancel: CancelToken


async def run_test(context: TryContext) -> TryResult:
    """Run the steps of one test: setup, steps, and always the teardown; tells the listener of everything."""
    await context.listener.on_event(TryStarted(context.run_id, context.ordinal))
    result = await _Try(context).run()
    await context.listener.on_event(TryFinished(context.run_id, context.ordinal, result))
    return result


@dataclass(slots=True)
class _Open:
    """A passed step whose window of effects is still open: its results may yet gain a warning."""

    call: StepCall
    performed: Performed


@dataclass(slots=True)
class _Try:
    context: TryContext
    results: list[StepResult] = field(default_factory=list)
    open_step: _Open | None = None
    broken: Failure | None = None
    cancelled: bool = False
    keys: tuple[BaselineKey, ...] = ()
    matched: set[str] = field(default_factory=set)
    moved: dict[str, ElementLocator] = field(default_factory=dict)

    async def run(self) -> TryResult:
        started_at, started = self.context.clock.now(), self.context.clock.monotonic()
        try:
            with self.context.cancel.scope(), self._while_alive():
                await self._run_all()
        except asyncio.CancelledError:
            if not (self.context.cancel.cancelled or self.broken):
                raise
            self.cancelled = self.broken is None
            _uncancel()
        except MachineryError as error:
            self._break(error)
        self._fill_up()
        return await self._finish(started_at, started)

    @contextmanager
    def _while_alive(self) -> Iterator[None]:
        """The death of the browser ends whatever is awaited inside, at once."""
        task, session = asyncio.current_task(), self.context.session

        def died(why: str) -> None:
            if self.broken is None and task:
                self._break(CrashedError(why))
                task.cancel()

        session.on_death(died)
        try:
            yield
        finally:
            session.on_death(None)

    def _break(self, error: MachineryError) -> None:
        kind = "the browser died" if isinstance(error, CrashedError) else "the machinery failed"
        words = self.context.variables.mask(f"{kind}: {error}")
        self.broken = self.broken or Failure(ErrorKind.CRASHED, words)

    async def _run_all(self) -> None:
        test = self.context.test
        self.keys = baseline_keys(self.context.project, test.name, test.all_steps)
        await self.context.memory.begin(self.keys)
        body = test.setup + test.steps
        for index, step in enumerate(body):
            if not await self._run_step(index, step):
                break
        for index, step in enumerate(test.teardown, len(body)):
            if not await self._run_step(index, step):
                break
        await self._close_step()

    async def _run_step(self, index: int, written: Step) -> bool:
        """Run one step; False when the steps after it must not run."""
        await self._close_step()
        context = self.context
        await context.listener.on_event(StepStarted(context.run_id, index, written))
        started = context.clock.monotonic()
        if is_watched(written, context.memory.recall(self.keys[index]).baseline):
            await context.session.look_around()
        context.session.begin_step()
        call = self._call(index, written)
        witness = _StepWitness(context, call)
        outcome = await context.service.run_step(call, witness)
        duration_ms = (context.clock.monotonic() - started) * 1000
        result = step_result(call, outcome, duration_ms, context.test.file)
        result = await self._held_to_contract(call, result)
        if outcome.performed and result.status is not StepStatus.FAILED:
            await context.memory.performed(call, outcome.performed)
            self.open_step = _Open(call, outcome.performed)
            self._note_selector(written, result, outcome.performed.found)
        await self._ended(await self._pictured(result, witness))
        return result.status is not StepStatus.FAILED

    def _call(self, index: int, written: Step) -> StepCall:
        """The step as tiers see it: bound to its values, with what is remembered of it, under its deadline."""
        context = self.context
        step = context.variables.bind(written)
        key = self.keys[index]
        recall = context.memory.recall(key) if written.needs_element else Known()
        return StepCall(
            index=index,
            step=step,
            written=written,
            project=context.project,
            test=context.test.name,
            variables=context.variables,
            settings=context.settings,
            session=context.session,
            deadline=Deadline.after(context.clock, deadline_seconds(step, context.settings)),
            phrase=phrase_of(step),
            baseline_key=key,
            baseline=recall.baseline,
            rejected=recall.rejected,
            ever_seen=recall.seen or self._has_matched(written),
            moved=self.moved.get(selector_text(written.selector, written.frame)),
            learns_others=written.needs_element and learns_others(recall.baseline, context.clock.now()),
        )

    def _note_selector(self, written: Step, result: StepResult, found: Found) -> None:
        """Remember for the steps after it that a selector led to its element, or where a heal found it instead."""
        place = selector_text(written.selector, written.frame)
        if not place or found.fingerprint is None:
            return
        if found.tier is TierNumber.DIRECT:
            self.matched.add(place)
        elif result.status is StepStatus.HEALED and found.locator:
            self.moved[place] = found.locator

    def _has_matched(self, written: Step) -> bool:
        """Whether another step of this test has matched by the same selector, in this run or in another."""
        place = selector_text(written.selector, written.frame)
        others = (key for key in self.keys if place and key.selector == place)
        return place in self.matched or any(self.context.memory.recall(key).seen for key in others)

    async def _held_to_contract(self, call: StepCall, result: StepResult) -> StepResult:
        """A step on another element than before is checked at once against what its green runs had in common (H-16)."""
        if not is_on_another(result) or not missing_of_contract(call, call.session.effects):
            return result
        wanted = call.baseline.contract if call.baseline else frozenset()
        limit = Deadline.after(self.context.clock, CONTRACT_WAIT_SECONDS)
        return broken_contract(result, call, await call.session.wait_for_effects(wanted, limit))

    async def _pictured(self, result: StepResult, witness: _StepWitness) -> StepResult:
        context = self.context
        passed = result.status is not StepStatus.FAILED
        found = witness.still_there
        picture = await context.camera.after_step(context.session, result.index, found, passed=passed)
        paths = tuple(path for path in (witness.crop, picture and picture.path) if path)
        attempts = _boxed(result.attempts, picture.box if picture else None)
        proposal = replace(result.proposal, crop=witness.crop) if result.proposal else None
        return replace(result, artifacts=result.artifacts + paths, attempts=attempts, proposal=proposal)

    async def _ended(self, result: StepResult) -> None:
        context = self.context
        notices = result.warnings + context.session.take_notices()
        result = masked_result(replace(result, warnings=notices), context.variables.mask)
        self.results.append(result)
        await context.listener.on_event(StepFinished(context.run_id, context.ordinal, result))

    async def _close_step(self) -> None:
        """Close the window of the step before: what the page did since belongs to it, and costs nothing to see."""
        self._late_notices()
        closing, self.open_step = self.open_step, None
        if closing is None:
            return
        effects = await self._noticed(closing.call)
        result = self.results[-1]
        if result.status is StepStatus.PASSED:
            judged = broken_contract(result, closing.call, effects)
            self.results[-1] = masked_result(judged, self.context.variables.mask)
        await self.context.memory.closed(closing.call, closing.performed, effects)

    async def _noticed(self, call: StepCall) -> frozenset[str]:
        """All effects of a step; what only a look tells gets a moment more, where its green runs had it (H-16)."""
        session = self.context.session
        if is_watched(call.written, call.baseline):
            await session.notice()
            late = missing_of_contract(call, session.effects) & NOTICED
            if late:
                await session.wait_for_effects(late, Deadline.after(self.context.clock, NOTICE_WAIT_SECONDS))
        return session.effects

    def _late_notices(self) -> None:
        """What the page said since the last step ended belongs to that step, however it ended."""
        notices = self.context.session.take_notices()
        if self.results and notices:
            said = replace(self.results[-1], warnings=self.results[-1].warnings + notices)
            self.results[-1] = masked_result(said, self.context.variables.mask)

    def _fill_up(self) -> None:
        """Steps that never ran are skipped, or cancelled; none is missing from the result."""
        status = StepStatus.CANCELLED if self.cancelled else StepStatus.SKIPPED
        done = {r.index for r in self.results}
        missing = [(i, s) for i, s in enumerate(self.context.test.all_steps) if i not in done]
        self.results.extend(StepResult(index=i, step=s, status=status) for i, s in missing)
        self.results.sort(key=lambda r: r.index)

    async def _finish(self, started_at: datetime, started: float) -> TryResult:
        context = self.context
        status = try_status(self.results, self.broken, cancelled=self.cancelled)
        try:
            await context.memory.finish(green=status.green)
        except MachineryError as error:
            self._break(error)
            status = RunStatus.ERROR
        await self._offer_proposals(green=status.green)
        failed = next((r for r in self.results if r.status is StepStatus.FAILED), None)
        return TryResult(
            status=status,
            started_at=started_at,
            duration_ms=(context.clock.monotonic() - started) * 1000,
            steps=tuple(self.results),
            error=self.broken or (failed.error if failed else None),
        )

    async def _offer_proposals(self, *, green: bool) -> None:
        """Offer heals for review: all of a green try, else those that a later passed step confirmed (H-21, H-31)."""
        passed = [r.index for r in self.results if r.status in (StepStatus.PASSED, StepStatus.HEALED)]
        for result in self.results:
            confirmed = green or any(index > result.index for index in passed)
            if result.proposal and confirmed:
                await self.context.listener.on_event(ProposalMade(self.context.run_id, result.proposal))


@dataclass(slots=True)
class _StepWitness:
    """Passes what the tiers of one step do on to the listener, secrets masked, and pictures what they act on."""

    context: TryContext
    call: StepCall
    crop: str | None = None
    _found: Found | None = None
    _address: str = ""

    @property
    def still_there(self) -> Found | None:
        """What was last acted on, unless the page is another one: what its locator finds there is something else."""
        return self._found if self._address == _document(self.context.session) else None

    async def tier_started(self, tier: TierNumber) -> None:
        await self.context.listener.on_event(TierStarted(self.context.run_id, self.call.index, tier))

    async def about_to_act(self, found: Found) -> None:
        session = self.context.session
        self._found, self._address = found, _document(session)
        offered = is_offered(self.call, found)
        self.crop = await self.context.camera.before_act(session, self.call.index, found, offered=offered)

    async def attempt_ended(self, attempt: Attempt) -> None:
        shown = masked_attempt(attempt, self.context.variables.mask)
        await self.context.listener.on_event(AttemptFinished(self.context.run_id, self.call.index, shown))


def _document(session: Session) -> str:
    return session.page.url.partition("#")[0]


def _boxed(attempts: tuple[Attempt, ...], box: Box | None) -> tuple[Attempt, ...]:
    """The attempts, the last of which found the element that stands in this box of the picture."""
    if box is None or not attempts:
        return attempts
    return (*attempts[:-1], replace(attempts[-1], box=box))


def _uncancel() -> None:
    """The cancellation has been obeyed; what is left to do is to write down what happened."""
    task = asyncio.current_task()
    if task:
        task.uncancel()


def deadline_seconds(step: Step, settings: ExecutionSettings) -> float:
    """A step's time: its own, else 5 s for expect and wait_for, else its strategy's tiers together (H-5)."""
    if step.timeout_seconds is not None:
        return step.timeout_seconds
    return settings.expect_timeout_seconds if step.judges else settings.step_timeout_seconds


def phrase_of(step: Step) -> Phrase:
    """What the step's words say about its element: a compiled sentence's phrase, else the instruction understood."""
    if step.origin.sentence is not None:
        return parse_phrase(step.instruction)
    return understand(step.instruction, step.action, step.value or "")
