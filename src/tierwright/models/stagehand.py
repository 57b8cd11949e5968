"""The one door to Stagehand: everything it asks is answered here, and nothing it does goes unseen (H-25 to H-29).

Facts this rests on (docs/decisions/0001): Stagehand must connect before the page under test loads, else its `act`
hangs for ever; `page_id` is the CDP target id; every call gets a deadline.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from tierwright.core.deadline import Deadline
from tierwright.core.errors import StepError
from tierwright.core.results import ErrorKind

if TYPE_CHECKING:
    from stagehand import LLMStructuredGenerateResult, Stagehand, StagehandBrowser
    from stagehand import Page as StagehandPage

CONNECT_SECONDS = 15.0
"""How long connecting may take before tier 3 is given up for this browser."""

CLOSE_SECONDS = 2.0
"""How long letting go may take; the browser's end ends whatever is left."""

PRESENT_SECONDS = 1.0
"""How long Stagehand may take to find a tab, and to answer from inside its page."""

LAST_SECONDS = 0.2
"""Kept at the end of a deadline, for Stagehand to hear that nobody waits any more."""

SETTLE_MS = 1
"""How long Stagehand may wait for the network by itself: not at all, the page has settled before it is asked (H-8)."""


@dataclass(frozen=True, slots=True)
class Question:
    """What Stagehand asks its model: to `observe` or to `act`, with the accessibility tree in the prompt."""

    purpose: str
    system: str
    prompt: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """The answer for an act: which element (`frame-backendNode`), which method, with which arguments."""

    element_id: str
    method: str
    arguments: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The shape that Stagehand's schema asks for; one act, never a second one."""
        action = {"elementId": self.element_id, "description": "the element of the step", "method": self.method}
        return {"action": {**action, "arguments": list(self.arguments)}, "twoStep": False}


Answer = Callable[[Question], Coroutine[Any, Any, Mapping[str, Any]]]
"""Answers one question of Stagehand's. What it raises reaches whoever asked Stagehand, who hears "none" meanwhile."""


