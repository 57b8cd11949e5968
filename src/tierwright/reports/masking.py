"""A second guard against secrets in reports: results arrive masked, and are masked once more on the way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar, cast

Mask = Callable[[str], str]
Value = TypeVar("Value")


def unchanged(text: str) -> str:
    """The mask of those who have no secrets."""
    return text


def masked(value: Value, mask: Mask) -> Value:
    """The same frozen value with every text in it masked. Words of enums are ours, not the page's, and stay."""
    return value if mask is unchanged else cast("Value", _masked(value, mask))


def _masked(value: Any, mask: Mask) -> Any:
    if type(value) is str:
        return mask(value)
    if isinstance(value, tuple):
        return tuple(_masked(item, mask) for item in value)
    if isinstance(value, Mapping):
        return MappingProxyType({key: _masked(item, mask) for key, item in value.items()})
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _masked(getattr(value, f.name), mask) for f in fields(value)})
    return value
