"""The JSON document has exactly the fields of the contract, with the right types, in every run."""

from __future__ import annotations

import asyncio
import io
import json
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest
from tests.unit.reports.factory import rich_suite, simple_run, suite_of, with_unknown_price

from tierwright.core.config import STDOUT
from tierwright.core.events import SuiteFinished
from tierwright.core.results import RunStatus
from tierwright.reports.json_report import JsonReport, ResultJson, result_json

CONTRACT = {
    "": "schema_version tool_version started_at duration_ms strategy model summary runs",
    "summary": "tests passed passed_healed flaky failed error cancelled steps healed_steps tokens cost_usd",
    "runs": "test file status duration_ms cost_usd tokens error example tries steps",
    "tries": "status duration_ms error",
    "steps": "index action instruction status tier actuator duration_ms selector locator xpath cache confidence margin "
    "tokens cost_usd error healed grounding warnings artifacts attempts",
    "attempts": "tier ordinal success duration_ms error_kind error cache locator tokens cost_usd evidence",
}


def assert_shape(value: Any, kind: Any, where: str = "$") -> None:
    """Fail unless the value has exactly the fields and types of the TypedDict."""
    if is_typeddict(kind):
        hints = get_type_hints(kind)
        assert isinstance(value, dict), where
        assert set(value) == set(hints), where
        for name, hint in hints.items():
            assert_shape(value[name], hint, f"{where}.{name}")
    elif get_origin(kind) is list:
        assert isinstance(value, list), where
        for i, item in enumerate(value):
            assert_shape(item, get_args(kind)[0], f"{where}[{i}]")
    elif get_origin(kind) in (Union, types.UnionType):
        if value is not None:
            assert_shape(value, next(a for a in get_args(kind) if a is not type(None)), where)
    elif get_origin(kind) is Mapping or getattr(get_origin(kind), "__name__", "") == "Mapping":
        assert all(isinstance(k, str) and isinstance(v, str) for k, v in value.items()), where
    elif kind is float:
        assert isinstance(value, int | float), where
        assert not isinstance(value, bool), where
    else:
        assert type(value) is kind, f"{where}: {value!r} is no {kind}"


def test_every_field_has_the_type_of_the_contract() -> None:
    document = json.loads(json.dumps(result_json(rich_suite())))

    assert_shape(document, ResultJson)


def test_the_fields_are_those_of_the_contract_and_no_others() -> None:
    document = json.loads(json.dumps(result_json(rich_suite())))
    run = document["runs"][1]
    step = run["steps"][1]

    found = {
        "": document,
        "summary": document["summary"],
        "runs": run,
        "tries": run["tries"][0],
        "steps": step,
        "attempts": step["attempts"][1],
    }
    assert {name: " ".join(part) for name, part in found.items()} == CONTRACT
    assert step["healed"] == {"from": "#login-btn", "to": "role=button[name='Sign in']", "proposal_id": "h-1234"}
    assert run["steps"][2]["grounding"] == {"to": "role=textbox[name='Username']", "proposal_id": "g-77"}
    assert step["warnings"] == [{"kind": "contract", "message": "the address after it is another than before"}]
    assert step["instruction"] == "Click the Log in button"
    assert step["index"] == 1


def test_the_summary_counts_runs_by_status() -> None:
    summary = result_json(rich_suite())["summary"]

    assert summary == {
        "tests": 6, "passed": 1, "passed_healed": 1, "flaky": 1, "failed": 1, "error": 1, "cancelled": 1,
        "steps": 9, "healed_steps": 1, "tokens": 812, "cost_usd": 0.0031,
    }  # fmt: skip


def test_an_unknown_price_is_null_and_never_zero() -> None:
    document = result_json(suite_of(simple_run(RunStatus.PASSED), with_unknown_price(simple_run(RunStatus.PASSED))))

    assert document["runs"][0]["cost_usd"] == 0
    assert document["runs"][1]["cost_usd"] is None
    assert document["runs"][1]["steps"][-1]["cost_usd"] is None
    assert document["summary"]["cost_usd"] is None


def test_all_tries_are_there_and_the_steps_are_those_of_the_last() -> None:
    """H-4: a flaky run keeps every try on record."""
    flaky = result_json(rich_suite())["runs"][2]

    assert [t["status"] for t in flaky["tries"]] == ["failed", "passed"]
    assert flaky["tries"][0]["error"] == {"kind": "not_found", "message": "no element matches #gone"}
    assert [s["status"] for s in flaky["steps"]] == ["passed", "passed"]


async def test_the_file_is_written_when_the_suite_ends(tmp_path: Path) -> None:
    file = tmp_path / "new" / "result.json"

    await JsonReport(file, io.StringIO()).on_event(SuiteFinished(rich_suite()))

    assert json.loads(file.read_text())["schema_version"] == 1
    assert [f.name for f in file.parent.iterdir()] == ["result.json"]


async def test_a_dash_is_standard_output() -> None:
    out = io.StringIO()

    await JsonReport(STDOUT, out).on_event(SuiteFinished(rich_suite()))

    assert json.loads(out.getvalue())["summary"]["tests"] == 6


async def test_a_secret_that_reached_a_result_is_masked_but_our_own_words_stay() -> None:
    out = io.StringIO()
    report = JsonReport(STDOUT, out, mask=lambda text: text.replace("gone", "••••").replace("failed", "••••"))

    await report.on_event(SuiteFinished(rich_suite()))

    assert "gone" not in out.getvalue()
    assert json.loads(out.getvalue())["runs"][3]["status"] == "failed"


def test_a_report_that_cannot_be_written_leaves_no_draft(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    file.mkdir()

    with pytest.raises(OSError):
        asyncio.run(JsonReport(file, io.StringIO()).on_event(SuiteFinished(rich_suite())))

    assert list(tmp_path.iterdir()) == [file]
