"""``Fn::AddSecond``."""

from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function
from caboose.oos.functions.reading import number
from caboose.oos.functions.times import shifted, utc_time
from caboose.oos.kinds import NUMBER, TEXT


def call(time: Any, seconds: Any) -> str | None:
    """A UTC time so many seconds later, or earlier where they are negative, as ``2026-01-31T08:00:00Z``.

    Seconds may be a string of digits, and a fraction of one counts for nothing in the result. The time may lack
    seconds, minutes or the hour, and a date may stand beside a time of day without anything between them. Null in, null
    out.

    Source: undocumented. Chosen as Fn::AddHour is, so that the result can be given to an API as a time.
    """
    if time is None or seconds is None:
        return None
    return shifted(utc_time("time", time), seconds=number("seconds", seconds))


ADD_SECOND = Function(
    "Fn::AddSecond",
    call,
    (Argument("time", TEXT), Argument("seconds", NUMBER)),
    FIXED,
    result=TEXT,
    example=(["2026-01-31T08:00:00Z", 180], "2026-01-31T08:03:00Z"),
    undocumented=True,
)
