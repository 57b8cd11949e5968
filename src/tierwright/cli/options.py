"""The flags of `run`: each with its type, its help and an example. The settings file uses the same types."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import click

from tierwright.core.config import ScreenshotMode, Shard, TraceMode
from tierwright.core.settings import RETRIES_RANGE, TIMEOUT_RANGE_SECONDS, HealPolicy
from tierwright.core.steps import LANGUAGE_TAG
from tierwright.core.strategy import FallbackStrategy

Command = TypeVar("Command", bound=Callable[..., Any])
_Word = TypeVar("_Word", bound=StrEnum)


class ViewportType(click.ParamType[tuple[int, int]]):
    """A window size such as 1280x800."""

    name = "WxH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Width and height in CSS pixels, each 1 to 10000."""
        found = re.fullmatch(r"(\d{1,5})[xX](\d{1,5})", str(value).strip())
        size = (int(found[1]), int(found[2])) if found else (0, 0)
        if not all(1 <= side <= 10_000 for side in size):
            self.fail(f"{value!r} is not a size; write width x height in pixels, such as 1280x800", param, ctx)
        return size


class ShardType(click.ParamType[Shard]):
    """One part of a split suite such as 1/3."""

    name = "i/n"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Shard:
        """The part and the number of parts, both from 1."""
        found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", str(value).strip())
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            self.fail(f"{value!r} is not a shard; write i/n with i from 1 to n, such as 1/3", param, ctx)
        return Shard(int(found[1]), int(found[2]))


class VariableType(click.ParamType[tuple[str, str]]):
    """A variable such as user=bob."""

    name = "K=V"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The name and the value; the value may be empty and may hold more equals signs."""
        name, equals, text = str(value).partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", name):
            self.fail(f"{value!r} is not a variable; write NAME=VALUE, such as user=bob", param, ctx)
        return name, text


class PatternType(click.ParamType[str]):
    """A regular expression."""

    name = "RE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The pattern's text, known to compile."""
        try:
            re.compile(str(value))
        except re.error as error:
            self.fail(f"{value!r} is not a regular expression: {error}", param, ctx)
        return str(value)


class UrlType(click.ParamType[str]):
    """A web address such as http://127.0.0.1:8000."""

    name = "URL"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The address, known to begin with http:// or https:// and to name a host."""
        if not re.match(r"https?://[^/\s]", str(value)):
            self.fail(f"{value!r} is not a web address; it begins with http:// or https://", param, ctx)
        return str(value)


class ReportFileType(click.ParamType[Path]):
    """A file to write, or `-` for standard output."""

    name = "FILE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path; its folder is made when the report is written."""
        path = Path(str(value))
        if not str(value) or path.is_dir():
            self.fail(f"{str(value)!r} is a folder; name a file, or - for standard output", param, ctx)
        return path


class TextType(click.ParamType[str]):
    """A text that is not empty."""

    def __init__(self, metavar: str) -> None:
        self.name = metavar

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text, without the blanks around it."""
        text = str(value).strip()
        if not text:
            self.fail("it is empty", param, ctx)
        return text


class LocaleType(click.ParamType[str]):
    """A language such as de-DE."""

    name = "L"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The tag, known to be one."""
        if not LANGUAGE_TAG.fullmatch(str(value)):
            self.fail(f"{str(value)!r} is not a locale; write one such as de-DE", param, ctx)
        return str(value)


class WordType(click.ParamType[_Word]):
    """One word of an enum."""

    def __init__(self, words: type[_Word]) -> None:
        self._words = words
        self.name = "|".join(words)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> _Word:
        """The enum's member."""
        try:
            return self._words(str(value))
        except ValueError:
            self.fail(f"{str(value)!r} is not one of {', '.join(self._words)}", param, ctx)


