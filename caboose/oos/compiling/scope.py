"""Holding references against what is declared: parameters, outputs of earlier tasks, pseudo parameters.

Each reference that is found in another letter case is rewritten to the declared spelling (with a warning), so that
whoever runs the plan needs exact names only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from caboose.oos.compiling.reader import Reader
from caboose.oos.loading import Path
from caboose.oos.names import resolve_name
from caboose.oos.problems import did_you_mean
from caboose.oos.references import (
    OUTPUT,
    PARAMETER,
    PSEUDO,
    PSEUDO_PARAMETERS,
    RAW,
    STORE,
    Reference,
    references,
    rename,
)

LOOP_ITEM = "ACS::TaskLoopItem"
AT_START = tuple(name for name in PSEUDO_PARAMETERS if name != LOOP_ITEM)
"""Pseudo parameters that are known before the first task."""
WITH_ITEM = PSEUDO_PARAMETERS


@dataclass(frozen=True)
class Needs:
    """What a condition needs where it is used: tasks that have run, perhaps a loop item, and room to go down in."""

    tasks: tuple[str, ...] = ()
    item: bool = False
    depth: int = 0


@dataclass(frozen=True)
class Scope:
    """What may be named at one place.

    ``outputs`` maps tasks that come earlier to their outputs, ``homes`` to the tasks ACS::Loop around them, outermost
    first, as ``within`` are those around this place; ``conditions`` the conditions to what they need. ``raw`` collects
    the paths that direct selections take from the results of tasks, by their homes and names: inner tasks of two loops
    may have the same name.
    """

    parameters: Iterable[str] = ()
    outputs: Mapping[str, Iterable[str]] = field(default_factory=dict)
    later_tasks: Iterable[str] = ()
    pseudo: tuple[str, ...] = AT_START
    conditions: Mapping[str, Needs] = field(default_factory=dict)
    homes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    within: tuple[str, ...] = ()
    raw: dict[tuple[str, ...], dict[str, None]] = field(default_factory=dict)

    def with_item(self) -> "Scope":
        """The same place, within a loop."""
        return replace(self, pseudo=WITH_ITEM)

    def inside(self, task: str) -> "Scope":
        """The place of the inner tasks of a task ACS::Loop."""
        return replace(self.with_item(), within=(*self.within, task))

    def after(self, task: str, outputs: Iterable[str]) -> "Scope":
        """The place after a task."""
        return replace(self, outputs={**self.outputs, task: outputs}, homes={**self.homes, task: self.within})


def check_references(reader: Reader, value: Any, path: Path, scope: Scope) -> Any:
    """The value with every reference in its declared spelling; what names nothing becomes a problem."""
    spelled: dict[Reference, Reference] = {}
    for place, reference in references(value, path):
        spelled[reference] = check_reference(reader, reference, place, scope)
    return rename(value, lambda reference: spelled[reference]) if spelled else value


def check_reference(reader: Reader, reference: Reference, path: Path, scope: Scope) -> Reference:
    """The reference in its declared spelling, as it was when it names nothing (which is reported)."""
    check = _CHECKS.get(reference.kind)
    if check:
        return check(reader, reference, path, scope)
    hint = (
        "Inside the braces stands a parameter, task.output, ACS::RegionId and the like, or oos:name. Braces of a "
        "script come in by a parameter's value, or as Fn::Join: ['', ['{', '{.Names}}']]."
    )
    reader.error("InvalidReference", f'"{{{{ {reference} }}}}" names nothing', path, hint)
    return reference


def _check_parameter(reader: Reader, reference: Reference, path: Path, scope: Scope) -> Reference:
    found = resolve_name(reference.name, scope.parameters)
    if found is None:
        hint = did_you_mean(reference.name, scope.parameters)
        if resolve_name(reference.name, scope.outputs):
            hint = f"It is a task: name one of its outputs, as in {{{{ {reference.name}.output }}}}."
        reader.error("UnknownReference", f'the parameter "{reference.name}" is not declared', path, hint)
        return reference
    return spelled(reader, reference, replace(reference, name=found), path)


def _check_output(reader: Reader, reference: Reference, path: Path, scope: Scope) -> Reference:
    task = _task(reader, reference, path, scope)
    if task is None:
        return reference
    found = resolve_name(reference.field, scope.outputs[task])
    if found is None:
        message = f'the task "{task}" declares no output "{reference.field}"'
        hint = did_you_mean(reference.field, scope.outputs[task])
        hint = hint or f"Declare it, or select it directly: {{{{ {task}.{reference.field}[] }}}}."
        reader.error("UnknownReference", message, path, hint)
        return reference
    return spelled(reader, reference, Reference(OUTPUT, task, found), path)


def _check_raw(reader: Reader, reference: Reference, path: Path, scope: Scope) -> Reference:
    task = _task(reader, reference, path, scope)
    if task is None:
        return reference
    scope.raw.setdefault((*scope.homes[task], task), {})[reference.field] = None
    return spelled(reader, reference, Reference(RAW, task, reference.field), path)


def _task(reader: Reader, reference: Reference, path: Path, scope: Scope) -> str | None:
    task = resolve_name(reference.name, scope.outputs)
    if task is None:
        if resolve_name(reference.name, scope.later_tasks):
            message = f'the task "{reference.name}" has not run yet when this is needed'
        else:
            message = f'there is no task "{reference.name}"'
        reader.error("UnknownReference", message, path, did_you_mean(reference.name, scope.outputs))
    return task


def _check_pseudo(reader: Reader, reference: Reference, path: Path, scope: Scope) -> Reference:
    found = resolve_name(reference.name, PSEUDO_PARAMETERS)
    if found is None:
        hint = did_you_mean(reference.name, PSEUDO_PARAMETERS)
        reader.error("UnknownReference", f'there is no pseudo parameter "{reference.name}"', path, hint)
        return reference
    if found not in scope.pseudo:
        reader.error("UnknownReference", f"{LOOP_ITEM} has a value only in a task with a Loop", path)
    return spelled(reader, reference, replace(reference, name=found), path)


def _check_store(reader: Reader, reference: Reference, path: Path, scope: Scope) -> Reference:
    del scope
    prefix, name = reference.name.split(":", 1)
    if not name.strip():
        hint = "Write {{ oos:name }} or {{ oos-secret:name }}."
        reader.error(
            "InvalidReference", f'"{{{{ {reference} }}}}" names no parameter of the parameter store', path, hint
        )
        return reference
    reader.not_supported(f"the parameter store ({{{{ {reference} }}}})", path)
    return spelled(reader, reference, replace(reference, name=f"{prefix.lower()}:{name.strip()}"), path)


_CHECKS = {
    PARAMETER: _check_parameter,
    OUTPUT: _check_output,
    RAW: _check_raw,
    PSEUDO: _check_pseudo,
    STORE: _check_store,
}


def spelled(reader: Reader, reference: Reference, found: Reference, path: Path) -> Reference:
    """The reference as it is declared, with a warning when it was written otherwise."""
    if str(found) != str(reference):
        reader.warn_of_case(str(reference), str(found), path)
    return found
