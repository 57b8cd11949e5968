"""Runs steps of a test file through the whole engine, the real three tiers on a real page, without command or database.

`engine` has no Stagehand (its tier 3 is `unavailable`), starts at once, and is what most tests need;
`stagehand_engine` launches a browser of its own with Stagehand attached. Import the fixture in a conftest.
"""

from __future__ import annotations

import textwrap
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page
from tests.conftest import Site

from tierwright.browser.camera import RunCamera
from tierwright.browser.launch import LaunchedBrowser
from tierwright.core.cancel import CancelToken
from tierwright.core.config import ScreenshotMode
from tierwright.core.deadline import SystemClock
from tierwright.core.ports import Model
from tierwright.core.results import ErrorKind, StepResult, StepStatus, TryResult
from tierwright.core.runner import TryContext, run_test
from tierwright.core.settings import ExecutionSettings
from tierwright.core.steps import TestCase
from tierwright.core.strategy import TierNumber
from tierwright.core.three_tier import ThreeTierExecutionService
from tierwright.core.variables import Variables
from tierwright.models.asking import StagehandActor, StagehandObserver
from tierwright.models.ledger import Budget, Ledger
from tierwright.models.local import LocalRanker
from tierwright.models.stagehand import StagehandDoor
from tierwright.page.inject import install
from tierwright.page.session import PageSession
from tierwright.testfiles.loader import load
from tierwright.testing import MemoryBaselineStore, MemoryElementCache, RecordingListener
from tierwright.tiers.tier1_playwright import Tier1PlaywrightExecutor
from tierwright.tiers.tier2_hybrid import Tier2HybridExecutor
from tierwright.tiers.tier3_stagehand import Tier3StagehandExecutor
from tierwright.xpath.cache import XPathCacheService
from tierwright.xpath.extractor import XPathExtractorService
from tierwright.xpath.memory import TryMemory
from tierwright.xpath.recall import CacheRecall

QUICK = ExecutionSettings(
    tier1_timeout_seconds=4.0, tier2_timeout_seconds=4.0, tier3_timeout_seconds=4.0, expect_timeout_seconds=2.0
)
"""Short deadlines, so that what fails fails soon."""


