"""Option B without a model: the ranker finds, Stagehand acts, the page is read back."""

from __future__ import annotations

import pytest
from tests.browser.engine_fixture import EngineBench, failed, passed
from tests.browser.stagehand.pages import OPTION_B, by_stagehand, log_of
from tests.conftest import Site

from tierwright.core.results import ErrorKind, StepStatus
from tierwright.core.strategy import TierNumber

FORM = """<title>Settings</title><h1>Settings</h1><form onsubmit="return false">
<label>Display name <input id=name2 value=old></label>
<label>Time zone <select id=zone2><option>UTC</option><option value=cet>Central Europe</option></select></label>
<label><input type=checkbox id=news2> Send me the newsletter</label>
<label><input type=checkbox id=beta2 checked> Join the beta program</label>
<button type=button id=save2>Save settings</button><button type=button id=discard2>Discard</button></form>
<p id=hint2>Hover me for help</p>
<script>window.log = [];
for (const kind of ['click', 'dblclick', 'contextmenu', 'keydown', 'mouseover'])
  addEventListener(kind, e => {
    if (e.target.id) log.push([kind, e.target.id, e.key].join(' ').trim()); }, true);
</script>"""


@pytest.fixture
async def form(engine: EngineBench, site: Site) -> EngineBench:
    site.page("/settings", FORM)
    await engine.open("/settings")
    return engine


@pytest.mark.parametrize(
    ("action", "logged"),
    [("click", "click save2"), ("double_click", "dblclick save2"), ("right_click", "contextmenu save2")],
)
async def test_a_renamed_button_is_clicked_by_stagehand(form: EngineBench, action: str, logged: str) -> None:
    """H-25, H-27: tier 3 is Stagehand's act for real, and the result says so."""
    steps = f"""- {{action: {action}, instruction: 'the "Save settings" button', selector: '#save'}}"""
    (step,) = passed(await form.run(steps, settings=OPTION_B))
    by_stagehand(step)
    assert step.status is StepStatus.HEALED
    assert step.healed is not None
    assert step.healed.from_ == "#save"
    assert step.cost_usd == 0
    assert logged in await log_of(form)
    assert (await log_of(form)).count("click save2") == {"click": 1, "double_click": 2, "right_click": 0}[action]


@pytest.mark.parametrize("action", ["fill", "type"])
async def test_a_renamed_field_takes_the_steps_own_value(form: EngineBench, action: str) -> None:
    """H-15: what Stagehand entered reads back. Filling replaces, typing adds."""
    steps = f"- {{action: {action}, instruction: the Display name field, selector: '#name', value: Ada Lovelace}}"
    (step,) = passed(await form.run(steps, settings=OPTION_B))
    by_stagehand(step)
    held = await form.page.input_value("#name2")
    assert held == ("Ada Lovelace" if action == "fill" else held)
    assert "Ada Lovelace" in held


async def test_filling_nothing_clears(form: EngineBench) -> None:
    steps = "- {action: fill, instruction: the Display name field, selector: '#name', value: ''}"
    by_stagehand(passed(await form.run(steps, settings=OPTION_B))[0])
    assert await form.page.input_value("#name2") == ""


async def test_a_key_is_pressed_in_the_field_that_was_found(form: EngineBench) -> None:
    """Stagehand presses keys on whatever has the focus: the field has it first."""
    steps = "- {action: press, instruction: the Display name field, selector: '#name', key: Enter}"
    by_stagehand(passed(await form.run(steps, settings=OPTION_B))[0])
    assert "keydown name2 Enter" in await log_of(form)


async def test_a_native_option_is_chosen_by_its_label_or_value(form: EngineBench) -> None:
    steps = """
    - {action: select, instruction: 'the "Time zone" list', selector: '#zone', value: Central Europe}
    - {action: select, instruction: 'the "Time zone" list', selector: '#zone', value: UTC}
    - {action: select, instruction: 'the "Time zone" list', selector: '#zone', value: cet}
    """
    for step in passed(await form.run(steps, settings=OPTION_B)):
        by_stagehand(step)
    assert await form.page.input_value("#zone2") == "cet"


async def test_an_option_that_is_not_there_lists_those_that_are(form: EngineBench) -> None:
    steps = "- {action: select, instruction: 'the \"Time zone\" list', selector: '#zone', value: Mars}"
    failed(await form.run(steps, settings=OPTION_B), ErrorKind.EXPECTATION, '"UTC"', '"Central Europe"')


async def test_boxes_are_checked_and_unchecked_by_a_click(form: EngineBench) -> None:
    steps = """
    - {action: check, instruction: 'the "Send me the newsletter" checkbox', selector: '#news'}
    - {action: uncheck, instruction: 'the "Join the beta program" checkbox', selector: '#beta'}
    """
    for step in passed(await form.run(steps, settings=OPTION_B)):
        by_stagehand(step)
    assert await form.page.is_checked("#news2")
    assert not await form.page.is_checked("#beta2")


async def test_a_box_that_is_checked_already_is_left_alone(form: EngineBench) -> None:
    """H-6: clicking it would undo it."""
    steps = "- {action: check, instruction: 'the \"Join the beta program\" checkbox', selector: '#beta'}"
    (step,) = passed(await form.run(steps, settings=OPTION_B))
    assert step.tier is TierNumber.AI
    assert await form.page.is_checked("#beta2")
    assert "click beta2" not in await log_of(form)


