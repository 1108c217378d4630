"""Schedules of timers."""

import pytest

from caboose.oos.times.schedules import ScheduleError, check_schedule, type_of


@pytest.mark.parametrize(
    "expression",
    [
        "0 * * ? * *",
        "0 0 12 ? * *",
        "0 0 12 * * ?",
        "0 15/30 * ? * *",
        "0 */5 * ? * *",
        "0 30 9 ? * MON-FRI",
        "0 30 9 ? * mon,wed,fri",
        "0 0 22-2 ? * FRI-MON",
        "0 0 0,12 1-15/2 JAN-MAR,12 ?",
        "0 0 0 L * ?",
        "0 0 0 L-3 * ?",
        "0 0 0 LW * ?",
        "0 0 0 15W * ?",
        "0 0 0 ? * 6#3",
        "0 0 0 ? * FRIL",
        "0 0 0 ? * L",
        "  0   0  0 ? *  1 ",
    ],
)
def test_cron(expression: str) -> None:
    check_schedule("cron", expression)
    assert type_of(expression) == "cron"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("* * * * *", "has 6 fields"),
        ("0 0 0 ? * * 2030", "has 6 fields"),
        ("", "has 6 fields"),
        ("0 0 0 * * *", "and only one"),
        ("0 0 0 ? * ?", "and only one"),
        ("60 0 0 ? * *", "second is from 0 to 59, not 60"),
        ("0 0 24 ? * *", "hour is from 0 to 23"),
        ("0 0 0 0 * ?", "day of month is from 1 to 31"),
        ("0 0 0 32W * ?", "no day of month '32W'"),
        ("0 0 0 ? 13 *", "month is from 1 to 12"),
        ("0 0 0 ? JAM *", "'JAM' is no month"),
        ("0 0 0 ? * 0", "day of week is from 1 to 7"),
        ("0 0 0 ? * 8L", "day of week is from 1 to 7"),
        ("0 0 0 ? * MON#6", "'MON#6' is no day of week"),
        ("0 */0 * ? * *", "a step of 0"),
        ("0 1--2 * ? * *", "'1--2' is no minute"),
        ("0 1,, * ? * *", "'' is no minute"),
        ("0 ? * ? * *", "'?' is no minute"),
        ("MON 0 * ? * *", "'MON' is no second"),
    ],
)
def test_no_cron(expression: str, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        check_schedule("cron", expression)
    assert message in str(caught.value)


@pytest.mark.parametrize("expression", ["5 minute", "30 minutes", "1 hour", "12 Hours", " 1  DAY ", "7 days"])
def test_rate(expression: str) -> None:
    check_schedule("rate", expression)
    assert type_of(expression) == "rate"


@pytest.mark.parametrize(
    "expression", ["minutes", "0 minutes", "-5 minutes", "5 seconds", "5", "1.5 hours", "5minutes"]
)
def test_no_rate(expression: str) -> None:
    with pytest.raises(ScheduleError, match="a rate is"):
        check_schedule("rate", expression)


@pytest.mark.parametrize("expression", ["2030-01-01T09:30:00Z", "2030-01-01 09:30:00", "2030-01-01"])
def test_at(expression: str) -> None:
    check_schedule("at", expression)
    assert type_of(expression) == "at"


def test_no_at() -> None:
    with pytest.raises(ScheduleError, match="a date such as"):
        check_schedule("at", "noon")
    assert type_of("noon") == ""
