"""From what somebody sends to a test that may be stored, or to everything that is wrong with it; and back again."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tierwright.core.confine import leads_out
from tierwright.core.steps import BrowserOptions, Step, TestCase
from tierwright.server.problems import FieldProblem, Problem, invalid
from tierwright.server.tests.schemas import (
    BrowserOut,
    CredentialsOut,
    StepIn,
    StepOut,
    TestSource,
    TextProblem,
)
from tierwright.testfiles.exporter import Draft, DraftLine, DraftStep, draft_lines, render_test
from tierwright.testfiles.loader import Loaded, load_text
from tierwright.testfiles.problems import Problem as FileProblem
from tierwright.testfiles.sentences import SentenceError, compile_sentence
from tierwright.testfiles.yaml_text import yaml_text

YAML = "body.yaml"
"""What the loader calls a YAML text of a request, so that its places read `body.yaml:LINE:COLUMN`."""

LONGEST_TEST = 256 * 1024
_TOO_LONG = f"is longer than {LONGEST_TEST} characters; split the test"
BIG_IMPORT = 64 * 1024
"""Longer imports take their turn: a mebibyte of sentences takes a processor some ten seconds."""
LONGEST_NAME = 500
LONGEST_TAG = 200
_STEP_KEYS = (
    *("name", "instruction", "selector", "frame", "condition", "attribute", "value", "key", "target", "files"),
    *("timeout_seconds", "optional"),
)
_SECTIONS = ("setup", "steps", "teardown")
_NOT_PLAIN = re.compile(r"^(---|\.\.\.)(\s|$)|^%", re.MULTILINE)
_BOUNDARY = re.compile(r"^---(?=\s|$)[ \t]*\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CheckedTest:
    """A test without errors: its text as it is stored, and what it says."""

    yaml: str
    test: TestCase


def test_file(name: str) -> str:
    """What errors and runs call the file of a stored test."""
    return f"{name}.tw.yaml"


async def checked(source: TestSource) -> CheckedTest:
    """The test that a request sends. Raises Problem (422) with all that is wrong, each with its place."""
    return await asyncio.to_thread(_checked, source)


async def problems_of(yaml: str) -> list[TextProblem]:
    """All that is wrong with the YAML of one test; nothing when it may be stored."""
    try:
        await checked(TestSource(yaml=yaml))
    except Problem as problem:
        return [_placed(error) for error in problem.body.errors]
    return []


def _placed(error: FieldProblem) -> TextProblem:
    """A problem with its place; one of the whole text, such as its length, has none."""
    if isinstance(error, TextProblem):
        return error
    return TextProblem(path=error.path, message=error.message, line=0, column=0, key="")


def _checked(source: TestSource) -> CheckedTest:
    lines = draft_lines(_draft(source)) if source.yaml is None else ()
    text = _with_end(source.yaml) if source.yaml is not None else "".join(f"{line.text}\n" for line in lines)
    if len(text) > LONGEST_TEST:
        raise invalid("body" if lines else YAML, _TOO_LONG)
    found = _checked_texts(text, lines)
    if len(found) > 1:
        raise invalid(YAML, f"holds {len(found)} tests; /tests/import takes several")
    return found[0]


async def checked_all(text: str) -> tuple[CheckedTest, ...]:
    """The tests of one or several YAML documents. Raises Problem (422) alike."""
    return await asyncio.to_thread(_checked_texts, _with_end(text), ())


def _checked_texts(text: str, lines: Sequence[DraftLine]) -> tuple[CheckedTest, ...]:
    loaded = load_text(text, YAML)
    _refuse(loaded, lines)
    parts = _parts(text)
    alone = Counter(_part_of(test, parts) for test in loaded.tests)
    found = []
    for test in loaded.tests:
        part = _part_of(test, parts)
        as_written = alone[part] == 1 and not _NOT_PLAIN.search(part.text)
        made = CheckedTest(part.text if as_written else render_test(test), test)
        if len(made.yaml) > LONGEST_TEST:
            raise invalid(f"{YAML}:{test.line}:1", f"{_TOO_LONG}: {test.name}")
        found.append(made)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Part:
    """What stands between two `---` of a stream, and the number of its first line."""

    line: int
    text: str


def _parts(text: str) -> tuple[_Part, ...]:
    cuts = list(_BOUNDARY.finditer(text))
    starts, ends = [0, *(cut.end() for cut in cuts)], [*(cut.start() for cut in cuts), len(text)]
    return tuple(
        _Part(text.count("\n", 0, start) + 1, text[start:end]) for start, end in zip(starts, ends, strict=True)
    )


def _part_of(test: TestCase, parts: Sequence[_Part]) -> _Part:
    return next(part for part in reversed(parts) if part.line <= test.line)


def _with_end(text: str) -> str:
    text = text.removeprefix("\ufeff")
    return text if text.endswith("\n") else f"{text}\n"


# --- what is wrong ----------------------------------------------------------------------------------------


def _refuse(loaded: Loaded, lines: Sequence[DraftLine]) -> None:
    problems = [*loaded.problems, *(found for test in loaded.tests for found in _unstorable(test))]
    if problems:
        errors = [_text_problem(problem, lines) for problem in problems]
        detail = "; ".join(f"{error.path}: {error.message}" for error in errors)
        raise Problem(422, "invalid", detail, errors)


def _text_problem(problem: FileProblem, lines: Sequence[DraftLine]) -> TextProblem:
    path, message = _path(problem, lines), _message(problem)
    return TextProblem(path=path, message=message, line=problem.line, column=problem.column, key=problem.key)


def _unstorable(test: TestCase) -> Iterator[FileProblem]:
    """What a file of the command line may say, and a test of a server may not."""
    yield from _unkeepable(test)
    state = test.browser.storage_state
    if state is not None and leads_out(state):
        words = f"storage_state may only name a file of the project, and {state} is elsewhere"
        yield FileProblem(test.file, test.line, 1, words, "browser.storage_state")
    for step in test.all_steps:
        for file in filter(leads_out, step.files):
            words = f"only files of the project can be uploaded, and {file} is elsewhere; write a path below its folder"
            yield FileProblem(test.file, step.origin.line, step.origin.column, words, "files")


def _unkeepable(test: TestCase) -> Iterator[FileProblem]:
    """What a database cannot keep."""
    for key, text, longest in (("name", test.name, LONGEST_NAME), *(("tags", tag, LONGEST_TAG) for tag in test.tags)):
        if len(text) > longest:
            yield FileProblem(test.file, test.line, 1, f"is longer than {longest} characters", key)
        if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
            yield FileProblem(test.file, test.line, 1, f"{text!r} must hold no control characters", key)
    if len(set(test.tags)) < len(test.tags):
        yield FileProblem(test.file, test.line, 1, "a tag stands twice", "tags")


def _message(problem: FileProblem) -> str:
    hint = f'; did you mean "{problem.nearest}"?' if problem.nearest else ""
    return f"{problem.message}{hint}"


def _path(problem: FileProblem, lines: Sequence[DraftLine]) -> str:
    """`body.yaml:LINE:COLUMN`, or of a structured test the part that the line says: `body.steps.2.selector`."""
    if not lines:
        return f"{YAML}:{problem.line}:{problem.column}" if problem.line else YAML
    part = lines[problem.line - 1].part if 0 < problem.line <= len(lines) else ""
    if problem.line == 1 and problem.key:
        part = problem.key  # what is wrong with the whole test stands at its beginning
    in_step = part.partition(".")[0] in _SECTIONS and "." in part
    key = problem.key if in_step and problem.key in ("action", *_STEP_KEYS) else ""
    return ".".join(filter(None, ("body", part, key)))


# --- from structured to YAML ------------------------------------------------------------------------------


def _draft(source: TestSource) -> Draft:
    return Draft(
        name=source.name or "",
        base_url=source.base_url,
        tags=source.tags or (),
        variables=source.variables or {},
        secrets=source.secrets or (),
        browser=source.browser.model_dump(exclude_unset=True) if source.browser else {},
        examples=source.examples or (),
        setup=[_draft_step(step) for step in source.setup or ()],
        steps=[_draft_step(step) for step in source.steps or ()],
        teardown=[_draft_step(step) for step in source.teardown or ()],
    )


def _draft_step(step: StepIn) -> DraftStep:
    if step.sentence is not None:
        return step.sentence
    said = step.model_dump(mode="json", exclude_unset=True)
    return {key: said[key] for key in ("action", *_STEP_KEYS) if key in said}


# --- from YAML to structured ------------------------------------------------------------------------------


async def parts_of(yaml: str) -> dict[str, Any]:
    """The fields of `TestOut` that the YAML of a stored test says."""
    loaded = await asyncio.to_thread(load_text, yaml, YAML)
    if len(loaded.tests) != 1 or loaded.problems:
        errors = [FieldProblem(path=_path(problem, ()), message=_message(problem)) for problem in loaded.problems]
        return {"problems": errors}
    return _taken_apart(loaded.tests[0])


def _taken_apart(test: TestCase) -> dict[str, Any]:
    return {
        "base_url": test.base_url,
        "variables": dict(test.variables),
        "secrets": list(test.secrets),
        "browser": None if test.browser == BrowserOptions() else _browser(test.browser),
        "examples": [dict(row) for row in test.examples],
        **{section: [step_out(step) for step in getattr(test, section)] for section in _SECTIONS},
    }


def _browser(options: BrowserOptions) -> BrowserOut:
    credentials = options.http_credentials
    return BrowserOut(
        viewport=f"{options.viewport[0]}x{options.viewport[1]}" if options.viewport else None,
        locale=options.locale,
        storage_state=options.storage_state,
        http_credentials=CredentialsOut(username=credentials.username, password=credentials.password)
        if credentials
        else None,
    )


def step_out(step: Step) -> StepOut:
    """A step with all its keys."""
    return StepOut(
        title=step.title,
        sentence=step.origin.sentence,
        action=step.action,
        name=step.name,
        instruction=step.instruction,
        selector=step.selector,
        frame=list(step.frame),
        condition=step.condition,
        attribute=step.attribute,
        value=step.value,
        key=step.key,
        target=step.target,
        files=list(step.files),
        timeout_seconds=step.timeout_seconds,
        optional=step.optional,
    )


# --- sentences --------------------------------------------------------------------------------------------


async def compiled(sentence: str) -> StepOut:
    """The step that a sentence means. Raises Problem (422): where it is not understood, and how to write it."""
    return step_out(await asyncio.to_thread(_compiled, sentence))


def _compiled(sentence: str) -> Step:
    try:
        step = compile_sentence(sentence)
    except SentenceError as error:
        raise invalid(f"body.sentence:1:{error.column}", str(error)) from None
    document = f"name: a sentence\nsteps:\n  - {yaml_text(sentence)}\n"
    for problem in load_text(document, "body.sentence", check_variables=False).problems:
        raise invalid("body.sentence:1:1", _message(problem))
    return step
