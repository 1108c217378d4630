"""Holding references against what is declared: parameters, outputs of earlier tasks, pseudo parameters.

Each reference that is found in another letter case is rewritten to the declared spelling (with a warning), so that
whoever runs the plan needs exact names only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from caboose.oos.loader import Path
from caboose.oos.names import resolve_name
from caboose.oos.problems import did_you_mean
from caboose.oos.reader import Reader
from caboose.oos.references import (
    OUTPUT,
    PARAMETER,
    PSEUDO,
    PSEUDO_PARAMETERS,
    STORE,
    Reference,
    references,
    rename,
)

LOOP_ITEM = "ACS::TaskLoopItem"
AT_START = ("ACS::RegionId", "ACS::ExecutionId", "ACS::ExecuteUser")
"""Pseudo parameters that are known before the first task."""
WHILE_RUNNING = (*AT_START, "ACS::CurrentUTCTime", "ACS::CurrentDate")


@dataclass(frozen=True)
class Scope:
    """What may be named at one place. ``outputs`` maps tasks that come earlier to their outputs."""

    parameters: Iterable[str] = ()
    outputs: Mapping[str, Iterable[str]] = field(default_factory=dict)
    later_tasks: Iterable[str] = ()
    pseudo: tuple[str, ...] = WHILE_RUNNING


def check_references(reader: Reader, value: Any, path: Path, scope: Scope) -> Any:
    """The value with every reference in its declared spelling; what names nothing becomes a problem."""
    _refuse_functions(reader, value, path)
    spelled: dict[Reference, Reference] = {}
    for place, reference in references(value, path):
        spelled[reference] = _check(reader, reference, place, scope)
    return rename(value, lambda reference: spelled[reference])


def is_function(value: Any) -> bool:
    """Whether a value is a function's call, which ``check_references`` has refused."""
    return isinstance(value, dict) and any(key.lower().startswith("fn::") for key in value)


def _refuse_functions(reader: Reader, value: Any, path: Path) -> None:
    if isinstance(value, dict):
        for key, child in value.items():
            if key.lower().startswith("fn::"):
                reader.not_supported(f"the function {key}", (*path, key))
            else:
                _refuse_functions(reader, child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            _refuse_functions(reader, child, (*path, index))


def _check(reader: Reader, reference: Reference, path: Path, scope: Scope) -> Reference:
    if reference.kind == PARAMETER:
        return _check_parameter(reader, reference, path, scope)
    if reference.kind == OUTPUT:
        return _check_output(reader, reference, path, scope)
    if reference.kind == PSEUDO:
        return _check_pseudo(reader, reference, path, scope)
    if reference.kind == STORE:
        reader.not_supported(f"the parameter store ({{{{ {reference} }}}})", path)
    elif "." in reference.name:
        reader.not_supported(f"a path in a reference ({{{{ {reference} }}}})", path)
    else:
        reader.error("InvalidReference", f'"{{{{ {reference} }}}}" names nothing', path)
    return reference


def _check_parameter(reader: Reader, reference: Reference, path: Path, scope: Scope) -> Reference:
    found = resolve_name(reference.name, scope.parameters)
    if found is None:
        hint = did_you_mean(reference.name, scope.parameters)
        if resolve_name(reference.name, scope.outputs):
            hint = f"It is a task: name one of its outputs, as in {{{{ {reference.name}.output }}}}."
        reader.error("UnknownReference", f'the parameter "{reference.name}" is not declared', path, hint)
        return reference
    return _spelled(reader, reference, replace(reference, name=found), path)


def _check_output(reader: Reader, reference: Reference, path: Path, scope: Scope) -> Reference:
    task = resolve_name(reference.name, scope.outputs)
    if task is None:
        if resolve_name(reference.name, scope.later_tasks):
            message = f'the task "{reference.name}" has not run yet when this is needed'
        else:
            message = f'there is no task "{reference.name}"'
        reader.error("UnknownReference", message, path, did_you_mean(reference.name, scope.outputs))
        return reference
    found = resolve_name(reference.field, scope.outputs[task])
    if found is None:
        message = f'the task "{task}" declares no output "{reference.field}"'
        reader.error("UnknownReference", message, path, did_you_mean(reference.field, scope.outputs[task]))
        return reference
    return _spelled(reader, reference, Reference(OUTPUT, task, found), path)


def _check_pseudo(reader: Reader, reference: Reference, path: Path, scope: Scope) -> Reference:
    found = resolve_name(reference.name, PSEUDO_PARAMETERS)
    if found is None:
        hint = did_you_mean(reference.name, PSEUDO_PARAMETERS)
        reader.error("UnknownReference", f'there is no pseudo parameter "{reference.name}"', path, hint)
        return reference
    if found == LOOP_ITEM and found not in scope.pseudo:
        reader.error("UnknownReference", f"{LOOP_ITEM} has a value only in a task with a Loop", path)
    elif found not in scope.pseudo:
        reader.not_supported(f"{found} here", path)
    return _spelled(reader, reference, replace(reference, name=found), path)


def _spelled(reader: Reader, reference: Reference, found: Reference, path: Path) -> Reference:
    if str(found) != str(reference):
        message = f'"{reference}" is declared as "{found}"'
        reader.warning("LetterCase", message, path, "It works; write it as it is declared.")
    return found
