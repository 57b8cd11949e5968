"""Plain sentences: `compile_sentence` (compiler.py) and the way back, `render_step`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tierwright.core.quoting import quote
from tierwright.core.steps import PAGE_CONDITIONS, Action, Condition, Origin, Step
from tierwright.testfiles.compiler import LONGEST_SENTENCE, SentenceError, compile_sentence

__all__ = ["LONGEST_SENTENCE", "SentenceError", "compile_sentence", "render_step"]

_TEMPLATES: dict[Action, str] = {
    Action.NAVIGATE: "Go to {value}",
    Action.GO_BACK: "Go back",
    Action.RELOAD: "Reload the page",
    Action.CLICK: "Click {element}",
    Action.DOUBLE_CLICK: "Double-click {element}",
    Action.RIGHT_CLICK: "Right-click {element}",
    Action.FILL: "Enter {value} in {element}",
    Action.TYPE: "Type {value} into {element}",
    Action.PRESS: "Press {key}",
    Action.SELECT: "Select {value} in {element}",
    Action.CHECK: "Check {element}",
    Action.UNCHECK: "Uncheck {element}",
    Action.HOVER: "Hover over {element}",
    Action.FOCUS: "Focus {element}",
    Action.DRAG: "Drag {element} to {target}",
    Action.UPLOAD: "Upload {files} to {element}",
    Action.DOWNLOAD: "Expect a download",
    Action.SCROLL: "Scroll to {element}",
    Action.WAIT_FOR: "Wait for {subject} to {predicate}",
    Action.DIALOG: "Answer the dialog with {value}",
    Action.SWITCH_PAGE: "Switch to the page {value}",
    Action.SCREENSHOT: "Take a screenshot",
    Action.EXPECT: "{subject} should {predicate}",
}
_ADDITIONS = {
    Action.PRESS: (" in {element}", ""),
    Action.DOWNLOAD: ("", " named {value}"),
    Action.SCREENSHOT: (" of {element}", " as {value}"),
}
_SCROLLS = {"up": "Scroll up", "down": "Scroll down", "top": "Scroll to the top", "bottom": "Scroll to the bottom"}
_DIALOGS = {"accept": "Accept the dialog", "dismiss": "Dismiss the dialog"}
_PREDICATES: dict[Condition, str] = {
    Condition.VISIBLE: "be visible",
    Condition.HIDDEN: "be hidden",
    Condition.TEXT: "say {value}",
    Condition.CONTAINS: "contain {value}",
    Condition.MATCHES: "match {value}",
    Condition.VALUE: "have the value {value}",
    Condition.COUNT: "appear {number} times",
    Condition.CHECKED: "be checked",
    Condition.UNCHECKED: "be unchecked",
    Condition.ENABLED: "be enabled",
    Condition.DISABLED: "be disabled",
    Condition.ATTRIBUTE: "have the attribute {attribute} with the value {value}",
    Condition.URL: "be {value}",
    Condition.TITLE: "be {value}",
}
_SUBJECTS = {Condition.URL: "the URL", Condition.TITLE: "the title"}


def render_step(step: Step) -> str:
    """The sentence of a step. Raises SentenceError for a step with parts no sentence can say."""
    plain = replace(step, origin=Origin())
    for element, target in _wordings(plain):
        sentence = _sentence(plain, element, target)
        if _says(sentence, plain):
            return sentence
    raise SentenceError(f"no sentence says all of this {step.action} step; write it with keys")


def _says(sentence: str, step: Step) -> bool:
    try:
        return compile_sentence(sentence) == step
    except SentenceError:
        return False


def _wordings(step: Step) -> Iterator[tuple[str, str]]:
    element, target = step.instruction, step.target or ""
    yield element, target
    yield _described(element), target
    yield element, _described(target)
    yield _described(element), _described(target)


def _described(text: str) -> str:
    return f"the element described as {quote(text)}"


def _sentence(step: Step, element: str, target: str) -> str:
    condition = step.condition or Condition.VISIBLE
    template = _template(step).replace("{predicate}", _PREDICATES[condition])
    about_page = step.judges and condition in PAGE_CONDITIONS
    if step.instruction and (about_page or not ("{element}" in template or "{subject}" in template)):
        template += ", described as {description}"
    return template.format(
        value=quote(step.value or ""),
        number=step.value,
        key=quote(step.key or ""),
        attribute=quote(step.attribute or ""),
        files=" and ".join(quote(file) for file in step.files),
        subject=_SUBJECTS[condition] if about_page else element,
        element=element,
        target=target,
        description=quote(step.instruction),
    )


def _template(step: Step) -> str:
    """The template of the action, and of those that are said in several ways the one that fits."""
    template = _TEMPLATES[step.action]
    if step.action is Action.FILL and step.value == "":
        return "Clear {element}"
    if step.action is Action.DIALOG:
        return _DIALOGS.get(step.value or "", template)
    if step.action is Action.SCROLL and step.value is not None:
        return _SCROLLS.get(step.value, "Scroll by {number} pixels")
    element, value = _ADDITIONS.get(step.action, ("", ""))
    return template + (element if step.instruction else "") + (value if step.value is not None else "")
