"""Which files of ours a pytest session is about, read together: a file that others include is no test of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tierwright.core.steps import TestCase
from tierwright.testfiles.loader import SUFFIX, Loaded, load_files

_LOADED = pytest.StashKey["SessionFiles"]()


class SessionFiles:
    """The tests and the problems of a session's files, by file."""

    def __init__(self, config: pytest.Config, overrides: Mapping[str, str]) -> None:
        self._cwd = config.invocation_params.dir
        self._overrides = overrides
        self._found = dict(_searched(config))
        named = [(self._shown(path), by_name) for path, by_name in self._found.items()]
        self._loaded = load_files(named, overrides=overrides)
        self._collected = {str(path) for path, _ in named}

    def tests_of(self, path: Path) -> tuple[TestCase, ...]:
        """The tests of a file. Raises CollectError with everything that is wrong with it."""
        own, shown = self._loaded, str(self._shown(path))
        if path not in self._found:  # a plug-in or a conftest brought it
            own = load_files([(Path(shown), True)], overrides=self._overrides)
        problems = [p for p in own.problems if p.file == shown or self._nobody_tells(own, p.file, shown)]
        if problems:
            raise pytest.Collector.CollectError("\n".join(map(str, problems)))
        return tuple(test for test in own.tests if test.file == shown)

    def _nobody_tells(self, loaded: Loaded, file: str, shown: str) -> bool:
        """Whether a problem lies outside of all files that are collected: then each file with a test tells it."""
        return file not in self._collected and any(test.file == shown for test in loaded.tests)

    def _shown(self, path: Path) -> Path:
        """The path as messages and results call it: from where pytest was started, as `tierwright run` would."""
        return path.relative_to(self._cwd) if path.is_relative_to(self._cwd) else path


def session_files(config: pytest.Config, overrides: Mapping[str, str]) -> SessionFiles:
    """The files of this session, read when they are first asked for."""
    if _LOADED not in config.stash:
        config.stash[_LOADED] = SessionFiles(config, overrides)
    return config.stash[_LOADED]


def _searched(config: pytest.Config) -> Iterator[tuple[Path, bool]]:
    """Every file below the arguments, and whether it was named; folders that pytest leaves out are left out."""
    left_out = config.getini("norecursedirs")
    for argument in config.args:
        path = Path(os.path.normpath(config.invocation_params.dir / argument.partition("::")[0]))
        if path.is_file() and path.name.endswith(SUFFIX):
            yield path, True
        for folder, names, files in os.walk(path):
            names[:] = sorted(n for n in names if not any(fnmatch(n, p) for p in left_out) and not _is_venv(folder, n))
            yield from ((Path(folder, name), False) for name in sorted(files) if name.endswith(SUFFIX))


def _is_venv(folder: str, name: str) -> bool:
    return Path(folder, name, "pyvenv.cfg").is_file()
