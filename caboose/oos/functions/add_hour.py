"""``Fn::AddHour``."""

from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function
from caboose.oos.functions.reading import number
from caboose.oos.functions.times import shifted, utc_time
from caboose.oos.kinds import NUMBER, TEXT


def call(time: Any, hours: Any) -> str | None:
    """A UTC time so many hours later, or earlier where they are negative, as ``2026-01-31T08:00:00Z``.

    Hours may have a fraction, and may be a string of digits. The time may lack seconds, minutes or the
    hour, and a date may stand beside a time of day without anything between them. Null in, null out.

    Source: built-in functions (120677).
    """
    if time is None or hours is None:
        return None
    return shifted(utc_time("time", time), hours=number("hours", hours))


ADD_HOUR = Function(
    "Fn::AddHour",
    call,
    (Argument("time", TEXT), Argument("hours", NUMBER)),
    FIXED,
    result=TEXT,
    example=(["2026-01-31T08:00:00Z", -24], "2026-01-30T08:00:00Z"),
)
