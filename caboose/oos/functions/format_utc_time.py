"""``Fn::FormatUTCTime``."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function
from caboose.oos.functions.reading import text, unexpected
from caboose.oos.functions.substitution import substitute
from caboose.oos.functions.times import utc_time
from caboose.oos.kinds import TEXT

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July",
           "August", "September", "October", "November", "December")  # fmt: skip
_DIRECTIVES: dict[str, Callable[[datetime], str]] = {
    "Y": lambda time: f"{time.year:04}",
    "y": lambda time: f"{time.year % 100:02}",
    "m": lambda time: f"{time.month:02}",
    "d": lambda time: f"{time.day:02}",
    "j": lambda time: f"{time.timetuple().tm_yday:03}",
    "H": lambda time: f"{time.hour:02}",
    "I": lambda time: f"{(time.hour - 1) % 12 + 1:02}",
    "M": lambda time: f"{time.minute:02}",
    "S": lambda time: f"{time.second:02}",
    "f": lambda time: f"{time.microsecond:06}",
    "p": lambda time: "AM" if time.hour < 12 else "PM",
    "A": lambda time: _DAYS[time.weekday()],
    "a": lambda time: _DAYS[time.weekday()][:3],
    "B": lambda time: _MONTHS[time.month - 1],
    "b": lambda time: _MONTHS[time.month - 1][:3],
    "u": lambda time: str(time.isoweekday()),
    "w": lambda time: str(time.isoweekday() % 7),
    "F": lambda time: f"{time.year:04}-{time.month:02}-{time.day:02}",
    "T": lambda time: f"{time.hour:02}:{time.minute:02}:{time.second:02}",
    "s": lambda time: str(int(time.timestamp())),
    "Z": lambda _: "UTC",
    "z": lambda _: "+0000",
    "%": lambda _: "%",
}
"""Each directive by itself: what ``strftime`` gives depends on the system and its language."""
_DIRECTIVE = re.compile("%(.?)", re.DOTALL)


def call(time: Any, format: Any) -> str | None:
    """A UTC time in another format, such as ``%Y-%m-%dT%H:%MZ`` or ``%Y%m%d``; null stays null.

    The directives are those of ``strftime`` that say the same in every language: Y y m d j H I M S f p A a B b u w F T
    s Z z and %%. The time is read as by Fn::AddHour.

    Source: built-in functions (120677); formats as in public templates.
    """
    if time is None:
        return None
    moment = utc_time("time", time)

    def value_of(match: re.Match[str]) -> str:
        directive = _DIRECTIVES.get(match[1])
        if directive is None:
            raise unexpected("format", f"% before one of {' '.join(_DIRECTIVES)}", match[0])
        return directive(moment)

    return substitute(_DIRECTIVE, text("format", format), value_of)


FORMAT_UTC_TIME = Function(
    "Fn::FormatUTCTime",
    call,
    (Argument("time", TEXT), Argument("format", TEXT)),
    FIXED,
    result=TEXT,
    example=(["2026-01-31T08:00:00Z", "%Y-%m-%dT%H:%MZ"], "2026-01-31T08:00Z"),
)
