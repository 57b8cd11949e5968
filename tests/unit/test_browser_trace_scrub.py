"""No form of a secret is left in an unpacked trace archive, and the archive can still be read."""

from __future__ import annotations

import base64
import html
import json
import zipfile
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierwright.browser.trace import Scrubber, is_kept, scrub
from tierwright.core.config import TraceMode

SECRET = """p&ss "wörd"/<1>+'x'"""


def archive(folder: Path, entries: dict[str, bytes]) -> Path:
    path = folder / "trace.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        for name, content in entries.items():
            zipped.writestr(name, content)
    return path


def unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as zipped:
        assert zipped.testzip() is None
        return {name: zipped.read(name) for name in zipped.namelist()}


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="!'()*"),
        quote_plus(SECRET),
        quote(SECRET, safe="").replace("%C3%B6", "%c3%b6").replace("%2F", "%2f").replace("%3C", "%3c").lower(),
        html.escape(SECRET),
        html.escape(SECRET).replace("&#x27;", "&#39;"),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(SECRET)[1:-1])[1:-1],
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(b"ada:" + SECRET.encode()).decode(),
        base64.urlsafe_b64encode(b"ad:" + SECRET.encode() + b"!").decode(),
        base64.b64encode(b"a:" + SECRET.encode()).decode(),
    ],
)
def test_every_form_is_found_in_every_kind_of_entry(tmp_path: Path, written: str):
    event = {"type": "before", "callId": "call@1", "startTime": 12.5, "params": {"value": f"a{written}b"}}
    path = archive(
        tmp_path,
        {
            "trace.trace": json.dumps(event).encode() + b"\n",
            "trace.network": json.dumps({"text": written}, ensure_ascii=False).encode(),
            "resources/abc.html": f"<p>{written}</p>".encode(),
        },
    )
    scrub(path, [SECRET])
    entries = unpacked(path)
    assert set(entries) == {"trace.trace", "trace.network", "resources/abc.html"}
    for content in entries.values():
        assert written.encode() not in content
        assert json.dumps(written)[1:-1].encode() not in content
    kept = json.loads(entries["trace.trace"])
    assert (kept["callId"], kept["startTime"]) == ("call@1", 12.5)


def test_pictures_are_left_out_and_the_events_that_name_them(tmp_path: Path):
    lines = [{"type": "screencast-frame", "sha1": "page@1-2.jpeg"}, {"type": "after", "callId": "call@2"}]
    path = archive(
        tmp_path,
        {
            "trace.trace": "\n".join(map(json.dumps, lines)).encode(),
            "resources/page@1-2.jpeg": b"picture",
            "resources/logo.png": b"the page's own",
        },
    )
    scrub(path, [SECRET])
    entries = unpacked(path)
    assert set(entries) == {"trace.trace", "resources/logo.png"}
    assert b"screencast" not in entries["trace.trace"]


def test_a_secret_of_digits_leaves_the_numbers_of_the_trace_alone(tmp_path: Path):
    event = {"type": "before", "startTime": 1234.5, "params": {"value": "pin 1234"}}
    path = archive(tmp_path, {"trace.trace": json.dumps(event).encode()})
    scrub(path, ["1234"])
    kept = json.loads(unpacked(path)["trace.trace"])
    assert kept["startTime"] == 1234.5
    assert "1234" not in kept["params"]["value"]


def test_a_very_short_secret_is_masked_where_it_is_a_whole_value():
    scrubber = Scrubber.of(["ab", ""])
    assert "ab" not in scrubber.text("ab")
    assert scrubber.text("a table") == "a table"
    assert scrubber.text("") == ""


def test_of_two_secrets_the_longer_is_taken_whole():
    assert "-2026" not in Scrubber.of(["hunter", "hunter-2026"]).text("x hunter-2026 y")


def test_text_without_a_secret_is_kept_to_the_byte():
    content = bytes(range(256))
    assert Scrubber.of([SECRET]).entry("resources/x.bin", content) == content


@given(st.text(min_size=4, max_size=12), st.binary(max_size=5), st.binary(max_size=5))
def test_base64_finds_the_secret_wherever_it_stands(secret: str, before: bytes, after: bytes):
    whole = base64.b64encode(before + secret.encode("utf-8", "replace") + after).decode()
    assert Scrubber.of([secret.encode("utf-8", "replace").decode()]).text(whole) != whole


def test_the_mode_says_which_runs_keep_their_trace():
    kept = {mode: [is_kept(mode, failed=failed) for failed in (True, False)] for mode in TraceMode}
    assert kept == {
        TraceMode.OFF: [False, False],
        TraceMode.ON: [True, True],
        TraceMode.RETAIN_ON_FAILURE: [True, False],
    }
