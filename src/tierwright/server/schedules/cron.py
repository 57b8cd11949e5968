"""When a cron expression comes round, in a time zone with its summer time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from tierwright.core.errors import UsageError
from tierwright.server.problems import Problem, invalid

HOW = "write minute, hour, day of month, month and day of week, such as 30 6 * * MON-FRI"


def upcoming(cron: str, time_zone: str, after: datetime, count: int) -> tuple[datetime, ...]:
    """The next moments after this one, in UTC; fewer where there are no more. It reads files: not for the event loop.

    A time that summer time leaves out comes at the change; one that it brings twice comes once, as cron does it.
    Raises UsageError for an expression or a time zone that this machine does not know.
    """
    try:
        zone = ZoneInfo(time_zone)
        return tuple(islice(_moments(cron, zone, after), count))
    except CronSimError as error:
        raise UsageError(f"{str(error).lower()}: {HOW}") from None
    except (ValueError, KeyError, OSError):
        raise UsageError(f"there is no time zone {time_zone}") from None


def _moments(cron: str, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    for local in CronSim(cron, after.astimezone(zone)):
        moment = local.astimezone(UTC)
        if moment > after:
            yield moment


def check_times(cron: str, time_zone: str, now: datetime) -> datetime:
    """The first moment. Raises Problem (422) for what no cron, no time zone, or never is. It reads files."""
    zone_fault = _zone_fault(time_zone)
    if zone_fault is not None:
        raise zone_fault
    if len(cron.split()) != 5:
        raise invalid("body.cron", f"a schedule has five fields: {HOW}")
    try:
        first = upcoming(cron, time_zone, now, 1)
    except UsageError as error:
        raise invalid("body.cron", str(error)) from None
    if not first:
        raise invalid("body.cron", "this moment never comes")
    return first[0]


def _zone_fault(time_zone: str) -> Problem | None:
    try:
        ZoneInfo(time_zone)
    except (ValueError, KeyError, OSError):
        near = get_close_matches(time_zone, available_timezones(), 1, 0.5)
        hint = f"; did you mean {near[0]}?" if near else ", such as Europe/Berlin or UTC"
        return invalid("body.time_zone", f"there is no time zone of this name{hint}")
    return None
