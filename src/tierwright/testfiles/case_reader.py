"""One YAML document to one test: its keys, its includes, its variables."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from tierwright.core.steps import LANGUAGE_TAG, BrowserOptions, HttpCredentials, Step, TestCase
from tierwright.core.variables import secret_variable
from tierwright.testfiles.nodes import Entry, Node, Source, documents, kind, read_source
from tierwright.testfiles.placeholders import NAME, malformed_in, names_in, substitute, texts_of
from tierwright.testfiles.problems import Problem, nearest
from tierwright.testfiles.step_reader import read_step

TEST_KEYS = (
    "name", "base_url", "tags", "variables", "secrets", "browser", "include", "setup", "teardown", "examples", "steps",
)  # fmt: skip
BROWSER_KEYS = ("viewport", "locale", "storage_state", "http_credentials")
INCLUDE_KEYS = ("file", "variables")
STEP_INCLUDE_KEYS = ("include", "variables")
INCLUDED_KEYS = ("name", "variables", "include", "steps")


@dataclass(frozen=True, slots=True)
class _Use:
    """A text that may use variables, and where it stands."""

    text: str
    problem_at: Problem


@dataclass(slots=True)
class CaseReader:
    """Reads one test. `overrides` are the variables given on the command line; `in_folder`: other files may be read."""

    source: Source
    path: Path
    overrides: Mapping[str, str]
    check_variables: bool = True
    in_folder: bool = True
    defined: frozenset[str] = frozenset()
    uses: list[_Use] = field(default_factory=list)

    def read(self, root: Node) -> TestCase | None:
        """The test of a document, or None when it has errors, which are noted."""
        before = len(self.source.problems)
        entries = self.source.entries(root, TEST_KEYS, "a test")
        if root.id != "mapping":
            return None
        self._required(root, entries)
        variables = self._variables(entries)
        secrets = self._secrets(entries, variables)
        examples = self._examples(entries, secrets)
        columns = frozenset(name for row in examples for name in row)
        self.defined = frozenset(variables) | frozenset(secrets) | columns | frozenset(self.overrides)
        test = TestCase(
            name=self._text(entries, "name") or "",
            file=self.source.file,
            line=root.start_mark.line + 1,
            base_url=self._used(entries, "base_url"),
            tags=self.source.texts(entries["tags"].node, "tags", single=True) if "tags" in entries else (),
            variables=MappingProxyType({**variables, **self.overrides}),
            secrets=secrets,
            browser=self._browser(entries),
            setup=self._steps(entries, "setup"),
            steps=(*self._includes(entries), *self._steps(entries, "steps")),
            teardown=self._steps(entries, "teardown"),
            examples=examples,
        )
        if self.check_variables:
            self._check_uses()
        return test if len(self.source.problems) == before else None

    def _required(self, root: Node, entries: Mapping[str, Entry]) -> None:
        if "name" not in entries:
            self.source.problem(root, 'a test needs "name"', key="name")
        if "steps" not in entries:
            self.source.problem(root, 'a test needs "steps"', key="steps")
        name = entries.get("name")
        if name and name.node.id == "scalar" and not str(name.node.value).strip() and name.node.style is not None:
            self.source.problem(name.node, '"name" must not be empty', key="name")

    def _text(self, entries: Mapping[str, Entry], key: str) -> str | None:
        return self.source.text_of(entries[key].node, key) if key in entries else None

    def _used(self, entries: Mapping[str, Entry], key: str) -> str | None:
        """A text that may use variables."""
        text = self._text(entries, key)
        if text is not None:
            self._note_use(text, entries[key].node, key)
        return text

    def _note_use(self, text: str, node: Node, key: str) -> None:
        mark = node.start_mark
        self.uses.append(_Use(text, Problem(self.source.file, mark.line + 1, mark.column + 1, "", key)))

    # --- variables ------------------------------------------------------------------------------------------

    def _variables(self, entries: Mapping[str, Entry]) -> dict[str, str]:
        if "variables" not in entries:
            return {}
        values = _variables(self.source, entries["variables"].node, "variables")
        for entry in self.source.pairs(entries["variables"].node, "variables") if values else ():
            if entry.key in values and names_in(values[entry.key]):
                self.source.problem(entry.node, f'the variable "{entry.key}" uses another; write the value itself')
        return values

    def _secrets(self, entries: Mapping[str, Entry], variables: Mapping[str, str]) -> tuple[str, ...]:
        if "secrets" not in entries:
            return ()
        node = entries["secrets"].node
        secrets = self.source.texts(node, "secrets")
        for name, item in zip(secrets, node.value, strict=False) if node.id == "sequence" else ():
            environment = secret_variable(name)
            if not NAME.fullmatch(name):
                self.source.problem(item, f'"{name}" cannot be the name of a secret', key="secrets")
            if name in variables:
                message = f'the secret "{name}" must not have a value in the file; it comes from {environment}'
                self.source.problem(entries["variables"].node, message, key=name)
            if name in self.overrides:
                message = f'the secret "{name}" cannot be given by --var; set {environment}'
                self.source.problem(item, message, key=name)
        return secrets

    def _examples(self, entries: Mapping[str, Entry], secrets: Sequence[str]) -> tuple[Mapping[str, str], ...]:
        if "examples" not in entries:
            return ()
        rows: list[Mapping[str, str]] = []
        for item in self.source.items(entries["examples"].node, "examples"):
            row = _variables(self.source, item, "a row of examples")
            for name in set(row) & set(secrets):
                self.source.problem(item, f'the secret "{name}" must not have a value in the file', key=name)
            rows.append(MappingProxyType({**row, **{k: v for k, v in self.overrides.items() if k in row}}))
            missing = set(rows[0]) ^ set(row)
            if missing:
                names = ", ".join(sorted(missing))
                self.source.problem(item, f"the rows of examples do not have the same names: {names}", key="examples")
        if not rows:
            self.source.problem(entries["examples"].node, '"examples" has no rows', key="examples")
        return tuple(rows)

    def _check_uses(self) -> None:
        for use in self.uses:
            at = use.problem_at
            for name in dict.fromkeys(names_in(use.text)):
                if name not in self.defined:
                    message = f"the variable {{{{{name}}}}} is not defined"
                    near = nearest(name, self.defined)
                    self.source.problems.append(Problem(at.file, at.line, at.column, message, at.key or name, near))
            for written in dict.fromkeys(malformed_in(use.text)):
                message = f"{written} is no variable: a name has letters, digits, _ . and - and begins with a letter"
                self.source.problems.append(Problem(at.file, at.line, at.column, message, at.key))

    # --- browser --------------------------------------------------------------------------------------------

    def _browser(self, entries: Mapping[str, Entry]) -> BrowserOptions:
        if "browser" not in entries:
            return BrowserOptions()
        found = self.source.entries(entries["browser"].node, BROWSER_KEYS, '"browser"')
        return BrowserOptions(
            viewport=_viewport(self.source, found["viewport"].node) if "viewport" in found else None,
            locale=self._locale(found),
            storage_state=self._text(found, "storage_state"),
            http_credentials=self._credentials(found),
        )

    def _locale(self, found: Mapping[str, Entry]) -> str | None:
        text = self._text(found, "locale")
        if text is not None and not LANGUAGE_TAG.fullmatch(text):
            self.source.problem(found["locale"].node, f'"{text}" is no locale; write one such as de-DE', key="locale")
        return text

    def _credentials(self, found: Mapping[str, Entry]) -> HttpCredentials | None:
        if "http_credentials" not in found:
            return None
        node = found["http_credentials"].node
        keys = ("username", "password")
        entries = self.source.entries(node, keys, '"http_credentials"')
        for key in keys:
            if key not in entries and node.id == "mapping":
                self.source.problem(node, f'"http_credentials" needs "{key}"', key=key)
        texts = [self._used(entries, key) or "" for key in keys]
        return HttpCredentials(*texts)

    # --- steps ----------------------------------------------------------------------------------------------

    def _steps(self, entries: Mapping[str, Entry], key: str) -> tuple[Step, ...]:
        if key not in entries:
            return ()
        node = entries[key].node
        if key == "steps" and node.id == "sequence" and not node.value and "include" not in entries:
            self.source.problem(node, '"steps" has no step', key=key)
        return tuple(self._read_steps(self.source, self.path, self.source.items(node, key), ()))

    def _read_steps(
        self, source: Source, path: Path, nodes: Sequence[Node], within: tuple[Path, ...]
    ) -> Iterator[Step]:
        for node in nodes:
            if node.id == "mapping" and any(key.value == "include" for key, _ in node.value):
                entries = source.entries(node, STEP_INCLUDE_KEYS, "an include")
                yield from self._include(source, path, node, entries, "include", within)
            elif step := read_step(source, node):
                if not within:
                    self._note_step(step)
                yield step

    def _note_step(self, step: Step) -> None:
        at = Problem(step.origin.file, step.origin.line, step.origin.column, "")
        self.uses += [_Use(text, at) for text in texts_of(step)]

    # --- includes -------------------------------------------------------------------------------------------

    def _includes(self, entries: Mapping[str, Entry]) -> Iterator[Step]:
        yield from self._read_includes(self.source, self.path, entries, ())

    def _read_includes(
        self, source: Source, path: Path, entries: Mapping[str, Entry], within: tuple[Path, ...]
    ) -> Iterator[Step]:
        """The steps of the files that a file names under `include`; they come before its own."""
        if "include" not in entries:
            return
        node = entries["include"].node
        for item in source.items(node, "include") if node.id == "sequence" else [node]:
            if item.id == "scalar":
                entry = Entry("file", item, item)
                yield from self._include(source, path, item, {"file": entry}, "file", within)
            else:
                found = source.entries(item, INCLUDE_KEYS, "an include")
                yield from self._include(source, path, item, found, "file", within)

    def _include(
        self, source: Source, path: Path, node: Node, entries: Mapping[str, Entry], key: str, within: tuple[Path, ...]
    ) -> Iterator[Step]:
        name = source.text_of(entries[key].node, key) if key in entries else None
        if key not in entries:
            source.problem(node, f'an include needs "{key}"', key=key)
        values = _variables(source, entries["variables"].node, "variables") if "variables" in entries else {}
        if name is None:
            return
        if not self.in_folder:
            message = "this test has no folder, and no files to include; write the steps themselves here"
            source.problem(node, message, key="include")
            return
        target = Path(os.path.normpath(path.parent / name))
        if target.resolve() in (self.path.resolve(), *within):
            source.problem(entries[key].node, f'"{name}" includes itself', key=key)
            return
        for step in self._included_steps(source, entries[key].node, target, values, (*within, target.resolve())):
            if not within:
                self._note_step(step)
            yield step

    def _included_steps(
        self, source: Source, node: Node, target: Path, given: Mapping[str, str], within: tuple[Path, ...]
    ) -> Iterator[Step]:
        if not target.is_file():
            source.problem(node, f"there is no file {target}", key="include")
            return
        inner = read_source(target, str(target), source.problems)
        found = documents(inner) if inner else []
        if inner is None or len(found) != 1:
            if inner is not None:
                source.problem(node, f"{target} must hold one document, not {len(found)}", key="include")
            return
        root = found[0].root
        entries = inner.entries(root, tuple(dict.fromkeys((*INCLUDED_KEYS, *TEST_KEYS))), "an included file")
        if root.id != "mapping":
            return
        if "steps" not in entries:
            inner.problem(root, 'an included file needs "steps"', key="steps")
            return
        values = {**self._defaults(inner, entries), **given}
        for step in (
            *self._read_includes(inner, target, entries, within),
            *self._read_steps(inner, target, inner.items(entries["steps"].node, "steps"), within),
        ):
            yield substitute(step, values)

    def _defaults(self, inner: Source, entries: Mapping[str, Entry]) -> dict[str, str]:
        """The included file's own variables, as far as the test does not define them."""
        if "variables" not in entries:
            return {}
        values = _variables(inner, entries["variables"].node, "variables")
        return {name: value for name, value in values.items() if name not in self.defined}