class NumberType(click.ParamType[float]):
    """A number within a range; whole numbers when asked."""

    def __init__(self, metavar: str, low: float, high: float | None = None, *, whole: bool = False) -> None:
        self.name = metavar
        self._low, self._high, self._whole = low, high, whole

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number, in its range."""
        try:
            number: float = int(str(value)) if self._whole else float(str(value))
        except ValueError:
            self.fail(f"{str(value)!r} is not a {'whole ' if self._whole else ''}number", param, ctx)
        if not self._low <= number <= (float("inf") if self._high is None else self._high):
            self.fail(f"{value} is out of range: {self._range}", param, ctx)
        return number

    @property
    def _range(self) -> str:
        return f"{self._low:g} or more" if self._high is None else f"{self._low:g} to {self._high:g}"


class FilePathType(click.ParamType[Path]):
    """A path; whether something must be there already is said when it is made."""

    def __init__(self, metavar: str, *, must_exist: bool = False) -> None:
        self.name = metavar
        self._must_exist = must_exist

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path. Fails where a file must be there and is not."""
        path = Path(str(value)).expanduser()
        if self._must_exist and not path.is_file():
            self.fail(f"there is no file {str(value)!r}", param, ctx)
        return path


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag of `run`. `type` None makes it a switch; `in_file` lets `tierwright.toml` set it by the same name."""

    name: str
    help: str
    type: click.ParamType[Any] | None = None
    many: bool = False
    in_file: bool = True
    off_name: str | None = None

    @property
    def parameter(self) -> str:
        """The name of its Python argument."""
        return self.name.replace("-", "_")


_SECONDS = NumberType("S", *TIMEOUT_RANGE_SECONDS)
_COUNT = NumberType("N", 0, whole=True)
_FROM_ONE = NumberType("N", 1, whole=True)
REPORT = ReportFileType()

RUN_FLAGS = (
    Flag(
        "strategy",
        "Which tiers a step may climb: a = 1, 2; b = 1, 3; c = 1, 2, 3 (default option_c). "
        "Example: --strategy option_a",
        WordType(FallbackStrategy),
    ),
    Flag(
        "base-url",
        "Where relative addresses start, instead of the test file's base_url. "
        "Example: --base-url http://127.0.0.1:8000",
        UrlType(),
    ),
    Flag(
        "state",
        "Folder of the database and the artifacts (default .tierwright). Example: --state /tmp/tw",
        FilePathType("DIR"),
    ),
    Flag(
        "heal-policy",
        "What heals mean: allow = nothing, warn = listed on stderr (default), fail = exit 4. "
        "Example: --heal-policy fail",
        WordType(HealPolicy),
    ),
    Flag("workers", "How many tests run at once (default 1). Example: --workers 4", NumberType("N", 1, 64, whole=True)),
    Flag(
        "model",
        "Who is asked when a selector fails (default local, the embedded ranker: no key, no network, no "
        "cost). Example: --model openai:gpt-5-mini",
        TextType("NAME"),
    ),
    Flag(
        "max-cost-usd",
        "Stop asking models when this many US dollars are spent. Example: --max-cost-usd 0.50",
        NumberType("X", 0),
    ),
    Flag(
        "var",
        "Set a variable, over the test file's. May be repeated. Example: --var user=bob",
        VariableType(),
        many=True,
        in_file=False,
    ),
    Flag(
        "tag",
        "Only tests with this tag; repeated: with any of them. Example: --tag smoke",
        TextType("T"),
        many=True,
        in_file=False,
    ),
    Flag("grep", "Only tests whose name matches. Example: --grep 'sign (in|up)'", PatternType(), in_file=False),
    Flag("json", "Write the result as JSON; - is standard output. Example: --json result.json", REPORT),
    Flag("junit", "Write JUnit XML for a CI; - is standard output. Example: --junit junit.xml", REPORT),
    Flag("html", "Write one self-contained HTML page; - is standard output. Example: --html report.html", REPORT),
    Flag("trace", "Keep the Playwright trace (default off). Example: --trace retain-on-failure", WordType(TraceMode)),
    Flag(
        "screenshots",
        "Take a picture after steps (default only-on-failure). Example: --screenshots on",
        WordType(ScreenshotMode),
    ),
    Flag("headed", "Show the browser window. Example: --headed", off_name="headless"),
    Flag(
        "browser",
        "The browser's executable, instead of one found on this machine. Example: --browser /usr/bin/chromium",
        FilePathType("PATH", must_exist=True),
    ),
    Flag("timeout-tier1", "Seconds of tier 1, 1 to 300 (default 30). Example: --timeout-tier1 10", _SECONDS),
    Flag("timeout-tier2", "Seconds of tier 2, 1 to 300 (default 30). Example: --timeout-tier2 10", _SECONDS),
    Flag("timeout-tier3", "Seconds of tier 3, 1 to 300 (default 30). Example: --timeout-tier3 60", _SECONDS),
    Flag(
        "retries-per-tier",
        "Tries of one tier again after a stale element or a failed call, 0 to 3 (default 1). "
        "Example: --retries-per-tier 0",
        NumberType("N", *RETRIES_RANGE, whole=True),
    ),
    Flag(
        "retries",
        "Tries of a whole test again; passed later is flaky (default 0). Example: --retries 2",
        NumberType("N", 0, 20, whole=True),
    ),
    Flag("max-failures", "Start no more tests after this many failed. Example: --max-failures 1", _FROM_ONE),
    Flag(
        "last-failed",
        "Only tests that did not pass the last time, or never ran, in this state. Example: --last-failed",
        in_file=False,
    ),
    Flag("shard", "Run one part of the suite, for several machines. Example: --shard 1/3", ShardType(), in_file=False),
    Flag("max-heals", "Fail (exit 1) when more steps than this were healed. Example: --max-heals 5", _COUNT),
    Flag(
        "min-confidence",
        "Heal only when the ranker is at least this sure, 0 to 1. Example: --min-confidence 0.8",
        NumberType("X", 0, 1),
    ),
    Flag("viewport", "Size of the page in pixels. Example: --viewport 1280x800", ViewportType()),
    Flag("locale", "Language of the browser. Example: --locale de-DE", LocaleType()),
    Flag(
        "storage-state",
        "Begin with the cookies and storage of this file. Example: --storage-state login.json",
        FilePathType("FILE", must_exist=True),
    ),
    Flag(
        "save-storage",
        "Keep the cookies and storage of the one test that runs, once it passed. Example: --save-storage login.json",
        FilePathType("FILE"),
        in_file=False,
    ),
    Flag(
        "update-baseline",
        "Write what elements look like to tierwright.lock.yaml. Example: --update-baseline",
        in_file=False,
    ),
)
"""Every flag of `run`, in the order of its help."""

FLAGS_BY_NAME = {flag.name: flag for flag in RUN_FLAGS}


def with_run_flags(command: Command) -> Command:
    """Give a click command all flags of `run`; those not given arrive as None or ()."""
    for flag in reversed(RUN_FLAGS):
        command = _option(flag)(command)
    return command


def _option(flag: Flag) -> Callable[[Command], Command]:
    if flag.type is None:
        names = f"--{flag.name}" + (f"/--{flag.off_name}" if flag.off_name else "")
        return click.option(names, flag.parameter, is_flag=True, default=None, help=flag.help)
    return click.option(
        f"--{flag.name}", flag.parameter, type=flag.type, multiple=flag.many, metavar=flag.type.name, help=flag.help
    )
