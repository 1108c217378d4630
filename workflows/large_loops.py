"""Large loops from the outside: whoever reaches one starts a workflow for it, and waits for what comes of it.

The loop's workflow tells the execution (the root, however deep the loop stands) how far it is and what waits in it; the
execution tells it what was decided. A cancellation goes down to the loop, which lets its calls answer and then says how
far it came: so its workflow ends as completed, and the execution as cancelled.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.converter import value_to_type
from temporalio.exceptions import (
    ChildWorkflowError,
    FailureError,
    WorkflowAlreadyStartedError,
    is_cancelled_exception,
)

from caboose.engine.apart import LoopInput, LoopOutcome
from caboose.engine.errors import LOOP_LOST, TaskFailed
from caboose.engine.loop import STOP
from caboose.engine.mirror import Report, answer_message, answers_to_tell, take
from caboose.engine.progress import Progress
from caboose.engine.state import CANCELLED, Approval, ExecutionState, TaskRun
from workflows import messages
from workflows.loop_state import Carried

Kind = TypeVar("Kind")


async def run_loop_workflow(
    loop: LoopInput, progress: Progress, run: TaskRun, stopped: Callable[[], None]
) -> LoopOutcome:
    """Runs a loop as a child workflow.

    Args:
        loop: what is the same for all runs of the loop's workflow.
        progress: how far it has come.
        run: its task execution, which gets the workflow's id.
        stopped: called when the whole execution is cancelled, and not only this loop.

    Raises:
        TaskFailed: ``LoopLost``: its workflow was ended from outside, or couldn't be started.
        asyncio.CancelledError: it was cancelled before it began.
    """
    run.workflow_id = run.id
    patience = _Patience(stopped)
    starting = asyncio.ensure_future(
        workflow.start_child_workflow(
            messages.LOOP_TYPE,
            args=[loop, Carried(progress, workflow.now().timestamp())],
            id=run.id,
            result_type=LoopOutcome,
            cancellation_type=workflow.ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
            static_summary=f"{loop.task}: {run.loop.total if run.loop else 0} items",
        )
    )
    try:
        await patience.wait(starting)
        handle = starting.result()
        if patience.asked:
            handle.cancel()
        await patience.wait(handle, handle.cancel)
        outcome: LoopOutcome = handle.result()
    except WorkflowAlreadyStartedError:
        raise TaskFailed(LOOP_LOST, f"a workflow with the id {run.id} runs already") from None
    except ChildWorkflowError as error:
        if patience.asked and is_cancelled_exception(error):
            raise asyncio.CancelledError from None
        raise TaskFailed(LOOP_LOST, f"the loop's workflow was ended from outside: {error.cause or error}") from None
    if outcome.ended == CANCELLED and not patience.asked:
        run.loop = outcome.counters
        raise TaskFailed(LOOP_LOST, "the loop's workflow was cancelled from outside, and the execution was not")
    return outcome


class _Patience:
    """Waits for what a cancellation doesn't end: it is passed on, and what comes of it is waited for all the same."""

    def __init__(self, stopped: Callable[[], None]) -> None:
        self._stopped = stopped
        self.asked = False
        """Whether there was a cancellation."""

    async def wait(self, awaited: "asyncio.Future[Any]", cancel: Callable[[], object] = lambda: None) -> None:
        """Returns when it is done; ``cancel`` passes the first cancellation on."""
        while not awaited.done():
            try:
                await workflow.wait([awaited])
            except asyncio.CancelledError as cancellation:
                by_loop = cancellation.args[:1] == (STOP,)
                if not by_loop and workflow.cancellation_reason() is None:
                    raise  # the worker lets go of the execution
                if not self.asked:
                    cancel()
                self.asked = True
                if not by_loop:
                    self._stopped()


class LoopReports:
    """The execution's ear: takes what loops report, and tells them what was decided about their waits."""

    def __init__(self, state: ExecutionState, changed: Callable[[], None]) -> None:
        self._state = state
        self._changed = changed
        self._in_flight: dict[str, int] = {}
        self._telling: dict[asyncio.Future[None], None] = {}

    @property
    def in_flight(self) -> int:
        """How many calls of all loops haven't answered yet, as far as it was reported."""
        runs = self._state.runs
        ended = [name for name in self._in_flight if name in runs and runs[name].ended]  # with the last of its calls
        return sum(calls for name, calls in self._in_flight.items() if name not in ended)

    def take(self, told: Any) -> None:
        """Takes a report. What isn't one (anybody may send a signal) is left alone."""
        report = read(Report, told)
        if report is not None:
            take(self._state, report)
            self._in_flight[report.run_id] = report.in_flight
            self._changed()

    def tell_answers(self) -> None:
        """Sends the answers that were given since the last call to the loops that wait for them."""
        for wait in answers_to_tell(self._state):
            if wait.answer is not None:
                wait.told = True
                self._send(wait.workflow_id, messages.LOOP_DECIDED, answer_message(wait, wait.answer))

    def send_again(self, approvals: list[Approval]) -> None:
        """Asks loops for a fresh message of their approvals."""
        for approval in approvals:
            wait = approval.wait
            if wait.workflow_id:
                told = {"run_id": wait.run.id, "number": approval.number}
                self._send(wait.workflow_id, messages.LOOP_NOTIFY_AGAIN, told)

    def _send(self, workflow_id: str, signal: str, told: Any) -> None:
        sending = asyncio.ensure_future(_tell(workflow_id, signal, told))
        self._telling[sending] = None  # whoever isn't held may be forgotten before the end
        sending.add_done_callback(lambda _: self._telling.pop(sending))


def read(kind: type[Kind], told: Any) -> Kind | None:
    """What a signal between an execution and its loops says; None when it is no such thing."""
    try:
        found: Kind = value_to_type(kind, told)
    except Exception:  # whatever somebody sent
        return None
    return found


async def _tell(workflow_id: str, signal: str, told: Any) -> None:
    """One signal; a loop that has ended meanwhile needs none."""
    try:
        await workflow.get_external_workflow_handle(workflow_id).signal(signal, told)
    except FailureError:
        workflow.logger.info("the loop %s has ended", workflow_id)
