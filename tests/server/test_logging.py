"""Logs: JSON lines with the ids they belong to, and without secrets."""

from __future__ import annotations

import base64
import html
import io
import json
import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import structlog
from httpx import AsyncClient
from tests.store.examples import told

from tierwright.server.logs import HIDDEN, LogRuns, MaskSecrets, secrets_in, write_logs


@pytest.fixture
def masks() -> MaskSecrets:
    return MaskSecrets(["geheim-123"])


@pytest.fixture
def lines(masks: MaskSecrets) -> Iterator[io.StringIO]:
    """Where the logs of the process go during a test."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level = list(root.handlers), root.level
    write_logs(stream, masks)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def read(lines: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


async def test_a_request_is_one_line_with_the_id_that_its_answer_carries(
    anonymous: AsyncClient, lines: io.StringIO
) -> None:
    answer = await anonymous.get("/health/live?token=geheim-123")
    (line,) = [line for line in read(lines) if line["event"] == "request"]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/health/live", 200)
    assert line["duration_ms"] >= 0
    assert line["level"] == "info"
    assert "geheim" not in lines.getvalue()


@pytest.mark.parametrize(("sent", "kept"), [("abc-1.2", True), ("a b\tc", False), ("x" * 65, False)])
async def test_an_id_that_came_along_is_kept_when_it_is_a_plain_word(
    anonymous: AsyncClient, lines: io.StringIO, sent: str, kept: bool
) -> None:
    answer = await anonymous.get("/health/live", headers={"X-Request-ID": sent})
    assert (answer.headers["x-request-id"] == sent) is kept


async def test_lines_of_a_run_carry_run_and_step(lines: io.StringIO) -> None:
    listener = LogRuns()
    for event in told("run-7"):
        await listener.on_event(event)
        logging.getLogger("some.library").warning("busy")
    seen = [(line["event"], line.get("run_id"), line.get("step")) for line in read(lines)]
    assert ("busy", "run-7", 1) in seen
    assert ("step finished", "run-7", 2) in seen
    assert seen[-2:] == [("run finished", "run-7", None), ("busy", None, None)]


def test_secrets_are_taken_out_of_whatever_is_logged(lines: io.StringIO, masks: MaskSecrets) -> None:
    log = structlog.get_logger("x")
    log.info("signed in with geheim-123", password="abc", nested={"api_key": "def", "list": ["geheim-123"]})
    logging.getLogger("lib").error("GET postgresql://ada:lovelace@db/x with Bearer abc.def and twp_0123abc")
    masks.add("later-secret")
    try:
        int("no later-secret here")
    except ValueError:
        logging.getLogger("lib").exception("it failed")
    text = lines.getvalue()
    for secret in ("geheim-123", "abc.def", "lovelace", "twp_0123abc", "later-secret", '"abc"', '"def"'):
        assert secret not in text, secret
    assert text.count(HIDDEN) >= 8
    assert "ValueError" in text


def test_a_value_is_hidden_while_somebody_holds_it_in_every_form(lines: io.StringIO, masks: MaskSecrets) -> None:
    value = 'p&ss "wörd"/1'
    forms = [value, quote(value), quote(value, safe=""), html.escape(value), json.dumps(value)[1:-1]]
    forms += [base64.b64encode(before + value.encode()).decode() for before in (b"", b"x", b"xy")]
    log = structlog.get_logger("x")
    with masks.hiding([value]), masks.hiding([value, "1"]):
        pass
    with masks.hiding([value]):
        with masks.hiding([value]):
            pass
        for form in forms:
            log.info("told", text=f"<{form}>")
    assert [form for form in forms if form in str([line["text"] for line in read(lines)])] == []
    assert all(HIDDEN in line["text"] for line in read(lines))
    log.info("told", text=value)
    assert read(lines)[-1]["text"] == value


def test_counts_of_tokens_are_no_secrets(lines: io.StringIO) -> None:
    structlog.get_logger("x").info("asked", tokens=120)
    assert read(lines)[0]["tokens"] == 120


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_words_and_no_json(lines: io.StringIO, masks: MaskSecrets) -> None:
    terminal = Terminal()
    write_logs(terminal, masks)
    structlog.get_logger("x").info("hello", run_id="r1")
    assert "hello" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")


def test_secrets_of_the_environment_are_known_by_their_names() -> None:
    env = {"OPENAI_API_KEY": "k1", "TIERWRIGHT_ENCRYPTION_KEY": "a,b", "TIERWRIGHT_SECRET_PIN": "p", "HOME": "/root"}
    assert set(secrets_in(env)) == {"k1", "a,b", "a", "b", "p"}
