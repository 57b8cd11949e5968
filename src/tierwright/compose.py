"""The one place where all names meet: settings -> browser, models, store, tiers, and a try that can run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from playwright.async_api import Playwright

from tierwright.browser.access import AccessPolicy, access_policy
from tierwright.browser.camera import FrameCamera, RunCamera
from tierwright.browser.find import find_browser
from tierwright.browser.launch import (
    DEFAULT_VIEWPORT,
    LaunchedBrowser,
    LaunchOptions,
    launch,
    load_storage_state,
    save_storage_state,
    started_playwright,
)
from tierwright.browser.pool import BrowserPool, WarmBrowser
from tierwright.browser.trace import TraceRecorder
from tierwright.core.cancel import CancelToken
from tierwright.core.config import DEFAULT_MODEL, RunConfig
from tierwright.core.confine import outside
from tierwright.core.deadline import Clock
from tierwright.core.errors import StepError, UsageError
from tierwright.core.ports import Chooser, Listener, Model, Purse
from tierwright.core.results import TryResult
from tierwright.core.runner import Camera, StepService, TryContext, run_test
from tierwright.core.steps import HttpCredentials, TestCase
from tierwright.core.strategy import TierNumber
from tierwright.core.three_tier import ThreeTierExecutionService
from tierwright.core.tier import Tier, WatchingTier
from tierwright.core.variables import Variables, secret_key, secret_variable
from tierwright.models.asking import StagehandActor, StagehandObserver
from tierwright.models.ledger import Budget, Ledger
from tierwright.models.local import LocalRanker
from tierwright.models.pricing import Prices
from tierwright.models.providers import provider_model
from tierwright.models.stagehand import StagehandDoor
from tierwright.page.inject import install
from tierwright.page.session import OpenGate, PageSession
from tierwright.store.baselines import LayeredBaselineStore, SqlBaselineStore
from tierwright.store.database import Database, database_url, open_database
from tierwright.store.element_cache import SqlElementCache
from tierwright.store.lockfile import LockFile
from tierwright.tiers.tier1_playwright import Tier1PlaywrightExecutor
from tierwright.tiers.tier2_hybrid import Tier2HybridExecutor
from tierwright.tiers.tier3_stagehand import Tier3StagehandExecutor
from tierwright.xpath.cache import RunCache, XPathCacheService
from tierwright.xpath.extractor import XPathExtractorService
from tierwright.xpath.memory import ReadOnlyMemory, TryMemory
from tierwright.xpath.recall import CacheRecall


@dataclass(frozen=True, slots=True)
class Attached:
    """What was attached to a browser before any page was loaded: Stagehand, or why not."""

    door: StagehandDoor | None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class RunPlan:
    """One run to make: a test, or one row of its examples."""

    run_id: str
    test: TestCase
    example: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Tiers:
    """The tiers of one try, around its page."""

    session: PageSession
    direct: WatchingTier
    others: Mapping[TierNumber, Tier]
    clock: Clock


class Rehearsal(Protocol):
    """Puts something between a try and its tiers (the gym does); what happens in such a try is not remembered."""

    def service(self, tiers: Tiers) -> StepService:
        """What takes the steps of the try up these tiers."""
        ...


def storage_file(config: RunConfig, test: TestCase) -> Path | None:
    """The cookies and storage that a test begins with; its own file lies relative to it."""
    own = test.browser.storage_state
    return config.storage_state or (Path(test.file).parent / own if own else None)


@dataclass(frozen=True, slots=True)
class Machinery:
    """What all runs of a process share, whatever their settings: clock, browsers, one Playwright."""

    clock: Clock
    pool: BrowserPool[Attached]
    executable: Path


@dataclass(frozen=True, slots=True)
class _Try:
    """One try of a run: what is run, with which values, who hears of it and who may end it."""

    plan: RunPlan
    ordinal: int
    variables: Variables
    listener: Listener
    cancel: CancelToken
    rehearsal: Rehearsal | None


class Engine:
    """Everything that runs of one configuration share: database, model, budget, on a process's machinery.

    `frames` is a folder for each run's current picture, and `confined` refuses uploads from outside the test's folder.
    `access` None lets browsers open everything. `purse` is money for the model that other processes spend too.
    """

    def __init__(
        self,
        config: RunConfig,
        machinery: Machinery,
        database: Database,
        model: Model | None,
        *,
        frames: Path | None = None,
        confined: bool = False,
        access: AccessPolicy | None = None,
        purse: Purse | None = None,
    ) -> None:
        self.database = database
        self._config = config
        self._clock = machinery.clock
        self._pool = machinery.pool
        self._executable = machinery.executable
        self._model = model
        self._frames = frames
        self._confined = confined
        self._access = access
        self._purse = purse
        self._budget = Budget(config.settings.max_cost_usd)
        self._cache = XPathCacheService(SqlElementCache(database), machinery.clock)
        self._chooser: Chooser = LocalRanker(config.settings.min_confidence, config.settings.min_margin)
        self._baselines: dict[Path, LayeredBaselineStore] = {}

    def variables_of(self, plan: RunPlan) -> Variables:
        """The values of a run. Raises UsageError for a secret that the environment does not give."""
        test, secrets = plan.test, self._config.secrets
        missing = [name for name in test.secrets if secret_key(name) not in secrets]
        if missing:
            names = ", ".join(map(secret_variable, missing))
            raise UsageError(f'the test "{test.name}" needs a secret: set {names} in the environment')
        values = {**test.variables, **(plan.example or {}), **self._config.variables}
        values |= {name: secrets[secret_key(name)] for name in test.secrets}
        return Variables(values, frozenset(test.secrets))

    def prepare(self, plan: RunPlan) -> None:
        """Warm a browser for a run that is about to start."""
        self._pool.prepare(self._launch_options(plan, self.variables_of(plan)))

    async def run_try(
        self,
        plan: RunPlan,
        ordinal: int,
        listener: Listener,
        cancel: CancelToken,
        *,
        more: bool,
        rehearsal: Rehearsal | None = None,
    ) -> TryResult:
        """One try of a run in a browser of its own. Raises MachineryError and UsageError before the first step."""
        variables = self.variables_of(plan)
        options = self._launch_options(plan, variables)
        with cancel.scope():
            warm = await self._pool.acquire(options, more=more)
        try:
            return await self._run_in(warm, _Try(plan, ordinal, variables, listener, cancel, rehearsal))
        finally:
            await self._pool.release(warm)

    async def finish(self) -> None:
        """Write the lock files, where they are to be updated."""
        for store in self._baselines.values():
            await store.flush()

    async def _run_in(self, warm: WarmBrowser[Attached], one: _Try) -> TryResult:
        trace = TraceRecorder(warm.browser.context, self._config.trace, one.variables.secret_values)
        with one.cancel.scope():
            await self._load_state(warm.browser, one.plan)
            await trace.start(one.plan.test.name)
        context = self._try_context(warm, one)
        result = await run_test(context)
        if self._config.save_storage and result.status.green:
            await save_storage_state(warm.browser, self._config.save_storage)
        kept = await trace.stop(self._folder_of(one.plan, one.ordinal) / "trace.zip", failed=not result.status.green)
        return replace(result, artifacts=(*result.artifacts, str(kept))) if kept else result

    def _try_context(self, warm: WarmBrowser[Attached], one: _Try) -> TryContext:
        plan, variables = one.plan, one.variables
        folder = self._folder_of(plan, one.ordinal)
        camera = RunCamera(folder, self._config.screenshots, variables.secret_values)
        base_url = self._config.base_url or plan.test.base_url
        session = PageSession(
            warm.browser.page,
            base_url=variables.expand(base_url) if base_url else None,
            files_dir=Path(plan.test.file).parent,
            downloads_dir=folder,
            shoot=camera.asked_for,
            confined=self._confined,
            gate=warm.browser.gateway or OpenGate(),
        )
        cache = self._cache.for_run(plan.run_id, (step.instruction for step in plan.test.all_steps))
        memory = TryMemory(self._baselines_of(plan.test), cache, self._clock, self._config.update_baseline)
        tiers = self._tiers(session, warm.attached, variables, cache)
        return TryContext(
            run_id=plan.run_id,
            ordinal=one.ordinal,
            project=self._config.project,
            test=plan.test,
            variables=variables,
            settings=self._config.settings,
            session=session,
            service=one.rehearsal.service(tiers) if one.rehearsal else in_earnest(tiers),
            memory=ReadOnlyMemory(memory) if one.rehearsal else memory,
            camera=self._with_frames(camera, plan.run_id, variables),
            listener=one.listener,
            clock=self._clock,
            cancel=one.cancel,
        )

    def _folder_of(self, plan: RunPlan, ordinal: int) -> Path:
        return self._config.state_dir / "artifacts" / plan.run_id / f"try-{ordinal}"

    def _with_frames(self, camera: RunCamera, run_id: str, variables: Variables) -> Camera:
        if self._frames is None:
            return camera
        return FrameCamera(camera, self._frames / f"{run_id}.jpg", self._clock, variables.secret_values)

    def _tiers(self, session: PageSession, attached: Attached, variables: Variables, cache: RunCache) -> Tiers:
        """The three tiers of one try, around its page."""
        ledger, door = self._ledger(variables), attached.door
        observer = StagehandObserver(door, ledger) if door and ledger else None
        actor = StagehandActor(door, ledger) if door else None
        extractor = XPathExtractorService(session, self._chooser, observer)
        others: dict[TierNumber, Tier] = {
            TierNumber.HYBRID: Tier2HybridExecutor(session, CacheRecall(session, self._chooser, cache), extractor),
            TierNumber.AI: Tier3StagehandExecutor(session, self._chooser, extractor, actor, attached.why_not),
        }
        return Tiers(session, Tier1PlaywrightExecutor(session, self._chooser), others, self._clock)

    def _ledger(self, variables: Variables) -> Ledger | None:
        if self._model is None:
            return None
        return Ledger(self._model, secrets=variables, budget=self._budget, purse=self._purse, clock=self._clock)

    def _baselines_of(self, test: TestCase) -> LayeredBaselineStore:
        """The baselines of a test: the lock file beside it, and the database."""
        folder = Path(test.file).parent
        if folder not in self._baselines:
            update = self._config.update_baseline
            store = LayeredBaselineStore(LockFile(folder), SqlBaselineStore(self.database), update_lock=update)
            self._baselines[folder] = store
        return self._baselines[folder]

    def _launch_options(self, plan: RunPlan, variables: Variables) -> LaunchOptions:
        """How the browser of a run is opened: the command's options before the test's."""
        config, own = self._config, plan.test.browser
        given = own.http_credentials
        return LaunchOptions(
            executable=self._executable,
            headed=config.headed,
            viewport=config.viewport or own.viewport or DEFAULT_VIEWPORT,
            locale=config.locale or own.locale,
            http_credentials=HttpCredentials(variables.expand(given.username), variables.expand(given.password))
            if given
            else None,
            access=self._access,
            stagehand=TierNumber.AI in config.settings.fallback_strategy.tiers or self._model is not None,
        )

    async def _load_state(self, browser: LaunchedBrowser, plan: RunPlan) -> None:
        file = storage_file(self._config, plan.test)
        if file is not None:
            if self._confined and await asyncio.to_thread(outside, [file], Path(plan.test.file).parent):
                raise UsageError(f"storage_state may only name a file of the project: {file.name} is elsewhere")
            await load_storage_state(browser, file)


def in_earnest(tiers: Tiers) -> ThreeTierExecutionService:
    """The service that takes steps up these tiers, with nothing in between."""
    return ThreeTierExecutionService(tiers.direct, tiers.others, tiers.clock)


@asynccontextmanager
async def open_engine(config: RunConfig, env: Mapping[str, str], clock: Clock) -> AsyncIterator[Engine]:
    """Open what a command's runs share, and close it however they end. Raises UsageError and MachineryError."""
    async with AsyncExitStack() as stack:
        model = await _open_model(config, env, clock, stack)
        address = config.database_url or database_url(config.state_dir, {})
        database = await stack.enter_async_context(open_database(address, clock))
        machinery = await stack.enter_async_context(open_machinery(config.browser_path, config.workers, env, clock))
        engine = Engine(config, machinery, database, model, access=allowed_hosts(env))
        yield engine
        await engine.finish()


