"""What there is to know of actions, as rows of plain data: what ``caboose actions --json`` prints.

Atomic actions are known from their declarations. Product actions and public templates are compiled, as a task that uses
them would do it, so that a broken file in a folder of one's own shows here before an execution meets it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from caboose.oos.actions import ACTIONS, Action, Property
from caboose.oos.compiling.compile import Compiled, compile_template
from caboose.oos.library import Library, Source
from caboose.oos.plan import Body
from caboose.oos.problems import errors
from caboose.oos.redact import MASK, redact

AVAILABLE, NOT_YET, UNUSABLE = "Available", "NotYet", "Unusable"
"""Whether this version runs it; whether its file can be used at all."""

BUILT_IN = "built in"
_NOT_SUPPORTED = "NotSupportedYet"

Row = dict[str, Any]


def atomic_rows() -> Iterator[Row]:
    """The actions that need no template, in order of name."""
    for name in sorted(ACTIONS):
        yield atomic_row(ACTIONS[name])


def atomic_row(action: Action) -> Row:
    """One of them."""
    return {
        "Action": action.name,
        "Kind": "Atomic",
        "Status": AVAILABLE if action.runs_here else NOT_YET,
        "Origin": BUILT_IN,
        "Description": action.summary,
        "Takes": list(_properties(action.properties, "")),
        "Gives": [{"Name": name} for name in action.result_fields],
        "Result": action.result,
        "MayLoop": action.may_loop,
        "FirstOnly": action.first_only,
        "Documentation": action.source,
        "Problems": [],
    }


def library_row(library: Library, source: Source) -> Row:
    """A product action or a public template; what stands in the way of using it is among its problems."""
    compiled = _compiled(library, source)
    body = compiled.plan.body if compiled.plan else None
    unsupported = [problem for problem in compiled.problems if problem.id == _NOT_SUPPORTED]
    problems = errors(compiled.problems) or unsupported
    row: Row = {
        "Action": source.name,
        "Kind": "Product" if source.is_action else "Template",
        "Status": (NOT_YET if unsupported else AVAILABLE) if body else UNUSABLE,
        "Origin": source.origin,
        "Path": source.path,
        "Hidden": [each.path or each.origin for each in library.hidden(source.name)],
        "Description": body.description if body else "",
        "Takes": list(_parameters(body)) if body else [],
        "Gives": [{"Name": name, "Type": output.type} for name, output in body.outputs.items()] if body else [],
        "Problems": [problem.as_record() for problem in problems],
    }
    shown: Row = redact(row)  # a default may hold a webhook
    return shown


def _compiled(library: Library, source: Source) -> Compiled:
    return Compiled(None, [source.fault]) if source.fault else compile_template(source.text, library, source.name)


def _parameters(body: Body) -> Iterator[Row]:
    for parameter in body.parameters.values():
        row: Row = {
            "Name": parameter.name,
            "Type": parameter.type,
            "Required": not parameter.has_default,
            "Description": parameter.description,
        }
        if parameter.has_default:
            row["Default"] = MASK if parameter.no_echo else parameter.default
        if parameter.allowed_values:
            row["Values"] = parameter.allowed_values
        yield row


def _properties(properties: Mapping[str, Property], above: str) -> Iterator[Row]:
    """Properties with those inside of them, as ``WebHook.URI`` and ``Filters[].Type``."""
    for name, declared in properties.items():
        row: Row = {
            "Name": above + name,
            "Type": declared.kind,
            "Required": declared.required,
            "Description": declared.description,
        }
        if declared.default is not None:
            row["Default"] = declared.default
        if declared.values:
            row["Values"] = list(declared.values)
        yield row
        yield from _properties(declared.fields, f"{above}{name}.")
        if declared.element:
            yield from _properties(declared.element.fields, f"{above}{name}[].")
