"""The door to the JavaScript module that reads pages from inside (inject/*.js)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any

from playwright.async_api import BrowserContext, ElementHandle, Frame, Locator

_PARTS = ("natives", "state", "a11y", "features", "soles", "hints", "collect", "scene", "watch", "tierwright")
_ABSENT = "tierwright:absent"
_PRESENT = 'globalThis[Symbol.for("tierwright")]?.document === document'


def _joined() -> str:
    folder = files("tierwright.page").joinpath("inject")
    return "\n".join(folder.joinpath(f"{part}.js").read_text(encoding="utf-8") for part in _PARTS)


_CODE = _joined()  # part of the program, so read with it: a running event loop must not wait for a disk


def module_source() -> str:
    """The whole module as one script that installs itself where it is not there yet, and never throws."""
    return (
        '(() => {\n"use strict";\nconst KEY = Symbol.for("tierwright");\n'
        f"if ({_PRESENT}) return;\ntry {{\n{_CODE}\n}} catch {{}}\n}})()"
    )


async def install(context: BrowserContext) -> None:
    """Install the module in every page of a context, before any script of the page runs."""
    await context.add_init_script(module_source())


def in_page(call: str, parameters: str) -> str:
    """A function of these parameters that makes a call on `tw`, the module, or says that it is absent."""
    found = 'const tw = globalThis[Symbol.for("tierwright")];'
    return f'({parameters}) => {{ {found} return {_PRESENT} ? {call} : "{_ABSENT}"; }}'


async def ask(frame: Frame, call: str, argument: object = None) -> Any:
    """Make a call on the module in a frame; `arg` is the argument. Raises Playwright's errors."""
    return await _ask(frame, lambda: frame.evaluate(in_page(call, "arg"), argument))


async def ask_all(frame: Frame, locator: Locator, call: str, argument: object = None) -> Any:
    """Make a call on the module with all elements a locator finds now, as `els`; one round trip."""
    return await _ask(frame, lambda: locator.evaluate_all(in_page(call, "els, arg"), argument))


async def ask_element(frame: Frame, handle: ElementHandle, call: str, argument: object = None) -> Any:
    """Make a call on the module with an element of this frame, as `el`."""
    return await _ask(frame, lambda: handle.evaluate(in_page(call, "el, arg"), argument))


async def element_by_ref(frame: Frame, ref: int) -> ElementHandle | None:
    """The element with this number, while it is still in the document."""
    found = await frame.evaluate_handle(in_page("tw.byRef(arg)", "arg"), ref)
    return found.as_element()


async def _ask(frame: Frame, call: Callable[[], Awaitable[Any]]) -> Any:
    answer = await call()
    if answer == _ABSENT:
        await frame.evaluate(module_source())
        answer = await call()
    return answer
