"""The workflow of one large loop: the engine's own code runs its items, and goes on as new while its history is short.

It takes no more items when a new run is suggested, lets those that run finish, and hands its progress to the next run
(design section 2, "Loops"). All counting is in this one workflow, so Concurrency, MaxErrors and batches are exact. What
waits in it is decided at the execution (``engine.mirror``). Items that have ended go to the store, and out of memory.

Road not taken: slices of the items as several workflows at once. Nobody would know the number of errors of all of them
in time.
"""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from activities import contracts
from caboose.engine.apart import LoopInput, LoopOutcome, cut_off, outcome_of, reachable, rebuild
from caboose.engine.errors import Completed, Rejected, TaskCancelled, TaskFailed
from caboose.engine.flow import walk
from caboose.engine.frame import Frame
from caboose.engine.loop import LoopRun
from caboose.engine.looped import calls_of_item, loop_of
from caboose.engine.mirror import Report, Told, report, take_answer
from caboose.engine.packing import PackedItems
from caboose.engine.progress import Begun
from caboose.engine.record import Hide, StoredTasks, loop_answer, nothing_hidden, task_page
from caboose.engine.state import ExecutionState, LoopCounters, TaskRun, timestamp
from caboose.engine.tasks import item_runner
from workflows import messages
from workflows.answers import inline
from workflows.beside import beside
from workflows.calls import EVENTS_A_CALL, ActivityEffects
from workflows.large_loops import read
from workflows.loop_state import Carried
from workflows.recorder import RETRY

_MOST_EVENTS = 10_000
"""Of one run of the workflow, those of the items that still run included."""
_ENOUGH_TO_STORE = 200
_MOST_UNSTORED = 2_000
"""Items that have ended: those that ``When`` leaves out make no events, and yet each is kept until it is stored."""
_MAX_NOTES = 100
_REPORT_SECONDS = 10
_REPORTS = 50
"""The execution hears of the counters every ten seconds, and less often the longer the loop has gone on already."""


