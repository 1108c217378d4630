"""``caboose executions …``: look at executions and decide about them."""

import json
from typing import Annotated, Any

import typer

from caboose.cli.arguments import ExecutionId
from caboose.cli.client import Client, connect, execution_path
from caboose.cli.decisions import (
    ItemOption,
    NoteOption,
    ParameterOption,
    TaskOption,
    approve,
    cancel_task,
    complete,
    execute_task,
    notify,
    print_answer,
    print_waiting,
    reject,
    skip,
)
from caboose.cli.errors import UsageError, problem_text
from caboose.cli.logs import logs
from caboose.cli.output import JsonOption, clean, print_fields, print_json, print_table
from caboose.cli.parameters import parse_parameters
from caboose.cli.retries import FAILED, check_status, retry_failed
from caboose.cli.run import watch_execution

app = typer.Typer(no_args_is_help=True, help="List, show, watch and decide about executions.")
app.command("logs")(logs)
app.command("watch")(watch_execution)

PAGE = 50


@app.command("list")
def list_executions(
    status: Annotated[str, typer.Option(help="Only those with this status, such as Waiting.")] = "",
    template: Annotated[str, typer.Option(help="Only those of this template.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = PAGE,
    as_json: JsonOption = False,
) -> None:
    """List executions, newest first."""
    with connect() as client:
        rows = pages(client, "/executions", "Executions", limit, Status=status, TemplateName=template)
    if as_json:
        print_json(rows)
        return
    columns = ("ExecutionId", "TemplateName", "Status", "ExecutedBy", "StartDate", "EndDate")
    print_table(columns, [[row.get(name) for name in columns] for row in rows], empty="No executions.")


def pages(client: Client, path: str, field: str, limit: int, **query: Any) -> list[Any]:
    """The first ``limit`` rows of a list that the API gives by pages."""
    rows: list[Any] = []
    token = ""
    while True:
        answer = client.get(path, MaxResults=min(PAGE, limit - len(rows)), NextToken=token, **query)
        rows += answer.get(field) or []
        token = answer.get("NextToken") or ""
        if not token or len(rows) >= limit:
            return rows[:limit]


@app.command()
def show(execution_id: ExecutionId, as_json: JsonOption = False) -> None:
    """Show one execution: status, parameters, tasks, what it waits for, outputs."""
    with connect() as client:
        record = client.get(execution_path(execution_id))["Execution"]
    if as_json:
        print_json(record)
        return
    names = (
        "ExecutionId TemplateName TemplateVersion Status StatusMessage StatusReason Mode RegionId RamRole "
        "ExecutedBy RetryOf Description CreateDate StartDate EndDate Counters Parameters Outputs Notes"
    )
    print_fields((name, record.get(name)) for name in names.split())
    for warning in record.get("Warnings") or []:
        print(clean(f"warning: {problem_text(warning)}"))
    print()
    _print_tasks(record.get("Tasks") or [])
    for waiting in record.get("Waiting") or []:
        print_waiting(waiting)


@app.command()
def tasks(
    execution_id: ExecutionId,
    parent: Annotated[str, typer.Option(help="Only the loop items of this TaskExecutionId.")] = "",
    children: Annotated[bool, typer.Option("--children", help="Loop items too.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 1000,
    as_json: JsonOption = False,
) -> None:
    """List the task executions of an execution."""
    with connect() as client:
        rows = pages(
            client,
            f"{execution_path(execution_id)}/tasks",
            "TaskExecutions",
            limit,
            ParentTaskExecutionId=parent,
            IncludeChildTaskExecution="true" if children else "",
        )
    if as_json:
        print_json(rows)
    else:
        _print_tasks(rows)


def _print_tasks(rows: list[dict[str, Any]]) -> None:
    columns = ("TaskExecutionId", "TaskName", "TaskAction", "Status", "LoopItem", "StatusMessage")
    lines = []
    for row in rows:
        loop = row.get("Loop")
        message = row.get("StatusMessage") or (f"loop {json.dumps(loop)}" if loop else "")
        lines.append([*(row.get(name) for name in columns[:-1]), message])
    print_table(columns, lines, empty="No tasks yet.")


@app.command()
def cancel(execution_id: ExecutionId, as_json: JsonOption = False) -> None:
    """Cancel an execution."""
    with connect() as client:
        answer = client.post(f"{execution_path(execution_id)}/cancel", {})
    print_answer(answer, f"{execution_id} is being cancelled.", as_json=as_json)


for decision in (approve, reject, skip, execute_task, cancel_task, complete):
    app.command()(decision)


@app.command()
def retry(
    execution_id: ExecutionId,
    note: NoteOption = "",
    task: TaskOption = "",
    item: ItemOption = "",
    parameter: ParameterOption = None,
    failed_items: Annotated[
        bool, typer.Option("--failed-items", help="Of one that has Failed: leave out the items that never started.")
    ] = False,
    client_token: Annotated[
        str, typer.Option(help="Of one that has Failed: a second retry with the same text gives the first one.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Run again what failed or what nobody knows of: where it waits, or from where a Failed execution failed.

    An execution that has Failed is retried by a new one, which has its template, parameters and targets.
    """
    with connect() as client:
        status = client.get(execution_path(execution_id))["Execution"].get("Status") or ""
        if status == FAILED:
            if parameter:
                raise UsageError(f"-p: {execution_id} has Failed, and is retried as it was started; leave -p out")
            retry_failed(
                client,
                execution_id,
                address=task or item,
                note=note,
                failed_items=failed_items,
                client_token=client_token,
                as_json=as_json,
            )
            return
    check_status(execution_id, status, failed_items=failed_items, client_token=client_token)
    given = parse_parameters(parameter or [])
    notify(execution_id, "RetryTask", note=note, task=task, item=item, as_json=as_json, Parameters=given)


@app.command("notify-again")
def notify_again(execution_id: ExecutionId, as_json: JsonOption = False) -> None:
    """Send a fresh approval message for everything that waits."""
    with connect() as client:
        answer = client.post(f"{execution_path(execution_id)}/notify-again", {})
    print_answer(answer, f"Messages sent: {answer.get('Sent', 0)}.", as_json=as_json)
