"""Core values to JSON and back. Empty parts are left out, unknown parts of a newer writer are ignored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from tierwright.core.identity import Box, ElementLocator, Fingerprint
from tierwright.core.results import Evidence, ScoredElement

Json = dict[str, Any]
_PAIRS = ("test_ids", "aria", "attributes")
_LISTS = ("classes", "headings", "neighbours", "ancestors", "frame_path", "landmarks", "sole", "others")


def fingerprint_to_json(fingerprint: Fingerprint) -> Json:
    """The parts that are not empty."""
    return {name: value for name, value in asdict(fingerprint).items() if value not in ("", (), None, 0)}


def fingerprint_from_json(data: Mapping[str, Any]) -> Fingerprint:
    """The fingerprint; parts it does not know are ignored."""
    known = {f.name for f in fields(Fingerprint)} & set(data)
    parts: Json = {name: data[name] for name in known}
    for name in known & set(_LISTS):
        parts[name] = tuple(parts[name])
    for name in known & set(_PAIRS):
        parts[name] = tuple((str(key), str(value)) for key, value in parts[name])
    if parts.get("box"):
        parts["box"] = Box(**parts["box"])
    return Fingerprint(**parts)


def maybe_fingerprint(data: Mapping[str, Any] | None) -> Fingerprint | None:
    """The fingerprint, or None for none."""
    return None if data is None else fingerprint_from_json(data)


def locator_to_json(locator: ElementLocator) -> Json:
    """Selector, and frame where there is one."""
    return {"selector": locator.selector, **({"frame": list(locator.frame)} if locator.frame else {})}


def locator_from_json(data: Mapping[str, Any]) -> ElementLocator:
    """The locator."""
    return ElementLocator(str(data["selector"]), tuple(data.get("frame", ())))


def evidence_to_json(evidence: Evidence | None) -> Json | None:
    """The evidence, or None for none."""
    return None if evidence is None else asdict(evidence)


def evidence_from_json(data: Mapping[str, Any] | None) -> Evidence | None:
    """The evidence, or None for none."""
    if data is None:
        return None
    return Evidence(
        candidates=tuple(ScoredElement(**c) for c in data["candidates"]),
        reasons=tuple(data["reasons"]),
        source=data["source"],
        forced=data["forced"],
    )
