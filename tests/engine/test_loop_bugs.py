"""Bugs in a loop: they go up at once, because an execution stops at them until a release mends them."""

import asyncio
from typing import Any

import pytest

from caboose.engine.errors import Rejected
from tests.engine.recording import Recording
from tests.engine.running import Execution, run
from tests.engine.test_loop import called, looped


async def test_a_bug_goes_up_at_once_whatever_is_in_flight() -> None:
    """What would be done first stood in histories, and the release that mends it wouldn't do it."""
    never: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def answer(call: Any) -> Any:
        if call.parameters["InstanceId"] == 2:
            raise ZeroDivisionError("a bug")
        return never

    going = Execution(looped([1, 2, 3], {"Concurrency": 3}), Recording({"ModifyX": answer})).start()
    with pytest.raises(ZeroDivisionError):
        await going.end()
    assert called(going) == [1, 2, 3]
    assert not never.done()


async def test_a_bug_shows_also_while_a_loop_stops() -> None:
    async def stopped() -> Any:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            raise ZeroDivisionError("a bug") from None

    def answer(call: Any) -> Any:
        return Rejected("no") if call.parameters["InstanceId"] == 1 else stopped()

    with pytest.raises(ZeroDivisionError):
        await run(looped([1, 2], {"Concurrency": 2}), {"ModifyX": answer})
