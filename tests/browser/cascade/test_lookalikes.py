"""Look-alikes: rows, sections and dialogs that hold the same field or button; the one that is gone has no stand-in."""

from __future__ import annotations

import pytest
from tests.browser.engine_fixture import EngineBench, failed, passed
from tests.conftest import Site

from tierwright.core.results import CacheOutcome, ErrorKind, StepStatus

pytestmark = pytest.mark.browser


def people(*names: str, id_: str = "") -> str:
    """A table of people, each with a button to delete them; a button's id is `id_` and its place."""
    rows = "".join(
        f"<tr><td>{name}</td><td><button {f'id={id_}{at}' if id_ else ''} "
        f"onclick=\"document.title='deleted {name}'\">Delete</button> <button>Edit</button></td></tr>"
        for at, name in enumerate(names)
    )
    return f"<h1>People</h1><table><tr><th>Name</th><th>What to do</th></tr>{rows}</table>"


def addresses(*names: str) -> str:
    """Sections that each ask for a city."""
    return "".join(f"<section><h2>{name}</h2><label>City <input></label></section>" for name in names)


# --- the cache (H-22) -------------------------------------------------------------------------------------


async def test_a_remembered_place_in_a_table_is_not_the_row_that_moved_up(engine: EngineBench, site: Site) -> None:
    """H-22: the next row's button has the same name and stands where the deleted row's stood; it is another one."""
    site.page("/", people("Ada", "Bob", "Cyd", id_="r"))
    await engine.open("/")
    step = '- Click the "Delete" button in the "Bob" row'
    passed(await engine.run(step))
    assert await engine.page.title() == "deleted Bob"
    site.page("/", people("Ada", "Cyd", id_="x"))
    await engine.open("/")
    failed(await engine.run(step), ErrorKind.AMBIGUOUS, "is another element")
    assert await engine.page.title() == ""


async def test_a_remembered_place_in_a_section_follows_the_section(engine: EngineBench, site: Site) -> None:
    """H-22: the sections changed places, so the remembered place is invalid, and the words find the right one."""
    site.page("/", addresses("Billing", "Shipping"))
    await engine.open("/")
    step = '- Enter "Rome" in the "City" field in the "Shipping" section'
    passed(await engine.run(step))
    site.page("/", addresses("Shipping", "Billing"))
    await engine.open("/")
    [moved] = passed(await engine.run(step))
    assert moved.cache is CacheOutcome.INVALID
    assert await engine.page.eval_on_selector_all("input", "all => all.map(i => i.value)") == ["Rome", ""]


async def test_a_remembered_place_that_still_holds_is_used(engine: EngineBench, site: Site) -> None:
    """H-22: the same row, section and heading: a hit, which costs no ranking."""
    for page, step in (
        (addresses("Billing", "Shipping"), '- Enter "Rome" in the "City" field in the "Shipping" section'),
        (people("Ada", "Bob"), '- Click the "Delete" button in the "Bob" row'),
    ):
        site.page("/", page)
        await engine.open("/")
        passed(await engine.run(step))
        await engine.open("/")
        [again] = passed(await engine.run(step))
        assert again.cache is CacheOutcome.HIT


# --- healing (H-14) ---------------------------------------------------------------------------------------

NEWS = "<h1>Account</h1><form><label>Email <input id=news name=email></label><button>Subscribe</button></form>"
DIALOG = """<div role=dialog aria-label="{title}"><h2>{title}</h2>
<label>Email <input id={id} name=email></label></div>"""
GROUPS = "<form>{}</form>"


def group(name: str, field: str) -> str:
    """A group of fields that asks for a city."""
    return f"<fieldset><legend>{name} address</legend><label>City <input id={field}></label></fieldset>"


