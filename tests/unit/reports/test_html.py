"""The HTML page: whole, escaped, with its pictures, and fit for a phone in light and dark."""

from __future__ import annotations

import io
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser
from tests.unit.reports.factory import failed_step, one_try, passed_step, rich_suite, run_of, suite_of

from tierwright.core.events import SuiteFinished
from tierwright.core.results import RunStatus, StepResult, SuiteResult
from tierwright.reports.html import HtmlReport, html_page


class Page(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, name: str) -> list[str]:
        return [found[name] or "" for t, found in self.tags if t == tag and name in found]


def failing(*artifacts: str, message: str = "gone") -> SuiteResult:
    step: StepResult = replace(failed_step(0, message), artifacts=artifacts)
    return suite_of(run_of("Pay", RunStatus.FAILED, one_try(RunStatus.FAILED, step)))


def test_the_page_tells_every_run_and_why(tmp_path: Path) -> None:
    page = Page(html_page(rich_suite(), tmp_path))

    for said in (
        "Buy a mug [user=bob]",
        "nothing on the page matches this step",
        "two candidates are as likely",
        "the browser closed its connection",
        "tierwright heals approve h-1234",
        "the address after it is another than before",
        "812 model tokens",
    ):
        assert said in page.text


def test_the_page_needs_no_other_file(tmp_path: Path) -> None:
    page = Page(html_page(rich_suite(), tmp_path))

    assert not page.all("script", "src")
    assert not page.all("link", "href")
    assert all(src.startswith("data:") for src in page.all("img", "src"))


def test_what_a_page_under_test_says_is_text_and_never_markup(tmp_path: Path) -> None:
    """H-29: page text is data."""
    page = Page(html_page(failing(message="<script>alert(1)</script><img src=x onerror=alert(1)>"), tmp_path))

    assert "<script>alert(1)</script>" in page.text
    assert not [tag for tag, _ in page.tags if tag == "script"]
    assert not page.all("img", "onerror")


def test_small_pictures_are_inlined_and_large_ones_linked_relative_to_the_page(tmp_path: Path) -> None:
    small, large = tmp_path / "shots" / "small.png", tmp_path / "shots" / "a large one.png"
    small.parent.mkdir()
    Image.new("RGB", (8, 8)).save(small)
    large.write_bytes(b"\x89PNG" + bytes(400_000))

    page = Page(html_page(failing(str(small), str(large), str(tmp_path / "missing.png")), tmp_path / "reports"))

    assert [src[:22] for src in page.all("img", "src")] == ["data:image/png;base64,"]
    assert {"../shots/small.png", "../shots/a%20large%20one.png", "../missing.png"} <= set(page.all("a", "href"))


def test_nothing_run_is_a_page_too(tmp_path: Path) -> None:
    page = Page(html_page(suite_of(notes=("no browser was found",)), tmp_path))

    assert "No test was run." in page.text
    assert "no browser was found" in page.text


async def test_the_file_is_written_and_masked(tmp_path: Path) -> None:
    file = tmp_path / "r.html"

    await HtmlReport(file, io.StringIO(), mask=lambda t: t.replace("login", "••••")).on_event(
        SuiteFinished(rich_suite())
    )

    assert "••••-btn" in file.read_text()
    assert "login" not in file.read_text()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_fits_its_window_with_everything_open(
    browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    long = failed_step(1, "no element matches " + "x" * 400)
    suite = rich_suite()
    runs = (*suite.runs, run_of("Long", RunStatus.FAILED, one_try(RunStatus.FAILED, passed_step(), long)))
    html = html_page(replace(suite, runs=runs), tmp_path)
    page = await browser.new_page(
        viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
    )
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.set_content(html)
    await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

    assert await page.evaluate("document.documentElement.scrollWidth") == width
    dark = await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 21, 28)"
    assert dark is (scheme == "dark")
    assert problems == []
    await page.close()
