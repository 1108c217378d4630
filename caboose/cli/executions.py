"""``caboose executions …``: look at executions and decide about them."""

import json
from typing import Annotated, Any

import typer

from caboose.cli.client import Client, connect, execution_path
from caboose.cli.errors import UsageError, problem_text
from caboose.cli.output import JsonOption, clean, print_fields, print_json, print_table
from caboose.cli.retries import FAILED, check_status, retry_failed

app = typer.Typer(no_args_is_help=True, help="List, show and decide about executions.")

ExecutionId = Annotated[str, typer.Argument(metavar="EXECUTION_ID", help="Such as exec-0123456789abcdef0123.")]
TaskOption = Annotated[
    str, typer.Option("--task", help="The task's name or its TaskExecutionId, when more than one waits.")
]
ItemOption = Annotated[str, typer.Option("--item", help="The loop item, such as i-bp1234, when more than one waits.")]
NoteOption = Annotated[str, typer.Option("--note", help="Why; kept in the record.")]
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
        print(f"\nwaits for {' or '.join(waiting.get('Accepts') or [])}:")
        print_fields(
            (name, waiting.get(name))
            for name in ("TaskName", "TaskExecutionId", "LoopItem", "Since", "Message", "ApprovalLink")
        )


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
    _print_answer(answer, f"{execution_id} is being cancelled.", as_json=as_json)


@app.command()
def approve(
    execution_id: ExecutionId, note: NoteOption = "", task: TaskOption = "", as_json: JsonOption = False
) -> None:
    """Approve what waits."""
    _notify(execution_id, "Approve", note=note, task=task, as_json=as_json)


@app.command()
def reject(
    execution_id: ExecutionId, note: NoteOption = "", task: TaskOption = "", as_json: JsonOption = False
) -> None:
    """Reject what waits: the execution ends as Cancelled."""
    _notify(execution_id, "Reject", note=note, task=task, as_json=as_json)


@app.command()
def retry(
    execution_id: ExecutionId,
    note: NoteOption = "",
    task: TaskOption = "",
    item: ItemOption = "",
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
    _notify(execution_id, "RetryTask", note=note, task=task, item=item, as_json=as_json)


@app.command()
def skip(
    execution_id: ExecutionId,
    note: NoteOption = "",
    task: TaskOption = "",
    item: ItemOption = "",
    as_json: JsonOption = False,
) -> None:
    """Go on without sending it again."""
    _notify(execution_id, "SkipTask", note=note, task=task, item=item, as_json=as_json)


@app.command("notify-again")
def notify_again(execution_id: ExecutionId, as_json: JsonOption = False) -> None:
    """Send a fresh approval message for everything that waits."""
    with connect() as client:
        answer = client.post(f"{execution_path(execution_id)}/notify-again", {})
    _print_answer(answer, f"Messages sent: {answer.get('Sent', 0)}.", as_json=as_json)


def _notify(execution_id: str, notify_type: str, *, note: str, task: str, item: str = "", as_json: bool) -> None:
    if item and task.startswith(f"{execution_id}.") and task.count(".") > 1:
        raise UsageError("--item: the TaskExecutionId in --task already names one loop item")
    by_id = task.startswith(f"{execution_id}.")
    address = {"TaskExecutionId": task if by_id else "", "TaskName": "" if by_id else task, "LoopItem": item}
    path = execution_path(execution_id)
    with connect() as client:
        waiting = client.get(path)["Execution"].get("Waiting", [])
        fields = {"NotifyType": notify_type, "NotifyNote": note, **_exactly(waiting, notify_type, address)}
        answer = client.post(f"{path}/notify", {name: value for name, value in fields.items() if value != ""})
    _print_answer(answer, f"{notify_type}: accepted.", as_json=as_json)


def _exactly(waiting: list[dict[str, Any]], notify_type: str, address: dict[str, str]) -> dict[str, Any]:
    """The id and the attempt of the one thing that is meant, so that nothing is decided that comes to wait meanwhile;
    the address as it was given when it isn't one thing: the execution then says what is wrong."""
    given = {name: value for name, value in address.items() if value}
    meant = [
        wait
        for wait in waiting
        if notify_type in wait["Accepts"] and all(wait.get(name) == value for name, value in given.items())
    ]
    if len(meant) != 1:
        return given
    return {"TaskExecutionId": meant[0]["TaskExecutionId"], "Attempt": meant[0]["Attempt"]}


def _print_answer(answer: Any, sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        print(clean((answer or {}).get("Message") or sentence))