@workflow.defn(name=messages.LOOP_TYPE)
class LoopWorkflow:
    """One large loop."""

    def __init__(self) -> None:
        self._state = ExecutionState("", created=timestamp(workflow.now()))
        self._effects = ActivityEffects("", "", self._changed, self._changed)
        self._run: TaskRun | None = None
        self._hide: Hide = nothing_hidden
        self._dirty = False
        self._reported = 0.0
        self._stored = 0
        self._ended = False
        self._full = False
        self._told_of_cancellation = False

    @workflow.run
    async def run(self, *inputs: Any) -> LoopOutcome:
        """Runs what is left of the loop, here and in further runs of this workflow.

        Raises:
            ApplicationError: ``InvalidInput``: somebody else than an execution of ours has started it.
        """
        loop, carried = _given(inputs)
        self._state.execution_id, self._reported = loop.execution_id, carried.reported
        self._effects = ActivityEffects(loop.execution_id, loop.first_run_id, self._changed, self._changed)
        frame, task, self._run = rebuild(loop, self._state, self._effects)
        self._hide = frame.run.hide
        frame.run.pinned.update(carried.pinned)
        frame.run.know(carried.bodies)
        frame.run.keep_texts_secret(carried.secrets)
        self._state.notes += carried.notes
        begun = self._run.begun = Begun(PackedItems(loop.pages), loop.control, carried.progress)
        events = max(1, calls_of_item(frame, task)) * EVENTS_A_CALL
        items = loop_of(frame, task, self._run, begun, item_runner(frame, task, walk), lambda: self._hands_over(events))
        self._stored = begun.progress.succeeded + len(begun.progress.failed) + begun.progress.skipped
        telling = asyncio.ensure_future(self._tell(loop.execution_id, carried.began))
        storing = asyncio.ensure_future(self._store(loop, self._run, frame.run.hide))
        return await beside([telling, storing], self._work(loop, carried, frame, items, telling, storing))

    async def _work(
        self, loop: LoopInput, carried: Carried, frame: Frame, items: LoopRun, *beside_it: "asyncio.Future[None]"
    ) -> LoopOutcome:
        begun = items.begun
        ended = await _end_of(items)
        if ended:
            cut_off(
                self._state, items.run, frame.run.now(), self._effects.cancellation() if self._is_cancelled() else ""
            )
        self._ended = True
        cancelled = await _written(*beside_it)
        ended = ended or cancelled
        unfinished = begun.progress.again or begun.progress.next < len(begun.items)
        if ended is None and unfinished:
            await workflow.wait_condition(workflow.all_handlers_finished)
            workflow.continue_as_new(args=[loop, self._carried(frame, begun, carried)])
        counters = items.run.loop or LoopCounters(len(begun.items), 1, 0)
        return outcome_of(frame.run, counters, begun.progress, ended)

    def _carried(self, frame: Frame, begun: Begun, carried: Carried) -> Carried:
        """What the next run needs."""
        bodies = reachable(frame.run.plan.bodies, list(frame.run.pinned.values()))
        return Carried(
            begun.progress,
            carried.began,
            self._reported,
            frame.run.pinned,
            bodies,
            self._state.notes[:_MAX_NOTES],
            frame.run.secrets,
        )

    def _hands_over(self, events_an_item: int) -> bool:
        """Whether no more items are taken in this run: what they would add is counted before it happens."""
        counters = self._run.loop if self._run else None
        running = counters.running if counters else 0
        info = workflow.info()
        if info.get_current_history_length() + running * events_an_item > _MOST_EVENTS:
            return True
        if self._run and self._unstored(self._run) >= _MOST_UNSTORED:
            self._full = True  # and stays so: who has stopped to take items doesn't begin again when they are stored
        if self._full:
            return True
        return info.is_continue_as_new_suggested() and not self._state.waits

    @workflow.signal(name=messages.LOOP_DECIDED)
    def decided(self, *inputs: Any) -> None:
        """The execution tells what was decided about something that waits here."""
        told = read(Told, inputs[0] if inputs else None)
        if told is not None:
            take_answer(self._state, told)

    @workflow.signal(name=messages.LOOP_NOTIFY_AGAIN)
    def notify_again(self, *inputs: Any) -> None:
        """The execution asks for a fresh message of an approval."""
        told = inputs[0] if inputs and isinstance(inputs[0], dict) else {}
        for approval in self._state.approvals:
            if approval.wait.run.id == told.get("run_id") and approval.wait.answer is None:
                approval.number += 1

    @workflow.query(name=messages.GET_EXECUTION)
    def get_execution(self, *_: Any) -> RawValue:
        """The loop's counters as of now."""
        self._state.in_flight = self._effects.in_flight
        return inline(loop_answer(self._state, self._run) if self._run else {})

    @workflow.query(name=messages.LIST_TASK_EXECUTIONS)
    def list_task_executions(self, *inputs: Any) -> RawValue:
        """A page of the task executions that aren't in the store yet."""
        return inline(task_page(self._state, inputs[0] if inputs else None, self._hide))

    def _changed(self) -> None:
        self._dirty = True

    async def _tell(self, execution_id: str, began: float) -> None:
        """Tells the execution what waits here whenever that changes, and now and then how far the loop is."""
        execution = workflow.get_external_workflow_handle(execution_id)
        told: Report | None = None
        while not self._ended or (told and told.waits):
            await workflow.wait_condition(lambda: self._ended or (self._dirty and self._is_news(told, began)))  # noqa: B023 - awaited here
            self._dirty = False
            if self._run is None or (self._ended and not (told and told.waits)):
                return
            told = report(self._state, self._run, workflow.info().workflow_id, self._effects.in_flight, self._hide)
            self._told_of_cancellation = self._is_cancelled()
            self._reported = workflow.now().timestamp()
            try:
                await execution.signal(messages.LOOP_CHANGED, told)
            except FailureError:  # it is gone, and the loop ends with it
                workflow.logger.warning("the execution %s can't be told", execution_id)
                return

    @staticmethod
    def _is_cancelled() -> bool:
        return workflow.cancellation_reason() is not None

    def _is_news(self, told: Report | None, began: float) -> bool:
        if self._is_cancelled() and not self._told_of_cancellation:
            return True
        waiting = [wait.serial for wait in self._state.waits.values() if wait.answer is None and not wait.workflow_id]
        if waiting != [each.serial for each in (told.waits if told else ())]:
            return True
        if self._run and self._run.parent_id:
            return False  # within another loop: nobody sees its counters there, and many such loops would be too much
        now = workflow.now().timestamp()
        return now - self._reported > max(_REPORT_SECONDS, (now - began) / _REPORTS)

    async def _store(self, loop: LoopInput, run: TaskRun, hide: Hide) -> None:
        """Writes items that have ended to the store, many at a time, and forgets them."""
        while True:
            await workflow.wait_condition(lambda: self._ended or self._unstored(run) >= _ENOUGH_TO_STORE)
            ended = _ended_items(self._state, run)
            if not ended.runs and self._ended:
                return
            stored = StoredTasks()
            await self._write(loop, stored.changed(ended, hide))
            while stored.left:
                await self._write(loop, stored.changed(ended, hide))
            self._forget(run, ended)

    async def _write(self, loop: LoopInput, tasks: list[dict[str, Any]]) -> None:
        """One message to the store; a store that is away for a day is given up on."""
        try:
            await workflow.execute_activity(
                contracts.RECORD_TASKS,
                contracts.RecordTasksInput(loop.execution_id, loop.first_run_id, tasks),
                retry_policy=RETRY,
                start_to_close_timeout=timedelta(minutes=1),
                schedule_to_close_timeout=timedelta(days=1),
                summary=f"record: {len(tasks)} task executions",
            )
        except ActivityError:
            workflow.logger.error("task executions could not be written to the store: they are missing there")

    def _unstored(self, run: TaskRun) -> int:
        counters = run.loop
        return counters.success + counters.failed + counters.skipped - self._stored if counters else 0

    def _forget(self, loop: TaskRun, stored: ExecutionState) -> None:
        """Forgets items, with what ran in them; not those that somebody has let run again meanwhile."""
        over = dict.fromkeys(run.id for run in stored.runs.values() if run.parent_id == loop.id and run.ended)
        self._stored += len(over)
        for name in stored.runs:
            if _item_of(loop, name) in over:
                del self._state.runs[name]


