"""Times as functions read and write them: UTC, in a few spellings.

A time comes from a parameter, from an API or from ``{{ ACS::CurrentUTCTime }}``, and templates put a date and a time of
day together without anything between them. So this reads more than ``caboose.oos.times.dates``, which reads what a
person writes into a property. Nothing here asks a clock.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from caboose.oos.functions.declaration import FunctionError
from caboose.oos.functions.reading import unexpected

DAY = 24 * 3600
_DATE = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
_CLOCK = r"([0-9]{1,2})(?::([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?)?"
_ZONE = r"(?:Z|([+-])([0-9]{2}):?([0-9]{2}))?"
_TIME = re.compile(rf"{_DATE}(?:[T ]?{_CLOCK})?\s*{_ZONE}", re.IGNORECASE)
_TIME_OF_DAY = re.compile(r"T?([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?\s*Z?", re.IGNORECASE)


def utc_time(what: str, value: Any) -> datetime:
    """The time that a text says, aware and in UTC; a date alone is its first second.

    Args:
        what: the argument's name.
        value: ``2026-01-31T08:00:00Z``, shorter (``2026-01-31T08:00Z``, ``2026-01-31T08Z``, ``2026-01-31``), without
            what stands between date and time (``2026-01-3108:00``), or with an offset in place of the Z.

    Raises:
        FunctionError: when it is none, or no calendar has it.
    """
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise unexpected(what, "a UTC time such as 2026-01-31T08:00:00Z", value)
    year, month, day, hour, minute, second = (int(match[group] or 0) for group in range(1, 7))
    try:
        time = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        if match[7]:
            offset = timedelta(hours=int(match[8]), minutes=int(match[9]))
            time += offset if match[7] == "-" else -offset
    except (ValueError, OverflowError):
        raise unexpected(what, "a time that the calendar has", value) from None
    return time


def time_of_day(value: Any) -> int | None:
    """The second of the day that ``08:30`` or ``08:30:00`` says; None for what is no time of day. ``24:00`` is one."""
    match = _TIME_OF_DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    hour, minute, second = (int(match[group] or 0) for group in range(1, 4))
    seconds = hour * 3600 + minute * 60 + second
    return seconds if minute < 60 and second < 60 and seconds <= DAY else None


def shifted(time: datetime, hours: int | float = 0, seconds: int | float = 0) -> str:
    """The text of a time so many hours and seconds later, or earlier where they are negative.

    Raises:
        FunctionError: when no calendar has it.
    """
    try:
        return utc_text(time + timedelta(hours=hours, seconds=seconds))
    except OverflowError:
        raise FunctionError("the time would lie outside of the years 1 to 9999") from None


def utc_text(time: datetime) -> str:
    """``2026-01-31T08:00:00Z``: as OOS writes times, without fractions of seconds."""
    return time.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
