"""Tests back to YAML, so that loading the text gives the same test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tierwright.core.steps import BrowserOptions, Step, TestCase
from tierwright.testfiles.sentences import SentenceError, compile_sentence
from tierwright.testfiles.yaml_text import frame_text, step_pairs, yaml_list, yaml_map, yaml_text


def render_test(test: TestCase) -> str:
    """The test as one YAML document. Steps that were plain sentences stay so; includes stand resolved."""
    return "\n".join([*_head(test), *_steps(test)]) + "\n"


def _head(test: TestCase) -> Iterator[str]:
    yield f"name: {yaml_text(test.name)}"
    if test.base_url is not None:
        yield f"base_url: {yaml_text(test.base_url)}"
    if test.tags:
        yield f"tags: {yaml_list(test.tags)}"
    if test.variables:
        yield f"variables: {yaml_map(test.variables)}"
    if test.secrets:
        yield f"secrets: {yaml_list(test.secrets)}"
    yield from _browser(test.browser)
    if test.examples:
        yield "examples:"
        yield from (f"  - {yaml_map(row)}" for row in test.examples)


def _browser(options: BrowserOptions) -> Iterator[str]:
    if options == BrowserOptions():
        return
    yield "browser:"
    if options.viewport:
        yield f"  viewport: {options.viewport[0]}x{options.viewport[1]}"
    if options.locale is not None:
        yield f"  locale: {yaml_text(options.locale)}"
    if options.storage_state is not None:
        yield f"  storage_state: {yaml_text(options.storage_state)}"
    if credentials := options.http_credentials:
        pair = {"username": credentials.username, "password": credentials.password}
        yield f"  http_credentials: {yaml_map(pair)}"


def _steps(test: TestCase) -> Iterator[str]:
    for key, steps in (("setup", test.setup), ("steps", test.steps), ("teardown", test.teardown)):
        if steps or key == "steps":
            yield f"{key}:"
            yield from _lines(steps)


def _lines(steps: Sequence[Step]) -> Iterator[str]:
    for step in steps:
        if _is_sentence(step):
            yield f"  - {yaml_text(step.origin.sentence or '')}"
            continue
        for at, (key, value) in enumerate(step_pairs(step)):
            yield f"  {'- ' if at == 0 else '  '}{key}: {value}"


def _is_sentence(step: Step) -> bool:
    try:
        return bool(step.origin.sentence) and compile_sentence(step.origin.sentence or "") == step
    except SentenceError:
        return False


# --- drafts: tests that nobody has checked yet ------------------------------------------------------------------

DraftStep = str | Mapping[str, str | bool | float | Sequence[str]]
"""A plain sentence, or the keys of a step and their values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants a test to say: the keys of a test file, right or wrong."""

    name: str
    base_url: str | None = None
    tags: Sequence[str] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Sequence[str] = ()
    browser: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    examples: Sequence[Mapping[str, str]] = ()
    setup: Sequence[DraftStep] = ()
    steps: Sequence[DraftStep] = ()
    teardown: Sequence[DraftStep] = ()


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One line of a draft's YAML, and the part of the draft that it says: `steps.2`, `tags`."""

    text: str
    part: str


def draft_lines(draft: Draft) -> tuple[DraftLine, ...]:
    """The draft as YAML, for the loader to say what is wrong with it, and where."""
    return (*_draft_head(draft), *_draft_steps(draft))


def _draft_head(draft: Draft) -> Iterator[DraftLine]:
    yield DraftLine(f"name: {yaml_text(draft.name)}", "name")
    if draft.base_url is not None:
        yield DraftLine(f"base_url: {yaml_text(draft.base_url)}", "base_url")
    if draft.tags:
        yield DraftLine(f"tags: {yaml_list(draft.tags)}", "tags")
    if draft.variables:
        yield DraftLine(f"variables: {yaml_map(draft.variables)}", "variables")
    if draft.secrets:
        yield DraftLine(f"secrets: {yaml_list(draft.secrets)}", "secrets")
    if draft.browser:
        yield DraftLine("browser:", "browser")
    for key, value in draft.browser.items():
        yield DraftLine(f"  {key}: {yaml_text(value) if isinstance(value, str) else yaml_map(value)}", f"browser.{key}")
    if draft.examples:
        yield DraftLine("examples:", "examples")
    yield from (DraftLine(f"  - {yaml_map(row)}", f"examples.{at}") for at, row in enumerate(draft.examples))


def _draft_steps(draft: Draft) -> Iterator[DraftLine]:
    for key, steps in (("setup", draft.setup), ("steps", draft.steps), ("teardown", draft.teardown)):
        if steps or key == "steps":
            yield DraftLine(f"{key}:" if steps else f"{key}: []", key)
        for at, step in enumerate(steps):
            yield from (DraftLine(line, f"{key}.{at}") for line in _draft_step(step))


def _draft_step(step: DraftStep) -> Iterator[str]:
    if isinstance(step, str):
        yield f"  - {yaml_text(step)}"
        return
    if not step:
        yield "  - {}"
    for at, (key, value) in enumerate(step.items()):
        yield f"  {'- ' if at == 0 else '  '}{key}: {_draft_value(key, value)}"


def _draft_value(key: str, value: str | bool | float | Sequence[str]) -> str:
    if isinstance(value, str):
        return yaml_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return f"{value:f}".rstrip("0").rstrip(".")
    return frame_text(value) if key == "frame" and value else yaml_list(value)
