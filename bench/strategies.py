"""The same test on two releases of an app: right, wrong and false steps, what each tier gives and what it costs.

usage: ./dev bench strategies [--app KEY] [--kept] [--write] [--browser PATH]

Each release comes from PyPI into an environment of its own (.dev/apps). The test was written against the old one and is
run there until it is known; on the new one every step is judged by a truth that the engine never sees.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from _apps import APPS, HOME, App, AppMissingError, served
from _apps_costs import Cached, Prompts, bills, cached_of, figures_rows, tier_rows
from _apps_judge import Judge, Judged, Verdict, judge_of
from _apps_runs import configured, one_try, run_on, taken_out
from _apps_truths import TRUTHS
from _measure import browser_path, machine_line, table
from tierwright.compose import Engine, open_machinery
from tierwright.core.config import RunConfig
from tierwright.core.deadline import SystemClock
from tierwright.core.identity import ElementLocator
from tierwright.core.results import RunStatus
from tierwright.core.steps import TestCase
from tierwright.core.strategy import FallbackStrategy
from tierwright.core.verdicts import CONTRACT_GREENS
from tierwright.demo.assets import suite_dir
from tierwright.demo.server import serve
from tierwright.store.database import database_url, open_database
from tierwright.testfiles.loader import load
from tierwright.testing import ScriptedModel

DEMO = "demo"
PAGE = Path(__file__).parents[1] / "docs" / "evolved-apps.md"
VERDICTS = (Verdict.RIGHT, Verdict.WRONG, Verdict.NONE, Verdict.REFUSED)
HEAD = ("app", "strategy", "n", *(v.value for v in VERDICTS))


@dataclass(slots=True)
class Evolution:
    """What was seen of one app: its steps by strategy, with each feature taken out, the cache, the prompts."""

    key: str
    title: str
    machine: str
    steps: dict[FallbackStrategy, list[Judged]] = field(default_factory=dict)
    removed: list[Judged] = field(default_factory=list)
    cached: list[Cached] = field(default_factory=list)
    prompts: Prompts = field(default_factory=Prompts)


@dataclass(frozen=True, slots=True)
class Subject:
    """A test on a page in two versions: how to serve each, and where its steps' elements are on the new one."""

    test: TestCase
    old: Callable[[], AbstractContextManager[str]]
    new: Callable[[], AbstractContextManager[str]]
    judge: Callable[[], Judge]
    state: Path
    browser: Path

    def config(self, strategy: FallbackStrategy = FallbackStrategy.OPTION_C) -> RunConfig:
        """A run without its address."""
        return configured(self.test, "", self.state, self.browser, strategy)


async def asked_on(
    place: AbstractContextManager[str], config: RunConfig, test: TestCase, judge: Judge, kept: Prompts
) -> None:
    """One try with a model behind the ranker that answers none of these; what it was sent is kept."""
    model = ScriptedModel(kept.answer)
    clock = SystemClock()
    with place as origin:
        async with AsyncExitStack() as stack:
            database = await stack.enter_async_context(open_database(database_url(config.state_dir, {}), clock))
            machinery = await stack.enter_async_context(open_machinery(config.browser_path, 1, os.environ, clock))
            engine = Engine(replace(config, base_url=origin), machinery, database, model)
            await one_try(engine, test, replace(judge, ask=kept.ask))


async def learn(app: App, test: TestCase, state: Path, browser: Path) -> None:
    """Green runs on the old release, as many as a contract needs, and the proof that the truths fit it."""
    config = configured(test, "", state, browser, FallbackStrategy.OPTION_C)
    for ordinal in range(CONTRACT_GREENS + 1):
        judge = judge_of(TRUTHS[app.key], old=True) if ordinal == CONTRACT_GREENS else None
        result = await run_on(served(app, app.old), config, test, judge)
        bad = [j for j in judge.judged if j.verdict is not Verdict.RIGHT] if judge else []
        if result.status is not RunStatus.PASSED or bad:
            why = result.error.message if result.error else "; ".join(f"step {j.index}: {j.error}" for j in bad)
            raise SystemExit(f"{app.title} {app.old.version}: the test is not green: {result.status} {why}")


