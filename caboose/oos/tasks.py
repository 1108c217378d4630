"""The Tasks section: each task read, its action's properties and its references checked (reference section 2).

What OOS has and this version doesn't run is refused here, with its place: flow control, modes of loops, other actions.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from caboose.oos import rate_control
from caboose.oos.actions import ACTIONS
from caboose.oos.loader import Path
from caboose.oos.names import PARAMETER_NAME, resolve_name
from caboose.oos.parameters import TYPES
from caboose.oos.plan import Aggregate, Body, Loop, OutputSpec, Retry, Task
from caboose.oos.problems import did_you_mean
from caboose.oos.properties import check_atomic, check_product
from caboose.oos.reader import Reader, description_of
from caboose.oos.references import references
from caboose.oos.scope_check import LOOP_ITEM, WHILE_RUNNING, Scope, check_references, is_function
from caboose.oos.sections import read_type
from caboose.oos.selectors import SelectorError, parse

FindBody = Callable[[str, Reader, Path], tuple[str, str, Body] | None]
"""Product action name -> (its declared name, the hash of its body, its body); None after reporting why not."""

_FLOW_KEYS = ("When", "OnSuccess", "OnError", "OnCancel", "IsCritical")
_RETRY_KEYS = ("Retries", "DelayType", "Delay", "BackOff", "MaxRetryInterval")
_KEYS = ("Name", "Action", "Properties", "Description", "Outputs", "Loop", *_FLOW_KEYS, *_RETRY_KEYS)
_LOOP_KEYS = ("Items", "RateControl", "Outputs")
_LEGACY_RATE_KEYS = ("Mode", "MaxErrors", "Concurrency", *rate_control.BATCH_KEYS)
MAX_ITEMS = 1_000
"""Source: loops of OOS take at most 1,000 items."""
_DELAY_TYPES = ("Exponential", "Constant", "Linear")


@dataclass(frozen=True)
class _Place:
    """A task under reading: where it stands, and what may be named in it."""

    path: Path
    scope: Scope
    looped: Scope


def read_tasks(reader: Reader, value: Any, parameters: list[str], find_body: FindBody) -> tuple[list[Task], Scope]:
    """The tasks in order, and the scope in which the template's outputs are read: every task has run there."""
    path: Path = ("Tasks",)
    if not isinstance(value, list) or not value:
        reader.error("MissingKey" if value is None else "InvalidType", "Tasks is a list of one task or more", path)
        return [], Scope(parameters)
    names = [_name(reader, each, (*path, index)) for index, each in enumerate(value)]
    reader.no_case_twins(dict.fromkeys(names), path, "tasks")
    tasks: list[Task] = []
    outputs: dict[str, list[str]] = {}
    for index, each in enumerate(value):
        scope = Scope(parameters, dict(outputs), names[index:])
        place = _Place((*path, index), scope, replace(scope, pseudo=(*WHILE_RUNNING, LOOP_ITEM)))
        if names[index] in outputs:
            reader.error("DuplicateName", f'a task named "{names[index]}" stands above', place.path)
        task = _task(reader, names[index], reader.mapping(each, place.path), place, find_body)
        tasks.append(task)
        outputs[task.name] = list(task.loop.outputs if task.loop else task.outputs)
    return tasks, Scope(parameters, outputs)


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


def _task(reader: Reader, name: str, fields: dict[str, Any], place: _Place, find_body: FindBody) -> Task:
    reader.unknown_keys(fields, _KEYS, place.path)
    for key in _FLOW_KEYS:
        if key in fields:
            reader.not_supported(f"{key} of a task", (*place.path, key))
    loop = _loop(reader, fields["Loop"], fields.get("Outputs"), place) if "Loop" in fields else None
    scope = place.looped if loop else place.scope
    given = reader.mapping(fields.get("Properties"), (*place.path, "Properties"))
    properties = check_references(reader, given, (*place.path, "Properties"), scope)
    action, body_hash, properties = _action(reader, fields.get("Action"), properties, loop, place, find_body)
    return Task(
        name=name,
        action=action,
        properties=properties,
        body=body_hash,
        description=description_of(fields.get("Description")),
        outputs=_outputs(reader, fields.get("Outputs"), place),
        loop=loop,
        retry=_retry(reader, fields, action, place),
    )


def _action(
    reader: Reader,
    name: Any,
    properties: dict[str, Any],
    loop: Loop | None,
    place: _Place,
    find_body: FindBody,
) -> tuple[str, str, dict[str, Any]]:
    """(declared name, body hash, properties in their declared spelling) of the task's action."""
    path = (*place.path, "Action")
    if not isinstance(name, str):
        reader.error("MissingKey", "the task has no Action", place.path)
        return "", "", properties
    atomic = resolve_name(name, ACTIONS)
    if atomic is None:
        found = find_body(name, reader, path)
        if found is None:
            return name, "", properties
        declared, body_hash, body = found
        _warn_of_case(reader, name, declared, path)
        return (
            declared,
            body_hash,
            check_product(reader, declared, body, properties, (*place.path, "Properties")),
        )
    action = ACTIONS[atomic]
    _warn_of_case(reader, name, atomic, path)
    if not action.supported:
        reader.not_supported(f"the action {atomic}", path)
        return atomic, "", properties
    if loop and not action.may_loop:
        reader.error("LoopNotAllowed", f"{atomic} can't be looped", (*place.path, "Loop"))
    return atomic, "", check_atomic(reader, action, properties, (*place.path, "Properties"))


def _warn_of_case(reader: Reader, name: str, declared: str, path: Path) -> None:
    if name != declared:
        hint = "It works; write it as it is declared."
        reader.warning("LetterCase", f'"{name}" is declared as "{declared}"', path, hint)


