"""The pace at which activities are started: what a workflow task and the server can bear.

All commands of one workflow task travel in one message of at most 4 MB, and an execution with more than 2,000 pending
activities is stuck for ever. So at most 100 activities and 1 MB of inputs start in one workflow task, and at most 1,000
are pending; the others queue, first come first served (design section 2).

Road not taken: each waiting call with a condition of its own. A thousand conditions, asked again at every event, cost
more than the calls.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import workflow

from caboose.engine.errors import TaskFailed

MAX_PENDING = 1_000
MAX_STARTS = 100
MAX_BYTES = 1_000_000


class Pace:
    """Counts what was started in the current workflow task and what is pending."""

    def __init__(self) -> None:
        self._queue: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._letting_in = False
        self._pending = 0
        self._task = 0
        self._starts = 0
        self._bytes = 0

    @asynccontextmanager
    async def slot(self, size: int) -> AsyncIterator[None]:
        """Held while an activity with an input of ``size`` bytes is pending.

        Raises:
            TaskFailed: ``ValueTooLarge``, for an input that can't be sent at all.
        """
        if size > MAX_BYTES:
            message = f"the call's input has {size} bytes, at most {MAX_BYTES}; pass less data on"
            raise TaskFailed("ValueTooLarge", message)
        await self._turn(size)
        try:
            yield
        finally:
            self._pending -= 1

    async def _turn(self, size: int) -> None:
        """Returns when the call may start, and has counted it."""
        if not self._queue and self._fits(size):
            self._count(size)
            return
        turn = asyncio.get_running_loop().create_future()
        self._queue.append((size, turn))
        if not self._letting_in:
            self._letting_in = True
            self._keeper = asyncio.ensure_future(self._let_in())
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pending -= 1  # it had its turn already, and won't use it
            raise

    async def _let_in(self) -> None:
        """Gives turns in order for as long as anybody waits: one condition for all of them."""
        try:
            while self._queue:
                await workflow.wait_condition(lambda: not self._queue or self._fits(self._queue[0][0]))
                while self._queue and self._fits(self._queue[0][0]):
                    size, turn = self._queue.popleft()
                    if not turn.done():
                        self._count(size)
                        turn.set_result(None)
        finally:
            self._letting_in = False

    def _count(self, size: int) -> None:
        self._pending += 1
        self._starts += 1
        self._bytes += size

    def _fits(self, size: int) -> bool:
        if _current_task() != self._task:
            self._task, self._starts, self._bytes = _current_task(), 0, 0
        if self._pending >= MAX_PENDING or self._starts >= MAX_STARTS:
            return False
        return self._starts == 0 or self._bytes + size <= MAX_BYTES


def _current_task() -> int:
    """A number that changes with every workflow task, and is the same when it is replayed."""
    return workflow.info().get_current_history_length()