async def test_the_mouse_hovers(form: EngineBench) -> None:
    steps = '- {action: hover, instruction: \'the "Save settings" button\', selector: "#save"}'
    by_stagehand(passed(await form.run(steps, settings=OPTION_B))[0])
    assert "mouseover save2" in await log_of(form)
    assert "click save2" not in await log_of(form)


async def test_one_thing_is_dragged_onto_another(engine: EngineBench, site: Site) -> None:
    site.page(
        "/board",
        """<title>Board</title><div draggable=true role=button id=card2 style="width:90px;height:40px">Card</div>
        <div role=region aria-label=Done id=done2 tabindex=0 style="width:200px;height:200px;background:#eee">Done</div>
        <script>const done = document.getElementById('done2');
        done.ondragover = e => e.preventDefault();
        done.ondrop = e => { e.preventDefault(); done.append(document.getElementById('card2')); };</script>""",
    )
    await engine.open("/board")
    steps = "- {action: drag, instruction: 'the \"Card\" button', selector: '#card', target: '#done2'}"
    by_stagehand(passed(await engine.run(steps, settings=OPTION_B))[0])
    assert await engine.page.locator("#done2 #card2").count() == 1


async def test_what_stagehand_cannot_do_is_unavailable(form: EngineBench) -> None:
    """H-28: it has no way to focus; the step fails without an act."""
    steps = "- {action: focus, instruction: the Display name field, selector: '#name'}"
    step = failed(await form.run(steps, settings=OPTION_B), ErrorKind.NOT_FOUND, "Stagehand has no way to focus")
    assert step.attempts[-1].error is not None
    assert step.attempts[-1].error.kind is ErrorKind.UNAVAILABLE


async def test_it_abstains_where_the_ranker_abstains(form: EngineBench) -> None:
    """H-14, H-25: the same ranker and the same threshold; an element that is gone stays gone."""
    steps = "- {action: click, instruction: 'the \"Delete account\" button', selector: '#delete-account'}"
    step = failed(await form.run(steps, settings=OPTION_B), ErrorKind.NOT_FOUND)
    assert step.attempts[-1].evidence is not None
    assert step.attempts[-1].evidence.candidates
    assert not [line for line in await log_of(form) if line.startswith("click")]


async def test_a_fill_that_does_not_read_back_is_unverified_and_not_sent_again(engine: EngineBench, site: Site) -> None:
    """H-15, H-6: sent once, judged by what the field holds."""
    site.page(
        "/stubborn",
        """<label>Nickname <input id=nick2></label><script>window.log = [];
        nick2.oninput = () => { if (nick2.value) { log.push(nick2.value); nick2.value = 'no'; } };</script>""",
    )
    await engine.open("/stubborn")
    steps = "- {action: fill, instruction: the Nickname field, selector: '#nick', value: Ada}"
    step = failed(await engine.run(steps, settings=OPTION_B), ErrorKind.UNVERIFIED, "does not hold what was entered")
    assert await log_of(engine) == ["Ada"]
    assert [a.error.kind for a in step.attempts if a.error] == [ErrorKind.NOT_FOUND, ErrorKind.UNVERIFIED]


async def test_expectations_are_judged_by_the_page_never_by_acting(form: EngineBench) -> None:
    """H-17: tier 3 relocates the element; what is expected stays."""
    steps = """
    - {action: expect, instruction: 'the "Display name" field', selector: '#name', condition: value, value: old}
    """
    (step,) = passed(await form.run(steps, settings=OPTION_B))
    assert step.tier is TierNumber.AI
    assert step.status is StepStatus.HEALED
    assert step.actuator is not None
    assert step.actuator.value == "playwright"
    wrong = steps.replace("value: old", "value: new")
    failed(await form.run(wrong, settings=OPTION_B), ErrorKind.EXPECTATION)
    assert not [line for line in await log_of(form) if line.startswith(("click", "keydown"))]


async def test_an_armed_dialog_is_answered_by_stagehands_click(engine: EngineBench, site: Site) -> None:
    site.page("/ask", "<button id=go2 onclick=\"document.title = confirm('sure?')\">Publish now</button>")
    await engine.open("/ask")
    steps = """
    - {action: dialog, value: accept}
    - {action: click, instruction: 'the "Publish now" button', selector: '#go'}
    """
    by_stagehand(passed(await engine.run(steps, settings=OPTION_B))[1])
    assert await engine.page.title() == "true"


async def test_a_box_without_role_or_name_is_acted_on_although_stagehands_tree_leaves_it_out(
    engine: EngineBench, site: Site
) -> None:
    """A known element may be nothing to an accessibility tree; Stagehand is then told its XPath."""
    site.page(
        "/box",
        """<h1>Colours</h1><div id=red title="" data-testid=swatch-red class="swatch red" style="width:40px;height:40px"
        onclick="document.title += 'red'"></div><div class="swatch blue" data-testid=swatch-blue>.</div>""",
    )
    await engine.open("/box")
    steps = "- {action: click, instruction: the red swatch, selector: '#red'}"
    passed(await engine.run(steps, settings=OPTION_B))
    await engine.page.evaluate("document.querySelector('#red').id = 'crimson'")
    by_stagehand(passed(await engine.run(steps, settings=OPTION_B))[0])
    assert await engine.page.title() == "redred"
