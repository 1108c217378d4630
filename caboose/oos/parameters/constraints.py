"""Constraints: what a parameter's value must be beyond its type (reference section 1.4).

AllowedPattern stands apart: it runs through a port, because a pattern can take longer than anybody wants to wait, and
time isn't decided in workflow code.
"""

from collections.abc import Iterator
from typing import Any

from caboose.oos.plan import Parameter
from caboose.oos.problems import shortened
from caboose.oos.selectors import Engine, SelectorError
from caboose.oos.values import compact_json

_MAX_SHOWN = 120


def violations(parameter: Parameter, value: Any, *, secret: bool) -> list[str]:
    """What is wrong with a value of the parameter's type, AllowedPattern left aside.

    Args:
        parameter: its constraints.
        value: converted, not null.
        secret: whether the value must not be quoted.
    """
    faults = []
    if parameter.allowed_values:
        elements = value if parameter.type == "List" else [value]
        outside = _outside(elements, parameter.allowed_values)
        if outside:
            allowed = ", ".join(compact_json(each) for each in parameter.allowed_values)
            faults.append(f"{shown(outside[0], secret)} is not one of {allowed}")
    if parameter.type == "String":
        faults += _length_faults(parameter, len(value))
    if parameter.type == "Number":
        faults += _range_faults(parameter, value, secret)
    return faults


async def pattern_fault(parameter: Parameter, text: str, engine: Engine, *, secret: bool) -> str:
    """What AllowedPattern has against a text; nothing when the whole of it matches.

    A pattern that takes too long is a fault, never "no match" (design section 4).
    """
    try:
        if await engine.matches(parameter.allowed_pattern, text):
            return ""
    except SelectorError as error:
        return f"AllowedPattern {parameter.allowed_pattern}: {error}"
    return f"{shown(text, secret)} doesn't match AllowedPattern {parameter.allowed_pattern}"


def shown(value: Any, secret: bool) -> str:
    """The value as a message quotes it: not at all when it is a secret, and not without end."""
    return "a value that is not shown" if secret else shortened(compact_json(value), _MAX_SHOWN)


def _outside(elements: list[Any], allowed: list[Any]) -> list[Any]:
    """The elements that are none of the allowed values. Each is looked up by a key, not compared with all of them:
    a list may have half a million elements.

    A text and a number (or a boolean) are the same when the text says the number: the elements of a list have no type.
    """
    exact, as_text = {}, {}
    for each in allowed:
        exact[_key(each)] = True
        if isinstance(each, (str, int, float)):
            as_text[each if isinstance(each, str) else _key(each)] = True

    def is_inside(element: Any) -> bool:
        key = _key(element)
        text = element if isinstance(element, str) else key
        return key in exact or (isinstance(element, (str, int, float)) and text in as_text)

    return [element for element in elements if not is_inside(element)]


def _key(value: Any) -> str:
    """A text that equal JSON values share: 1 and 1.0, but not 1 and true."""
    return compact_json(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _length_faults(parameter: Parameter, length: int) -> Iterator[str]:
    has = f"has {length} character{'' if length == 1 else 's'}"
    if parameter.min_length is not None and length < parameter.min_length:
        yield f"{has}, at least {parameter.min_length}"
    if parameter.max_length is not None and length > parameter.max_length:
        yield f"{has}, at most {parameter.max_length}"


def _range_faults(parameter: Parameter, value: float, secret: bool) -> Iterator[str]:
    if parameter.min_value is not None and value < parameter.min_value:
        yield f"{shown(value, secret)} is less than {compact_json(parameter.min_value)}"
    if parameter.max_value is not None and value > parameter.max_value:
        yield f"{shown(value, secret)} is more than {compact_json(parameter.max_value)}"
