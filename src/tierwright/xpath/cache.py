"""The life cycle of remembered elements (healing.md, section 6). Storage is behind the port ElementCache."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tierwright.core.deadline import Clock
from tierwright.core.errors import UsageError
from tierwright.core.identity import ElementLocator, Fingerprint
from tierwright.core.keys import normalise_instruction
from tierwright.core.ports import CacheEntry, CacheKey, ElementCache
from tierwright.core.variables import PLACEHOLDER, Variables

TTL_DAYS = 7
MAX_FAILURES = 3


class XPathCacheService:
    """Decides what the cache holds, for how long, and when an entry goes (H-21 to H-23).

    `ttl_days` counts from the last verified use when `sliding`, else from the first. `max_failures` validation
    failures in a row evict an entry.
    """

    def __init__(
        self,
        cache: ElementCache,
        clock: Clock,
        ttl_days: float = TTL_DAYS,
        sliding: bool = True,
        max_failures: int = MAX_FAILURES,
    ) -> None:
        self._cache = cache
        self._clock = clock
        self._ttl = timedelta(days=ttl_days)
        self._sliding = sliding
        self._max_failures = max_failures

    def for_run(self, run_id: str, instructions: Iterable[str] = ()) -> RunCache:
        """The cache as one try of one run sees it, with what that try wrote and has not confirmed.

        `instructions` are those of its steps: what is remembered of them is fetched at once, when one is asked for.
        """
        return RunCache(self, run_id, frozenset(map(normalise_instruction, instructions)))

    async def entries_of(self, project: str, instructions: Collection[str]) -> Mapping[str, CacheEntry]:
        """All that is stored of these normalised instructions, by digest."""
        return await self._cache.load_all(project, instructions)

    async def usable(self, entry: CacheEntry | None) -> CacheEntry | None:
        """The entry, if it may be tried. An expired one is evicted; an unconfirmed one is its own run's alone."""
        if entry is not None and self._expired(entry):
            await self._cache.remove(entry.key.project, entry.key.digest)
            return None
        return None if entry is None or entry.provisional else entry

    async def missed(self, project: str, times: int) -> None:
        """Count questions that nothing was remembered for."""
        await self._cache.count(project, "miss", times)

    async def remember(self, entry: CacheEntry) -> CacheEntry:
        """Store an entry whose action was verified; provisional until `confirm`. Returns it as stored."""
        now = self._clock.now()
        fresh = replace(
            entry,
            provisional=True,
            hit_count=0,
            validation_failures=0,
            created_at=now,
            last_validated_at=now,
            expires_at=now + self._ttl,
        )
        await self._cache.save(fresh)
        return fresh

    async def confirm(self, entry: CacheEntry) -> None:
        """The run passed, or a later step was verified: the entry counts from now on for everybody."""
        await self._cache.save(replace(entry, provisional=False))

    async def withdraw(self, entry: CacheEntry) -> None:
        """The run failed and nothing confirmed the entry. What another run confirmed in the meantime stays."""
        stored = await self._cache.load(entry.key.project, entry.key.digest)
        if stored is not None and stored.provisional:
            await self._cache.remove(entry.key.project, entry.key.digest)

    async def validated(self, key: CacheKey) -> None:
        """A hit: exactly one element, its identity agreed, and its use was verified. Its age begins anew if sliding."""
        now = self._clock.now()
        await self._cache.used(key.project, key.digest, at=now, expires_at=now + self._ttl if self._sliding else None)

    async def validation_failed(self, key: CacheKey) -> None:
        """The entry found nothing, or more than one, on a settled page. Three in a row evict it.

        A page that was slow or still loading is no failure of the entry: do not call this then.
        """
        await self._cache.count(key.project, "invalid")
        entry = await self._cache.load(key.project, key.digest)
        if entry is None:
            return
        failures = entry.validation_failures + 1
        if failures >= self._max_failures:
            await self._cache.remove(key.project, key.digest)
        else:
            await self._cache.save(replace(entry, validation_failures=failures))

    async def mismatch(self, key: CacheKey) -> None:
        """The entry led to what is clearly another element: it goes at once."""
        await self._cache.count(key.project, "invalid")
        await self._cache.remove(key.project, key.digest)

    def _expired(self, entry: CacheEntry) -> bool:
        return entry.expires_at is not None and entry.expires_at <= self._clock.now()


