"""Published ways to find an element again, for comparison only: the product uses none of them.

Every one reads the same candidates as the product's own ranker, and gives each a score; 0 is "not it".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tierwright.core.identity import Fingerprint, Snapshot


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What is known of an element from the old page.

    `xpath` is absolute with every index written, `id_xpath` begins at the nearest ancestor with an id. `before` is the
    old page, None where only a record of the element was published.
    """

    old: Fingerprint
    xpath: str = ""
    id_xpath: str = ""
    before: Snapshot | None = None


class Baseline(Protocol):
    """A published algorithm."""

    name: str

    def scores(self, asked: Asked, page: Snapshot) -> list[float]:
        """A score for each candidate of the page, higher for likelier ones, 0 for "not it"."""
