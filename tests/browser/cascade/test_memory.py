"""What runs remember: contracts, baselines, the cache, absence (H-12, H-16 to H-18, H-21 to H-23, H-28, H-31)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser
from tests.browser.engine_fixture import QUICK, EngineBench, failed, passed, tiers_tried
from tests.conftest import Site

from tierwright.core.events import ProposalMade
from tierwright.core.keys import baseline_keys
from tierwright.core.operable import digests_of
from tierwright.core.ports import BaselineKey
from tierwright.core.results import CHANGED, CacheOutcome, ErrorKind, RunStatus, StepStatus, TryResult
from tierwright.page.inject import install
from tierwright.page.session import PageSession

pytestmark = pytest.mark.browser

CALM = replace(QUICK, expect_timeout_seconds=5.0)
SAVE = '- {action: click, instruction: Click the Save button, selector: "#save"}'


def form(handler: str, identity: str = "save", extra: str = "") -> str:
    return f'<h1>Profile</h1><button id={identity} onclick="{handler}">Save</button><p>Your data</p>{extra}'


def keys_of(engine: EngineBench, steps: str) -> tuple[BaselineKey, ...]:
    return baseline_keys("default", "steps", engine.load(steps, {}, {}).all_steps)


async def run_on(engine: EngineBench, path: str, steps: str = SAVE) -> TryResult:
    await engine.open(path)
    return await engine.run(steps)


# --- contracts (H-16) -------------------------------------------------------------------------------------

EFFECTS = {
    "request": ("fetch('/api/save', {method: 'POST'})", "fetch('/api/draft', {method: 'POST'})"),
    "path": ("location.href='/done'", "location.hash='#x'"),
    "dialog": ("confirm('Save?')", "void 0"),
    "tab": ("window.open('/done')", "void 0"),
}


@pytest.mark.parametrize("effect", EFFECTS)
async def test_a_heal_that_breaks_the_contract_fails(engine: EngineBench, site: Site, effect: str) -> None:
    """H-16: what at least two green runs had in common, and this heal does not bring; never escalates."""
    right, wrong = EFFECTS[effect]
    site.respond("/api/save", b"{}")
    site.respond("/api/draft", b"{}")
    site.page("/done", "<h1>Done</h1>")
    site.page("/good", form(right))
    site.page("/bad", form(wrong, "store"))
    for _ in range(2):
        passed(await run_on(engine, "/good"))
    if effect == "tab":  # its event may come after the click has ended, and is then no part of what is learned
        [(digest, known)] = engine.baselines.baselines.items()
        engine.baselines.baselines[digest] = replace(known, contract=known.contract | {"tab opened"})
    result = await run_on(engine, "/bad")
    step = failed(result, ErrorKind.CONTRACT, "healed to", effect)
    assert step.healed is None
    assert step.proposal is None
    assert tiers_tried(step) == [1, 2]
    assert not engine.listener.of(ProposalMade)
    assert all(not entry.provisional for entry in engine.cache.entries.values())


@pytest.mark.parametrize("away", ["javascript:void 0", "#top"])
async def test_an_anchor_that_leads_nowhere_is_no_part_of_a_contract(
    engine: EngineBench, site: Site, away: str
) -> None:
    """H-16: `href="#"` is how a link is made a button; the redesign's link need not have it."""
    link = (
        "<h1>Profile</h1><a id={} href='{}' onclick=\"fetch('/api/save', {{method: 'POST'}})\">Save</a><p>Your data</p>"
    )
    site.respond("/api/save", b"{}")
    site.page("/profile", link.format("save", "#"))
    for _ in range(2):
        passed(await run_on(engine, "/profile"))
    [known] = engine.baselines.baselines.values()
    assert known.contract == {"request POST /api/save"}
    site.page("/profile", link.format("store", away))
    assert passed(await run_on(engine, "/profile"))[0].healed


