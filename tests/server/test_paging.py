"""Cursors that this API did not give are refused, and never reach a database."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from tests.server.conftest import Person

NOW = "2026-11-22T10:00:00+00:00"


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "nonsense",
        "\u00e4",
        encoded({}),
        encoded([NOW]),
        encoded([NOW, None]),
        encoded([NOW, True]),
        encoded([NOW, 1]),
        encoded([NOW, "a\0b"]),
        encoded([NOW, "\ud800"]),
        encoded([5, "a"]),
        encoded(["yesterday", "a"]),
        encoded(["0001-01-01T00:00:00+23:59", "a"]),
        base64.urlsafe_b64encode(b"[" * 20_000).decode(),
    ],
    ids=lambda cursor: cursor[:20],
)
async def test_a_cursor_that_no_list_gave_is_refused(person, cursor: str) -> None:
    bob: Person = await person("bob")
    answer = await bob.client.get("/tests", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "query.cursor")


@pytest.mark.parametrize("row_id", ["a", -1, 2**31, 2**70, 1.5])
async def test_a_cursor_of_another_list_is_refused(person, row_id: Any) -> None:
    bob: Person = await person("bob")
    answer = await bob.client.get("/cache", params={"cursor": encoded([NOW, row_id])})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "query.cursor")
