"""Measuring: the median of several rounds, and the same in units of a loop of plain Python.

A time says little on another machine. Each run also times a fixed loop of plain Python; a result in its units
(``loops``) can be compared between machines, and between a quiet and a busy hour of one.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median

_ROUND = 0.05
_LOOP = 10_000


@dataclass(frozen=True)
class Result:
    """One line of the table: ``seconds`` is the median over the rounds, ``best`` the shortest."""

    name: str
    seconds: float
    best: float
    aim: float | None = None
    per_second: float | None = None


def reference_loop() -> int:
    """What every machine is measured by: additions, comparisons and a dictionary, some thousand times."""
    seen: dict[int, int] = {}
    total = 0
    for number in range(_LOOP):
        seen[number % 100] = total
        if number % 3:
            total += seen[number % 100] % 7 + number
    return total


async def timed(name: str, work: Callable[[], Awaitable[object]], rounds: int, aim: float | None = None) -> Result:
    """The time of one piece of work. What is short is repeated until a round is long enough to be measured.

    Args:
        name: what the work is.
        work: does it once.
        rounds: how many times to measure.
        aim: the seconds that it should take at most, for the table.
    """
    times, elapsed = 1, await _elapsed(work, 1)
    while elapsed < _ROUND and rounds > 1:
        times *= 2
        elapsed = await _elapsed(work, times)
    measured = [await _elapsed(work, times) / times for _ in range(rounds)]
    return Result(name, median(measured), min(measured), aim)


async def _elapsed(work: Callable[[], Awaitable[object]], times: int) -> float:
    begun = time.perf_counter()
    for _ in range(times):
        await work()
    return time.perf_counter() - begun
