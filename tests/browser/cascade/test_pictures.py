"""What a run's pictures show: the page with the place of the step's element, and the element before it was used."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from tests.browser.engine_fixture import EngineBench, failed, passed
from tests.conftest import Site

from tierwright.browser.camera import RunCamera
from tierwright.core.config import ScreenshotMode
from tierwright.core.events import ProposalMade
from tierwright.core.results import ErrorKind, StepResult

pytestmark = pytest.mark.browser

RED = "margin: 0; position: absolute; left: 40px; top: 60px; width: 200px; height: 50px; background: #ff0000; border: 0"


def picturing(engine: EngineBench, mode: ScreenshotMode, *secrets: str) -> None:
    engine.camera = RunCamera(engine.folder / "pictures", mode, secrets)


def pictures(step: StepResult) -> dict[str, Path]:
    return {Path(path).name: Path(path) for path in step.artifacts}


def colours(file: Path) -> set[tuple[int, ...]]:
    with Image.open(file) as picture:
        return {colour for _, colour in picture.convert("RGB").getcolors(1 << 20) or []}


async def test_the_box_is_where_the_element_stands_in_the_picture_of_its_step(engine: EngineBench, site: Site) -> None:
    picturing(engine, ScreenshotMode.ON)
    site.page("/", f'<button id=a style="{RED}; top: 3000px"></button><p style="height: 4000px">far below')
    await engine.open("/")
    (step,) = passed(await engine.run('- {action: click, selector: "#a"}'))
    taken = pictures(step)
    assert set(taken) == {"step-01-element.png", "step-01-passed.png"}
    assert colours(taken["step-01-element.png"]) == {(255, 0, 0)}
    box = step.attempts[-1].box
    assert box is not None
    with Image.open(taken["step-01-passed.png"]) as page:
        inside = page.convert("RGB").crop((int(box.x), int(box.y), int(box.x + box.width), int(box.y + box.height)))
    assert inside.getcolors() == [(200 * 50, (255, 0, 0))]


async def test_an_element_that_is_gone_after_its_step_has_no_box(engine: EngineBench, site: Site) -> None:
    """The next page has an element of the same selector: a line around that one would be a lie."""
    picturing(engine, ScreenshotMode.ON)
    site.page("/next", "<a id=a href=/>Another link</a><h1>Next</h1>")
    site.page("/", "<a id=a href=/next>Next</a>")
    await engine.open("/")
    (step,) = passed(await engine.run('- {action: click, selector: "#a"}'))
    assert "step-01-passed.png" in pictures(step)
    assert [attempt.box for attempt in step.attempts] == [None]


async def test_a_step_that_fails_shows_which_element_it_was_about(engine: EngineBench, site: Site) -> None:
    picturing(engine, ScreenshotMode.ONLY_ON_FAILURE)
    site.page("/", f'<h1 style="{RED}">Goodbye</h1>')
    await engine.open("/")
    steps = "- {action: expect, selector: h1, condition: text, value: Welcome, timeout_seconds: 1}"
    step = failed(await engine.run(steps), ErrorKind.EXPECTATION, "Goodbye")
    assert set(pictures(step)) == {"step-01-failed.png"}
    box = step.attempts[-1].box
    assert box is not None
    assert (box.x, box.y, box.width, box.height) == (40, 60, 200, 50)


async def test_a_healed_element_is_pictured_before_it_leads_away(engine: EngineBench, site: Site) -> None:
    """H-31: who decides about the heal sees what was clicked, although the click left its page."""
    picturing(engine, ScreenshotMode.ONLY_ON_FAILURE)
    steps = '- {action: click, instruction: Click the Buy button, selector: "#buy"}'
    site.page("/next", "<h1>Thank you</h1>")
    for identity in ("buy", "order"):
        site.page("/", f"<button id={identity} style='{RED}' onclick=\"location = '/next'\" aria-label=Buy></button>")
        await engine.open("/")
        passed(await engine.run(steps))
    (proposal,) = [event.proposal for event in engine.listener.events if isinstance(event, ProposalMade)]
    assert proposal.crop is not None
    assert colours(Path(proposal.crop)) == {(255, 0, 0)}


async def test_a_cut_out_field_shows_no_secret(engine: EngineBench, site: Site) -> None:
    """H-11: what is typed is covered in the picture of the field as in that of the page."""
    picturing(engine, ScreenshotMode.ON, "hush hush")
    site.page("/", f'<input id=a style="{RED}" value="hush hush">')
    await engine.open("/")
    (step,) = passed(await engine.run('- {action: focus, selector: "#a"}'))
    assert colours(pictures(step)["step-01-element.png"]) == {(0x3A, 0x3A, 0x3A)}
