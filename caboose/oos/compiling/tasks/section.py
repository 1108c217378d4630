"""Reading tasks, in order: what a task may name depends on what stands before it.

The inner tasks of ``ACS::Loop`` are read by the same functions, in a scope that goes on from the outer one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from caboose.oos.actions import ACTIONS, Action
from caboose.oos.actions.fields import of_kind
from caboose.oos.actions.kinds import SELECTOR
from caboose.oos.compiling.expressions import check_condition, check_program, check_value
from caboose.oos.compiling.properties import check_atomic, check_product
from caboose.oos.compiling.reader import Reader, description_of
from caboose.oos.compiling.scope import Scope
from caboose.oos.compiling.tasks.jumps import read_jump, resolve_choices
from caboose.oos.compiling.tasks.loops import read_items, read_loop, read_rate_control
from caboose.oos.compiling.tasks.nested import Bodies, check_parameters, comes_later, template_body
from caboose.oos.compiling.tasks.outputs import read_task_outputs
from caboose.oos.compiling.tasks.retries import RETRY_KEYS, read_retry
from caboose.oos.loading import Path
from caboose.oos.names import PARAMETER_NAME, resolve_name
from caboose.oos.plan import END, NEXT, Body, Loop, OutputSpec, Task
from caboose.oos.references import is_open

_FLOW_KEYS = ("When", "OnSuccess", "OnError", "OnCancel", "IsCritical")
_KEYS = ("Name", "Action", "Properties", "Description", "Outputs", "Loop", *_FLOW_KEYS, *RETRY_KEYS)
_CHOICE, _TEMPLATE, _LOOP = "ACS::Choice", "ACS::Template", "ACS::Loop"
_CONTENT = "TemplateContent"


@dataclass(frozen=True)
class _Place:
    """A task under reading: where it stands, what may be named in it, and where jumps may go."""

    name: str
    path: Path
    scope: Scope
    names: list[str]
    bodies: Bodies
    inner: bool = False

    @property
    def first(self) -> bool:
        return not self.inner and self.path[-1] == 0


def read_tasks(
    reader: Reader, value: Any, path: Path, scope: Scope, bodies: Bodies, *, inner: bool = False
) -> tuple[list[Task], Scope]:
    """The tasks in order, and the scope after the last of them.

    Args:
        reader: takes what is wrong.
        value: the list of tasks as it was loaded.
        path: where the list stands.
        scope: what may be named before the first task.
        bodies: compiles the templates behind actions.
        inner: whether these are the tasks of ``ACS::Loop``.
    """
    if not isinstance(value, list) or not value:
        reader.error(
            "MissingKey" if value is None else "InvalidType", f"{path[-1]} is a list of one task or more", path
        )
        return [], scope
    names = [_name(reader, each, (*path, index)) for index, each in enumerate(value)]
    reader.no_case_twins(dict.fromkeys(names), path, "tasks")
    tasks: list[Task] = []
    outer_later = scope.later_tasks
    for index, each in enumerate(value):
        here = (*path, index)
        if names[index] in scope.outputs:
            reader.error("DuplicateName", f'a task named "{names[index]}" stands above', here)
        later = (*names[index:], *outer_later)
        place = _Place(names[index], here, replace(scope, later_tasks=later), names, bodies, inner)
        task = _task(reader, reader.mapping(each, here), place)
        tasks.append(task)
        scope = scope.after(task.name, _visible(task))
    return tasks, scope


def _name(reader: Reader, task: Any, path: Path) -> str:
    name = task.get("Name") if isinstance(task, dict) else None
    if not isinstance(name, str) or not PARAMETER_NAME.fullmatch(name):
        reader.error(
            "InvalidName",
            f"a task needs a Name of letters, digits, hyphens and underscores, not {name!r:.80}",
            path,
        )
        return f"task{path[-1]}"
    reader.label(path, name)
    return name


def _visible(task: Task) -> list[str]:
    """The outputs that later tasks can name."""
    return list(task.loop.outputs if task.loop else task.outputs)


def with_raw_outputs(
    tasks: list[Task], raw: Mapping[tuple[str, ...], Iterable[str]], within: tuple[str, ...] = ()
) -> list[Task]:
    """The tasks with the paths that are selected directly from their results: always lists (reference section 1.5)."""
    return [
        replace(
            task,
            raw_outputs={
                **task.raw_outputs,
                **{path: OutputSpec("List", "." + path) for path in raw.get((*within, task.name), ())},
            },
            tasks=with_raw_outputs(task.tasks, raw, (*within, task.name)),
        )
        for task in tasks
    ]


def _task(reader: Reader, fields: dict[str, Any], place: _Place) -> Task:
    reader.unknown_keys(fields, _KEYS, place.path)
    path, looped = place.path, "Loop" in fields
    scope = place.scope.with_item() if looped else place.scope
    when = fields.get("When")
    if when is not None:
        when = check_condition(reader, when, (*path, "When"), scope)
    task = _action(reader, fields, replace(place, scope=scope))
    if looped:
        loop = _loop(reader, fields["Loop"], task, place)
        task = replace(task, loop=loop, raw_outputs=_collected(task, loop))
    return replace(
        task,
        description=description_of(fields.get("Description")),
        retry=_retry(reader, fields, task.action, place),
        when=when,
        on_success=read_jump(reader, fields.get("OnSuccess"), NEXT, place.names, (*path, "OnSuccess")),
        on_error=read_jump(reader, fields.get("OnError"), END, place.names, (*path, "OnError")),
        on_cancel=read_jump(reader, fields.get("OnCancel"), END, place.names, (*path, "OnCancel")),
        is_critical=_flag(reader, fields.get("IsCritical"), (*path, "IsCritical")),
    )


def _loop(reader: Reader, value: Any, task: Task, place: _Place) -> Loop:
    action = ACTIONS.get(task.action)
    path = (*place.path, "Loop")
    if action and not action.may_loop:
        reader.error("LoopNotAllowed", f"{task.action} can't be looped", path, "Use ACS::Loop, or loop its neighbours.")
    nested = None if action and action.name != _TEMPLATE else place.bodies.used().get(task.body, Body("", []))
    return read_loop(reader, value, list(task.outputs), path, place.scope, nested)


def _collected(task: Task, loop: Loop) -> dict[str, OutputSpec]:
    """Outputs of a nested template that the loop collects although the task doesn't declare them."""
    fields = [aggregate.field for aggregate in loop.outputs.values()]
    return {name: OutputSpec("Json", f'."{name}"') for name in fields if name not in task.outputs}


