"""Running a template's programs from workflow code: as activities, so that the result is in history.

jq can't run in workflow code: it holds the interpreter, can't be stopped, and whether it was stopped in time would
differ from replay to replay. The value goes to the worker's child processes, and what comes of it into history.

Results are read in one workflow task, and how large they are is known only when they are there. So few programs run at
once, and none begins in a workflow task in which enough was made.

Road not taken: local activities, which cost one event in place of six. When a query comes with the workflow task in
which one runs, its marker may be written in that task and its result be seen only in the next (SDK 1.35): what the
workflow did in between can't be replayed, and the execution is stuck for good once it leaves the worker's cache.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from activities import contracts
from caboose.oos.selectors import SelectorError
from caboose.oos.values import json_size
from workflows.pace import Pace, input_size

_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1))
"""For a worker that is lost, and a store that is away; a program that fails isn't tried again."""
_TIMEOUT = timedelta(seconds=30)
_AT_ONCE = 2


class Programs:
    """``selectors.Engine`` in workflow code. ``go_on`` raises when nothing new may begin."""

    def __init__(self, go_on: Callable[[], None], pace: Pace) -> None:
        self._go_on = go_on
        self._pace = pace
        self._few = asyncio.Semaphore(_AT_ONCE)

    async def run(self, program: str, value: Any) -> list[Any]:
        """All results of a program.

        Raises:
            SelectorError: as the worker's child process says.
        """
        request = contracts.EvaluateInput(program, value)
        async with self._few:
            await self._pace.breathe()
            result = await self._activity(contracts.EVALUATE, request, contracts.EvaluateResult)
            self._pace.worked(json_size(result.results))
        return list(result.results)

    async def matches(self, pattern: str, text: str) -> bool:
        """Whether a pattern matches the whole text.

        Raises:
            SelectorError: it takes too long.
        """
        return bool(await self._activity(contracts.MATCHES, contracts.MatchesInput(pattern, text), bool))

    async def _activity(self, name: str, request: Any, result_type: type) -> Any:
        self._go_on()
        try:
            async with self._pace.slot(input_size(request)):
                self._go_on()
                return await workflow.execute_activity(
                    name, request, result_type=result_type, start_to_close_timeout=_TIMEOUT, retry_policy=_RETRY
                )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise asyncio.CancelledError from None
            cause = error.cause
            message = cause.message if isinstance(cause, ApplicationError) else "it was not evaluated in time"
            raise SelectorError(message) from None
