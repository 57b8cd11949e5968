"""Hover, drag, scroll, screenshot, upload and download."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.browser.engine_fixture import EngineBench, failed, passed, tiers_tried
from tests.conftest import Site

from tierwright.core.results import ErrorKind

# ruff: noqa: E501 - pages are easier to read on one line
pytestmark = pytest.mark.browser

SHORT = "timeout_seconds: 3"


@pytest.mark.parametrize(
    "html",
    [
        "<button id=t onmouseenter=\"document.title='over'\">A</button>",
        "<style>#m{display:none}#t:hover #m{display:block}</style><div id=t onmouseover=\"document.title='over'\">Menu<p id=m>Item</p></div>",
    ],
)
async def test_hover(engine: EngineBench, site: Site, html: str) -> None:
    """The pointer is over the element, and what opens under it can be seen."""
    site.page("/", html)
    await engine.open("/")
    passed(await engine.run("- {action: hover, selector: '#t'}\n- {action: expect, condition: title, value: over}"))


async def test_hover_over_something_covered_fails(engine: EngineBench, site: Site) -> None:
    """`covered` never escalates."""
    site.page("/", "<button id=t>A</button><div id=wall style='position:fixed;inset:0'></div>")
    await engine.open("/")
    assert tiers_tried(
        failed(await engine.run(f"- {{action: hover, selector: '#t', {SHORT}}}"), ErrorKind.COVERED, "wall")
    ) == [1]


DRAGS = [
    "<div id=t draggable=true ondragstart=\"event.dataTransfer.setData('text', 'card')\">Card</div><div id=u style='height:80px' ondragover='event.preventDefault()' ondrop=\"event.preventDefault(); document.title = event.dataTransfer.getData('text')\">Done</div>",
    "<div id=t style='width:40px;height:40px;touch-action:none' onpointerdown='moves = 0; down = event' onpointermove='if (window.down) moves++'>Card</div><div id=u style='height:80px' onpointermove='window.moves++' onpointerup=\"if (moves > 3) document.title = 'card'\">Done</div><script>var down, moves</script>",
]


@pytest.mark.parametrize("html", DRAGS)
async def test_drag(engine: EngineBench, site: Site, html: str) -> None:
    """HTML5 drag and drop, and drags by pointer that start only after some way."""
    site.page("/", html)
    await engine.open("/")
    passed(
        await engine.run(
            "- {action: drag, selector: '#t', target: '#u'}\n- {action: expect, condition: title, value: card}"
        )
    )


@pytest.mark.parametrize("target", ["#nowhere", "#twice"])
async def test_a_drag_to_nowhere_fails_and_picks_nothing_up(engine: EngineBench, site: Site, target: str) -> None:
    """A target that is not exactly one element is not dragged to."""
    site.page("/", "<div id=t onmousedown=\"document.title='down'\">A</div><p id=twice>x</p><p id=twice>x</p>")
    await engine.open("/")
    step = failed(
        await engine.run(f"- {{action: drag, selector: '#t', target: '{target}', {SHORT}}}"), ErrorKind.NOT_FOUND
    )
    assert step.error
    assert await engine.page.title() == ""


TALL = "<p style='height:3000px'>Top</p><button id=t>Far</button><p style='height:3000px'></p>"
BOXED = "<style>body{margin:0;overflow:hidden}main{height:100vh;overflow:auto}</style><main id=m>" + TALL + "</main>"


@pytest.mark.parametrize("html", [TALL, BOXED])
async def test_scroll(engine: EngineBench, site: Site, html: str) -> None:
    """To an element, to the ends, by screens and by pixels; in the box that scrolls where the page does not."""
    site.page("/", html)
    await engine.open("/")
    top = "Math.round((document.querySelector('#m') || document.scrollingElement).scrollTop)"
    seen = []
    for step in (
        "selector: '#t'",
        "value: top",
        "value: '300'",
        "value: '-100'",
        "value: bottom",
        "value: up",
        "value: down",
    ):
        passed(await engine.run(f"- {{action: scroll, {step}}}"))
        seen.append(await engine.page.evaluate(top))
    bottom = seen[4]
    assert 2000 < seen[0] < 3200
    assert seen[1:4] == [0, 300, 200]
    assert bottom > 5000
    assert seen[5] == bottom - 630
    assert seen[6] == bottom


async def test_scroll_to_something_that_never_shows_fails(engine: EngineBench, site: Site) -> None:
    """An element without a box cannot be scrolled to."""
    site.page("/", "<div id=t style='display:none'>A</div><p>B</p>")
    await engine.open("/")
    failed(await engine.run(f"- {{action: scroll, selector: '#t', {SHORT}}}"), ErrorKind.HIDDEN)


async def test_screenshot_of_the_page_and_of_an_element(engine: EngineBench, site: Site) -> None:
    """The pictures are artifacts of their steps, under the names the test gives."""
    site.page("/", "<h1 id=t>Hello</h1>")
    await engine.open("/")
    steps = passed(
        await engine.run(
            "- {action: screenshot, value: whole page}\n- {action: screenshot, selector: '#t', value: heading}"
        )
    )
    pictures = [Path(s.artifacts[0]) for s in steps]
    assert [p.name for p in pictures] == ["whole-page.png", "heading.png"]
    assert pictures[0].stat().st_size > pictures[1].stat().st_size > 100


# --- upload -----------------------------------------------------------------------------------------------

SHOW = "onchange=\"document.title = [...this.files].map(f => f.name).join(' ')\""
UPLOADS = {
    "a field": (f"<input type=file id=t {SHOW}>", "#t"),
    "a hidden field": (f"<input type=file id=t hidden {SHOW}><button>Attach</button>", "#t"),
    "its label": (f"<label id=l>Photo <input type=file id=t style='display:none' {SHOW}></label>", "#l"),
    "a button that opens the chooser": (
        f"<input type=file id=t hidden {SHOW}><button id=b onclick='t.click()'>Attach</button>",
        "#b",
    ),
    "a field that the page empties and sends": (
        "<input type=file id=t onchange=\"document.title = this.files[0].name; fetch('/up', {method: 'POST', body: 'x'}); this.value = null\">",
        "#t",
    ),
    "a field that the page empties and shows": (
        '<input type=file id=t onchange="document.title = this.files[0].name; document.body.append(this.files[0].name); this.value = null">',
        "#t",
    ),
}


@pytest.mark.parametrize("how", UPLOADS)
async def test_upload(engine: EngineBench, site: Site, how: str) -> None:
    """H-15: the field lists the file, or the page took it."""
    html, selector = UPLOADS[how]
    (engine.folder / "a.txt").write_text("a")
    site.page("/", html)
    await engine.open("/")
    passed(
        await engine.run(
            f"- {{action: upload, selector: '{selector}', files: [a.txt]}}\n- {{action: expect, condition: title, value: a.txt}}"
        )
    )


async def test_upload_of_several_files(engine: EngineBench, site: Site) -> None:
    """H-15: all of them are listed; a field for one file says that it takes one only."""
    for name in ("a.txt", "b.txt"):
        (engine.folder / name).write_text(name)
    site.page("/", f"<input type=file multiple id=t {SHOW}><input type=file id=one>")
    await engine.open("/")
    passed(
        await engine.run(
            "- {action: upload, selector: '#t', files: [a.txt, b.txt]}\n- {action: expect, condition: title, value: a.txt b.txt}"
        )
    )
    step = failed(
        await engine.run("- {action: upload, selector: '#one', files: [a.txt, b.txt]}"),
        ErrorKind.EXPECTATION,
        "one file only",
    )
    assert tiers_tried(step) == [1]


@pytest.mark.parametrize(
    ("html", "file", "kind", "words"),
    [
        ("<input type=file id=t>", "missing.txt", ErrorKind.EXPECTATION, "missing.txt"),
        ("<input type=file id=t onchange='this.value = null'>", "a.txt", ErrorKind.UNVERIFIED, "was sent"),
        ("<input type=file id=t disabled>", "a.txt", ErrorKind.DISABLED, "disabled"),
        ("<button id=t disabled>Attach</button>", "a.txt", ErrorKind.DISABLED, "disabled"),
    ],
)
async def test_an_upload_that_did_not_work_fails(
    engine: EngineBench, site: Site, html: str, file: str, kind: ErrorKind, words: str
) -> None:
    """H-15: a file that is not there, a page that drops it, a field that a person could not use."""
    (engine.folder / "a.txt").write_text("a")
    site.page("/", html)
    await engine.open("/")
    step = failed(await engine.run(f"- {{action: upload, selector: '#t', files: [{file}], {SHORT}}}"), kind, words)
    assert tiers_tried(step) == [1]


# --- download ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [
        "<a id=t href=/file download>Get</a>",
        "<a id=t href=/file target=_blank>Get</a>",
        "<button id=t onclick=\"setTimeout(() => location = '/file', 200)\">Get</button>",
    ],
)
async def test_download(engine: EngineBench, site: Site, link: str) -> None:
    """Armed, then clicked: the file is an artifact of the click."""
    site.respond(
        "/file", b"1,2", content_type="text/csv", headers=(("Content-Disposition", "attachment; filename=report.csv"),)
    )
    site.page("/", link)
    await engine.open("/")
    steps = passed(await engine.run("- {action: download, value: 'rep*.csv'}\n- {action: click, selector: '#t'}"))
    assert await asyncio.to_thread(Path(steps[1].artifacts[0]).read_text) == "1,2"


async def test_a_navigation_to_a_file_brings_it(engine: EngineBench, site: Site) -> None:
    """A download URL is announced like any other; unannounced it is no page."""
    site.respond(
        "/file", b"1,2", content_type="text/csv", headers=(("Content-Disposition", "attachment; filename=report.csv"),)
    )
    site.page("/", "<p>Hello</p>")
    await engine.open("/")
    steps = passed(await engine.run("- action: download\n- {action: navigate, value: /file}"))
    assert Path(steps[1].artifacts[0]).name == "report.csv"
    failed(await engine.run("- {action: navigate, value: /file}"), ErrorKind.NAVIGATION, "put a download step before")


@pytest.mark.parametrize(
    ("wanted", "html", "words"),
    [
        ("other.csv", "<a id=t href=/file download=report.csv>Get</a>", "report.csv"),
        ("report.csv", "<button id=t>Get</button>", "was not downloaded"),
    ],
)
async def test_a_download_of_another_name_or_none_fails(
    engine: EngineBench, site: Site, wanted: str, html: str, words: str
) -> None:
    """An expectation: never escalated, and the click is not sent again."""
    site.respond("/file", b"1,2", content_type="text/csv")
    site.page("/", html)
    await engine.open("/")
    step = failed(
        await engine.run(f"- {{action: download, value: {wanted}}}\n- {{action: click, selector: '#t', {SHORT}}}"),
        ErrorKind.EXPECTATION,
        words,
    )
    assert tiers_tried(step) == [1]
