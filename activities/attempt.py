"""Whether an attempt of an activity still counts: asked before something is sent that can't be taken back. Pure.

The server gives an attempt up after its time-out or when heartbeats stop, and the workflow goes on: the execution may
end, a person may decide to try again. What is sent after that touches a machine behind everybody's back. So time is
measured from the server's own start, by the steady clock and by the wall clock, because each misses some pauses: the
steady one stands still while a machine sleeps, and knows nothing of a task that lay in a paused process's socket.

A wall clock that is ahead of the server's by more than the heartbeat time-out looks the same as such a pause. Then
nothing is sent, and the refusal names the clock. Road not taken: learning the difference between the clocks from
earlier attempts. It can't tell the first pause from a wrong clock, and which of both it was is what matters.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

STALE_PART = 0.5
"""The part of the heartbeat time-out after which silence counts as a pause: the SDK holds beats back for 0.8 of it, so
that a shorter pause can already cost the attempt."""


@dataclass(frozen=True)
class Moment:
    """A moment by both clocks, in seconds."""

    steady: float
    wall: float


def now() -> Moment:
    """This moment."""
    return Moment(time.monotonic(), time.time())


def elapsed(since: Moment, until: Moment) -> float:
    """Seconds between two moments of this process, by the clock that saw more of them."""
    return max(until.steady - since.steady, until.wall - since.wall)


class Attempt:
    """One attempt. ``beaten`` is called by the thread that beats, everything else by the thread that works."""

    def __init__(
        self,
        entered: Moment,
        started: float,
        *,
        time_out: float | None,
        heartbeat: float | None,
        is_cancelled: Callable[[], bool],
    ) -> None:
        """``started`` is the server's wall clock at its start; ``time_out`` the seconds that the server gives it."""
        self._entered = entered
        self._lag = entered.wall - started
        self._time_out = time_out
        self._heartbeat = heartbeat
        self._is_cancelled = is_cancelled
        self._last_beat = entered
        self._longest_silence = 0.0

    def beaten(self, at: Moment) -> None:
        """A heartbeat was sent."""
        self._longest_silence = max(self._longest_silence, elapsed(self._last_beat, at))
        self._last_beat = at

    def age(self, at: Moment) -> float:
        """Seconds since the attempt began, for the server and here."""
        return elapsed(self._entered, at) + max(self._lag, 0.0)

    def left(self, at: Moment, reserve: float) -> float:
        """Seconds in which something may still be sent that takes ``reserve`` seconds."""
        return math.inf if self._time_out is None else max(self._time_out - reserve - self.age(at), 0.0)

    def given_up(self, at: Moment, reserve: float) -> str:
        """Why the server may have given this attempt up before ``reserve`` more seconds are over; '' when it hasn't."""
        if self._is_cancelled():
            return "it was cancelled, or the server has given this attempt up"
        if self._heartbeat is not None:
            if self._lag > self._heartbeat:
                return (
                    f"by this machine's clock the server started this attempt {self._lag:.0f} seconds before it "
                    "arrived here: the process was paused, or its clock is ahead of the server's"
                )
            silence = max(self._longest_silence, elapsed(self._last_beat, at))
            if silence > self._heartbeat * STALE_PART:
                return f"this process was paused for {silence:.0f} seconds, and the server may have given it up"
        if self.left(at, reserve) > 0:
            return ""
        return (
            f"too late: this attempt began {self.age(at):.0f} seconds ago and ends after {self._time_out:.0f}, "
            f"of which {reserve:.0f} are needed for the call itself"
        )
