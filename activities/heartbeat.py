"""Heartbeats while an activity is busy with one long call.

The server learns within the heartbeat time-out that a worker died in the middle of a call, instead of waiting for
the time-out of the whole activity. A thread of its own beats, because the activity's thread waits for the answer.
"""

import contextvars
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from temporalio import activity

_DEFAULT_INTERVAL = 3.0


@contextmanager
def heartbeats() -> Iterator[None]:
    """Beats three times per heartbeat time-out for as long as the block runs. Must be used inside an activity.

    The first beat comes after a third of the time-out, because the start of the activity counts as one: a call that is
    answered at once, as most are, sends none.
    """
    timeout = activity.info().heartbeat_timeout
    interval = timeout.total_seconds() / 3 if timeout else _DEFAULT_INTERVAL
    done = threading.Event()

    def beat() -> None:
        while not done.wait(interval):
            try:
                activity.heartbeat()
            except Exception:
                # the worker is shutting down: what becomes of the call matters more than this thread
                activity.logger.debug("no more heartbeats", exc_info=True)
                return

    thread = threading.Thread(target=contextvars.copy_context().run, args=(beat,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
