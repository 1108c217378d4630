"""When an attempt may have been given up, by clocks that stand still, jump and disagree."""

from activities.attempt import Attempt, Moment

ENTERED = Moment(steady=1_000, wall=50_000)


def made(*, started: float = 50_000, cancelled: bool = False, heartbeat: float | None = 10) -> Attempt:
    return Attempt(ENTERED, started, time_out=120, heartbeat=heartbeat, is_cancelled=lambda: cancelled)


def after(steady: float, wall: float | None = None) -> Moment:
    return Moment(ENTERED.steady + steady, ENTERED.wall + (steady if wall is None else wall))


def beating(attempt: Attempt, seconds: int) -> Attempt:
    for second in range(3, seconds + 1, 3):
        attempt.beaten(after(second))
    return attempt


def test_a_young_attempt_may_send() -> None:
    assert made().given_up(after(1), reserve=40) == ""
    assert beating(made(), 78).given_up(after(79), reserve=40) == ""
    assert made(heartbeat=None).given_up(after(79), reserve=40) == ""


def test_what_could_end_after_the_time_out_is_not_sent() -> None:
    assert "too late" in beating(made(), 81).given_up(after(81), reserve=40)
    assert "too late" in made(heartbeat=None).given_up(after(119), reserve=1)
    # the server's clock says that it began before it arrived here
    assert "too late" in beating(made(started=50_000 - 5), 78).given_up(after(78), reserve=40)


def test_seconds_that_are_left() -> None:
    assert made().left(after(20), reserve=40) == 60
    assert made().left(after(200), reserve=40) == 0
    endless = Attempt(ENTERED, 50_000, time_out=None, heartbeat=None, is_cancelled=lambda: False)
    assert endless.given_up(after(1e6), reserve=40) == ""


def test_a_process_that_stood_still_is_noticed_by_its_silence() -> None:
    attempt = beating(made(), 6)
    assert "paused for 24 seconds" in attempt.given_up(after(30), reserve=40)
    attempt.beaten(after(30))  # it goes on beating, and it stays too late
    assert "paused for 24 seconds" in attempt.given_up(after(31), reserve=40)


def test_a_machine_that_slept_is_noticed_by_its_wall_clock() -> None:
    assert "paused for 300 seconds" in made().given_up(after(0.1, wall=300), reserve=40)
    assert "too late" in made(heartbeat=None).given_up(after(0.1, wall=300), reserve=40)


def test_a_task_that_lay_in_the_socket_of_a_paused_process_is_too_late() -> None:
    reason = made(started=50_000 - 11).given_up(after(0), reserve=40)
    assert "11 seconds before it arrived" in reason
    assert "clock" in reason
    assert "too late" in made(started=50_000 - 100, heartbeat=None).given_up(after(0), reserve=40)


def test_a_clock_that_is_behind_the_servers_does_no_harm() -> None:
    attempt = made(started=50_000 + 600)
    assert attempt.given_up(after(1), reserve=40) == ""
    assert "too late" in beating(attempt, 81).given_up(after(81), reserve=40)


def test_a_cancelled_attempt_sends_nothing() -> None:
    assert "cancelled" in made(cancelled=True).given_up(after(0), reserve=40)
