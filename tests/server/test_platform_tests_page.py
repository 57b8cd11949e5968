"""The requests of docs/platform-tests.md are answered as the page says, one after the other."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.server.conftest import Person

PAGE = Path(__file__).parents[2] / "docs" / "platform-tests.md"
CALL = re.compile(r"<!-- call: (\d+) ?(\w*) -->\n```http\n(\w+) (\S+)\n(.*?)\n?```", re.DOTALL)
PLACE = re.compile(r"\{(\w+)\.(\w+)\}")


async def test_the_requests_of_the_page_are_answered_as_it_says(person) -> None:
    bob: Person = await person("bob")
    answers: dict[str, dict[str, str]] = {}
    calls = CALL.findall(PAGE.read_text(encoding="utf-8"))
    assert len(calls) == PAGE.read_text(encoding="utf-8").count("```http")
    for status, name, method, path, body in calls:
        address, text = (PLACE.sub(lambda found: answers[found[1]][found[2]], part) for part in (path, body))
        answer = await bob.client.request(method, address, json=json.loads(text) if text else None)
        assert answer.status_code == int(status), f"{method} {path}: {answer.text}"
        if name:
            answers[name] = answer.json()
    assert answers.keys() == {"test", "suite", "schedule"}