async def compare(subject: Subject, seen: Evolution) -> None:
    """One test on the new version under each strategy, twice in earnest for the cache, and once for the prompts."""
    for strategy in FallbackStrategy:
        judge = subject.judge()
        await run_on(subject.new(), subject.config(strategy), subject.test, judge)
        seen.steps.setdefault(strategy, []).extend(judge.judged)
    await asked_on(subject.new(), subject.config(), subject.test, subject.judge(), seen.prompts)
    mended = repaired(subject.test, seen.steps[FallbackStrategy.OPTION_C], subject.judge())
    if mended is not None:
        seen.cached += await remembered(subject, mended)


async def remembered(subject: Subject, test: TestCase) -> list[Cached]:
    """Two runs in earnest after each other; nothing where none of three is green, for a red run teaches little."""
    for _ in range(3):
        first = await run_on(subject.new(), subject.config(), test, None)
        if first.status.green:
            second = await run_on(subject.new(), subject.config(), test, None)
            return [cached_of(first.steps, second.steps)]
    print(f"{test.name}: no run was green on the new release, so that the cache is not measured", file=sys.stderr)
    return []


def repaired(test: TestCase, judged: Sequence[Judged], judge: Judge) -> TestCase | None:
    """The test with the selectors repaired that did not heal, as its owner would; None when a feature is gone."""
    bad = {j.index for j in judged if j.test == test.name and j.verdict is not Verdict.RIGHT}
    if None in judge.truths.values():
        return None
    steps = []
    for index, step in enumerate(test.steps, len(test.setup)):
        place = judge.truths.get(index) if index in bad else None
        steps.append(replace(step, selector=f"{place.selector} >> nth=0", frame=place.frame) if place else step)
    return replace(test, steps=tuple(steps))


async def evolve(app: App, browser: Path) -> Evolution:
    """Everything about one app."""
    (test,) = load([app.test]).tests
    seen = Evolution(app.key, f"{app.title} {app.old.version} to {app.new.version}", machine_line(browser))
    with tempfile.TemporaryDirectory(prefix="tierwright-apps-") as folder:
        state = Path(folder)
        await learn(app, test, state, browser)
        truths = TRUTHS[app.key]
        subject = Subject(
            test, lambda: served(app, app.old), lambda: served(app, app.new), lambda: judge_of(truths), state, browser
        )
        await compare(subject, seen)
        for index in truths:
            asked = partial(judge_of, truths, removed=index)
            seen.removed += await taken_out(subject.new, subject.config(), test, asked)
    return seen


async def evolve_demo(browser: Path) -> Evolution:
    """The demo shop and its redesign; what v2 no longer has counts as taken out."""
    seen = Evolution(DEMO, "demo shop v1 to v2", machine_line(browser))
    with tempfile.TemporaryDirectory(prefix="tierwright-apps-") as folder:
        for test in load([suite_dir()]).tests:
            subject = demo_subject(test, Path(folder), browser)
            for _ in range(CONTRACT_GREENS):
                if (await run_on(subject.old(), subject.config(), test, None)).status is not RunStatus.PASSED:
                    raise SystemExit(f"the demo's test {test.name!r} is not green on v1")
            await compare(subject, seen)
    for judged in seen.steps.values():
        gone = [j for j in judged if j.verdict in (Verdict.ABSENT, Verdict.FALSE)]
        judged[:] = [j for j in judged if j not in gone]
        seen.removed = gone
    return seen


def demo_subject(test: TestCase, state: Path, browser: Path) -> Subject:
    """A test of the demo's suite with its truths, which lie beside the tests that use them too."""
    oracle = import_module("demo_oracle")
    truths: dict[int, ElementLocator | None] = {
        index: truth.v2 for index, truth in enumerate(oracle.TRUTHS[test.name]) if not truth.page
    }

    @contextmanager
    def shop(version: int) -> Iterator[str]:
        with serve(version) as running:
            yield running.base_url

    return Subject(test, lambda: shop(1), lambda: shop(2), lambda: Judge(truths), state, browser)