class StagehandDoor:
    """Stagehand, connected to one browser. One conversation at a time."""

    def __init__(self) -> None:
        self._browser: StagehandBrowser | None = None
        self._stagehand: Stagehand | None = None
        self._talk: _Conversation | None = None
        self._one_at_a_time = asyncio.Lock()

    @classmethod
    async def connect(cls, cdp_url: str, *, seconds: float = CONNECT_SECONDS) -> StagehandDoor:
        """Connect to a browser that has not loaded the page under test. Raises StepError (`unavailable`)."""
        # Imported here: it costs more than the whole start of a command that does not run tests.
        from stagehand import Stagehand, local_browser

        door = cls()
        try:
            async with asyncio.timeout(seconds):
                door._browser = await local_browser.connect(cdp_url=cdp_url)
                door._stagehand = await Stagehand.create(
                    browser=door._browser,
                    model=door._on_question,
                    self_heal=False,
                    dom_settle_timeout_ms=SETTLE_MS,
                    logging={"level": "off"},
                )
        except (TimeoutError, RuntimeError, ValueError, OSError) as error:
            await door.close()
            raise StepError(ErrorKind.UNAVAILABLE, f"Stagehand could not be connected: {_words(error)}") from error
        except asyncio.CancelledError:
            await door.close()
            raise
        return door

    async def close(self) -> None:
        """Let go of the browser, which stays open; what does not let go in time is left to the browser's end."""
        parts = [part for part in (self._stagehand, self._browser) if part is not None]
        self._stagehand = self._browser = None
        closing: list[asyncio.Task[None]] = []
        for part in parts:
            closing.append(asyncio.ensure_future(_close(part)))
            await asyncio.wait(closing, timeout=CLOSE_SECONDS)
        for task in closing:
            if task.done() and not task.cancelled():
                task.exception()  # looked at, so that asyncio does not print it

    async def observe(self, instruction: str, page: Page, deadline: Deadline, answer: Answer) -> tuple[str, ...]:
        """Ask for elements; returns absolute XPaths that step through frames and shadow roots.

        Raises StepError: `unavailable` where Stagehand cannot work, `model` when it ran out of time; and whatever
        the answer raised.
        """
        stagehand, twin = await self._ready(page, deadline)
        result = await self._converse(
            _Conversation(answer, instruction),
            deadline,
            lambda: stagehand.observe(instruction, page=twin, timeout=deadline.remaining_ms),
        )
        return tuple(action.selector for action in result.data)

    async def act(self, instruction: str, page: Page, deadline: Deadline, answer: Answer) -> str | None:
        """Let Stagehand choose and act; returns None when it acted, else its words for why not.

        Raises like `observe`. The answer sees the choice before Stagehand acts, and may refuse it by raising.
        """
        stagehand, twin = await self._ready(page, deadline)
        result = await self._converse(
            _Conversation(answer, instruction),
            deadline,
            lambda: stagehand.act(instruction, page=twin, timeout=deadline.remaining_ms),
        )
        return None if result.data.success else str(result.data.message)

    async def act_on(
        self, xpath: str, method: str, arguments: Sequence[str], page: Page, deadline: Deadline
    ) -> str | None:
        """Let Stagehand act on an element that its tree leaves out, without a question. Returns and raises like `act`.

        `xpath` leads from the outermost document, through frames and open shadow roots.
        """
        from stagehand import Action

        stagehand, twin = await self._ready(page, deadline)
        action = Action(
            selector=f"xpath={xpath}",
            description="the element of the step",
            method=method,
            arguments=list(arguments),
        )
        result = await self._converse(
            _Conversation(_never, ""),
            deadline,
            lambda: stagehand.act(action, page=twin, timeout=deadline.remaining_ms),
        )
        return None if result.data.success else str(result.data.message)

    async def _converse(self, talk: _Conversation, deadline: Deadline, call: Callable[[], Awaitable[Any]]) -> Any:
        """One call, and the question it asks on the way. Both have ended when this ends, however it ends."""
        async with self._one_at_a_time:
            self._talk = talk
            sent = asyncio.ensure_future(call())
            try:
                await asyncio.wait({sent}, timeout=deadline.earlier(LAST_SECONDS).remaining_seconds)
                if not sent.done():
                    await talk.stop()
                    await asyncio.wait({sent}, timeout=LAST_SECONDS / 2)
            finally:
                self._talk = None
                await talk.stop()
                await _end(sent)
        talk.raise_failure()
        if sent.cancelled() or talk.stopped:
            raise StepError(ErrorKind.MODEL, "Stagehand did not finish in time")
        try:
            return sent.result()
        except (RuntimeError, ValueError, TimeoutError) as error:
            raise StepError(ErrorKind.MODEL, f"Stagehand failed: {_words(error)}") from error

    async def _ready(self, page: Page, deadline: Deadline) -> tuple[Stagehand, StagehandPage]:
        """Stagehand and its own handle of the page, from inside which it answers. Raises StepError (`unavailable`)."""
        if self._stagehand is None:
            raise StepError(ErrorKind.UNAVAILABLE, "Stagehand is not connected to this browser")
        limit = deadline.within(PRESENT_SECONDS)
        twin = await self._twin(page, limit)
        inside = asyncio.ensure_future(twin.locator("html").count(timeout=limit.remaining_ms))
        await asyncio.wait({inside}, timeout=limit.remaining_seconds)
        await _end(inside)
        if inside.cancelled() or inside.exception() is not None:
            raise StepError(
                ErrorKind.UNAVAILABLE, "Stagehand is not in this page: it was loaded before Stagehand, or elsewhere"
            )
        return self._stagehand, twin

    async def _twin(self, page: Page, limit: Deadline) -> StagehandPage:
        """Stagehand's handle of the page, matched by the CDP target id; a tab just opened may take a moment."""
        assert self._browser is not None
        try:
            target = await _target_id(page)
            while True:
                for twin in await self._browser.context.pages():
                    if twin.page_id == target:
                        return twin
                if limit.passed:
                    break
                await asyncio.sleep(0.02)
        except (PlaywrightError, RuntimeError, ValueError) as error:
            raise StepError(ErrorKind.UNAVAILABLE, f"Stagehand cannot see this page: {_words(error)}") from error
        raise StepError(ErrorKind.UNAVAILABLE, "Stagehand does not know this page: it was opened elsewhere")

    async def _on_question(self, params: Any) -> LLMStructuredGenerateResult:
        question = _question(params)
        talk = self._talk
        if talk is None or not talk.asked(question):  # a late question of a call that nobody waits for
            return _reply(nothing(question.purpose))
        return _reply(await talk.reply(question))


