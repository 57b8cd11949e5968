"""The table of error kinds (healing.md, section 2) on real pages: which go to the next tier, and which never do."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from dataclasses import replace

import pytest
from tests.browser.engine_fixture import QUICK, EngineBench, failed, passed, tiers_tried
from tests.conftest import Site

from tierwright.browser.launch import LaunchedBrowser
from tierwright.browser.reaper import processes_of
from tierwright.core.results import ErrorKind, RunStatus, StepStatus
from tierwright.core.strategy import FallbackStrategy

pytestmark = pytest.mark.browser

SHOP = """<title>Shop</title><h1>Cart</h1><p>2 items</p>
<button id=order onclick="document.title='ordered'">Place order</button><a href=/help>Help</a>"""
NEWS = """<title>News</title><nav><a href=/>Home</a><a href=/about>About us</a></nav>
<article><h2>Rain</h2><button class=more onclick="document.title='more'">Read more</button></article>"""


# --- not_found --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "step", "title"),
    [
        (SHOP, '{action: click, instruction: Click the Place order button, selector: "#place-order"}', "ordered"),
        (NEWS, '{action: click, instruction: Click the Read more button, selector: "button.read"}', "more"),
    ],
)
async def test_not_found_goes_to_tier_2(engine: EngineBench, site: Site, page: str, step: str, title: str) -> None:
    """H-3: a selector failed and another way found the same element."""
    site.page("/", page)
    await engine.open("/")
    [healed] = passed(await engine.run(f"- {step}"))
    assert healed.status is StepStatus.HEALED
    assert tiers_tried(healed) == [1, 2]
    assert healed.attempts[0].error
    assert healed.attempts[0].error.kind is ErrorKind.NOT_FOUND
    assert await engine.page.title() == title


@pytest.mark.parametrize(
    ("page", "step"),
    [
        (SHOP, '{action: click, instruction: Click the Apply voucher button, selector: "#voucher"}'),
        (NEWS, '{action: fill, instruction: Enter the search words in the Search field, selector: "#q", value: rain}'),
    ],
)
async def test_what_is_gone_fails_and_nothing_else_is_touched(
    engine: EngineBench, site: Site, page: str, step: str
) -> None:
    """H-14: "none of these" is an answer; every tier was asked."""
    site.page("/", page)
    await engine.open("/")
    before = await engine.page.content()
    step_result = failed(await engine.run(f"- {step}"), ErrorKind.NOT_FOUND, "tier 1", "tier 2", "tier 3")
    assert tiers_tried(step_result) == [1, 2, 3]
    assert await engine.page.content() == before


# --- ambiguous --------------------------------------------------------------------------------------------


async def test_ambiguous_goes_to_tier_2_which_chooses_among_the_matches(engine: EngineBench, site: Site) -> None:
    site.page(
        "/",
        "<button onclick=\"document.title='saved'\">Save</button><button>Cancel</button><a href=#>Save as template</a>",
    )
    await engine.open("/")
    [step] = passed(await engine.run("- {action: click, instruction: Click the Save button, selector: button}"))
    assert tiers_tried(step) == [1, 2]
    assert await engine.page.title() == "saved"


async def test_ambiguous_without_a_margin_fails_with_both_shown(engine: EngineBench, site: Site) -> None:
    """H-14: abstain, and fail with the candidates shown; nothing is clicked."""
    site.page("/", "<button onclick=\"document.title='x'\">Save</button>" * 2)
    await engine.open("/")
    result = await engine.run("- {action: click, instruction: Click the Save button, selector: button}")
    failed(result, ErrorKind.AMBIGUOUS, "2 elements", "equally well")
    assert await engine.page.title() == ""


# --- mismatch (H-10) --------------------------------------------------------------------------------------

PLAIN = """<form><label>Name <input id=f1 name=name></label><label>E-mail <input id=f2 type=email name=mail></label>
<button id=b1 type=button onclick="document.title='sent'">Send message</button></form>"""
SWAPPED = """<form><label>E-mail <input id=f1 type=email name=mail></label><label>Name <input id=f3 name=name></label>
<button id=b0 type=button onclick="document.title='sent'">Send message</button>
<a id=b1 href=#legal onclick="document.title='legal'">Legal notice and imprint</a></form>"""


