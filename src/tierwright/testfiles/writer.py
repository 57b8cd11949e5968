"""Writes an approved locator into a test file: only the step's own lines change, comments and order stay (H-31)."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tierwright.core.errors import UsageError
from tierwright.core.steps import Step
from tierwright.testfiles.loader import Loaded, load_as_written, load_text
from tierwright.testfiles.nodes import Node, Source, documents
from tierwright.testfiles.step_reader import read_step
from tierwright.testfiles.yaml_text import frame_text, step_pairs, without_origin, yaml_text


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A change to a test file that is not written yet. `diff` is a unified diff for a person."""

    file: Path
    old_text: str
    new_text: str
    diff: str

    def apply(self) -> None:
        """Write the change. Raises UsageError when the file has changed since it was read."""
        with self.file.open(encoding="utf-8", newline="") as file:
            if file.read() != self.old_text:
                raise UsageError(f"{self.file} has changed; nothing was written")
        with self.file.open("w", encoding="utf-8", newline="") as file:
            file.write(self.new_text)


@dataclass(frozen=True, slots=True)
class _Place:
    """A step's node, and whether it stands in a list written on one line."""

    node: Node
    flow: bool


def rewrite_step(file: Path, test_name: str, step_index: int, *, selector: str, frame: tuple[str, ...] = ()) -> Rewrite:
    """The change that gives a step this selector and frame. A plain sentence becomes keys and keeps its meaning.

    `step_index` counts through setup, steps and teardown. A step of an included file is changed there. Raises
    UsageError when the test or step is not there any more, or cannot be changed alone.
    """
    step = _step_of(load_as_written(file), str(file), test_name, step_index)
    target = Path(step.origin.file)
    old_text = _read(target)
    new_text = _with_locator(str(target), old_text, step, selector, frame)
    return Rewrite(target, old_text, new_text, unified_diff(old_text, new_text, f"{target} (old)", f"{target} (new)"))


def rewrite_step_in_text(
    text: str, file: str, test_name: str, step_index: int, *, selector: str, frame: tuple[str, ...] = ()
) -> str:
    """The same change in a text that lies in no folder. `file` is what errors call it; raises UsageError alike."""
    step = _step_of(load_text(text, file, check_variables=False), file, test_name, step_index)
    return _with_locator(file, text, step, selector, frame)


def rename_test(text: str, file: str, name: str) -> str:
    """The text of one test with another name; all else stays as it is written. Raises UsageError where it cannot."""
    root = documents(_source(file, text))[0].root
    entry = _entry(root, "name") if root.id == "mapping" else None
    if entry is None:
        raise UsageError(f'{file}: there is no "name" to change')
    offset = 1 if text.startswith("\ufeff") else 0
    end = _scalar_end(text, entry[1]) + offset
    renamed = _splice(text, entry[1].start_mark.index + offset, end, yaml_text(name))
    if [test.name for test in load_text(renamed, file, check_variables=False).tests] != [name]:
        raise UsageError(f"{file}: the name cannot be changed without breaking the test")
    return renamed


def _with_locator(file: str, old_text: str, step: Step, selector: str, frame: tuple[str, ...]) -> str:
    place = _find_place(file, old_text, step)
    old_step = _step_at(file, old_text, place.node)
    wanted = _with_title(replace(without_origin(old_step), selector=selector, frame=frame), old_step)
    new_text = _changed(old_text, place, wanted)
    _check(file, old_text, new_text, old_step, wanted)
    return new_text


def _with_title(step: Step, old: Step) -> Step:
    """The sentence of a step that had one becomes its name, so that reports still show it."""
    return replace(step, name=step.name or old.origin.sentence)


def _step_of(loaded: Loaded, file: str, test_name: str, step_index: int) -> Step:
    test = next((test for test in loaded.tests if test.name == test_name), None)
    if test is None:
        problems = "".join(f"\n{problem}" for problem in loaded.problems)
        raise UsageError(f'there is no test "{test_name}" in {file}{problems}')
    if not 0 <= step_index < len(test.all_steps):
        raise UsageError(f'the test "{test_name}" in {file} has no step {step_index}')
    return test.all_steps[step_index]


