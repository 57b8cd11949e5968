"""Names under which things are remembered: templated pages, baseline keys, cache keys, proposal ids. Pure functions."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from tierwright.core.identity import ElementLocator
from tierwright.core.ports import BaselineKey, CacheKey
from tierwright.core.steps import Step
from tierwright.core.variables import PLACEHOLDER

_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}", re.IGNORECASE)
_TOKEN = re.compile(r"(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{16,}")
_NUMBER = re.compile(r"\d+")
_PARTS = re.compile(r"([-._~,:;=@])")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def template_path(url: str, base_url: str | None) -> str:
    """The page of a URL without what changes from run to run (H-19).

    The path relative to `base_url`, else origin and path; ids, hashes and numbers stand as `{id}`. A hash route
    (`#/…`, `#!/…`) belongs to it; query and plain anchors do not.
    """
    parts = urlsplit(url)
    return _place(parts, base_url) + _hash_route(parts.fragment)


def _place(parts: SplitResult, base_url: str | None) -> str:
    path = parts.path or "/"
    if base_url:
        base = urlsplit(base_url)
        folder = _folder(base.path)
        if _origin(base) == _origin(parts) and (path + "/").startswith(folder + "/"):
            return _template(path[len(folder) :] or "/")
    if not parts.netloc and parts.scheme not in ("", "file"):
        return f"{parts.scheme}:{parts.path if parts.scheme == 'about' else ''}"
    return _origin(parts) + _template(path)


def _folder(base_path: str) -> str:
    stem, _, last = base_path.rpartition("/")
    return stem if "." in last else base_path.rstrip("/")


def _origin(parts: SplitResult) -> str:
    if not parts.scheme:
        return ""
    port = "" if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname or ''}{port}"


def _hash_route(fragment: str) -> str:
    if not fragment.startswith(("/", "!/")):
        return ""
    return "#" + _template(fragment.partition("?")[0])


def _template(path: str) -> str:
    return "/".join(_template_segment(segment) for segment in path.split("/"))


def _template_segment(segment: str) -> str:
    if _UUID.search(segment):
        segment = _UUID.sub("{id}", segment)
    return "".join("{id}" if _is_id(part) else part for part in _PARTS.split(segment))


def _is_id(part: str) -> bool:
    return any(pattern.fullmatch(part) for pattern in (_NUMBER, _HEX, _TOKEN))


def normalise_instruction(text: str) -> str:
    """An instruction with its white space and the inside of `{{ names }}` tidied. Case stays: "Save" is not "SAVE"."""
    tidy = PLACEHOLDER.sub(lambda found: f"{{{{{found.group(1)}}}}}", unicodedata.normalize("NFC", text))
    return " ".join(tidy.split())


def selector_text(selector: str | None, frame: tuple[str, ...]) -> str:
    """A selector together with the frames it is looked for in, as one string; empty without a selector."""
    return str(ElementLocator(selector, frame)) if selector else ""


def baseline_key(project: str, test_name: str, written_step: Step) -> BaselineKey:
    """What a step's baseline belongs to (H-12). The step is the written one, its variables unexpanded."""
    text = normalise_instruction(written_step.text)
    return baseline_key_of(project, test_name, text, selector_text(written_step.selector, written_step.frame))


def baseline_keys(project: str, test_name: str, written_steps: Sequence[Step]) -> tuple[BaselineKey, ...]:
    """The baseline keys of a test's steps, in order; a later step with the same words and selector is told apart."""
    counts: Counter[tuple[str, str]] = Counter()
    keys = []
    for step in written_steps:
        key = baseline_key(project, test_name, step)
        counts[key.step_text, key.selector] += 1
        count = counts[key.step_text, key.selector]
        text = key.step_text if count == 1 else f"{key.step_text} ({count})"
        keys.append(baseline_key_of(project, test_name, text, key.selector))
    return tuple(keys)


def baseline_key_of(project: str, test_name: str, step_text: str, selector: str) -> BaselineKey:
    """The baseline key of these four parts, for those who no longer have the step."""
    return BaselineKey(project, test_name, step_text, selector, _digest(project, test_name, step_text, selector))


def cache_key(project: str, written_step: Step, page_path: str) -> CacheKey:
    """Where the XPath cache keeps a step (H-19). The step is the written one; `page_path` is a templated path.

    The instruction is the phrase that names the element, so that a sentence's value is no part of the key.
    """
    return cache_key_of(
        project=project,
        instruction=normalise_instruction(written_step.instruction),
        selector=written_step.selector or "",
        action=written_step.action.value,
        page=page_path,
        frame=written_step.frame,
    )


def cache_key_of(
    *, project: str, instruction: str, selector: str, action: str, page: str, frame: tuple[str, ...]
) -> CacheKey:
    """The cache key of these parts, its digest computed."""
    return CacheKey(
        project=project,
        instruction=instruction,
        selector=selector,
        action=action,
        page=page,
        frame=frame,
        digest=_digest(project, instruction, selector, action, page, list(frame)),
    )


def proposal_id(project: str, test_name: str, baseline_digest: str, candidate_key: str) -> str:
    """The id of a heal: the same for the same step and the same element, in every run. 12 hex digits."""
    return _digest(project, test_name, baseline_digest, candidate_key)[:12]


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()
