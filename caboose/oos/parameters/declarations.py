"""The Parameters section: what a template declares, each parameter held against its own constraints.

A constraint that contradicts itself is an error. One that has no effect on its type, or a default that isn't allowed,
is a warning: the template works for whoever gives values of their own.
"""

from typing import Any

from caboose.oos.compiling.reader import Reader, description_of
from caboose.oos.compiling.scope import AT_START, Scope, check_references
from caboose.oos.loading import Path
from caboose.oos.names import PARAMETER_NAME, resolve_name
from caboose.oos.parameters.constraints import violations
from caboose.oos.parameters.convert import TYPES, ConversionError, convert
from caboose.oos.parameters.defaults import circle_message, circles, is_secret, needed_by
from caboose.oos.parameters.keys import KEYS
from caboose.oos.parameters.patterns import Patterns, compiled
from caboose.oos.plan import Parameter
from caboose.oos.references import function_of, references

_BOUNDS = (("MinLength", "MaxLength"), ("MinValue", "MaxValue"))
_PATTERN_SECONDS = 0.05
_MAX_DEFAULTS_MATCHED = 20


def read_parameters(reader: Reader, value: Any) -> dict[str, Parameter]:
    """The declared parameters by name."""
    path: Path = ("Parameters",)
    section = reader.mapping(value, path)
    reader.no_case_twins(section, path, "parameters")
    names = list(section)
    patterns = Patterns()
    declared = {name: _parameter(reader, name, section[name], names, patterns) for name in names}
    _no_circles(reader, declared)
    _match_defaults(reader, declared)
    return declared


def _parameter(reader: Reader, name: str, value: Any, names: list[str], patterns: Patterns) -> Parameter:
    path: Path = ("Parameters", name)
    if not PARAMETER_NAME.fullmatch(name):
        reader.error("InvalidName", f'"{name}" is no parameter name: letters, digits, hyphens and underscores', path)
    fields = reader.mapping(value, path)
    reader.unknown_keys(fields, tuple(KEYS), path)
    type_name = _type(reader, fields.get("Type"), (*path, "Type"))
    effective = _with_effect(reader, fields, type_name, path)
    bounds = _bounds(reader, effective, path)
    parameter = Parameter(
        name=name,
        type=type_name,
        has_default="Default" in fields,
        default=_default(reader, fields.get("Default"), (*path, "Default"), names),
        allowed_values=_allowed_values(reader, fields.get("AllowedValues"), type_name, (*path, "AllowedValues")),
        allowed_pattern=_pattern(reader, effective.get("AllowedPattern"), (*path, "AllowedPattern"), patterns),
        min_length=bounds["MinLength"],
        max_length=bounds["MaxLength"],
        min_value=bounds["MinValue"],
        max_value=bounds["MaxValue"],
        no_echo=_no_echo(reader, fields.get("NoEcho"), (*path, "NoEcho")),
        constraint_description=description_of(fields.get("ConstraintDescription")),
        description=description_of(fields.get("Description")),
    )
    _check_default(reader, parameter, (*path, "Default"))
    return parameter


def _type(reader: Reader, value: Any, path: Path) -> str:
    if value is None:
        return "String"
    name = resolve_name(value, TYPES) if isinstance(value, str) else None
    if name is None:
        reader.error("InvalidType", f"{value!r:.80} is no type; the types are {', '.join(TYPES)}", path)
        return "String"
    reader.warn_of_case(value, name, path)
    return name


def _with_effect(reader: Reader, fields: dict[str, Any], type_name: str, path: Path) -> dict[str, Any]:
    """The constraints that mean something for the type."""
    effective = {}
    for key in KEYS.values():
        if not key.only or fields.get(key.name) is None:
            continue
        if key.only == type_name:
            effective[key.name] = fields[key.name]
        else:
            message = f"{key.name} has no effect on a parameter of Type {type_name}, only on a {key.only}"
            reader.warning("ConstraintWithoutEffect", message, (*path, key.name), "Take it out.")
    return effective


def _bounds(reader: Reader, fields: dict[str, Any], path: Path) -> dict[str, Any]:
    bounds: dict[str, Any] = {}
    for low, high in _BOUNDS:
        whole = low == "MinLength"
        bounds[low] = _bound(reader, fields.get(low), (*path, low), whole=whole)
        bounds[high] = _bound(reader, fields.get(high), (*path, high), whole=whole)
        if None not in (bounds[low], bounds[high]) and bounds[low] > bounds[high]:
            message = f"no value can have {low} {bounds[low]} and {high} {bounds[high]}"
            reader.error("ContradictoryBounds", message, (*path, high))
    return bounds


