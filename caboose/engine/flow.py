"""The flow: a list of tasks with a program counter, and how an execution ends.

A task says where it goes on: to the next one, to a named one, to the end. A failure that a handler takes still ends the
execution as Failed, unless its task has ``IsCritical: false`` (design section 4). Jumps backwards are allowed; what
ends a circle is the number of task runs. Success, Failed or Cancelled is decided here and nowhere else.

Road not taken: a graph of tasks. OOS's jumps go on in the list from their target, so the list is the graph.
"""

import asyncio
from typing import Any

from caboose.engine.errors import Completed, Rejected, TaskCancelled, TaskFailed
from caboose.engine.frame import Frame
from caboose.engine.outputs import NoPrograms, template_outputs
from caboose.engine.progress import Checkpoint
from caboose.engine.run import Run
from caboose.engine.state import CANCELLED, FAILED, SUCCESS
from caboose.engine.stepping import next_step
from caboose.engine.tasks import TaskEnd, run_task
from caboose.oos.plan import END, NEXT, Task

MAX_TASK_RUNS = 1_000
"""Of one list of tasks that jumps backwards (design section 4); a list that doesn't may be longer."""
_A_TASK_RUN = 1_000
"""What a task run counts in the pace of a workflow task, in bytes of values: a thousand choices take a while too."""


async def run_execution(run: Run, parameters: dict[str, Any], begin: Checkpoint | None = None) -> None:
    """Runs the plan to its end and leaves what came of it in ``run.state``.

    Args:
        run: the execution.
        parameters: the bound parameters.
        begin: where an earlier execution failed, to go on from there with its results.

    Raises:
        asyncio.CancelledError: the execution was cancelled; the state says so already.
    """
    state = run.state
    state.started, state.mode = run.now(), run.context.mode
    frame = Frame(run, run.plan.body, state.execution_id, parameters, ram_role=run.context.ram_role)
    if begin:
        _go_on_from(begin, frame)
    run.keep_secret(run.plan.body, parameters)
    try:
        status, reason, message = await _ending(frame, begin.task if begin else "")
        run.effects.go_on()  # the cancellation may have come during the last call
        state.outputs = await template_outputs(frame)
    except asyncio.CancelledError:
        try:
            state.outputs = await template_outputs(frame, NoPrograms())
        finally:  # whoever cancels twice gets no outputs
            state.end(CANCELLED, run.now(), reason="Cancelled", message=run.effects.cancellation())
        raise
    state.end(status, run.now(), reason=reason, message=message)


def _go_on_from(checkpoint: Checkpoint, frame: Frame) -> None:
    """The results of an earlier execution are this one's: its tasks' outputs, its targets, its loop's items."""
    frame.outputs = dict(checkpoint.outputs)
    frame.run.state.targets = checkpoint.targets
    if checkpoint.begun:
        frame.begun_loops[checkpoint.task] = checkpoint.begun


async def _ending(frame: Frame, first: str) -> tuple[str, str, str]:
    """Runs the tasks and gives what comes of it: status, reason and message."""
    try:
        await walk(frame, first)
    except TaskFailed as failure:
        return FAILED, failure.code, failure.message
    except TaskCancelled as cancelled:
        return CANCELLED, "Cancelled", cancelled.reason
    except Rejected as rejection:
        return CANCELLED, "Rejected", rejection.reason
    except Completed as completed:
        return completed.status, "CompleteExecution", completed.reason
    return SUCCESS, "", ""


async def walk(frame: Frame, first: str = "") -> None:
    """Runs the frame's tasks to their end, from the one named ``first`` or from the beginning.

    Raises:
        TaskFailed: the first failure of a critical task, when the tasks have ended; ``TaskRunLimit`` at once.
        TaskCancelled: a cancelled task ended them.
        Rejected, Completed: at once.
    """
    tasks = {task.name: position for position, task in enumerate(frame.tasks)}
    position, before = tasks.get(first, 0), -1
    while position < len(frame.tasks):
        await _count(frame, jumped_back=position <= before)
        task, end = await _step(frame, frame.tasks[position])
        position = before = tasks[task.name]
        _keep(frame, task, end)
        where = _where(frame, task, end)
        if where == END:
            break
        position = position + 1 if where == NEXT else tasks[where]
    if frame.failures:
        raise next(iter(frame.failures.values()))


async def _step(frame: Frame, task: Task) -> tuple[Task, TaskEnd]:
    """Runs the task, or in Mode Debug the one that people choose; gives which it was and how it ended."""
    if not frame.debugged:
        return task, await run_task(frame, task, walk)
    try:
        task, run, parameters = await next_step(frame, task)
    except TaskCancelled as cancelled:
        return task, TaskEnd({}, task.on_cancel, cancelled=cancelled.reason)
    return task, await run_task(frame, task, walk, run, parameters)


async def _count(frame: Frame, *, jumped_back: bool) -> None:
    await frame.run.effects.breathe()
    frame.run.effects.worked(_A_TASK_RUN)
    frame.runs += 1
    frame.jumps_back = frame.jumps_back or jumped_back
    if frame.jumps_back and frame.runs > MAX_TASK_RUNS:
        message = f"{MAX_TASK_RUNS} tasks have run, and it still jumps back: a circle that never ends"
        raise TaskFailed("TaskRunLimit", message)


def _keep(frame: Frame, task: Task, end: TaskEnd) -> None:
    """Keeps a task's outputs, and a failure that will end the frame as Failed."""
    frame.outputs[task.name] = end.outputs
    if not end.failure:
        if frame.debugged:
            frame.failures.pop(task.name, None)  # somebody ran it again, and it went well
    elif task.is_critical:
        frame.failures.setdefault(task.name, end.failure)
    if not frame.parent_id:
        first = next(iter(frame.failures.values()), None)
        frame.run.state.message = first.message if first else ""  # shows while a handler runs (reference section 8.5)
        _keep_checkpoint(frame, task, end)


def _keep_checkpoint(frame: Frame, task: Task, end: TaskEnd) -> None:
    """Keeps where the execution failed first: what handlers did afterwards belongs to that failure. A task that went
    well when it was run again is no place to go on from."""
    state = frame.run.state
    if state.checkpoint and state.checkpoint.task != task.name:
        return
    state.checkpoint = None
    if end.failure and task.is_critical:
        others = {name: outputs for name, outputs in frame.outputs.items() if name != task.name}
        state.checkpoint = Checkpoint(task.name, others, end.begun, state.targets)


def _where(frame: Frame, task: Task, end: TaskEnd) -> str:
    """Where it goes on after a task."""
    if end.cancelled and end.go_to == END and not frame.failures:
        raise TaskCancelled(f"{task.name}: {end.cancelled}")
    if end.failure and frame.debugged and end.go_to == END:
        return task.name  # people decide what follows: the failed task is proposed again
    return end.go_to
