"""MiniWoB++ (Liu et al., ICLR 2018; PyPI `miniwob`, MIT) as questions: an instruction, and the elements that earn.

The truth is mechanical: the page is seeded, every visible element is tried in turn, the page is seeded again, and what
the task itself rewards is meant. Nothing of MiniWoB++ is kept here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page

from _apps import HOME, App, Release, python_of
from tierwright.core.steps import Action

RELEASE = Release("1.1.0", ("miniwob==1.1.0",), "2026-11-20")
PACKAGE = App("miniwob", "MiniWoB++", RELEASE, RELEASE)
ONE_CLICK = (
    *("click-button", "click-link", "click-tab", "click-tab-2-easy", "click-test", "click-test-2", "click-widget"),
    *("email-inbox-delete", "email-inbox-star-reply", "focus-text", "click-dialog"),
)
"""Tasks of one click; the instruction is asked as the task words it."""
FORMS = ("click-checkboxes", "enter-text", "choose-list", "login-user")
"""Tasks of several steps; each step is asked in the task's words, with the others done."""
OTHERS = (
    *("click-dialog-2", "click-test-transfer", "click-option", "focus-text-2", "click-color", "unicode-test"),
    *("email-inbox-important", "email-inbox-noscroll", "social-media", "click-tab-2-medium", "navigate-tree"),
)
"""Tasks that were asked for the first time once the mends for the others stood."""


