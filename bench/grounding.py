"""How often a plain instruction finds its element on a page never seen before: small tasks of our own, seeded.

usage: python bench/grounding.py [--seeds N] [--misses] [--data FOLDER] [--browser PATH]

The tasks are in the manner of MiniWoB++ (Liu et al., ICLR 2018): a made-up page, an instruction, one element meant.
Each is asked once more with that element taken out, when "none of these" is the only right answer. Then the same of
MiniWoB++ itself: FOLDER is the package's `html`; without it the package is installed for this alone (.dev/apps).
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from playwright.async_api import Page, async_playwright

from _apps import AppMissingError
from _heals_cases import served
from _heals_figures import share_words
from _measure import browser_path, machine_line, table
from _miniwob import COUNTED, FORMS, ONE_CLICK, OTHERS, TAKE_OUT, Asked, asked_of, html_folder
from _plain_tasks import TASKS, Draw, Task
from tierwright.core.deadline import Deadline, SystemClock
from tierwright.core.identity import Query, Snapshot
from tierwright.core.instructions import understand
from tierwright.models.local import LocalRanker
from tierwright.models.local.families import family_of
from tierwright.page.snapshot import take_snapshot


async def snapshot_of(page: Page) -> Snapshot:
    """Everything on the page."""
    limit = Deadline.after(SystemClock(), 60)
    return (await take_snapshot(page, unexpand=str, page_path="/", frame_path=None, deadline=limit)).snapshot


async def verdicts(page: Page, task: Task) -> list[str]:
    """`right`, `wrong` or `none`; and, with the element taken out, `absent` or `false`."""
    await page.set_content(f"<body>{task.html}</body>")
    # The mark of what is meant must not be evidence, so it is exchanged for an XPath before the page is read.
    xpath = await page.evaluate(_TAKE_MARK, task.truth)
    whole = await snapshot_of(page)
    query = Query(action=task.action, instruction=task.instruction, phrase=understand(task.instruction, task.action))
    chosen = LocalRanker().rank(query, whole).chosen
    given = ["none" if chosen is None else "right" if _is_meant(whole, chosen, xpath) else "wrong"]
    if task.absent:
        await page.evaluate(
            "() => { for (const l of [...(window.__t.labels ?? [])]) l.remove(); window.__t.remove(); }"
        )
        left = LocalRanker().rank(query, await snapshot_of(page))
        given.append("absent" if left.chosen is None else "false")
    return given


_TAKE_MARK = """(css) => {
    const meant = window.__t = document.querySelector(css);
    if (css === "#t") meant.removeAttribute("id");
    const path = [];
    for (let at = meant; at; at = at.parentElement)
        path.unshift(at.localName + "[" + ([...(at.parentElement?.children ?? [at])]
            .filter((o) => o.localName === at.localName).indexOf(at) + 1) + "]");
    return "/" + path.join("/");
}"""


def _is_meant(page: Snapshot, chosen: int, xpath: str) -> bool:
    truth = next((i for i, c in enumerate(page.candidates) if c.xpath == xpath), None)
    return truth is not None and family_of(chosen, page.candidates) == family_of(truth, page.candidates)


async def ask_all(browser: Path, seeds: int) -> dict[str, list[tuple[Task, list[str]]]]:
    """Every task once for each seed."""
    found: dict[str, list[tuple[Task, list[str]]]] = {name: [] for name in TASKS}
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = await chromium.new_page()
        for name, make in TASKS.items():
            for seed in range(seeds):
                task = make(Draw(f"{name} {seed}"))
                found[name].append((task, await verdicts(page, task)))
        await chromium.close()
    return found


async def miniwob_verdicts(page: Page, asked: Asked) -> list[str]:
    """The same of a step of MiniWoB++, with everything that earns its reward taken out for the second question."""
    part, whole = asked.part, await snapshot_of(page)
    query = Query(
        action=part.action,
        instruction=part.instruction,
        phrase=understand(part.instruction, part.action, part.value),
        excluded=(part.value,) if part.value else (),
    )
    chosen = LocalRanker().rank(query, whole).chosen
    right = chosen is not None and any(_is_meant(whole, chosen, xpath) for xpath in asked.truths)
    given = ["none" if chosen is None else "right" if right else "wrong"]
    if not COUNTED.search(part.instruction):
        await page.evaluate(TAKE_OUT, asked.truths)
        left = LocalRanker().rank(query, await snapshot_of(page)).chosen
        given.append("absent" if left is None else "false")
    return given


async def ask_miniwob(
    browser: Path, folder: Path, tasks: Sequence[str], seeds: int
) -> dict[str, list[tuple[Asked, list[str]]]]:
    """Tasks of MiniWoB++, from loopback."""
    found: dict[str, list[tuple[Asked, list[str]]]] = {}
    with served(folder) as address:
        async with async_playwright() as playwright:
            chromium = await playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            page = await chromium.new_page()
            async for asked in asked_of(page, address, tasks, seeds):
                found.setdefault(asked.task, []).append((asked, await miniwob_verdicts(page, asked)))
            await chromium.close()
    return found


def row(name: str, given: list[str]) -> list[str]:
    """One line: right never without wrong and false."""
    seen = Counter(given)
    there, gone = sum(seen[v] for v in ("right", "wrong", "none")), seen["absent"] + seen["false"]
    return [name, str(there), *(str(seen[v]) for v in ("right", "wrong", "none")), str(gone), str(seen["false"])]


def shown(found: Mapping[str, Sequence[tuple[object, list[str]]]], markdown: bool) -> str:
    """The table of some tasks, and the shares that count with their intervals."""
    rows = [row(name, [v for _, vs in tasks for v in vs]) for name, tasks in found.items()]
    every = [v for tasks in found.values() for _, vs in tasks for v in vs]
    head = ("task", "n", "right", "wrong", "none", "n gone", "false")
    there, gone = sum(every.count(v) for v in ("right", "wrong", "none")), every.count("absent") + every.count("false")
    shares = (
        share_words("right", every.count("right"), there),
        share_words("wrong", every.count("wrong"), there),
        share_words("false", every.count("false"), gone),
        share_words("wrong or false, of both questions", every.count("wrong") + every.count("false"), there + gone),
    )
    return table(head, [*rows, row("all", every)], markdown) + "\n\n" + "; ".join(shares)


def missed(found: Mapping[str, Sequence[tuple[Task | Asked, list[str]]]]) -> Iterator[str]:
    """What was not right, one line each."""
    for name, tasks in found.items():
        for task, given in tasks:
            if {"wrong", "none", "false"} & {*given}:
                yield f"{name}: {task.instruction}: {', '.join(given)}"


def main() -> int:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=12, help="pages of each task (12)")
    parser.add_argument("--misses", action="store_true", help="list what was not right")
    parser.add_argument("--markdown", action="store_true", help="print tables for bench/README.md")
    parser.add_argument("--data", type=Path, help="the html folder of MiniWoB++; installed from PyPI without")
    parser.add_argument("--browser", type=Path, help="path of a Chromium; found by itself without")
    given = parser.parse_args()
    browser = browser_path(given.browser)
    found = asyncio.run(ask_all(browser, given.seeds))
    print(machine_line(browser) + f"; {len(TASKS)} tasks, {given.seeds} pages each\n")
    print(shown(found, given.markdown))
    theirs: dict[str, list[tuple[Asked, list[str]]]] = {}
    for what, tasks in (("public tasks", (*ONE_CLICK, *FORMS)), ("tasks that were asked last", OTHERS)):
        try:
            asked = asyncio.run(ask_miniwob(browser, given.data or html_folder(), tasks, given.seeds))
        except AppMissingError as error:
            print(f"\nMiniWoB++ is left out: {error}")
            break
        print(f"\nMiniWoB++, {len(asked)} {what}, {given.seeds} pages each\n\n{shown(asked, given.markdown)}")
        theirs |= asked
    if given.misses:
        print("\n".join((*missed(found), *missed(theirs))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
