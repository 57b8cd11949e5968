"""Who an element is: fingerprints, locators, candidates, and how they are ranked (healing.md, section 4)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields

from tierwright.core.phrases import Phrase
from tierwright.core.steps import Action, Condition


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in CSS pixels, relative to the top left of its frame's document, or of a picture."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ElementLocator:
    """Where an element is: frame selectors from the outside in, and a Playwright selector inside the last one."""

    selector: str
    frame: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " >> ".join((*(f"frame[{f}]" for f in self.frame), self.selector))


_NO_IDENTITY = (
    *("box", "sibling_index", "page_path", "neighbours", "headings"),
    *("attributes", "landmarks", "row", "sole", "others"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What an element looked like (H-11). Holds nothing typed and nothing secret.

    `text` is the element's own visible text, at most 200 characters. `test_ids` and `aria` are (name, value)
    pairs. `headings` are the texts of the nearest headings above it, nearest first; `neighbours` the texts of
    siblings and of the label-like text beside it; `ancestors` is the chain from the parent up, each entry
    written `tag#id.class[role]` with generated parts left out. `page_path` is a templated URL path. `attributes`
    are (name, value) pairs that say what a field takes or a link does (autocomplete, accept, the value of a
    choice). `sole` are the kinds in which it was the only visible element of its page (`role:searchbox`, `tag:h1`)
    or region (`type:submit in region`), and `shared:name` where others had its role and name; `landmarks` and
    `row` are as in Candidate. `others` are digests of the names of everything people could operate
    in its frame, itself included (core/operable.py); empty where nobody looked.
    """

    tag: str = ""
    role: str = ""
    name: str = ""
    text: str = ""
    label: str = ""
    placeholder: str = ""
    title: str = ""
    alt: str = ""
    type: str = ""
    name_attribute: str = ""
    id: str = ""
    test_ids: tuple[tuple[str, str], ...] = ()
    classes: tuple[str, ...] = ()
    href_path: str = ""
    aria: tuple[tuple[str, str], ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    headings: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    ancestors: tuple[str, ...] = ()
    sibling_index: int = 0
    box: Box | None = None
    frame_path: tuple[str, ...] = ()
    page_path: str = ""
    landmarks: tuple[str, ...] = ()
    row: str = ""
    sole: tuple[str, ...] = ()
    others: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """A short stable hash of the parts that make up its identity (not box, index, page or surroundings)."""
        parts = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _NO_IDENTITY}
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An element of a snapshot.

    `ref` finds it again in the page while the snapshot lives (see page/snapshot.py); `frame_index` is its
    frame in `Snapshot.frames`. `parent` is the index in `Snapshot.candidates` of its nearest ancestor that is a
    candidate too, or -1. `row` is the text of the table row, list item or card around it.
    """

    ref: int
    frame_index: int
    fingerprint: Fingerprint
    xpath: str
    visible: bool = True
    enabled: bool = True
    editable: bool = False
    in_shadow: bool = False
    parent: int = -1
    row: str = ""
    landmarks: tuple[str, ...] = ()
    """Roles and names of the regions around it, nearest first: `navigation: Main`, `dialog: Sign in`, `form`."""
    clickable: bool = False
    """Whether it looks as if one could click on it, whatever its role: a hand, a handler, a tab stop, an icon."""
    captions: tuple[str, ...] = ()
    """What names a field whose label is not tied to it, and the head of a cell's column."""
    drawn: tuple[str, ...] = ()
    """Ids, classes, data and names of pictures of something clickable that has no text: `fa-trash`."""


@dataclass(frozen=True, slots=True)
class SnapshotFrame:
    """A frame of a snapshot: the selectors that lead to it from the outside in, and its URL."""

    path: tuple[str, ...]
    url: str
    index: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The candidates of a page, in document order, frame after frame. `forced`: taken before the page settled (H-8)."""

    frames: tuple[SnapshotFrame, ...]
    candidates: tuple[Candidate, ...]
    forced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a ranker is asked: which element does this step mean (H-14).

    `excluded` are texts that must not count as evidence for where (H-17): the expected value of an expect step,
    the value that a fill will type. `selector` is the step's own selector, which found nothing; its words are
    evidence. `rejected` are candidate keys that a person rejected for this step (H-31). `among`, where it is not
    empty, holds the indexes of the only candidates in question: those that the step's own selector matches.
    """

    action: Action
    condition: Condition | None = None
    instruction: str = ""
    phrase: Phrase | None = None
    selector: str | None = None
    baseline: Fingerprint | None = None
    excluded: tuple[str, ...] = ()
    rejected: frozenset[str] = frozenset()
    among: frozenset[int] = frozenset()
    page_path: str = ""
    frame: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A candidate with its score, in 0..1, and the reasons for it in words."""

    index: int
    score: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The ranker's answer: candidates best first, and the one chosen, or None for "none of these".

    `confidence` and `margin` belong to the best candidate whether or not it was chosen; `margin` is its lead
    over the runner-up that is another element. `why_not` says why nothing was chosen.
    """

    chosen: int | None
    confidence: float
    margin: float
    best: tuple[Scored, ...] = ()
    why_not: str = ""
