"""Two who change one thing at the same time: neither loses what was written."""

from __future__ import annotations

from contextlib import closing

import pytest
from playwright.async_api import Browser, Page, expect
from tests.ui.serving import PROJECT, Serving, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

YAML = "name: Shared\nsteps:\n  - Go back\n"


async def rename(page: Page, name: str) -> None:
    await page.get_by_label("Name", exact=True).fill(name)
    await page.keyboard.press("Control+s")


async def test_who_saves_second_is_told_and_chooses(empty_server: Serving, browser: Browser) -> None:
    with closing(empty_server.client()) as client:
        test = client.post("/tests", json={"yaml": YAML}).raise_for_status().json()["id"]
        contexts = [await browser.new_context() for _ in range(2)]
        one, two = [await empty_server.sign_in(context) for context in contexts]
        for page in (one, two):
            await page.goto(empty_server.url(f"/p/{PROJECT}/tests/{test}"))
            await settled(page)
        told = two.get_by_text("Somebody else saved this test meanwhile.")
        await rename(one, "Theirs")
        await expect(one.get_by_role("heading", level=1, name="Theirs")).to_be_visible()
        await rename(two, "Mine")
        await expect(told).to_be_visible()
        assert client.get(f"/tests/{test}").json()["name"] == "Theirs"
        await expect(two.get_by_label("The test as YAML")).to_have_value(YAML.replace("Shared", "Mine"))
        await two.get_by_role("button", name="Save mine over it").click()
        await expect(two.get_by_role("heading", level=1, name="Mine")).to_be_visible()
        await expect(told).to_have_count(0)
        await rename(one, "Theirs again")
        await one.get_by_role("button", name="Show theirs instead").click()
        await expect(one.get_by_label("The test as YAML")).to_have_value(YAML.replace("Shared", "Mine"))
        assert client.get(f"/tests/{test}").json()["version"] == 3
    for context in contexts:
        await context.close()


async def test_who_decides_a_heal_second_is_told_and_changes_nothing(demo_server: Serving, browser: Browser) -> None:
    address = demo_server.page_url("/p/{project}/heals/{heal}")
    heal = address.rpartition("/")[2]
    contexts = [await browser.new_context() for _ in range(2)]
    one, two = [await demo_server.sign_in(context) for context in contexts]
    for page in (one, two):
        await page.goto(address)
        await settled(page)
        await expect(page.get_by_role("button", name="Approve")).to_be_enabled()
    async with one.expect_response(lambda answer: answer.url.endswith("/approve")) as approved:
        await one.keyboard.press("a")
    assert (await approved.value).ok
    with closing(demo_server.client()) as client:
        test = client.get(f"/heals/{heal}").json()["test_id"]
        version = client.get(f"/tests/{test}").json()["version"]
        await two.keyboard.press("r")
        await expect(two.get_by_text("Somebody else decided meanwhile")).to_be_visible()
        await expect(two.get_by_text("This heal is approved already.")).to_be_visible()
        await expect(two.get_by_role("button", name="Reject")).to_have_count(0)
        assert client.get(f"/heals/{heal}").json()["status"] == "approved"
        assert client.get(f"/tests/{test}").json()["version"] == version
    for context in contexts:
        await context.close()