@dataclass(frozen=True, slots=True)
class Part:
    """One step of a task: what is asked, how it is done, with which value."""

    instruction: str
    action: Action
    value: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A step on a seeded page, and the XPaths of what earns the reward."""

    task: str
    seed: int
    part: Part
    truths: tuple[str, ...]

    @property
    def instruction(self) -> str:
        """What is asked."""
        return self.part.instruction


COUNTED = re.compile(r"\b\d+(?:st|nd|rd|th)\b")
"""Where the second is gone the third is the second: nothing then says that none is meant."""
_SEEDED = """(seed) => { Math.seedrandom("tierwright " + seed); core.startEpisodeReal(); }"""
_TELLING = """() => {
    for (const id of ["query", "reward-display", "click-canvas", "sync-task-cover"])
        document.getElementById(id)?.style.setProperty("display", "none", "important");
}"""
# Tries every element for each part in turn (the parts before the last with their own kind of field), from a page seeded
# anew each time, and gives the XPaths of those that the task rewarded, one list a part.
_SEARCH = """([seed, parts]) => {
    const META = "#query, #query *, #reward-display, #reward-display *, #click-canvas, #sync-task-cover, script, style";
    const KINDS = {fill: "input:not([type=checkbox]):not([type=radio]):not([type=submit]), textarea",
                   check: "input[type=checkbox], input[type=radio]", select: "select"};
    const start = () => { Math.seedrandom("tierwright " + seed); core.startEpisodeReal(); };
    const all = () => [...document.body.querySelectorAll("*")].filter((e) => !e.matches(META) && e.checkVisibility());
    const path = (el) => { const steps = [];
        for (let at = el; at; at = at.parentElement)
            steps.unshift(at.localName + "[" + ([...(at.parentElement?.children ?? [at])]
                .filter((o) => o.localName === at.localName).indexOf(at) + 1) + "]");
        return "/" + steps.join("/"); };
    const click = (el) => { for (const kind of ["mousedown", "mouseup"])
            el.dispatchEvent(new MouseEvent(kind, {bubbles: true, cancelable: true}));
        el.focus?.(); el.click?.(); };
    const act = (el, part) => {
        if (part.action === "fill") { el.value = part.value; el.dispatchEvent(new Event("input", {bubbles: true})); }
        else if (part.action === "check") el.click();
        else if (part.action === "select") {
            const option = [...el.options].find((o) => o.label.trim() === part.value);
            if (option) { el.value = option.value; el.dispatchEvent(new Event("change", {bubbles: true})); }
        } else click(el); };
    const earned = parts.map(() => new Set());
    const attempt = (chosen) => {
        start();
        const now = all(), paths = chosen.map((i) => path(now[i]));
        chosen.forEach((i, at) => act(now[i], parts[at]));
        if (WOB_DONE_GLOBAL && WOB_RAW_REWARD_GLOBAL > 0) paths.forEach((p, at) => earned[at].add(p));
    };
    const climb = (chosen) => {
        if (chosen.length === parts.length) return attempt(chosen);
        start();
        const kind = KINDS[parts[chosen.length].action];
        all().forEach((el, i) => {
            if (!chosen.includes(i) && (!kind || el.matches(kind))) climb([...chosen, i]);
        });
    };
    climb([]);
    start();
    return earned.map((found) => [...found]);
}"""


def html_folder() -> Path:
    """The pages of the package, installed when it is not there. Raises AppMissingError."""
    python_of(PACKAGE, RELEASE)
    home = HOME / f"{PACKAGE.key}-{RELEASE.version}"
    return next(home.glob("**/site-packages/miniwob/html"))


def parts_of(task: str, utterance: str) -> list[Part]:
    """The steps of an utterance; none for an episode that asks for something else than steps on elements it names."""
    quoted = re.findall(r'"([^"]*)"', utterance)
    if task == "enter-text":
        field, _, press = utterance.partition(" and press ")
        return [Part(field, Action.FILL, quoted[0]), Part(f"Press {press}", Action.CLICK)]
    if task == "login-user":
        first, _, rest = utterance.partition(" and the password ")
        return [
            Part(first, Action.FILL, quoted[0]),
            Part(f'Enter the password "{quoted[1]}"', Action.FILL, quoted[1]),
            Part(f"Press {rest.partition(' and press ')[2]}", Action.CLICK),
        ]
    chosen = re.match(r"Select (.+?)(?: from the list)? and click Submit", utterance)
    if task == "choose-list" and chosen:
        return [
            Part(utterance.partition(" and click ")[0], Action.SELECT, chosen[1]),
            Part("Click Submit", Action.CLICK),
        ]
    if task in ("click-checkboxes", "click-option"):
        names = [] if not chosen or chosen[1] == "nothing" else chosen[1].split(", ")
        if len(names) > 1:  # which of two boxes is checked first earns nothing, so that neither would be told apart
            return []
        return [*(Part(f"Select {n}", Action.CHECK) for n in names), Part("Click Submit", Action.CLICK)]
    return [Part(utterance, Action.FOCUS if task.startswith("focus-text") else Action.CLICK)]


async def asked_of(page: Page, address: str, tasks: Sequence[str], seeds: int) -> AsyncIterator[Asked]:
    """Every step of every task and seed that something rewards, with the page seeded and ready to be read."""
    for task in tasks:
        here = f"{address}/miniwob/{task}.html"
        for seed in range(seeds):
            await seeded(page, here, seed)
            parts = parts_of(task, await page.evaluate("core.getUtterance()"))
            if not parts:
                continue
            sent = [{"action": p.action.value, "value": p.value} for p in parts]
            earned = await page.evaluate(_SEARCH, [seed, sent])
            for part, truths in zip(parts, earned, strict=True):
                if truths:
                    await seeded(page, here, seed)
                    await page.evaluate(_TELLING)
                    yield Asked(task, seed, part, tuple(truths))


async def seeded(page: Page, address: str, seed: int) -> None:
    """The page of a seed, loaded anew: some tasks keep elements from one episode to the next."""
    await page.goto(address)
    await page.evaluate(_SEEDED, seed)


TAKE_OUT = """(paths) => {
    const find = (x) => document.evaluate(x, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue;
    for (const el of paths.map(find)) {
        for (const label of [...(el?.labels ?? [])]) label.remove();
        el?.remove();
    }
}"""
"""Takes everything out of the page that would have been right, and the labels of it."""
