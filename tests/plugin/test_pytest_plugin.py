"""`pytest` runs test files: in a child process, in a folder of its own, as a user's project would."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.browsers import browser_of_pages
from tests.children import said_by
from tests.conftest import Site

from tierwright.browser.find import find_browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Pytest = Callable[..., Awaitable[tuple[int, str]]]

SHOP = """\
name: The basket opens
tags: [smoke]
steps:
  - {action: navigate, value: /}
  - {action: click, instruction: Open the basket, selector: "#basket"}
  - {action: expect, instruction: The total, selector: "#total", condition: text, value: "12 EUR"}
"""
HOME = "<title>Shop</title><h1>Shop</h1><nav><a id={id} href=/basket>Basket</a> <a href=/help>Help</a></nav>"
ADDRESS = """\
import pytest

@pytest.fixture(scope="session")
def tierwright_base_url():
    return {origin!r}
"""


@pytest.fixture
def project(tmp_path: Path, site: Site) -> Path:
    """A project with one test, on a shop with two pages."""
    site.page("/", HOME.format(id="basket"))
    site.page("/basket", "<title>Basket</title><h1>Basket</h1><p id=total>12 EUR</p>")
    (tmp_path / "tierwright.toml").write_text('strategy = "option_a"\n')  # without Stagehand a browser is there at once
    (tmp_path / "ui").mkdir()
    (tmp_path / "ui" / "shop.tw.yaml").write_text(SHOP)
    (tmp_path / "conftest.py").write_text(ADDRESS.format(origin=site.origin))
    return tmp_path


@pytest.fixture
def run(project: Path) -> Pytest:
    """Runs pytest in the project; gives its exit code and what it said."""
    chromium = browser_of_pages(find_browser(None, os.environ), os.environ)

    async def run(*words: str, whole: bool = False) -> tuple[int, str]:
        """`whole`: with every plug-in of the environment, found by itself, and in the browser that users have."""
        quick = {"TIERWRIGHT_CHROME_PATH": str(chromium), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        named = ("-p", "no:playwright-asyncio") if whole else ("-p", "tierwright.pytest_plugin")
        env = {**os.environ, "NO_COLOR": "1", "COLUMNS": "150", **({} if whole else quick)}
        return await said_by("pytest", *named, *words, cwd=project, env=env, seconds=100)

    return run


def statuses(project: Path) -> list[tuple[str, str]]:
    """The runs on record, as `tierwright` would tell of them."""
    with sqlite3.connect(project / ".tierwright" / "tierwright.db") as database:
        return database.execute("select test_name, status from test_executions order by started_at").fetchall()


async def test_a_file_passes_and_heals_and_heals_are_refused_where_they_must_be(
    run: Pytest, project: Path, site: Site
) -> None:
    """H-30: a heal is told of at the end, and is a failure when the policy says so."""
    code, said = await run("-q")
    assert (code, "1 passed" in said, "healed" in said) == (0, True, False), said

    site.page("/", HOME.format(id="to-the-basket"))
    code, said = await run("-q", "--tw-strategy", "option_c", whole=True)
    assert (code, "1 passed" in said) == (0, True), said
    assert re.search(r"healed steps\W[\s\S]*The basket opens, step 2: Open the basket\n.*#basket → ", said), said
    assert "tierwright heals approve" not in said
    assert "review them with: tierwright heals list" in said

    code, said = await run("-q", "--tw-heal-policy", "fail")
    assert (code, "1 failed" in said) == (1, True), said
    assert "1 step was healed, and the heal policy is fail" in said
    code, said = await run("-q", "--tw-heal-policy", "allow")
    assert (code, "heals list" in said) == (0, False), said
    assert statuses(project) == [("The basket opens", "passed")] + [("The basket opens", "passed_healed")] * 3


async def test_a_broken_feature_fails_with_its_step_and_no_traceback(run: Pytest, project: Path, site: Site) -> None:
    site.page("/basket", "<title>Basket</title><h1>Basket</h1><p id=total>13 EUR</p>")
    code, said = await run("--tw-screenshots", "off")
    assert (code, "1 failed" in said) == (1, True), said
    assert "step 3 of 3: The total  (ui/shop.tw.yaml:6)" in said
    assert "the page does not show what the step expects" in said
    assert "Traceback" not in said
    assert "_pytest" not in said
    assert "FAILED ui/shop.tw.yaml::The basket opens" in said
    assert statuses(project) == [("The basket opens", "failed")]


async def test_fixtures_surround_a_test_and_give_it_values(run: Pytest, project: Path, site: Site) -> None:
    (project / "ui" / "shop.tw.yaml").write_text(
        SHOP.replace('"12 EUR"', '"{{total}}"') + "variables: {total: nothing}\n"
    )
    (project / "conftest.py").write_text(
        ADDRESS.format(origin=site.origin)
        + """
