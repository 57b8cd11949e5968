"""Variables and secrets: expanded into steps, taken out of everything that is kept or sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from tierwright.core.errors import UsageError
from tierwright.core.steps import Step

PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_.-]*)\s*\}\}")
MASK = "••••"
SECRET_PREFIX = "TIERWRIGHT_SECRET_"  # noqa: S105 - the name of a variable, not a secret
SHORTEST_WORD = 3
"""A shorter value stands in texts too often for other reasons."""


def secret_key(name: str) -> str:
    """A secret's name as the environment can say it: no case, and underscores for what a shell takes in no name."""
    return re.sub(r"[.-]", "_", name).lower()


def secret_variable(name: str) -> str:
    """The environment variable that holds a secret."""
    return SECRET_PREFIX + secret_key(name).upper()


@dataclass(frozen=True, slots=True)
class Variables:
    """The values of a run's `{{names}}`. Names in `secret_names` are masked wherever text leaves the engine."""

    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    secret_names: frozenset[str] = frozenset()

    def expand(self, text: str) -> str:
        """Replace every `{{name}}` by its value. Raises UsageError for a name that is not defined."""
        return PLACEHOLDER.sub(lambda found: self._value(found.group(1)), text)

    def _value(self, name: str) -> str:
        if name not in self.values:
            raise UsageError(f"the variable {{{{{name}}}}} is not defined")
        return self.values[name]

    def unexpand(self, text: str) -> str:
        """The text as `{{name}}` where it equals a variable's value; secrets are replaced inside longer texts too."""
        for name, value in self._by_length():
            if value and text.strip() == value:
                return f"{{{{{name}}}}}"
        return self.mask(text, as_placeholder=True)

    def unexpand_words(self, text: str) -> str:
        """The text with every whole word that is a variable's value as `{{name}}`, as pages are read."""
        for name, value in self._by_length():
            if len(value) >= SHORTEST_WORD:
                text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", f"{{{{{name}}}}}", text)
        return text

    def mask(self, text: str, *, as_placeholder: bool = False) -> str:
        """The text with every secret value replaced by dots (or by its `{{name}}`)."""
        for name, value in self._by_length():
            if value and name in self.secret_names:
                text = text.replace(value, f"{{{{{name}}}}}" if as_placeholder else MASK)
        return text

    @property
    def secret_values(self) -> tuple[str, ...]:
        """The secrets themselves, longest first, for those who must find and remove them."""
        return tuple(value for name, value in self._by_length() if value and name in self.secret_names)

    def with_values(self, values: Mapping[str, str]) -> Variables:
        """These variables with others laid over them."""
        return replace(self, values=MappingProxyType({**self.values, **values}))

    def bind(self, step: Step) -> Step:
        """The step with its variables expanded, in every place that may hold one."""
        return replace(
            step,
            instruction=self.expand(step.instruction),
            selector=self._maybe(step.selector),
            value=self._maybe(step.value),
            attribute=self._maybe(step.attribute),
            key=self._maybe(step.key),
            target=self._maybe(step.target),
            frame=tuple(self.expand(f) for f in step.frame),
            files=tuple(self.expand(f) for f in step.files),
        )

    def _maybe(self, text: str | None) -> str | None:
        return None if text is None else self.expand(text)

    def _by_length(self) -> list[tuple[str, str]]:
        return sorted(self.values.items(), key=lambda item: -len(item[1]))
