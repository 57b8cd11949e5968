"""`tierwright check`: validate test files, show what their steps mean, run nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from tierwright.core.errors import UsageError
from tierwright.core.steps import Step, TestCase


@click.command(epilog="Example: tierwright check tests/ --var user=bob")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--var", "variables", multiple=True, metavar="K=V", help="Give a variable a value; may be repeated.")
def check(paths: tuple[Path, ...], variables: tuple[str, ...]) -> None:
    """Validate test files and show each test with its compiled steps. Runs nothing.

    All errors of all files are told at once, on standard error (exit 2).
    """
    from tierwright.testfiles.loader import load  # YAML is loaded only by the commands that read it

    loaded = load(paths, overrides=dict(_pair(text) for text in variables))
    for test in loaded.tests:
        click.echo("\n".join(_shown_test(test)))
    if loaded.problems:
        raise UsageError("\n".join(("tierwright: nothing would run:", *(str(p) for p in loaded.problems))))
    steps = sum(len(test.all_steps) for test in loaded.tests)
    click.echo(f"{_counted(len(loaded.tests), 'test')}, {_counted(steps, 'step')}, no errors")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f'--var "{text}": write NAME=VALUE')
    return name, value


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _shown_test(test: TestCase) -> Iterator[str]:
    rows = f" ({_counted(len(test.examples), 'run')})" if test.examples else ""
    yield f"{test.name}{rows}  {test.file}:{test.line}"
    for index, step in enumerate(test.all_steps):
        yield f"  {index:>3}  {_shown_step(step)}"


def _shown_step(step: Step) -> str:
    action = f"{step.action} {step.condition}" if step.condition else str(step.action)
    said = (("element", step.instruction), ("selector", step.selector), ("frame", " > ".join(step.frame)))
    values = (("attribute", step.attribute), ("value", step.value), ("key", step.key), ("target", step.target))
    more = (("files", ", ".join(step.files)), ("name", step.name))
    parts = [
        f"{key}={_quoted(text)}" for key, text in (*said, *values, *more) if text or (key == "value" and text == "")
    ]
    return "  ".join((f"{action:<14}", *parts)).rstrip()


def _quoted(text: str | None) -> str:
    return f"[{text}]".replace("\n", "\\n")
