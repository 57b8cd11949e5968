"""What heals look like over HTTP."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, StrictBool

from tierwright.server.bodies import Body
from tierwright.store.proposals import ProposalStatus


class HealKind(StrEnum):
    """A heal: the selector failed. A grounding: there was none."""

    HEAL = "heal"
    GROUNDING = "grounding"


class LocatorOut(BaseModel):
    """A selector, and the frames it is looked for in, from the outside in."""

    selector: str
    frame: list[str] = []


class HealItem(BaseModel):
    """A heal in a list. `test_id` is null where the test is a file of the command line and not stored here."""

    id: str
    project_id: str
    kind: HealKind
    status: ProposalStatus
    test: str
    test_id: str | None
    file: str
    step_index: int
    step_title: str
    action: str
    instruction: str
    old_selector: str | None
    new_locator: LocatorOut
    tier: int
    confidence: float | None
    margin: float | None
    times_seen: int
    last_run_id: str
    created_at: datetime
    updated_at: datetime
    decided_at: datetime | None


class ScoredOut(BaseModel):
    """A candidate that was weighed."""

    locator: str
    role: str
    name: str
    score: float


class EvidenceOut(BaseModel):
    """Why this element: the candidates, best first, and the reasons in words."""

    candidates: list[ScoredOut]
    reasons: list[str]
    source: str
    forced: bool


class SharingOut(BaseModel):
    """Another step that uses the same selector, or came to the same element."""

    id: str
    status: ProposalStatus
    test: str
    step_index: int
    step_title: str
    same_element: bool


class HealOut(HealItem):
    """A heal with all that was known and found.

    `crop` is the address of a picture of what was found, `baseline_crop` of what the step's own selector found last,
    where a run that took pictures of all steps saw it.
    """

    step_text: str
    alternatives: list[LocatorOut]
    baseline_key: str
    baseline_selector: str
    candidate_key: str
    baseline: dict[str, Any] | None
    candidate: dict[str, Any]
    evidence: EvidenceOut | None
    crop: str | None
    baseline_crop: str | None
    sharing: list[SharingOut]


class Decision(Body):
    """`also_sharing`: decide the same of all open heals that came to the same element."""

    also_sharing: StrictBool = False


class Undecided(BaseModel):
    """A heal that could not be decided together with the one that was, and why."""

    id: str
    reason: str


class Decided(BaseModel):
    """What was decided: the heal itself, others of the same element, and those where it was not possible."""

    heal: HealOut
    also: list[str]
    undecided: list[Undecided]
