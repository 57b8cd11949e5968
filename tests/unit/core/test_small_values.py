"""Variables, deadlines, statuses and cancel tokens: the small values everything else rests on."""

from __future__ import annotations

import asyncio

import pytest

from tierwright.core.cancel import CancelToken
from tierwright.core.config import Shard
from tierwright.core.deadline import Deadline
from tierwright.core.errors import UsageError
from tierwright.core.results import ErrorKind, Failure, RunStatus, total_cost_usd
from tierwright.core.steps import Action, Condition, Step
from tierwright.core.variables import MASK, Variables
from tierwright.core.verdicts import try_status
from tierwright.testing import FakeClock

GIVEN = Variables({"user": "grace", "no": "1", "password": "s3cret"}, frozenset({"password"}))


def test_variables_are_expanded_and_unexpanded() -> None:
    """H-20: a text equal to a value is stored as the variable; secrets also inside longer texts."""
    assert GIVEN.expand("Hi {{ user }}") == "Hi grace"
    assert GIVEN.unexpand(" grace ") == "{{user}}"
    assert GIVEN.unexpand("it is s3cret!") == "it is {{password}}!"
    assert GIVEN.unexpand_words("the grace link, not disgraced, 1") == "the {{user}} link, not disgraced, 1"
    assert GIVEN.mask("s3cret") == MASK
    assert GIVEN.secret_values == ("s3cret",)
    assert GIVEN.with_values({"user": "ada"}).expand("{{user}}") == "ada"
    with pytest.raises(UsageError, match="nobody"):
        GIVEN.expand("{{nobody}}")


def test_a_step_is_bound_in_every_place() -> None:
    step = Step(action=Action.FILL, selector="#{{user}}", value="{{password}}", frame=("#{{user}}",))
    bound = GIVEN.bind(step)
    assert (bound.selector, bound.value, bound.frame) == ("#grace", "s3cret", ("#grace",))


def test_what_a_step_is_about() -> None:
    assert Step(action=Action.EXPECT, condition=Condition.URL).needs_element is False
    assert Step(action=Action.PRESS, key="Enter").needs_element is False
    assert Step(action=Action.PRESS, key="Enter", selector="#q").needs_element is True
    assert Step(action=Action.CLICK, selector="#q").title == "click #q"
    assert Step(action=Action.CLICK, selector="#q", name="Search").title == "Search"


def test_a_try_that_broke_is_an_error_whatever_its_steps() -> None:
    """H-4: nothing that did not happen is ever passed."""
    broken = Failure(ErrorKind.CRASHED, "gone")
    assert try_status([], broken, cancelled=True) is RunStatus.ERROR
    assert try_status([], None, cancelled=True) is RunStatus.CANCELLED
    assert try_status([], None, cancelled=False) is RunStatus.PASSED


def test_an_unknown_price_is_not_nothing() -> None:
    assert total_cost_usd([0.1, None]) is None
    assert total_cost_usd([0.1, 0.2]) == pytest.approx(0.3)


def test_deadlines_end() -> None:
    clock = FakeClock()
    limit = Deadline.after(clock, 1.0)
    assert limit.within(5.0).at == limit.at
    assert limit.earlier(0.5).at == limit.at - 0.5
    assert not limit.passed
    assert Deadline(clock, clock.monotonic() - 1).passed
    assert Deadline(clock, clock.monotonic() - 1).remaining_ms == 1.0
    assert str(Shard(1, 3)) == "1/3"


async def test_a_cancelled_token_lets_nothing_begin() -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(asyncio.CancelledError), token.scope():
        pytest.fail("it began")
