"""One task: whether it runs, its action or its loop, and what is done when it fails.

Whatever goes wrong in a task ends here as its task execution, and as the way that the flow takes from it. Under Mode
FailurePause a failed task waits for people: RetryTask runs it again, SkipTask goes on without it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from caboose.engine.actions import HANDLERS, RAW_PROPERTIES, TaskContext
from caboose.engine.context import FAILURE_PAUSE_MODE
from caboose.engine.errors import Completed, Rejected, TaskCancelled, TaskFailed, TaskSkipped
from caboose.engine.frame import Frame
from caboose.engine.looped import RunItem, names_item, run_looped
from caboose.engine.nested import LOOP, run_inner, run_nested
from caboose.engine.progress import Begun
from caboose.engine.replacing import unknown_name
from caboose.engine.state import (
    CANCELLED,
    FAILED,
    FAILURE_PAUSE,
    RETRY_TASK,
    SKIP_TASK,
    SKIPPED,
    SUCCESS,
    Answer,
    TaskRun,
    Wait,
)
from caboose.oos.plan import NEXT, Task

Walk = Callable[[Frame], Awaitable[None]]
_PROPERTIES = "Properties"


@dataclass(frozen=True)
class TaskEnd:
    """How a task ended: its outputs and where the flow goes on. ``failure`` is why it failed, ``cancelled`` who
    cancelled it; ``begun`` is how far a failed loop had come."""

    outputs: dict[str, Any]
    go_to: str = NEXT
    failure: TaskFailed | None = None
    cancelled: str = ""
    begun: Begun | None = None


async def run_task(
    frame: Frame, task: Task, walk: Walk, run: TaskRun | None = None, parameters: dict[str, Any] | None = None
) -> TaskEnd:
    """Runs a task of the frame.

    Whoever skips a task goes on as if it had gone well: what stands next in the list is often its handler. A ``When``
    that is false goes on with the next (reference section 2.2).

    Args:
        frame: where it runs.
        task: the task.
        walk: runs the tasks of a frame: those of a nested template, or within ``ACS::Loop``.
        run: its task execution, where there is one already.
        parameters: what replaces properties of these names.

    Raises:
        Rejected: an approval was refused.
        Completed: somebody ended the execution.
    """
    run = run or frame.new_run(task.name, task.action)
    replaced = dict(parameters or {})
    while True:
        try:
            end = await _attempt(frame, task, run, walk, replaced)
        except TaskFailed as failure:
            named = _failed(frame, task, run, failure)
            answer = await _ask(frame, task, run, named)
            if answer is None:
                run.end(FAILED, frame.run.now(), run.message)
                return TaskEnd(named.outputs, task.on_error, failure=named, begun=run.begun)
            frame.run.state.forget_carried_out(run)
            if answer.notify_type == SKIP_TASK:
                run.end(SKIPPED, frame.run.now(), f"skipped {answer.by}; {run.message}")
                return TaskEnd(named.outputs, task.on_success)
            run.attempt, run.message = run.attempt + 1, ""
            replaced.update(answer.parameters)
        except TaskSkipped as skipped:
            run.end(SKIPPED, frame.run.now(), skipped.reason)
            return TaskEnd({}, task.on_success)
        except TaskCancelled as cancelled:
            frame.run.state.end_below(run, frame.run.now(), cancelled.reason)
            if run.unknown:
                frame.run.state.keep_in_doubt(run)
            run.cut_off(CANCELLED, frame.run.now(), cancelled.reason)
            return TaskEnd({}, task.on_cancel, cancelled=cancelled.reason)
        except (Rejected, Completed) as ended:
            run.cut_off(CANCELLED, frame.run.now(), ended.reason)
            raise
        else:
            frame.run.state.forget_carried_out(run)
            return end


async def _attempt(frame: Frame, task: Task, run: TaskRun, walk: Walk, replaced: dict[str, Any]) -> TaskEnd:
    """The task once; what goes wrong comes up as it is."""
    unknown = unknown_name(task.name, task.action, replaced)
    if unknown:  # of a task that Debug was told to run in place of the next one
        raise TaskFailed("InvalidProperty", unknown)
    if (
        task.when is not None
        and not _per_item(frame, task)
        and not await frame.condition(task.when, "When", frame.item)
    ):
        run.end(SKIPPED, frame.run.now(), "When is false")
        return TaskEnd({})
    go_to = task.on_success
    if task.loop or task.action == LOOP:
        run.outputs = await run_looped(frame, task, run, item_runner(frame, task, walk), replaced)
    else:
        run.outputs, jump = await run_action(frame, task, run, frame.item, walk, replaced)
        go_to = jump or go_to
    run.end(SUCCESS, frame.run.now())
    return TaskEnd(run.outputs, go_to)


def item_runner(frame: Frame, task: Task, walk: Walk) -> RunItem:
    """Runs one item of the task's loop."""
    per_item = _per_item(frame, task)

    async def run_item(run: TaskRun, item: Any, replaced: dict[str, Any]) -> dict[str, Any]:
        if per_item and not await frame.condition(task.when, "When", item):
            raise TaskSkipped("When is false")
        if task.action == LOOP:
            return await run_inner(frame, task, run, item, walk)
        return (await run_action(frame, task, run, item, walk, replaced))[0]

    return run_item


