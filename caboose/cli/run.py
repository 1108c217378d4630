"""``caboose run``: start an execution and, with ``--wait``, watch it to its end."""

from pathlib import Path
from typing import Annotated, Any

import typer

from caboose.cli.arguments import ExecutionId
from caboose.cli.client import Client, connect
from caboose.cli.errors import UsageError
from caboose.cli.output import JsonOption, print_fields, print_json
from caboose.cli.parameters import parse_parameters
from caboose.cli.watch import watch


def run(
    *,
    template: Annotated[
        str,
        typer.Argument(help="A stored template's name, or the path of a file (it contains a dot or a slash)."),
    ],
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "-p",
            "--parameter",
            metavar="NAME=VALUE",
            help="A parameter: text, JSON, or @file. Can be repeated.",
        ),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Watch it to its end. Ctrl-C only stops watching.")] = False,
    region: Annotated[str, typer.Option(help="RegionId, such as cn-hangzhou.")] = "",
    mode: Annotated[str, typer.Option(help="Automatic, FailurePause or Debug.")] = "",
    loop_mode: Annotated[str, typer.Option(help="Automatic, FirstBatchPause or EveryBatchPause.")] = "",
    safety_check: Annotated[str, typer.Option(help="ConfirmEveryHighRiskAction or Skip.")] = "",
    template_version: Annotated[str, typer.Option(help="Version of a stored template, such as v2.")] = "",
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    client_token: Annotated[
        str,
        typer.Option(help="A text of your own: a second start with the same one returns the first execution."),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Start an execution of a template."""
    request = {
        **template_fields(template),
        "Parameters": parse_parameters(parameter or []),
        "RegionId": region,
        "Mode": mode,
        "LoopMode": loop_mode,
        "SafetyCheck": safety_check,
        "TemplateVersion": template_version,
        "Description": description,
        "ClientToken": client_token,
    }
    with connect() as client:
        given = {name: value for name, value in request.items() if value != ""}
        record = client.post("/executions", given)["Execution"]
        if wait:
            raise typer.Exit(watch_to_end(client, record["ExecutionId"], as_json=as_json))
    if as_json:
        print_json(record)
    else:
        print_started(record)


def template_fields(template: str) -> dict[str, Any]:
    """TemplateName, or TemplateContent of a file.

    No template's name contains a dot or a slash, so the text alone decides, not what lies in the current
    folder.
    """
    if not any(mark in template for mark in "./\\"):
        return {"TemplateName": template}
    try:
        return {"TemplateContent": Path(template).read_text(encoding="utf-8")}
    except UnicodeDecodeError:
        raise UsageError(f"{template} is not UTF-8 text") from None
    except OSError as error:
        raise UsageError(f"{template}: {error.strerror}") from None


def print_started(record: dict[str, Any]) -> None:
    """Id and status of a started execution, and how to look at it."""
    print_fields([(name, record.get(name)) for name in ("ExecutionId", "TemplateName", "Status", "StatusMessage")])
    print(f"\nWatch it with `caboose executions watch {record['ExecutionId']}`.")


def watch_execution(execution_id: ExecutionId, as_json: JsonOption = False) -> None:
    """Watch an execution to its end, whoever started it. Ctrl-C only stops watching."""
    with connect() as client:
        raise typer.Exit(watch_to_end(client, execution_id, as_json=as_json))


def watch_to_end(client: Client, execution_id: str, *, as_json: bool) -> int:
    """Watch it; the exit code: 0 for Success, 1 for another end, 130 after Ctrl-C.

    With ``--json`` the story goes to stderr, and stdout gets the record alone.
    """
    try:
        record = watch(client, execution_id, stderr=as_json)
    except KeyboardInterrupt:
        way_out = f"caboose executions cancel {execution_id}"
        typer.echo(f"\nNo longer watching. {execution_id} goes on; cancel it with `{way_out}`.", err=True)
        return 130
    if as_json:
        print_json(record)
    return 0 if record["Status"] == "Success" else 1
