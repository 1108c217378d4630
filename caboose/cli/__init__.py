"""The ``caboose`` command, a module a command group.

Everything but ``validate``, ``actions``, ``up`` and ``demo`` goes through the API's HTTP, so a command does
nothing that another client couldn't do. Exit codes: 0 success; 1 an execution fails, a template is invalid,
the API refuses or isn't there; 2 wrong usage; 130 after Ctrl-C.
"""

import os
import sys

import typer

from caboose.cli import executions, templates
from caboose.cli.actions import actions
from caboose.cli.demo import demo
from caboose.cli.errors import CliError
from caboose.cli.output import clean
from caboose.cli.run import run
from caboose.cli.up import up
from caboose.cli.validate import validate

app = typer.Typer(
    name="caboose",
    help="Runs Alibaba Cloud OOS templates, with human approval, as durable Temporal workflows.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (up, demo, validate, run, actions):
    app.command()(command)
app.add_typer(executions.app, name="executions")
app.add_typer(templates.app, name="templates")


def main() -> None:
    """Entry point of the ``caboose`` program."""
    try:
        app()
    except CliError as error:
        print(f"caboose: {clean(str(error))}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader of our output has gone: `caboose executions list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
