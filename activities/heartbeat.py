"""Heartbeats while an activity is busy with one long call.

The server learns within the heartbeat time-out that a worker died in the middle of a call, instead of waiting for
the time-out of the whole activity. Another thread beats, because the activity's thread waits for the answer. It also
notices when the process stood still: then its own next beat comes too late.

One thread beats for all activities of the process. Road not taken: a thread for each, which is simpler and costs as
much time as half a call, when most calls are over before their first beat.
"""

import contextvars
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio import activity

from activities.attempt import Attempt, now

_TICK = 0.25


@contextmanager
def heartbeats() -> Iterator[Attempt]:
    """Beats three times per heartbeat time-out for as long as the block runs, and gives the attempt's clock.

    Must be used inside an activity. Without a heartbeat time-out nobody listens, and nothing beats. The first beat
    comes after a third of the time-out, because the start of the activity counts as one: a call that is answered at
    once, as most are, sends none.
    """
    attempt = _this_attempt()
    timeout = _seconds(activity.info().heartbeat_timeout)
    if timeout is None:
        yield attempt
        return
    context = contextvars.copy_context()

    def beat() -> None:
        context.run(activity.heartbeat)
        attempt.beaten(now())

    _beats.add(beat, timeout / 3)
    try:
        yield attempt
    finally:
        _beats.remove(beat)


class _Beats:
    """The thread that beats, and for whom. It looks often rather than being woken, which would cost every call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._due: dict[Callable[[], None], tuple[float, float]] = {}
        self._thread: threading.Thread | None = None

    def add(self, beat: Callable[[], None], interval: float) -> None:
        with self._lock:
            self._due[beat] = (time.monotonic() + interval, interval)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="heartbeats", daemon=True)
                self._thread.start()

    def remove(self, beat: Callable[[], None]) -> None:
        with self._lock:
            self._due.pop(beat, None)

    def _run(self) -> None:
        while True:
            time.sleep(_TICK)
            for beat in self._ripe(time.monotonic()):
                try:
                    beat()
                except Exception:
                    # the worker is shutting down: what becomes of the call matters more than its heartbeats
                    activity.logger.debug("no more heartbeats", exc_info=True)
                    self.remove(beat)

    def _ripe(self, at: float) -> list[Callable[[], None]]:
        with self._lock:
            ripe = [(beat, interval) for beat, (due, interval) in self._due.items() if due <= at]
            self._due.update({beat: (at + interval, interval) for beat, interval in ripe})
        return [beat for beat, _ in ripe]


_beats = _Beats()


def _this_attempt() -> Attempt:
    info = activity.info()
    return Attempt(
        now(),
        info.started_time.timestamp(),
        time_out=_seconds(info.start_to_close_timeout),
        heartbeat=_seconds(info.heartbeat_timeout),
        is_cancelled=activity.is_cancelled,
    )


def _seconds(span: timedelta | None) -> float | None:
    # the server writes "none" as zero
    return span.total_seconds() if span else None
