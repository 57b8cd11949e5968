"""The reports of one run: which are wanted, where they write, and that they are written however the run ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

import click

from tierwright.cli.streams import Streams
from tierwright.core.config import STDOUT, RunConfig
from tierwright.core.events import SuiteFinished
from tierwright.core.ports import Listener
from tierwright.core.results import SuiteResult
from tierwright.core.variables import Variables
from tierwright.reports.collector import Collector
from tierwright.reports.console import ConsoleReport, Output
from tierwright.reports.html import HtmlReport
from tierwright.reports.json_report import JsonReport
from tierwright.reports.junit import JUnitReport
from tierwright.reports.masking import Mask, unchanged
from tierwright.reports.multiplex import Multiplexer


@dataclass(frozen=True, slots=True)
class Reporting:
    """All that listens to a run for the command line."""

    console: ConsoleReport
    collector: Collector
    everyone: Multiplexer

    @classmethod
    def of(cls, config: RunConfig, streams: Streams) -> Reporting:
        """The console and every report file that the configuration asks for."""
        mask = mask_of(config)
        # A report on standard output must stay a document: what a person reads moves to standard error.
        human = streams.stderr if STDOUT in config.report_files else streams.stdout
        console = ConsoleReport(
            _output(human, streams), _output(streams.stderr, streams), policy=config.heal_policy, mask=mask
        )
        collector = Collector()
        listeners: list[Listener] = [collector, console, *_files(config, streams.stdout, mask)]
        return cls(console, collector, Multiplexer(listeners, lambda note: _tell(note, streams.stderr)))

    @property
    def listeners(self) -> Sequence[Listener]:
        """What the engine is given."""
        return (self.everyone,)

    @property
    def broken(self) -> bool:
        """Whether a report was lost."""
        return bool(self.everyone.dropped)

    def heard(self, note: str) -> SuiteResult:
        """The result as far as it was heard, for a run that gave none."""
        return self.collector.result(note)

    async def complete(self, result: SuiteResult) -> None:
        """Write the reports unless the engine ended the suite itself."""
        if not self.collector.finished:
            await self.everyone.on_event(SuiteFinished(result))

    def close(self) -> None:
        """Give the terminal back."""
        self.console.close()


def mask_of(config: RunConfig) -> Mask:
    """Takes the secrets of this run out of a text."""
    if not config.secrets:
        return unchanged
    return Variables(config.secrets, frozenset(config.secrets)).mask


def _files(config: RunConfig, stdout: TextIO, mask: Mask) -> Iterator[Listener]:
    if config.json_file:
        yield JsonReport(config.json_file, stdout, mask=mask)
    if config.junit_file:
        yield JUnitReport(config.junit_file, stdout, mask=mask)
    if config.html_file:
        yield HtmlReport(config.html_file, stdout, mask=mask)


def _output(stream: TextIO, streams: Streams) -> Output:
    return Output(stream=stream, terminal=streams.is_terminal(stream), colour=streams.has_colour(stream))


def _tell(note: str, stream: TextIO) -> None:
    click.echo(f"tierwright: {note}", file=stream)
