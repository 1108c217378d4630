"""The Outputs section of a template (reference section 1.5)."""

from typing import Any

from caboose.oos.loader import Path
from caboose.oos.parameters import TYPES
from caboose.oos.plan import Output
from caboose.oos.reader import Reader
from caboose.oos.scope_check import Scope, check_references

_OUTPUT_TYPES = {**{name.lower(): name for name in TYPES}, "array": "List", "object": "Json"}


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
