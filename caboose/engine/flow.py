"""The flow: a body's tasks one after another, and how an execution ends.

Success, Failed or Cancelled is decided here and nowhere else. A rejection and a cancellation end the whole execution at
once; a failed task ends it as Failed (handlers for failures come with the flow keys, which aren't built yet). Outputs
are made at the end, whatever path it took; once it is cancelled no more programs run for them.
"""

import asyncio
from typing import Any

from caboose.engine.errors import Rejected, TaskFailed
from caboose.engine.frame import Frame, Run
from caboose.engine.state import CANCELLED, FAILED, SUCCESS
from caboose.engine.tasks import run_task
from caboose.oos.selectors import Engine, SelectorError
from caboose.oos.values import Room


async def run_execution(run: Run, parameters: dict[str, Any]) -> None:
    """Runs the plan to its end and leaves what came of it in ``run.state``.

    Raises:
        asyncio.CancelledError: the execution was cancelled; the state says so already.
    """
    state = run.state
    state.started = run.now()
    frame = Frame(run, run.plan.body, state.execution_id, parameters, ram_role=run.ram_role)
    run.keep_secret(run.plan.body, parameters)
    try:
        status, reason, message = await _ending(frame)
        state.outputs = await _outputs(frame, run.effects.programs)
    except asyncio.CancelledError:
        state.outputs = await _outputs(frame, _NoPrograms())
        state.end(CANCELLED, run.now(), reason="Cancelled", message=run.effects.cancellation())
        raise
    state.end(status, run.now(), reason=reason, message=message)


async def _ending(frame: Frame) -> tuple[str, str, str]:
    """Runs the tasks and gives what comes of it: status, reason and message."""
    try:
        await _run_tasks(frame)
    except TaskFailed as failure:
        return FAILED, failure.code, failure.message
    except Rejected as rejection:
        return CANCELLED, "Rejected", rejection.reason
    return SUCCESS, "", ""


async def run_body(frame: Frame) -> dict[str, Any]:
    """Runs a body's tasks in order and gives its outputs.

    Raises:
        TaskFailed: the first failure, named by its task.
    """
    await _run_tasks(frame)
    return await _outputs(frame, frame.run.effects.programs)


async def _run_tasks(frame: Frame) -> None:
    for task in frame.body.tasks:
        frame.outputs[task.name] = await run_task(frame, task, run_body)


async def _outputs(frame: Frame, programs: Engine) -> dict[str, Any]:
    """The declared outputs; what a task that never ran would have given is null.

    Together they have at most as many bytes as one message takes: one that doesn't fit is null, and a note says so.
    """
    values: dict[str, Any] = {}
    room = Room()
    for name, output in frame.body.outputs.items():
        try:
            values[name] = await frame.evaluate(output.value, room=room, programs=programs)
        except TaskFailed as failure:
            values[name] = None
            frame.run.state.notes.append(f"the output {name} was left out: {frame.run.hide(failure.message)}")
    return values


class _NoPrograms:
    """``selectors.Engine`` of an execution that has been cancelled: nothing new begins."""

    async def run(self, program: str, value: Any) -> list[Any]:
        raise SelectorError("the execution was cancelled before it was made")

    async def matches(self, pattern: str, text: str) -> bool:
        raise SelectorError("the execution was cancelled before it was checked")
