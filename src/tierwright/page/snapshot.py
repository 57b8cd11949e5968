"""Everything on a page that a step could mean, read in one evaluate a frame (healing.md, H-11 and H-14)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.async_api import ElementHandle, Error, Frame, Page

from tierwright.core.bulk import uncollected
from tierwright.core.deadline import Deadline
from tierwright.core.errors import StepError
from tierwright.core.identity import Candidate, Snapshot, SnapshotFrame
from tierwright.core.results import ErrorKind
from tierwright.page.candidates import Place, read_candidates
from tierwright.page.fingerprint import Unexpand
from tierwright.page.inject import ask, ask_element, element_by_ref
from tierwright.page.probe import frame_path as path_of_frame


@dataclass(frozen=True, slots=True)
class LiveSnapshot:
    """A snapshot together with the frames it was taken from, while the page still shows them."""

    snapshot: Snapshot
    frames: tuple[Frame, ...]
    tokens: tuple[str, ...]
    """The injected module's name for each document; changes when the frame navigates."""

    def path_of(self, frame: Frame) -> tuple[str, ...]:
        """The path of a frame as this snapshot spells it; empty for the main frame and for one it left out."""
        return next((f.path for own, f in zip(self.frames, self.snapshot.frames, strict=True) if own is frame), ())

    async def element(self, index: int) -> tuple[Frame, ElementHandle]:
        """The live element of a candidate. Raises StepError(stale) when it, or its document, is gone."""
        candidate = self.snapshot.candidates[index]
        frame = self.frames[candidate.frame_index]
        try:
            same = await ask(frame, "tw.token", None) == self.tokens[candidate.frame_index]
            handle = await element_by_ref(frame, candidate.ref) if same else None
        except Error as problem:
            raise _stale(candidate) from problem
        if handle is None:
            raise _stale(candidate)
        return frame, handle

    async def index_of(self, frame: Frame, handle: ElementHandle) -> int | None:
        """The candidate that is this element, else the nearest candidate around it, else None."""
        refs = await ask_element(frame, handle, "tw.refsUpFrom(el)")
        return self.index_of_ref(await ask(frame, "tw.token"), refs)

    def index_of_ref(self, token: str, refs: Sequence[int]) -> int | None:
        """The first of these elements of a document that is a candidate; None when none is."""
        if token not in self.tokens:
            return None
        frame_index = self.tokens.index(token)
        places = {c.ref: i for i, c in enumerate(self.snapshot.candidates) if c.frame_index == frame_index}
        return next((places[ref] for ref in refs if ref in places), None)


def _stale(candidate: Candidate) -> StepError:
    return StepError(ErrorKind.STALE, f"the element {candidate.xpath} left the page before it could be used")


@dataclass(frozen=True, slots=True)
class _Read:
    """One frame's answer."""

    frame: Frame
    path: tuple[str, ...]
    page: Mapping[str, Any]


async def take_snapshot(
    page: Page,
    *,
    unexpand: Unexpand,
    page_path: str,
    frame_path: tuple[str, ...] | None,
    deadline: Deadline,
    forced: bool = False,
) -> LiveSnapshot:
    """Read all frames of a page at once, or only the one at `frame_path`; a frame that hangs or goes is left out."""
    tasks = [asyncio.ensure_future(_read_frame(frame)) for frame in page.frames]
    try:
        await asyncio.wait(tasks, timeout=deadline.remaining_seconds)
        answers = [t.result() for t in tasks if t.done() and not t.cancelled()]
    finally:
        for task in tasks:
            task.cancel()
    reads = [r for r in answers if r is not None and (frame_path is None or r.path == frame_path)]
    return _assemble(reads, unexpand, page_path, forced)


async def _read_frame(frame: Frame) -> _Read | None:
    try:
        path, answer = await asyncio.gather(path_of_frame(frame), ask(frame, "tw.collect()"))
    except Error:
        return None
    with uncollected():
        return _Read(frame, path, json.loads(answer) if isinstance(answer, str) else answer)


def _assemble(reads: Sequence[_Read], unexpand: Unexpand, page_path: str, forced: bool) -> LiveSnapshot:
    candidates: list[Candidate] = []
    frames: list[SnapshotFrame] = []
    with uncollected():
        for index, read in enumerate(reads):
            frames.append(SnapshotFrame(read.path, read.page["url"], index))
            place = Place(read.path, index, len(candidates), page_path)
            candidates.extend(read_candidates(read.page, place, unexpand))
    return LiveSnapshot(
        Snapshot(tuple(frames), tuple(candidates), forced),
        tuple(r.frame for r in reads),
        tuple(r.page["token"] for r in reads),
    )
