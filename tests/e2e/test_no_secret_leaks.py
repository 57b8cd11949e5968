"""A secret of a project is in nothing that a server's run leaves, says or sends: 0 of N, each unpacked and searched."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from tests.conftest import Site
from tests.e2e.test_secrets_stay_secret import spellings
from tests.standins.providers import Answer, standin

from tierwright.browser.screenshots import COVER_COLOUR
from tierwright.server.users.service import DEMO_PASSWORD, DEMO_USER

SECRET = 'p&ss w"rd/1+~Zq<7'
YAML = """\
name: Sign in
secrets: [password]
steps:
  - {action: navigate, value: /}
  - {action: fill, selector: "#hidden", value: "{{password}}"}
  - {action: fill, selector: "#plain", value: "{{password}}"}
  - {action: expect, selector: "#echo", condition: contains, value: "{{password}}"}
  - {action: click, selector: "#send", instruction: the Send button}
  - {action: click, selector: "#no", instruction: the flux capacitor dial, timeout_seconds: 20}
"""
BOX = "position: absolute; left: 20px; width: 400px; height: 40px; box-sizing: border-box"
PAGE = f"""<title>x</title><input id=hidden type=password style="{BOX}; top: 20px">
<input id=plain style="{BOX}; top: 80px"><div id=echo style="{BOX}; top: 140px"></div>
<button id=send style="{BOX}; top: 200px">Send</button><script>
plain.oninput = () => {{ echo.textContent = plain.value; document.title = plain.value; console.log(plain.value);
  echo.setAttribute('data-copy', btoa(plain.value)); document.cookie = 'k=' + encodeURIComponent(plain.value) }};
send.onclick = () => {{ const s = plain.value; fetch('/api?token=' + encodeURIComponent(s), {{method: 'POST',
  headers: {{Authorization: 'Basic ' + btoa('ada:' + s)}}, body: JSON.stringify({{s}})}});
  history.replaceState(0, '', '/?q=' + encodeURIComponent(s)) }};</script>"""


def holds(data: bytes, secret: str = SECRET) -> bool:
    return any(form in data for form in spellings(secret))


def unpacked(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """What is in a file: itself, and everything that is packed in it."""
    yield name, data
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for inner in archive.namelist():
                yield from unpacked(f"{name}!{inner}", archive.read(inner))
    elif data[:2] == b"\x1f\x8b":
        yield from unpacked(f"{name}!", gzip.decompress(data))
    elif data[:1] == b"\x78":
        try:
            inflated = zlib.decompress(data)
        except zlib.error:
            return
        yield f"{name}!", inflated


def files_below(folder: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield from unpacked(str(file.relative_to(folder)), file.read_bytes())


@contextmanager
def served(folder: Path, env: dict[str, str]) -> Iterator[httpx.Client]:
    """A server in a process of its own, all that it says kept in a file, and a client that is signed in."""
    said = folder / "said.log"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tierwright", "serve", "--demo", "--port", "0", "--state", str(folder / "state")],
            stdout=out,
            stderr=out,
            env={**os.environ, **env},
        )
    try:
        with httpx.Client(base_url=f"{_address(said)}/api/v1", timeout=30) as client:
            answer = client.post("/auth/login", data={"username": DEMO_USER, "password": DEMO_PASSWORD})
            client.cookies.clear()
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            yield client
    finally:
        process.terminate()
        process.wait(60)


def _address(said: Path) -> str:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for line in said.read_text().splitlines():
            if line.startswith("Tierwright is at "):
                return line.split()[3]
        time.sleep(0.1)
    raise AssertionError(f"the server did not start: {said.read_text()}")


def made_run(client: httpx.Client, site: Site) -> dict[str, Any]:
    project = client.get("/projects").json()["items"][0]["id"]
    kept = client.put(f"/projects/{project}/secrets/password", json={"value": SECRET})
    assert kept.status_code == 204, kept.text
    test = client.post("/tests", json={"yaml": YAML})
    assert test.status_code == 201, test.text
    overrides = {"base_url": site.origin, "trace": "on", "screenshots": "on", "strategy": "option_c"}
    group = client.post(f"/tests/{test.json()['id']}/run", json={"overrides": overrides})
    assert group.status_code == 202, group.text
    run_id = group.json()["runs"][0]["id"]
    until = time.monotonic() + 150
    while time.monotonic() < until:
        run: dict[str, Any] = client.get(f"/executions/{run_id}").json()
        if run["status"] not in ("queued", "running"):
            return run
        time.sleep(0.3)
    raise AssertionError(f"the run did not end: {run}")


def everything_answered(client: httpx.Client, run: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The bodies of every GET that this run, its test and its project have."""
    known = {"execution_id": run["id"], "test_id": run["test_id"], "project_id": run["project_id"]}
    for path in _addresses(run):
        answer = client.get(path.format(**known))
        yield from unpacked(f"GET {path}", answer.content + str(dict(answer.headers)).encode())


