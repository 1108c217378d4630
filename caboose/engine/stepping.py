"""Stepping: in Mode Debug people say before each task what happens (reference section 8.6).

ExecuteTask runs the task that is proposed, or the one that it names, with Parameters in place of properties; CancelTask
leaves it as Cancelled, and its OnCancel says what follows; CompleteExecution ends the execution.
"""

from typing import Any

from caboose.engine.errors import Completed, TaskCancelled
from caboose.engine.frame import Frame
from caboose.engine.state import CANCELLED, DEBUG, EXECUTE_TASK, TaskRun, Wait
from caboose.oos.plan import Task


async def next_step(frame: Frame, task: Task) -> tuple[Task, TaskRun | None, dict[str, Any]]:
    """Waits for people; gives the task to run, its task execution and the properties that they replace.

    Raises:
        TaskCancelled: somebody cancelled the task that was proposed.
        Completed: somebody ended the execution.
    """
    run = frame.new_run(task.name, task.action)
    wait = Wait(
        kind=DEBUG,
        run=run,
        attempt=1,
        since=frame.run.now(),
        accepts=(EXECUTE_TASK,),
        message=f"{task.name} is next: ExecuteTask runs it, or the task that TaskName names",
        item=frame.item,
        tasks=[each.name for each in frame.tasks],
    )
    try:
        answer = await frame.wait_for_answer(wait)
    except TaskCancelled as cancelled:
        run.end(CANCELLED, frame.run.now(), cancelled.reason)
        raise
    except Completed as completed:
        run.end(CANCELLED, frame.run.now(), completed.reason)
        raise
    chosen = next((each for each in frame.tasks if each.name == answer.task_name), task)
    run.name, run.action = chosen.name, chosen.action
    return chosen, run, dict(answer.parameters)
