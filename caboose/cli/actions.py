"""``caboose actions``: what a template's ``Action`` may name, and what each takes.

The engine's own actions come from their declarations; those of the library are compiled, as a task that uses
them would do it, so that a broken file in a folder of one's own shows here before an execution meets it.
"""

from collections.abc import Iterator
from typing import Any

from caboose.cli.environment import open_library
from caboose.cli.output import JsonOption, print_json, print_table
from caboose.oos.actions import ACTIONS
from caboose.oos.compile import compile_template
from caboose.oos.library import Library


def actions(as_json: JsonOption = False) -> None:
    """List the actions that templates can use, with what they take (optional things in brackets)."""
    rows = [*atomic_actions(), *product_actions(open_library())]
    if as_json:
        print_json(rows)
        return
    lines = [(row["Action"], row["Kind"], _takes(row), row["Description"]) for row in rows]
    print_table(("Action", "Kind", "Takes", "Description"), lines, empty="No actions.")


def atomic_actions() -> Iterator[dict[str, Any]]:
    """The engine's own actions that this version runs."""
    for action in ACTIONS.values():
        if action.runs_here:
            taken = [
                {"Name": name, "Required": declared.required}
                for name, declared in action.properties.items()
                if declared.runs_here
            ]
            yield {"Action": action.name, "Kind": "Atomic", "Takes": taken, "Description": action.summary}


def product_actions(library: Library) -> Iterator[dict[str, Any]]:
    """The library's actions; one that doesn't compile is listed with its first problem."""
    for name in library.names():
        source = library.find(name)
        if source is None:
            continue
        compiled = compile_template(source.text, library, name=name)
        if compiled.plan is None:
            description, taken = f"{source.origin}: {compiled.problems[0]}", []
        else:
            body = compiled.plan.body
            description = body.description
            taken = [
                {"Name": parameter.name, "Required": not parameter.has_default}
                for parameter in body.parameters.values()
            ]
        yield {"Action": name, "Kind": "Product", "Takes": taken, "Description": description}


def _takes(row: dict[str, Any]) -> str:
    names = [taken["Name"] if taken["Required"] else f"[{taken['Name']}]" for taken in row["Takes"]]
    return " ".join(names)
