"""The pace at which activities are started and loop items begun: what a workflow task and the server can bear.

All commands of one workflow task travel in one message of at most 4 MB, and an execution with more than 2,000 pending
activities is stuck for ever. So at most 100 activities and 1 MB of inputs start in one workflow task, and at most 1,000
are pending; the others queue, first come first served (design section 2). Of a large input only the reference travels
in the message (``caboose.payloads``), but it is made and written here: 5 MB of them in one workflow task. A loop item
begins only when its first call could start at once, because making a thousand items' inputs in one workflow task takes
longer than one may. For the same reason no more values are made in a workflow task once they have 400 KB: what computes
for two seconds is taken for stuck.

Road not taken: each waiting call with a condition of its own. A thousand conditions, asked again at every event, cost
more than the calls.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio import workflow

from caboose.engine.errors import TaskFailed
from caboose.inline import inline_bytes

MAX_PENDING = 1_000
MAX_STARTS = 100
MAX_BYTES = 1_000_000
MAX_INPUT_BYTES = 5_000_000
"""Of all calls that start in one workflow task, large inputs included, and so of one call: a value of the largest size
and what is beside it."""
MAX_WORK = 400_000


class Pace:
    """Counts what was started in the current workflow task and what is pending."""

    def __init__(self) -> None:
        self._calls: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._items: deque[asyncio.Future[None]] = deque()
        self._keeper: asyncio.Future[None] | None = None
        self._pending = 0
        self._task = 0
        self._starts = 0
        self._turns = 0
        self._bytes = 0
        self._made = 0
        self._worked = 0
        self._breath = asyncio.Lock()

    async def breathe(self) -> None:
        """Returns when more values may be made in this workflow task; those who wait go on one after another."""
        if not self._breath.locked() and self._rested():
            return
        async with self._breath:
            while not self._rested():
                await workflow.sleep(timedelta(milliseconds=1), summary="large values: a breath")

    def worked(self, size: int) -> None:
        """Counts ``size`` bytes of values that were made."""
        self._new_task()
        self._worked += size

    @asynccontextmanager
    async def slot(self, size: int) -> AsyncIterator[None]:
        """Held while an activity with an input of ``size`` bytes is pending.

        Raises:
            TaskFailed: ``ValueTooLarge``, for an input that can't be sent at all.
        """
        if size > MAX_INPUT_BYTES:
            message = f"the call's input has {size} bytes, at most {MAX_INPUT_BYTES}; pass less data on"
            raise TaskFailed("ValueTooLarge", message)
        await self._turn(size)
        try:
            yield
        finally:
            self._pending -= 1

    async def turn(self) -> None:
        """Returns when one more loop item may begin in this workflow task."""
        if self._items or not self._takes_item():
            turn = asyncio.get_running_loop().create_future()
            self._items.append(turn)
            self._let_in_soon()
            await turn
        else:
            self._turns += 1

    async def _turn(self, size: int) -> None:
        """Returns when the call may start, and has counted it."""
        if not self._calls and self._fits(size):
            self._count(size)
            return
        turn = asyncio.get_running_loop().create_future()
        self._calls.append((size, turn))
        self._let_in_soon()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pending -= 1  # it had its turn already, and won't use it
            raise

    def _let_in_soon(self) -> None:
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.ensure_future(self._let_in())
            self._keeper.add_done_callback(self._tell_of_bug)

    def _tell_of_bug(self, keeper: "asyncio.Future[None]") -> None:
        """A bug in the keeper comes up in everybody who waits: it stops the workflow, as one in the work itself does
        (``workflows.beside``)."""
        error = None if keeper.cancelled() else keeper.exception()
        for turn in (*(turn for _, turn in self._calls), *self._items):
            if error and not turn.done():
                turn.set_exception(error)

    async def _let_in(self) -> None:
        """Gives turns in order for as long as anybody waits, to calls before items: one condition for all of them.

        The next workflow task comes with the next event; when nothing is pending that would bring one, a timer does.
        """
        while self._calls or self._items:
            if self._may_go():
                self._let_go()
                await _next_round()  # whoever got a turn counts before the next is given
            elif self._pending == 0:
                await workflow.sleep(timedelta(milliseconds=1), summary="the rest of the loop's items")
            else:
                await workflow.wait_condition(lambda: self._may_go() or self._pending == 0)

    def _may_go(self) -> bool:
        if self._calls:
            return self._fits(self._calls[0][0])
        return bool(self._items) and self._takes_item()

    def _let_go(self) -> None:
        if self._calls:
            size, turn = self._calls.popleft()
            if not turn.done():
                self._count(size)
                turn.set_result(None)
        else:
            turn = self._items.popleft()
            if not turn.done():
                self._turns += 1
                turn.set_result(None)

    def _takes_item(self) -> bool:
        return self._fits(1) and self._turns < MAX_STARTS and self._worked < MAX_WORK

    def _count(self, size: int) -> None:
        self._pending += 1
        self._starts += 1
        self._bytes += inline_bytes(size)
        self._made += size

    def _rested(self) -> bool:
        self._new_task()
        return self._worked < MAX_WORK

    def _new_task(self) -> None:
        if _current_task() != self._task:
            self._task, self._starts, self._turns = _current_task(), 0, 0
            self._bytes, self._made, self._worked = 0, 0, 0

    def _fits(self, size: int) -> bool:
        self._new_task()
        if self._pending >= MAX_PENDING or self._starts >= MAX_STARTS:
            return False
        fits = self._bytes + inline_bytes(size) <= MAX_BYTES and self._made + size <= MAX_INPUT_BYTES
        return self._starts == 0 or fits


def input_size(request: Any) -> int:
    """The bytes of an activity's input, counted without copying it."""
    return len(json.dumps(request, default=vars))


def _next_round() -> "asyncio.Future[None]":
    loop = asyncio.get_running_loop()
    following = loop.create_future()
    loop.call_soon(following.set_result, None)
    return following


def _current_task() -> int:
    """A number that changes with every workflow task, and is the same when it is replayed."""
    return workflow.info().get_current_history_length()
