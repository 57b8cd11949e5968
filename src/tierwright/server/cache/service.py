"""Shows and forgets entries of the cache."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from tierwright.server.cache.schemas import CacheEntryOut
from tierwright.store.element_cache import entry_of_row


def shown(row: Row[Any]) -> CacheEntryOut:
    """A row of `xpath_cache` as the API has it."""
    entry = entry_of_row(row)
    key = entry.key
    return CacheEntryOut.model_validate(
        {
            "id": row.id,
            "digest": key.digest,
            "instruction": key.instruction,
            "selector": key.selector,
            "action": key.action,
            "page": key.page,
            "frame": list(key.frame),
            "locators": [asdict(locator) for locator in entry.locators],
            "xpath": entry.xpath,
            "role": entry.fingerprint.role,
            "name": entry.fingerprint.name,
            "provisional": entry.provisional,
            "hit_count": entry.hit_count,
            "validation_failures": entry.validation_failures,
            "created_at": entry.created_at,
            "last_validated_at": entry.last_validated_at,
            "expires_at": entry.expires_at,
        }
    )
