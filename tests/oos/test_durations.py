"""Durations, in all spellings of OOS."""

from typing import Any

import pytest

from caboose.oos.times.durations import MAX_SECONDS, DurationError, seconds


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("PT1M", 60),
        ("PT10S", 10),
        ("pt1h2m", 3720),
        ("1H2M", 3720),
        ("4m", 240),
        ("5s", 5),
        (" 20S ", 20),
        ("1H2M3S", 3723),
        ("P1D", 86_400),
        ("1d", 86_400),
        ("P1DT2H", 93_600),
        ("1D2H", 93_600),
        ("P1DT1M", 86_460),
        ("P2W", 1_209_600),
        ("1.5h", 5_400),
        ("PT1,5H", 5_400),
        ("0M1S", 1),
        ("90", 90),
        ("1.5", 1.5),
        (90, 90),
        (1.5, 1.5),
        (1, 1),
        (MAX_SECONDS, MAX_SECONDS),
    ],
)
def test_a_duration_in_seconds(value: Any, expected: float) -> None:
    assert seconds(value) == expected
    assert isinstance(seconds(value), float)


@pytest.mark.parametrize(
    "value", ["", "PT", "P", "T", "soon", "H1", "1X", "1H1H", "2M1H", "1 H", "-5s", "1Y", "1H2", None, True, [], {}]
)
def test_no_duration(value: Any) -> None:
    with pytest.raises(DurationError, match="a duration such as"):
        seconds(value)


@pytest.mark.parametrize("value", ["0", 0, "0s", "0.5S", "PT0M", 0.25, -1, "9999999999H", 10**40, -(10**40)])
def test_too_short_and_too_long(value: Any) -> None:
    with pytest.raises(DurationError, match="from one second to a hundred years"):
        seconds(value)


@pytest.mark.parametrize("value", ["P1M", "p2m", "P1D1M"])
def test_a_month_or_a_minute(value: str) -> None:
    with pytest.raises(DurationError, match="a month to some"):
        seconds(value)
