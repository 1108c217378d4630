"""``Fn::DurationBetween``."""

from typing import Any

from caboose.oos.functions.declaration import FIXED, Argument, Function, FunctionError
from caboose.oos.functions.reading import shown, unexpected
from caboose.oos.functions.times import DAY, time_of_day, utc_time
from caboose.oos.kinds import TEXT


def call(start: Any, end: Any) -> str | None:
    """The time from the start to the end, in seconds as ``PT3600S``; null in, null out.

    Both are times of day (``08:30``, ``08:30:00Z``), and then the end is the next one after the start: past midnight
    where it is smaller, a day later where it is equal. Or both are UTC times, and the end isn't before the start.

    Source: built-in functions (120677), which names the function only. Chosen so that ACS::Sleep takes the result as
    its Duration, and a machine that stops every evening starts again the next morning.
    """
    if start is None or end is None:
        return None
    from_second, to_second = time_of_day(start), time_of_day(end)
    if from_second is not None and to_second is not None:
        return f"PT{(to_second - from_second - 1) % DAY + 1}S"
    if (from_second is None) != (to_second is None):
        raise FunctionError(f"expected two times of day or two UTC times, got {shown(start)} and {shown(end)}")
    between = utc_time("end", end) - utc_time("start", start)
    seconds = between.days * DAY + between.seconds
    if seconds < 0:
        raise unexpected("end", f"a time that isn't before the start {shown(start)}", end)
    return f"PT{seconds}S"


DURATION_BETWEEN = Function(
    "Fn::DurationBetween",
    call,
    (Argument("start", TEXT), Argument("end", TEXT)),
    FIXED,
    result=TEXT,
    example=(["22:00:00Z", "06:30:00Z"], "PT30600S"),
)