async def test_a_page_that_is_loaded_again_is_part_of_a_contract(engine: EngineBench, site: Site) -> None:
    """H-16: a new document at the same address is something that happened."""
    site.page("/profile", form("location.reload()"))
    for _ in range(2):
        passed(await run_on(engine, "/profile"))
    [known] = engine.baselines.baselines.values()
    assert known.contract == {"path /profile"}
    site.page("/profile", form("location.hash = 'x'", "store"))
    failed(await run_on(engine, "/profile"), ErrorKind.CONTRACT, "path /profile")


def two_buttons(*shown: str) -> str:
    """A form whose buttons send their own name, of which only some are left."""
    buttons = (f"<button onclick=\"fetch('/api/{n.lower()}', {{method: 'POST'}})\">{n}</button>" for n in shown)
    return f"<h1>Profile</h1><p class=bar>{' '.join(buttons)}</p>"


FIRST = '- {action: click, instruction: Click the Save button, selector: ".bar button:nth-child(1)"}'


async def test_a_selector_that_drifted_is_held_to_the_contract(engine: EngineBench, site: Site) -> None:
    """H-10, H-16: its element is gone, the next one moved up, and does something else."""
    for name in ("save", "discard"):
        site.respond(f"/api/{name}", b"{}")
    site.page("/good", two_buttons("Save", "Discard"))
    site.page("/gone", two_buttons("Discard"))
    for _ in range(2):
        passed(await run_on(engine, "/good", FIRST))
    step = failed(
        await run_on(engine, "/gone", FIRST), ErrorKind.CONTRACT, 'was button "Save"', "/api/save", "POST /api/discard"
    )
    assert tiers_tried(step) == [1]


async def test_a_selector_that_drifted_and_brings_the_same_is_only_said(engine: EngineBench, site: Site) -> None:
    """H-10, H-16: another word on the button that does the same."""
    site.respond("/api/save", b"{}")
    site.page("/good", two_buttons("Save", "Discard"))
    site.page("/other", two_buttons("Save").replace(">Save<", ">Publish<"))
    for _ in range(2):
        passed(await run_on(engine, "/good", FIRST))
    [step] = passed(await run_on(engine, "/other", FIRST))
    assert [warning.kind for warning in step.warnings] == [CHANGED]


async def test_the_rest_of_the_page_is_noted_while_a_step_is_learned(engine: EngineBench, site: Site) -> None:
    """H-11: it is kept where a later run does not look, because what was noted is not a day old."""
    site.page("/profile", form("void 0", extra="<a href=#x>Help</a>"))
    for _ in range(2):
        passed(await run_on(engine, "/profile"))
    [known] = engine.baselines.baselines.values()
    assert known.fingerprint.others == digests_of(["Help", "Save"])
    site.page("/profile", form("void 0", extra="<a href=#x>Help</a><a href=#y>New</a>"))
    passed(await run_on(engine, "/profile"))
    [kept] = engine.baselines.baselines.values()
    assert kept.fingerprint.others == known.fingerprint.others
    [(digest, _)] = engine.baselines.baselines.items()
    engine.baselines.baselines[digest] = replace(kept, updated_at=datetime(2020, 1, 1, tzinfo=UTC))
    passed(await run_on(engine, "/profile"))
    [renewed] = engine.baselines.baselines.values()
    assert renewed.fingerprint.others == digests_of(["Help", "New", "Save"])


@pytest.mark.parametrize("effect", EFFECTS)
async def test_a_heal_that_keeps_the_contract_is_healed(engine: EngineBench, site: Site, effect: str) -> None:
    """H-16: the same effects, from an element with another id."""
    right, _ = EFFECTS[effect]
    site.respond("/api/save", b"{}")
    site.page("/done", "<h1>Done</h1>")
    site.page("/good", form(right))
    site.page("/moved", form(right, "store"))
    for _ in range(2):
        passed(await run_on(engine, "/good"))
    [step] = passed(await run_on(engine, "/moved"))
    assert step.status is StepStatus.HEALED