@pytest.mark.parametrize(
    ("step", "script", "wanted"),
    [
        ('{action: click, selector: "#b1"}', "document.title", "sent"),
        ('{action: fill, selector: "#f1", value: Ada}', "document.querySelector('[name=name]').value", "Ada"),
    ],
)
async def test_a_selector_that_now_means_another_element_is_a_mismatch(
    engine: EngineBench, site: Site, step: str, script: str, wanted: str
) -> None:
    """H-10: the known element is clearly somewhere else, and that one is used."""
    site.page("/plain", PLAIN)
    site.page("/swapped", SWAPPED)
    await engine.open("/plain")
    passed(await engine.run(f"- {step}"))
    await engine.open("/swapped")
    [healed] = passed(await engine.run(f"- {step}"))
    assert healed.status is StepStatus.HEALED
    assert healed.attempts[0].error
    assert healed.attempts[0].error.kind is ErrorKind.MISMATCH
    assert await engine.page.evaluate(script) == wanted


async def test_a_selector_that_matches_what_cannot_take_the_action_is_a_mismatch(
    engine: EngineBench, site: Site
) -> None:
    site.page("/", "<div id=user>Ada</div><label>User name <input id=login></label>")
    await engine.open("/")
    [step] = passed(
        await engine.run(
            '- {action: fill, instruction: Enter the name in the User name field, selector: "#user", value: Ada}'
        )
    )
    assert tiers_tried(step) == [1, 2]
    assert await engine.page.locator("#login").input_value() == "Ada"


async def test_a_changed_element_with_no_better_one_elsewhere_is_still_meant(engine: EngineBench, site: Site) -> None:
    """H-10: the selector is the user's word; only a clearly better candidate outweighs it."""
    site.page("/one", PLAIN)
    site.page("/two", "<h1>Done</h1><button id=b1 onclick=\"document.title='next'\">Continue</button>")
    await engine.open("/one")
    passed(await engine.run('- {action: click, selector: "#b1"}'))
    await engine.open("/two")
    [step] = passed(await engine.run('- {action: click, selector: "#b1"}'))
    assert tiers_tried(step) == [1]
    assert await engine.page.title() == "next"


async def test_a_selector_that_means_something_else_now_is_said(engine: EngineBench, site: Site) -> None:
    """H-10: it is used where nothing fits better, but never in silence."""
    site.page("/one", "<p class=bar><button>Save</button> <button>Cancel</button></p>")
    site.page("/two", "<p class=bar><button>Delete</button> <button>Cancel</button></p>")
    step = '- {action: click, selector: ".bar button:nth-child(1)"}'
    await engine.open("/one")
    assert not any(s.warnings for s in passed(await engine.run(step)))
    await engine.open("/two")
    [changed] = passed(await engine.run(step))
    [warning] = changed.warnings
    assert warning.kind == "changed"
    assert 'was button "Save" before and is button "Delete" now' in warning.message


# --- stale ------------------------------------------------------------------------------------------------

REPLACED = """<div id=box><button id=go>Go</button></div><script>
  let n = 0;
  const swap = () => { const b = document.createElement('button'); b.id = 'go'; b.textContent = 'Go';
    b.onclick = () => document.title = 'went ' + (++n); document.getElementById('box').replaceChildren(b) };
  swap(); const t = setInterval(swap, %d); setTimeout(() => clearInterval(t), 400);
</script>"""


@pytest.mark.parametrize("every_ms", [7, 40])
async def test_an_element_that_is_replaced_all_the_time_is_clicked_once(
    engine: EngineBench, site: Site, every_ms: int
) -> None:
    """`stale` is tried again and may escalate; H-6: one act."""
    site.page("/", REPLACED % every_ms)
    await engine.open("/")
    passed(await engine.run('- {action: click, selector: "#go"}'))
    assert await engine.page.title() == "went 1"


# --- unavailable, model, budget: see test_models.py -------------------------------------------------------


async def test_unavailable_is_on_record_with_its_reason(engine: EngineBench, site: Site) -> None:
    """H-28: where Stagehand cannot attach, tier 3 says so, and the step fails for what it is."""
    site.page("/", NEWS)
    await engine.open("/")
    step = failed(await engine.run('- {action: click, selector: "#subscribe"}'), ErrorKind.NOT_FOUND)
    last = step.attempts[-1].error
    assert last
    assert (last.kind, last.message) == (ErrorKind.UNAVAILABLE, "no Stagehand in this test")


# --- hidden -----------------------------------------------------------------------------------------------

MENU = """<details><summary>Account</summary><button id=out onclick="document.title='out'">Log out</button></details>"""
LAYER = """<button aria-haspopup=menu aria-controls=m onclick="m.hidden=false">More</button>
<div id=m hidden role=menu><button role=menuitem id=del onclick="document.title='deleted'">Delete</button></div>"""


