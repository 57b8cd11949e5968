"""What a person sees: live progress on a terminal, one line a test in a pipe, and a summary in both."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from time import monotonic
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from tierwright.core.events import (
    Event,
    RunFinished,
    RunStarted,
    StepStarted,
    SuiteFinished,
    SuiteStarted,
    TierStarted,
    TryStarted,
)
from tierwright.core.results import RunResult, RunStatus
from tierwright.core.settings import HealPolicy
from tierwright.reports import summary, words
from tierwright.reports.masking import Mask, masked, unchanged

_STYLES = {
    RunStatus.PASSED: "green",
    RunStatus.PASSED_HEALED: "yellow",
    RunStatus.FLAKY: "yellow",
    RunStatus.FAILED: "bold red",
    RunStatus.ERROR: "bold magenta",
    RunStatus.CANCELLED: "dim",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A stream to write to. `terminal` may move the cursor, `colour` may use colour codes; `width` in columns."""

    stream: TextIO
    terminal: bool = False
    colour: bool = False
    width: int | None = None

    def console(self) -> Console:
        """A rich console on the stream that does no more than is allowed here."""
        return Console(
            file=self.stream,
            force_terminal=self.terminal,
            color_system="standard" if self.colour else None,
            no_color=not self.colour,
            highlight=False,
            markup=False,
            emoji=False,
            width=self.width,
            legacy_windows=False,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    title: str
    began: float
    steps: int
    index: int = 0
    step: str = ""
    tier: int = 1
    ordinal: int = 1

    def line(self, now: float, width: int) -> Text:
        again = f" (try {self.ordinal})" if self.ordinal > 1 else ""
        place = f"step {self.index + 1}/{self.steps} {self.step} · tier {self.tier}" if self.step else "starting"
        text = Text(f"  {self.title}{again} · {place} · {now - self.began:.1f} s")
        text.truncate(width, overflow="ellipsis")
        return text


class ConsoleReport:
    """Progress and summary for a person."""

    title = "the console report"

    def __init__(
        self,
        out: Output,
        err: Output,
        *,
        policy: HealPolicy = HealPolicy.WARN,
        mask: Mask = unchanged,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._terminal, self._policy, self._mask, self._clock = out.terminal, policy, mask, clock
        self._console = out.console()
        self._errors = err.console()
        self._running: dict[str, _Running] = {}
        self._total = self._done = 0
        self._live: Live | None = None

    async def on_event(self, event: Event) -> None:
        """Show the event."""
        match masked(event, self._mask):
            case SuiteStarted() as begun:
                self._begin(begun)
            case RunStarted() as begun:
                self._add(begun)
            case TryStarted() | StepStarted() | TierStarted() as moved:
                self._move(moved)
            case RunFinished(result):
                self._end_run(result)
            case SuiteFinished(result):
                self.close()
                self._summarise(summary.suite_summary(result, self._policy))
                self._list_heals(summary.heals_notice(result, self._policy))

    def close(self) -> None:
        """Leave the terminal as it was; may be called twice."""
        if self._live:
            self._live.stop()
            self._live = None

    def _begin(self, event: SuiteStarted) -> None:
        self._total = event.runs
        self._console.print(Text(summary.opening(event)), soft_wrap=True)
        if self._terminal:
            # What others write to standard output and error must reach their streams, not this console.
            self._live = Live(
                get_renderable=self._picture,
                console=self._console,
                transient=True,
                refresh_per_second=8,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()

    def _add(self, event: RunStarted) -> None:
        title = words.plain(event.test.name)
        if event.example:
            title += words.plain(f" [{', '.join(f'{k}={v}' for k, v in event.example.items())}]")
        self._running[event.run_id] = _Running(title=title, began=self._clock(), steps=len(event.test.all_steps))

    def _move(self, event: TryStarted | StepStarted | TierStarted) -> None:
        running = self._running.get(event.run_id)
        if running is None:
            return
        match event:
            case TryStarted(ordinal=ordinal):
                running = replace(running, ordinal=ordinal, index=0, step="", tier=1)
            case StepStarted(index=index, step=step):
                running = replace(running, index=index, step=words.one_line(step.title, 60), tier=1)
            case TierStarted(tier=tier):
                running = replace(running, tier=int(tier))
        self._running[event.run_id] = running

    def _end_run(self, run: RunResult) -> None:
        self._running.pop(run.run_id, None)
        self._done += 1
        line = Text()
        line.append(f"{words.STATUS_WORDS[run.status]:<8}", style=_STYLES[run.status])
        line.append(summary.run_line(run))
        self._console.print(line, soft_wrap=True)

    def _picture(self) -> RenderableType:
        now, width = self._clock(), self._console.width
        lines = [running.line(now, width) for running in tuple(self._running.values())]
        return Group(Text(f"  {self._done} of {self._total} done", style="dim"), *lines)

    def _summarise(self, lines: Iterable[summary.Line]) -> None:
        for line in lines:
            self._console.print(Text(line.text, style=line.style), soft_wrap=True)

    def _list_heals(self, lines: Iterable[summary.Line]) -> None:
        for line in lines:
            self._errors.print(Text(line.text, style=line.style), soft_wrap=True)