@asynccontextmanager
async def open_machinery(
    browser_path: Path | None, size: int, env: Mapping[str, str], clock: Clock
) -> AsyncIterator[Machinery]:
    """Find the browser and start Playwright, for this many runs at a time. Raises MachineryError."""
    async with AsyncExitStack() as stack:
        executable = (await asyncio.to_thread(find_browser, browser_path, env)).path
        playwright = await stack.enter_async_context(started_playwright())
        pool = _pool(playwright, size)
        stack.push_async_callback(pool.close)
        yield Machinery(clock, pool, executable)


@asynccontextmanager
async def engine_for(
    config: RunConfig,
    machinery: Machinery,
    database: Database,
    env: Mapping[str, str],
    frames: Path,
    access: AccessPolicy | None = None,
    purse: Purse | None = None,
) -> AsyncIterator[Engine]:
    """An engine for one run of a server, on shared machinery; its files are confined to the project's folder.

    `access` None lets its browser open everything. `purse` is its project's money.

    Raises UsageError for a model that cannot be used.
    """
    async with AsyncExitStack() as stack:
        model = await _open_model(config, env, machinery.clock, stack)
        yield Engine(config, machinery, database, model, frames=frames, confined=True, access=access, purse=purse)


def allowed_hosts(env: Mapping[str, str]) -> AccessPolicy | None:
    """What the environment lets browsers open besides public hosts; None, without a filter, when it names nothing."""
    named = env.get("TIERWRIGHT_ALLOWED_HOSTS", "")
    try:
        return access_policy(named.split(",")) if named.strip() else None
    except ValueError as error:
        raise UsageError(f"TIERWRIGHT_ALLOWED_HOSTS: {error}") from error


async def _open_model(config: RunConfig, env: Mapping[str, str], clock: Clock, stack: AsyncExitStack) -> Model | None:
    """The provider's model; None for `local`, which is a ranker and needs none."""
    if config.model == DEFAULT_MODEL:
        return None
    model = provider_model(
        config.model, base_url=config.model_base_url, env=env, prices=Prices(config.prices), clock=clock
    )
    return await stack.enter_async_context(model)


def _pool(playwright: Playwright, size: int) -> BrowserPool[Attached]:
    guarded: set[int] = set()

    async def launcher(options: LaunchOptions) -> LaunchedBrowser:
        return await launch(playwright, options, guarded)

    return BrowserPool(launcher, size, _attach)


async def _attach(browser: LaunchedBrowser) -> Attached:
    """Before any page is loaded: our module into every document, and Stagehand onto the browser (H-28)."""
    await install(browser.context)
    if browser.cdp_url is None:
        return Attached(None, "Stagehand was not asked for")
    try:
        return Attached(await StagehandDoor.connect(browser.cdp_url))
    except StepError as error:
        return Attached(None, error.message)
