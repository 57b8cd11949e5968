"""How Stagehand calls what a step's actions do: shared by those who ask it and those who judge what it wants."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tierwright.core.steps import Action

METHODS: Mapping[Action, str] = MappingProxyType(
    {
        Action.CLICK: "click",
        Action.RIGHT_CLICK: "click",
        Action.DOUBLE_CLICK: "doubleClick",
        Action.FILL: "fill",
        Action.TYPE: "type",
        Action.PRESS: "press",
        Action.SELECT: "selectOptionFromDropdown",
        Action.CHECK: "click",
        Action.UNCHECK: "click",
        Action.HOVER: "hover",
        Action.DRAG: "dragAndDrop",
    }
)
"""Stagehand's method for each action; an action that is not here it cannot do."""

REACHES = frozenset({"hover", "scrollTo", "nextChunk", "prevChunk"})
"""Methods that bring an element within reach and change nothing else."""

WORDED = frozenset({Action.FILL, Action.TYPE, Action.SELECT, Action.PRESS})
"""Actions whose method takes a text, which only the step may give (H-1)."""