NOTICED = {
    "appeared: dialog": "d.show()",
    "vanished: dialog": "o.remove()",
    "appeared: menu": "m.hidden = false",
    "appeared: message": "s.textContent = 'Saved'",
    "focus on a field": "f.focus()",
}
AROUND = (
    "<dialog id=d>Sure?</dialog><div role=dialog id=o aria-label=Hint>New here?</div><p role=status id=s></p>"
    '<div role=menu id=m hidden><a role=menuitem href="#one">One</a></div><label>Find <input id=f></label>'
)


@pytest.mark.parametrize("effect", NOTICED)
async def test_what_appears_vanishes_and_takes_the_focus_is_part_of_the_contract(
    engine: EngineBench, site: Site, effect: str
) -> None:
    """H-15, H-16: a heal after which it does not happen fails; one after which it does, late, is healed."""
    site.page("/good", form(NOTICED[effect], extra=AROUND))
    site.page("/bad", form("void 0", "store", AROUND))
    site.page("/moved", form(f"setTimeout(() => {{ {NOTICED[effect]} }}, 300)", "store", AROUND))
    for _ in range(2):
        passed(await run_on(engine, "/good"))
    assert {effect} == {e for b in engine.baselines.baselines.values() for e in b.contract}
    failed(await run_on(engine, "/bad"), ErrorKind.CONTRACT, "healed to", effect)
    [step] = passed(await run_on(engine, "/moved"))
    assert step.status is StepStatus.HEALED


SHADOW = f"<div id=host></div><script>host.attachShadow({{mode: 'open'}}).innerHTML = `{AROUND}`</script>"
FRAME = '<iframe id=i src="/around"></iframe>'
INSIDE = {
    "a shadow root": (SHADOW, "host.shadowRoot.querySelector('dialog').show()", "appeared: dialog"),
    "a shadow root's message": (
        SHADOW,
        "host.shadowRoot.querySelector('#s').append('Saved')",
        "appeared: message",
    ),
    "a frame": (FRAME, "i.contentWindow.d.show()", "appeared: dialog"),
    "a frame's menu": (FRAME, "i.contentWindow.m.hidden = false", "appeared: menu"),
}


@pytest.mark.parametrize("inside", INSIDE)
async def test_what_appears_in_frames_and_shadow_roots_is_part_of_the_contract(
    engine: EngineBench, site: Site, inside: str
) -> None:
    """H-16: an open shadow root and a frame are looked into as the page is."""
    around, handler, effect = INSIDE[inside]
    site.page("/around", AROUND)
    site.page("/good", form(handler, extra=around))
    site.page("/bad", form("void 0", "store", around))
    for _ in range(2):
        passed(await run_on(engine, "/good"))
    assert {effect} == {e for b in engine.baselines.baselines.values() for e in b.contract}
    failed(await run_on(engine, "/bad"), ErrorKind.CONTRACT, "healed to", effect)


async def test_a_field_that_takes_the_focus_by_being_filled_promises_nothing(engine: EngineBench, site: Site) -> None:
    """H-16: every field does; nor is a message that was there before news, nor a dialog on another page."""
    site.page("/next", "<h1>Next</h1><div role=dialog aria-label=Hello>Hello</div><p role=status>Welcome</p>")
    site.page("/form", '<p role=status>Ready</p><input id=f aria-label=Name><a id=go href="/next">Next</a>')
    fill = "- {action: fill, instruction: Fill the Name field, selector: '#f', value: Ada}"
    for _ in range(2):
        passed(await run_on(engine, "/form", f"{fill}\n- {{action: click, instruction: Click Next, selector: '#go'}}"))
    learned = {effect for b in engine.baselines.baselines.values() for effect in b.contract}
    assert learned <= {"path /next"}


async def test_tier_1_warns_when_what_appeared_before_does_not(engine: EngineBench, site: Site) -> None:
    """H-16: on a tier 1 pass a missing message is a warning, on its own step."""
    site.page("/good", form(NOTICED["appeared: message"], extra=AROUND))
    site.page("/bad", form("void 0", extra=AROUND))
    for _ in range(2):
        passed(await run_on(engine, "/good"))
    [step] = passed(await run_on(engine, "/bad"))
    assert [w.kind for w in step.warnings] == ["contract"]
    assert "appeared: message" in step.warnings[0].message