def _addresses(run: dict[str, Any]) -> list[str]:
    about = ["", "/steps", "/artifacts", "/events", *(f"/artifacts/{one['id']}" for one in run["artifacts"])]
    lists = ["/executions", "/tests", "/heals", "/cache", "/strategies", "/projects", "/settings/execution"]
    project = ["/projects/{project_id}", "/projects/{project_id}/secrets"]
    return [*(f"/executions/{{execution_id}}{end}" for end in about), "/tests/{test_id}", *lists, *project]


@pytest.mark.browser
@pytest.mark.stagehand
@pytest.mark.slow
@pytest.mark.timeout(280)
async def test_nothing_that_a_servers_run_leaves_says_or_sends_holds_its_secret(
    tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """H-11, with trace and pictures on, a page that shows the secret everywhere, and a model that is asked."""
    site.page("/", PAGE)
    site.respond("/api", b"{}", content_type="application/json")
    with standin("openai") as model:
        model.will(Answer("nothing here is meant"))
        env = {"TIERWRIGHT_MODEL": "openai-compatible:m", "TIERWRIGHT_MODEL_BASE_URL": f"{model.url}/v1"}
        run, answers = await asyncio.to_thread(_run_and_ask, tmp_path, env, site)
        prompts = [(f"prompt {i}", r.raw.encode()) for i, r in enumerate(model.received)]
    assert [step["status"] for step in run["steps"]] == ["passed"] * 5 + ["failed"], run["steps"]
    assert any(holds(r.body.encode()) for r in site.requests if r.method == "POST"), "the page itself got it"
    assert prompts, "a model was asked"
    searched = [*files_below(tmp_path), *answers, *prompts]
    holding = [name for name, data in searched if holds(data)]
    with capsys.disabled():
        print(f"\n{len(holding)} of {len(searched)} files hold the secret")  # noqa: T201 - the figure is what is wanted
    assert holding == []
    names = " ".join(name for name, _ in searched)
    for kind in ("said.log", ".db", "trace.zip!", ".png", "GET /executions", "prompt 0"):
        assert kind in names, f"{kind} was not searched"
    _pictures_are_covered(tmp_path)


def _run_and_ask(folder: Path, env: dict[str, str], site: Site) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
    with served(folder, env) as client:
        run = made_run(client, site)
        return run, list(everything_answered(client, run))


def _pictures_are_covered(folder: Path) -> None:
    """The boxes of the password field, of the plain field and of the text: every pixel within them is the cover."""
    cover = tuple(bytes.fromhex(COVER_COLOUR[1:]))
    (file,) = folder.rglob("step-04-*ed.png")
    with Image.open(file) as picture:
        image = picture.convert("RGB")
    for top in (20, 80, 140):
        box = image.crop((24, top + 4, 416, top + 36))
        assert box.getcolors() == [(392 * 32, cover)], f"the box at {top} shows something"
    assert image.getpixel((700, 400)) == (255, 255, 255)
    assert image.crop((24, 204, 416, 236)).getcolors() != [(392 * 32, cover)]


def test_the_search_finds_what_is_planted(tmp_path: Path) -> None:
    """In every spelling, in plain files, in archives within archives, and in packed bodies."""
    forms = sorted(spellings(SECRET))
    for index, form in enumerate(forms):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("body.gz", gzip.compress(b"x" + form + b"y"))
        with zipfile.ZipFile(tmp_path / f"{index}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner.zip", inner.getvalue())
        (tmp_path / f"{index}.zlib").write_bytes(zlib.compress(form))
        (tmp_path / f"{index}.txt").write_bytes(b"x" + form + b"y")
    found = [name for name, data in files_below(tmp_path) if holds(data)]
    assert len(found) == 3 * len(forms)
    assert len(forms) >= 7
