"""What people can operate on a page, and the names of all of it together: what else there is beside one element."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from tierwright.core.identity import Candidate, Fingerprint

_ROLES = (
    "button link checkbox radio switch tab menuitem menuitemcheckbox menuitemradio option treeitem combobox textbox "
    "searchbox slider spinbutton gridcell columnheader"
)
_TAGS = "a button input select textarea option summary label area"
CLICKABLE_ROLES = frozenset(_ROLES.split())
CLICKABLE_TAGS = frozenset(_TAGS.split())
"""Both as inject/soles.js has them."""

MOST_OTHERS = 1_000
"""Names of a page that are worth keeping; of a larger one nothing is kept, because a part would mislead."""


def is_interactive(seen: Fingerprint) -> bool:
    """Whether people can operate it: by its role, or by its tag."""
    return seen.role in CLICKABLE_ROLES or seen.tag in CLICKABLE_TAGS


def name_digest(name: str) -> int:
    """A number for a name, whatever its case and spaces, 0 for none: enough to know it again, and nothing to read."""
    folded = " ".join(name.split()).casefold()
    return zlib.crc32(folded.encode()) if folded else 0


def digest_of(seen: Fingerprint) -> int:
    """The digest of the name under which an element counts; 0 for none, and for what people cannot operate."""
    return name_digest(seen.name or seen.text) if is_interactive(seen) else 0


def digests_of(names: Iterable[str]) -> tuple[int, ...]:
    """The digests of names, as `Fingerprint.others` has them."""
    return _worth_keeping(map(name_digest, names))


def others_of(candidates: Sequence[Candidate], frame: tuple[str, ...] = ()) -> tuple[int, ...]:
    """The digests of everything visible that people can operate in one frame, as `Fingerprint.others` has them."""
    inside = (c.fingerprint for c in candidates if c.visible and c.fingerprint.frame_path == frame)
    return _worth_keeping(map(digest_of, inside))


def _worth_keeping(digests: Iterable[int]) -> tuple[int, ...]:
    found = sorted(filter(None, digests))
    return tuple(found) if len(found) <= MOST_OTHERS else ()
