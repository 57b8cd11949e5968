"""Launches one browser process with a profile of its own, and sees to it that it ends."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from playwright._impl._driver import compute_driver_executable
from playwright.async_api import BrowserContext, Error, Page, Playwright, ViewportSize, async_playwright
from playwright.async_api import HttpCredentials as PlaywrightCredentials

from tierwright.browser import reaper
from tierwright.browser.access import AccessPolicy
from tierwright.browser.features import disabled_features
from tierwright.browser.find import is_root
from tierwright.browser.gateway import NOBODY_PORT, Gateway, Resolve, resolve_host
from tierwright.core.errors import BrowserMissingError, MachineryError, UsageError
from tierwright.core.steps import HttpCredentials

DEFAULT_VIEWPORT = (1280, 720)
LAUNCH_SECONDS = 30.0
PORT_SECONDS = 5.0
CLOSE_SECONDS = 5.0
ABANDON_SECONDS = 5.0
STORAGE_SECONDS = 10.0
PROFILE_PREFIX = "tierwright-profile-"

_NOBODY = f"http://127.0.0.1:{NOBODY_PORT}/"
_QUIET_FLAGS = (
    "--disable-domain-reliability",
    "--no-pings",
    "--disable-save-password-bubble",
    # Chromium asks Google for updates and for who is signed in, whatever Playwright switches off.
    f"--component-updater=url-source={_NOBODY}",
    f"--gaia-url={_NOBODY}",
)

_GATED_FLAGS = (
    "--proxy-bypass-list=<-loopback>",
    # Names are the gateway's to resolve; a hint such as dns-prefetch must not ask for one beside it.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchOptions:
    """How a browser is launched; equal options may share a warm pool. `viewport` is width and height in CSS pixels.

    `access` None is a browser that may open everything.
    """

    executable: Path
    headed: bool = False
    viewport: tuple[int, int] = DEFAULT_VIEWPORT
    locale: str | None = None
    http_credentials: HttpCredentials | None = None
    downloads: Path | None = None
    extra_args: tuple[str, ...] = ()
    stagehand: bool = True
    access: AccessPolicy | None = None


@dataclass(slots=True, eq=False)
class LaunchedBrowser:
    """A browser process with its one context. `cdp_url` is where Stagehand attaches, None when it was not asked for.

    `gateway` is its only way out, where its options limit what it may open.
    """

    context: BrowserContext
    page: Page
    cdp_url: str | None
    profile: Path
    options: LaunchOptions
    _reaper: asyncio.subprocess.Process
    gateway: Gateway | None = None
    _guarded: set[int] = field(default_factory=set)
    _closing: asyncio.Task[None] | None = field(default=None, init=False)

    @property
    def alive(self) -> bool:
        """Whether the browser still answers to Playwright."""
        browser = self.context.browser
        return self._closing is None and browser is not None and browser.is_connected()

    async def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """End the browser and remove its profile, by force after this many seconds; closing twice does nothing more."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(seconds))
        await asyncio.shield(self._closing)

    async def _close(self, seconds: float) -> None:
        await _close_context(self.context, seconds)
        await _dismiss(self._reaper)
        if self.gateway is not None:
            await self.gateway.close()
        self._guarded.discard(_port_of(self.cdp_url))


async def launch(
    playwright: Playwright, options: LaunchOptions, guarded: set[int] | None = None, resolve: Resolve = resolve_host
) -> LaunchedBrowser:
    """Launch a browser with a fresh profile. Raises BrowserMissingError, or MachineryError with the browser's words.

    `guarded` gets the ports that no page of any browser may reach, this one's debugging port among them.
    """
    ports = set[int]() if guarded is None else guarded
    gateway = await _gateway(options, ports, resolve)
    try:
        return await _launch(playwright, options, gateway, ports)
    except BaseException:
        if gateway is not None:
            await asyncio.shield(gateway.close())
        raise


async def _gateway(options: LaunchOptions, guarded: set[int], resolve: Resolve) -> Gateway | None:
    if options.access is None:
        return None
    gateway = Gateway(options.access, guarded, resolve)
    await gateway.open()
    return gateway


