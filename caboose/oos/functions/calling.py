"""Calling: from an argument as the template has it to a call of the function, and the checks of both.

The same rules are held against an argument twice: as it is written, when a template is compiled (``argument_faults``),
and as it comes out, when it runs. What is written with references or functions is known only then.
"""

from collections.abc import Awaitable, Iterator
from typing import Any

from caboose.oos.functions.declaration import FIXED, MANY, VALUE, Argument, Evaluating, Function, FunctionError
from caboose.oos.functions.reading import json_of, one_of, shown, unexpected
from caboose.oos.kinds import ANY, CONDITION, LIST, MAP, NUMBER, TEXT, is_kind
from caboose.oos.references import function_of, is_open, references
from caboose.oos.values import EvaluationError

Path = tuple[str | int, ...]


async def call_function(function: Function, argument: Any, evaluator: Evaluating) -> Any:
    """The result of a function on its argument as the template has it.

    Raises:
        FunctionError: what it was given isn't what it takes; the message doesn't name the function.
        EvaluationError: from evaluating the argument.
    """
    if function.lazy:
        return await function.call(evaluator, argument)
    return function.call(*spread(function, argument, await evaluator.evaluate(argument)))


def spread(function: Function, written: Any, value: Any) -> list[Any]:
    """An evaluated argument as the function's arguments.

    Args:
        written: the argument as the template has it.
        value: the same, evaluated.

    Raises:
        FunctionError: when it isn't a list of the declared length.
    """
    if function.form == VALUE:
        return [_unwrapped(function, written, value)]
    if function.form == MANY and value is None:
        return []  # a reference to a skipped task's output
    found = json_of(value)
    if not isinstance(found, list):
        raise FunctionError(f"expected {_wanted(function)}, got {shown(value)}")
    if function.form == FIXED:
        check_count(function, found)
    elif len(found) == 1 and isinstance(found[0], list) and function.arguments[0].kind in (MAP, NUMBER):
        return found[0]  # ['{{ maps }}'] for '{{ maps }}'
    return found


def check_count(function: Function, arguments: list[Any]) -> None:
    """Whether a list has the declared number of arguments.

    Raises:
        FunctionError: when not.
    """
    fewest, most = function.counts
    if not fewest <= len(arguments) <= most:
        raise FunctionError(f"expected {_wanted(function)}, got {len(arguments)}")


async def at(step: int, waiting: Awaitable[Any]) -> Any:
    """What is awaited; an error in it is told to have come from this place of the argument."""
    try:
        return await waiting
    except EvaluationError as error:
        error.path.append(step)
        raise


def truth(value: Any) -> bool:
    """Whether a plain value, taken as a condition, holds (design section 4, "conditions").

    Raises:
        FunctionError: when it is neither true nor false, nor one of those words.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise FunctionError(f"a condition is true or false, and this is {shown(value)}")


def argument_faults(function: Function, argument: Any) -> Iterator[tuple[Path, str]]:
    """What is wrong with an argument as far as it is written out: number, kinds and, when nothing is open, the call.

    A reference or another function is fine everywhere. Gives places inside of the argument, and messages that don't
    name the function.
    """
    faults = list(_written_faults(function, argument))
    yield from faults
    if faults or function.lazy or is_open(argument):
        return
    try:
        function.call(*spread(function, argument, argument))
    except FunctionError as error:
        yield (), str(error)


def _written_faults(function: Function, argument: Any) -> Iterator[tuple[Path, str]]:
    if function.form == VALUE:
        yield from _value_faults(function.arguments[0], argument)
    elif not isinstance(argument, list):
        if not _comes_later(argument) and not isinstance(json_of(argument), list):
            yield (), f"expected {_wanted(function)}, got {shown(argument)}"
    elif function.form == MANY:
        if not argument and function.arguments[0].kind == CONDITION:
            yield (), f"expected at least one {function.arguments[0].name}, got none"
        for index, each in enumerate(argument):
            yield from _kind_faults(function.arguments[0], each, (index,))
    else:
        fewest, most = function.counts
        if not fewest <= len(argument) <= most:
            yield (), f"expected {_wanted(function)}, got {len(argument)}"
        for index, (declared, each) in enumerate(zip(function.arguments, argument, strict=False)):
            yield from _kind_faults(declared, each, (index,))


def _value_faults(declared: Argument, argument: Any) -> Iterator[tuple[Path, str]]:
    if not isinstance(argument, list) or declared.kind in (LIST, ANY):
        yield from _kind_faults(declared, argument, ())
    elif len(argument) == 1:
        yield from _kind_faults(declared, argument[0], (0,))
    elif declared.kind == MAP:  # a list of maps is known when it is evaluated
        for index, each in enumerate(argument):
            yield from _kind_faults(declared, each, (index,))
    else:
        yield (), f"expected one {declared.name}, got {len(argument)}"


def _kind_faults(declared: Argument, value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if value is None or _comes_later(value):
        return
    if declared.choices:
        if not isinstance(value, str) or value.lower() not in [choice.lower() for choice in declared.choices]:
            yield path, str(unexpected(declared.name, one_of(declared.choices), value))
    elif not _fits(declared.kind, value):
        yield path, str(unexpected(declared.name, declared.kind, value))


def _fits(kind: str, value: Any) -> bool:
    """Whether a written value can be of a kind, as softly as ``reading`` takes it."""
    if kind == CONDITION:
        return isinstance(value, (bool, str))
    if kind in (LIST, MAP):
        value = json_of(value)
    if kind == TEXT:
        return isinstance(value, (str, bool, int, float))
    return is_kind(kind, value)


def _comes_later(value: Any) -> bool:
    """Whether the value itself comes from a reference or a function, not only a part of it."""
    return _refers(value) or (isinstance(value, dict) and bool(function_of(value)))


def _refers(value: Any) -> bool:
    return isinstance(value, str) and "{{" in value and any(references(value))


def _unwrapped(function: Function, written: Any, value: Any) -> Any:
    """The one value; ``['{{ x }}']`` is the same as ``'{{ x }}'``."""
    if not isinstance(written, list) or len(written) != 1:
        return value
    takes_list = function.arguments[0].kind == LIST
    if takes_list and not (_comes_later(written[0]) and isinstance(json_of(value[0]), list)):
        return value
    return value[0]


def _wanted(function: Function) -> str:
    if function.form == MANY:
        return f"a list of values ({function.arguments[0].name}, …)"
    fewest, most = function.counts
    count = f"{most}" if fewest == most else f"{fewest} to {most}"
    return f"a list of {count} ({', '.join(each.name for each in function.arguments)})"
