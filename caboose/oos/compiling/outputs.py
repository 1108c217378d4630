"""The Outputs section of a template, and the types of outputs (reference section 1.5)."""

from typing import Any

from caboose.oos.compiling.expressions import check_value
from caboose.oos.compiling.reader import Reader
from caboose.oos.compiling.scope import Scope
from caboose.oos.loading import Path
from caboose.oos.names import PARAMETER_NAME
from caboose.oos.parameters import TYPES
from caboose.oos.plan import Output

_KEYS = ("Type", "Value", "Description", "Label")
_TYPES = {**{name.lower(): name for name in TYPES}, "array": "List", "object": "Json"}


def read_outputs(reader: Reader, value: Any, scope: Scope) -> dict[str, Output]:
    """The template's outputs by name, their references and functions checked."""
    path: Path = ("Outputs",)
    section = reader.mapping(value, path)
    reader.no_case_twins(section, path, "outputs")
    outputs = {}
    for name, each in section.items():
        place = (*path, name)
        check_output_name(reader, name, place)
        fields = reader.mapping(each, place)
        reader.unknown_keys(fields, _KEYS, place)
        if "Value" not in fields:
            reader.error("MissingKey", f'the output "{name}" has no Value', place)
        type_name = read_type(reader, fields.get("Type"), (*place, "Type"))
        outputs[name] = Output(type_name, check_value(reader, fields.get("Value"), (*place, "Value"), scope))
    return outputs


def check_output_name(reader: Reader, name: str, path: Path) -> None:
    """Whether a reference can name the output: of a template, of a task, or collected by a loop."""
    if not PARAMETER_NAME.fullmatch(name):
        reader.error("InvalidName", f'"{name}" is no output name: letters, digits, hyphens and underscores', path)


def read_type(reader: Reader, value: Any, path: Path) -> str:
    """A ``Type``; String when it names none. Array and Object are other words for List and Json."""
    if value is None:
        return "String"
    name = _TYPES.get(value.lower()) if isinstance(value, str) else None
    if name is None:
        reader.error("InvalidType", f"{value!r:.80} is no type; the types are {', '.join(TYPES)}", path)
    return name or "String"
