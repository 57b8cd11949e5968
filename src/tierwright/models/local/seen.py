"""A candidate as the ranker reads it: its texts and codes as words, made once and only when asked for."""

from __future__ import annotations

from functools import cached_property

from tierwright.core.identity import Candidate, Fingerprint
from tierwright.core.operable import is_interactive
from tierwright.models.local.words import FILLER, OF_ICONS, code_words, is_generated, is_value, words

LONG_TEXT = 120
"""Characters from which a text is content of a region rather than what a control is called."""


LIVE_ROLES = frozenset({"status", "alert", "log", "timer"})
"""Roles whose text is a message of the moment."""

MOSTLY_JUDGED = 0.5
"""Where less than this part of a text is left once the expected value is out, the rest is part of the message too."""


class Traits:
    """A fingerprint's texts and codes as words. `excluded` texts are taken out first (H-17)."""

    def __init__(self, print_: Fingerprint, excluded: tuple[str, ...] = ()) -> None:
        self.print = print_
        self._excluded = tuple(e.strip().casefold() for e in excluded if e.strip())

    @cached_property
    def called(self) -> tuple[str, ...]:
        """The texts that may serve as its name, best first, each once."""
        p = self.print
        aria = tuple(value for key, value in p.aria if key in ("aria-label", "label"))
        texts = (p.name, *aria, p.label, p.placeholder, p.title, p.alt, "" if p.name else p.text)
        return tuple(dict.fromkeys(t for t in (self._own(" ".join(x.split())) for x in texts) if t))

    def _own(self, text: str) -> str:
        """A text of its own as a name: a message that is judged today says nothing of who shows it."""
        left = self.allowed(text)
        judged = 0 < len(left) < len(text)
        mostly = judged and len(left) < MOSTLY_JUDGED * len(text)
        return "" if mostly or (judged and self.print.role in LIVE_ROLES) else left

    def allowed(self, text: str) -> str:
        """The text without what must not count as evidence."""
        folded = text.casefold()
        for secret in self._excluded:
            at = folded.find(secret)
            if at >= 0:
                text = text[:at] + text[at + len(secret) :]
                folded = text.casefold()
        return text.strip()

    @cached_property
    def unnamed(self) -> bool:
        """Whether it says something that does not tell who it is: an expected value, or a mere number or price."""
        p = self.print
        return not self.telling and bool(p.name or p.text)

    @cached_property
    def telling(self) -> tuple[str, ...]:
        """What it is called; without the number or price that something people do not operate shows today."""
        return self.called if is_interactive(self.print) else tuple(t for t in self.called if not is_value(t))

    @cached_property
    def beside(self) -> tuple[tuple[str, ...], ...]:
        """The words of the two texts nearest to it, none for numbers and prices: a value's label is one of them."""
        texts = (self.allowed(text) for text in self.print.neighbours[:2])
        return tuple(() if is_value(text) else words(text) for text in texts)

    @cached_property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """The words of each of those texts."""
        return tuple(dict.fromkeys(w for w in map(words, self.telling) if w))

    @cached_property
    def main(self) -> str:
        """What it is called, folded; empty for an icon without a name."""
        return self.telling[0].casefold() if self.telling else ""

    @cached_property
    def codes(self) -> frozenset[str]:
        """Words of its id, name attribute, test ids and classes that no machine generated."""
        p = self.print
        values = (p.id, p.name_attribute, *(v for _, v in p.test_ids), *p.classes)
        return frozenset(w for v in values for w in code_words(v))

    @cached_property
    def ids(self) -> frozenset[str]:
        """Whole identifiers: id, name attribute and test ids that no machine generated."""
        p = self.print
        values = (p.id, p.name_attribute, *(v for _, v in p.test_ids))
        return frozenset(v for v in values if v and not is_generated(v))

    @cached_property
    def around(self) -> frozenset[str]:
        """Words of the texts beside it."""
        return frozenset(w for text in self.print.neighbours for w in words(self.allowed(text)))

    @cached_property
    def row(self) -> frozenset[str]:
        """Words of the row, list item or card around it that are not its own."""
        own = {w for name in self.names for w in name}
        return frozenset(words(self.allowed(self.print.row))) - own - FILLER

    @cached_property
    def regions(self) -> frozenset[str]:
        """Landmarks around it, by name where they have one."""
        return frozenset(mark for mark in self.print.landmarks if mark not in ("main", "form"))


class Seen(Traits):
    """A candidate of the snapshot being ranked."""

    def __init__(self, index: int, candidate: Candidate, excluded: tuple[str, ...] = ()) -> None:
        super().__init__(candidate.fingerprint, excluded)
        self.index = index
        self.candidate = candidate

    @property
    def clickable(self) -> bool:
        """Whether people can operate it, by its role or because the page shows so."""
        return is_interactive(self.print) or self.candidate.clickable

    @cached_property
    def signs(self) -> tuple[tuple[str, ...], ...]:
        """What each id, class, picture and datum of something without text says, but for that it is an icon."""
        p = self.print
        codes = (*self.candidate.drawn, p.id, p.name_attribute, *(v for _, v in p.test_ids), *p.classes)
        said = (tuple(w for w in code_words(code) if w not in OF_ICONS) for code in codes)
        return tuple(dict.fromkeys(words for words in said if words))