def _retry(reader: Reader, fields: dict[str, Any], action: str, place: _Place) -> Any:
    given = [key for key in RETRY_KEYS if key in fields]
    declared = ACTIONS.get(action)
    if declared and declared.polls:
        return read_retry(reader, fields, place.path, declared.retries)
    if given:
        reader.warning("UnusedRetry", f"{given[0]} has no effect on {action}", (*place.path, given[0]))
    return read_retry(reader, fields, place.path)


def _flag(reader: Reader, value: Any, path: Path) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if value is not None and not isinstance(value, bool):
        reader.error("InvalidType", f"{path[-1]} is true or false, not {value!r:.40}", path)
    return value is not False


def _action(reader: Reader, fields: dict[str, Any], place: _Place) -> Task:
    """The task with its action, its properties and its outputs."""
    name, path = fields.get("Action"), (*place.path, "Action")
    if not isinstance(name, str):
        reader.error("MissingKey", "the task has no Action", place.path, "Name one, such as ACS::ExecuteAPI.")
        name = ""
    atomic = resolve_name(name, ACTIONS)
    if atomic == _LOOP:
        return _loop_action(reader, fields, place)
    given = reader.mapping(fields.get("Properties"), (*place.path, "Properties"))
    here = (*place.path, "Properties")
    outputs = read_task_outputs(reader, fields.get("Outputs"), (*place.path, "Outputs"), place.scope)
    if atomic is not None:
        reader.warn_of_case(name, atomic, path)
        return replace(_atomic(reader, ACTIONS[atomic], given, place), outputs=outputs)
    properties = check_value(reader, given, here, place.scope)
    found = place.bodies.product(name, reader, path) if name else None
    if found is None:
        return Task(place.name, name, properties, outputs=outputs)
    reader.warn_of_case(name, found.name, path)
    checked = check_product(reader, found.name, found.body, properties, here)
    return Task(place.name, found.name, checked, body=found.hash, outputs=outputs)