def _given(inputs: tuple[Any, ...]) -> tuple[LoopInput, Carried]:
    """What an execution gave; a typed argument that is wrong would fail workflow tasks for ever."""
    loop, carried = (read(kind, each) for kind, each in zip((LoopInput, Carried), (*inputs, None, None), strict=False))
    if not isinstance(loop, LoopInput) or not isinstance(carried, Carried):
        message = f"{messages.LOOP_TYPE} runs a part of an execution, and only an execution starts it"
        raise ApplicationError(message, type="InvalidInput", non_retryable=True)
    return loop, carried


def _ended_items(state: ExecutionState, loop: TaskRun) -> ExecutionState:
    """The items that have ended, with what ran in them, as a state of their own."""
    ended = {run.id for run in state.runs.values() if run.parent_id == loop.id and run.ended}
    runs = {name: run for name, run in state.runs.items() if name != loop.id and _item_of(loop, name) in ended}
    return ExecutionState(state.execution_id, state.created, runs=runs)


def _item_of(loop: TaskRun, name: str) -> str:
    """The id of the item to which a task execution of the loop belongs."""
    return f"{loop.id}.{name[len(loop.id) + 1 :].split('.', 1)[0]}"


async def _written(*writing: "asyncio.Future[None]") -> BaseException | None:
    """Returns when everybody has been told, and everything is stored; the cancellation that came meanwhile."""
    cancelled: BaseException | None = None
    for each in writing:
        while not each.done():
            try:
                await asyncio.shield(each)
            except asyncio.CancelledError as cancellation:
                if cancelled or workflow.cancellation_reason() is None:
                    raise  # the worker lets go of it
                cancelled = cancellation
        each.result()
    return cancelled


async def _end_of(items: LoopRun) -> BaseException | None:
    """Runs the loop and gives how it ended other than well; a worker that lets go of it (it cancels too) goes on."""
    try:
        await items.finish()
    except (TaskFailed, TaskCancelled, Rejected, Completed) as ended:
        return ended
    except asyncio.CancelledError as cancelled:
        if workflow.cancellation_reason() is None:
            raise
        return cancelled
    return None
