"""The page of a run: its tabs, its dialogs and downloads, and what it did during a step."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Dialog, Download, Locator, Page, Request, Response
from playwright.async_api import Error as PlaywrightError

from tierwright.core.deadline import Deadline
from tierwright.core.effects import NOTICED
from tierwright.core.keys import template_path
from tierwright.core.ports import Gate
from tierwright.core.results import ErrorKind, Failure, Notice
from tierwright.page.scene import Scene, changes, look_at
from tierwright.page.settle import PageActivity, Settled, wait_for_change, wait_settled

Shoot = Callable[[Page, str, Locator | None], Awaitable[str]]
"""Takes a picture of a page (or of one element) under a name, secrets masked, and returns its path."""

_DATA_REQUESTS = frozenset({"xhr", "fetch"})
_SERVER_ERROR = 500
_FORBIDDEN = 403
LOOK_AGAIN_SECONDS = 0.15
"""How soon the page is looked at again for what should appear or vanish, in seconds."""


class OpenGate:
    """The gate of a browser that may open everything."""

    def trouble(self, address: str) -> str | None:  # noqa: ARG002
        """Nothing is refused."""
        return None

    def take_refusals(self) -> tuple[str, ...]:
        """Nothing was refused."""
        return ()


class PageSession:
    """One run's page and everything that opens from it.

    `files_dir` is where relative upload paths start, `downloads_dir` where downloaded files go. `confined`: nothing
    outside `files_dir` may be uploaded, and no step opens other addresses than those of the web. `gate` knows what the
    browser was not let out to.
    """

    def __init__(
        self,
        page: Page,
        *,
        base_url: str | None,
        files_dir: Path,
        downloads_dir: Path,
        shoot: Shoot,
        confined: bool = False,
        gate: Gate = OpenGate(),
    ) -> None:
        self.base_url = base_url
        self.files_dir = files_dir
        self.confined = confined
        self.downloads_dir = downloads_dir
        self.shoot = shoot
        self._gate = gate
        self.pages: list[Page] = []
        self._page = page
        self._activities: dict[Page, PageActivity] = {}
        self._statuses: dict[Page, int] = {}
        self._wanted: dict[Page, str] = {}
        self._loading: set[Page] = set()
        self._paths: dict[Page, str] = {}
        self._effects: set[str] = set()
        self._new_effect = asyncio.Event()
        self._before: tuple[Scene, ...] = ()
        self._latest: tuple[Scene, ...] = ()
        self._notices: list[Notice] = []
        self._answers: deque[str] = deque()
        self._dialog_opened = asyncio.Event()
        self._armed_download: str | None = None
        self._downloads: asyncio.Queue[Download] = asyncio.Queue()
        self._death = ""
        self._tell_death: Callable[[str], None] | None = None
        for known in page.context.pages:
            self._attach(known)
        page.context.on("page", self._on_page)
        page.context.on("dialog", self._on_dialog)
        page.context.on("close", lambda _: self._died("the browser was closed or killed"))

    # --- the current tab ----------------------------------------------------------------------------------

    @property
    def page(self) -> Page:
        """The tab that steps act on now; when it closed, the newest one still open."""
        if self._page.is_closed():
            open_pages = [p for p in self.pages if not p.is_closed()]
            self._page = open_pages[-1] if open_pages else self._page
        return self._page

    @property
    def page_path(self) -> str:
        """The current address relative to the base URL, ids templated."""
        return template_path(self.page.url, self.base_url)

    @property
    def activity(self) -> PageActivity:
        """What is known of the current tab's requests."""
        return self._activities[self.page]

    def switch_to(self, page: Page) -> None:
        """Make another tab the current one."""
        self._page = page

    def problem(self) -> Failure | None:
        """Why nothing may heal here: the document is a browser error, or came with a server error."""
        page = self.page
        refused = self.gate_problem()
        if refused:
            return Failure(ErrorKind.NAVIGATION, refused)
        if page.url.startswith("chrome-error:"):
            return Failure(ErrorKind.NAVIGATION, "the page could not be loaded: the browser shows its own error page")
        status = self._statuses.get(page, 0)
        if status >= _SERVER_ERROR:
            return Failure(ErrorKind.NAVIGATION, f"the server answered {page.url} with HTTP {status}")
        return None

    def gate_problem(self) -> str | None:
        """Why the gate did not let the current tab's last navigation out; None when it did."""
        page = self.page
        shows_refusal = page.url.startswith("chrome-error:") or self._statuses.get(page) == _FORBIDDEN
        return self._gate.trouble(self._wanted.get(page, page.url)) if shows_refusal else None

    def on_death(self, tell: Callable[[str], None] | None) -> None:
        """Call this, with the reason, when the browser or a page's process dies (or has died); None calls nobody."""
        self._tell_death = tell
        if self._death and tell:
            tell(self._death)

    def _died(self, why: str) -> None:
        self._death = self._death or why
        if self._tell_death:
            self._tell_death(why)

    # --- what the page does -------------------------------------------------------------------------------

    def begin_step(self) -> None:
        """Open a new window of effects and notices."""
        self._effects = set()
        self._notices = []
        self._latest = ()

    def note_action(self) -> None:
        """An action is being sent: requests that begin from now on count as its own (H-8)."""
        self.activity.mark_action()

    @property
    def effects(self) -> frozenset[str]:
        """What the page did since the step began."""
        return frozenset(self._effects)

    @property
    def sent_something(self) -> bool:
        """Whether the page sent data since the step began."""
        return any(e.startswith("request ") and not e.startswith("request GET ") for e in self._effects)

    def take_notices(self) -> tuple[Notice, ...]:
        """Warnings so far, handed out once."""
        notices, self._notices = tuple(self._notices), []
        return notices + tuple(Notice("refused", words) for words in self._gate.take_refusals())

    async def settled(self, deadline: Deadline) -> Settled:
        """Wait until the current tab is settled, or forced (H-8)."""
        return await wait_settled(self.activity, self.page, deadline)

    async def look_around(self) -> None:
        """Note what shows before a step acts: what the step before it left, where that one was looked at to the end."""
        self._before = self._latest or await look_at(self.page)

    async def notice(self) -> None:
        """Look again, and count what appeared, vanished and got the focus among the effects."""
        self._latest = await look_at(self.page)
        for effect in changes(self._before, self._latest):
            self._saw(effect)

    async def wait_for_effects(self, wanted: frozenset[str], deadline: Deadline) -> frozenset[str]:
        """Wait until the page settled and the wanted effects showed, or the deadline."""
        await self.settled(deadline)
        while True:
            self._new_effect.clear()
            if not wanted.isdisjoint(NOTICED - self._effects):
                await self.notice()
            self._latest = ()  # what is waited for may take long: the next step looks for itself
            if wanted <= self._effects or deadline.passed:
                return self.effects
            with contextlib.suppress(TimeoutError):
                async with deadline.within(LOOK_AGAIN_SECONDS).timeout():
                    await self._new_effect.wait()

    async def wait_for_change(self, deadline: Deadline) -> bool:
        """Wait for the page to change; False when the deadline came first."""
        return await wait_for_change(self.page, deadline)

    # --- dialogs and downloads ----------------------------------------------------------------------------

    def arm_dialog(self, answer: str) -> None:
        """Answer the next dialog that has no answer yet: `accept`, `dismiss`, or the text to type into a prompt."""
        self._answers.append(answer)

    def arm_download(self, name: str) -> None:
        """Wait, in the next step that acts, for a file; `name` is the one it must have, or empty."""
        self._armed_download = name
        self._downloads = asyncio.Queue()

    async def dialog_came(self, deadline: Deadline) -> bool:
        """Whether the armed dialogs (if any) opened by the deadline."""
        with contextlib.suppress(TimeoutError):
            async with deadline.timeout():
                while self._answers:
                    self._dialog_opened.clear()
                    await self._dialog_opened.wait()
        opened = not self._answers
        self._answers.clear()
        return opened

    @property
    def expects_download(self) -> bool:
        """Whether a step before announced a file."""
        return self._armed_download is not None

    async def download_came(self, deadline: Deadline) -> tuple[str, Path | None] | None:
        """The armed download: the wanted name, and the file or None if it never came. None when none is armed."""
        if self._armed_download is None:
            return None
        wanted, self._armed_download = self._armed_download, None
        try:
            async with deadline.timeout():
                download = await self._downloads.get()
                path = self.downloads_dir / Path(download.suggested_filename).name
                await download.save_as(path)
        except (TimeoutError, PlaywrightError):
            return wanted, None
        return wanted, path

    # --- events -------------------------------------------------------------------------------------------

    def _attach(self, page: Page) -> None:
        self.pages.append(page)
        self._activities[page] = PageActivity(page)
        page.on("request", self._on_request)
        page.on("response", self._on_response)
        page.on("framenavigated", lambda frame: self._on_navigated(page) if frame == page.main_frame else None)
        page.on("download", self._on_download)
        page.on("crash", lambda _: self._died("the page's process crashed"))

    def _saw(self, effect: str) -> None:
        self._effects.add(effect)
        self._new_effect.set()

    def _on_page(self, page: Page) -> None:
        self._saw("tab opened")
        self._attach(page)

    def _on_request(self, request: Request) -> None:
        wanted = request.resource_type in _DATA_REQUESTS or request.method != "GET"
        if wanted and request.url.startswith("http"):
            self._saw(f"request {request.method} {template_path(request.url, self.base_url)}")
        if request.is_navigation_request():
            with contextlib.suppress(PlaywrightError):  # of a tab that is still being opened nothing is known yet
                self._loading.add(request.frame.page)

        with contextlib.suppress(PlaywrightError):  # a tab's first request has no frame yet
            if request.is_navigation_request() and request.frame.parent_frame is None:
                self._wanted[request.frame.page] = request.url

    def _on_response(self, response: Response) -> None:
        with contextlib.suppress(PlaywrightError):
            if response.request.is_navigation_request() and response.frame.parent_frame is None:
                self._statuses[response.frame.page] = response.status

    def _on_navigated(self, page: Page) -> None:
        """A new document, or another path in the same one; a mere anchor (`href="#"`) leads nowhere."""
        path = template_path(page.url, self.base_url)
        loaded, known = page in self._loading, self._paths.get(page)
        self._loading.discard(page)
        self._paths[page] = path
        if page.url != "about:blank" and (loaded or path != known):
            self._saw(f"path {path}")

    async def _on_dialog(self, dialog: Dialog) -> None:
        self._saw(f"dialog {dialog.type}")
        with contextlib.suppress(PlaywrightError):
            await self._answer(dialog)

    async def _answer(self, dialog: Dialog) -> None:
        """Answer as announced; any other dialog is dismissed with a warning, except one that asks before leaving."""
        if self._answers:
            answer = self._answers.popleft()
            self._dialog_opened.set()
            await _give(dialog, answer)
        elif dialog.type == "beforeunload":
            await dialog.accept()
        else:
            words = f'a {dialog.type} "{dialog.message}" opened and was dismissed; a dialog step before would answer it'
            self._notices.append(Notice("dialog", words))
            await dialog.dismiss()

    def _on_download(self, download: Download) -> None:
        self._saw("download")
        self._downloads.put_nowait(download)


async def _give(dialog: Dialog, answer: str) -> None:
    if answer == "dismiss":
        await dialog.dismiss()
    elif answer == "accept":
        await dialog.accept()
    else:
        await dialog.accept(answer)