@dataclass
class EngineBench:
    """A page, and the engine around it. What was learned, cached and said is in `baselines`, `cache`, `listener`."""

    page: Page
    folder: Path
    base_url: str
    door: StagehandDoor | None = None
    model: Model | None = None
    budget: Budget = field(default_factory=Budget)
    baselines: MemoryBaselineStore = field(default_factory=MemoryBaselineStore)
    cache: MemoryElementCache = field(default_factory=MemoryElementCache)
    listener: RecordingListener = field(default_factory=RecordingListener)
    session: PageSession = field(init=False)
    runs: int = 0

    def __post_init__(self) -> None:
        self.camera = RunCamera(self.folder / "pictures", ScreenshotMode.OFF)
        self.session = PageSession(
            self.page,
            base_url=self.base_url,
            files_dir=self.folder,
            downloads_dir=self.folder / "downloads",
            shoot=self.camera.asked_for,
        )

    async def run(
        self, steps: str, *, settings: ExecutionSettings = QUICK, secrets: Mapping[str, str] | None = None, **given: str
    ) -> TryResult:
        """Run the steps of a YAML list (plain sentences are steps too) on the page as it stands; `given` are variables.

        A second call goes on where the first one stopped, with its tabs, baselines and cache.
        """
        self.runs += 1
        test = self.load(steps, secrets or {}, given)
        variables = Variables({**given, **(secrets or {})}, frozenset(secrets or {}))
        return await run_test(self._context(test, variables, settings, CancelToken()))

    async def open(self, path: str) -> None:
        """Navigate by a step of its own."""
        passed(await self.run(f"- {{action: navigate, value: '{path}'}}"))

    def load(self, steps: str, secrets: Mapping[str, str], variables: Mapping[str, str]) -> TestCase:
        """The test of these steps, read by the product's own loader."""
        file = self.folder / "steps.tw.yaml"
        head = f"name: steps\nvariables: {dict(variables)}\nsecrets: {list(secrets)}\nsteps:\n"
        file.write_text(head + textwrap.indent(textwrap.dedent(steps).strip("\n"), "  ") + "\n")
        loaded = load([file])
        assert not loaded.problems, loaded.problems
        return loaded.tests[0]

    def service(self, variables: Variables) -> ThreeTierExecutionService:
        """The three tiers, wired as compose.py wires them."""
        ledger = Ledger(self.model, secrets=variables, budget=self.budget) if self.model else None
        ranker, cache = LocalRanker(), self._run_cache
        observer = StagehandObserver(self.door, ledger) if self.door and ledger else None
        actor = StagehandActor(self.door, ledger) if self.door else None
        extractor = XPathExtractorService(self.session, ranker, observer)
        others = {
            TierNumber.HYBRID: Tier2HybridExecutor(self.session, CacheRecall(self.session, ranker, cache), extractor),
            TierNumber.AI: Tier3StagehandExecutor(self.session, ranker, extractor, actor, "no Stagehand in this test"),
        }
        return ThreeTierExecutionService(Tier1PlaywrightExecutor(self.session, ranker), others, SystemClock())

    def _context(
        self, test: TestCase, variables: Variables, settings: ExecutionSettings, cancel: CancelToken
    ) -> TryContext:
        self._run_cache = XPathCacheService(self.cache, SystemClock()).for_run(
            f"run-{self.runs}", (step.instruction for step in test.all_steps)
        )
        return TryContext(
            run_id=f"run-{self.runs}",
            ordinal=1,
            project="default",
            test=test,
            variables=variables,
            settings=settings,
            session=self.session,
            service=self.service(variables),
            memory=TryMemory(self.baselines, self._run_cache, SystemClock()),
            camera=self.camera,
            listener=self.listener,
            clock=SystemClock(),
            cancel=cancel,
        )


def passed(result: TryResult) -> tuple[StepResult, ...]:
    """The steps of a try that must have passed."""
    for step in result.steps:
        assert step.status in (StepStatus.PASSED, StepStatus.HEALED), f"{step.step.title}: {step.error}"
    return result.steps


def failed(result: TryResult, kind: ErrorKind, *words: str) -> StepResult:
    """The failed step of a try that must have failed with this kind, in these words, without escalating further."""
    step = next((s for s in result.steps if s.status is StepStatus.FAILED), None)
    assert step is not None, f"nothing failed: {[s.status.value for s in result.steps]}"
    assert step.error is not None
    assert step.error.kind is kind, step.error
    for word in words:
        assert word in step.error.message, step.error.message
    return step


def tiers_tried(step: StepResult) -> list[int]:
    """The tiers that tried a step, each once, in order."""
    return list(dict.fromkeys(int(a.tier) for a in step.attempts))


@pytest_asyncio.fixture
async def engine_context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A context with our module in every document, as the product opens it."""
    opened = await browser.new_context(accept_downloads=True, viewport={"width": 1000, "height": 700})
    await install(opened)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def engine(engine_context: BrowserContext, site: Site, tmp_path: Path) -> EngineBench:
    """The engine on a fresh page whose base URL is the site's origin. Tier 3 has no Stagehand here."""
    return EngineBench(await engine_context.new_page(), tmp_path, site.origin)


@pytest_asyncio.fixture
async def stagehand_engine(launched: LaunchedBrowser, site: Site, tmp_path: Path) -> AsyncIterator[EngineBench]:
    """The engine in a browser of its own, Stagehand attached, `local` behind it."""
    await install(launched.context)
    assert launched.cdp_url
    door = await StagehandDoor.connect(launched.cdp_url)
    yield EngineBench(launched.page, tmp_path, site.origin, door)
    await door.close()
