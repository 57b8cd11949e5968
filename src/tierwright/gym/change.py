"""Changes one element of a live page, and knows it again afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from playwright.async_api import ElementHandle, Frame, Page

from tierwright.core.deadline import Deadline
from tierwright.core.identity import ElementLocator
from tierwright.gym.kinds import Kind
from tierwright.gym.words import resembling, reworded, translated
from tierwright.page.failures import reading
from tierwright.page.place import locate

_SOURCE = files("tierwright.gym").joinpath("mutations.js").read_text(encoding="utf-8")
_WORDS = {Kind.REWORDED: reworded, Kind.TRANSLATED: translated, Kind.LOOK_ALIKES: resembling}

MARK = "data-tierwright-gym"
"""The attribute by which a reference run addresses the element, whatever was changed about it."""

_PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_MARK = "(el, name) => el.setAttribute(name, '')"

IS_ONE_WITH = """(el, truth) => {
  const USABLE = "a[href], button, input, select, textarea, summary, [role=button], [role=link], [role=menuitem],"
    + "[role=tab], [role=checkbox], [role=option], [contenteditable=true]";
  const clear = (inner, outer) => {
    let at = inner;
    while (at && at !== outer) { if (at.matches(USABLE)) return false; at = at.parentElement; }
    return at === outer;
  };
  if (el === truth || [...(truth.labels ?? [])].includes(el)) return true;
  return truth.contains(el) ? clear(el, truth) : el.contains(truth) && clear(truth, el);
}"""
"""Whether two elements are one to a person who clicks (a script).

An element, what it holds and what holds it are, as long as nothing else in between can be used by itself; so are a
field and its label.
"""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to change an element. `thorough`: its id, classes and data attributes go as well, as in a real redesign.

    `salt` is what made-up names are made of.
    """

    kind: Kind
    salt: str
    thorough: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """A change that was made: the element that the step means now, and its frame; None when it is gone."""

    truth: ElementHandle | None
    frame: Frame | None = None


@dataclass(frozen=True, slots=True)
class NotChanged:
    """Why a kind of change does not apply to an element."""

    why: str


async def change(page: Page, place: ElementLocator, recipe: Recipe, deadline: Deadline) -> Changed | NotChanged:
    """Change the element at a place. Raises StepError (`stale`) when the page goes away meanwhile."""
    with reading("the page"):
        handle = await locate(page, place).first.element_handle(timeout=deadline.remaining_seconds * 1000)
        order = {"salt": recipe.salt, "thorough": recipe.thorough}
        name = await handle.evaluate(f"(el, order) => ({_SOURCE})(el, order).name", order | {"kind": "look"})
        words = _WORDS[recipe.kind](name) if recipe.kind in _WORDS else None
        made = await handle.evaluate_handle(_SOURCE, order | {"kind": recipe.kind.value, "words": words})
        why = await (await made.get_property("why")).json_value()
        if why:
            return NotChanged(why)
        truth = (await made.get_property("truth")).as_element()
        await page.evaluate(_PAINTED)
        return await _as_it_stands(handle, truth)


async def _as_it_stands(before: ElementHandle, truth: ElementHandle | None) -> Changed | NotChanged:
    """The change, unless the page put the element back, or drew it anew."""
    if truth is None:
        undone = await before.evaluate("el => el.isConnected")
        return NotChanged("the page put it back") if undone else Changed(None)
    if not await truth.evaluate("el => el.isConnected"):
        return NotChanged("the page drew it anew")
    return Changed(truth, await truth.owner_frame())


async def is_truth(page: Page, place: ElementLocator, changed: Changed, deadline: Deadline) -> bool:
    """Whether a place leads to the element that the step means. Raises StepError when the page goes away meanwhile."""
    if changed.truth is None:
        return False
    with reading("the page"):
        handle = await locate(page, place).first.element_handle(timeout=deadline.remaining_seconds * 1000)
        if await handle.owner_frame() is not changed.frame:
            return False
        return bool(await handle.evaluate(IS_ONE_WITH, changed.truth))


async def mark(changed: Changed) -> ElementLocator | None:
    """Mark the element, for a step that addresses it by the mark; None when it is gone."""
    if changed.truth is None or changed.frame is None:
        return None
    with reading("the page"):
        await changed.truth.evaluate(_MARK, MARK)
        path: list[str] = []
        frame = changed.frame
        while frame.parent_frame is not None:
            await (await frame.frame_element()).evaluate(_MARK, MARK)
            path.insert(0, f"[{MARK}]")
            frame = frame.parent_frame
    return ElementLocator(f"[{MARK}]", tuple(path))
