"""A task's outputs: what is selected from its action's result (reference section 2.4)."""

from typing import Any

from caboose.oos.compiling.expressions import check_program, check_value
from caboose.oos.compiling.outputs import check_output_name, read_type
from caboose.oos.compiling.reader import Reader
from caboose.oos.compiling.scope import Scope
from caboose.oos.loading import Path
from caboose.oos.plan import OutputSpec
from caboose.oos.references import function_of

_KEYS = ("Type", "ValueSelector", "Description")


def read_task_outputs(reader: Reader, value: Any, path: Path, scope: Scope) -> dict[str, OutputSpec]:
    """The declared outputs by name."""
    section = reader.mapping(value, path)
    reader.no_case_twins(section, path, "outputs")
    outputs = {}
    for name, each in section.items():
        here = (*path, name)
        check_output_name(reader, name, here)
        fields = reader.mapping(each, here)
        reader.unknown_keys(fields, _KEYS, here)
        type_name = read_type(reader, fields.get("Type"), (*here, "Type"))
        outputs[name] = OutputSpec(
            type_name, _selector(reader, fields.get("ValueSelector"), (*here, "ValueSelector"), scope)
        )
    return outputs


def _selector(reader: Reader, value: Any, path: Path, scope: Scope) -> Any:
    """A text or a function; without one the output is the whole result."""
    if value is None:
        return "."
    if not isinstance(value, str) and not (isinstance(value, dict) and function_of(value)):
        hint = "Write a path such as Instances.Instance[].InstanceId."
        reader.error("InvalidType", f"a selector is a string or a function, not {value!r:.80}", path, hint)
        return "."
    check_program(reader, value, path)
    return check_value(reader, value, path, scope)