class CountedSession(PageSession):
    """Counts its looks at what shows."""

    looks = 0

    async def look_around(self) -> None:
        self.looks += 1
        await super().look_around()

    async def notice(self) -> None:
        self.looks += 1
        await super().notice()


async def test_the_page_is_looked_at_only_where_a_contract_begins_or_holds_what_shows(
    engine: EngineBench, site: Site, tmp_path: Path
) -> None:
    """H-16: a step whose first green run brought nothing that shows can promise nothing of the kind later."""
    engine.session = session = CountedSession(
        engine.page,
        base_url=engine.base_url,
        files_dir=tmp_path,
        downloads_dir=tmp_path,
        shoot=engine.camera.asked_for,
    )
    other = "<button id=plain>Plain</button>"
    site.page("/form", form(NOTICED["appeared: message"], extra=AROUND + other))
    both = f"{SAVE}\n- {{action: click, instruction: Click the Plain button, selector: '#plain'}}"
    looks = []
    for _ in range(3):
        session.looks = 0
        passed(await run_on(engine, "/form", both))
        looks.append(session.looks)
    assert looks == [4, 2, 2]
    assert {e for b in engine.baselines.baselines.values() for e in b.contract} == {"appeared: message"}


async def test_one_green_run_is_no_contract(engine: EngineBench, site: Site) -> None:
    """H-16: at least two."""
    site.respond("/api/save", b"{}")
    site.page("/good", form("fetch('/api/save', {method: 'POST'})"))
    site.page("/bad", form("void 0", "store"))
    passed(await run_on(engine, "/good"))
    [step] = passed(await run_on(engine, "/bad"))
    assert step.status is StepStatus.HEALED


async def test_tier_1_only_warns_of_a_broken_contract(engine: EngineBench, site: Site) -> None:
    """H-16: on a tier 1 pass it is a warning, on the step it belongs to."""
    site.respond("/api/save", b"{}")
    site.page("/good", form("fetch('/api/save', {method: 'POST'})"))
    site.page("/bad", form("void 0"))
    for _ in range(2):
        passed(await run_on(engine, "/good"))
    steps = passed(await run_on(engine, "/bad", SAVE + "\n- {action: expect, selector: h1, condition: visible}"))
    assert [w.kind for w in steps[0].warnings] == ["contract"]
    assert "request POST /api/save" in steps[0].warnings[0].message
    assert steps[1].warnings == ()


async def test_polling_is_no_part_of_a_contract(engine: EngineBench, site: Site) -> None:
    """H-16: what the page does by itself must not make a heal fail that brings what it should."""
    poll = "<script>setInterval(() => fetch('/poll'), 150)</script>"
    site.respond("/poll", b"{}")
    site.respond("/api/save", b"{}")
    site.page("/good", form("fetch('/api/save', {method: 'POST'})", extra=poll))
    site.page("/moved", form("fetch('/api/save', {method: 'POST'})", "store"))
    looks = (
        "\n- {action: wait_for, selector: '#late', condition: hidden}"
        "\n- {action: expect, selector: h1, condition: text, value: Profile}"
    )
    wait = "\n- {action: expect, selector: p, condition: contains, value: Your, timeout_seconds: 1}"
    for _ in range(3):
        await engine.open("/good")
        await engine.page.wait_for_timeout(400)
        passed(await engine.run(SAVE + looks + wait))
        await engine.page.wait_for_timeout(300)
    contracts = {effect for b in engine.baselines.baselines.values() for effect in b.contract}
    steps = passed(await run_on(engine, "/moved", SAVE + looks + wait))
    assert steps[0].status is StepStatus.HEALED
    assert "request POST /api/save" in contracts


