"""The properties of a task held against what its action takes: declared ones, or its template's parameters.

What a template writes out is checked before anything starts: types, and what values a parameter allows. Patterns are
left to the start: they need time, and time isn't decided here.
"""

from collections.abc import Mapping
from typing import Any

from caboose.oos.actions.declaration import Action
from caboose.oos.actions.fields import Fields, report_unknown, spell
from caboose.oos.actions.kinds import is_computed
from caboose.oos.compiling.reader import Reader
from caboose.oos.loading import Path
from caboose.oos.parameters import ConversionError, convert, is_secret
from caboose.oos.parameters.constraints import violations
from caboose.oos.plan import Body, Parameter
from caboose.oos.problems import did_you_mean
from caboose.oos.references import is_open

__all__ = ["check_atomic", "check_parameters", "check_product"]


def check_atomic(reader: Reader, action: Action, given: dict[str, Any], path: Path) -> dict[str, Any]:
    """The properties in their declared spelling, after checking them against the action's declaration.

    Keys of maps and values of closed sets are put into their declared spelling too, and a single value that stands for
    a list becomes one.
    """
    fields = Fields(reader, action.name, complete=action.complete)
    properties = fields.properties(action.properties, given, path)
    action.check(properties)
    return properties.values


def check_product(reader: Reader, action: str, body: Body, given: dict[str, Any], path: Path) -> dict[str, Any]:
    """The properties in their declared spelling, checked against the parameters of a product action's template."""
    values, written, unknown = _spelled(reader, given, body.parameters, path)
    for name in unknown:
        report_unknown(reader, action, name, list(body.parameters), path)
    _check_values(reader, action, body.parameters, values, written, path)
    return values


def check_parameters(reader: Reader, template: str, body: Body, given: dict[str, Any], path: Path) -> dict[str, Any]:
    """The parameters of ``ACS::Template`` in their declared spelling, checked against the template that they are for.

    Unlike an unknown property of a product action, one that the template doesn't declare stops nothing: official
    templates pass some (``ACS-ECS-CloneInstancesAcrossAZ`` a role). It is left out.
    """
    values, written, unknown = _spelled(reader, given, body.parameters, path)
    for name in unknown:
        message = f'{template} has no parameter "{name}"; it is left out'
        reader.warning("UndeclaredParameter", message, (*path, name), did_you_mean(name, body.parameters))
    _check_values(reader, template, body.parameters, values, written, path)
    return values


def _spelled(
    reader: Reader, given: dict[str, Any], declared: Mapping[str, Any], path: Path
) -> tuple[dict[str, Any], dict[str, str], list[str]]:
    """(values by declared spelling, how each is written, names that aren't declared)."""
    values: dict[str, Any] = {}
    written: dict[str, str] = {}
    unknown = []
    for name, value in given.items():
        found = spell(reader, name, declared, written, path)
        if found:
            values[found] = value
        else:
            unknown.append(name)
    return values, written, unknown


def _check_values(
    reader: Reader,
    owner: str,
    declared: Mapping[str, Parameter],
    values: dict[str, Any],
    written: dict[str, str],
    path: Path,
) -> None:
    for name, parameter in declared.items():
        value = values.get(name)
        if value is None:  # null is "not set"
            if not parameter.has_default:
                reader.error("MissingProperty", f"{owner} needs {name}", path, parameter.description)
        elif not is_computed(value):
            _check_literal(reader, parameter, value, (*path, written[name]))


def _check_literal(reader: Reader, parameter: Parameter, value: Any, path: Path) -> None:
    """A value that is written out; what is open within it is known when it runs."""
    try:
        converted = convert(parameter.type, value)
    except ConversionError as error:
        reader.error("InvalidType", f"{parameter.name} is a {parameter.type}: {error}", path)
        return
    if parameter.type == "List":
        converted = [each for each in converted if not is_open(each)]
    elif is_open(converted):
        return
    for fault in violations(parameter, converted, secret=is_secret(parameter)):
        reader.error("InvalidProperty", f"{parameter.name}: {fault}", path, parameter.constraint_description)
