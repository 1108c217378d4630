"""The flow: a body's tasks one after another, and how an execution ends.

Success, Failed or Cancelled is decided here and nowhere else. A rejection and a cancellation end the whole execution at
once; a failed task ends it as Failed (handlers for failures come with the flow keys, which aren't built yet).
"""

import asyncio
from typing import Any

from caboose.engine.errors import Rejected, TaskFailed
from caboose.engine.frame import Frame, Run
from caboose.engine.state import CANCELLED, FAILED, SUCCESS
from caboose.engine.tasks import run_task
from caboose.oos.values import Room


async def run_execution(run: Run, parameters: dict[str, Any]) -> None:
    """Runs the plan to its end and leaves what came of it in ``run.state``.

    Raises:
        asyncio.CancelledError: the execution was cancelled; the state says so already.
    """
    state = run.state
    state.started = run.now()
    frame = Frame(run, run.plan.body, state.execution_id, parameters, ram_role=run.ram_role)
    try:
        await run_tasks(frame)
    except TaskFailed as failure:
        state.end(FAILED, run.now(), reason=failure.code, message=failure.message)
    except Rejected as rejection:
        state.end(CANCELLED, run.now(), reason="Rejected", message=rejection.reason)
    except asyncio.CancelledError:
        state.end(CANCELLED, run.now(), reason="Cancelled", message=run.effects.cancellation())
        raise
    else:
        state.end(SUCCESS, run.now())
    finally:
        state.outputs = await _outputs(frame)


async def run_tasks(frame: Frame) -> dict[str, Any]:
    """Runs a body's tasks in order and gives its outputs.

    Raises:
        TaskFailed: the first failure, named by its task.
    """
    for task in frame.body.tasks:
        frame.outputs[task.name] = await run_task(frame, task, run_tasks)
    return await _outputs(frame)


async def _outputs(frame: Frame) -> dict[str, Any]:
    """The declared outputs; what a task that never ran would have given is null.

    Together they have at most as many bytes as one message takes: one that doesn't fit is null, and a note says so.
    """
    values: dict[str, Any] = {}
    room = Room()
    for name, output in frame.body.outputs.items():
        try:
            values[name] = await frame.evaluate(output.value, room=room)
        except TaskFailed as failure:
            values[name] = None
            frame.run.state.notes.append(f"the output {name} was left out: {failure.message}")
    return values
