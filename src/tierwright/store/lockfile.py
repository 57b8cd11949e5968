"""`tierwright.lock.yaml` beside the tests: what each step means, small and reviewable (H-13)."""

from __future__ import annotations

import asyncio
import os
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from hashlib import sha256
from io import StringIO
from pathlib import Path
from struct import error as struct_error
from struct import pack, unpack
from typing import Any

from tierwright.core.errors import MachineryError, UsageError
from tierwright.core.identity import Fingerprint
from tierwright.core.keys import baseline_key_of
from tierwright.core.ports import Baseline, BaselineKey
from tierwright.store.codec import Json, fingerprint_from_json, fingerprint_to_json

LOCK_NAME = "tierwright.lock.yaml"
VERSION = 1
_HEADER = (
    "# What each step of the tests beside this file means. Written by `tierwright run --update-baseline`\n"
    "# and `tierwright heals approve|reject`; commit it and review it like code.\n"
)
_TELLING = (
    *("tag", "role", "name", "text", "label", "placeholder", "title", "alt", "type", "name_attribute", "id"),
    *("test_ids", "href_path", "attributes", "headings", "neighbours", "landmarks", "ancestors", "frame_path"),
    *("page_path", "sole", "others"),
)
_LONGEST_TEXT = 80
_MOST_OF = {"headings": 1, "neighbours": 1, "landmarks": 2, "ancestors": 3}


@dataclass(frozen=True, slots=True)
class Locked:
    """The baseline of one step as the lock file keeps it."""

    test: str
    step: str
    selector: str
    element: Fingerprint
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Rejected:
    """A heal that a person rejected, so that no machine offers it again (H-31). `locator` is for the reader."""

    test: str
    step: str
    selector: str
    candidate: str
    locator: str
    rejected_at: datetime


@dataclass(frozen=True, slots=True)
class LockContent:
    """All of a lock file, in the order it is written."""

    baselines: tuple[Locked, ...] = ()
    rejected: tuple[Rejected, ...] = ()


def telling(fingerprint: Fingerprint) -> Fingerprint:
    """The parts of a fingerprint that say who an element is, shortened for a file that people review."""
    parts: Json = {name: _short(name, getattr(fingerprint, name)) for name in _TELLING}
    if parts["text"] == parts["name"]:
        parts["text"] = ""
    return Fingerprint(**parts)


