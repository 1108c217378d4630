"""Schedules of a timer, checked: cron, rate and at. Computing the next time belongs to whoever runs timers.

A cron expression has six fields in the manner of Quartz (second, minute, hour, day of month, month, day of week), with
a ``?`` in exactly one of the two fields of days. Sunday is 1.
Source: https://help.aliyun.com/document_detail/169784.html, https://help.aliyun.com/document_detail/120869.html
"""

import re
from dataclasses import dataclass

from caboose.oos.times.dates import DateError, moment

CRON = "cron"
RATE = "rate"
AT = "at"
TYPES = (RATE, CRON, AT)

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_RATE = re.compile(r"\s*([0-9]{1,9})\s+(?:minute|hour|day)s?\s*", re.IGNORECASE)
_VALUE = r"[0-9]{1,2}|[A-Za-z]{3}"
_PART = re.compile(rf"(?:(?P<all>\*)|(?P<first>{_VALUE})(?:-(?P<last>{_VALUE}))?)(?:/(?P<step>[0-9]{{1,2}}))?")
_LAST_DAY = re.compile(r"L(?:-([0-9]{1,2}))?W?|([0-9]{1,2})W", re.IGNORECASE)
_WEEKDAY = re.compile(rf"(?P<day>{_VALUE})(?:L|#(?P<nth>[1-5]))|L", re.IGNORECASE)


class ScheduleError(ValueError):
    """An expression that names no schedule; the message says why."""


@dataclass(frozen=True)
class _Field:
    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()


_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 1, 7, _DAYS),
)
_DAY_OF_MONTH = _FIELDS[3]
_DAY_OF_WEEK = _FIELDS[5]


def check_schedule(type_name: str, expression: str) -> None:
    """Raises when the expression is none of its type.

    Args:
        type_name: ``cron``, ``rate`` or ``at``.
        expression: ``0 30 9 ? * MON-FRI``, ``30 minutes``, ``2030-01-01T09:30:00Z``.

    Raises:
        ScheduleError: says what is wrong, and where.
    """
    _CHECKS[type_name](expression)


def type_of(expression: str) -> str:
    """The type that an expression is of by its form; '' when it is none."""
    for type_name in TYPES:
        try:
            check_schedule(type_name, expression)
        except ScheduleError:
            continue
        return type_name
    return ""


def _check_rate(expression: str) -> None:
    match = _RATE.fullmatch(expression)
    if not match or not int(match[1]):
        raise ScheduleError(f"a rate is a number of minutes, hours or days, as in 30 minutes, not {expression!r:.80}")


def _check_at(expression: str) -> None:
    try:
        moment(expression, local=True)
    except DateError as error:
        raise ScheduleError(str(error)) from None


def _check_cron(expression: str) -> None:
    texts = expression.split()
    if len(texts) != len(_FIELDS):
        names = ", ".join(field.name for field in _FIELDS)
        raise ScheduleError(f"a cron expression has {len(_FIELDS)} fields ({names}), not {len(texts)}")
    if [texts[3], texts[5]].count("?") != 1:
        raise ScheduleError(f'one of day of month and day of week is "?", and only one, not as in {expression!r:.80}')
    for field, text in zip(_FIELDS, texts, strict=True):
        if text != "?" or field not in (_DAY_OF_MONTH, _DAY_OF_WEEK):
            for part in text.split(","):
                _check_part(field, part)


def _check_part(field: _Field, part: str) -> None:
    if field is _DAY_OF_MONTH and (match := _LAST_DAY.fullmatch(part)):
        if match[2] and not 1 <= int(match[2]) <= field.high:
            raise ScheduleError(f"there is no {field.name} {part!r}")
        return
    if field is _DAY_OF_WEEK and (match := _WEEKDAY.fullmatch(part)):
        if match["day"]:
            _number(field, match["day"])
        return
    match = _PART.fullmatch(part)
    if not match:
        raise ScheduleError(f"{part!r:.40} is no {field.name}")
    for text in (match["first"], match["last"]):  # a range may run over its end: FRI-MON, 22-2
        if text:
            _number(field, text)
    if match["step"] and not int(match["step"]):
        raise ScheduleError(f"a step of 0 in {part!r} of {field.name}")


def _number(field: _Field, text: str) -> int:
    if text.isdigit():
        number = int(text)
    elif text.upper() in field.words:
        number = field.words.index(text.upper()) + field.low
    else:
        raise ScheduleError(f"{text!r} is no {field.name}")
    if not field.low <= number <= field.high:
        raise ScheduleError(f"{field.name} is from {field.low} to {field.high}, not {text}")
    return number


_CHECKS = {CRON: _check_cron, RATE: _check_rate, AT: _check_at}
