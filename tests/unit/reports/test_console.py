# ruff: noqa: E501 - the snapshots hold whole lines of output
"""What a person sees, on a terminal and in a pipe."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Sequence

import pytest
from inline_snapshot import snapshot
from tests.unit.reports.factory import (
    STARTED,
    failed_step,
    one_try,
    passed_step,
    rich_suite,
    run_of,
    simple_run,
    suite_of,
    with_unknown_price,
)

from tierwright.core.events import (
    Event,
    RunFinished,
    RunStarted,
    StepStarted,
    SuiteFinished,
    SuiteStarted,
    TierStarted,
    TryStarted,
)
from tierwright.core.results import RunStatus, SuiteResult
from tierwright.core.settings import ExecutionSettings, HealPolicy
from tierwright.core.strategy import TierNumber
from tierwright.reports.console import ConsoleReport, Output

ESCAPE = "\x1b"


def events_of(suite: SuiteResult) -> Sequence[Event]:
    settings = ExecutionSettings()
    events: list[Event] = [SuiteStarted(STARTED, len(suite.runs), settings, suite.model, "default")]
    for run in suite.runs:
        if run.tries:
            events.append(RunStarted(run.run_id, run.test, run.example, settings, run.model, "default", run.started_at))
            events.append(TryStarted(run.run_id, 1))
            for step in run.steps:
                events += [
                    StepStarted(run.run_id, step.index, step.step),
                    TierStarted(run.run_id, step.index, TierNumber.DIRECT),
                ]
        events.append(RunFinished(run))
    return (*events, SuiteFinished(suite))


async def shown(
    suite: SuiteResult, policy: HealPolicy = HealPolicy.WARN, *, terminal: bool = False, colour: bool = False
) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    report = ConsoleReport(
        Output(stream=out, terminal=terminal, colour=colour, width=100), Output(stream=err), policy=policy
    )
    for event in events_of(suite):
        await report.on_event(event)
    return out.getvalue(), err.getvalue()


async def test_a_pipe_gets_one_line_a_test_and_a_summary_in_words() -> None:
    out, _ = await shown(rich_suite())

    assert out == snapshot("""\
6 runs, strategy option_c (tiers 1 → 2 → 3), model local
PASS    Buy a mug [user=bob]  42 ms
HEALED  Sign in  440 ms  1 heal
FLAKY   Search  1.6 s  2 tries
FAIL    Keep a wish list  1.5 s  step 2 “Click the Wish list button”: nothing on the page matches this step: no element matches #gone
ERROR   Open the map  0 ms  the browser or the worker died: the browser closed its connection
NOT RUN Leave

FAIL  Keep a wish list  (tests/shop.tw.yaml:3)
  step 2 of 3: Click the Wish list button  (tests/shop.tw.yaml:11)
  nothing on the page matches this step: no element matches #gone
  selector: #gone
    tier 1    600 ms  not_found: no element matches #gone
    tier 2    900 ms  ambiguous: two candidates are as likely
  nearest on the page:
     93 %  button “Sign in”  role=button[name='Sign in']
     21 %  link “Help”  role=link[name='Help']
  artifact: artifacts/wish-list.png
  artifact: artifacts/trace.zip   (open it with: playwright show-trace)

ERROR  Open the map  (tests/map.tw.yaml:3)
  the browser or the worker died: the browser closed its connection
  artifact: artifacts/trace.zip   (open it with: playwright show-trace)

1 step was found from words alone for the first time:
  Sign in, step 3: Enter the user name in the Username field → role=textbox[name='Username']  (proposal g-77)
warning (contract): Sign in, step 2: the address after it is another than before

not run, or stopped before the end:
  Leave