def _read(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def _source(file: str, text: str) -> Source:
    return Source(file, [], text.removeprefix("\ufeff"))


def _places(file: str, text: str) -> Iterator[_Place]:
    """Every step of every document, includes left out."""
    for document in documents(_source(file, text)):
        for key, node in document.root.value if document.root.id == "mapping" else ():
            if key.value in ("setup", "steps", "teardown") and node.id == "sequence":
                yield from (_Place(item, bool(node.flow_style)) for item in node.value)


def _find_place(path: str, text: str, step: Step) -> _Place:
    for place in _places(path, text):
        mark = place.node.start_mark
        if (mark.line + 1, mark.column + 1) == (step.origin.line, step.origin.column):
            if place.node.anchor:
                raise UsageError(f"{path}:{step.origin.line}: the step has a YAML anchor and may be used elsewhere too")
            return place
    raise UsageError(f"{path}:{step.origin.line}: the step is not there any more")


def _step_at(file: str, text: str, node: Node) -> Step:
    step = read_step(_source(file, text), node)
    if step is None:
        raise UsageError(f"{file}:{node.start_mark.line + 1}: the step has errors")
    return step


# --- the change ---------------------------------------------------------------------------------------------


def _changed(text: str, place: _Place, step: Step) -> str:
    node = place.node
    offset = 1 if text.startswith("\ufeff") else 0
    if node.id == "scalar":
        new = _flow_mapping(step) if place.flow else _block_mapping(step, node.start_mark.column, _newline(text))
        return _splice(text, node.start_mark.index + offset, _scalar_end(text, node) + offset, new)
    text = _set_key(text, node, "selector", yaml_text(step.selector or ""), offset)
    node = _same_place(text, node)
    if step.frame or _entry(node, "frame"):
        text = _set_key(text, node, "frame", frame_text(step.frame) if step.frame else "[]", offset)
    return text


def _same_place(text: str, node: Node) -> Node:
    """The node again after a change inside it."""
    start = (node.start_mark.line, node.start_mark.column)
    for place in _places("", text):
        if (place.node.start_mark.line, place.node.start_mark.column) == start:
            return place.node
    raise UsageError("the step cannot be changed without breaking the file")


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _splice(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]


def _scalar_end(text: str, node: Node) -> int:
    """Where a scalar ends, without the line break that belongs to a block scalar."""
    end: int = node.end_mark.index
    if node.style in ("|", ">"):
        start: int = node.start_mark.index
        return start + len(text[start:end].rstrip())
    return end


def _flow_mapping(step: Step) -> str:
    return f"{{{', '.join(f'{key}: {value}' for key, value in step_pairs(step))}}}"


def _block_mapping(step: Step, column: int, newline: str) -> str:
    return f"{newline}{' ' * column}".join(f"{key}: {value}" for key, value in step_pairs(step))


def _entry(node: Node, name: str) -> tuple[Node, Node] | None:
    return next(((key, value) for key, value in node.value if key.value == name), None)


def _set_key(text: str, node: Node, name: str, value: str, offset: int) -> str:
    entry = _entry(node, name)
    if entry is not None:
        old = entry[1]
        return _splice(text, old.start_mark.index + offset, _scalar_or_list_end(text, old) + offset, value)
    anchor = _single_line_entry(node)
    if node.flow_style:
        at = anchor[1].end_mark.index + offset
        return _splice(text, at, at, f", {name}: {value}")
    at = text.find("\n", anchor[1].end_mark.index + offset)
    newline = _newline(text)
    line = f"{' ' * node.start_mark.column}{name}: {value}"
    if at < 0:
        return f"{text}{newline}{line}"
    return _splice(text, at + 1, at + 1, line + newline)


def _scalar_or_list_end(text: str, node: Node) -> int:
    if node.id == "scalar":
        return _scalar_end(text, node)
    start: int = node.start_mark.index
    end: int = node.end_mark.index
    return end if node.flow_style else start + len(text[start:end].rstrip())


def _single_line_entry(node: Node) -> tuple[Node, Node]:
    """The entry after which a new key goes: selector, instruction or action, as far as its value is no block."""
    entries = [_entry(node, name) for name in ("selector", "instruction", "action")]
    for entry in entries:
        if entry is not None and entry[1].id == "scalar" and entry[1].style not in ("|", ">"):
            return entry
    raise UsageError("the step cannot be changed without breaking the file")


# --- the proof ----------------------------------------------------------------------------------------------


def _check(path: str, old_text: str, new_text: str, old_step: Step, wanted: Step) -> None:
    """Read the changed text again: this step must be as wanted, and every other must be what it was."""
    before, after = _all_steps(path, old_text), _all_steps(path, new_text)
    expected = [wanted if step.origin == old_step.origin else step for step in before]
    if [without_origin(step) for step in after] != [without_origin(step) for step in expected]:
        raise UsageError(f"{path}:{old_step.origin.line}: the step cannot be changed without breaking the file")


def _all_steps(file: str, text: str) -> Sequence[Step]:
    source = _source(file, text)
    return [step for place in _places(file, text) if (step := read_step(source, place.node))]


def unified_diff(old_text: str, new_text: str, old_name: str, new_name: str) -> str:
    """What changed, as a unified diff for a person; empty where nothing did."""
    old, new = old_text.splitlines(), new_text.splitlines()
    return "\n".join(difflib.unified_diff(old, new, old_name, new_name, lineterm=""))
