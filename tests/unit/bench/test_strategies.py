"""The arithmetic of the evolved apps and of MiniWoB++: shares, what met the design, the steps of an instruction."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from tierwright.core.ports import ModelRequest
from tierwright.core.results import Attempt, CacheOutcome, StepResult, StepStatus
from tierwright.core.steps import Action, Step
from tierwright.core.strategy import FallbackStrategy, TierNumber

BENCH = Path(__file__).parents[3] / "bench"


@pytest.fixture(autouse=True, scope="module")
def bench_on_the_path() -> Iterator[None]:
    sys.path.insert(0, str(BENCH))
    yield
    sys.path.remove(str(BENCH))


@pytest.fixture
def costs() -> ModuleType:
    return import_module("_apps_costs")


def attempt(tier: int, success: bool, ms: float = 10.0, cache: CacheOutcome = CacheOutcome.NONE) -> Attempt:
    return Attempt(tier=TierNumber(tier), ordinal=1, success=success, duration_ms=ms, cache=cache)


def judged(verdict: str, *attempts: Attempt):
    judges = import_module("_apps_judge")
    last = attempts[-1].tier if attempts[-1].success else None
    return judges.Judged("t", 1, judges.Verdict(verdict), last, attempts, "Click")


def test_a_tier_is_measured_by_what_reached_it(costs: ModuleType) -> None:
    steps = [
        judged("right", attempt(1, True)),
        judged("right", attempt(1, False), attempt(2, True)),
        judged("none", attempt(1, False), attempt(2, False), attempt(3, False)),
        judged("wrong", attempt(1, False), attempt(2, True)),
    ]

    (row,) = costs.tier_rows({FallbackStrategy.OPTION_C: steps})

    assert row == ["option_c", "4", "25 % (1 of 4)", "33 % (1 of 3)", "0 % (0 of 1)", "50 % (2 of 4)"]


def test_the_second_run_tells_hits_from_searches(costs: ModuleType) -> None:
    def ran(*attempts: Attempt) -> StepResult:
        return StepResult(index=0, step=Step(action=Action.CLICK), status=StepStatus.HEALED, attempts=attempts)

    first = [ran(attempt(1, False), attempt(2, True, 80.0)), ran(attempt(1, True))]
    second = [ran(attempt(2, True, 20.0, CacheOutcome.HIT)), ran(attempt(2, True, 90.0, CacheOutcome.MISS))]

    assert costs.cached_of(first, second) == costs.Cached((80.0,), (20.0,), 1)


def test_the_bill_tells_what_is_left_to_a_model_from_every_step(costs: ModuleType) -> None:
    prompts = costs.Prompts()
    request = ModelRequest(purpose="act", system="s" * 4000, prompt="p" * 4000, schema={}, deadline_seconds=1.0)
    assert prompts.answer(request) == {"action": None, "twoStep": False}
    prompts.counting = True
    for _ in range(4):
        prompts.answer(request)

    bill = costs.bills([prompts], steps=4)[0]

    assert bill.each == pytest.approx(4 * bill.ours)
    assert bill.saved == pytest.approx(0.75)
    # 2,001 tokens and an answer of some thirty, at 0.15 and 0.60 dollars a million.
    assert bill.each == pytest.approx(0.00032, rel=0.05)


@pytest.mark.parametrize(
    ("task", "said", "parts"),
    [
        ("click-test", "Click the button.", [("Click the button.", Action.CLICK, "")]),
        ("focus-text", "Focus into the textbox.", [("Focus into the textbox.", Action.FOCUS, "")]),
        (
            "enter-text",
            'Enter "Ann" into the text field and press Submit.',
            [('Enter "Ann" into the text field', Action.FILL, "Ann"), ("Press Submit.", Action.CLICK, "")],
        ),
        (
            "login-user",
            'Enter the username "ann" and the password "x1" into the text fields and press login.',
            [
                ('Enter the username "ann"', Action.FILL, "ann"),
                ('Enter the password "x1"', Action.FILL, "x1"),
                ("Press login.", Action.CLICK, ""),
            ],
        ),
        (
            "choose-list",
            "Select Wales from the list and click Submit.",
            [("Select Wales from the list", Action.SELECT, "Wales"), ("Click Submit", Action.CLICK, "")],
        ),
        ("click-checkboxes", "Select nothing and click Submit.", [("Click Submit", Action.CLICK, "")]),
        ("click-checkboxes", "Select a, b and click Submit.", []),
    ],
)
def test_an_instruction_of_several_steps_is_asked_step_by_step(
    task: str, said: str, parts: list[tuple[str, Action, str]]
) -> None:
    miniwob = import_module("_miniwob")

    assert [(p.instruction, p.action, p.value) for p in miniwob.parts_of(task, said)] == parts
