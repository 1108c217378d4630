"""Arguments and options that several commands share."""

from typing import Annotated

import typer

ExecutionId = Annotated[str, typer.Argument(metavar="EXECUTION_ID", help="Such as exec-0123456789abcdef0123.")]
