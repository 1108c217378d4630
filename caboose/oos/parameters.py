"""Parameters: what a template declares, and the values of one start held against it.

Conversions are soft, as real templates need them: numbers as text, true and false in any case, JSON text for Json and
List, a single value for a List. Every violation of a start is reported at once (reference section 1.4).
"""

import json
import sys
from collections.abc import Callable, Container, Mapping
from typing import Any

import regex

from caboose.oos.names import resolve_name
from caboose.oos.plan import Parameter
from caboose.oos.problems import MAX_PROBLEMS, Problem, did_you_mean
from caboose.oos.redact import looks_secret
from caboose.oos.references import PARAMETER, references
from caboose.oos.resolve import compact_json, json_fault

TYPES = ("String", "Number", "Boolean", "List", "Json")
MASKED = "******"
_PATTERN_SECONDS = 0.5
_MAX_SHOWN = 120

ResolveDefault = Callable[[Any, dict[str, Any]], Any]
"""Resolves the references in a default, given the parameters bound so far."""


class ConversionError(ValueError):
    """A value that doesn't fit its parameter's type."""


def convert(type_name: str, value: Any) -> Any:
    """The value as the parameter's type.

    Raises:
        ConversionError: says what was expected.
    """
    return _CONVERSIONS[type_name](value)


