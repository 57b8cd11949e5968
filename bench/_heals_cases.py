"""The public evaluation material as questions for the ranker: real browser, everything but loopback blocked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page, Route

from baselines.similo import id_xpath
from tierwright.core.identity import Box, Candidate, Fingerprint, Query, Snapshot
from tierwright.core.operable import others_of
from tierwright.core.steps import Action

VIEWPORT = (1792, 1000)
"""The width at which the records of the rebuilt pages were made."""
Capture = Callable[[Page], Awaitable[Snapshot]]

_TAG_ROLES = {
    "a": "link",
    "button": "button",
    "select": "combobox",
    "textarea": "textbox",
    "li": "listitem",
    "img": "img",
}
_NAMED_BY_CONTENT = frozenset({"link", "button", "heading"})
_TAKE_OUT = """(paths) => {
    const find = (x) => document.evaluate(x, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue;
    window.__out = [];
    for (const node of paths.map(find)) {
        if (!node || !node.isConnected) continue;
        const mark = document.createComment("");
        node.replaceWith(mark);
        window.__out.push([mark, node]);
    }
}"""
_EQUIVALENT = """() => {
    const says = (n) => [n.localName, n.textContent.replace(/\\s+/g, " ").trim(), n.getAttribute("href")];
    const gone = window.__out.length ? says(window.__out[0][1]) : [];
    if (!gone[1]) return false;
    return [...document.getElementsByTagName(gone[0])].some((n) => says(n).every((part, i) => part === gone[i]));
}"""
_PUT_BACK = "() => { for (const [mark, node] of window.__out.reverse()) mark.replaceWith(node); }"
_BUILT = "() => window.__built > 0"


@dataclass(frozen=True, slots=True)
class Case:
    """One question: `accepted` XPaths are right; none are when the element is gone.

    `equivalent` says that a removed element left another with the same tag, text and target. `xpath` is where the
    element was, `id_xpath` the same from the nearest id, `before` the old page where there is one.
    """

    id: str
    site: str
    query: Query
    snapshot: Snapshot
    accepted: frozenset[str]
    equivalent: bool = False
    interactive: bool = True
    xpath: str = ""
    id_xpath: str = ""
    before: Snapshot | None = None

    @property
    def removed(self) -> bool:
        """Whether the only right answer is "none of these"."""
        return not self.accepted


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder on a loopback port; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


async def block_all_but(page: Page, address: str) -> None:
    """Let the page reach the given address only."""

    async def decide(route: Route) -> None:
        await (route.continue_() if route.request.url.startswith(address) else route.abort())

    await page.route("**/*", decide)


def read_cases(path: Path) -> list[dict[str, Any]]:
    """The records of a cases.jsonl."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def canonical(xpath: str) -> str:
    """An absolute XPath with every index written, in lower case."""
    steps = [s for s in xpath.removeprefix("xpath=").lower().split("/") if s]
    return "/" + "/".join(s if s.endswith("]") else s + "[1]" for s in steps)


async def rebuilt_cases(page: Page, address: str, folder: Path, capture: Capture) -> AsyncIterator[Case]:
    """The cases of `similo/`: each with its element in place, and once more with it and its twins taken out."""
    records = sorted(read_cases(folder / "cases.jsonl"), key=lambda r: str(r["page"]))
    for name, group in groupby(records, key=lambda r: str(r["page"])):
        await page.goto(f"{address}/{name}", wait_until="domcontentloaded")
        await page.wait_for_function(_BUILT)
        whole = await capture(page)
        for record in group:
            query = Query(action=Action.CLICK, baseline=recorded_fingerprint(record["old"]))
            paths = [record["truth"], *record["twins"]]
            site = record["id"].rpartition("/")[0]
            was = {"xpath": canonical(record["old"]["xpath"]), "id_xpath": str(record["old"]["idxpath"])}
            accepted = frozenset(map(canonical, paths))
            yield Case(record["id"], site, query, whole, accepted, **was)
            await page.evaluate(_TAKE_OUT, paths)
            rest = await capture(page)
            equal = bool(await page.evaluate(_EQUIVALENT))
            await page.evaluate(_PUT_BACK)
            yield Case(record["id"] + "/removed", site, query, rest, frozenset(), equal, **was)


async def evolved_cases(page: Page, address: str, folder: Path, capture: Capture) -> AsyncIterator[Case]:
    """The cases of `webevo/`: the fingerprint comes from the old page, the question is put to the new one."""
    records = sorted(read_cases(folder / "cases.jsonl"), key=lambda r: (str(r["old_page"]), str(r["new_page"])))
    for (old, new), group in groupby(records, key=lambda r: (str(r["old_page"]), str(r["new_page"]))):
        await page.goto(f"{address}/{old}", wait_until="domcontentloaded")
        before = await capture(page)
        others = others_of(before.candidates)
        await page.goto(f"{address}/{new}", wait_until="domcontentloaded")
        after = await capture(page)
        for record in group:
            known = find(before, frozenset({canonical(record["old"])}))
            baseline = known.fingerprint if known else Fingerprint(tag=_last_tag(record["old"]))
            truth = frozenset({canonical(record["truth"])}) if record["truth"] else frozenset()
            interactive = baseline.role in ("link", "button", "textbox", "searchbox", "combobox", "checkbox", "radio")
            equal = not truth and has_equivalent(known, after)
            query = Query(action=Action.CLICK, baseline=replace(baseline, others=others))
            site = record["id"].rpartition("/")[0]
            was = {"xpath": canonical(record["old"]), "id_xpath": id_xpath(known) if known else "", "before": before}
            yield Case(record["id"], site, query, after, truth, equal, interactive, **was)


def find(snapshot: Snapshot, accepted: frozenset[str]) -> Candidate | None:
    """The first candidate at one of these XPaths."""
    return next((c for c in snapshot.candidates if canonical(c.xpath) in accepted), None)


def has_equivalent(gone: Candidate | None, rest: Snapshot) -> bool:
    """Whether another element with the same tag, text and target is left."""
    if gone is None:
        return False
    was = gone.fingerprint
    same = (was.tag, was.text or was.name, was.href_path)
    return any(
        (f.tag, f.text or f.name, f.href_path) == same for f in (c.fingerprint for c in rest.candidates) if same[1]
    )


def recorded_fingerprint(old: dict[str, Any]) -> Fingerprint:
    """The little that the published records kept of an element, as a baseline."""
    tag = str(old["tag"]).lower()
    text = " ".join(str(old["visible_text"] or "").split())
    role = _recorded_role(tag, old)
    steps = [s for s in canonical(str(old["xpath"])).split("/") if s]
    field = role == "textbox"
    return Fingerprint(
        tag=tag,
        role=role,
        name=text if role in _NAMED_BY_CONTENT or field else "",
        text="" if field else text[:200],
        placeholder=text if field else "",
        alt=str(old["alt"] or ""),
        id=str(old["id"] or ""),
        name_attribute=str(old["name"] or ""),
        classes=tuple(str(old["class"] or "").split()),
        href_path=urlsplit(str(old["href"] or "")).path,
        neighbours=tuple(filter(None, [str(old["neighbor_text"] or "")])),
        ancestors=tuple(s.partition("[")[0] for s in reversed(steps[:-1])),
        box=Box(float(old["x"]), float(old["y"]), float(old["w"]), float(old["h"])),
    )


def _recorded_role(tag: str, old: dict[str, Any]) -> str:
    if tag == "input":
        return "button" if old["is_button"] else "textbox"
    if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
        return "heading"
    return _TAG_ROLES.get(tag, "") if tag != "a" or old["href"] else ""


def _last_tag(xpath: str) -> str:
    return canonical(xpath).rpartition("/")[2].partition("[")[0]
