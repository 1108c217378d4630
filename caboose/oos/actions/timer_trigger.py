"""``ACS::TimerTrigger``."""

import re

from caboose.oos.actions.declaration import TRIGGER, Action, Property
from caboose.oos.actions.given import Given
from caboose.oos.actions.kinds import DATE, TEXT
from caboose.oos.times.schedules import TYPES, ScheduleError, check_schedule, type_of

_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
"""The form of an IANA name; whether it exists only whoever has the time zones can tell."""


def _check(given: Given) -> None:
    type_name, expression = given.literal("Type"), given.literal("Expression")
    if type_name in TYPES and isinstance(expression, str):
        _check_expression(given, type_name, expression)
    zone = given.literal("TimeZone")
    if isinstance(zone, str) and not _ZONE.fullmatch(zone):
        message = f"TimeZone is the name of a time zone, such as Asia/Shanghai, not {zone!r:.80}"
        given.error("InvalidProperty", message, "TimeZone")


def _check_expression(given: Given, type_name: str, expression: str) -> None:
    """An expression of another type than it says runs in OOS (its documentation has such an example)."""
    try:
        check_schedule(type_name, expression)
    except ScheduleError as error:
        actual = type_of(expression)
        if actual:
            given.warning("ScheduleType", f"this is a schedule of type {actual}, not {type_name}", "Expression")
        else:
            given.error("InvalidProperty", f"Expression: {error}", "Expression")


TIMER_TRIGGER = Action(
    name="ACS::TimerTrigger",
    kind=TRIGGER,
    summary="Runs the rest of the template again and again, by a schedule.",
    source="https://help.aliyun.com/document_detail/120869.html",
    properties={
        "Type": Property(TEXT, required=True, values=TYPES, description="What Expression is."),
        "Expression": Property(
            TEXT, required=True, description="0 30 9 ? * MON-FRI (cron), 30 minutes (rate), 2030-01-01T09:30:00Z (at)."
        ),
        "TimeZone": Property(TEXT, description="The time zone of cron and at.", default="UTC"),
        "StartDate": Property(DATE, description="From when on; else from the start of the execution."),
        "EndDate": Property(DATE, required=True, description="Until when."),
    },
    first_only=True,
    check=_check,
)