@pytest.fixture(autouse=True)
def told(request):
    print("before", request.node.name)
    yield
    print("after", request.node.name)

@pytest.fixture
def tierwright_variables():
    return {"total": "12 EUR"}
"""
    )
    code, said = await run("-s")
    assert code == 0, said
    assert re.search(r"before The basket opens[\s\S]*after The basket opens", said), said


async def test_what_is_collected(run: Pytest, project: Path) -> None:
    """Examples are tests of their own, tags are marks, an included file is no test; nothing is opened for a list."""
    (project / "ui" / "a-sign-in.tw.yaml").write_text('name: Sign in\nsteps:\n  - Go to "/"\n')
    (project / "ui" / "rows.tw.yaml").write_text(
        'name: Each page\nsteps:\n  - include: a-sign-in.tw.yaml\n  - Go to "{{path}}"\n'
        "examples:\n  - {path: /}\n  - {path: /basket}\n"
    )
    code, said = await run("--collect-only", "-q")
    assert code == 0, said
    assert re.findall(r"ui/\S+::.*", said) == [
        "ui/rows.tw.yaml::Each page[path=/]",
        "ui/rows.tw.yaml::Each page[path=/basket]",
        "ui/shop.tw.yaml::The basket opens",
    ]
    code, said = await run("--collect-only", "-q", "-m", "smoke", "--strict-markers")
    assert re.findall(r"ui/\S+::.*", said) == ["ui/shop.tw.yaml::The basket opens"], said
    code, said = await run("--collect-only", "-q", "ui/a-sign-in.tw.yaml")
    assert re.findall(r"ui/\S+::.*", said) == ["ui/a-sign-in.tw.yaml::Sign in"], said
    assert not (project / ".tierwright").exists()


async def test_what_is_wrong_is_said_with_its_place(run: Pytest, project: Path) -> None:
    (project / "ui" / "broken.tw.yaml").write_text("name: Broken\nsteps:\n  - {action: klick, selector: '#b'}\n")
    code, said = await run("-q")
    assert (code, "1 error" in said) == (2, True), said
    assert "ui/broken.tw.yaml:3:" in said
    assert "klick" in said
    assert "Traceback" not in said
    code, said = await run("--tw-strategy", "option_z")
    assert (code, "'option_z' is not one of option_a, option_b, option_c" in said) == (4, True), said
    (project / "tierwright.toml").write_text("stratgy = 'option_a'\n")
    code, said = await run("-q", "ui/shop.tw.yaml")
    assert (code, "did you mean strategy?" in said) == (2, True), said
    assert "Traceback" not in said


FLAKY_SHOP = """\
import pytest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

seen = []

class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        seen.append(self.path)
        total = 12 if seen.count("/basket") > 1 else 13
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f"<a id=basket href=/basket>Basket</a><p id=total>{total} EUR</p>".encode())

    def log_message(self, *words):
        pass

@pytest.fixture(scope="session")
def tierwright_base_url():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
"""


async def test_tests_beside_each_other_that_need_two_tries(run: Pytest, project: Path) -> None:
    """With pytest-xdist each worker has an engine and an application of its own, and one database."""
    (project / "ui" / "second.tw.yaml").write_text(SHOP.replace("The basket", "The same basket"))
    (project / "conftest.py").write_text(FLAKY_SHOP)
    code, said = await run("-p", "xdist", "-n", "2", "--dist", "load", "--tw-retries", "1")
    assert (code, "2 passed" in said) == (0, True), said
    assert re.search(r"= flaky =+\n", said), said
    assert set(re.findall(r"^(The .*)  2 tries$", said, re.MULTILINE)) == {
        "The basket opens",
        "The same basket opens",
    }, said
    assert sorted(statuses(project)) == [("The basket opens", "flaky"), ("The same basket opens", "flaky")]


async def test_a_test_that_takes_too_long_is_cancelled_and_the_next_one_runs(
    run: Pytest, project: Path, site: Site
) -> None:
    (project / "ui" / "a-slow.tw.yaml").write_text(
        'name: Slow\nsteps:\n  - Go to "/"\n  - {action: click, selector: "#nowhere", timeout_seconds: 90}\n'
    )
    started = time.monotonic()
    code, said = await run("-q", "-p", "pytest_timeout", "--timeout", "8", "--timeout-method", "signal")
    assert (code, "1 failed, 1 passed" in said) == (1, True), said
    assert time.monotonic() - started < 60
    assert statuses(project) == [("Slow", "cancelled"), ("The basket opens", "passed")]
