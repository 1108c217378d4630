"""What runs beside a workflow's own work: a bug in it stops the workflow, as one in the work itself does.

The SDK fails a workflow task only for what the workflow's function raises. Something beside it that died of a bug would
leave the rest going on, and a history without what it should have done, which the release that mends the bug couldn't
replay: the execution would be stuck for good, and not until then.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from temporalio import workflow

Result = TypeVar("Result")


async def beside(others: "list[asyncio.Future[None]]", work: Coroutine[Any, Any, Result]) -> Result:
    """Does the work and gives its result; what one of the others raises meanwhile is raised at once.

    A cancellation is passed on to the work, which ends when it wants to.
    """
    working = asyncio.ensure_future(work)
    broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def look(ended: "asyncio.Future[None]") -> None:
        error = None if ended.cancelled() else ended.exception()
        if error and not broken.done():
            broken.set_exception(error)

    awaited: list[asyncio.Future[Any]] = [working, broken]
    for each in others:
        each.add_done_callback(look)
    while not working.done():
        try:
            await workflow.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            working.cancel()
            if workflow.cancellation_reason() is None:
                raise  # the worker lets go of the workflow
        if broken.done():
            broken.result()
    return working.result()
