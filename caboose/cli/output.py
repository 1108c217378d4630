"""How commands print: tables for people, JSON for programs, and nothing that could steer a terminal.

On a terminal a table is drawn by rich; in a pipe it is plain aligned text that is never cut at 80 columns.
Names, notes and messages come from outside (an approver types a note, a cloud names a machine), so control
characters are replaced and rich's markup is never interpreted in them. Nor can they look like a line of ours: where
lines tell what happened, the further lines of a text stand behind a mark.
"""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Also what begins a line elsewhere (U+2028, U+2029), and what turns the direction of writing around."""
_FURTHER = "\n      | "
_PIPE_WIDTH = 10_000
_STYLES = {
    "Success": "green",
    "Failed": "red",
    "Cancelled": "magenta",
    "Waiting": "yellow",
    "Running": "cyan",
    "Skipped": "dim",
}


def console(*, stderr: bool = False) -> Console:
    """A console for one stream; in a pipe it is wide, so that nothing is wrapped or cut."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _PIPE_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


def clean(text: str) -> str:
    """The text without control characters (line ends and tabs stay)."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def entry(text: str) -> str:
    """A text as one entry of a log: its further lines are marked, so that none passes for an entry of its own."""
    lines = text.replace("\r\n", "\n").replace("\t", " ").rstrip("\n").split("\n")
    return _FURTHER.join(map(clean, lines))


def cell(value: Any) -> Text:
    """A value as one table cell; statuses have their colour."""
    if value is None:
        text = ""
    elif isinstance(value, str):
        text = value
    else:
        text = json.dumps(value, ensure_ascii=False)
    return Text(clean(text), style=_STYLES.get(text, ""))


def print_json(value: Any) -> None:
    """JSON on stdout, for another program."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
    """A table, or the sentence ``empty`` when there are no rows."""
    filled = [[cell(value) for value in row] for row in rows]
    if not filled:
        print(empty)
        return
    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=not out.is_terminal)
    for row in filled:
        table.add_row(*row)
    _print(out, table)


def print_fields(fields: Iterable[tuple[str, Any]]) -> None:
    """Names and values below each other; empty values are left out."""
    out = console()
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold", no_wrap=not out.is_terminal)
    for name, value in fields:
        if value not in (None, "", [], {}):
            table.add_row(name, cell(value))
    _print(out, table)


def _print(out: Console, table: Table) -> None:
    if out.is_terminal:
        out.print(table)
        return
    with out.capture() as captured:
        out.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))  # rich fills lines up with blanks
