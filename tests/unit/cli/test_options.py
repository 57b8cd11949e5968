"""Each type of flag says what is wrong and how to write it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from tierwright.cli import options
from tierwright.core.config import STDOUT, Shard


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (options.ViewportType(), "1280x800", (1280, 800)),
        (options.ViewportType(), "1X1", (1, 1)),
        (options.ShardType(), "3/3", Shard(3, 3)),
        (options.VariableType(), "user=bob", ("user", "bob")),
        (options.VariableType(), "q=a=b", ("q", "a=b")),
        (options.VariableType(), "empty=", ("empty", "")),
        (options.PatternType(), "sign (in|up)", "sign (in|up)"),
        (options.UrlType(), "https://a.example/x", "https://a.example/x"),
        (options.ReportFileType(), "-", STDOUT),
        (options.NumberType("N", 0, 3, whole=True), "3", 3),
        (options.NumberType("S", 1, 300), "1", 1.0),
    ],
)
def test_good_values(kind: click.ParamType[Any], text: str, value: object) -> None:
    assert kind.convert(text, None, None) == value


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (options.ViewportType(), "1280", "such as 1280x800"),
        (options.ViewportType(), "0x800", "such as 1280x800"),
        (options.ViewportType(), "20000x20", "such as 1280x800"),
        (options.ShardType(), "4/3", "such as 1/3"),
        (options.ShardType(), "0/3", "such as 1/3"),
        (options.VariableType(), "user", "such as user=bob"),
        (options.VariableType(), "1x=2", "such as user=bob"),
        (options.PatternType(), "(", "is not a regular expression"),
        (options.UrlType(), "localhost:80", "begins with http:// or https://"),
        (options.UrlType(), "http://", "begins with http:// or https://"),
        (options.ReportFileType(), "", "name a file"),
        (options.ReportFileType(), "/tmp", "is a folder"),
        (options.TextType("NAME"), " ", "empty"),
        (options.NumberType("N", 0, 3, whole=True), "4", "0 to 3"),
        (options.NumberType("N", 0, 3, whole=True), "1.5", "not a whole number"),
        (options.NumberType("S", 1, 300), "0.5", "1 to 300"),
        (options.NumberType("S", 1, 300), "nan", "out of range"),
        (options.NumberType("N", 1), "0", "1 or more"),
        (options.FilePathType("FILE", must_exist=True), "/no/such", "there is no file"),
    ],
)
def test_bad_values_say_how_to_write_them(kind: click.ParamType[Any], text: str, said: str) -> None:
    with pytest.raises(click.BadParameter, match=said):
        kind.convert(text, None, None)


def test_every_flag_has_an_example_in_its_help() -> None:
    for flag in options.RUN_FLAGS:
        assert f"Example: --{flag.name}" in flag.help


def test_a_path_without_a_check_may_be_new() -> None:
    assert options.FilePathType("DIR").convert("new/dir", None, None) == Path("new/dir")
