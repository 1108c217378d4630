"""``ACS::Sleep``."""

from caboose.oos.actions.declaration import CONTROL, Action, Property
from caboose.oos.actions.given import Given
from caboose.oos.actions.kinds import DATE, DURATION


def _check(given: Given) -> None:
    if "Duration" in given and "EndDate" in given:
        message = "Duration and EndDate are both given, and only one of them can be meant"
        given.error("InvalidProperty", message, "EndDate", "Take one of them out.")
    elif "Duration" not in given and "EndDate" not in given:
        given.error("MissingProperty", "ACS::Sleep needs Duration or EndDate")


SLEEP = Action(
    name="ACS::Sleep",
    kind=CONTROL,
    summary="Waits for a while, or until a date.",
    source="https://help.aliyun.com/zh/oos/user-guide/acs-sleep",
    properties={
        "Duration": Property(DURATION, description="How long, as in PT1H30M, 90M or 20s; at least a second."),
        "EndDate": Property(DATE, description="Until when, in UTC: 2030-01-01T09:30:00Z."),
    },
    runs_here=True,
    check=_check,
)