def _short(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return value[:_LONGEST_TEXT]
    return value[: _MOST_OF.get(name, len(value))]


class LockFile:
    """One lock file. Reading keeps what was read until the file changes; writing is atomic and merges."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOCK_NAME
        self._read_at: tuple[int, int] | None = None
        self._content = LockContent()
        self._index: dict[tuple[str, str, str], Locked] = {}
        self._writing = asyncio.Lock()

    async def content(self) -> LockContent:
        """All of it; empty without a file. Raises UsageError for a file that is wrong or newer than this program."""
        return await asyncio.to_thread(self._load)

    async def get(self, key: BaselineKey) -> Baseline | None:
        """The baseline of a step, or None."""
        await self.content()
        locked = self._index.get((key.test, key.step_text, key.selector))
        return _baseline(key, locked) if locked else None

    async def baselines(self, project: str) -> dict[BaselineKey, Baseline]:
        """All baselines, with the keys they have in a project."""
        found = {}
        for locked in (await self.content()).baselines:
            key = baseline_key_of(project, locked.test, locked.step, locked.selector)
            found[key] = _baseline(key, locked)
        return found

    async def rejected(self, key: BaselineKey) -> frozenset[str]:
        """Candidate keys rejected for a step."""
        wanted = (key.test, key.step_text, key.selector)
        rejected = (await self.content()).rejected
        return frozenset(r.candidate for r in rejected if (r.test, r.step, r.selector) == wanted)

    async def put_all(self, baselines: Mapping[BaselineKey, Baseline]) -> None:
        """Write these baselines; an entry that tells the same as before keeps its date, so that diffs stay small."""
        async with self._writing:
            await asyncio.to_thread(self._change, lambda old: _with_baselines(old, baselines))

    async def replace(self, old: BaselineKey, new: BaselineKey, baseline: Baseline) -> None:
        """Put the baseline of an approved heal in the place of the step's old one."""
        async with self._writing:
            await asyncio.to_thread(
                self._change, lambda content: _with_baselines(_without(content, old), {new: baseline})
            )

    async def reject(self, rejected: Rejected) -> None:
        """Remember a rejection."""
        async with self._writing:
            await asyncio.to_thread(self._change, lambda content: _with_rejection(content, rejected))

    def _load(self) -> LockContent:
        try:
            stat = self.path.stat()
            if (stat.st_mtime_ns, stat.st_size) != self._read_at:
                self._keep(parse(self.path.read_text(encoding="utf-8"), str(self.path)))
                self._read_at = (stat.st_mtime_ns, stat.st_size)
        except FileNotFoundError:
            self._keep(LockContent())
        except OSError as error:
            raise MachineryError(f"{self.path} cannot be read: {error.strerror}") from None
        return self._content

    def _keep(self, content: LockContent) -> None:
        self._content = content
        self._index = {(locked.test, locked.step, locked.selector): locked for locked in content.baselines}

    def _change(self, change: Callable[[LockContent], LockContent]) -> None:
        try:
            with _exclusive(self.path.parent):
                self._read_at = None
                before = self._load()
                after = change(before)
                if after != before or not self.path.exists():
                    write_atomically(self.path, render(after))
        except OSError as error:
            raise MachineryError(f"{self.path} cannot be written: {error.strerror}") from None


def _baseline(key: BaselineKey, locked: Locked) -> Baseline:
    return Baseline(key=key.digest, fingerprint=locked.element, updated_at=locked.updated_at)


def _with_baselines(content: LockContent, baselines: Mapping[BaselineKey, Baseline]) -> LockContent:
    entries = {(locked.test, locked.step, locked.selector): locked for locked in content.baselines}
    for key, baseline in baselines.items():
        place = (key.test, key.step_text, key.selector)
        element = telling(baseline.fingerprint)
        old = entries.get(place)
        if old is None or old.element != element:
            moment = (baseline.updated_at or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
            entries[place] = Locked(*place, element, moment)
    return replace(content, baselines=tuple(entries[place] for place in sorted(entries)))


def _without(content: LockContent, key: BaselineKey) -> LockContent:
    gone = (key.test, key.step_text, key.selector)
    kept = tuple(locked for locked in content.baselines if (locked.test, locked.step, locked.selector) != gone)
    return replace(content, baselines=kept)


def _with_rejection(content: LockContent, rejected: Rejected) -> LockContent:
    entries = {(r.test, r.step, r.selector, r.candidate): r for r in content.rejected}
    place = (rejected.test, rejected.step, rejected.selector, rejected.candidate)
    entries.setdefault(place, replace(rejected, rejected_at=rejected.rejected_at.replace(microsecond=0)))
    return replace(content, rejected=tuple(entries[place] for place in sorted(entries)))


def render(content: LockContent) -> str:
    """The file's text: always the same for the same content."""
    data: Json = {"version": VERSION, "baselines": [_locked_to_yaml(locked) for locked in content.baselines]}
    if pages := {_page_id(each): _packed(each) for locked in content.baselines if (each := locked.element.others)}:
        data["pages"] = dict(sorted(pages.items()))
    if content.rejected:
        data["rejected"] = [_rejected_to_yaml(rejected) for rejected in content.rejected]
    out = StringIO()
    _yaml().dump(data, out)
    return _HEADER + out.getvalue()


def _locked_to_yaml(locked: Locked) -> Json:
    return {
        "test": locked.test,
        "step": locked.step,
        **({"selector": locked.selector} if locked.selector else {}),
        "element": _plain(fingerprint_to_json(replace(locked.element, others=()))),
        **({"page": _page_id(locked.element.others)} if locked.element.others else {}),
        "updated_at": _moment_text(locked.updated_at),
    }


def _packed(others: tuple[int, ...]) -> str:
    """The digests of a page's names in one short line; many steps are on one page, so it stands apart from them."""
    return b64encode(pack(f">{len(others)}I", *others)).decode()


def _unpacked(text: str) -> tuple[int, ...]:
    packed = b64decode(text, validate=True)
    return unpack(f">{len(packed) // 4}I", packed)


def _page_id(others: tuple[int, ...]) -> str:
    return sha256(_packed(others).encode()).hexdigest()[:8]


def _rejected_to_yaml(rejected: Rejected) -> Json:
    return {
        "test": rejected.test,
        "step": rejected.step,
        **({"selector": rejected.selector} if rejected.selector else {}),
        "candidate": rejected.candidate,
        "locator": rejected.locator,
        "rejected_at": _moment_text(rejected.rejected_at),
    }


def _plain(element: Json) -> Json:
    """Tuples as lists, pairs as a mapping: what YAML writes nicely."""
    plain: Json = {name: list(value) if isinstance(value, tuple) else value for name, value in element.items()}
    if "test_ids" in plain:
        plain["test_ids"] = {str(name): str(value) for name, value in element["test_ids"]}
    return plain


def parse(text: str, file: str) -> LockContent:
    """The content of a file's text. Raises UsageError, naming the file, for what is wrong or newer than we know."""
    from ruamel.yaml.error import YAMLError  # lazy: only where there is a lock file

    try:
        data = _yaml().load(text) or {}
        if not isinstance(data, dict) or data.get("version", VERSION) != VERSION:
            raise UsageError(f"{file} was written by a newer Tierwright; upgrade Tierwright to read it")
        _only(data, {"version", "baselines", "pages", "rejected"}, file)
        pages = {str(name): _unpacked(text) for name, text in (data.get("pages") or {}).items()}
        return LockContent(
            tuple(_locked(item, pages, file) for item in data.get("baselines") or ()),
            tuple(_rejection(item, file) for item in data.get("rejected") or ()),
        )
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
        raise UsageError(f"{place}: {getattr(error, 'problem', None) or 'is no YAML'}") from None
    except (KeyError, TypeError, ValueError, AttributeError, struct_error) as error:
        raise UsageError(f"{file} is not a lock file of ours ({type(error).__name__}: {error})") from None


def _locked(item: Json, pages: Mapping[str, tuple[int, ...]], file: str) -> Locked:
    _only(item, {"test", "step", "selector", "element", "page", "updated_at"}, file)
    element = dict(item["element"])
    _only(element, {f.name for f in fields(Fingerprint)}, file)
    if "test_ids" in element:
        element["test_ids"] = list(element["test_ids"].items())
    return Locked(
        str(item["test"]),
        str(item["step"]),
        str(item.get("selector", "")),
        replace(fingerprint_from_json(element), others=pages[str(item["page"])] if "page" in item else ()),
        _moment(item["updated_at"]),
    )


def _rejection(item: Json, file: str) -> Rejected:
    _only(item, {"test", "step", "selector", "candidate", "locator", "rejected_at"}, file)
    return Rejected(
        str(item["test"]),
        str(item["step"]),
        str(item.get("selector", "")),
        str(item["candidate"]),
        str(item["locator"]),
        _moment(item["rejected_at"]),
    )


def _only(data: Mapping[str, Any], known: set[str], file: str) -> None:
    unknown = sorted(set(data) - known)
    if unknown:
        raise UsageError(f"{file}: unknown key {unknown[0]!r}; it was written by a newer Tierwright or by hand")


def _moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _yaml() -> Any:
    from ruamel.yaml import YAML  # lazy: only where there is a lock file

    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False
    yaml.width = 10_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def write_atomically(path: Path, text: str) -> None:
    """Replace a file's text in one move, its mode kept: a reader sees the old text or the new one, never a half."""
    path = path.resolve()  # a link stays a link
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def _exclusive(folder: Path) -> Iterator[None]:
    """Let one process at a time change the folder's lock file; where the system cannot lock, the last one wins."""
    try:
        import fcntl  # not on Windows
    except ModuleNotFoundError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
