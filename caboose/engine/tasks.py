"""One task: its loop or its action, its outputs, and its task execution in the record."""

from collections.abc import Awaitable, Callable
from typing import Any

from caboose.engine.actions import HANDLERS, TaskContext
from caboose.engine.errors import Rejected, TaskFailed, TaskSkipped
from caboose.engine.frame import Frame
from caboose.engine.loop import run_loop
from caboose.engine.state import CANCELLED, FAILED, RUNNING, SKIPPED, SUCCESS, TaskRun
from caboose.oos import rate_control
from caboose.oos.parameters import bind_parameters
from caboose.oos.plan import Loop, Task
from caboose.oos.problems import summary
from caboose.oos.resolve import json_size
from caboose.oos.selectors import SelectorError, select_all
from caboose.oos.tasks import MAX_ITEMS

RunTasks = Callable[[Frame], Awaitable[dict[str, Any]]]


async def run_task(frame: Frame, task: Task, run_tasks: RunTasks) -> dict[str, Any]:
    """Runs a task of the frame and gives its outputs; ``run_tasks`` runs the body of a product action.

    Raises:
        TaskFailed: with the task's name in the message.
        Rejected: an approval was refused.
    """
    run = frame.new_run(task.name, task.action)
    try:
        if task.loop:
            run.outputs = await _run_looped(frame, task, task.loop, run, run_tasks)
        else:
            run.outputs = await _run_action(frame, task, run, frame.item, run_tasks)
    except TaskFailed as failure:
        run.request_id = run.request_id or failure.request_id
        run.end(FAILED, frame.run.now(), str(failure))
        raise TaskFailed(failure.code, f"{task.name}: {failure.message}", failure.request_id) from None
    except TaskSkipped:
        run.end(SKIPPED, frame.run.now(), "skipped by a decision")
        return {}
    except Rejected as rejection:
        run.end(CANCELLED, frame.run.now(), rejection.reason)
        raise
    run.end(SUCCESS, frame.run.now())
    return run.outputs


async def _run_action(frame: Frame, task: Task, run: TaskRun, item: Any, run_tasks: RunTasks) -> dict[str, Any]:
    properties = frame.resolve(task.properties, item)
    if task.body:
        return await _run_product_action(frame, task, run, properties, item, run_tasks)
    return await HANDLERS[task.action](TaskContext(frame, task, run, item), properties)


async def _run_product_action(
    frame: Frame, task: Task, run: TaskRun, properties: dict[str, Any], item: Any, run_tasks: RunTasks
) -> dict[str, Any]:
    """A product action is a template: its parameters are bound, its tasks run, its outputs are selected from."""
    body = frame.run.plan.bodies[task.body]
    child = Frame(frame.run, body, run.id, {}, parent_id=run.id, item=item)
    given = {name: value for name, value in properties.items() if value is not None}

    def resolve_default(value: Any, bound: dict[str, Any]) -> Any:
        child.parameters = bound
        return child.resolve(value)

    child.parameters, problems = bind_parameters(body.parameters, given, resolve_default, "Properties")
    if problems:
        raise TaskFailed(problems[0].id, summary(problems))
    outputs = await run_tasks(child)
    try:
        return select_all(task.outputs, outputs)
    except SelectorError as error:
        raise TaskFailed("SelectorError", str(error)) from None


async def _run_looped(frame: Frame, task: Task, loop: Loop, run: TaskRun, run_tasks: RunTasks) -> dict[str, Any]:
    items = frame.resolve(loop.items)
    if not isinstance(items, list):
        raise TaskFailed("InvalidItems", f"the loop's Items are a list, not {items!r:.80}")
    if len(items) > MAX_ITEMS:
        hint = "select fewer targets, or run several executions"
        raise TaskFailed("TooManyItems", f"the loop has {len(items)} items, at most {MAX_ITEMS}; {hint}")
    try:
        control = rate_control.parse(frame.resolve(loop.rate_control))
    except rate_control.RateControlError as error:
        raise TaskFailed(error.code, str(error)) from None
    if items:
        size = json_size(frame.resolve(task.properties, items[0]))
        frame.run.effects.make_room(len(items) * frame.run.calls_of(task.body), size)

    async def run_item(index: int) -> dict[str, Any] | None:
        child = frame.add(
            TaskRun(f"{run.id}.i{index + 1:04d}", task.name, task.action, frame.run.now(), run.id, items[index])
        )
        child.status = RUNNING
        try:
            child.outputs = await _run_action(frame, task, child, items[index], run_tasks)
        except TaskFailed as failure:
            child.request_id = failure.request_id
            child.end(FAILED, frame.run.now(), str(failure))
            raise
        except TaskSkipped:
            child.end(SKIPPED, frame.run.now(), "skipped by a decision")
            return None
        child.end(SUCCESS, frame.run.now())
        return child.outputs

    results = await run_loop(run, items, control, run_item, frame.run.effects.turn)
    return {
        name: [result.get(aggregate.field) if result else None for result in results]
        for name, aggregate in loop.outputs.items()
    }
