"""JUnit XML, read back by a parser of its own kind."""

from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree as ET

from junitparser.xunit2 import JUnitXml, TestCase, TestSuite
from tests.unit.reports.factory import failed_step, one_try, passed_step, rich_suite, run_of, suite_of

from tierwright.core.events import SuiteFinished
from tierwright.core.results import ErrorKind, Failure, RunStatus, SuiteResult
from tierwright.reports.junit import JUnitReport, junit_xml


def parsed(suite: SuiteResult) -> list[TestSuite]:
    return list(JUnitXml.fromstring(junit_xml(suite).encode()))


def cases(suite: SuiteResult) -> dict[str, TestCase]:
    return {case.name: case for part in parsed(suite) for case in part}


def test_one_testsuite_a_file_and_one_testcase_a_run() -> None:
    suites = parsed(rich_suite())

    assert [(s.name, s.tests, s.failures, s.errors, s.skipped) for s in suites] == [
        ("tests/map.tw.yaml", 2, 0, 1, 1),
        ("tests/shop.tw.yaml", 4, 1, 0, 0),
    ]
    assert [c.name for c in suites[1]] == ["Buy a mug [user=bob]", "Sign in", "Search", "Keep a wish list"]
    assert {c.classname for c in suites[1]} == {"tests/shop.tw.yaml"}


def test_a_failure_says_step_reason_and_what_every_tier_saw() -> None:
    case = cases(rich_suite())["Keep a wish list"]

    [failure] = case.result
    assert case.is_failure
    assert failure.type == "not_found"
    assert failure.message == (
        "step 2 “Click the Wish list button”: nothing on the page matches this step: no element matches #gone"
    )
    assert "written at tests/shop.tw.yaml:11:5" in failure.text
    assert "tier 2, try 1, 900 ms: ambiguous: two candidates are as likely" in failure.text


def test_broken_machinery_is_an_error_and_a_cancelled_run_is_skipped() -> None:
    """H-4: nothing that did not happen is ever passed."""
    found = cases(rich_suite())

    assert found["Open the map"].is_error
    assert found["Open the map"].result[0].type == "crashed"
    assert found["Leave"].is_skipped


def test_heals_are_properties_and_output() -> None:
    """H-30: under every policy a CI can see the heals."""
    case = cases(rich_suite())["Sign in"]

    assert case.is_passed
    assert ("healed", "step 2: #login-btn -> role=button[name='Sign in']") in [
        (p.name, p.value) for p in case.properties()
    ]
    assert "healed, step 2 “Click the Log in button”: #login-btn -> role=button[name='Sign in']" in case.system_out
    assert "confidence 93 %, proposal h-1234" in case.system_out
    assert "[[ATTACHMENT|artifacts/step-2.png]]" in case.system_out


def test_an_earlier_failed_try_of_a_flaky_test_is_a_flaky_failure() -> None:
    case = cases(rich_suite())["Search"]

    assert case.is_passed
    [flaky] = case.flaky_failures()
    assert "nothing on the page matches" in flaky.message
    assert "step 2: Click the Wish list button" in flaky.stack_trace
    assert not case.rerun_failures()


def test_earlier_tries_of_a_failed_test_are_reruns() -> None:
    crash = Failure(ErrorKind.CRASHED, "the browser closed")
    run = run_of(
        "Pay",
        RunStatus.FAILED,
        one_try(RunStatus.ERROR, error=crash),
        one_try(RunStatus.FAILED, failed_step(0)),
        one_try(RunStatus.FAILED, passed_step(), failed_step()),
    )
    case = cases(suite_of(run))["Pay"]

    assert [e.type for e in case.rerun_errors()] == ["crashed"]
    assert [f.type for f in case.rerun_failures()] == ["not_found"]
    assert len(case.result) == 1


def test_characters_that_xml_forbids_and_markup_do_no_harm() -> None:
    nasty = "\x1b[31mred\x00 </failure><x> & ]]> \ud800 \ufffe"
    run = run_of(nasty, RunStatus.FAILED, one_try(RunStatus.FAILED, failed_step(0, nasty)))

    [case] = cases(suite_of(run)).values()

    assert case.name == "[31mred </failure><x> & ]]>  "
    assert "</failure><x> & ]]>" in case.result[0].text


def test_no_run_at_all_is_still_a_document() -> None:
    root = ET.fromstring(junit_xml(suite_of()))

    assert root.tag == "testsuites"
    assert root.get("tests") == "0"


async def test_the_file_is_written_and_masked(tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    report = JUnitReport(file, io.StringIO(), mask=lambda text: text.replace("login", "••••"))

    await report.on_event(SuiteFinished(rich_suite()))

    assert file.read_text().startswith('<?xml version="1.0" encoding="utf-8"?>')
    assert "login" not in file.read_text()
