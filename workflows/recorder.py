"""Keeping an execution's record in the store: written whenever it has changed, and a last time before anything ends.

People who decide a hundred items one by one would fill the history with records: so there is a second's pause between
two of them, unless the status changes.
"""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from activities import contracts
from caboose.engine.record import Hide, StoredTasks
from caboose.engine.state import ExecutionState

_REST = timedelta(seconds=1)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


class Recorder:
    """Writes the record of one execution, one write at a time.

    ``record`` makes it, with a growing revision; ``hide`` takes the values of secret parameters out of a text.
    """

    def __init__(self, state: ExecutionState, record: Callable[[int], dict[str, Any]], hide: Hide) -> None:
        self._state = state
        self._hide = hide
        self._record = record
        self._tasks = StoredTasks()
        self._unsaved = False
        self.revision = 0

    def report(self) -> None:
        """The record has changed."""
        self._unsaved = True

    async def keep(self) -> None:
        """Writes the record whenever it was reported changed, until the last one is written; changes during a write
        share the next one."""
        while True:
            await workflow.wait_condition(lambda: self._unsaved)
            self._unsaved = False
            self.revision += 1
            status, tasks = self._state.status, self._tasks.changed(self._state, self._hide)
            self._unsaved = self._tasks.left and bool(self._state.final_status)  # no later change would bring the rest
            try:
                await workflow.execute_activity(
                    contracts.RECORD,
                    contracts.RecordInput(self._record(self.revision), tasks),
                    start_to_close_timeout=timedelta(minutes=1),
                    schedule_to_close_timeout=timedelta(days=1),
                    retry_policy=RETRY,
                    summary=f"record: {self._state.status}",
                )
            except ActivityError:
                self._tasks.forget(tasks)
                workflow.logger.error("the record could not be written; the next change tries again")
            if self._state.final_status:
                if not self._unsaved:
                    return
                continue  # nobody waits a second for each part of what is left
            with contextlib.suppress(TimeoutError):
                await workflow.wait_condition(lambda: self._state.status != status, timeout=_REST)  # noqa: B023 - awaited here

    async def finish(self, keeping: "asyncio.Future[None]") -> None:
        """Nothing ends before its last record is written; a store that is away for a day is given up on.

        Args:
            keeping: the task that runs ``keep``.
        """
        self.report()
        cancelled = False
        while not keeping.done():
            try:
                await asyncio.shield(keeping)
            except asyncio.CancelledError:
                if cancelled or workflow.cancellation_reason() is None:
                    raise  # not a cancellation of the execution: the worker lets go of it
                cancelled = True
        keeping.result()
