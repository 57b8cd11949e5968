"""Costs as CSV: one row of the page a line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from tierwright.server.analytics.schemas import CostsOut, Spent

_COLUMNS = ("cut", "name", "runs", "tokens", "cost_usd", "known_cost_usd", "unpriced_runs")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def costs_csv(costs: CostsOut) -> str:
    """What is spent in all, by test, by model and by day; a cost that is not known is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for cut, name, spent in _rows(costs):
        cost = "" if spent.cost_usd is None else spent.cost_usd
        writer.writerow((cut, _cell(name), spent.runs, spent.tokens, cost, spent.known_cost_usd, spent.unpriced_runs))
    return out.getvalue()


def _rows(costs: CostsOut) -> Iterator[tuple[str, str, Spent]]:
    yield "total", "", costs.total
    yield from (("test", row.test_name, row) for row in costs.by_test)
    yield from (("model", row.model, row) for row in costs.by_model)
    yield from (("day", row.day.isoformat(), row) for row in costs.by_day)


def _cell(name: str) -> str:
    """A name that people gave, which no spreadsheet shall take for a formula."""
    return f"'{name}" if name.startswith(_FORMULA) else name
