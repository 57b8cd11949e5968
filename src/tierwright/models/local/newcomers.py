"""Evidence from the rest of the page: what bears a name that was there before is the element that bore it then.

An element that was taken out leaves look-alikes, and they stood beside it all the time; one that was renamed bears a
name that its page did not have. How much either says depends on how much of the page is new: a likelihood ratio.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log

from tierwright.core.identity import Candidate, Fingerprint
from tierwright.core.operable import digest_of, others_of
from tierwright.models.local.compare import Evidence

TAKES_ANOTHERS_NAME = 0.05
"""How often an element is renamed to what another one of its page was called."""
LEAST_KNOWN = 8
"""Names that must be known of the page before, for their share to mean something."""
MOST_FOR, MOST_AGAINST = 1.5, 3.0


class Newcomers:
    """Which names of a frame are new since a baseline was recorded, and what that says of who bears them."""

    def __init__(self, known: Fingerprint, candidates: Sequence[Candidate]) -> None:
        self._frame = known.frame_path
        self._own = digest_of(known)
        self._before = Counter(known.others) if len(set(known.others)) >= LEAST_KNOWN else Counter[int]()
        self._now = Counter(others_of(candidates, self._frame)) if self._before else Counter[int]()
        new = (sum(name not in self._before for name in self._now) + 1) / (len(self._now) + 2)
        self._for = min(MOST_FOR, -log(new)) if self._own not in self._now else 0.0
        self._against = min(MOST_AGAINST, max(0.0, log((1 - new) / TAKES_ANOTHERS_NAME)))

    def weigh(self, found: Evidence, seen: Fingerprint) -> None:
        """Count what a candidate's name says, where the frame's names were noted and it bears another than before."""
        name = digest_of(seen)
        if not self._now or not name or name == self._own or seen.frame_path != self._frame:
            return
        if name not in self._before:
            found.add(self._for, "its name is new on the page")
        elif self._now[name] <= self._before[name]:
            found.add(-self._against, f"{(seen.name or seen.text)[:40]!r} was there before, and was another")