def _variables(source: Source, node: Node, what: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for entry in source.pairs(node, what):
        if not NAME.fullmatch(entry.key):
            source.problem(entry.key_node, f'"{entry.key}" cannot be the name of a variable', key=entry.key)
        text = source.text_of(entry.node, entry.key)
        if text is not None:
            values[entry.key] = text
    return values


def _viewport(source: Source, node: Node) -> tuple[int, int] | None:
    written = _viewport_text(node)
    found = re.fullmatch(r"([1-9][0-9]{1,4})\s*x\s*([1-9][0-9]{1,4})", written)
    if found:
        return int(found.group(1)), int(found.group(2))
    shown = f'"{written}"' if node.id == "scalar" else kind(node)
    source.problem(node, f'"viewport" must be width and height such as 1280x720, not {shown}', key="viewport")
    return None


def _viewport_text(node: Node) -> str:
    """`1280x720`, also of `[1280, 720]` and `{width: 1280, height: 720}`."""
    if node.id == "scalar":
        return str(node.value)
    if node.id == "sequence" and len(node.value) == 2:
        return "x".join(str(item.value) for item in node.value)
    sides = {key.value: value.value for key, value in node.value} if node.id == "mapping" else {}
    return f"{sides['width']}x{sides['height']}" if set(sides) == {"width", "height"} else ""


def included_files(root: Node) -> Iterator[str]:
    """The files that a document names in its includes, whether or not it is a valid test."""
    for key, node in root.value if root.id == "mapping" else ():
        if key.value == "include":
            for item in node.value if node.id == "sequence" else [node]:
                yield from _file_of(item, "file")
        elif key.value in ("setup", "steps", "teardown") and node.id == "sequence":
            for item in node.value:
                if item.id == "mapping":
                    yield from _file_of(item, "include")


def _file_of(item: Node, key: str) -> Iterator[str]:
    if item.id == "scalar" and key == "file":
        yield str(item.value)
    for name, value in item.value if item.id == "mapping" else ():
        if name.value == key and value.id == "scalar":
            yield str(value.value)
