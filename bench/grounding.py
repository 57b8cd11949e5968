"""How often a plain instruction finds its element on a page never seen before: small tasks of our own, seeded.

usage: python bench/grounding.py [--seeds N] [--misses] [--data FOLDER] [--browser PATH]

The tasks are in the manner of MiniWoB++ (Liu et al., ICLR 2018): a made-up page, an instruction, one element meant.
Each is asked once more with that element taken out, when "none of these" is the only right answer. Then the same of
MiniWoB++ itself: FOLDER is the package's `html`; without it the package is installed for this alone (.dev/apps).
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page, async_playwright

from _apps import AppMissingError
from _heals_cases import served
from _heals_figures import share_interval
from _measure import browser_path, machine_line, table
from _miniwob import FORMS, ONE_CLICK, TAKE_OUT, Asked, asked_of, html_folder
from _own_pages import DEEDS, FIELDS, PAGES, PEOPLE, PLACES, THINGS, TOPICS
from tierwright.core.deadline import Deadline, SystemClock
from tierwright.core.identity import Query, Snapshot
from tierwright.core.phrases import understand
from tierwright.core.steps import Action
from tierwright.models.local import LocalRanker
from tierwright.models.local.families import family_of
from tierwright.page.snapshot import take_snapshot

Draw = random.Random


@dataclass(frozen=True, slots=True)
class Task:
    """A page, what is asked, the CSS selector of what is meant; `absent`: without it nothing else is meant."""

    html: str
    instruction: str
    truth: str = "#t"
    action: Action = Action.CLICK
    absent: bool = True


def _named_button(draw: Draw) -> Task:
    names = draw.sample(DEEDS, 5)
    buttons = "".join(f"<button {'id=t' if n == names[2] else ''}>{n}</button>" for n in names)
    return Task(buttons, draw.choice((f'Click the "{names[2]}" button', f"Click on {names[2]}")))


def _link_in_text(draw: Draw) -> Task:
    names = draw.sample(TOPICS, 4)
    links = " and ".join(f"<a href='#{n}' {'id=t' if n == names[1] else ''}>{n}</a>" for n in names)
    return Task(f"<p>Read about {links} today.</p><button>{names[1]} settings</button>", f"Open the {names[1]} link")


def _labelled_field(draw: Draw) -> Task:
    names = draw.sample(FIELDS, 4)
    fields = "".join(f"<p><label>{n} <input {'id=t' if n == names[3] else ''}></label></p>" for n in names)
    return Task(fields, f"Enter something in the {names[3]} field", action=Action.FILL)


def _row(draw: Draw) -> Task:
    people, deeds = draw.sample(PEOPLE, 5), draw.sample(DEEDS, 2)
    rows = "".join(
        f"<tr><td>{p}</td><td>{draw.choice(PLACES)}</td><td><button>{deeds[0]}</button>"
        f"<button {'id=t' if p == people[2] else ''}>{deeds[1]}</button></td></tr>"
        for p in people
    )
    return Task(f"<table>{rows}</table>", f'Click the "{deeds[1]}" button in the row of "{people[2]}"')


def _ordinal(draw: Draw) -> Task:
    at, word = draw.choice(((0, "first"), (1, "second"), (2, "third"), (4, "last")))
    things = draw.sample(THINGS, 5)
    cards = "".join(
        f"<li><h3>{t}</h3><a href='#{t}' {'id=t' if i == at else ''}>Details</a></li>" for i, t in enumerate(things)
    )
    return Task(f"<ul>{cards}</ul>", f'Click the {word} "Details" link', absent=False)


def _section(draw: Draw) -> Task:
    places = draw.sample(("Billing", "Delivery", "Profile", "Security"), 3)
    parts = "".join(
        f"<section aria-label={p}><h2>{p}</h2><button {'id=t' if p == places[1] else ''}>Edit</button></section>"
        for p in places
    )
    return Task(parts, f'Click the "Edit" button in the "{places[1]}" section')


def _landmark(draw: Draw) -> Task:
    name = draw.choice(PAGES)
    links = (f"<header><a href='#a' id=t>{name}</a></header>", f"<footer><a href='#b'>{name}</a></footer>")
    return Task("<main><p>Hello</p></main>".join(links), f'Click the "{name}" link in the header')


def _next_to(draw: Draw) -> Task:
    things = draw.sample(THINGS, 4)
    lines = "".join(
        f"<div><span>{t.capitalize()}</span> <button {'id=t' if t == things[1] else ''}>Show</button></div>"
        for t in things
    )
    return Task(lines, f'Click the "Show" button next to "{things[1].capitalize()}"')


def _negation(draw: Draw) -> Task:
    topic = draw.choice(TOPICS)
    links = f"<a href='#1'>{topic} archive</a> <a href='#2' id=t>{topic} today</a> <a href='#3'>Imprint</a>"
    return Task(links, f'Click the {topic} link not "archive"')


def _icon(draw: Draw) -> Task:
    names = draw.sample(DEEDS, 4)
    ways: tuple[Callable[[str], str], ...] = (
        lambda n: f"<button {_meant(n, names[0])} aria-label='{n}'>{_SVG}</button>",
        lambda n: f"<button {_meant(n, names[0])} title='{n}'>{_SVG}</button>",
        lambda n: f"<button {_meant(n, names[0])}><svg width=9 height=9><title>{n}</title></svg></button>",
        lambda n: f"<button {_meant(n, names[0])}><img alt='{n}' width=9 height=9></button>",
    )
    way, shown = draw.choice(ways), draw.sample(names, 4)
    return Task("".join(map(way, shown)), draw.choice((f"Click the {names[0]} icon", f'Click the "{names[0]}" button')))


def _icon_by_text(draw: Draw) -> Task:
    names = draw.sample(THINGS, 3)
    lines = "".join(
        f"<div><span>{n.capitalize()}</span><button {_meant(n, names[1])}>{_SVG}</button></div>" for n in names
    )
    return Task(lines, f'Click the button next to "{names[1].capitalize()}"')


def _checkbox(draw: Draw) -> Task:
    names = draw.sample(TOPICS, 4)
    boxes = "".join(f"<p><input type=checkbox id=c{i}><label for=c{i}>{n}</label></p>" for i, n in enumerate(names))
    return Task(boxes, f"Check the {names[2]} checkbox", "#c2", Action.CHECK)


def _other_words(draw: Draw) -> Task:
    shown, asked = draw.choice((("Log in", "Sign in"), ("Remove", "Delete"), ("Basket", "Cart"), ("Find", "Search")))
    others = draw.sample(("Imprint", "Weather", "Archive", "Share"), 3)
    buttons = [f"<button id=t>{shown}</button>", *(f"<button>{o}</button>" for o in others)]
    return Task("".join(draw.sample(buttons, 4)), f"Click the {asked} button")


_SVG = "<svg width=9 height=9><circle r=4></circle></svg>"


def _meant(name: str, wanted: str) -> str:
    return "id=t" if name == wanted else ""


TASKS: dict[str, Callable[[Draw], Task]] = {
    "a named button": _named_button,
    "a link in a text": _link_in_text,
    "a labelled field": _labelled_field,
    "in the row of": _row,
    "an ordinal": _ordinal,
    "in a section": _section,
    "in the header": _landmark,
    "next to": _next_to,
    "negation": _negation,
    "an icon": _icon,
    "an icon, by the text beside it": _icon_by_text,
    "a checkbox": _checkbox,
    "other words": _other_words,
}


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
    await page.evaluate(TAKE_OUT, asked.truths)
    left = LocalRanker().rank(query, await snapshot_of(page)).chosen
    return ["none" if chosen is None else "right" if right else "wrong", "absent" if left is None else "false"]


async def ask_miniwob(browser: Path, folder: Path, seeds: int) -> dict[str, list[tuple[Asked, list[str]]]]:
    """Every public task of MiniWoB++, from loopback."""
    found: dict[str, list[tuple[Asked, list[str]]]] = {}
    with served(folder) as address:
        async with async_playwright() as playwright:
            chromium = await playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            page = await chromium.new_page()
            async for asked in asked_of(page, address, (*ONE_CLICK, *FORMS), seeds):
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
        _share("right", every.count("right"), there),
        _share("wrong", every.count("wrong"), there),
        _share("false", every.count("false"), gone),
        _share("wrong or false, of both questions", every.count("wrong") + every.count("false"), there + gone),
    )
    return table(head, [*rows, row("all", every)], markdown) + "\n\n" + "; ".join(shares)


def _share(name: str, part: int, whole: int) -> str:
    low, high = share_interval(part, whole)
    return f"{name} {100 * part / max(1, whole):.1f} % ({100 * low:.1f} to {100 * high:.1f})"


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
    try:
        theirs = asyncio.run(ask_miniwob(browser, given.data or html_folder(), given.seeds))
    except AppMissingError as error:
        print(f"\nMiniWoB++ is left out: {error}")
        theirs = {}
    if theirs:
        print(f"\nMiniWoB++, {len(theirs)} public tasks, {given.seeds} pages each\n\n{shown(theirs, given.markdown)}")
    if given.misses:
        print("\n".join((*missed(found), *missed(theirs))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
