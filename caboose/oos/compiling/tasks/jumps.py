"""Jumps: where a task goes when it has succeeded, failed or was cancelled, and where a Choice goes.

Targets are literal names of tasks of the same list, ``ACS::NEXT`` and ``ACS::END``; templates of 2019 also write
``NEXT``, ``CONTINUE`` and ``END`` (reference section 2.1). A jump backwards is allowed; what limits it is the number of
task runs of an execution (design section 4).
"""

from typing import Any

from caboose.oos.compiling.reader import Reader
from caboose.oos.loading import Path
from caboose.oos.names import resolve_name
from caboose.oos.plan import END, NEXT
from caboose.oos.problems import did_you_mean
from caboose.oos.references import references

_WORDS = (NEXT, END)
_OLD_WORDS = {"NEXT": NEXT, "CONTINUE": NEXT, "END": END}


def read_jump(reader: Reader, value: Any, default: str, tasks: list[str], path: Path) -> str:
    """The target as the plan has it: a task's declared name, ``ACS::NEXT`` or ``ACS::END``."""
    if value is None:
        return default
    if not isinstance(value, str) or any(references(value)):
        hint = f"Write the name of a task, {NEXT} or {END}."
        reader.error("InvalidJump", f"a jump goes to a task that is named literally, not {value!r:.80}", path, hint)
        return default
    name = resolve_name(value, tasks) or resolve_name(value, _WORDS)
    if name is None:
        old = _OLD_WORDS.get(value.upper())
        if old is None:
            hint = did_you_mean(value, [*tasks, *_WORDS])
            reader.error("UnknownJump", f'there is no task "{value}" to jump to', path, hint)
        return old or default
    reader.warn_of_case(value, name, path)
    return name


def resolve_choices(reader: Reader, properties: dict[str, Any], tasks: list[str], path: Path) -> dict[str, Any]:
    """The properties of ``ACS::Choice`` with every target resolved."""
    resolved = dict(properties)
    if properties.get("DefaultTask") is not None:
        resolved["DefaultTask"] = read_jump(reader, properties["DefaultTask"], END, tasks, (*path, "DefaultTask"))
    choices = properties.get("Choices")
    if isinstance(choices, list):
        resolved["Choices"] = [
            {
                **choice,
                "NextTask": read_jump(reader, choice["NextTask"], END, tasks, (*path, "Choices", index, "NextTask")),
            }
            if isinstance(choice, dict) and choice.get("NextTask") is not None
            else choice
            for index, choice in enumerate(choices)
        ]
    return resolved
