"""The properties of a task held against what its action takes: declared ones, or its template's parameters."""

from typing import Any

from caboose.oos.actions.declaration import Action
from caboose.oos.actions.fields import Fields, spell_all
from caboose.oos.actions.kinds import is_computed
from caboose.oos.actions.risk import call_is_high_risk
from caboose.oos.loader import Path
from caboose.oos.parameters import ConversionError, convert
from caboose.oos.plan import Body
from caboose.oos.reader import Reader

__all__ = ["call_is_high_risk", "check_atomic", "check_product"]


def check_atomic(reader: Reader, action: Action, given: dict[str, Any], path: Path) -> dict[str, Any]:
    """The properties in their declared spelling, after checking them against the action's declaration.

    Names of keys in maps, and values of closed sets, are put into their declared spelling too; a single value that
    stands for a list becomes one.
    """
    fields = Fields(reader, action.name, complete=action.complete, runs_here=action.runs_here)
    properties = fields.properties(action.properties, given, path)
    action.check(properties)
    return properties.values


def check_product(reader: Reader, action: str, body: Body, given: dict[str, Any], path: Path) -> dict[str, Any]:
    """The properties in their declared spelling, checked against the parameters of a product action's template."""
    properties, written = spell_all(reader, action, given, body.parameters, path)
    for name, parameter in body.parameters.items():
        value = properties.get(name)
        if value is None:  # null is "not set"
            if not parameter.has_default:
                reader.error("MissingProperty", f"{action} needs {name}", path, parameter.description)
        elif not is_computed(value):
            try:
                convert(parameter.type, value)
            except ConversionError as error:
                reader.error("InvalidType", f"{name} is a {parameter.type}: {error}", (*path, written[name]))
    return properties
