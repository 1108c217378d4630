"""Loops: items run under rate control, exactly.

A number of runners take the next index until the items or the error budget are used up. After the (m+1)-th error no
runner takes another item; items that run finish. All counting happens in one place, between awaits, so Concurrency and
MaxErrors are exact.

Road not taken: one asyncio task an item behind a semaphore. A thousand items would be a thousand waiting tasks, and
stopping means telling each of them.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from caboose.engine.errors import TaskFailed
from caboose.engine.state import LoopCounters, TaskRun
from caboose.oos.rate_control import RateControl
from caboose.oos.values import compact_json

RunItem = Callable[[int], Awaitable[dict[str, Any] | None]]
Turn = Callable[[], Awaitable[None]]
STOP = "stop"
"""Says in a CancelledError that a loop ends its other items, as distinct from whoever else cancels."""
_SHOWN_ERRORS = 3


async def run_loop(
    run: TaskRun, items: list[Any], control: RateControl, run_item: RunItem, turn: Turn
) -> list[dict[str, Any] | None]:
    """Runs every item and gives the result of each, in order of the items; None for those that failed or were skipped.

    Args:
        run: the loop's task execution; its counters are kept up to date.
        items: the loop's items.
        control: how many at once, how many may fail.
        run_item: runs the item of an index; gives None for one that was skipped.
        turn: returns when one more item may begin. An item is taken only then: one that waited for its turn hasn't
            started, and doesn't start when the error budget is spent meanwhile.

    Raises:
        TaskFailed: ``LoopFailed``, when more items failed than are tolerated.
    """
    concurrency, max_errors = control.limits(len(items))
    counters = run.loop = LoopCounters(len(items), concurrency, max_errors)
    results: list[dict[str, Any] | None] = [None] * len(items)
    failures: list[str] = []
    left = deque(range(len(items)))

    async def runner() -> None:
        while left and counters.failed <= max_errors:
            await turn()
            if not left or counters.failed > max_errors:
                return
            index = left.popleft()
            counters.running += 1
            try:
                result = results[index] = await run_item(index)
                if result is None:
                    counters.skipped += 1
                else:
                    counters.success += 1
            except TaskFailed as failure:
                counters.failed += 1
                failures.append(f"{_shown(items[index])}: {failure}")
            finally:
                counters.running -= 1

    await _all(runner() for _ in range(min(concurrency, len(items))))
    if counters.failed > max_errors:
        raise TaskFailed("LoopFailed", _summary(counters, failures))
    return results


async def _all(runners: Any) -> None:
    """Runs them together; when one ends by an exception, the others are cancelled and awaited before it goes on."""
    tasks = [asyncio.ensure_future(runner) for runner in runners]
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel(STOP)
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def _summary(counters: LoopCounters, failures: list[str]) -> str:
    never = counters.total - counters.success - counters.failed - counters.skipped
    text = f"{counters.failed} of {counters.total} items failed (MaxErrors {counters.max_errors})"
    if never:
        text += f", {never} never started"
    shown = "; ".join(failures[:_SHOWN_ERRORS])
    more = len(failures) - _SHOWN_ERRORS
    return f"{text}: {shown}" + (f"; and {more} more" if more > 0 else "")


def _shown(item: Any) -> str:
    return f"{item if isinstance(item, str) else compact_json(item):.80}"
