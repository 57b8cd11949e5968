"""The XPath cache as a JSON file, to take it to another machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tierwright.core.errors import UsageError
from tierwright.core.keys import cache_key_of
from tierwright.core.ports import CacheEntry
from tierwright.store.codec import (
    Json,
    fingerprint_from_json,
    fingerprint_to_json,
    locator_from_json,
    locator_to_json,
)

FORMAT = "tierwright-xpath-cache"
VERSION = 1


def entry_to_json(entry: CacheEntry) -> Json:
    """One entry as plain values."""
    return {
        "project": entry.key.project,
        "instruction": entry.key.instruction,
        "selector": entry.key.selector,
        "action": entry.key.action,
        "page": entry.key.page,
        "frame": list(entry.key.frame),
        "digest": entry.key.digest,
        "locators": [locator_to_json(locator) for locator in entry.locators],
        "xpath": entry.xpath,
        "fingerprint": fingerprint_to_json(entry.fingerprint),
        "hit_count": entry.hit_count,
        "created_at": _text(entry.created_at),
        "last_validated_at": _text(entry.last_validated_at),
        "expires_at": _text(entry.expires_at),
    }


def export_entries(entries: Sequence[CacheEntry]) -> str:
    """The file of these entries. Those whose run has not passed yet are left out (H-21)."""
    kept = [entry_to_json(entry) for entry in entries if not entry.provisional]
    return json.dumps({"format": FORMAT, "version": VERSION, "entries": kept}, indent=2, ensure_ascii=False) + "\n"


def import_entries(text: str, file: str) -> tuple[CacheEntry, ...]:
    """The entries of a file. Raises UsageError, naming the file, for what is not one or was changed by hand."""
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise UsageError(f"{file} is no exported cache; make one with: tierwright cache export FILE")
        if data["version"] != VERSION:
            raise UsageError(f"{file} has version {data['version']}, this program reads {VERSION}; upgrade Tierwright")
        return tuple(_entry(item, f"{file}, entry {number}") for number, item in enumerate(data["entries"], 1))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{file} is no exported cache ({type(error).__name__}: {error})") from None


def _entry(item: Any, place: str) -> CacheEntry:
    key = cache_key_of(
        project=item["project"],
        instruction=item["instruction"],
        selector=item["selector"],
        action=item["action"],
        page=item["page"],
        frame=tuple(item["frame"]),
    )
    if key.digest != item["digest"]:
        raise UsageError(f"{place}: the digest does not belong to the entry; export it again")
    return CacheEntry(
        key=key,
        locators=tuple(locator_from_json(data) for data in item["locators"]),
        xpath=item["xpath"],
        fingerprint=fingerprint_from_json(item["fingerprint"]),
        provisional=False,
        hit_count=int(item["hit_count"]),
        created_at=_moment(item["created_at"]),
        last_validated_at=_moment(item["last_validated_at"]),
        expires_at=_moment(item["expires_at"]),
    )


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
