"""One self-contained HTML page: summary, runs, steps opened to their attempts, evidence and pictures."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined

from tierwright import __version__
from tierwright.core.config import STDOUT
from tierwright.core.events import Event, SuiteFinished
from tierwright.core.results import RunResult, RunStatus, SuiteResult, total_cost_usd
from tierwright.reports import words
from tierwright.reports.files import write_report
from tierwright.reports.masking import Mask, masked, unchanged

_PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
_PICTURE_BYTES = 300_000
_ALL_PICTURES_BYTES = 20_000_000


class HtmlReport:
    """Writes the result of a suite as one HTML page."""

    title = "the HTML report"

    def __init__(self, file: Path, stdout: TextIO, *, mask: Mask = unchanged) -> None:
        self._file, self._stdout, self._mask = file, stdout, mask

    async def on_event(self, event: Event) -> None:
        """Write when the suite has ended. Raises OSError."""
        if isinstance(event, SuiteFinished):
            folder = Path.cwd() if self._file == STDOUT else self._file.parent
            write_report(html_page(masked(event.result, self._mask), folder), self._file, self._stdout)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file of a run as the page shows it: inlined when it is a small picture, else linked."""

    name: str
    link: str
    picture: str | None = None
    trace: bool = False


@dataclass(slots=True)
class Artifacts:
    """Turns paths into what a page in `folder` can show, within a limit for inlined pictures."""

    folder: Path
    left_bytes: int = field(default=_ALL_PICTURES_BYTES)

    def show(self, path: str) -> Artifact:
        """The artifact at a path; a missing file stays a link."""
        file = Path(path)
        link = quote(os.path.relpath(file.absolute(), self.folder.absolute()).replace(os.sep, "/"))
        return Artifact(file.name, link, self._inlined(file), file.suffix == ".zip")

    def _inlined(self, file: Path) -> str | None:
        kind = _PICTURES.get(file.suffix.lower())
        size = file.stat().st_size if kind and file.is_file() else None
        if kind is None or size is None or size > min(_PICTURE_BYTES, self.left_bytes):
            return None
        self.left_bytes -= size
        return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode('ascii')}"


def html_page(suite: SuiteResult, folder: Path) -> str:
    """The page of a suite; `folder` is where it will lie, for its links."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(duration=words.duration, money=words.money, percent=words.percent, plain=words.plain)
    template = environment.from_string(files("tierwright.reports").joinpath("report.html.j2").read_text("utf-8"))
    return template.render(
        suite=suite,
        runs=sorted(suite.runs, key=_opened, reverse=True),
        version=__version__,
        counts=_counts(suite),
        tiers=words.tier_counts(suite),
        tokens=sum(run.tokens for run in suite.runs),
        cost=total_cost_usd(run.cost_usd for run in suite.runs),
        heals=[(run, step) for run in suite.runs for step in run.healed_steps],
        words=words,
        status_words=words.STATUS_WORDS,
        artifacts=Artifacts(folder),
        opened=_opened,
    )


def _counts(suite: SuiteResult) -> list[tuple[RunStatus, int]]:
    return [(status, suite.count(status)) for status in RunStatus if suite.count(status)]


def _opened(run: RunResult) -> bool:
    """Whether a run is shown open and first: what went wrong is, the rest is not."""
    return run.status in (RunStatus.FAILED, RunStatus.ERROR)
