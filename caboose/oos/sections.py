"""The sections of a template that declare: Parameters and Outputs (reference sections 1.4 and 1.5)."""

import re
from typing import Any

import regex

from caboose.oos.loader import Path
from caboose.oos.names import PARAMETER_NAME
from caboose.oos.parameters import TYPES, ConversionError, convert
from caboose.oos.plan import Output, Parameter
from caboose.oos.reader import Reader, description_of
from caboose.oos.references import references
from caboose.oos.scope_check import AT_START, Scope, check_references

_PARAMETER_KEYS = (
    "Type",
    "Default",
    "Description",
    "Label",
    "AllowedValues",
    "AllowedPattern",
    "MinLength",
    "MaxLength",
    "MinValue",
    "MaxValue",
    "ConstraintDescription",
    "NoEcho",
    "AssociationProperty",
    "AssociationPropertyMetadata",
)
_OUTPUT_TYPES = {**{name.lower(): name for name in TYPES}, "array": "List", "object": "Json"}
_MAX_PATTERN = 1_000


def read_parameters(reader: Reader, value: Any) -> dict[str, Parameter]:
    """The declared parameters by name."""
    path: Path = ("Parameters",)
    section = reader.mapping(value, path)
    reader.no_case_twins(section, path, "parameters")
    return {name: _parameter(reader, name, section, path) for name in section}


def _parameter(reader: Reader, name: str, section: dict[str, Any], path: Path) -> Parameter:
    path = (*path, name)
    fields = reader.mapping(section[name], path)
    if not PARAMETER_NAME.fullmatch(name):
        reader.error("InvalidName", f'"{name}" is no parameter name: letters, digits, hyphens and underscores', path)
    reader.unknown_keys(fields, _PARAMETER_KEYS, path)
    type_name = read_type(reader, fields.get("Type", "String"), (*path, "Type"), TYPES)
    default = fields.get("Default")
    if "Default" in fields:
        default = _default(reader, default, type_name, section, path)
    return Parameter(
        name=name,
        type=type_name,
        has_default="Default" in fields,
        default=default,
        allowed_values=_allowed_values(reader, fields.get("AllowedValues"), type_name, (*path, "AllowedValues")),
        allowed_pattern=_pattern(reader, fields.get("AllowedPattern"), (*path, "AllowedPattern")),
        min_length=_bound(reader, fields, "MinLength", path, whole=True),
        max_length=_bound(reader, fields, "MaxLength", path, whole=True),
        min_value=_bound(reader, fields, "MinValue", path),
        max_value=_bound(reader, fields, "MaxValue", path),
        no_echo=str(fields.get("NoEcho", False)).lower() == "true",
        constraint_description=description_of(fields.get("ConstraintDescription")),
        description=description_of(fields.get("Description")),
    )


def _default(reader: Reader, default: Any, type_name: str, section: dict[str, Any], path: Path) -> Any:
    path = (*path, "Default")
    scope = Scope(parameters=[name for name in section if name != path[1]], pseudo=AT_START)
    default = check_references(reader, default, path, scope)
    if not any(references(default)):
        try:
            convert(type_name, default)
        except ConversionError as error:
            reader.error("InvalidDefault", f"the default doesn't fit Type {type_name}: {error}", path)
    return default


def _allowed_values(reader: Reader, value: Any, type_name: str, path: Path) -> list[Any]:
    """The values as the parameter's type: real templates allow the numbers 0 and 1 for a String."""
    if value is None:
        return []
    if not isinstance(value, list):
        reader.error("InvalidType", "AllowedValues is a list", path)
        return []
    if type_name in ("List", "Json"):
        return value  # for a List they are what each element may be
    allowed = []
    for index, each in enumerate(value):
        try:
            allowed.append(convert(type_name, each))
        except ConversionError as error:
            reader.error("InvalidType", f"the value doesn't fit Type {type_name}: {error}", (*path, index))
    return allowed


def _pattern(reader: Reader, value: Any, path: Path) -> str:
    pattern = reader.text(value, path)
    if len(pattern) > _MAX_PATTERN:
        reader.error("InvalidPattern", f"longer than {_MAX_PATTERN} characters", path)
        return ""
    try:
        regex.compile(pattern)
    except (regex.error, RecursionError, MemoryError, OverflowError) as error:
        reader.error("InvalidPattern", f"not a regular expression: {error}", path)
        return ""
    return pattern


def _bound(reader: Reader, fields: dict[str, Any], key: str, path: Path, *, whole: bool = False) -> Any:
    value = fields.get(key)
    if value is None:
        return None
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}", value):
        value = int(value)
    kinds = (int,) if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        reader.error("InvalidType", f"{key} is a {'whole ' if whole else ''}number", (*path, key))
        return None
    return value


def read_type(reader: Reader, value: Any, path: Path, known: tuple[str, ...]) -> str:
    """A ``Type``; String when it names none."""
    name = _OUTPUT_TYPES.get(value.lower()) if isinstance(value, str) else None
    if name not in known:
        reader.error("InvalidType", f"{value!r} is no type; the types are {', '.join(known)}", path)
        return "String"
    return name


def read_outputs(reader: Reader, value: Any, scope: Scope) -> dict[str, Output]:
    """The template's outputs by name, their references checked."""
    path: Path = ("Outputs",)
    section = reader.mapping(value, path)
    outputs = {}
    for name, each in section.items():
        place = (*path, name)
        fields = reader.mapping(each, place)
        reader.unknown_keys(fields, ("Type", "Value", "Description", "Label"), place)
        if "Value" not in fields:
            reader.error("MissingKey", f'the output "{name}" has no Value', place)
        type_name = read_type(reader, fields.get("Type", "String"), (*place, "Type"), TYPES)
        outputs[name] = Output(type_name, check_references(reader, fields.get("Value"), (*place, "Value"), scope))
    return outputs