def _to_string(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return json.dumps(value)
    if isinstance(value, str) or value is None:
        return value
    raise ConversionError("expected a string")


def _to_number(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise ConversionError("expected a number") from None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= sys.float_info.max:
        raise ConversionError("expected a number")
    return value


def _to_boolean(value: Any) -> Any:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise ConversionError("expected true or false")
    return value


def _to_list(value: Any) -> Any:
    if isinstance(value, str):
        found = _json_text(value)
        return found if isinstance(found, list) else [value]
    if value is None or isinstance(value, dict):
        raise ConversionError("expected a list")
    return value if isinstance(value, list) else [value]


def _to_json(value: Any) -> Any:
    if isinstance(value, str):
        value = _json_text(value)
    if not isinstance(value, (dict, list)):
        raise ConversionError("expected a JSON object or list")
    return value


def _json_text(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "String": _to_string,
    "Number": _to_number,
    "Boolean": _to_boolean,
    "List": _to_list,
    "Json": _to_json,
}


def bind_parameters(
    declared: Mapping[str, Parameter],
    given: Mapping[str, Any],
    resolve_default: ResolveDefault,
    path: str = "Parameters",
) -> tuple[dict[str, Any], list[Problem]]:
    """The value of every declared parameter, and everything that is wrong with those given.

    Args:
        declared: the template's parameters by name.
        given: the values of the start; names match in any case.
        resolve_default: how references in defaults get values.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for given_name, value in given.items():
        if len(problems) >= MAX_PROBLEMS:
            return values, problems
        name = resolve_name(given_name, declared)
        if name is None:
            hint = did_you_mean(given_name, declared) or _known(declared)
            problems.append(
                Problem("UnknownParameter", f'the template has no parameter "{given_name}"', path, hint=hint)
            )
        elif name in values:
            problems.append(Problem("UnknownParameter", f'the parameter "{name}" is given twice', path))
        else:
            _take(declared[name], value, f"{path}.{name}", values, problems)
    refused = {problem.path for problem in problems}
    _take_defaults(declared, values, resolve_default, path, problems, refused)
    return values, problems


def _take(parameter: Parameter, value: Any, path: str, values: dict[str, Any], problems: list[Problem]) -> None:
    fault = json_fault(value)
    if not fault:
        try:
            converted = convert(parameter.type, value)
            fault = json_fault(converted)
        except ConversionError as error:
            fault = f"{error}, got {_shown(parameter, value)}"
    faults = [fault] if fault else _violations(parameter, converted)
    problems.extend(Problem("InvalidParameter", each, path, hint=parameter.constraint_description) for each in faults)
    if not faults:
        values[parameter.name] = converted


def _take_defaults(
    declared: Mapping[str, Parameter],
    values: dict[str, Any],
    resolve_default: ResolveDefault,
    path: str,
    problems: list[Problem],
    refused: set[str],
) -> None:
    """Defaults may refer to other parameters, in any order: a default is made after those that it needs.

    One that refers to a parameter without a value is left out: that parameter is a problem already.
    """
    needs = {
        name: _needed_by(parameter)
        for name, parameter in declared.items()
        if name not in values and f"{path}.{name}" not in refused
    }
    order = _in_order(needs)
    for name in order:
        parameter = declared[name]
        if not parameter.has_default:
            message = f'the parameter "{name}" has no default and must be given'
            problems.append(Problem("MissingParameter", message, f"{path}.{name}", hint=parameter.description))
        elif all(each in values for each in needs[name]):
            _take(parameter, resolve_default(parameter.default, values), f"{path}.{name}", values, problems)
    if len(order) < len(needs):
        ordered = frozenset(order)
        circle = ", ".join(name for name in needs if name not in ordered)
        problems.append(Problem("CircularDefault", f"the defaults of {circle} refer to each other in a circle", path))


def _in_order(needs: Mapping[str, list[str]]) -> list[str]:
    """The names so that each comes after those it needs; the ones in a circle, and those behind it, are left out."""
    behind: dict[str, list[str]] = {name: [] for name in needs}
    missing = {name: sum(each in needs for each in needed) for name, needed in needs.items()}
    for name, needed in needs.items():
        for each in needed:
            if each in needs:
                behind[each].append(name)
    order = [name for name in needs if not missing[name]]
    for done in order:  # grows while it is walked
        for name in behind[done]:
            missing[name] -= 1
            if not missing[name]:
                order.append(name)
    return order


def _needed_by(parameter: Parameter) -> list[str]:
    """The parameters that the default refers to; compiling has put them into their declared spelling."""
    return [reference.name for _, reference in references(parameter.default) if reference.kind == PARAMETER]


def _violations(parameter: Parameter, value: Any) -> list[str]:
    faults = []
    if parameter.allowed_values:
        elements = value if parameter.type == "List" else [value]
        outside = [element for element in elements if not _is_one_of(element, parameter.allowed_values)]
        if outside:
            allowed = ", ".join(json.dumps(each, ensure_ascii=False) for each in parameter.allowed_values)
            faults.append(f"{_shown(parameter, outside[0])} is not one of {allowed}")
    if isinstance(value, str):
        if parameter.min_length is not None and len(value) < parameter.min_length:
            faults.append(f"has {len(value)} characters, at least {parameter.min_length}")
        if parameter.max_length is not None and len(value) > parameter.max_length:
            faults.append(f"has {len(value)} characters, at most {parameter.max_length}")
        if parameter.allowed_pattern:
            faults.extend(_pattern_fault(parameter, value))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if parameter.min_value is not None and value < parameter.min_value:
            faults.append(f"{_shown(parameter, value)} is less than {parameter.min_value:g}")
        if parameter.max_value is not None and value > parameter.max_value:
            faults.append(f"{_shown(parameter, value)} is more than {parameter.max_value:g}")
    return faults


def _is_one_of(value: Any, allowed: list[Any]) -> bool:
    """Equal as JSON: True and 1 are equal in Python, and not the same value."""
    return any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in allowed)


def _pattern_fault(parameter: Parameter, value: str) -> list[str]:
    """AllowedPattern matches the whole value; one that takes too long is an error, never "no match"."""
    try:
        matches = regex.fullmatch(parameter.allowed_pattern, value, timeout=_PATTERN_SECONDS)
    except TimeoutError:
        return [f"AllowedPattern {parameter.allowed_pattern} takes too long on this value"]
    return [] if matches else [f"{_shown(parameter, value)} doesn't match AllowedPattern {parameter.allowed_pattern}"]


def _shown(parameter: Parameter, value: Any) -> str:
    if is_secret(parameter):
        return "a value that is not shown"
    text = compact_json(value)
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"


def _known(declared: Mapping[str, Parameter]) -> str:
    return f"It has {', '.join(declared)}." if declared else "It has none."


def is_secret(parameter: Parameter) -> bool:
    """Whether the parameter's value is never shown."""
    return parameter.no_echo or looks_secret(parameter.name)


def secret_names(declared: Mapping[str, Parameter], given: Container[str | None]) -> list[str]:
    """The parameters whose values are never shown: those that say so, and those whose default is made of such a one."""
    secret = {name: True for name, parameter in declared.items() if is_secret(parameter)}
    needs = {name: _needed_by(parameter) for name, parameter in declared.items() if name not in given}
    for name in _in_order(needs):
        if any(each in secret for each in needs[name]):
            secret[name] = True
    return list(secret)
