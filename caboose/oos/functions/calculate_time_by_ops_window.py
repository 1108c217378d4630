"""``Fn::CalculateTimeByOpsWindow``."""

from typing import Any

from caboose.oos.functions.calling import spread
from caboose.oos.functions.declaration import FIXED, Argument, Evaluating, Function
from caboose.oos.functions.reading import unexpected
from caboose.oos.functions.times import DAY, shifted, time_of_day, utc_text
from caboose.oos.kinds import TEXT


async def call(evaluator: Evaluating, argument: Any) -> str:
    """The next time that lies in a daily window: the execution's time when it does, else the window's next start.

    The window is two times of day (``22:00``, ``02:00``) in UTC. It goes past midnight where its end is smaller than
    its start, and is the whole day where they are equal; the end itself is outside.

    Source: built-in functions (120677), which names the function only; its arguments as in older public templates.
    """
    start, end = spread(CALCULATE_TIME_BY_OPS_WINDOW, argument, await evaluator.evaluate(argument))
    opens, closes = _second("start", start), _second("end", end)
    now = evaluator.now()
    second = now.hour * 3600 + now.minute * 60 + now.second
    since = (second - opens) % DAY
    if since < ((closes - opens) % DAY or DAY):
        return utc_text(now)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return shifted(midnight, seconds=opens + (0 if second < opens else DAY))


def _second(what: str, value: Any) -> int:
    found = time_of_day(value)
    if found is None:
        raise unexpected(what, "a time of day such as 22:00", value)
    return found % DAY


CALCULATE_TIME_BY_OPS_WINDOW = Function(
    "Fn::CalculateTimeByOpsWindow",
    call,
    (Argument("start", TEXT), Argument("end", TEXT)),
    FIXED,
    result=TEXT,
    example=(["22:00", "02:00"], "2026-01-31T22:00:00Z"),
    lazy=True,
)
