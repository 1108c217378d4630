"""Tasks in tasks: nested templates (product actions, ``ACS::Template``) and the inner tasks of ``ACS::Loop``.

A nested template is a child execution with a frame of its own: its parameters are bound, its tasks run, and the task's
selectors are applied to its outputs, also when it failed. The inner tasks of ``ACS::Loop`` see what their task sees.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from caboose.engine.errors import TaskFailed
from caboose.engine.frame import Frame
from caboose.engine.outputs import template_outputs
from caboose.engine.state import TaskRun
from caboose.oos.parameters import bind_parameters
from caboose.oos.plan import Body, OutputSpec, Task
from caboose.oos.problems import Problem, summary
from caboose.oos.selectors import SelectorError, select_all

TEMPLATE, LOOP = "ACS::Template", "ACS::Loop"
MAX_DEPTH = 16
_PROPERTIES = "Properties"
_PARAMETERS = "Parameters"

Walk = Callable[[Frame], Awaitable[None]]


async def run_nested(
    frame: Frame, task: Task, run: TaskRun, item: Any, walk: Walk, replaced: dict[str, Any]
) -> dict[str, Any]:
    """Runs the template behind a task and gives the task's outputs.

    Raises:
        TaskFailed: as the nested template, with the outputs that it gave all the same.
    """
    body, given = await _template(frame, task, item, replaced)
    run.properties = given
    specs, made = await frame.selectors(task, item)
    child = Frame(
        frame.run,
        body,
        _child_id(run),
        {},
        parent_id=run.id,
        item=item,
        owner=run if run.has_item else frame.owner or run,
        attended=frame.attended and task.action == TEMPLATE,
        depth=frame.depth + 1,
        around=(*frame.around, frame.run.hash_of(frame.body)),
    )
    _check_place(child)
    await _bind(child, given, task)
    child.ram_role = await _role(child, frame.ram_role)
    try:
        await walk(child)
    except TaskFailed as failure:
        failure.outputs = {**await _outputs_all_the_same(child, specs), **made}
        raise
    return {**await _selected(specs, await template_outputs(child), child), **made}


async def run_inner(frame: Frame, task: Task, run: TaskRun, item: Any, walk: Walk) -> dict[str, Any]:
    """Runs the inner tasks of ``ACS::Loop`` for one item and gives the task's outputs for it."""
    inner = replace(
        frame,
        id=_child_id(run),
        parent_id=run.id,
        item=item,
        outputs=dict(frame.outputs),
        started=0,
        within=(*frame.within, task.name),
        owner=run if run.has_item else frame.owner or run,
        depth=frame.depth + 1,
        failures={},
        runs=0,
        jumps_back=False,
        begun_loops={},
    )
    try:
        await walk(inner)
    except TaskFailed as failure:
        failure.outputs = await _inner_outputs_all_the_same(inner, task, item)
        raise
    return await _inner_outputs(inner, task, item)


async def _inner_outputs(inner: Frame, task: Task, item: Any) -> dict[str, Any]:
    return {
        name: await inner.evaluate(spec.selector, f"Outputs.{name}.ValueSelector", item)
        for name, spec in task.outputs.items()
    }


async def _inner_outputs_all_the_same(inner: Frame, task: Task, item: Any) -> dict[str, Any]:
    """What failed inner tasks give; nothing, where that can't be made of what there is."""
    try:
        return await _inner_outputs(inner, task, item)
    except TaskFailed:
        return {}


def _check_place(child: Frame) -> None:
    """What compiling can't see of templates that are known only when they are reached."""
    if child.depth > MAX_DEPTH:
        raise TaskFailed("TooDeep", f"templates are nested more than {MAX_DEPTH} levels deep")
    if child.run.hash_of(child.body) in child.around:
        name = f" {child.body.name}" if child.body.name else ""
        raise TaskFailed("TemplateCycle", f"the template{name} is nested in itself")


