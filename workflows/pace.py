"""The pace at which activities are started: what a workflow task and the server can bear.

All commands of one workflow task travel in one message of at most 4 MB, and an execution with more than 2,000 pending
activities is stuck for ever. So at most 100 activities and 1 MB of inputs start in one workflow task, and at most 1,000
are pending; the others wait for the next one (design section 2).
"""

import asyncio
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
        self._pending = asyncio.Semaphore(MAX_PENDING)
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
            raise TaskFailed(
                "ValueTooLarge", f"the call's input has {size} bytes, at most {MAX_BYTES}; pass less data on"
            )
        async with self._pending:
            while not self._fits(size):
                full = self._task
                await workflow.wait_condition(lambda: _current_task() != full)  # noqa: B023 -- awaited at once
            self._starts += 1
            self._bytes += size
            yield

    def _fits(self, size: int) -> bool:
        if _current_task() != self._task:
            self._task, self._starts, self._bytes = _current_task(), 0, 0
        return self._starts < MAX_STARTS and (self._starts == 0 or self._bytes + size <= MAX_BYTES)


def _current_task() -> int:
    """A number that changes with every workflow task, and is the same when it is replayed."""
    return workflow.info().get_current_history_length()
