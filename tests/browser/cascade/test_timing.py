"""When tiers start and end on real pages: settled, forced, late, polling, budgets of time (H-5, H-8, H-9)."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from tests.browser.engine_fixture import QUICK, EngineBench, failed, passed, tiers_tried
from tests.conftest import Site

from tierwright.core.results import ErrorKind, StepStatus
from tierwright.core.settings import ExecutionSettings
from tierwright.core.strategy import FallbackStrategy

pytestmark = pytest.mark.browser

PATIENT = ExecutionSettings(tier1_timeout_seconds=12.0, tier2_timeout_seconds=8.0, tier3_timeout_seconds=2.0)
BUY = "<button id=buy onclick=\"document.title='bought'\">Buy now</button>"
STEP = '- {action: click, instruction: Click the Buy now button, selector: "%s"}'

QUIET = f"<h1>Lamp</h1><p>A lamp.</p>{BUY}"
POLLING = f"<h1>Lamp</h1>{BUY}<script>setInterval(() => fetch('/poll'), 60)</script>"
STREAMING = f"<h1>Lamp</h1>{BUY}<script>new EventSource('/stream')</script>"
CLOCK = f"<h1>Lamp</h1><p id=t></p>{BUY}<script>setInterval(() => t.textContent = Date.now(), 1000)</script>"


@pytest.mark.parametrize("page", [QUIET, POLLING, STREAMING, CLOCK], ids=["quiet", "polling", "streaming", "clock"])
async def test_tier_2_starts_at_once_where_nothing_matches(engine: EngineBench, site: Site, page: str) -> None:
    """H-8, H-9: settled, whatever polls, streams or ticks; no waiting for network idle."""
    site.page("/", page)
    site.respond("/poll", b"{}", content_type="application/json")
    site.respond("/stream", b"data: 1\n\n", content_type="text/event-stream", delay_seconds=20.0)
    await engine.open("/")
    await engine.session.settled(engine_deadline(3.0))
    [step] = passed(await engine.run(STEP % "#nope", settings=PATIENT))
    assert step.status is StepStatus.HEALED
    assert step.attempts[0].duration_ms < 1000
    assert step.duration_ms < 2500


def engine_deadline(seconds: float):  # type: ignore[no-untyped-def]
    from tierwright.core.deadline import Deadline, SystemClock

    return Deadline.after(SystemClock(), seconds)


@pytest.mark.parametrize("seconds", [0.5, 2.0])
async def test_a_late_element_is_tier_1s(engine: EngineBench, site: Site, seconds: float) -> None:
    """H-9: it appears at 0.5 s or 2 s, on a page that looked settled without it."""
    html = BUY.replace("'", "\\'")
    site.page(
        "/", f"<h1>Lamp</h1><div id=d></div><script>setTimeout(() => d.innerHTML = '{html}', {seconds * 1000})</script>"
    )
    await engine.open("/")
    [step] = passed(await engine.run(STEP % "#buy", settings=PATIENT))
    assert (step.status, step.tier) == (StepStatus.PASSED, 1)
    assert step.attempts[-1].tier == 1
    assert await engine.page.title() == "bought"
    assert step.duration_ms < seconds * 1000 + 1500


async def test_a_late_element_is_waited_for_by_its_request(engine: EngineBench, site: Site) -> None:
    """H-8: a request that began after the last action is waited for; nothing heals meanwhile."""
    decoy = "<button onclick=\"document.title='decoy'\">Buy now and save</button>"
    site.page(
        "/",
        "<button id=load onclick=\"fetch('/part').then(r => r.text()).then(t => d.innerHTML = t)\">Load</button>"
        f"{decoy}<div id=d></div>",
    )
    site.respond("/part", BUY.encode(), delay_seconds=1.2)
    await engine.open("/")
    steps = passed(await engine.run('- {action: click, selector: "#load"}\n' + STEP % "#buy", settings=PATIENT))
    assert (steps[1].status, tiers_tried(steps[1])) == (StepStatus.PASSED, [1])
    assert await engine.page.title() == "bought"


async def test_a_renamed_element_that_appears_late_heals(engine: EngineBench, site: Site) -> None:
    """H-9: all tiers missed; the page changes; the search is made again."""
    html = BUY.replace("id=buy", "id=purchase").replace("'", "\\'")
    site.page("/", f"<h1>Lamp</h1><div id=d></div><script>setTimeout(() => d.innerHTML = '{html}', 1500)</script>")
    await engine.open("/")
    [step] = passed(await engine.run(STEP % "#buy", settings=PATIENT))
    assert (step.status, step.tier) == (StepStatus.HEALED, 2)
    assert await engine.page.title() == "bought"
    assert step.duration_ms < 4000
    assert len(step.attempts) == 4, "the searches that brought nothing are not on record"


async def test_an_element_that_appears_after_all_tiers_missed_is_tier_1s(engine: EngineBench, site: Site) -> None:
    """H-9: tier 1 watches until its own timeout ends; without words to search by, too."""
    site.page("/", "<div id=d></div><script>setTimeout(() => d.innerHTML = '<i id=x>x</i>', 1200)</script>")
    await engine.open("/")
    [step] = passed(await engine.run('- {action: click, selector: "#x"}', settings=PATIENT))
    assert (step.status, step.tier) == (StepStatus.PASSED, 1)


@pytest.mark.serial
async def test_only_at_tier_1s_timeout_has_the_step_failed(engine: EngineBench, site: Site) -> None:
    """H-9, H-5: not before, and not much later."""
    site.page("/", "<h1>Lamp</h1>")
    await engine.open("/")
    started = time.monotonic()
    failed(await engine.run(STEP % "#buy", settings=replace(PATIENT, tier1_timeout_seconds=2.0)), ErrorKind.NOT_FOUND)
    assert 1.9 < time.monotonic() - started < 3.5


@pytest.mark.serial
@pytest.mark.parametrize("page", ["<h1>One</h1>", "<h1>Two</h1><p>text</p><button disabled id=buy>Buy now</button>"])
async def test_timeout_seconds_is_the_steps_deadline(engine: EngineBench, site: Site, page: str) -> None:
    """H-5: whatever the tiers may take."""
    site.page("/", page)
    await engine.open("/")
    started = time.monotonic()
    result = await engine.run('- {action: click, selector: "#buy", timeout_seconds: 1}', settings=PATIENT)
    assert result.steps[0].status is StepStatus.FAILED
    assert time.monotonic() - started < 2.5


@pytest.mark.serial
async def test_an_expect_has_its_own_time(engine: EngineBench, site: Site) -> None:
    """H-5: 5 s unless set, however long the tiers may take."""
    site.page("/", "<h1>One</h1>")
    await engine.open("/")
    started = time.monotonic()
    expecting = "- {action: expect, selector: h1, condition: text, value: Two}"
    failed(await engine.run(expecting, settings=replace(PATIENT, expect_timeout_seconds=1.0)), ErrorKind.EXPECTATION)
    assert 0.5 < time.monotonic() - started < 2.5
    assert ExecutionSettings().expect_timeout_seconds == 5.0
    assert ExecutionSettings(fallback_strategy=FallbackStrategy.OPTION_A).step_timeout_seconds == 60.0


async def test_a_page_that_never_settles_heals_only_what_is_very_certain(engine: EngineBench, site: Site) -> None:
    """H-8: forced after 5 s; then a vague find is no heal."""
    busy = "<script>setInterval(() => b.textContent = Math.random(), 20)</script>"
    site.page("/", f"<p id=b></p><button id=basket onclick=\"document.title='vague'\">To the checkout</button>{busy}")
    await engine.open("/")
    vague = '- {action: click, instruction: Click the Buy now button, selector: "#buy"}'
    failed(await engine.run(vague, settings=replace(PATIENT, tier1_timeout_seconds=8.0)), ErrorKind.NOT_FOUND)
    assert await engine.page.title() == ""


async def test_an_optional_step_that_is_not_there_costs_little_and_is_skipped(engine: EngineBench, site: Site) -> None:
    """H-7."""
    site.page("/", QUIET)
    await engine.open("/")
    result = await engine.run(
        '- {action: click, instruction: Click the Accept cookies button, selector: "#ok", optional: true}\n'
        + STEP % "#buy",
        settings=PATIENT,
    )
    assert [s.status for s in result.steps] == [StepStatus.SKIPPED, StepStatus.PASSED]
    assert result.steps[0].duration_ms < 1500
    assert tiers_tried(result.steps[0]) == [1, 2]


async def test_an_optional_step_whose_element_is_covered_fails(engine: EngineBench, site: Site) -> None:
    """H-7: any other kind fails."""
    site.page("/", "<button id=ok>OK</button><div style='position:fixed;inset:0'></div>")
    await engine.open("/")
    failed(await engine.run('- {action: click, selector: "#ok", optional: true}', settings=QUICK), ErrorKind.COVERED)


async def test_what_can_never_be_reached_takes_tier_1s_timeout_twice_at_most(engine: EngineBench, site: Site) -> None:
    """H-5: it looks usable and is outside the page; the act that is tried again has a tier's time, not all of it."""
    site.page("/", "<button id=buy style='position:absolute;left:-9999px'>Buy now</button>")
    await engine.open("/")
    settings = replace(QUICK, tier1_timeout_seconds=1.5, tier2_timeout_seconds=15.0)
    step = failed(await engine.run(STEP % "#buy", settings=settings), ErrorKind.HIDDEN, "not visible")
    assert step.duration_ms < 5000