def _child_id(run: TaskRun) -> str:
    """The child execution's id: another one for each attempt, because tokens and names are made from it."""
    return run.id if run.attempt == 1 else f"{run.id}.a{run.attempt}"


async def _template(frame: Frame, task: Task, item: Any, replaced: dict[str, Any]) -> tuple[Body, dict[str, Any]]:
    """The nested template and its parameters' values, unchecked."""
    if task.action != TEMPLATE:
        given = await frame.evaluate(task.properties, _PROPERTIES, item)
        return frame.run.plan.bodies[task.body], {**given, **replaced}
    parameters = task.properties.get(_PARAMETERS)
    given = await frame.evaluate(parameters, f"{_PROPERTIES}.{_PARAMETERS}", item)
    given = {**_as_map(given), **replaced}
    if task.body:
        return frame.run.plan.bodies[task.body], given
    wanted = {name: value for name, value in task.properties.items() if name != _PARAMETERS}
    wanted = await frame.evaluate(wanted, _PROPERTIES, item)
    content = wanted.get("TemplateContent")
    body = await frame.run.template(
        str(wanted.get("TemplateName") or ""),
        str(wanted.get("TemplateVersion") or ""),
        content if isinstance(content, str) or not content else json.dumps(content),
    )
    return body, given


def _as_map(given: Any) -> dict[str, Any]:
    """The parameters of ``ACS::Template``: a map, or its text."""
    if isinstance(given, str):
        given = _parsed(given)
    if given is not None and not isinstance(given, dict):
        raise TaskFailed("InvalidType", f"{_PROPERTIES}.{_PARAMETERS} is a map, not {given!r:.80}")
    return given or {}


def _parsed(text: str) -> Any:
    """The value of a JSON text; a text that is none stays as it is, for the message."""
    try:
        return json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        return text


async def _bind(child: Frame, given: dict[str, Any], task: Task) -> None:
    """Gives the child the values of its parameters; its defaults are made in its own frame."""

    async def resolve_default(value: Any, bound: Mapping[str, Any]) -> Any:
        child.parameters = dict(bound)
        return await child.evaluate(value)

    programs = child.run.effects.programs
    written = {name: value for name, value in given.items() if value is not None}
    place = f"{_PROPERTIES}.{_PARAMETERS}" if task.action == TEMPLATE else _PROPERTIES
    child.parameters, problems = await bind_parameters(child.body.parameters, written, resolve_default, programs, place)
    if problems:
        told = [_of_null(problem, given, place) for problem in problems]
        raise TaskFailed(told[0].id, summary(told).removeprefix(f"{told[0].id} "))
    child.run.keep_secret(child.body, child.parameters)


def _of_null(problem: Problem, given: dict[str, Any], place: str) -> Problem:
    """A property that is written and turned out null looks as if it were missing: the problem says which it is."""
    if problem.id != "MissingParameter" or problem.path.removeprefix(f"{place}.") not in given:
        return problem
    return replace(problem, message=f"{problem.message}; what the template gives is null")


async def _role(child: Frame, inherited: str) -> str:
    """A nested template runs as its own role where it names one, else as whoever uses it (reference section 5.7)."""
    role = await child.evaluate(child.body.ram_role, "RamRole")
    if role is not None and not isinstance(role, str):
        raise TaskFailed("InvalidType", f"RamRole is the name of a role, not {role!r:.80}")
    return role or inherited


async def _selected(specs: dict[str, OutputSpec], result: dict[str, Any], child: Frame) -> dict[str, Any]:
    try:
        return await select_all(specs, result, child.run.effects.programs)
    except SelectorError as error:
        raise TaskFailed("SelectorError", str(error)) from None


async def _outputs_all_the_same(child: Frame, specs: dict[str, OutputSpec]) -> dict[str, Any]:
    """What a failed template gives; selectors that need more than there is give nothing."""
    try:
        return await _selected(specs, await template_outputs(child, noted=False), child)
    except TaskFailed:
        return {}