@pytest.mark.stagehand
@pytest.mark.parametrize(
    ("page", "selector", "title"), [(MENU, "#out", "out"), (LAYER, "#del", "deleted")], ids=["details", "popup"]
)
async def test_hidden_is_reached_by_tier_3_only(
    stagehand_engine: EngineBench, site: Site, page: str, selector: str, title: str
) -> None:
    """Hover, open or scroll may come before the step's own action; tier 2 is not asked."""
    site.page("/", page)
    await stagehand_engine.open("/")
    slow = replace(QUICK, tier3_timeout_seconds=20.0)
    [step] = passed(await stagehand_engine.run(f"- {{action: click, selector: '{selector}'}}", settings=slow))
    assert tiers_tried(step) == [1, 3]
    assert await stagehand_engine.page.title() == title


async def test_hidden_fails_in_a_strategy_without_tier_3(engine: EngineBench, site: Site) -> None:
    site.page("/", MENU)
    await engine.open("/")
    only_two = replace(QUICK, fallback_strategy=FallbackStrategy.OPTION_A)
    step = failed(await engine.run('- {action: click, selector: "#out"}', settings=only_two), ErrorKind.HIDDEN)
    assert tiers_tried(step) == [1]
    assert await engine.page.title() == ""


# --- disabled, covered ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "step"),
    [
        ("<button id=b disabled>Pay</button><button>Pay later</button>", '{action: click, selector: "#b"}'),
        ("<label>Town <input id=b disabled></label>", '{action: fill, selector: "#b", value: Bern}'),
    ],
)
async def test_disabled_never_escalates(engine: EngineBench, site: Site, page: str, step: str) -> None:
    site.page("/", page)
    await engine.open("/")
    assert tiers_tried(failed(await engine.run(f"- {step}"), ErrorKind.DISABLED)) == [1]


async def test_disabled_is_waited_for_until_the_tiers_deadline(engine: EngineBench, site: Site) -> None:
    site.page("/", "<button id=b disabled onclick=\"document.title='paid'\">Pay</button>")
    await engine.open("/")
    await engine.page.evaluate("setTimeout(() => b.disabled = false, 600)")
    [step] = passed(await engine.run('- {action: click, selector: "#b"}'))
    assert tiers_tried(step) == [1]
    assert await engine.page.title() == "paid"


@pytest.mark.parametrize(
    "page",
    [
        "<button id=b>Pay</button><div id=veil style='position:fixed;inset:0'></div>",
        "<div style='height:3000px'></div><button id=b>Pay</button>"
        "<div id=veil style='position:fixed;bottom:0;width:100%;height:100vh'>Cookies</div>",
    ],
)
async def test_covered_never_escalates_and_names_what_covers(engine: EngineBench, site: Site, page: str) -> None:
    site.page("/", page)
    await engine.open("/")
    step = failed(await engine.run('- {action: click, selector: "#b"}'), ErrorKind.COVERED, "veil")
    assert tiers_tried(step) == [1]


# --- expectation ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "step",
    [
        "{action: expect, selector: h1, condition: text, value: Order placed}",
        '{action: expect, selector: "#order", condition: disabled}',
        "{action: expect, selector: p, condition: contains, value: 3 items}",
        "{action: expect, condition: title, value: Order}",
    ],
)
async def test_an_expectation_is_never_healed(engine: EngineBench, site: Site, step: str) -> None:
    """H-17: the page says something else than expected; no tier may look for what would say it."""
    site.page("/", SHOP + "<div>Order placed</div>")
    await engine.open("/")
    assert tiers_tried(failed(await engine.run(f"- {step}"), ErrorKind.EXPECTATION)) == [1]


async def test_a_relocated_expectation_is_still_judged(engine: EngineBench, site: Site) -> None:
    """H-17: its element may be found elsewhere; what is expected of it stays."""
    site.page("/", "<main><h1 class=title>Your orders</h1><p data-total=1>Total: 5.00</p></main>")
    await engine.open("/")
    expects = "- {action: expect, instruction: The heading, selector: '%s', condition: text, value: %s}"
    passed(await engine.run(expects % ("h1.title", "Your orders")))
    result = await engine.run(expects % ("h1.headline", "Your invoices"))
    assert result.steps[0].error
    assert result.steps[0].error.kind in (ErrorKind.EXPECTATION, ErrorKind.NOT_FOUND)
    assert result.status is RunStatus.FAILED


# --- unverified -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "step", "count"),
    [
        (
            "<input id=f oninput=\"n=(window.n||0)+1; this.value=''\"><button>Other</button>",
            '{action: fill, selector: "#f", value: abc}',
            1,
        ),
        (
            '<input type=checkbox id=f onclick="n=(window.n||0)+1; return false"><label for=f>Agree</label>',
            '{action: check, selector: "#f"}',
            1,
        ),
    ],
)
async def test_an_action_without_effect_is_unverified_and_never_repeated(
    engine: EngineBench, site: Site, page: str, step: str, count: int
) -> None:
    """H-6, H-15: never act again; fail, because the post-condition is not met."""
    site.page("/", page)
    await engine.open("/")
    result = failed(await engine.run(f"- {step}"), ErrorKind.UNVERIFIED)
    assert tiers_tried(result) == [1]
    assert await engine.page.evaluate("window.n") == count


