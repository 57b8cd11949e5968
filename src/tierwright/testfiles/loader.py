"""Test files to tests: every file read, every error of all of them told at once, nothing run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from tierwright.core.steps import TestCase
from tierwright.testfiles.case_reader import CaseReader, included_files
from tierwright.testfiles.nodes import MAX_BYTES, Document, Source, documents, read_source
from tierwright.testfiles.placeholders import NAME
from tierwright.testfiles.problems import Problem

SUFFIX = ".tw.yaml"
LOCK_FILE = "tierwright.lock.yaml"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The tests of some files, in their order, and everything wrong with the files."""

    tests: tuple[TestCase, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _File:
    """A test file that was read."""

    path: Path
    source: Source
    documents: tuple[Document, ...]
    named: bool
    """Whether the user named the file, rather than a directory that holds it."""


_NOTHING: Mapping[str, str] = MappingProxyType({})


def load(paths: Sequence[Path], *, overrides: Mapping[str, str] = _NOTHING) -> Loaded:
    """Load the tests of files, and of directories their `*.tw.yaml` files. `overrides` replace variables.

    Never raises for what is in a file: errors are `problems`, and a test that has one is left out of `tests`.
    """
    return _load(paths, overrides, check_variables=True)


def load_files(files: Sequence[tuple[Path, bool]], *, overrides: Mapping[str, str] = _NOTHING) -> Loaded:
    """Load files that somebody else searched for; each with whether the user named it (see `files_of`)."""
    return _loaded(files, overrides, [], check_variables=True)


def load_as_written(file: Path) -> Loaded:
    """Load one file for editing: a variable that is only given on the command line is no error here."""
    return _load([file], _NOTHING, check_variables=False)


def load_text(text: str, file: str, *, check_variables: bool = True) -> Loaded:
    """Load the tests of a text that lies in no folder, and so includes nothing. `file` is what errors call it."""
    problems: list[Problem] = []
    source = Source(file, problems, text.removeprefix("\ufeff"))
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        problems.append(Problem(file, 0, 0, f"is larger than {MAX_BYTES // 1024} KiB, which no test file is"))
        return Loaded((), tuple(problems))
    found = documents(source)
    if not found and not problems:
        problems.append(Problem(file, 0, 0, "is empty: it holds no test"))
    readers = [
        CaseReader(source, Path(file), _NOTHING, check_variables=check_variables, in_folder=False) for _ in found
    ]
    read = (reader.read(document.root) for reader, document in zip(readers, found, strict=True))
    tests = tuple(test for test in read if test is not None)
    _check_names(tests, problems)
    return Loaded(tests, tuple(sorted(dict.fromkeys(problems), key=_Order())))


def _load(paths: Sequence[Path], overrides: Mapping[str, str], *, check_variables: bool) -> Loaded:
    empty = [path for path in paths if path.is_dir() and not files_of([path])]
    problems = [Problem(str(path), 0, 0, f"holds no *{SUFFIX} file") for path in empty]
    return _loaded(files_of(paths), overrides, problems, check_variables=check_variables)


def _loaded(
    named: Sequence[tuple[Path, bool]], overrides: Mapping[str, str], problems: list[Problem], *, check_variables: bool
) -> Loaded:
    for name in overrides:
        if not NAME.fullmatch(name):
            problems.append(Problem("--var", 0, 0, f'"{name}" cannot be the name of a variable'))
    files = list(_read_all(named, problems))
    included = _included(files)
    tests: list[TestCase] = []
    for file in files:
        if file.named or file.path.resolve() not in included:
            tests += _tests(file, overrides, check_variables=check_variables)
    _check_names(tests, problems)
    return Loaded(tuple(tests), tuple(sorted(dict.fromkeys(problems), key=_order(files))))


def _order(files: Sequence[_File]) -> _Order:
    return _Order({file.source.file: at for at, file in enumerate(files)})


@dataclass(frozen=True, slots=True)
class _Order:
    """Sorts problems as their files were given, then by place."""

    files: Mapping[str, int] = field(default_factory=dict)

    def __call__(self, problem: Problem) -> tuple[int, str, int, int]:
        return (self.files.get(problem.file, len(self.files)), problem.file, problem.line, problem.column)


def files_of(paths: Iterable[Path]) -> list[tuple[Path, bool]]:
    """The files that paths stand for, each once, and whether it was named itself. Directories are searched, sorted."""
    found: dict[Path, bool] = {}
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob(f"*{SUFFIX}")):
                if file.is_file():
                    found.setdefault(file, False)
        else:
            found[path] = True
    return list(found.items())


def _read_all(files: Iterable[tuple[Path, bool]], problems: list[Problem]) -> Iterable[_File]:
    for path, named in files:
        if path.name == LOCK_FILE:
            problems.append(Problem(str(path), 0, 0, "holds baselines, not tests"))
            continue
        source = read_source(path, str(path), problems)
        if source is None:
            continue
        before = len(problems)
        found = tuple(documents(source))
        if not found and len(problems) == before:
            problems.append(Problem(str(path), 0, 0, "is empty: it holds no test"))
        yield _File(path, source, found, named)


def _included(files: Iterable[_File]) -> set[Path]:
    return {
        Path(os.path.normpath(file.path.parent / name)).resolve()
        for file in files
        for document in file.documents
        for name in included_files(document.root)
    }


def _tests(file: _File, overrides: Mapping[str, str], *, check_variables: bool) -> list[TestCase]:
    tests = []
    for document in file.documents:
        reader = CaseReader(file.source, file.path, overrides, check_variables=check_variables)
        test = reader.read(document.root)
        if test is not None:
            tests.append(test)
    return tests


def _check_names(tests: Sequence[TestCase], problems: list[Problem]) -> None:
    first: dict[str, TestCase] = {}
    for test in tests:
        other = first.setdefault(test.name, test)
        if other is not test:
            message = f'the name "{test.name}" is taken by the test in {other.file}:{other.line}'
            problems.append(Problem(test.file, test.line, 1, message, "name"))
