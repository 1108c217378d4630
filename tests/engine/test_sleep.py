"""``ACS::Sleep``: for a while or until a date, by one timer."""

import asyncio
from typing import Any

import pytest

from tests.engine.recording import Recording
from tests.engine.running import Execution, run
from tests.oos.templates import template

HOUR, DAY = 3_600, 86_400


def sleeping(parameters: dict[str, Any] | None = None, **properties: Any) -> str:
    return template([{"Name": "rest", "Action": "ACS::Sleep", "Properties": properties}], Parameters=parameters or {})


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("PT1H2M", HOUR + 120),
        ("1S", 1),
        ("1M", 60),
        ("4m", 240),
        ("3s", 3),
        ("1H2M", HOUR + 120),
        ("P1D", DAY),
        ("P365D", 365 * DAY),
        (90, 90),
        ("{{ minutes }}M", 600),
        ("PT{{ minutes }}M", 600),
    ],
)
async def test_a_duration_is_one_timer(duration: Any, seconds: float) -> None:
    done = await run(sleeping({"minutes": {"Type": "Number", "Default": 10}}, Duration=duration))
    assert done.state.status == "Success"
    ((slept, summary),) = done.effects.sleeps
    assert slept == seconds
    assert summary.startswith("rest sleeps until 202")
    assert done.run_of("rest").message == ""


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("2026-01-31T08:00:30Z", 30),
        ("2026-02-01", 16 * HOUR),
        ("2027-01-31T08:00:00Z", 365 * DAY),
        ("2026-01-31T08:00:00Z", None),
        ("2020-01-01T00:00:00Z", None),
        ("1970-01-01", None),
    ],
)
async def test_a_date_that_has_passed_ends_it_at_once(date: str, seconds: float | None) -> None:
    done = await run(sleeping(EndDate=date))
    assert done.state.status == "Success"
    assert [slept for slept, _ in done.effects.sleeps] == ([] if seconds is None else [seconds])


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"Duration": "{{ p }}"}, "Duration: it is a duration such as"),
        ({"EndDate": "{{ p }}"}, "EndDate: it is a date such as"),
        ({"Duration": "{{ none }}"}, "one of Duration and EndDate is given"),
        ({"Duration": "{{ long }}"}, "Duration: a duration lasts from one second to a hundred years"),
        ({"EndDate": "9999-12-31"}, "EndDate: 9999-12-31 is more than a hundred years away"),
    ],
)
async def test_what_is_known_late_and_no_time_fails_the_task(properties: dict[str, Any], message: str) -> None:
    parameters = {"p": {"Default": "soon"}, "none": {"Default": ""}, "long": {"Default": "P40000D"}}
    done = await run(sleeping(parameters, **properties))
    assert (done.state.status, done.state.reason) == ("Failed", "InvalidProperty")
    assert message in done.state.message
    assert done.effects.sleeps == []


async def test_while_it_sleeps_the_record_says_until_when_and_a_cancel_ends_it() -> None:
    forever: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    going = Execution(sleeping(Duration="P1D"), Recording({"sleep": lambda _: forever})).start()
    await going.effects.wait_until(lambda: bool(going.effects.sleeps))
    (shown,) = going.record()["CurrentTasks"]
    assert shown["TaskName"] == "rest"
    assert going.run_of("rest").message == "sleeps until 2026-02-01T08:00:00Z"
    assert going.effects.reports, "people see it at once"
    assert going.task
    going.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going.task
    assert going.state.status == "Cancelled"


async def test_a_short_sleep_is_not_reported() -> None:
    long, short = [await run(sleeping(Duration=f"{seconds}s")) for seconds in (60, 59)]
    assert long.effects.reports > short.effects.reports
