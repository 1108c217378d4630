"""One task: its loop or its action, its outputs, and its task execution in the record."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from caboose.engine.actions import HANDLERS, TaskContext
from caboose.engine.errors import Rejected, TaskFailed, TaskSkipped
from caboose.engine.frame import Frame
from caboose.engine.loop import run_loop
from caboose.engine.state import CANCELLED, FAILED, RUNNING, SKIPPED, SUCCESS, TaskRun
from caboose.oos import rate_control
from caboose.oos.compiling.tasks import MAX_ITEMS
from caboose.oos.functions import FunctionError
from caboose.oos.functions import aggregate as collect
from caboose.oos.parameters import bind_parameters
from caboose.oos.plan import Loop, Task
from caboose.oos.problems import Problem, summary
from caboose.oos.selectors import SelectorError, select_all
from caboose.oos.values import json_size

RunBody = Callable[[Frame], Awaitable[dict[str, Any]]]
_PROPERTIES = "Properties"


async def run_task(frame: Frame, task: Task, run_body: RunBody) -> dict[str, Any]:
    """Runs a task of the frame and gives its outputs; ``run_body`` runs the body of a product action.

    Raises:
        TaskFailed: with the task's name in the message.
        Rejected: an approval was refused.
    """
    run = frame.new_run(task.name, task.action)
    try:
        if task.loop:
            run.outputs = await _run_looped(frame, task, task.loop, run, run_body)
        else:
            run.outputs = await _run_action(frame, task, run, frame.item, run_body)
    except TaskFailed as failure:
        run.request_id = run.request_id or failure.request_id
        message = frame.run.hide(failure.message)
        run.end(FAILED, frame.run.now(), f"{failure.code}: {message}")
        raise TaskFailed(failure.code, f"{task.name}: {message}", failure.request_id) from None
    except TaskSkipped:
        run.end(SKIPPED, frame.run.now(), "skipped by a decision")
        return {}
    except Rejected as rejection:
        run.end(CANCELLED, frame.run.now(), rejection.reason)
        raise
    run.end(SUCCESS, frame.run.now())
    return run.outputs


async def _run_action(frame: Frame, task: Task, run: TaskRun, item: Any, run_body: RunBody) -> dict[str, Any]:
    properties = await frame.evaluate(task.properties, _PROPERTIES, item)
    specs, made = await frame.selectors(task, item)
    if not task.body:
        context = TaskContext(frame, task, run, item, specs)
        return {**await HANDLERS[task.action](context, properties), **made}
    result = await _run_product_action(frame, task, run, properties, item, run_body)
    try:
        return {**await select_all(specs, result, frame.run.effects.programs), **made}
    except SelectorError as error:
        raise TaskFailed("SelectorError", str(error)) from None


async def _run_product_action(
    frame: Frame, task: Task, run: TaskRun, properties: dict[str, Any], item: Any, run_body: RunBody
) -> dict[str, Any]:
    """A product action is a template: its parameters are bound, its tasks run; its outputs are the result."""
    body = frame.run.plan.bodies[task.body]
    child = Frame(frame.run, body, run.id, {}, parent_id=run.id, item=item)
    given = {name: value for name, value in properties.items() if value is not None}

    child.parameters, problems = await _bind(child, given)
    if problems:
        told = [_of_null(problem, properties) for problem in problems]
        raise TaskFailed(told[0].id, summary(told).removeprefix(f"{told[0].id} "))
    frame.run.keep_secret(body, child.parameters)
    child.ram_role = await _role(child, frame.ram_role)
    return await run_body(child)


def _of_null(problem: Problem, properties: dict[str, Any]) -> Problem:
    """A property that is written and turned out null looks as if it were missing: the problem says which it is."""
    if problem.id != "MissingParameter" or problem.path.removeprefix(f"{_PROPERTIES}.") not in properties:
        return problem
    return replace(problem, message=f"{problem.message}; what the template gives is null")


async def _bind(child: Frame, given: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The values of a nested template's parameters; its defaults are made in its own frame."""

    async def resolve_default(value: Any, bound: Mapping[str, Any]) -> Any:
        child.parameters = dict(bound)
        return await child.evaluate(value)

    programs = child.run.effects.programs
    return await bind_parameters(child.body.parameters, given, resolve_default, programs, _PROPERTIES)


async def _role(child: Frame, inherited: str) -> str:
    """A nested template runs as its own role where it names one, else as whoever uses it (reference section 5.7)."""
    role = await child.evaluate(child.body.ram_role, "RamRole")
    if role is not None and not isinstance(role, str):
        raise TaskFailed("InvalidType", f"RamRole is the name of a role, not {role!r:.80}")
    return role or inherited


async def _run_looped(frame: Frame, task: Task, loop: Loop, run: TaskRun, run_body: RunBody) -> dict[str, Any]:
    items = await frame.evaluate(loop.items, "Loop.Items")
    if not isinstance(items, list):
        raise TaskFailed("InvalidItems", f"the loop's Items are a list, not {items!r:.80}")
    if len(items) > MAX_ITEMS:
        hint = "select fewer targets, or run several executions"
        raise TaskFailed("TooManyItems", f"the loop has {len(items)} items, at most {MAX_ITEMS}; {hint}")
    try:
        control = rate_control.parse(await frame.evaluate(loop.rate_control, "Loop.RateControl"))
    except rate_control.RateControlError as error:
        raise TaskFailed(error.code, str(error)) from None
    if control.unsupported():
        raise TaskFailed("NotSupportedYet", f"{control.unsupported()} isn't supported yet")
    if items:
        size = await _size_of_item(frame, task, items[0])
        frame.run.effects.make_room(len(items) * frame.run.calls_of(task.body), size)

    async def run_item(index: int) -> dict[str, Any] | None:
        child = frame.add(
            TaskRun(f"{run.id}.i{index + 1:04d}", task.name, task.action, frame.run.now(), run.id, items[index])
        )
        child.status = RUNNING
        try:
            child.outputs = await _run_action(frame, task, child, items[index], run_body)
        except TaskFailed as failure:
            child.request_id = failure.request_id
            child.end(FAILED, frame.run.now(), frame.run.hide(str(failure)))
            raise
        except TaskSkipped:
            child.end(SKIPPED, frame.run.now(), "skipped by a decision")
            return None
        child.end(SUCCESS, frame.run.now())
        return child.outputs

    results = await run_loop(run, items, control, run_item, frame.run.effects.turn)
    return _collected(task, loop, results)


async def _size_of_item(frame: Frame, task: Task, item: Any) -> int:
    """About the bytes that one item sends; an item that can't be made fails by itself when its turn comes."""
    try:
        return json_size(await frame.evaluate(task.properties, _PROPERTIES, item))
    except TaskFailed:
        return 0


def _collected(task: Task, loop: Loop, results: list[dict[str, Any] | None]) -> dict[str, Any]:
    """What the loop gives: its aggregates, and for each direct selection what it finds in all items, in one list."""
    found: dict[str, Any] = {}
    for name, aggregate in loop.outputs.items():
        try:
            found[name] = collect(
                aggregate.type, [result.get(aggregate.field) if result else None for result in results]
            )
        except FunctionError as error:
            raise TaskFailed("FunctionError", f"Loop.Outputs.{name}: {error}") from None
    for path, spec in task.raw_outputs.items():
        if spec.type == "List":
            found[path] = [each for result in results if result for each in result.get(path) or ()]
    return found
