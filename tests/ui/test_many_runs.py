"""A list of ten thousand runs: few rows in the page, and no long task while it scrolls to its end."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, expect
from tests.ui.serving import Serving, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

RUNS = 10_000
MOST_ROWS = 60
LONG_TASK_MS = 50.0
SEED = """
INSERT INTO test_executions (id, project, test_name, test_file, example_digest, status, strategy, model, settings,
    track_effectiveness, started_at, queued_at, duration_ms, tokens, cost_usd, owner_host, owner_pid, owner_started)
WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < :runs)
SELECT 'many' || n, :project, 'Test ' || n, 'a.tw.yaml', '', 'passed', 'option_c', 'local', '{}', 0,
    strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || n || ' minutes'),
    strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || n || ' minutes'), 5000, 0, 0, 'nowhere', 1, ''
FROM more
"""
SCROLL = """async () => {
  const list = document.querySelector('[role=region]')
  const table = list.querySelector('[role=table]')
  const frame = () => new Promise(requestAnimationFrame)
  let rows = 0
  for (let still = 0; still < 30;) {
    const before = list.scrollTop
    list.scrollTop += 900
    await frame()
    rows = Math.max(rows, table.querySelectorAll('[role=row]').length)
    still = list.scrollTop === before && table.ariaRowCount !== '-1' ? still + 1 : 0
  }
  return rows
}"""
"""Scrolls until nothing comes any more; returns the most rows that were in the page at once."""


async def test_ten_thousand_runs_scroll_to_the_end(
    empty_server: Serving, browser: Browser, context: BrowserContext
) -> None:
    with closing(empty_server.client()) as client:
        project = client.post("/projects", json={"name": "Many runs"}).raise_for_status().json()["id"]
    with closing(sqlite3.connect(empty_server.database, timeout=30)) as database, database:
        database.execute(SEED, {"project": project, "runs": RUNS})
    page = await empty_server.sign_in(context)
    await page.goto(empty_server.url(f"/p/{project}/runs"))
    await settled(page)
    await browser.start_tracing(page=page, categories=["toplevel"])
    rows = await page.evaluate(SCROLL)
    events = json.loads(await browser.stop_tracing())["traceEvents"]
    await expect(page.get_by_text(f"{RUNS:,} rows", exact=True)).to_be_visible()
    await expect(page.get_by_role("row").last).to_contain_text(f"Test {RUNS}")
    assert rows <= MOST_ROWS
    tasks = tasks_of_pages(events)
    assert len(tasks) > RUNS / 100
    long = [task for task in tasks if task > LONG_TASK_MS]
    assert not long, f"{len(long)} of {len(tasks)} tasks were too long, in ms: {sorted(long)[-20:]}"


def tasks_of_pages(events: list[dict[str, Any]]) -> list[float]:
    """How long each task of a thread that draws a page kept the processor, in ms: what others do is not ours."""
    drawing = {(e["pid"], e["tid"]) for e in events if e.get("args", {}).get("name") == "CrRendererMain"}
    return [
        e["tdur"] / 1000
        for e in events
        if e["name"].endswith("RunTask") and "tdur" in e and (e["pid"], e["tid"]) in drawing
    ]
