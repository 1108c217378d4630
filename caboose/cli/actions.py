"""``caboose actions``: what a template's ``Action`` may name, what each takes, and where it comes from.

What it does is imported when it is called, as in ``caboose.cli.validate``.
"""

from typing import Annotated

import typer

from caboose.cli.output import JsonOption


def actions(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Show this one in full; any letter case.")] = "",
    product: Annotated[str, typer.Option(metavar="PRODUCT", help="Only those of a product, such as ECS.")] = "",
    search: Annotated[
        str, typer.Option(metavar="TEXT", help="Only those with this text in name, origin or description.")
    ] = "",
    templates: Annotated[
        bool, typer.Option("--templates", help="List the public templates of library folders instead.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the actions that templates can use, or show one in full.

    They are built in, of our own library, or of the folders in CABOOSE_LIBRARY_PATH. Optional properties stand in
    brackets. No server is needed.
    """
    from caboose.cli.action_list import print_actions  # noqa: PLC0415

    print_actions(name, product, search, templates=templates, as_json=as_json)