GONE = {
    "dialog": (
        NEWS + DIALOG.format(title="Invite user", id="invite"),
        NEWS,
        '{action: fill, selector: "#invite", value: a@b.c}',
    ),
    "group": (
        GROUPS.format(group("Billing", "bill") + group("Shipping", "ship")),
        GROUPS.format(group("Billing", "billing-city")),
        '{action: fill, selector: "#ship", value: Rome}',
    ),
    "row": (people("Ada", "Bob"), people("Ada"), '{action: click, selector: "//tr[3]//button[1]"}'),
    "said by the step": (
        addresses("Billing", "Shipping"),
        addresses("Billing", "Other"),
        'Enter "Rome" in the "City" field in the "Shipping" section',
    ),
    "frame": (
        "<label>Card <input></label><iframe id=pay srcdoc='<label>Card <input id=card></label>'></iframe>",
        "<label>Card <input></label><iframe id=pay srcdoc='<p>Not today'></iframe>",
        '{action: fill, selector: "#card", frame: "#pay", value: "4242"}',
    ),
}


@pytest.mark.parametrize("case", GONE)
async def test_a_look_alike_elsewhere_does_not_stand_in_for_what_is_gone(
    engine: EngineBench, site: Site, case: str
) -> None:
    """H-14: only the place told them apart, and the one whose place is gone is gone."""
    before, after, step = GONE[case]
    site.page("/", before)
    await engine.open("/")
    passed(await engine.run(f"- {step}"))
    site.page("/", after)
    await engine.open("/")
    failed(await engine.run(f"- {step}"), ErrorKind.NOT_FOUND, "is another element")
    assert await engine.page.title() == ""
    assert not any(await engine.page.eval_on_selector_all("input", "all => all.map(i => i.value)"))


MOVED = {
    "dialog": (
        NEWS + DIALOG.format(title="Invite user", id="invite"),
        NEWS + DIALOG.format(title="Invite user", id="address-to-invite"),
        '{action: fill, selector: "#invite", value: a@b.c}',
        "#address-to-invite",
    ),
    "group": (
        GROUPS.format(group("Billing", "bill") + group("Shipping", "ship")),
        GROUPS.format(group("Shipping", "s-city") + group("Billing", "b-city")),
        '{action: fill, selector: "#ship", value: Rome}',
        "#s-city",
    ),
}


@pytest.mark.parametrize("case", MOVED)
async def test_of_look_alikes_the_one_in_the_known_place_is_healed_to(
    engine: EngineBench, site: Site, case: str
) -> None:
    """H-14: several fit equally well but for the place, which is evidence enough."""
    before, after, step, selector = MOVED[case]
    site.page("/", before)
    await engine.open("/")
    passed(await engine.run(f"- {step}"))
    site.page("/", after)
    await engine.open("/")
    [healed] = passed(await engine.run(f"- {step}"))
    assert healed.status is StepStatus.HEALED
    assert await engine.page.input_value(selector)


# --- the rest of the page (H-11, H-14) --------------------------------------------------------------------

MENU = "".join(f"<a href='#{name}'>{name}</a> " for name in ("Home", "News", "Prices", "Team", "Jobs", "Press", "Blog"))
REPORT = '- {action: click, instruction: Click Save the report, selector: "#save"}'


async def test_what_stood_beside_it_all_the_time_is_no_heal(engine: EngineBench, site: Site) -> None:
    """H-14: the button is gone; the one with nearly its name was there before, and is what it was."""
    site.page("/", f"{MENU}<button id=save>Save the report</button><button>Save the report as</button>")
    await engine.open("/")
    passed(await engine.run(REPORT))
    [known] = engine.baselines.baselines.values()
    assert len(known.fingerprint.others) == 9
    site.page("/", f"{MENU}<button>Save the report as</button>")
    await engine.open("/")
    step = failed(await engine.run(REPORT), ErrorKind.NOT_FOUND)
    assert any("was there before" in reason for reason in step.attempts[1].evidence.reasons)


async def test_the_same_button_is_a_heal_where_it_is_new(engine: EngineBench, site: Site) -> None:
    """H-14: the same page after the redesign, but nothing of that name stood there before."""
    site.page("/", f"{MENU}<button id=save>Save the report</button>")
    await engine.open("/")
    passed(await engine.run(REPORT))
    site.page("/", f"{MENU}<button>Save the report as</button>")
    await engine.open("/")
    assert passed(await engine.run(REPORT))[0].healed
