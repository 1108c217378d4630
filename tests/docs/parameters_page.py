"""docs/reference/parameters.md, from ``caboose.oos.parameters``; what values become is asked of the code itself."""

from typing import Any

from caboose.oos.parameters import ConversionError, convert
from caboose.oos.parameters.convert import ACCEPTED
from caboose.oos.parameters.keys import KEYS
from caboose.oos.references import PSEUDO_PARAMETERS
from tests.docs.markdown import code, page, prose, table

_INTRODUCTION = """\
A parameter is declared under Parameters by its name: letters, digits, hyphens and underscores. Without Default it must
be given at each start. Values are converted softly, as published templates and command lines need it; what would have
to be guessed is refused. Everything that is wrong with a start is said at once."""

_STORED = """\
A value may also be one reference to the parameter store, `{{ oos:name }}` or `{{ oos-secret:name }}`: it is held
against constraints as a text, and read when it is used."""

GIVEN: dict[str, tuple[Any, ...]] = {
    "String": ("text", 5, True, ["a"]),
    "Number": (5, "5", " 1e3 ", "007", "five", True),
    "Boolean": (True, "TRUE", "no", 1),
    "List": (["a"], '["a", "b"]', "InService", {"a": 1}),
    "Json": ({"a": 1}, '{"a": 1}', "[1, 2]", "text", 5),
}
"""Values whose conversion is shown."""


def parameters_page() -> str:
    """The page."""
    keys = ((f"`{key.name}`", key.value, key.only or "all", key.meaning) for key in KEYS.values())
    return page(
        "Parameters",
        prose(_INTRODUCTION),
        "## Keys of a declaration",
        table(("key", "what it is", "types", "meaning"), keys),
        "A constraint on another type than its own has no effect and is a warning, `ConstraintWithoutEffect`.",
        "## Types",
        *(_type(name, text) for name, text in ACCEPTED.items()),
        prose(_STORED),
        "## Pseudo parameters",
        "They are there without being declared, in any letter case:",
        "\n".join(f"- `{name}`" for name in PSEUDO_PARAMETERS),
    )


def _type(name: str, accepted: str) -> str:
    rows = [(code(value), _converted(name, value)) for value in GIVEN[name]]
    return f"### {name}\n\nTakes {accepted}.\n\n{table(('given', 'becomes'), rows)}"


def _converted(name: str, value: Any) -> str:
    try:
        converted = convert(name, value)
    except ConversionError as error:
        return f"refused: {error}"
    return code(converted)
