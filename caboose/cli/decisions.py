"""``caboose executions approve|reject|skip|execute-task|cancel-task|complete``: what people say to what waits.

Each command looks at what waits before it speaks, and then says exactly what it means (id and attempt): between two
looks something else may have come to wait. What is right in the moment, only the execution says.
"""

import json
import re
from typing import Annotated, Any

import typer

from caboose.cli.arguments import ExecutionId
from caboose.cli.client import connect, execution_path
from caboose.cli.errors import UsageError
from caboose.cli.output import JsonOption, clean, print_fields, print_json
from caboose.cli.parameters import parse_parameters

TaskOption = Annotated[
    str, typer.Option("--task", help="The task's name or its TaskExecutionId, when more than one waits.")
]
ItemOption = Annotated[str, typer.Option("--item", help="The loop item, such as i-bp1234, when more than one waits.")]
NoteOption = Annotated[str, typer.Option("--note", help="Why; kept in the record.")]
ApproverOption = Annotated[
    str, typer.Option("--approver", help="Your name, where several people approve or only some may; nothing proves it.")
]
ParameterOption = Annotated[
    list[str] | None,
    typer.Option(
        "-p",
        "--parameter",
        metavar="NAME=VALUE",
        help="Runs the task with another value of this property: text, JSON, or @file. Can be repeated.",
    ),
]
_ITEM_STEP = re.compile(r"\.i[0-9]+\Z")
"""How the id of a loop item's task execution ends."""
STATUSES = ("Success", "Failed", "Cancelled")


def approve(
    execution_id: ExecutionId,
    note: NoteOption = "",
    approver: ApproverOption = "",
    task: TaskOption = "",
    item: ItemOption = "",
    as_json: JsonOption = False,
) -> None:
    """Approve what waits: an approval, a high-risk call, a pause."""
    notify(execution_id, "Approve", note=note, task=task, item=item, as_json=as_json, Approver=approver)


def reject(
    execution_id: ExecutionId,
    note: NoteOption = "",
    approver: ApproverOption = "",
    task: TaskOption = "",
    item: ItemOption = "",
    as_json: JsonOption = False,
) -> None:
    """Reject what waits: the execution ends as Cancelled."""
    notify(execution_id, "Reject", note=note, task=task, item=item, as_json=as_json, Approver=approver)


def skip(
    execution_id: ExecutionId,
    note: NoteOption = "",
    task: TaskOption = "",
    item: ItemOption = "",
    as_json: JsonOption = False,
) -> None:
    """Go on without what failed, or without sending a call again of which nobody knows what became."""
    notify(execution_id, "SkipTask", note=note, task=task, item=item, as_json=as_json)


def execute_task(
    execution_id: ExecutionId,
    task_name: Annotated[str, typer.Argument(help="The task to run; by default the one that is next.")] = "",
    parameter: ParameterOption = None,
    note: NoteOption = "",
    as_json: JsonOption = False,
) -> None:
    """Run the next task of an execution in Mode Debug, or another one."""
    given = parse_parameters(parameter or [])
    notify(execution_id, "ExecuteTask", note=note, as_json=as_json, TaskName=task_name, Parameters=given)


def cancel_task(
    execution_id: ExecutionId,
    note: NoteOption = "",
    task: TaskOption = "",
    item: ItemOption = "",
    as_json: JsonOption = False,
) -> None:
    """Cancel the task that waits, in Mode Debug: its OnCancel says what follows."""
    notify(execution_id, "CancelTask", note=note, task=task, item=item, as_json=as_json)


def complete(
    execution_id: ExecutionId,
    status: Annotated[str, typer.Option(help=f"How it ends: {', '.join(STATUSES)}.")] = STATUSES[0],
    note: NoteOption = "",
    as_json: JsonOption = False,
) -> None:
    """End an execution in Mode Debug where it is."""
    if status not in STATUSES:
        raise UsageError(f"--status: one of {', '.join(STATUSES)}, not {status!r}")
    notify(execution_id, "CompleteExecution", note=note, as_json=as_json, ExecutionStatus=status)


def notify(
    execution_id: str,
    notify_type: str,
    *,
    note: str = "",
    task: str = "",
    item: str = "",
    as_json: bool,
    **fields: Any,
) -> None:
    """Sends a NotifyExecution and prints what came of it.

    Args:
        execution_id: the execution.
        notify_type: what is said.
        note: why.
        task: a task's name, or a TaskExecutionId.
        item: a loop item.
        as_json: print the whole answer.
        fields: more of NotifyExecution's; empty ones aren't sent.

    Raises:
        UsageError: the task and the item say two things.
        ApiError: the execution refused it.
    """
    if item and task.startswith(f"{execution_id}.") and _ITEM_STEP.search(task):
        raise UsageError("--item: the TaskExecutionId in --task already names one loop item")
    by_id = task.startswith(f"{execution_id}.")
    address = {"TaskExecutionId": task if by_id else "", "TaskName": "" if by_id else task, "LoopItem": item}
    path = execution_path(execution_id)
    with connect() as client:
        waiting = client.get(path)["Execution"].get("Waiting", [])
        sent = {"NotifyType": notify_type, "NotifyNote": note, **_exactly(waiting, notify_type, address), **fields}
        answer = client.post(f"{path}/notify", {name: value for name, value in sent.items() if value not in ("", {})})
    print_answer(answer, f"{notify_type}: accepted.", as_json=as_json)


def _exactly(waiting: list[dict[str, Any]], notify_type: str, address: dict[str, str]) -> dict[str, Any]:
    """The id and the attempt of the one thing that is meant, so that nothing is decided that comes to wait meanwhile;
    the address as it was given when it isn't one thing: the execution then says what is wrong."""
    given = {name: value for name, value in address.items() if value}
    meant = [
        wait
        for wait in waiting
        if notify_type in wait["Accepts"] and all(_text(wait.get(name)) == value for name, value in given.items())
    ]
    if len(meant) != 1:
        return given
    return {"TaskExecutionId": meant[0]["TaskExecutionId"], "Attempt": meant[0]["Attempt"]}


def _text(value: Any) -> str:
    """A value as a command line has it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def print_answer(answer: Any, sentence: str, *, as_json: bool) -> None:
    """What came of a request: all of it as JSON, or in a sentence."""
    if as_json:
        print_json(answer)
    else:
        print(clean((answer or {}).get("Message") or sentence))


def print_waiting(waiting: dict[str, Any]) -> None:
    """Something that waits, and what it waits for."""
    print(f"\nwaits for {' or '.join(waiting.get('Accepts') or [])}:")
    required, votes = waiting.get("Required") or 1, [vote["Approver"] for vote in waiting.get("Votes") or []]
    counts = required > 1 or waiting.get("Approvers")
    shown = {
        **{name: waiting.get(name) for name in ("TaskName", "TaskExecutionId", "LoopItem", "Since", "Message")},
        "Approvals": f"{len(votes)} of {required}" + (f": {', '.join(votes)}" if votes else "") if counts else "",
        "Approvers": ", ".join(waiting.get("Approvers") or []),
        "Tasks": ", ".join(waiting.get("Tasks") or []),
        "ApprovalLink": waiting.get("ApprovalLink"),
    }
    print_fields(shown.items())