def _per_item(frame: Frame, task: Task) -> bool:
    return bool(task.loop) and names_item(task.when, frame.body.conditions)


async def run_action(
    frame: Frame, task: Task, run: TaskRun, item: Any, walk: Walk, replaced: dict[str, Any]
) -> tuple[dict[str, Any], str | None]:
    """The action for one item, or for the task itself; gives its outputs, and where it says to go on.

    Raises:
        TaskFailed: with the outputs that it gave all the same.
    """
    if task.body or task.action == "ACS::Template":
        return await run_nested(frame, task, run, item, walk, replaced), None
    raw = task.action in RAW_PROPERTIES
    properties = task.properties if raw else await frame.evaluate(task.properties, _PROPERTIES, item)
    properties = {**properties, **replaced}
    run.properties = {} if raw else properties
    specs, made = await frame.selectors(task, item)
    context = TaskContext(frame, task, run, item, specs)
    try:
        outputs = await HANDLERS[task.action](context, properties)
    except TaskFailed as failure:
        failure.outputs = {**failure.outputs, **made}
        raise
    return {**outputs, **made}, context.jump


def _failed(frame: Frame, task: Task, run: TaskRun, failure: TaskFailed) -> TaskFailed:
    """The failure with the task's name, in words that people may read; its task execution has it too."""
    run.request_id = failure.request_id or run.request_id
    run.outputs = failure.outputs
    if failure.carried_out:
        frame.run.state.keep_carried_out(run)
    message = frame.run.hide(failure.message)
    run.message = f"{failure.code}: {message}"
    return TaskFailed(failure.code, f"{task.name}: {message}", failure.request_id, failure.outputs)


async def _ask(frame: Frame, task: Task, run: TaskRun, failure: TaskFailed) -> Answer | None:
    """What people say about a failed task; None where nobody is asked."""
    if not frame.attended or frame.run.context.mode != FAILURE_PAUSE_MODE or frame.run.state.is_in_doubt(run):
        return None  # about a loop that is lost, too: a retry could do twice what nobody knows of
    again = f"runs {task.name} again"
    if frame.run.state.is_carried_out(run):
        again += ", which makes a call again that was carried out"
    return await frame.wait_for_answer(
        Wait(
            kind=FAILURE_PAUSE,
            run=run,
            attempt=run.ask(),
            since=frame.run.now(),
            accepts=(RETRY_TASK, SKIP_TASK),
            message=f"{failure.message}. RetryTask {again}, SkipTask goes on without it.",
            item=frame.item,
        )
    )
