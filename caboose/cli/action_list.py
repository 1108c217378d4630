"""The list of ``caboose actions``, and one action in full.

In a pipe a list is one line an action, for grep; on a terminal it is a few lines each, because names and properties are
too long for columns.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from rich.padding import Padding
from rich.text import Text

from caboose.cli.action_rows import AVAILABLE, NOT_YET, UNUSABLE, Row, atomic_row, atomic_rows, library_row
from caboose.cli.errors import UsageError, problem_text, with_hint
from caboose.cli.library import open_library
from caboose.cli.output import clean, console, print_fields, print_json, print_table
from caboose.oos.actions import ACTIONS
from caboose.oos.library import Library
from caboose.oos.names import resolve_name
from caboose.oos.problems import did_you_mean

_WORDS = {AVAILABLE: "", NOT_YET: "not run by this version yet", UNUSABLE: "unusable"}
_STYLES = {AVAILABLE: "bold", NOT_YET: "bold yellow", UNUSABLE: "bold red"}


def print_actions(name: str, product: str, search: str, *, templates: bool, as_json: bool) -> None:
    """Prints what the command asks for; the arguments are its own.

    Raises:
        UsageError: the arguments don't fit, there is no such action, or a library folder can't be used.
    """
    library = open_library()
    if name:
        if product or search or templates:
            raise UsageError("a NAME is shown in full: leave the other options out, or the NAME")
        _show(_row_of(name, library), as_json=as_json)
        return
    rows = [row for row in _rows(library, product, templates=templates) if _holds(row, search)]
    none = "No such template." if templates else "No such action."
    if as_json:
        print_json(rows)
    elif console().is_terminal:
        _print_blocks(rows, none)
    else:
        cells = [(row["Action"], _kind(row), _takes(row["Takes"]), row["Origin"], _about(row)) for row in rows]
        print_table(("Action", "Kind", "Takes", "Origin", "Description"), cells, empty=none)


def _rows(library: Library, product: str, *, templates: bool) -> Iterator[Row]:
    if not templates and not product:
        yield from atomic_rows()
    for name in library.templates() if templates else library.names():
        source = library.find(name)
        if source and product.casefold() in ("", _product(name)):
            yield library_row(library, source)


def _product(name: str) -> str:
    """``ecs`` for ``ACS::ECS::RebootInstance``, and for the template ``ACS-ECS-BulkyRebootInstances``."""
    parts = name.replace("::", "-").split("-")
    return parts[1].casefold() if len(parts) > 2 else ""


def _holds(row: Row, text: str) -> bool:
    return text.casefold() in f"{row['Action']} {row['Origin']} {row['Description']}".casefold()


def _row_of(name: str, library: Library) -> Row:
    source = library.find(name)
    atomic = resolve_name(name, ACTIONS)
    if atomic is not None:
        return atomic_row(ACTIONS[atomic])
    if source is not None:
        return library_row(library, source)
    hint = did_you_mean(name, [*ACTIONS, *library.names(), *library.templates()])
    raise UsageError(with_hint(f'there is no action "{name}"', hint or "Find one with --search TEXT."))


def _kind(row: Row) -> str:
    words = _WORDS[row["Status"]]
    return f"{row['Kind']}, {words}" if words else str(row["Kind"])


def _takes(taken: Iterable[Row]) -> str:
    """The outermost properties, the optional ones in brackets."""
    names = [(each["Name"], each["Required"]) for each in taken if "." not in each["Name"]]
    return " ".join(name if required else f"[{name}]" for name, required in names)


def _about(row: Row) -> str:
    """The description on one line; for what can't be used, why."""
    text = problem_text(row["Problems"][0]) if row["Status"] == UNUSABLE else row["Description"]
    return " ".join(text.split())


def _print_blocks(rows: list[Row], none: str) -> None:
    out = console()
    for row in rows:
        words = _WORDS[row["Status"]]
        title = Text.assemble((clean(row["Action"]), _STYLES[row["Status"]]), f"  ({words})" if words else "")
        out.print(title)
        for text, style in ((_takes(row["Takes"]), ""), (_about(row), "dim"), (row["Origin"], "dim")):
            if text:
                out.print(Padding(Text(clean(text), style), (0, 0, 0, 4)))
    out.print(f"{len(rows)} in all. In full: caboose actions NAME" if rows else none)


def _show(row: Row, *, as_json: bool) -> None:
    if as_json:
        print_json(row)
        return
    out = console()
    out.print(Text(clean(row["Action"]), "bold"))
    if row["Description"]:
        out.print(Text(clean(row["Description"])))
    fields = [
        ("Kind", _kind(row)),
        ("Origin", row["Origin"]),
        ("File", row.get("Path")),
        ("Hides", ", ".join(row.get("Hidden", ()))),
        ("Documented", row.get("Documentation")),
        ("Loop", {True: "", False: "a task of this action can't loop"}[row.get("MayLoop", True)]),
        ("Place", "only the first task of a template" if row.get("FirstOnly") else ""),
        ("Result", row.get("Result")),
    ]
    print_fields(fields)
    if row["Takes"]:
        print()
        cells = [(each["Name"], each["Type"], _presence(each), _description(each)) for each in row["Takes"]]
        print_table(("Property", "Type", "Default", "Description"), cells, empty="")
    if row["Gives"]:
        print()
        print_table(("Output", "Type"), [(each["Name"], each.get("Type", "")) for each in row["Gives"]], empty="")
    if row["Problems"]:
        print()
    for problem in row["Problems"]:
        out.print(Text(clean(problem_text(problem))))


def _presence(taken: Row) -> Any:
    if taken["Required"]:
        return "(required)"
    default = taken.get("Default", "")
    return "''" if default == "" and "Default" in taken else default


def _description(taken: Row) -> str:
    text = " ".join(taken["Description"].split())
    if "Values" in taken:
        values = ", ".join(str(value) for value in taken["Values"])
        text = f"{text} One of: {values}".strip()
    return text
