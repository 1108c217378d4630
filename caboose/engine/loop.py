"""Loops: items run under rate control, exactly.

A number of runners take the next index until the batch, the items or the error budget are used up. After the (m+1)-th
error no runner takes another item; items that run finish. All counting happens in one place, between awaits, so
Concurrency, MaxErrors and batches are exact, and the progress can go on in another run of a workflow.

Road not taken: one asyncio task an item behind a semaphore. A thousand items would be a thousand waiting tasks, and
stopping means telling each of them.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Protocol

from caboose.engine.errors import EngineError, TaskFailed
from caboose.engine.progress import Begun
from caboose.engine.state import LoopCounters, TaskRun
from caboose.oos.rate_control import RateControl
from caboose.oos.values import compact_json

STOP = "stop"
"""Says in a CancelledError that a loop ends its other items, as distinct from whoever else cancels."""
MAX_AT_ONCE = 1_000
"""Items of one loop, those that wait included; a Concurrency above that is served at this limit, and the counters say
so (design section 2)."""


class Items(Protocol):
    """What a loop does with its items, and whom it asks."""

    async def turn(self) -> None:
        """Returns when one more item may begin."""

    async def run(self, index: int, batch: int) -> dict[str, Any] | None:
        """Runs an item and gives its outputs, None for one that was skipped. TaskFailed: it failed."""

    async def between_batches(self, finished: int, left: int) -> None:
        """Asks people before the next batch."""

    async def after_failures(self, message: str) -> bool:
        """Asks people about the failed items: True runs them again, False leaves them out.

        Raises:
            TaskFailed: nobody is asked; the loop has failed.
        """


@dataclass
class LoopRun:
    """One run of a loop. ``hand_over`` says that no more items are taken here: another run goes on."""

    run: TaskRun
    begun: Begun
    control: RateControl
    items: Items
    one_at_a_time: bool = False
    hand_over: Callable[[], bool] = lambda: False

    def __post_init__(self) -> None:
        """Says at once how far the loop is: whoever looks must not find a loop without numbers."""
        count, progress = len(self.begun.items), self.begun.progress
        concurrency, self._max_errors = self.control.limits(count)
        self._sizes = self.control.batches(count)
        self._counters = self.run.loop = LoopCounters(
            count,
            1 if self.one_at_a_time else min(concurrency, MAX_AT_ONCE),
            self._max_errors,
            success=progress.succeeded,
            failed=len(progress.failed),
            skipped=progress.skipped,
            batches=max(1, len(self._sizes)),
        )

    async def finish(self) -> bool:
        """Runs what is left of the loop; False when it handed over before the end.

        Raises:
            TaskFailed: ``LoopFailed``, when more items failed than are tolerated and nobody is asked.
        """
        progress = self.begun.progress
        for batch, end in enumerate(accumulate(self._sizes)):
            if progress.next > end or (progress.next == end and not self._open()):
                continue  # it is done
            if batch and progress.next == end - self._sizes[batch] and self._asks_before(batch):
                self._counters.batch = batch
                await self.items.between_batches(batch, len(self.begun.items) - progress.next)
                progress.paused = batch
            await self._batch(batch, end)
            left = progress.again or progress.next < end
            if left or (self.hand_over() and progress.next < len(self.begun.items)):
                return False
        return True

    def _open(self) -> bool:
        """Whether items of a batch that was taken whole are to be run again, or people to be asked about them."""
        return bool(self.begun.progress.again) or len(self.begun.progress.failed) > self._max_errors

    def _asks_before(self, batch: int) -> bool:
        return self.control.pauses_after(batch - 1) and self.begun.progress.paused < batch

    async def _batch(self, batch: int, end: int) -> None:
        """Runs items up to the index ``end``, the failed ones once more as often as people say so."""
        progress, counters = self.begun.progress, self._counters
        counters.batch = batch + 1
        size = self._sizes[batch]
        if self.control.batched and not self.one_at_a_time:
            wanted = self.control.concurrency_of(batch, size, len(self.begun.items))
            counters.concurrency = min(wanted, MAX_AT_ONCE)
        while True:
            waiting = len(progress.again) + max(0, end - progress.next)
            await _all(self._runner(batch, end) for _ in range(min(counters.concurrency, waiting)))
            if len(progress.failed) > self._max_errors:
                await self._ask()
            elif self.hand_over() or not (progress.again or progress.next < end):
                return

    async def _ask(self) -> None:
        """What becomes of the failed items."""
        if await self.items.after_failures(self._summary()):
            self.begun.progress.retry()
        else:
            self.begun.progress.skip()
        self._counters.skipped, self._counters.failed = self.begun.progress.skipped, 0

    async def _runner(self, batch: int, end: int) -> None:
        while self._takes(end):
            await self.items.turn()
            if not self._takes(end):
                return
            await self._item(self._take(), batch)

    def _takes(self, end: int) -> bool:
        progress = self.begun.progress
        left = progress.again or progress.next < end
        return bool(left) and len(progress.failed) <= self._max_errors and not self.hand_over()

    def _take(self) -> int:
        progress = self.begun.progress
        if progress.again:
            return progress.again.pop(0)
        progress.next += 1
        return progress.next - 1

    async def _item(self, index: int, batch: int) -> None:
        progress, counters, count = self.begun.progress, self._counters, len(self.begun.items)
        counters.running += 1
        over = False
        try:
            outputs = await self.items.run(index, batch + 1)
            if outputs is None:
                progress.skipped += 1
            else:
                progress.succeeded += 1
                progress.collect(index, count, outputs)
            over = True
        except TaskFailed as failure:
            over = True
            progress.collect(index, count, failure.outputs)
            progress.fail(index, f"{_shown(self.begun.items[index])}: {failure}")
        finally:
            counters.running -= 1
            counters.cancelled += not over
            counters.success, counters.skipped = progress.succeeded, progress.skipped
            counters.failed = len(progress.failed)

    def _summary(self) -> str:
        counters, progress = self._counters, self.begun.progress
        never, again = counters.total - progress.next, len(progress.again)
        text = f"{counters.failed} of {counters.total} items failed (MaxErrors {counters.max_errors})"
        if again:
            text += f", {again} that failed before were not tried again"
        if never:
            text += f", {never} never started"
        more = counters.failed - len(progress.messages)
        return f"{text}: {'; '.join(progress.messages)}" + (f"; and {more} more" if more > 0 else "")


async def _all(runners: Any) -> None:
    """Runs them together; when one ends by an exception, the others are cancelled and awaited before it goes on.

    Not so with a bug: what is done until it shows would stand in histories, and the release that mends it wouldn't do
    it. So it goes up at once, whatever still runs.
    """
    tasks = [asyncio.ensure_future(runner) for runner in runners]
    try:
        await asyncio.gather(*tasks)
    except (EngineError, asyncio.CancelledError):
        for task in tasks:
            task.cancel(STOP)
        await asyncio.gather(*(_end_of(task) for task in tasks))
        raise


async def _end_of(task: "asyncio.Future[None]") -> None:
    """Returns when it has ended, in whichever way a task does."""
    try:
        await task
    except (EngineError, asyncio.CancelledError):
        return


def _shown(item: Any) -> str:
    return f"{item if isinstance(item, str) else compact_json(item):.80}"
