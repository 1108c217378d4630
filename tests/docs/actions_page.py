"""docs/reference/actions.md, from ``caboose.oos.actions.ACTIONS``."""

from collections.abc import Iterator, Mapping

from caboose.oos.actions import ACTIONS, HIGH_RISK_PREFIXES, Action, Property
from tests.docs.markdown import code, link, one_of, page, prose, source, table

_INTRODUCTION = """\
The atomic actions. Product actions such as `ACS::ECS::RebootInstance` are templates in library folders, and their
properties are the parameters of those templates: `caboose actions` lists all that there are, with their origin.

A reference or a function may stand in place of every value, unless it has to be written out. Names are matched without
regard to letter case, with a warning. null and the empty text count as not given."""


def actions_page() -> str:
    """The page."""
    rows = [(link(name), each.kind, _runs(each), each.summary) for name, each in ACTIONS.items()]
    return page(
        "Actions",
        prose(_INTRODUCTION),
        prose(
            f"A call is of high risk when its API begins with {one_of(HIGH_RISK_PREFIXES)}, or when its Risk says so."
        ),
        table(("action", "group", "runs", "what it does"), rows),
        *(_section(each) for each in ACTIONS.values()),
    )


def _runs(action: Action) -> str:
    return "yes" if action.runs_here else "not yet"


def _section(action: Action) -> str:
    parts = [f"## {action.name}", action.summary, _abilities(action)]
    rows = list(_rows(action.properties, ""))
    if rows:
        parts.append(table(("property", "what it is", "required", "default", "meaning"), rows))
    if not action.complete:
        parts.append("The documentation of this action is missing or incomplete: other properties are passed on.")
    parts += [f"Result: {action.result}", source(action.source) if action.source else "Source: published templates."]
    return "\n\n".join(parts)


def _abilities(action: Action) -> str:
    said = [
        "It runs here." if action.runs_here else "It is checked here and doesn't run yet.",
        "A task of it may have a Loop." if action.may_loop else "A task of it has no Loop.",
        "It is the first task of a template, or none." if action.first_only else "",
        "Retries, Delay and their like have an effect on it." if action.polls else "",
    ]
    return " ".join(each for each in said if each)


def _rows(properties: Mapping[str, Property], prefix: str) -> Iterator[tuple[str, ...]]:
    for name, each in properties.items():
        yield from _row(prefix + name, each)


def _row(name: str, each: Property) -> Iterator[tuple[str, ...]]:
    required = "yes" if each.required else ""
    default = code(each.default) if each.default is not None else ""
    yield f"`{name}`", _kind(each), required, default, _meaning(each)
    yield from _rows(each.fields, f"{name}.")
    if each.element and (each.element.fields or each.element.description):
        yield from _row(f"{name}[]", each.element)


def _kind(each: Property) -> str:
    kind = one_of(each.values) if each.values else each.kind
    element = each.element.kind if each.element else ""
    return kind + (f", each {element}" if element else "") + (", or one value" if each.single else "")


def _meaning(each: Property) -> str:
    said = [
        each.description,
        "It is written out." if each.literal else "",
        "Others may exist." if (each.values or each.fields) and not each.complete else "",
        "Doesn't run yet." if not each.runs_here else "",
    ]
    return " ".join(text for text in said if text)
