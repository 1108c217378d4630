"""``kill -9`` at random moments: of the worker, now and then of the API with it, while executions run.

A moment is so many calls of the cloud after the last kill, and a part of a second; or right after the worker is back,
while it still reads what it has forgotten. The same seed gives the same moments, as far as processes have such.
"""

import threading
import time
from dataclasses import dataclass
from random import Random
from types import TracebackType
from typing import Self

from tests.support.stack import Stack

_PATIENCE = 20.0
"""Seconds without a call, after which it is a moment like any other: all that is left waits for somebody."""
_LOOK = 0.02


@dataclass(frozen=True)
class Moment:
    """When a kill comes: after so many calls and then so many seconds; ``away`` is how long nobody works then, ``api``
    whether the API dies too."""

    calls: int
    seconds: float
    away: float
    api: bool


def moments(random: Random, kills: int, calls: int) -> list[Moment]:
    """The moments of a run in which at least so many calls are made."""
    chosen: list[Moment] = []
    before = 0
    for at in sorted(random.sample(range(1, calls), kills)):
        soon = bool(chosen) and random.random() < 0.3
        wait = random.uniform(0, 2) if soon else random.uniform(0, 0.3)
        chosen.append(Moment(0 if soon else at - before, wait, random.uniform(0, 1), random.random() < 0.2))
        before = at
    return chosen


class Killer:
    """Kills while the block runs; at its end all kills have to be done, and whoever was killed is back."""

    def __init__(self, stack: Stack, planned: list[Moment]) -> None:
        self._stack = stack
        self._planned = planned
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="killer")
        self._failure: BaseException | None = None
        self.kills = 0
        self.api_kills = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        if kind is None and self._failure:
            raise self._failure
        assert kind or self.kills == len(self._planned), f"it was over after {self.kills} kills"

    def _run(self) -> None:
        try:
            for moment in self._planned:
                if not self._comes(moment):
                    return
                self._kill(moment)
        except BaseException as failure:  # told by the thread of the test
            self._failure = failure

    def _comes(self, moment: Moment) -> bool:
        """Waits for the moment; False when the executions were over before it."""
        first = seen = self._calls(0)
        deadline = time.monotonic() + _PATIENCE
        while seen - first < moment.calls and time.monotonic() < deadline:
            if self._over.wait(_LOOK):
                return False
            more = self._calls(seen)
            if more > seen:
                seen, deadline = more, time.monotonic() + _PATIENCE
        return not self._over.wait(moment.seconds)

    def _calls(self, after: int) -> int:
        return after + len(self._stack.simulator.calls(after=after))

    def _kill(self, moment: Moment) -> None:
        self._stack.worker.kill()
        self.kills += 1
        if moment.api:
            self._stack.api.kill()
            self.api_kills += 1
        time.sleep(moment.away)
        if moment.api:
            self._stack.api.start()
        self._stack.worker.start()
