"""Dates as properties write them: ``2030-01-01``, ``2030-01-01T09:30:00Z``.

The documentation asks for UTC, marked by a ``Z``; ``at`` of a timer takes a local time too, of the timer's time zone.
Source: https://help.aliyun.com/document_detail/120869.html, https://help.aliyun.com/zh/oos/user-guide/acs-sleep
"""

import re
from datetime import UTC, datetime
from typing import Any

_DATE = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
_TIME = r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?"
_MOMENT = re.compile(rf"{_DATE}(?:[T ]{_TIME}(?P<z>Z)?)?", re.IGNORECASE)


class DateError(ValueError):
    """What isn't a date; the message says why."""


def moment(value: Any, *, local: bool = False) -> datetime:
    """The moment that a text names; a date alone is its first second, and fractions of seconds count for nothing.

    Args:
        value: ``YYYY-MM-DD`` or ``YYYY-MM-DDThh:mm:ssZ``, in any letter case.
        local: whether a time without ``Z`` will do; the result has no time zone then.

    Raises:
        DateError: when it is none, or no day or time of the calendar.
    """
    match = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise DateError(f"it is a date such as 2030-01-01 or 2030-01-01T09:30:00Z, not {value!r:.80}")
    has_time = match[4] is not None
    if has_time and not match["z"] and not local:
        raise DateError(f"a time is given in UTC and ends with Z, unlike {value!r:.80}")
    numbers = [int(match[group] or 0) for group in range(1, 7)]
    zone = None if local and not match["z"] else UTC
    try:
        return datetime(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], tzinfo=zone)
    except ValueError:
        raise DateError(f"no calendar and no clock has {value!r:.80}") from None
