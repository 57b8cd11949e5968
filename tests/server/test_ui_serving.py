"""The web interface's files as a server gives them, from a build made up here."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from tierwright.server.app import create_app
from tierwright.server.problems import answer_problems
from tierwright.server.settings import ServerSettings
from tierwright.server.ui.serving import serve_ui


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index-AbC123.js").write_text("start()")
    (tmp_path / "index.html").write_text("<div id=root></div>")
    (tmp_path / "color-scheme.js").write_text("paint()")
    return tmp_path


def client_of(app: FastAPI) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(app), base_url="http://testserver")


def app_with(built: Path) -> FastAPI:
    app = FastAPI()
    answer_problems(app)
    serve_ui(app, built)
    return app


@pytest.mark.parametrize("path", ["/", "/sign-in", "/p/shop/runs/17"])
async def test_every_address_of_the_interface_is_its_one_page_which_is_asked_for_again(built: Path, path: str) -> None:
    async with client_of(app_with(built)) as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.text) == (200, "<div id=root></div>")
    assert answer.headers["cache-control"] == "no-cache"


async def test_files_named_by_what_they_hold_are_kept_for_ever_and_others_are_asked_for_again(built: Path) -> None:
    async with client_of(app_with(built)) as client:
        hashed, named = await client.get("/assets/index-AbC123.js"), await client.get("/color-scheme.js")
    assert (hashed.text, hashed.headers["cache-control"]) == ("start()", "public, max-age=31536000, immutable")
    assert (named.text, named.headers["cache-control"]) == ("paint()", "no-cache")


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2", "/assets/gone.js", "/docs/more"])
async def test_what_belongs_to_the_api_or_is_a_file_that_is_gone_is_not_the_page(built: Path, path: str) -> None:
    async with client_of(app_with(built)) as client:
        answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("path", ["/../secret", "/..%2fsecret", "/assets/..%2f..%2fsecret", "/%2e%2e/secret"])
async def test_no_file_outside_the_build_is_given(built: Path, path: str) -> None:
    (built.parent / "secret").write_text("the key")
    async with client_of(app_with(built)) as client:
        answer = await client.get(path)
    assert "the key" not in answer.text


async def test_without_a_build_the_first_page_says_how_to_get_one(tmp_path: Path) -> None:
    async with client_of(app_with(tmp_path / "never built")) as client:
        answer = await client.get("/")
    assert answer.status_code == 200
    assert "./dev setup" in answer.text


async def test_scripts_come_from_this_server_alone() -> None:
    async with client_of(create_app(ServerSettings(workers=0))) as client:
        policy = (await client.get("/")).headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
