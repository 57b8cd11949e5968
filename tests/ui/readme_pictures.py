"""The pictures of the web interface in the README: `./dev screenshots --readme`. Runs the demo, before and after."""

from __future__ import annotations

import io
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import httpx
from PIL import Image
from playwright.async_api import Browser, ViewportSize
from tests.ui.serving import DEMO_SUITE, PROJECT, ROOT, run_and_wait, runs_of, serving, settled

FOLDER = ROOT / "docs" / "pictures"
SIZE = ViewportSize(width=1120, height=700)
COLOURS = 96
HEALED_TEST = "Sign in and out"


async def take_readme_pictures(browser: Browser) -> None:
    """Run the demo's suite on the shop before and after its redesign, and take the four pictures."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "state", demo=True, workers=2) as running:
        with closing(running.client()) as client:
            run_suite(client, {})
            run_suite(client, {"base_url": running.redesigned_shop})
            paths = paths_of_pictures(client)
        context = await browser.new_context(viewport=SIZE, color_scheme="light", reduced_motion="reduce")
        page = await running.sign_in(context)
        for name, path in paths.items():
            await page.goto(running.url(path))
            await settled(page)
            await page.wait_for_load_state("networkidle")
            if name == "ui-run":
                await page.locator("main details > summary").filter(has_text="Healed").first.click()
            picture = FOLDER / f"{name}.png"
            keep_small(await page.screenshot(animations="disabled"), picture)
            sys.stdout.write(f"{picture} {picture.stat().st_size // 1000} kB\n")
        await context.close()


def run_suite(client: httpx.Client, overrides: dict[str, str]) -> None:
    """Run the demo's suite, and wait until all of its runs have ended."""
    suite = client.get("/suites").raise_for_status().json()["items"][0]
    assert suite["name"] == DEMO_SUITE
    run_and_wait(client, suite_id=suite["id"], overrides=overrides)


def paths_of_pictures(client: httpx.Client) -> dict[str, str]:
    """The pages by the names of their pictures: newest first, the run and the heal are of the redesign."""
    run = next(run for run in runs_of(client, status="passed_healed") if run["test_name"] == HEALED_TEST)
    heal = client.get("/heals", params={"status": "proposed"}).raise_for_status().json()["items"][0]
    home = f"/p/{PROJECT}"
    return {
        "ui-dashboard": f"{home}/",
        "ui-test": f"{home}/tests/{run['test_id']}",
        "ui-run": f"{home}/runs/{run['id']}",
        "ui-heal": f"{home}/heals/{heal['id']}",
    }


def keep_small(png: bytes, path: Path) -> None:
    """Write a picture with few colours: a quarter of the bytes, and nobody sees it."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
