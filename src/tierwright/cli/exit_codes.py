"""What a run's result means to the shell: the first of 130, 2, 3, 1, 4 that applies, else 0."""

from __future__ import annotations

from tierwright.core.results import RunStatus, SuiteResult
from tierwright.core.settings import HealPolicy

PASSED = 0
FAILED = 1
USAGE = 2
MACHINERY = 3
HEALS_REFUSED = 4
INTERRUPTED = 130


def exit_code(
    result: SuiteResult,
    policy: HealPolicy,
    max_heals: int | None,
    interrupted: bool,
    *,
    machinery_failed: bool = False,
) -> int:
    """The exit code of a run that began. 2 is not among them: a wrong command or file ends before any run.

    `machinery_failed`: something broke that is in no run's status, such as a report that could not be written.
    """
    if interrupted:
        return INTERRUPTED
    if machinery_failed or result.count(RunStatus.ERROR):
        return MACHINERY
    heals = _heals(result)
    # A run that was cancelled did not happen, and nothing that did not happen is green (H-4).
    if not all(run.status.green for run in result.runs) or (max_heals is not None and heals > max_heals):
        return FAILED
    return HEALS_REFUSED if heals and policy is HealPolicy.FAIL else PASSED


def heals_verdict(result: SuiteResult, code: int, max_heals: int | None) -> str:
    """Why heals alone made this exit code, which no run's line shows; empty when they did not."""
    heals = _heals(result)
    healed = f"{heals} {'step was' if heals == 1 else 'steps were'} healed"
    if code == HEALS_REFUSED:
        return f"exit {code}: {healed}, and the heal policy is fail"
    if code == FAILED and max_heals is not None and heals > max_heals:
        return f"exit {code}: {healed}, and --max-heals allows {max_heals}"
    return ""


def _heals(result: SuiteResult) -> int:
    return sum(len(run.healed_steps) for run in result.runs)