async def _launch(
    playwright: Playwright, options: LaunchOptions, gateway: Gateway | None, guarded: set[int]
) -> LaunchedBrowser:
    if not options.executable.is_file():
        raise BrowserMissingError(f"there is no browser at {options.executable}")
    profile = _fresh_profile()
    try:
        watcher = await _start_reaper(profile)
    except BaseException:
        profile.rmdir()  # nobody else knows of it yet, and nothing is in it
        raise
    opening = asyncio.ensure_future(_open_context(playwright, options, profile, gateway))
    try:
        context = await asyncio.shield(opening)
        cdp_url = await _cdp_url(profile) if options.stagehand else None
        await _guard(_port_of(cdp_url), gateway, guarded)
        page = context.pages[0] if context.pages else await context.new_page()
    except BaseException:
        await asyncio.shield(_abandon(opening, watcher))
        raise
    return LaunchedBrowser(context, page, cdp_url, profile, options, watcher, gateway, guarded)


async def _guard(port: int, gateway: Gateway | None, guarded: set[int]) -> None:
    """Keep pages away from a debugging port, their own browser's and every other's; 0 is none."""
    if not port:
        return
    guarded.add(port)
    if gateway is not None:
        extension = await asyncio.to_thread(stagehand_extension_id)
        gateway.let_in(port, f"chrome-extension://{extension}")


def _port_of(cdp_url: str | None) -> int:
    return int(cdp_url.rpartition(":")[2]) if cdp_url else 0


async def _abandon(opening: asyncio.Future[BrowserContext], watcher: asyncio.subprocess.Process) -> None:
    """End a browser that nobody waits for any more.

    A launch under way is let finish first: a context that closes before its launch is over breaks Playwright 1.65,
    which raises for it in whatever is called next, another run's step too.
    """
    await asyncio.wait({opening}, timeout=ABANDON_SECONDS)
    if opening.done() and not opening.cancelled() and opening.exception() is None:
        await _close_context(opening.result(), CLOSE_SECONDS)
    await _dismiss(watcher)
    await asyncio.wait({opening}, timeout=CLOSE_SECONDS)
    opening.cancel()
    if opening.done() and not opening.cancelled():
        opening.exception()  # looked at, so that asyncio does not print it


async def _close_context(context: BrowserContext, seconds: float) -> None:
    with contextlib.suppress(Error, TimeoutError):
        async with asyncio.timeout(seconds):
            await context.close()


def _fresh_profile() -> Path:
    return Path(tempfile.mkdtemp(prefix=PROFILE_PREFIX)).resolve()


async def _open_context(
    playwright: Playwright, options: LaunchOptions, profile: Path, gateway: Gateway | None
) -> BrowserContext:
    flags = await asyncio.to_thread(browser_flags, options)
    if gateway is not None:
        flags += [f"--proxy-server=http://127.0.0.1:{gateway.port}", *_GATED_FLAGS]
    try:
        return await playwright.chromium.launch_persistent_context(
            profile,
            executable_path=options.executable,
            headless=not options.headed,
            args=flags,
            ignore_default_args=["--disable-extensions"] if options.stagehand else None,
            env={**os.environ, reaper.MARK: str(profile)},
            chromium_sandbox=not is_root(),
            viewport=ViewportSize(width=options.viewport[0], height=options.viewport[1]),
            locale=options.locale,
            http_credentials=_credentials(options.http_credentials),
            downloads_path=options.downloads,
            accept_downloads=True,
            # Ctrl-C is the command's to handle: the browser must still answer while the last writes are made.
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
            timeout=LAUNCH_SECONDS * 1000,
        )
    except Error as error:
        raise MachineryError(f"{options.executable} did not start: {_first_lines(error.message)}") from error


def browser_flags(options: LaunchOptions) -> list[str]:
    """The command line flags that these options add to Playwright's own."""
    flags = [*_QUIET_FLAGS, *disabled_features(), *options.extra_args]
    if options.stagehand:
        flags += [
            "--remote-debugging-port=0",
            "--enable-unsafe-extension-debugging",
            f"--remote-allow-origins=chrome-extension://{stagehand_extension_id()}",
        ]
    return flags


