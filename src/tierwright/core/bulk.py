"""Many frozen values made at once: a page of 20,000 elements is as many fingerprints."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, Field, field, fields, make_dataclass
from typing import Any, TypeVar

Value = TypeVar("Value")


def in_bulk(kind: type[Value]) -> Callable[..., Value]:
    """A maker of these frozen values (dataclasses with slots) that takes keywords, and a tenth of their own time."""
    # A frozen class fills its slots through object.__setattr__, one call a field. A class with the same slots that
    # is not frozen fills them as any class does, and hands the finished value over: docs/decisions/0140.
    all_fields = fields(kind)  # type: ignore[arg-type]
    draft: Any = make_dataclass(
        f"{kind.__name__}Draft",
        [(f.name, f.type, _default(f)) for f in all_fields],
        slots=True,
        eq=False,
        kw_only=True,
    )

    def make(**features: object) -> Value:
        made = draft(**features)
        made.__class__ = kind
        return made  # type: ignore[no-any-return]

    return make


@contextmanager
def uncollected() -> Iterator[None]:
    """While it lasts no garbage is looked for: of 100,000 values that all stay, each search would walk them all."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _default(known: Field[Any]) -> Any:
    return field() if known.default is MISSING else field(default=known.default)
