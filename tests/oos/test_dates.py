"""Dates of properties."""

from datetime import UTC, datetime
from typing import Any

import pytest

from caboose.oos.times.dates import DateError, moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2030-01-02", datetime(2030, 1, 2, tzinfo=UTC)),
        ("2030-01-02T03:04:05Z", datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (" 2030-01-02t03:04:05z ", datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2030-01-02T03:04:05.999Z", datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2030-01-02 03:04Z", datetime(2030, 1, 2, 3, 4, tzinfo=UTC)),
        ("2028-02-29", datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_a_moment(text: str, expected: datetime) -> None:
    assert moment(text) == expected
    assert moment(text, local=True).replace(tzinfo=UTC) == expected


def test_a_local_time() -> None:
    assert moment("2030-01-02T03:04:05", local=True) == datetime(2030, 1, 2, 3, 4, 5)  # noqa: DTZ001 -- it has none
    with pytest.raises(DateError, match="ends with Z"):
        moment("2030-01-02T03:04:05")


@pytest.mark.parametrize("value", ["", "soon", "2030-1-2", "2030-01-02T03Z", "2030-01-02T03:04:05+08:00", 2030, None])
def test_no_date(value: Any) -> None:
    with pytest.raises(DateError, match="a date such as"):
        moment(value)


@pytest.mark.parametrize("value", ["2030-02-30", "0000-01-01", "2030-13-01", "2030-01-01T24:00:00Z"])
def test_no_day_of_the_calendar(value: str) -> None:
    with pytest.raises(DateError, match="no calendar"):
        moment(value)
