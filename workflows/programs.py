"""Running a template's programs from workflow code: as local activities, so that the result is in history.

jq can't run in workflow code: it holds the interpreter, can't be stopped, and whether it was stopped in time would
differ from replay to replay. A local activity costs one event and some two milliseconds; the value goes to the worker's
child processes and only what comes of it into history.

Results are read in one workflow task, and how large they are is known only when they are there. So few programs run at
once, and none begins in a workflow task in which enough was made.
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
from workflows.answers import inline
from workflows.pace import Pace

_TRIES = 5
_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_attempts=_TRIES)
"""For a worker whose child processes can't be started just now; a program that fails isn't tried again."""
_TIMEOUT = timedelta(seconds=30)
_AT_ONCE = 2


class LocalPrograms:
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
            result = await self._local(contracts.EVALUATE, request, contracts.EvaluateResult)
            self._pace.worked(json_size(result.results))
        return list(result.results)

    async def matches(self, pattern: str, text: str) -> bool:
        """Whether a pattern matches the whole text.

        Raises:
            SelectorError: it takes too long.
        """
        return bool(await self._local(contracts.MATCHES, contracts.MatchesInput(pattern, text), bool))

    async def _local(self, name: str, request: Any, result_type: type) -> Any:
        self._go_on()
        try:
            return await workflow.execute_local_activity(
                name, inline(request), result_type=result_type, start_to_close_timeout=_TIMEOUT, retry_policy=_RETRY
            )
        except (ActivityError, ApplicationError) as error:  # a local activity's own failure comes unwrapped
            if is_cancelled_exception(error):
                raise asyncio.CancelledError from None
            cause = error if isinstance(error, ApplicationError) else error.cause
            message = cause.message if isinstance(cause, ApplicationError) else "it was not evaluated in time"
            raise SelectorError(message) from None