# --- navigation -------------------------------------------------------------------------------------------


async def test_a_server_error_is_navigation(engine: EngineBench, site: Site) -> None:
    site.page("/", "<h1>Oops</h1>", status=500)
    step = failed(await engine.run("- {action: navigate, value: /}"), ErrorKind.NAVIGATION, "500")
    assert tiers_tried(step) == [1]
    assert len(step.attempts) == 2, "H-5: navigate is tried again"


async def test_no_answer_and_an_unknown_host_are_navigation(engine: EngineBench) -> None:
    for address in ("http://127.0.0.1:1/", "http://no-such-host.invalid/"):
        failed(await engine.run(f"- {{action: navigate, value: '{address}'}}"), ErrorKind.NAVIGATION)


@pytest.mark.parametrize(("body", "status"), [("<h1>Server error</h1>", 503), ("", 200)], ids=["503", "blank"])
async def test_nothing_heals_on_a_page_that_failed_to_load(
    engine: EngineBench, site: Site, body: str, status: int
) -> None:
    """H-8: the link led to an error page: the next step fails for that, and no tier searches there."""
    site.page("/", "<a id=a href=/broken>Go</a>")
    site.page("/broken", body, status=status)
    await engine.open("/")
    result = await engine.run(
        """
        - {action: click, selector: "#a"}
        - {action: click, instruction: Click the Order button, selector: "#order"}
        """
    )
    assert tiers_tried(failed(result, ErrorKind.NAVIGATION)) == [1]


# --- crashed ----------------------------------------------------------------------------------------------


@pytest.mark.serial
@pytest.mark.stagehand
@pytest.mark.parametrize(
    "step", ['{action: click, selector: "#nowhere"}', "{action: expect, selector: '#nowhere', condition: visible}"]
)
async def test_a_browser_that_dies_ends_the_try_as_error_at_once(
    stagehand_engine: EngineBench, launched: LaunchedBrowser, site: Site, step: str
) -> None:
    """`crashed`: that try is `error`; nothing is healed and nothing is waited for."""
    site.page("/", SHOP)
    await stagehand_engine.open("/")
    patient = replace(QUICK, tier1_timeout_seconds=30.0, expect_timeout_seconds=30.0)
    running = asyncio.create_task(stagehand_engine.run(f"- {step}\n- {{action: reload}}", settings=patient))
    await asyncio.sleep(0.5)
    for pid in processes_of(str(launched.profile)):
        os.kill(pid, signal.SIGKILL)
    killed = time.monotonic()
    result = await running
    assert time.monotonic() - killed < 2
    assert result.status is RunStatus.ERROR
    assert result.error
    assert result.error.kind is ErrorKind.CRASHED
    assert [s.status for s in result.steps] == [StepStatus.SKIPPED] * 2


async def test_a_page_whose_process_crashes_ends_the_try_as_error(engine: EngineBench, site: Site) -> None:
    site.page("/", SHOP)
    await engine.open("/")
    inspector = await engine.page.context.new_cdp_session(engine.page)
    running = asyncio.create_task(engine.run('- {action: click, selector: "#nowhere"}'))
    await asyncio.sleep(0.3)
    crashing = asyncio.create_task(inspector.send("Page.crash"))
    result = await running
    crashing.cancel()
    await asyncio.wait([crashing])
    assert result.status is RunStatus.ERROR
    assert result.error
    assert result.error.kind is ErrorKind.CRASHED


@pytest.mark.parametrize("selector", ["##[", "//button[@x", "button >> bogus=1"])
async def test_a_selector_that_cannot_be_read_is_not_waited_for(engine: EngineBench, site: Site, selector: str) -> None:
    """`not_found`: no page will ever make it match; its words may still find the element (tier 2)."""
    site.page("/", "<button>Help</button>")
    await engine.open("/")
    started = time.monotonic()
    patient = replace(QUICK, tier1_timeout_seconds=30.0)
    words = f"- {{action: click, instruction: Click the Pay button, selector: '{selector}'}}"
    broken = await engine.run(words, settings=patient)
    assert time.monotonic() - started < 15  # tier 1 has thirty seconds
    step = failed(broken, ErrorKind.NOT_FOUND)
    assert "selector" in str(step.error) or "bogus" in str(step.error) or "XPath" in str(step.error)
    site.page("/", "<button>Pay</button>")
    await engine.open("/")
    healed = await engine.run(words)
    assert healed.steps[0].status is StepStatus.HEALED
