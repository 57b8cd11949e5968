"""Traces and pictures of real pages: kept by policy, and never with a secret in them."""

from __future__ import annotations

import base64
import html
import io
import json
import zipfile
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from PIL import Image
from playwright.async_api import Page

from tierwright.browser.screenshots import COVER_COLOUR, take_screenshot
from tierwright.browser.trace import TraceRecorder
from tierwright.core.config import TraceMode

pytestmark = pytest.mark.browser

SECRET = 'h&nter "2"/ü'
WRITTEN = frozenset(
    {
        SECRET,
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        html.escape(SECRET),
        html.escape(SECRET, quote=False),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(SECRET)[1:-1])[1:-1],
        base64.b64encode(SECRET.encode()).decode().rstrip("="),
    }
)
FORM = """<title>Sign in</title><form method=post action=/in>
<input id=u name=u><input id=p name=p type=password><textarea id=t></textarea><button>Go</button></form>"""


async def sign_in(page: Page, site) -> None:
    site.page(
        "/in", f"<p>Welcome {SECRET}</p><script>fetch('/echo?q=' + encodeURIComponent({json.dumps(SECRET)}))</script>"
    )
    site.respond("/echo", json.dumps({"secret": SECRET}).encode(), content_type="application/json")
    await page.goto(site.page("/", FORM))
    await page.fill("#p", SECRET)
    await page.fill("#t", SECRET)
    async with page.expect_response("**/echo**"):
        await page.click("button")


def entries(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


async def test_a_trace_holds_no_form_of_a_typed_secret_and_no_picture(page: Page, site, tmp_path: Path):
    recorder = TraceRecorder(page.context, TraceMode.ON, (SECRET,))
    await recorder.start("sign in")
    await sign_in(page, site)
    kept = await recorder.stop(tmp_path / "deep" / "trace.zip", failed=False)
    assert kept == tmp_path / "deep" / "trace.zip"
    found = entries(kept)
    assert not [name for name in found if name.endswith(".jpeg")]
    assert b"Sign in" in b"".join(found.values())
    assert [(name, form) for name, content in found.items() for form in WRITTEN if form.encode() in content] == []


async def test_the_same_trace_without_secrets_named_would_hold_it(page: Page, site, tmp_path: Path):
    """Shows that the test above looks where the secret would be."""
    recorder = TraceRecorder(page.context, TraceMode.ON)
    await recorder.start("sign in")
    await sign_in(page, site)
    kept = await recorder.stop(tmp_path / "trace.zip", failed=False)
    assert kept is not None
    content = b"".join(entries(kept).values())
    assert sum(form.encode() in content for form in WRITTEN) >= 3


@pytest.mark.parametrize(
    ("mode", "failed", "kept"),
    [("off", True, False), ("retain-on-failure", False, False), ("retain-on-failure", True, True), ("on", False, True)],
)
async def test_the_mode_decides_what_is_kept(page: Page, site, tmp_path: Path, mode: str, failed: bool, kept: bool):
    recorder = TraceRecorder(page.context, TraceMode(mode))
    await recorder.start("x")
    await page.goto(site.page("/", "<p>hello"))
    file = tmp_path / "trace.zip"
    assert (await recorder.stop(file, failed=failed) is not None) is kept
    assert file.exists() is kept


async def test_a_trace_of_a_page_that_is_gone_is_none(page: Page, tmp_path: Path):
    recorder = TraceRecorder(page.context, TraceMode.ON)
    await recorder.start("x")
    await page.context.close()
    assert await recorder.stop(tmp_path / "trace.zip", failed=True) is None


def colour_at(png: bytes, x: float, y: float) -> str:
    red, green, blue = Image.open(io.BytesIO(png)).convert("RGB").getpixel((int(x), int(y)))
    return f"#{red:02x}{green:02x}{blue:02x}"


async def test_password_fields_and_whatever_shows_a_secret_are_covered(page: Page, site, other_site, tmp_path: Path):
    inner = other_site.page("/inner", f"<p class=s style='width:90%'>{SECRET.replace('&', '&amp;')}</p>")
    await page.goto(
        site.page(
            "/",
            f"""<style>.s, .plain {{ display: block; width: 90%; height: 30px; margin: 10px }}</style>
            <input class=s type=password value=x><input class=s id=f><p class=plain>Nothing</p>
            <p class=s>It is {SECRET.replace("&", "&amp;")} now</p>
            <div id=host></div><iframe src="{inner}"></iframe>
            <script>host.attachShadow({{mode: 'open'}}).innerHTML = '<input style="width:300px;height:30px">';
            host.shadowRoot.firstChild.value = f.value = {json.dumps(SECRET)};</script>""",
        )
    )
    await page.frame_locator("iframe").locator(".s").wait_for()
    before = await page.content()
    file = await take_screenshot(page, tmp_path / "shots" / "one.png", [SECRET])
    assert file is not None
    png = file.read_bytes()
    assert await page.content() == before
    for locator in (*await page.locator(".s, #host input").all(), page.frame_locator("iframe").locator(".s")):
        box = await locator.bounding_box()
        assert box is not None
        assert colour_at(png, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) == COVER_COLOUR
    plain = await page.locator(".plain").bounding_box()
    assert plain is not None
    assert colour_at(png, plain["x"] + plain["width"] / 2, plain["y"] + 15) == "#ffffff"


async def test_a_picture_of_a_page_that_hangs_or_is_gone_is_none_in_time(page: Page, tmp_path: Path):
    await page.goto("data:text/html,<p>x")
    await page.evaluate("setTimeout(() => { const end = Date.now() + 3000; while (Date.now() < end) {} }, 0)")
    assert await take_screenshot(page, tmp_path / "one.png", [SECRET], seconds=0.5) is None
    await page.close()
    assert await take_screenshot(page, tmp_path / "two.png") is None
    assert not any(file.exists() for file in (tmp_path / "one.png", tmp_path / "two.png"))
