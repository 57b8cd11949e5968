"""Builds the web interface into the wheel. An editable install takes what `./dev setup` has built."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildUi(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before the files of a wheel are gathered."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build the interface. Raises BuildError; TIERWRIGHT_BUILD_WITHOUT_UI=1 makes a wheel of the API alone."""
        if version != "editable" and os.environ.get("TIERWRIGHT_BUILD_WITHOUT_UI") != "1":
            _build_ui(Path(self.root)).build()


def _build_ui(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_ui", root / "frontend" / "build_ui.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