def _bound(reader: Reader, value: Any, path: Path, *, whole: bool) -> Any:
    if value is None:
        return None
    try:
        number = convert("Number", value)
    except ConversionError:
        number = None
    if number is None or (whole and (number < 0 or number != int(number))):
        kind = "a whole number, 0 or more" if whole else "a number"
        reader.error("InvalidType", f"{path[-1]} is {kind}, not {value!r:.80}", path)
        return None
    return int(number) if whole else number


def _no_echo(reader: Reader, value: Any, path: Path) -> bool:
    """What can't be read counts as a wish to hide."""
    if value is None:
        return False
    try:
        return bool(convert("Boolean", value))
    except ConversionError:
        reader.error("InvalidType", f"NoEcho is true or false, not {value!r:.80}", path)
        return True


def _allowed_values(reader: Reader, value: Any, type_name: str, path: Path) -> list[Any]:
    """The values as the parameter's type: real templates allow the numbers 0 and 1 for a String."""
    if value is None:
        return []
    if not isinstance(value, list):
        reader.error("InvalidType", f"AllowedValues is a list, not {value!r:.80}", path)
        return []
    if not value:
        reader.warning("ConstraintWithoutEffect", "AllowedValues is empty and has no effect", path, "Take it out.")
    if type_name in ("List", "Json"):
        return value  # for a List they are what each element may be
    allowed = []
    for index, each in enumerate(value):
        try:
            allowed.append(convert(type_name, each))
        except ConversionError as error:
            reader.error("InvalidType", f"the value doesn't fit Type {type_name}: {error}", (*path, index))
    return allowed


def _pattern(reader: Reader, value: Any, path: Path, patterns: Patterns) -> str:
    pattern = reader.text(value, path)
    fault = patterns.fault(pattern)
    if fault:
        reader.error("InvalidPattern", fault, path)
    return "" if fault else pattern


def _default(reader: Reader, value: Any, path: Path, names: list[str]) -> Any:
    """The default with names as they are declared. Functions aren't part of the language here: a default that is one
    is a mistake; within a larger value it may be meant for somebody else (a ROS template), and stays data."""
    if isinstance(value, dict) and function_of(value):
        message = f"{function_of(value)} stands in a default, where functions aren't evaluated"
        hint = "Write the value itself, and call the function where the parameter is used."
        reader.error("FunctionNotAllowed", message, (*path, function_of(value)), hint)
        return None
    _warn_of_functions(reader, value, path)
    return check_references(reader, value, path, Scope(parameters=names, pseudo=AT_START))


def _warn_of_functions(reader: Reader, value: Any, path: Path) -> None:
    children: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        key = function_of(value)
        if key:
            message = f"{key} within a default is data and isn't evaluated"
            reader.warning("FunctionInData", message, (*path, key))
            return
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    for step, child in children:
        _warn_of_functions(reader, child, (*path, step))


def _check_default(reader: Reader, parameter: Parameter, path: Path) -> None:
    """A default that is written out is held against its parameter; one with references when it is made."""
    if parameter.default is None or any(references(parameter.default)):
        return
    try:
        value = convert(parameter.type, parameter.default)
    except ConversionError as error:
        reader.error("InvalidDefault", f"the default doesn't fit Type {parameter.type}: {error}", path)
        return
    for fault in violations(parameter, value, secret=is_secret(parameter)):
        _not_allowed(reader, fault, path)


def _not_allowed(reader: Reader, fault: str, path: Path) -> None:
    hint = "Whoever starts without a value of their own is refused: mend the default or the constraint."
    reader.warning("DefaultNotAllowed", f"the parameter's own constraints refuse the default: {fault}", path, hint)


def _match_defaults(reader: Reader, declared: dict[str, Parameter]) -> None:
    """Holds defaults against their patterns, as far as that is quick; the rest is done when a default is used."""
    texts = [
        each
        for each in declared.values()
        if each.allowed_pattern and isinstance(each.default, str) and not any(references(each.default))
    ]
    for parameter in texts[:_MAX_DEFAULTS_MATCHED]:
        try:
            matches = compiled(parameter.allowed_pattern).fullmatch(parameter.default, timeout=_PATTERN_SECONDS)
        except TimeoutError:
            return  # one such pattern is enough
        if not matches:
            fault = f"it doesn't match AllowedPattern {parameter.allowed_pattern}"
            _not_allowed(reader, fault, ("Parameters", parameter.name, "Default"))


def _no_circles(reader: Reader, declared: dict[str, Parameter]) -> None:
    for circle in circles({name: needed_by(parameter) for name, parameter in declared.items()}):
        hint = "Give one of them a default of its own, or none."
        reader.error("CircularDefault", circle_message(circle), ("Parameters", circle[0], "Default"), hint)