def stagehand_extension_id() -> str:
    """Chromium's id of Stagehand's unpacked extension: 128 bits of SHA-256 of its path, as letters a to p."""
    from stagehand.extension_assets import extension_directory  # takes 0.7 s, and not every browser needs it

    digest = hashlib.sha256(str(extension_directory().resolve()).encode()).hexdigest()[:32]
    return "".join(chr(ord("a") + int(digit, 16)) for digit in digest)


async def _cdp_url(profile: Path) -> str:
    """The address of the browser's debugging port, which it writes into its profile once it listens."""
    until = monotonic() + PORT_SECONDS
    while monotonic() < until:
        words = _words_of(profile / "DevToolsActivePort")
        if words:
            return f"http://127.0.0.1:{words[0]}"
        await asyncio.sleep(0.02)
    raise MachineryError(f"the browser did not open its debugging port within {PORT_SECONDS:.0f} s")


def _words_of(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except FileNotFoundError:
        return []


def _credentials(given: HttpCredentials | None) -> PlaywrightCredentials | None:
    return None if given is None else PlaywrightCredentials(username=given.username, password=given.password)


def _first_lines(message: str, lines: int = 3) -> str:
    return " ".join(line.strip() for line in message.splitlines()[:lines])


# --- the reaper -------------------------------------------------------------------------------------------


async def _start_reaper(profile: Path) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-S",
        reaper.__file__,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a Ctrl-C of the terminal must not reach it
    )
    assert process.stdin is not None
    process.stdin.write(f"{profile}\n".encode())
    await process.stdin.drain()
    return process


async def _dismiss(process: asyncio.subprocess.Process) -> None:
    """Close the reaper's pipe and wait until it has killed what is left and removed the profile."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(reaper.REAP_SECONDS + 2):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


# --- storage state ----------------------------------------------------------------------------------------


async def load_storage_state(browser: LaunchedBrowser, file: Path) -> None:
    """Give the browser the cookies and origin storage of a file, before its first navigation.

    Raises UsageError when the file is missing or no storage state.
    """
    try:
        state: Any = json.loads(await asyncio.to_thread(file.read_text, "utf-8"))
        async with asyncio.timeout(STORAGE_SECONDS):
            await browser.context.set_storage_state(state)
    except TimeoutError as error:
        raise MachineryError(f"the browser did not take the storage of {file} in time") from error
    except (OSError, ValueError) as error:
        raise UsageError(f"the storage state {file} cannot be read: {error}") from error
    except Error as error:
        raise UsageError(f"the storage state {file} was refused: {_first_lines(error.message)}") from error


async def save_storage_state(browser: LaunchedBrowser, file: Path) -> None:
    """Write the browser's cookies and origin storage to a file that only its owner may read."""
    try:
        async with asyncio.timeout(STORAGE_SECONDS):
            state = await browser.context.storage_state()
    except (Error, TimeoutError) as error:
        raise MachineryError(f"the browser did not give its storage for {file}") from error
    await asyncio.to_thread(_write_private, file, json.dumps(state, indent=1))


def _write_private(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)


# --- Playwright's driver ----------------------------------------------------------------------------------


@asynccontextmanager
async def started_playwright() -> AsyncIterator[Playwright]:
    """Playwright's driver, running. Raises MachineryError, with the way out, when its Node does not start."""
    complaint = await asyncio.to_thread(driver_complaint)
    if complaint:
        raise MachineryError(complaint)
    async with async_playwright() as playwright:
        yield playwright


def driver_complaint() -> str | None:
    """Why the Node of Playwright's driver does not run here, and what to do; None when it does."""
    try:
        node, _ = compute_driver_executable()
        done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    except (Error, OSError, subprocess.TimeoutExpired) as error:
        return f"Playwright's driver does not start: {error}. {_node_advice()}"
    if done.returncode == 0:
        return None
    return f"Playwright's driver does not start: {done.stderr.strip()[:300]}. {_node_advice()}"


def _node_advice() -> str:
    other = shutil.which("node")
    way = f"set PLAYWRIGHT_NODEJS_PATH={other}" if other else "set PLAYWRIGHT_NODEJS_PATH to a Node.js of your own"
    return f"On Debian its Node needs `apt-get install libatomic1`; or {way}"
