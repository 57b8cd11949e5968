"""What stops a command before its first run; everything of it is told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tierwright.compose import RunPlan, storage_file
from tierwright.core.config import RunConfig
from tierwright.core.errors import UsageError
from tierwright.core.steps import Action, Step
from tierwright.core.variables import Variables
from tierwright.page.place import is_relative

VariablesOf = Callable[[RunPlan], Variables]


def check_before(config: RunConfig, plans: Sequence[RunPlan], variables_of: VariablesOf) -> None:
    """Raises UsageError for secrets and storage files that are missing, for relative addresses without a base,
    and for one storage file to keep many runs in.
    """
    problems = [*_storage(config, plans)]
    for plan in plans:
        try:
            variables = variables_of(plan)
        except UsageError as error:
            problems.append(str(error))
        else:
            problems += [*_addresses(config, plan, variables), *_files(config, plan)]
    if problems:
        raise UsageError("\n".join(dict.fromkeys(problems)))


def _storage(config: RunConfig, plans: Sequence[RunPlan]) -> Iterator[str]:
    if config.save_storage and len(plans) != 1:
        yield f"--save-storage keeps one run's storage, and {len(plans)} would run: use --grep"


def _files(config: RunConfig, plan: RunPlan) -> Iterator[str]:
    file = storage_file(config, plan.test)
    if file and not file.is_file():
        yield f'{plan.test.file}:{plan.test.line}: the storage state of "{plan.test.name}" is not there: {file}'


def _addresses(config: RunConfig, plan: RunPlan, variables: Variables) -> Iterator[str]:
    if config.base_url or plan.test.base_url:
        return
    for step in plan.test.all_steps:
        if step.action is Action.NAVIGATE and _starts_nowhere(step, variables):
            at = step.origin
            yield (
                f'{at.file}:{at.line}:{at.column}: the address "{step.value}" is relative, and "{plan.test.name}" '
                "has no base_url: write it into the test, or give --base-url"
            )


def _starts_nowhere(step: Step, variables: Variables) -> bool:
    try:
        return is_relative(variables.expand(step.value or ""))
    except UsageError:
        return False  # an undefined variable ends its own run, and says so
