"""``caboose validate``: check templates without a server.

What it does is imported when it is called: the language takes as long as all the rest of this program, and the commands
that ask a server don't need it.
"""

from typing import Annotated

import typer

from caboose.cli.output import JsonOption


def validate(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE...", help="Templates, YAML or JSON; folders with templates; - for standard input."
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings make a template invalid, too.")] = False,
    rule: Annotated[
        str, typer.Option("--explain", metavar="ID", help="Say what a problem's id means, and what to do. No FILE.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Check templates: exit code 1 when one of them is invalid, 2 when a file can't be read.

    No server is needed. A folder is walked: its YAML and JSON files are checked, as far as they look like templates.

    Product actions are those of our own library and of the folders in CABOOSE_LIBRARY_PATH.
    Templates that are only checked together don't know each other.
    """
    from caboose.cli.checking import check  # noqa: PLC0415

    check(files or [], rule, strict=strict, as_json=as_json)