def _outputs(reader: Reader, value: Any, place: _Place) -> dict[str, OutputSpec]:
    path = (*place.path, "Outputs")
    outputs = {}
    section = reader.mapping(value, path)
    reader.no_case_twins(section, path, "outputs")
    for name, each in section.items():
        here = (*path, name)
        fields = reader.mapping(each, here)
        reader.unknown_keys(fields, ("Type", "ValueSelector", "Description"), here)
        type_name = read_type(reader, fields.get("Type", "String"), (*here, "Type"), TYPES)
        outputs[name] = OutputSpec(
            type_name, read_selector(reader, fields.get("ValueSelector", "."), (*here, "ValueSelector"))
        )
    return outputs


def read_selector(reader: Reader, value: Any, path: Path) -> str:
    """A selector that is a plain path; programs and selectors with references are refused for now."""
    if not isinstance(value, str):
        reader.not_supported("a selector that is no plain path", path)
        return "."
    if any(references(value)):
        reader.not_supported("a reference in a selector", path)
        return "."
    try:
        parse(value)
    except SelectorError as error:
        reader.not_supported(f"a selector like this ({error})", path)
    return value


def _loop(reader: Reader, value: Any, outputs: Any, place: _Place) -> Loop:
    path = (*place.path, "Loop")
    fields = reader.mapping(value, path)
    reader.unknown_keys(fields, (*_LOOP_KEYS, *_LEGACY_RATE_KEYS), path)
    if "Items" not in fields:
        reader.error("MissingKey", "a Loop needs Items", path)
    items = check_references(reader, fields.get("Items", []), (*path, "Items"), place.scope)
    if isinstance(items, list):
        if len(items) > MAX_ITEMS:
            reader.error("TooManyItems", f"Items has {len(items)} elements, at most {MAX_ITEMS}", (*path, "Items"))
    elif not is_function(items) and not (isinstance(items, str) and any(references(items))):
        reader.error("InvalidType", "Items is a list", (*path, "Items"))
    control = _rate_control(reader, fields, path, place)
    return Loop(items, control, _aggregates(reader, fields.get("Outputs"), outputs, path))


def _rate_control(reader: Reader, fields: dict[str, Any], path: Path, place: _Place) -> Any:
    """``RateControl``, or the older form: the same keys beside Items."""
    control = fields.get("RateControl")
    older = {key: fields[key] for key in _LEGACY_RATE_KEYS if key in fields}
    if older and control is not None:
        message = f"{', '.join(older)} stand beside RateControl, which has the same keys; only one of them can be meant"
        reader.error("InvalidRateControl", message, path)
    path = path if control is None else (*path, "RateControl")
    control = check_references(reader, older if control is None else control, path, place.scope)
    if not any(references(control)) and not is_function(control):
        check_rate_control(reader, control, path)
    return control


def check_rate_control(reader: Reader, value: Any, path: Path) -> None:
    """Reports what is wrong with a rate control that has no references."""
    try:
        rate_control.parse(value)
    except rate_control.RateControlError as error:
        reader.error(error.code, str(error), path)


def _aggregates(reader: Reader, value: Any, outputs: Any, path: Path) -> dict[str, Aggregate]:
    path = (*path, "Outputs")
    declared = list(outputs) if isinstance(outputs, dict) else []
    aggregates = {}
    section = reader.mapping(value, path)
    reader.no_case_twins(section, path, "outputs")
    for name, each in section.items():
        here = (*path, name)
        fields = reader.mapping(each, here)
        reader.unknown_keys(fields, ("AggregateType", "AggregateField"), here)
        if fields.get("AggregateType") != "Fn::ListJoin":
            reader.not_supported(f"AggregateType {fields.get('AggregateType')}", here)
        field = resolve_name(reader.text(fields.get("AggregateField"), here), declared)
        if field is None:
            hint = did_you_mean(str(fields.get("AggregateField")), declared)
            reader.error(
                "UnknownReference",
                "AggregateField names no output of this task",
                (*here, "AggregateField"),
                hint,
            )
        aggregates[name] = Aggregate("Fn::ListJoin", field or "")
    return aggregates


def _retry(reader: Reader, fields: dict[str, Any], action: str, place: _Place) -> Retry:
    """The polling attributes (reference section 2.3); they mean something to WaitFor only."""
    given = [key for key in _RETRY_KEYS if key in fields]
    if given and action != "ACS::WaitFor":
        reader.warning("UnusedRetry", f"{given[0]} has no effect on {action}", (*place.path, given[0]))
    delay_type = fields.get("DelayType", "Exponential")
    if delay_type not in _DELAY_TYPES:
        reader.error("InvalidRetry", f"DelayType is one of {', '.join(_DELAY_TYPES)}", (*place.path, "DelayType"))
    return Retry(
        retries=int(_number(reader, fields, "Retries", 10, (0, 300), place.path)),
        delay_type=str(delay_type),
        delay=_number(reader, fields, "Delay", 2, (1, 3600), place.path),
        back_off=_number(reader, fields, "BackOff", 2, (1, 3600), place.path),
        max_interval=_number(reader, fields, "MaxRetryInterval", 1800, (1, 1800), place.path),
    )


def _number(
    reader: Reader, fields: dict[str, Any], key: str, default: int, bounds: tuple[int, int], path: Path
) -> float:
    value = fields.get(key, default)
    low, high = bounds
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        reader.error("InvalidRetry", f"{key} is a number from {low} to {high}, not {value!r:.40}", (*path, key))
        return default
    return value