def verdict_rows(seen: Sequence[Evolution]) -> list[list[str]]:
    """One line an app and strategy."""
    rows = []
    for e in seen:
        for strategy, steps in e.steps.items():
            counts = [str(sum(j.verdict is v for j in steps)) for v in VERDICTS]
            false = [j for j in e.removed if j.verdict is Verdict.FALSE]
            gone = [str(len(e.removed)), str(len(false)), str(sum(j.red for j in false))]
            last = gone if strategy is FallbackStrategy.OPTION_C else ["", "", ""]
            rows.append([e.title, strategy.value, str(len(steps)), *counts, *last])
    return rows


def report(seen: Sequence[Evolution], markdown: bool) -> str:
    """Everything as tables."""
    steps = {s: [j for e in seen for j in e.steps[s]] for s in FallbackStrategy}
    prompts, cached = [e.prompts for e in seen], [c for e in seen for c in e.cached]
    asked = len(steps[FallbackStrategy.OPTION_C])
    priced = [[b.model, f"${b.ours:.5f}", f"${b.each:.5f}", f"{100 * b.saved:.1f} %"] for b in bills(prompts, asked)]
    each = [t for p in prompts for t in p.each]
    ours = sum(len(p.ours) for p in prompts)
    tokens = sum(t.input for t in each) / max(1, len(each))
    parts = [
        "\n".join(f"{e.title}: {e.machine}." + ("  " if markdown else "") for e in seen),
        table((*HEAD, "n gone", "false", "of these red"), verdict_rows(seen), markdown),
        table(("all of them", "n", "tier 1", "tier 2", "tier 3", "right"), tier_rows(steps), markdown),
        table(("", "original design", "measured", ""), figures_rows(steps, cached, prompts), markdown),
        table(("a step would cost", "with our tiers before it", "every step to tier 3", "saved"), priced, markdown),
        f"{len(each)} steps would have been sent to tier 3 with {tokens:.0f} tokens at the mean; our tiers left {ours} "
        f"prompts to a model. Prices: genai-prices {version('genai-prices')}.",
        "\n".join(misses(seen)),
    ]
    return "\n\n".join(parts)


def misses(seen: Sequence[Evolution]) -> Iterator[str]:
    """What was not right under option_c, one line each."""
    for e in seen:
        for name, judged in (("", e.steps[FallbackStrategy.OPTION_C]), (", taken out", e.removed)):
            for j in judged:
                if j.verdict not in (Verdict.RIGHT, Verdict.ABSENT):
                    by = f", tier {j.tier}" if j.tier else ""
                    why = j.error.partition("; nearest")[0][:200] + ("; failed by its contract" if j.red else "")
                    yield f"- {e.title}{name}, step {j.index}, *{j.title}*: {j.verdict}{by}; {why}"


def kept() -> list[Evolution]:
    """What earlier commands on this machine have seen, in the order of the apps."""
    files = (HOME / f"{key}.pickle" for key in (*(a.key for a in APPS), DEMO))
    return [pickle.loads(file.read_bytes()) for file in files if file.exists()]


def write_page(text: str) -> None:
    """Renew the tables of docs/evolved-apps.md."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition("<!-- figures -->\n")
    PAGE.write_text(
        f"{before}<!-- figures -->\n{text}\n<!-- /figures -->" + rest.partition("<!-- /figures -->")[2],
        encoding="utf-8",
    )


def main() -> int:
    """Run what was asked for, keep what was seen, and print all that is kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    keys = [*(a.key for a in APPS), DEMO]
    parser.add_argument("--app", choices=keys, action="append", help="only this one; may be repeated")
    parser.add_argument("--kept", action="store_true", help="run nothing; print what earlier commands have kept")
    parser.add_argument("--write", action="store_true", help="renew the tables of docs/evolved-apps.md")
    parser.add_argument("--browser", type=Path, help="path of a Chromium; found by itself without")
    given = parser.parse_args()
    browser = browser_path(given.browser)
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
    for key in () if given.kept else given.app or keys:
        app = next((a for a in APPS if a.key == key), None)
        try:
            seen = asyncio.run(evolve(app, browser) if app else evolve_demo(browser))
        except AppMissingError as error:
            print(f"{key} is left out: {error}", file=sys.stderr)
            continue
        HOME.mkdir(parents=True, exist_ok=True)
        (HOME / f"{key}.pickle").write_bytes(pickle.dumps(seen))
    print(report(kept(), markdown=False))
    if given.write:
        write_page(report(kept(), markdown=True))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
