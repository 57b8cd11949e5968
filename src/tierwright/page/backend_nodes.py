"""Between Playwright's elements and the browser's own numbers for them, which Stagehand speaks (CDP)."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import CDPSession, ElementHandle, Error, Frame, Page

from tierwright.page.inject import ask, ask_element, element_by_ref, module_source
from tierwright.page.locators import absolute_xpath

_MODULE = 'globalThis[Symbol.for("tierwright")]'


async def backend_node_id(page: Page, frame: Frame, handle: ElementHandle) -> int:
    """The browser's number for an element of a frame. Raises Playwright's errors, LookupError when it is gone."""
    token, refs = await asyncio.gather(ask(frame, "tw.token"), ask_element(frame, handle, "tw.refsUpFrom(el)"))
    session, _ = await _session(page, frame)
    try:
        for context in await _main_contexts(session):
            described = await _describe(session, context, token, refs[0])
            if described is not None:
                return described
    finally:
        await session.detach()
    raise LookupError("the element is in no document of its frame any more")


async def element_of_backend_node(
    page: Page, backend_node: int, frame: Frame | None = None
) -> tuple[Frame, ElementHandle] | None:
    """The element with the browser's number, and its frame; a text stands for its parent; None when it is gone.

    Numbers count per process: `frame` is the frame (or any frame of the same process) the number was read in,
    the main frame if not given.
    """
    session, _ = await _session(page, frame or page.main_frame)
    try:
        named = await _name(session, backend_node)
    finally:
        await session.detach()
    return await element_named(page, *named) if named else None


async def xpath_through_frames(frame: Frame, handle: ElementHandle) -> str:
    """Stagehand's absolute XPath of an element: from the outermost document, through frames and shadow roots.

    Raises Playwright's errors when the element or a frame is gone.
    """
    path = await absolute_xpath(frame, handle)
    if frame.parent_frame is None:
        return path
    return await xpath_through_frames(frame.parent_frame, await frame.frame_element()) + path


async def element_named(page: Page, token: str, ref: int) -> tuple[Frame, ElementHandle] | None:
    """The element with the injected module's number in the document with this token; None when it is gone."""
    tokens = await asyncio.gather(*(_token(frame) for frame in page.frames))
    for frame, found in zip(page.frames, tokens, strict=False):
        if found == token:
            handle = await element_by_ref(frame, ref)
            return (frame, handle) if handle is not None else None
    return None


async def _token(frame: Frame) -> str:
    try:
        token: str = await ask(frame, "tw.token")
    except Error:
        return ""
    return token


async def _session(page: Page, frame: Frame) -> tuple[CDPSession, Frame]:
    """A session with the process that renders a frame: its own, or that of the nearest frame around it."""
    at = frame
    while at.parent_frame is not None:
        try:
            return await page.context.new_cdp_session(at), at
        except Error:  # rendered by its parent's process
            at = at.parent_frame
    return await page.context.new_cdp_session(page), at


async def _main_contexts(session: CDPSession) -> list[int]:
    """The ids of the pages' own JavaScript worlds, where the module lives; told when the domain is enabled."""
    found: list[int] = []

    def on_created(event: dict[str, Any]) -> None:
        context = event["context"]
        if context.get("auxData", {}).get("isDefault"):
            found.append(context["id"])

    session.on("Runtime.executionContextCreated", on_created)
    await session.send("Runtime.enable")
    return found


async def _describe(session: CDPSession, context: int, token: str, ref: int) -> int | None:
    expression = f'{_MODULE}?.token === "{token}" ? {_MODULE}.byRef({ref}) : null'
    answer = await session.send("Runtime.evaluate", {"expression": expression, "contextId": context})
    object_id = answer["result"].get("objectId")
    if object_id is None:
        return None
    described = await session.send("DOM.describeNode", {"objectId": object_id})
    number: int = described["node"]["backendNodeId"]
    return number


async def _name(session: CDPSession, backend_node: int) -> tuple[str, int] | None:
    """The module's names for a node's document and for the node itself, asked in the node's own world."""
    try:
        resolved = await session.send("DOM.resolveNode", {"backendNodeId": backend_node})
    except Error:
        return None
    asked = await session.send(
        "Runtime.callFunctionOn",
        {
            "objectId": resolved["object"]["objectId"],
            "functionDeclaration": f"function() {{ {module_source()}; const tw = {_MODULE};"
            " return [tw.token, tw.refsUpFrom(this)[0]]; }",
            "returnByValue": True,
        },
    )
    token, ref = asked["result"].get("value") or ("", None)
    return (token, ref) if ref else None
