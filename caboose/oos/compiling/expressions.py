"""Checking values: references, functions and conditions wherever they stand, in one walk.

What comes back is the value as the plan keeps it: names in their declared spelling, functions still to be called. A
function's arguments are checked as far as they are written out; what a reference brings is known when it runs.
"""

from typing import Any

from caboose.oos.compiling.reader import Reader
from caboose.oos.compiling.scope import LOOP_ITEM, Scope, check_references
from caboose.oos.functions import FUNCTIONS, Function, argument_faults
from caboose.oos.kinds import CONDITION
from caboose.oos.loading import MAX_DEPTH, Path
from caboose.oos.names import resolve_name
from caboose.oos.nearest import nearest
from caboose.oos.problems import did_you_mean
from caboose.oos.references import function_of, references
from caboose.oos.selectors import MAX_PROGRAM_LENGTH, is_plain, program_fault

JQ = "Fn::Jq"
_PREFIX = "Fn::"
_TRUTH = ("true", "false")


def check_value(reader: Reader, value: Any, path: Path, scope: Scope) -> Any:
    """The value with every name in its declared spelling; what is wrong with it becomes problems."""
    if isinstance(value, str):
        return check_references(reader, value, path, scope) if "{{" in value else value
    if isinstance(value, list):
        return [check_value(reader, child, (*path, index), scope) for index, child in enumerate(value)]
    if isinstance(value, dict):
        key = function_of(value)
        if key:
            return _function(reader, key, value, path, scope)
        return {key: check_value(reader, child, (*path, key), scope) for key, child in value.items()}
    return value


def check_condition(reader: Reader, value: Any, path: Path, scope: Scope) -> Any:
    """As ``check_value``, where a condition stands: a name there is the name of a condition."""
    if isinstance(value, str) and not any(references(value)):
        return _condition_name(reader, value, path, scope)
    if isinstance(value, dict) and function_of(value):
        return check_value(reader, value, path, scope)
    if not isinstance(value, (bool, str)):
        hint = "It is true, false, a reference, a condition's name, or a function such as Fn::Equals."
        reader.error("InvalidCondition", f"this is no condition: {value!r:.80}", path, hint)
    return check_value(reader, value, path, scope)


def check_program(reader: Reader, program: Any, path: Path) -> None:
    """Checks a jq program that is written out; one with references or functions is known when it runs."""
    if not isinstance(program, str) or any(references(program)) or is_plain(program):
        return
    fault = program_fault(program)
    if fault and len(program) > MAX_PROGRAM_LENGTH:
        reader.error("InvalidSelector", fault, path)
    elif fault:
        reader.error("ForbiddenWord", fault, path, "Take it out; pass what it needs in by a reference.")
    else:
        reader.program(program, path)


def _condition_name(reader: Reader, value: str, path: Path, scope: Scope) -> Any:
    if value.strip().lower() in _TRUTH:
        return value
    name = resolve_name(value, scope.conditions)
    if name is None:
        hint = did_you_mean(value, scope.conditions) or "Declare it under Conditions."
        reader.error("UnknownCondition", f'there is no condition "{value}"', path, hint)
        return value
    reader.warn_of_case(value, name, path)
    needs = scope.conditions[name]
    later = {task.casefold() for task in scope.later_tasks if task not in scope.outputs} if needs.tasks else ()
    for task in needs.tasks:
        if task.casefold() in later:
            message = f'the condition "{name}" needs the task "{task}", which has not run yet when it is used here'
            reader.error("UnknownReference", message, path)
    if needs.item and LOOP_ITEM not in scope.pseudo:
        reader.error("UnknownReference", f'the condition "{name}" needs {LOOP_ITEM}, and there is no Loop here', path)
    if len(path) + needs.depth > MAX_DEPTH + 1:  # the last level is no map or list
        message = f'with the condition "{name}" in it this is nested more than {MAX_DEPTH} levels'
        reader.error("TooDeep", message, path, "Make the condition of fewer others, or name it further up.")
    return name


def _function(reader: Reader, key: str, value: dict[str, Any], path: Path, scope: Scope) -> Any:
    here = (*path, key)
    name = resolve_name(key, FUNCTIONS)
    if name is None:
        reader.error("UnknownFunction", f'there is no function "{key}"', here, _function_hint(key))
        return value
    reader.warn_of_case(key, name, here)
    if len(value) > 1:
        others = ", ".join(other for other in value if other != key)
        message = f"{name} stands beside {others}; a function is the only key of its map"
        reader.error("InvalidFunction", message, here, "Write the function as a value of its own.")
        return value
    function, argument = FUNCTIONS[name], value[key]
    for place, message in argument_faults(function, argument):
        reader.error("InvalidFunction", f"{name}: {message}", (*here, *place), function.syntax)
    return {name: _arguments(reader, function, argument, here, scope)}


def _function_hint(key: str) -> str:
    """The function that may have been meant; else how templates for ROS and the like are passed on. The prefix, which
    all have, makes no two names alike."""
    near = nearest(key[len(_PREFIX) :], [name.removeprefix(_PREFIX) for name in FUNCTIONS])
    if near:
        return f'Did you mean "{_PREFIX}{near}"?'
    return "Write what is for another product, such as a template of ROS, as a text (TemplateBody: |)."


def _arguments(reader: Reader, function: Function, argument: Any, path: Path, scope: Scope) -> Any:
    if function.name == JQ and isinstance(argument, list) and len(argument) > 1:
        check_program(reader, argument[1], (*path, 1))
    kinds = [each.kind for each in function.arguments]
    if CONDITION not in kinds:
        return check_value(reader, argument, path, scope)
    if not isinstance(argument, list):
        return check_condition(reader, argument, path, scope)
    return [
        (check_condition if kinds[min(index, len(kinds) - 1)] == CONDITION else check_value)(
            reader, each, (*path, index), scope
        )
        for index, each in enumerate(argument)
    ]
