"""Steps of a test file: a mapping of keys or a plain sentence, checked as strictly as the contract says."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TypeVar

from tierwright.core.steps import (
    ELEMENT_ACTIONS,
    JUDGING_ACTIONS,
    PAGE_CONDITIONS,
    VALUE_CONDITIONS,
    Action,
    Condition,
    Origin,
    Step,
)
from tierwright.core.variables import PLACEHOLDER
from tierwright.testfiles.keys import KEY_NAMES, canonical_key
from tierwright.testfiles.nodes import Entry, Node, Source
from tierwright.testfiles.problems import nearest
from tierwright.testfiles.sentences import SentenceError, compile_sentence

STEP_KEYS = (
    "action", "instruction", "selector", "value", "condition", "attribute", "frame", "timeout_seconds", "optional",
    "key", "target", "files", "name",
)  # fmt: skip
_TEXT_KEYS = ("instruction", "selector", "value", "attribute", "key", "target", "name")
_NEEDS_VALUE = frozenset({Action.NAVIGATE, Action.FILL, Action.TYPE, Action.SELECT, Action.DIALOG, Action.SWITCH_PAGE})
_MAY_HAVE_VALUE = frozenset({Action.DOWNLOAD, Action.SCREENSHOT, Action.SCROLL})
_MAY_HAVE_ELEMENT = ELEMENT_ACTIONS | JUDGING_ACTIONS | {Action.PRESS, Action.SCROLL, Action.SCREENSHOT}
_SCROLLS = ("top", "bottom", "up", "down")
_OWNERS = {"key": Action.PRESS, "target": Action.DRAG, "files": Action.UPLOAD}


@dataclass(frozen=True, slots=True)
class _Step:
    """A step being checked, with its entries for the places of errors."""

    node: Node
    entries: dict[str, Entry]
    step: Step


def read_step(source: Source, node: Node) -> Step | None:
    """Read one step; None when it has errors, which are noted."""
    before = len(source.problems)
    step = _sentence(source, node) if node.id == "scalar" else _mapping(source, node)
    return step if len(source.problems) == before else None


def _origin(source: Source, node: Node, sentence: str | None = None) -> Origin:
    return Origin(source.file, node.start_mark.line + 1, node.start_mark.column + 1, sentence)


def _sentence(source: Source, node: Node) -> Step | None:
    text = source.text_of(node, "steps")
    if text is None:
        return None
    try:
        step = compile_sentence(text)
    except SentenceError as error:
        one_line = node.start_mark.line == node.end_mark.line
        offset = (error.column - 1 + (1 if node.style else 0)) if one_line else 0
        source.problem(node, f"{error}{_comment_hint(source, node)}", offset=offset)
        return None
    checked = _Step(node, {}, step)
    _check_values(source, checked)
    return replace(step, origin=_origin(source, node, text))


def _comment_hint(source: Source, node: Node) -> str:
    rest = source.text[node.end_mark.index :].split("\n", 1)[0]
    if node.style is None and rest.lstrip().startswith("#"):
        return ' (in YAML " #" begins a comment: put the whole sentence in single quotes)'
    return ""


def _mapping(source: Source, node: Node) -> Step | None:
    entries = source.entries(node, STEP_KEYS, "a step")
    if node.id != "mapping":
        return None
    action = _word(source, entries, "action", Action)
    if "action" not in entries:
        source.problem(node, 'a step needs "action"', key="action")
    step = _with_texts(source, entries, action or Action.CLICK, _origin(source, node))
    step = _with_the_rest(source, entries, step)
    if action is None:
        return None
    checked = _Step(node, entries, step)
    _check_keys(source, checked)
    _check_element(source, checked)
    _check_values(source, checked)
    return step


def _with_texts(source: Source, entries: dict[str, Entry], action: Action, origin: Origin) -> Step:
    texts = {key: source.text_of(entries[key].node, key) for key in _TEXT_KEYS if key in entries}
    written_key = texts.get("key")
    return Step(
        action=action,
        instruction=texts.get("instruction") or "",
        selector=texts.get("selector"),
        value=texts.get("value"),
        attribute=texts.get("attribute"),
        key=None if written_key is None else canonical_key(written_key) or written_key,
        target=texts.get("target"),
        name=texts.get("name"),
        origin=origin,
    )


def _with_the_rest(source: Source, entries: dict[str, Entry], step: Step) -> Step:
    condition = _word(source, entries, "condition", Condition)
    if "condition" not in entries and step.action is Action.WAIT_FOR:
        condition = Condition.VISIBLE
    timeout = entries.get("timeout_seconds")
    return replace(
        step,
        condition=condition,
        frame=source.texts(entries["frame"].node, "frame", single=True) if "frame" in entries else (),
        files=source.texts(entries["files"].node, "files", single=True) if "files" in entries else (),
        optional="optional" in entries and source.boolean(entries["optional"].node, "optional"),
        timeout_seconds=source.seconds(timeout.node, "timeout_seconds") if timeout else None,
    )


_Word = TypeVar("_Word", Action, Condition)


def _word(source: Source, entries: dict[str, Entry], key: str, words: type[_Word]) -> _Word | None:
    if key not in entries:
        return None
    node = entries[key].node
    text = source.text_of(node, key)
    if text is None:
        return None
    valid = [word.value for word in words]
    if text in valid:
        return words(text)
    source.problem(node, f'"{text}" is no {key}', key=key, near=nearest(text, valid))
    return None


# --- what goes with what ------------------------------------------------------------------------------------


def _check_keys(source: Source, checked: _Step) -> None:
    """Keys that mean nothing to this action, and keys it cannot do without."""
    step = checked.step
    for key, owner in _OWNERS.items():
        if key in checked.entries and step.action is not owner:
            _stray(source, checked, key, f"only {owner} has one")
        if key not in checked.entries and step.action is owner:
            source.problem(checked.node, f'a {owner} step needs "{key}"', key=key)
    if "condition" in checked.entries and not step.judges:
        _stray(source, checked, "condition", "only expect and wait_for have one")
    if step.action is Action.EXPECT and "condition" not in checked.entries:
        source.problem(checked.node, 'an expect step needs "condition"', key="condition")
    if "attribute" in checked.entries and step.condition is not Condition.ATTRIBUTE:
        _stray(source, checked, "attribute", 'only the condition "attribute" has one')
    if step.judges and step.condition is Condition.ATTRIBUTE and "attribute" not in checked.entries:
        source.problem(checked.node, 'the condition "attribute" needs "attribute", the name of it', key="attribute")


def _check_element(source: Source, checked: _Step) -> None:
    step = checked.step
    about_page = step.action not in _MAY_HAVE_ELEMENT or (step.judges and step.condition in PAGE_CONDITIONS)
    for key in ("selector", "frame"):
        if about_page and key in checked.entries:
            what = f"the condition {step.condition}" if step.judges else f"a {step.action} step"
            _stray(source, checked, key, f"{what} is about the page, not an element")
    for key in ("selector", "instruction", "target"):
        if key in checked.entries and getattr(step, key) == "":
            source.problem(checked.entries[key].node, f'"{key}" must not be empty', key=key)
    needs = step.action in ELEMENT_ACTIONS or (step.judges and step.condition and not about_page)
    if needs and "selector" not in checked.entries and "instruction" not in checked.entries:
        source.problem(checked.node, f'a {step.action} step needs "instruction" or "selector"', key="instruction")


def _check_values(source: Source, checked: _Step) -> None:
    step = checked.step
    valued = step.condition in VALUE_CONDITIONS if step.judges else step.action in _NEEDS_VALUE
    what = f'the condition "{step.condition}"' if step.judges else f"a {step.action} step"
    known = not step.judges or step.condition is not None
    if known and valued and "value" not in checked.entries and step.value is None:
        source.problem(checked.node, f'{what} needs "value"', key="value")
    if known and not valued and step.action not in _MAY_HAVE_VALUE and "value" in checked.entries:
        _stray(source, checked, "value", f"{what} has none")
    if step.value is not None and not PLACEHOLDER.search(step.value):
        _check_value_form(source, checked, step.value)
    if step.key is not None and "key" in checked.entries and canonical_key(step.key) is None:
        node = checked.entries["key"].node
        source.problem(node, f'"{step.key}" is not a key', key="key", near=_nearest_key(step.key))
    if step.action is Action.SCROLL:
        _check_scroll(source, checked)


def _nearest_key(written: str) -> str:
    names = {name.lower(): name for name in KEY_NAMES}
    return names.get(nearest(written, names), "")


def _check_value_form(source: Source, checked: _Step, value: str) -> None:
    node = checked.entries["value"].node if "value" in checked.entries else checked.node
    if checked.step.condition is Condition.COUNT and not re.fullmatch(r"[0-9]+", value):
        source.problem(node, f'"{value}" is no count; write a whole number', key="value")
    if checked.step.condition is Condition.MATCHES:
        try:
            re.compile(value)
        except re.error as error:
            source.problem(node, f'"{value}" is no regular expression: {error}', key="value")


def _check_scroll(source: Source, checked: _Step) -> None:
    step = checked.step
    element = step.selector or step.instruction
    if (element is None or element == "") and step.value is None:
        source.problem(checked.node, 'a scroll step needs "instruction", "selector" or "value"', key="value")
    if "value" not in checked.entries or step.value is None:
        return
    known = step.value in _SCROLLS or re.fullmatch(r"-?[0-9]+", step.value) or PLACEHOLDER.search(step.value)
    if element:
        _stray(source, checked, "value", "it scrolls to its element")
    elif not known:
        words = ", ".join(_SCROLLS)
        source.problem(
            checked.entries["value"].node,
            f'"{step.value}" is no way to scroll; write {words} or a number of pixels',
            key="value",
            near=nearest(step.value, _SCROLLS),
        )


def _stray(source: Source, checked: _Step, key: str, why: str) -> None:
    entry = checked.entries[key]
    source.problem(entry.key_node, f'"{key}" means nothing in this {checked.step.action} step: {why}', key=key)