def _atomic(reader: Reader, action: Action, given: dict[str, Any], place: _Place) -> Task:
    path = (*place.path, "Properties")
    if action.first_only and not place.first:
        reader.error("TriggerNotFirst", f"{action.name} is the first task of a template, or none", place.path)
    if not action.runs_here:
        reader.not_supported(f"the action {action.name}", (*place.path, "Action"))
    checked = {key: _property(reader, action, key, value, (*path, key), place.scope) for key, value in given.items()}
    properties = check_atomic(reader, action, checked, path)
    for place_of, selector in of_kind(SELECTOR, action.properties, properties):
        check_program(reader, selector, (*path, *place_of))
    body = ""
    if action.name == _CHOICE:
        properties = resolve_choices(reader, properties, place.names, path)
    elif action.name == _TEMPLATE:
        found = template_body(reader, properties, path, place.bodies)
        if found:
            body = found.hash
            properties = check_parameters(reader, found, properties, path)
            properties = {key: value for key, value in properties.items() if key != _CONTENT}
    return Task(place.name, action.name, properties, body=body, high_risk=_high_risk(action, properties))


def _property(reader: Reader, action: Action, key: str, value: Any, path: Path, scope: Scope) -> Any:
    """One property; what stands under ``When`` of a Choice is a condition, and an inline template stays as it is."""
    name = resolve_name(key, action.properties)
    if action.name == _TEMPLATE and name == _CONTENT and not comes_later(value):
        return value
    if action.name != _CHOICE or name != "Choices" or not isinstance(value, list):
        return check_value(reader, value, path, scope)
    return [
        {
            word: (check_condition if word.lower() == "when" else check_value)(
                reader, child, (*path, index, word), scope
            )
            for word, child in choice.items()
        }
        if isinstance(choice, dict)
        else choice
        for index, choice in enumerate(value)
    ]


def _high_risk(action: Action, properties: dict[str, Any]) -> bool:
    """Whether the call is of high risk; one whose API or Risk is computed is known when it runs."""
    api, risk = properties.get("API"), properties.get("Risk") or ""
    return isinstance(api, str) and isinstance(risk, str) and not is_open([api, risk]) and action.high_risk(properties)


def _fitting(value: Any, kind: type) -> Any:
    """A property of this type, or what gives one; anything else is a problem already."""
    return value if isinstance(value, kind) or is_open(value) else None


def _loop_action(reader: Reader, fields: dict[str, Any], place: _Place) -> Task:
    """``ACS::Loop``: inner tasks in a scope of their own, and outputs that refer to theirs (reference section 2.7)."""
    path = (*place.path, "Properties")
    action = ACTIONS[_LOOP]
    reader.warn_of_case(fields["Action"], _LOOP, (*place.path, "Action"))
    given = check_atomic(reader, action, reader.mapping(fields.get("Properties"), path), path)
    tasks: list[Task] = []
    scope = place.scope
    if isinstance(given.get("LoopTasks"), list):  # anything else is a problem already
        inner_path = (*path, "LoopTasks")
        tasks, scope = read_tasks(
            reader, given["LoopTasks"], inner_path, scope.inside(place.name), place.bodies, inner=True
        )
    items, control = _fitting(given.get("LoopItems"), list), _fitting(given.get("LoopRateControl"), dict)
    properties = {
        "LoopItems": read_items(reader, items, (*path, "LoopItems"), place.scope),
        "LoopRateControl": read_rate_control(reader, control, (*path, "LoopRateControl"), place.scope),
    }
    outputs = read_task_outputs(reader, fields.get("Outputs"), (*place.path, "Outputs"), scope)
    return Task(place.name, _LOOP, properties, outputs=outputs, tasks=tasks)