async def test_a_dialog_that_nobody_asked_for_is_told_of_at_its_step(engine: EngineBench, site: Site) -> None:
    """Its warning is the step's whose window it opened in, also when it opens after the step has ended."""
    site.page("/", form("setTimeout(() => alert('saved'), 120)") + "<input id=i>")
    await engine.open("/")
    late = "\n- {action: wait_for, selector: '#never', condition: hidden}"
    result = await engine.run(SAVE + late)
    await engine.page.wait_for_timeout(300)
    passed(result)
    told = [s.index for s in result.steps for w in s.warnings if w.kind == "dialog"]
    assert told in ([], [0], [1])
    assert len(told) <= 1


# --- baselines (H-12) -------------------------------------------------------------------------------------


async def test_a_heal_does_not_change_the_baseline_a_pass_does(engine: EngineBench, site: Site) -> None:
    """H-12: updated by passed steps only; a heal's fingerprint belongs to its proposal."""
    site.page("/one", form("void 0"))
    site.page("/two", form("void 0", "store"))
    passed(await run_on(engine, "/one"))
    [known] = engine.baselines.baselines.values()
    assert known.fingerprint.id == "save"
    [step] = passed(await run_on(engine, "/two"))
    assert step.proposal
    assert step.proposal.candidate.id == "store"
    assert [b.fingerprint.id for b in engine.baselines.baselines.values()] == ["save"]


async def test_a_failed_step_teaches_nothing(engine: EngineBench, site: Site) -> None:
    """H-12."""
    site.page("/", "<button id=save disabled>Save</button>")
    failed(await run_on(engine, "/"), ErrorKind.DISABLED)
    assert engine.baselines.baselines == {}


async def test_the_same_step_twice_has_two_baselines(engine: EngineBench, site: Site) -> None:
    """H-12: steps with the same words and selector are told apart by their place."""
    finish = "d.innerHTML='<a href=# class=next>Finish</a>'"
    site.page("/", f'<div id=d><button class=next onclick="{finish}">Start</button></div>')
    step = '- {action: click, selector: ".next"}'
    passed(await run_on(engine, "/", f"{step}\n{step}"))
    assert sorted(b.fingerprint.name for b in engine.baselines.baselines.values()) == ["Finish", "Start"]


async def test_an_unchanged_baseline_is_not_written_again(engine: EngineBench, site: Site) -> None:
    site.page("/", form("void 0"))
    for _ in range(3):
        passed(await run_on(engine, "/"))
    [settled] = engine.baselines.baselines.values()
    passed(await run_on(engine, "/"))
    [after] = engine.baselines.baselines.values()
    assert after is settled
    assert after.greens == 2


# --- the cache (H-21 to H-23) -----------------------------------------------------------------------------


async def test_the_second_run_hits_the_cache_and_ranks_nothing(engine: EngineBench, site: Site) -> None:
    """H-22: exactly one element whose identity agrees; H-21: written after the action was verified."""
    site.page("/", form("document.title='saved'", "store"))
    [first] = passed(await run_on(engine, "/"))
    [second] = passed(await run_on(engine, "/"))
    assert (first.cache, second.cache) == (CacheOutcome.MISS, CacheOutcome.HIT)
    assert (second.tier, second.tokens, await engine.page.title()) == (2, 0, "saved")
    [entry] = engine.cache.entries.values()
    assert (entry.hit_count, entry.provisional) == (1, False)
    assert engine.cache.counts == {("default", "miss"): 1, ("default", "hit"): 1}


async def test_a_failed_run_withdraws_what_nothing_confirmed(engine: EngineBench, site: Site) -> None:
    """H-21: no later verified step confirmed it."""
    site.page("/", form("void 0", "store"))
    await engine.open("/")
    result = await engine.run(SAVE + "\n- {action: expect, selector: h1, condition: text, value: Saved}")
    assert result.status is RunStatus.FAILED
    assert engine.cache.entries == {}
    assert not engine.listener.of(ProposalMade)


async def test_a_failed_run_keeps_what_a_later_step_confirmed(engine: EngineBench, site: Site) -> None:
    """H-21."""
    site.page("/", form("void 0", "store"))
    await engine.open("/")
    seen = "\n- {action: expect, selector: h1, condition: text, value: %s}"
    result = await engine.run(SAVE + seen % "Profile" + seen % "Saved")
    assert result.status is RunStatus.FAILED
    assert [e.provisional for e in engine.cache.entries.values()] == [False]
    assert len(engine.listener.of(ProposalMade)) == 1