1 passed, 1 passed with heals, 1 flaky, 1 failed, 1 broken machinery, 1 not run  in 6.5 s
steps by tier: tier 1: 5 (71 %), tier 2: 2 (29 %), tier 3: 0 (0 %)
models: 812 tokens, $0.0031
""")


async def test_heals_are_listed_on_standard_error_under_warn() -> None:
    """H-30: warn lists heals on standard error, old and new, with how sure it is and how to review."""
    _, err = await shown(rich_suite(), HealPolicy.WARN)

    assert err == snapshot("""\

1 step was healed:
  Sign in, step 2: Click the Log in button
    #login-btn → role=button[name='Sign in']  (tier 2, confidence 93 %, proposal h-1234)
  review them with: tierwright heals list, then heals approve ID or heals reject ID
""")


async def test_allow_lists_no_heals_and_fail_lists_them_in_the_summary() -> None:
    """H-30: allow gives no notice."""
    allowed = await shown(rich_suite(), HealPolicy.ALLOW)
    refused = await shown(rich_suite(), HealPolicy.FAIL)

    assert "#login-btn" not in "".join(allowed)
    assert "#login-btn → role=button[name='Sign in']" in refused[0]
    assert refused[1] == ""


async def test_an_unknown_price_is_said() -> None:
    out, _ = await shown(suite_of(with_unknown_price(simple_run(RunStatus.PASSED))))

    assert "812 tokens, price unknown" in out


async def test_a_pipe_gets_no_escape_codes_not_even_the_page_s_own() -> None:
    run = run_of("\x1b[31mevil", RunStatus.FAILED, one_try(RunStatus.FAILED, failed_step(0, "\x1b]0;title\x07 [red]")))

    out, err = await shown(suite_of(run))

    assert ESCAPE not in out + err
    assert "\x07" not in out
    assert "[red]" in out


async def test_long_lines_of_a_pipe_are_not_wrapped() -> None:
    name = "word " * 60
    out, _ = await shown(suite_of(run_of(name.strip(), RunStatus.PASSED, one_try(RunStatus.PASSED, passed_step()))))

    assert name.strip() in out


async def test_a_terminal_shows_test_step_tier_and_time_while_it_runs() -> None:
    out = io.StringIO()
    times = iter(range(1000))
    report = ConsoleReport(
        Output(stream=out, terminal=True, colour=True, width=120), Output(stream=out), clock=lambda: float(next(times))
    )
    suite = suite_of(simple_run(RunStatus.PASSED, "Buy a mug"))
    before_the_end = [e for e in events_of(suite) if not isinstance(e, RunFinished | SuiteFinished)]
    for event in before_the_end:
        await report.on_event(event)
    report.close()

    seen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out.getvalue())
    assert "0 of 1 done" in seen
    assert re.search(r"Buy a mug · step 1/1 Click the Buy button · tier 1 · \d+\.0 s", seen)


async def test_standard_error_stays_its_own_stream_while_a_terminal_is_live(capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    report = ConsoleReport(Output(stream=out, terminal=True, colour=True, width=80), Output(stream=io.StringIO()))
    await report.on_event(events_of(rich_suite())[0])
    print("a library's warning", file=sys.stderr)  # noqa: T201 - what is tested
    report.close()

    assert capsys.readouterr().err == "a library's warning\n"
    assert "warning" not in out.getvalue()


async def test_no_color_keeps_the_live_lines_and_drops_the_colours() -> None:
    plain, _ = await shown(rich_suite(), terminal=True, colour=False)
    coloured, _ = await shown(rich_suite(), terminal=True, colour=True)

    colours = re.compile(r"\x1b\[(?:\d+;)*3\d")
    assert not colours.search(plain)
    assert colours.search(coloured)


async def test_what_was_not_run_is_named() -> None:
    out, _ = await shown(suite_of(simple_run(RunStatus.PASSED), run_of("Leave", RunStatus.CANCELLED), notes=("stop",)))

    assert "not run, or stopped before the end:\n  Leave\n" in out
    assert "note: stop" in out
    assert "1 passed, 1 not run" in out
