"""Models that refuse, hang or cost too much, behind the real tiers: `model` and `budget` (healing.md, section 2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.browser.engine_fixture import QUICK, EngineBench, failed, passed, tiers_tried
from tests.conftest import Site

from tierwright.core.errors import ModelError
from tierwright.core.ports import ModelRequest
from tierwright.core.results import ErrorKind, StepStatus, Usage
from tierwright.testing import Hang, Refuse, ScriptedAnswer, ScriptedModel

pytestmark = [pytest.mark.browser, pytest.mark.stagehand]

SETTINGS = replace(QUICK, tier1_timeout_seconds=3.0, tier2_timeout_seconds=3.0, tier3_timeout_seconds=3.0)
PAGES = [
    ("<h1>Shop</h1><button onclick=\"document.title='x'\">Proceed</button><button>Back</button>", "Take out insurance"),
    ("<nav><a href=#a>Alpha</a><a href=#b>Beta</a></nav><p>Welcome</p>", "Delete the account for ever"),
]


def refusing(_: ModelRequest) -> ScriptedAnswer:
    return Refuse("the model refused", Usage(40, 2, 0.001))


def hanging(_: ModelRequest) -> ScriptedAnswer:
    return Hang()


@pytest.mark.parametrize(("page", "words"), PAGES)
@pytest.mark.parametrize("answer", [refusing, hanging], ids=["refuses", "hangs"])
async def test_a_model_that_does_not_answer_goes_to_the_next_tier_with_its_cost(
    stagehand_engine: EngineBench, site: Site, page: str, words: str, answer: Callable[[ModelRequest], ScriptedAnswer]
) -> None:
    """`model` escalates; H-2: failed calls are on record with what they cost; H-5: within the tiers' own timeouts."""
    engine = stagehand_engine
    engine.model = ScriptedModel(answer)
    site.page("/", page)
    await engine.open("/")
    quick = replace(SETTINGS, max_retries_per_tier=0)
    result = await engine.run(f'- {{action: click, instruction: {words}, selector: "#gone"}}', settings=quick)
    step = result.steps[0]
    assert step.status is StepStatus.FAILED
    assert tiers_tried(step) == [1, 2, 3]
    assert step.duration_ms < 13_000
    assert await engine.page.title() == ""
    if answer is refusing:
        assert [a.error.kind for a in step.attempts[1:] if a.error] == [ErrorKind.MODEL] * 2
        assert [a.tokens for a in step.attempts] == [0, 42, 42]


async def test_a_model_is_not_asked_where_the_ranker_is_sure(stagehand_engine: EngineBench, site: Site) -> None:
    """H-25: most heals cost nothing; the provider is asked only when `local` abstains."""
    engine = stagehand_engine
    engine.model = model = ScriptedModel()
    site.page("/", "<h1>Profile</h1><button id=store onclick=\"document.title='saved'\">Save</button>")
    await engine.open("/")
    [step] = passed(await engine.run('- {action: click, instruction: Click the Save button, selector: "#save"}'))
    assert (step.status, step.tokens, model.requests) == (StepStatus.HEALED, 0, [])


@pytest.mark.parametrize(("page", "words"), PAGES)
async def test_a_used_up_budget_fails_and_asks_no_further_tier(
    stagehand_engine: EngineBench, site: Site, page: str, words: str
) -> None:
    """`budget`: no; fail, saying so."""

    def broke(_: ModelRequest) -> ScriptedAnswer:
        raise ModelError("the budget of this command is used up", kind=ErrorKind.BUDGET)

    engine = stagehand_engine
    engine.model = ScriptedModel(broke)
    site.page("/", page)
    await engine.open("/")
    result = await engine.run(f'- {{action: click, instruction: {words}, selector: "#gone"}}', settings=SETTINGS)
    assert tiers_tried(failed(result, ErrorKind.BUDGET, "used up")) == [1, 2]
