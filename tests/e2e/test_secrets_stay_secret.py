"""A secret that a run types is in none of the files that the run leaves behind, in no usual spelling."""

from __future__ import annotations

import base64
import html
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from tests.children import said_by

from tierwright.demo.assets import suite_dir
from tierwright.demo.server import serve
from tierwright.demo.shop import DEMO_PASSWORD

SIGN_IN = suite_dir() / "01-sign-in.tw.yaml"


def spellings(secret: str) -> set[bytes]:
    texts = {secret, quote(secret, safe=""), quote_plus(secret), html.escape(secret), json.dumps(secret)[1:-1]}
    inner = {base64.b64encode(b"\0" * shift + secret.encode())[(shift * 8 + 5) // 6 :] for shift in range(3)}
    return {text.encode() for text in texts} | {piece.rstrip(b"=")[:-1] for piece in inner}


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield file.name, file.read_bytes()
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                yield from ((f"{file.name}!{name}", archive.read(name)) for name in archive.namelist())


async def run_with_everything_kept(url: str, folder: Path) -> tuple[int, str]:
    words = ["run", str(SIGN_IN), "--base-url", url, "--state", "state", "--trace", "on", "--screenshots", "on"]
    words += ["--json", "result.json", "--junit", "junit.xml", "--html", "report.html"]
    env = {**os.environ, "TIERWRIGHT_SECRET_PASSWORD": DEMO_PASSWORD}
    return await said_by("tierwright", *words, cwd=folder, env=env, seconds=150)


@pytest.mark.browser
@pytest.mark.timeout(180)
@pytest.mark.parametrize("version", [1, 2])
async def test_no_file_of_a_run_holds_the_secret(version: int, tmp_path: Path):
    """H-11: nothing typed and nothing secret is stored, with trace, pictures and all reports on."""
    with serve(version) as shop:  # type: ignore[arg-type]
        _, output = await run_with_everything_kept(shop.base_url, tmp_path)
    looked_at = [("the terminal", output.encode()), *contents(tmp_path)]
    holding = [name for name, data in looked_at if any(form in data for form in spellings(DEMO_PASSWORD))]
    assert len(looked_at) > 10
    assert not holding, f"{len(holding)} of {len(looked_at)} hold the secret: {holding}"


def test_the_search_finds_a_secret_in_every_spelling(tmp_path: Path):
    for index, form in enumerate(sorted(spellings('p&ss w"rd/1'))):
        (tmp_path / f"{index}.txt").write_bytes(b"x" + form + b"y")
    found = [any(form in data for form in spellings('p&ss w"rd/1')) for _, data in contents(tmp_path)]
    assert all(found)