class _Conversation:
    """One call of Stagehand's and the one question it may ask."""

    def __init__(self, answer: Answer, instruction: str) -> None:
        self.stopped = False
        self._answer = answer
        self._instruction = instruction
        self._replying: asyncio.Task[Mapping[str, Any]] | None = None

    def asked(self, question: Question) -> bool:
        """Whether this is its question, asked for the first time."""
        return self._replying is None and not self.stopped and self._instruction in question.prompt

    async def reply(self, question: Question) -> Mapping[str, Any]:
        """The answer, or "none of these" where there is none."""
        self._replying = asyncio.ensure_future(self._answer(question))
        try:
            await asyncio.wait({self._replying})
        finally:
            self._replying.cancel()
        if self._replying.cancelled() or self._replying.exception() is not None:
            return nothing(question.purpose)
        return self._replying.result()

    async def stop(self) -> None:
        """End the question, if it is still open, so that what it cost is known."""
        if self._replying is not None and not self._replying.done():
            self.stopped = True
            await _end(self._replying)

    def raise_failure(self) -> None:
        """Raise what the answer raised, if it did."""
        if self._replying is None or self._replying.cancelled():
            return
        failure = self._replying.exception()
        if failure is not None:
            raise failure


async def _never(question: Question) -> Mapping[str, Any]:
    return nothing(question.purpose)


async def _close(part: Stagehand | StagehandBrowser) -> None:
    await part.close()


async def _end(task: asyncio.Future[Any]) -> None:
    """Cancel a task unless it has ended, and wait for its end."""
    if not task.done():
        task.cancel()
        await asyncio.wait({task})


async def _target_id(page: Page) -> str:
    session = await page.context.new_cdp_session(page)
    try:
        target: str = (await session.send("Target.getTargetInfo"))["targetInfo"]["targetId"]
    finally:
        await session.detach()
    return target


def nothing(purpose: str) -> dict[str, Any]:
    """The answer "none of these"."""
    return {"elements": []} if purpose == "observe" else {"action": None, "twoStep": False}


def _question(params: Any) -> Question:
    asked = params.model_dump(mode="json", by_alias=True)
    response_format = asked["response_format"]
    prompt = "\n".join(_texts(asked["messages"]))
    purpose = "observe" if response_format["name"] == "Observation" else "act"
    return Question(purpose, asked["system_prompt"] or "", prompt, response_format["schema"])


def _texts(messages: list[dict[str, Any]]) -> list[str]:
    blocks = [b for m in messages for b in (m["content"] if isinstance(m["content"], list) else [m["content"]])]
    return [block["text"] for block in blocks if block.get("type") == "text"]


def _reply(answer: Mapping[str, Any]) -> LLMStructuredGenerateResult:
    from stagehand import LLMStructuredGenerateResult

    # The tokens are counted by our own ledger, which also knows what they cost.
    return LLMStructuredGenerateResult.model_validate(
        {
            "role": "assistant",
            "content": {"type": "text", "text": json.dumps(answer)},
            "output_format": "json_schema",
            "structured_content": dict(answer),
            "stop_reason": "stop",
            "usage": {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0},
        }
    )


def _words(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else "it did not answer in time"