async def test_an_entry_that_leads_to_another_element_goes_at_once(engine: EngineBench, site: Site) -> None:
    """H-23: one clear mismatch."""
    site.page("/", form("document.title='saved'", "store"))
    passed(await run_on(engine, "/"))
    [entry] = engine.cache.entries.values()
    site.page("/", "<footer><a id=store href=#terms class=legal title=Terms>Terms of service</a></footer>")
    step = failed(await run_on(engine, "/"), ErrorKind.NOT_FOUND)
    assert CacheOutcome.INVALID in {a.cache for a in step.attempts}
    assert (entry.key.project, entry.key.digest) not in engine.cache.entries
    assert engine.cache.counts["default", "eviction"] == 1


async def test_searches_made_again_are_no_validation_failures(engine: EngineBench, site: Site) -> None:
    """H-23: a slow page changes many times; the entry failed once, not once a change."""
    site.page("/", form("document.title='saved'", "store"))
    passed(await run_on(engine, "/"))
    site.page("/", "<p id=p>0</p><script>setInterval(() => p.textContent++, 250)</script>")
    failed(await run_on(engine, "/"), ErrorKind.NOT_FOUND)
    [entry] = engine.cache.entries.values()
    assert entry.validation_failures == 1
    site.page("/", form("document.title='saved'", "store"))
    [step] = passed(await run_on(engine, "/"))
    assert step.cache is CacheOutcome.HIT


async def test_a_rejected_candidate_is_not_offered_again(engine: EngineBench, site: Site) -> None:
    """H-31."""
    site.page("/", form("document.title='saved'", "store"))
    [step] = passed(await run_on(engine, "/"))
    assert step.proposal
    key = keys_of(engine, SAVE)[0]
    engine.baselines.reject(key, step.proposal.candidate_key)
    engine.cache.entries.clear()
    result = await run_on(engine, "/")
    assert result.status is RunStatus.FAILED
    assert await engine.page.title() == ""


# --- absence (H-18) ---------------------------------------------------------------------------------------

GONE = '- {action: expect, instruction: The voucher banner, selector: "#banner", condition: hidden}'
SEEN = '- {action: expect, instruction: The voucher banner, selector: "#banner", condition: visible}'
NONE = '- {action: expect, selector: ".error", condition: count, value: "0"}'


async def test_what_was_never_seen_passes_with_a_warning(engine: EngineBench, site: Site) -> None:
    """H-18: a selector that never matched proves nothing, so it is said."""
    site.page("/", "<h1>Shop</h1>")
    for step in (GONE, NONE):
        [result] = passed(await run_on(engine, "/", step))
        assert [w.kind for w in result.warnings] == ["never_seen"]
        assert result.tier == 1


@pytest.mark.parametrize(
    "now",
    [
        "<aside id=promo class=banner>Voucher: 10 % off everything today</aside>",
        "<section id=offer><aside class=banner>Voucher: 10 % off everything today</aside></section>",
    ],
)
async def test_hidden_does_not_pass_while_the_known_element_is_elsewhere(
    engine: EngineBench, site: Site, now: str
) -> None:
    """H-18: renamed is not gone."""
    banner = "<aside id=banner class=banner>Voucher: 10 % off everything today</aside>"
    closing = f"<h1>Shop</h1>{banner}<button id=x onclick='banner.remove()'>Close</button>"
    site.page("/", closing)
    # The step itself must have known its element once: it was there before it went.
    key = keys_of(engine, GONE)[0]
    await engine.open("/")
    passed(await engine.run(SEEN, settings=CALM))
    [baseline] = engine.baselines.baselines.values()
    await engine.baselines.put(key, baseline)
    site.page("/", f"<h1>Shop</h1>{now}")
    failed(await run_on(engine, "/", GONE), ErrorKind.EXPECTATION, "known element is visible")


