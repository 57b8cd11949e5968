"""Analytics as CSV: one figure a line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from tierwright.store.codec import Json


def figures_csv(reports: Mapping[str, Json]) -> str:
    """One figure a line: report, start of the bucket (empty: all), name, value (empty: unknown)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("report", "start", "figure", "value"))
    for report, data in reports.items():
        for part in ({**data, "start": ""}, *(data.get("buckets") or ())):
            figures = {name: value for name, value in part.items() if name not in ("start", "from", "to", "buckets")}
            writer.writerows((report, part["start"], name, value) for name, value in _flat(figures, ""))
    return out.getvalue()


def _flat(data: Json, prefix: str) -> Iterator[tuple[str, object]]:
    for name, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, "" if value is None else value
