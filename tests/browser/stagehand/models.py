"""Models for the tests of this folder: they answer as a provider would, by looking at the tree they are sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tierwright.core.ports import ModelRequest
from tierwright.core.results import Usage
from tierwright.testing import Hang, Refuse, ScriptedAnswer, ScriptedModel

USAGE = Usage(100, 20, 0.25)
"""What every scripted call costs."""


def element_id(prompt: str, line: str) -> str:
    """Stagehand's name for the first element whose line in the tree contains this text (`button: Save`)."""
    found = re.search(rf"\[(\d+-\d+)\] [^\n]*{re.escape(line)}", prompt)
    assert found, f"{line!r} is not in the tree:\n{prompt}"
    return found.group(1)


def pointing_at(line: str, method: str = "click", *arguments: str) -> Callable[[ModelRequest], Mapping[str, Any]]:
    """A model that always wants this."""

    def answer(request: ModelRequest) -> Mapping[str, Any]:
        element = {
            "elementId": element_id(request.prompt, line),
            "description": line,
            "method": method,
            "arguments": list(arguments),
        }
        return {"elements": [element]} if request.purpose == "observe" else {"action": element, "twoStep": False}

    return answer


def none_of_these(request: ModelRequest) -> Mapping[str, Any]:
    """A model that finds nothing."""
    return {"elements": []} if request.purpose == "observe" else {"action": None, "twoStep": False}


def scripted(*answers: Callable[[ModelRequest], ScriptedAnswer] | ScriptedAnswer) -> ScriptedModel:
    """A model that gives these answers one after the other, the last one again and again, each at the same price."""
    left = list(answers)

    def script(request: ModelRequest) -> ScriptedAnswer:
        answer = left.pop(0) if len(left) > 1 else left[0]
        return answer(request) if callable(answer) and not isinstance(answer, Hang | Refuse) else answer

    return ScriptedModel(script, usage=USAGE)