async def test_hidden_of_what_is_really_gone_passes_without_a_warning(engine: EngineBench, site: Site) -> None:
    """H-18."""
    site.page("/", "<h1>Shop</h1><aside id=banner class=banner>Voucher: 10 % off everything today</aside>")
    await engine.open("/")
    passed(await engine.run(SEEN, settings=CALM))
    [baseline] = engine.baselines.baselines.values()
    await engine.baselines.put(keys_of(engine, GONE)[0], baseline)
    site.page("/", "<h1>Shop</h1><p>Nothing to see</p>")
    [step] = passed(await run_on(engine, "/", GONE))
    assert step.warnings == ()


ALERT = (
    "<h1>Cart</h1><button id=again onclick='{}'>Try again</button><div id={} class=err role=alert>Card declined</div>"
)
RETRY = '- {action: click, selector: "#again"}'


@pytest.mark.parametrize(
    ("selector", "absence"), [("#err", "condition: hidden"), (".err", "condition: count, value: '0'")]
)
async def test_a_selector_that_was_healed_proves_no_absence(
    engine: EngineBench, site: Site, selector: str, absence: str
) -> None:
    """H-18: in every green run the element went away, so the step itself never knew it; an earlier step did."""
    steps = f"""
    - {{action: expect, selector: "{selector}", condition: visible}}
    {RETRY}
    - {{action: expect, selector: "{selector}", {absence}}}"""
    going = 'document.querySelector("[role=alert]").remove()'
    site.page("/", ALERT.format(going, "err"))
    for _ in range(2):
        result = await run_on(engine, "/", steps)
        assert not any(step.warnings for step in passed(result))
    moved = ALERT.replace("class=err", "class=error")
    site.page("/", moved.format("void 0", "error"))
    gone = failed(await run_on(engine, "/", steps), ErrorKind.EXPECTATION, "#error")
    assert gone.index == 2
    site.page("/", moved.format(going, "error"))
    assert next(step.status for step in passed(await run_on(engine, "/", steps))) is StepStatus.HEALED


async def test_count_is_judged_where_the_selector_stands(engine: EngineBench, site: Site) -> None:
    """H-18: never relocated."""
    site.page("/", "<ul><li class=row>a<li class=row>b</ul><ol><li class=line>c</ol>")
    three = '- {action: expect, selector: ".row", condition: count, value: "3"}'
    step = failed(await run_on(engine, "/", three), ErrorKind.EXPECTATION, "saw 2")
    assert tiers_tried(step) == [1]


# --- what is expected is no evidence for where (H-17) -----------------------------------------------------


@pytest.mark.parametrize("element", ["<h2>Order placed</h2>", "<button>Order placed</button>"])
async def test_any_element_that_says_it_will_not_do(engine: EngineBench, site: Site, element: str) -> None:
    """H-17: neither the expected value nor a quote equal to it says where the element is."""
    site.page("/", f"<main>{element}<p>Thank you</p></main>")
    words = "instruction: 'The text \"Order placed\"', condition: text, value: Order placed"
    step = f'- {{action: expect, selector: "#status", {words}}}'
    result = await run_on(engine, "/", step)
    assert result.status is RunStatus.FAILED


# --- any Playwright page (H-28) ---------------------------------------------------------------------------


@pytest.mark.parametrize("with_module", [True, False])
async def test_a_plain_page_of_new_context_heals_with_tier_2(
    browser: Browser, site: Site, engine: EngineBench, with_module: bool
) -> None:
    """H-28: any Playwright page; Stagehand cannot attach, tiers 1 and 2 work."""
    context = await browser.new_context()
    if with_module:
        await install(context)
    site.page("/", form("document.title='saved'", "store"))
    plain = EngineBench(await context.new_page(), engine.folder, site.origin)
    [step] = passed(await run_on(plain, "/"))
    assert (step.status, step.tier) == (StepStatus.HEALED, 2)
    assert await plain.page.title() == "saved"
    await context.close()