class RunCache:
    """The cache as one try of one run sees it (H-21).

    What it wrote is provisional. A step that is verified confirms everything written before it; `finish` confirms
    the rest of a passed try and withdraws the rest of a failed one. A step waits for the database once a try: the
    first question fetches what is known of all steps, and hits and misses are counted at the end.
    """

    def __init__(self, service: XPathCacheService, run_id: str, instructions: frozenset[str]) -> None:
        self.run_id = run_id
        self._service = service
        self._instructions = instructions
        self._stored: dict[str, CacheEntry] | None = None
        self._written: dict[str, tuple[int, CacheEntry]] = {}
        self._hits: list[CacheKey] = []
        self._misses: Counter[str] = Counter()

    async def lookup(self, key: CacheKey) -> CacheEntry | None:
        """The entry to try, this try's own unconfirmed ones included; None is counted as a miss."""
        entry = await self.peek(key)
        if entry is None:
            self._misses[key.project] += 1
        return entry

    async def peek(self, key: CacheKey) -> CacheEntry | None:
        """The entry to try, or None, without counting the question."""
        own = self._written.get(key.digest)
        return own[1] if own else await self._service.usable(await self._known(key))

    async def _known(self, key: CacheKey) -> CacheEntry | None:
        if key.instruction not in self._instructions:
            self._instructions |= {key.instruction}
            self._stored = None
        if self._stored is None:
            self._stored = dict(await self._service.entries_of(key.project, self._instructions))
        return self._stored.get(key.digest)

    async def remember(self, step: int, entry: CacheEntry) -> None:
        """Store what a step found, once its action was verified."""
        self._written[entry.key.digest] = (step, await self._service.remember(entry))

    async def validated(self, key: CacheKey) -> None:
        """A hit; noted when the try ends."""
        self._hits.append(key)

    async def validation_failed(self, key: CacheKey) -> None:
        """A failure to resolve; see XPathCacheService. An own entry that fails is withdrawn at once."""
        own = self._written.pop(key.digest, None)
        if own:
            await self._service.withdraw(own[1])
        await self._service.validation_failed(key)
        self._stored = None

    async def mismatch(self, key: CacheKey) -> None:
        """Another element; see XPathCacheService."""
        self._written.pop(key.digest, None)
        await self._service.mismatch(key)
        self._stored = None

    async def verified(self, step: int) -> None:
        """A step's effect was verified, so the steps before it did what they were meant to."""
        for digest, (writer, entry) in list(self._written.items()):
            if writer < step:
                await self._service.confirm(entry)
                del self._written[digest]
                self._stored = None

    async def finish(self, passed: bool) -> None:
        """The try ended: confirm what it wrote, or withdraw what no later step confirmed; count what was asked."""
        for _, entry in self._written.values():
            await (self._service.confirm(entry) if passed else self._service.withdraw(entry))
        self._written.clear()
        hits, self._hits = self._hits, []
        for key in hits:
            await self._service.validated(key)
        misses, self._misses = self._misses, Counter()
        for project, times in misses.items():
            await self._service.missed(project, times)


# --- variables (H-20) -------------------------------------------------------------------------------------

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'')
_TEXTS = ("name", "text", "label", "placeholder", "title", "alt")
_TEXT_LISTS = ("headings", "neighbours")


def templated(entry: CacheEntry, variables: Variables) -> CacheEntry:
    """The entry with texts that equal a variable's value stored as `{{name}}`; secrets also inside longer texts."""
    return replace(
        entry,
        locators=tuple(_templated_locator(locator, variables) for locator in entry.locators),
        xpath=_templated_quotes(entry.xpath, variables),
        fingerprint=_with_texts(entry.fingerprint, variables.unexpand),
    )


def expanded(entry: CacheEntry, variables: Variables) -> CacheEntry | None:
    """The entry with this run's values; None when a text or every locator cannot be expanded: a candidate, no hit."""
    try:
        fingerprint = _with_texts(entry.fingerprint, variables.expand)
    except UsageError:
        return None
    locators = tuple(_expandable(entry.locators, variables))
    if not locators:
        return None
    return replace(entry, locators=locators, fingerprint=fingerprint, xpath=_expanded(entry.xpath, variables) or "")


def _templated_locator(locator: ElementLocator, variables: Variables) -> ElementLocator:
    engine, equals, body = locator.selector.partition("=")
    if equals and engine == "text" and not body.startswith(('"', "'")):
        return replace(locator, selector=f"text={variables.unexpand(body)}")
    selector = _templated_quotes(locator.selector, variables)
    return replace(locator, selector=variables.mask(selector, as_placeholder=True))


def _templated_quotes(selector: str, variables: Variables) -> str:
    xpath = _is_xpath(selector)

    def stored(inner: str, quote: str) -> str:
        plain = inner if xpath else re.sub(r"\\(.)", r"\1", inner)
        name = variables.unexpand(plain)
        return inner if name == plain else _escaped(name, quote, xpath)

    return _in_quotes(selector, stored)


def _expandable(locators: tuple[ElementLocator, ...], variables: Variables) -> list[ElementLocator]:
    selectors = [(locator, _expanded(locator.selector, variables)) for locator in locators]
    return [replace(locator, selector=selector) for locator, selector in selectors if selector is not None]


def _expanded(selector: str, variables: Variables) -> str | None:
    """The selector with this run's values, escaped where they need it; None when that is not possible."""
    xpath = _is_xpath(selector)

    def with_values(inner: str, quote: str) -> str:
        return PLACEHOLDER.sub(lambda found: _escaped(variables.expand(found.group(0)), quote, xpath), inner)

    try:
        return variables.expand(_in_quotes(selector, with_values))
    except UsageError:
        return None


def _is_xpath(selector: str) -> bool:
    return selector.startswith(("/", "(", "xpath="))


def _escaped(text: str, quote: str, xpath: bool) -> str:
    if not xpath:
        return text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    if quote in text:
        raise UsageError("XPath has no way to write this text in these quotes")
    return text


def _in_quotes(selector: str, change: Callable[[str, str], str]) -> str:
    """The selector with the inside of every quoted text changed."""

    def changed(found: re.Match[str]) -> str:
        quote = found.group(0)[0]
        return f"{quote}{change(found.group(0)[1:-1], quote)}{quote}"

    return _QUOTED.sub(changed, selector)


def _with_texts(fingerprint: Fingerprint, change: Callable[[str], str]) -> Fingerprint:
    texts: dict[str, Any] = {name: change(getattr(fingerprint, name)) for name in _TEXTS}
    lists: dict[str, Any] = {name: tuple(change(text) for text in getattr(fingerprint, name)) for name in _TEXT_LISTS}
    return replace(fingerprint, **texts, **lists)
