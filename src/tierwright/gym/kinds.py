"""What the gym changes: benign changes that a test should survive, and defects that it must not."""

from __future__ import annotations

from enum import StrEnum

from tierwright.core.steps import Action, Condition, Step


class Kind(StrEnum):
    """One way to change one element (gym/mutations.js makes it)."""

    RENAME_ID = "rename_id"
    RENAME_CLASSES = "rename_classes"
    RENAME_ATTRIBUTES = "rename_attributes"
    GENERATED_CLASSES = "generated_classes"
    WRAPPER_DIVS = "wrapper_divs"
    REORDER = "reorder"
    MOVED = "moved"
    REWORDED = "reworded"
    TAG_SWAP = "tag_swap"
    TEXT_IN_CHILD = "text_in_child"
    TRANSLATED = "translated"
    IFRAME_WRAP = "iframe_wrap"
    SHADOW_WRAP = "shadow_wrap"
    LOOK_ALIKES = "look_alikes"
    REMOVED = "removed"
    HIDDEN = "hidden"
    DISABLED = "disabled"
    COVERED = "covered"
    LABEL_SWAPPED = "label_swapped"
    HANDLER_GONE = "handler_gone"
    FORM_NOWHERE = "form_nowhere"
    WRONG_VALUE = "wrong_value"

    @property
    def is_defect(self) -> bool:
        """Whether a test should fail of it."""
        return self in DEFECTS


DEFECTS = frozenset(
    {
        Kind.REMOVED,
        Kind.HIDDEN,
        Kind.DISABLED,
        Kind.COVERED,
        Kind.LABEL_SWAPPED,
        Kind.HANDLER_GONE,
        Kind.FORM_NOWHERE,
        Kind.WRONG_VALUE,
    }
)
BENIGN = frozenset(Kind) - DEFECTS

_CHANGE_TEXT = frozenset({Kind.REWORDED, Kind.TRANSLATED})
_OF_ACTING = frozenset({Kind.DISABLED, Kind.COVERED, Kind.LABEL_SWAPPED})
_OF_HANDLERS = frozenset({Kind.HANDLER_GONE, Kind.FORM_NOWHERE})
_HANDLED = frozenset({Action.CLICK, Action.DOUBLE_CLICK, Action.RIGHT_CLICK, Action.PRESS})
_OF_VALUES = frozenset({Condition.TEXT, Condition.CONTAINS, Condition.MATCHES, Condition.VALUE, Condition.CHECKED})
_OF_TEXTS = frozenset({Condition.TEXT, Condition.CONTAINS, Condition.MATCHES})
_OF_ABSENCE = frozenset({Condition.HIDDEN, Condition.COUNT})


def suits(kind: Kind, step: Step) -> bool:
    """Whether a change makes sense for the element of a step, as far as the step itself says."""
    if not step.needs_element or step.optional or step.condition in _OF_ABSENCE or step.action is Action.DRAG:
        return False
    if kind is Kind.WRONG_VALUE:
        return step.condition in _OF_VALUES
    if kind in _OF_HANDLERS:  # a field works without any: nothing would be broken
        return step.action in _HANDLED
    if kind in _OF_ACTING:
        return not step.judges
    if kind in _CHANGE_TEXT:
        return step.condition not in _OF_TEXTS
    return True
