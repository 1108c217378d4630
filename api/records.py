"""What is known of an execution, from whoever knows best at the moment.

A final record is in the store and never changes. Otherwise the workflow itself is asked; without a worker it can't
answer, and the store's record is given with the time it is of. A workflow that was terminated or timed out in Temporal
reported no end, so the server's word counts for that. Nothing here writes.
"""

from dataclasses import dataclass
from typing import Any

from temporalio.client import WorkflowExecutionStatus

from api.context import Context, in_thread
from api.problems import problem, with_problems
from api.temporal import NoAnswer, NotFound, Seen, Unreachable
from caboose.links import LinkClaims
from caboose.store import FINAL_STATUSES
from workflows.messages import (
    EXECUTION_TYPE,
    GET_EXECUTION,
    OOS_EXECUTED_BY,
    OOS_STATUS,
    OOS_TEMPLATE_NAME,
)

Record = dict[str, Any]

_ENDED = {
    WorkflowExecutionStatus.COMPLETED: ("Success", ""),
    WorkflowExecutionStatus.FAILED: ("Failed", "The workflow failed in Temporal; its history says why."),
    WorkflowExecutionStatus.CANCELED: ("Cancelled", "The workflow was cancelled in Temporal."),
    WorkflowExecutionStatus.TERMINATED: ("Cancelled", "The workflow was terminated in Temporal."),
    WorkflowExecutionStatus.TIMED_OUT: ("Failed", "The workflow's time ran out in Temporal."),
}


@dataclass(frozen=True)
class Known:
    """A record. ``as_of`` is when it was true, '' when it is so now; ``reachable``: Temporal could be asked at all;
    ``stored``: it is the store's, whose task executions are of the same moment."""

    record: Record
    as_of: str = ""
    reachable: bool = True
    stored: bool = False

    @property
    def final(self) -> bool:
        """Whether the execution has ended."""
        return self.record.get("Status") in FINAL_STATUSES


async def look_up(ctx: Context, execution_id: str, first_run_id: str = "") -> Known:
    """The best record there is; a final one of another run than ``first_run_id`` is not good enough (a Temporal client
    may use an id again, and the store learns of it a little later).

    Raises:
        NotFound: neither the store nor Temporal knows the execution.
        Unreachable: the store doesn't know it and Temporal can't be asked.
    """
    stored = await in_thread(ctx.store.get_execution, execution_id)
    same_run = stored is not None and first_run_id in ("", stored.get("FirstRunId"))
    if stored is not None and same_run and stored.get("Status") in FINAL_STATUSES:
        return Known(stored, stored=True)
    try:
        seen = await seen_execution(ctx, execution_id)
    except (NotFound, Unreachable) as error:
        if stored is None:
            raise
        return Known(stored, as_of=_date_of(stored), reachable=isinstance(error, NotFound))
    if stored is not None and stored.get("FirstRunId") not in ("", seen.first_run_id):
        stored = None  # an earlier execution of the same id
    trouble = await problem(ctx, seen)
    try:
        record = await ctx.gateway.query(execution_id, GET_EXECUTION)
    except (NoAnswer, Unreachable):
        last = stored or _from_server(seen)
        return Known(with_problems(_ended(last, seen), trouble), as_of="" if not seen.running else _date_of(last))
    record = _ended(record, seen) if isinstance(record, dict) else _from_server(seen)
    return Known(with_problems(record, trouble))


async def seen_execution(ctx: Context, execution_id: str) -> Seen:
    """What the server knows.

    Raises:
        NotFound: also when the workflow of that id is no execution: a part of one (caboose.Loop), or somebody else's
            in the same namespace, which nobody may cancel from here.
        Unreachable: when Temporal can't be asked.
    """
    seen = await ctx.gateway.describe(execution_id)
    if "." in seen.workflow_type or seen.task_queue != ctx.settings.task_queue:
        raise NotFound(execution_id)
    return seen


def with_links(ctx: Context, record: Record) -> Record:
    """The record with ``ApprovalLink`` at each wait that is answered with Approve or Reject: it has a page."""
    return {**record, "Waiting": [_with_link(ctx, record, wait) for wait in record.get("Waiting", [])]}


def blank_record(fields: Record) -> Record:
    """A record in which everything that isn't known yet is empty."""
    return {
        "ExecutionId": "",
        "FirstRunId": "",
        "Revision": 0,
        "RetryOf": "",
        "TemplateName": "",
        "TemplateVersion": "",
        "TemplateHash": "",
        "Status": "Started",
        "StatusMessage": "",
        "StatusReason": "",
        "WaitingStatus": "",
        "Mode": "",
        "LoopMode": "",
        "SafetyCheck": "",
        "ExecutedBy": "",
        "RegionId": "",
        "RamRole": "",
        "Description": "",
        "Tags": {},
        "Parameters": {},
        "Outputs": None,
        "Counters": {"Failed": 0, "Success": 0, "Total": 0},
        "Retry": {},
        "CreateDate": "",
        "StartDate": "",
        "EndDate": "",
        "UpdateDate": "",
        **{name: [] for name in _LISTS},
        **fields,
    }


_LISTS = ("CurrentTasks", "Warnings", "Notes", "Waiting", "Approvals", "Decisions", "LoopWorkflows", "Tasks")


def _with_link(ctx: Context, record: Record, wait: Record) -> Record:
    if "Approve" not in wait.get("Accepts", ()):
        return wait
    claims = LinkClaims(
        execution_id=record["ExecutionId"],
        first_run_id=record["FirstRunId"],
        task_execution_id=wait["TaskExecutionId"],
        attempt=wait["Attempt"],
    )
    return {**wait, "ApprovalLink": ctx.approval_link(claims)}


def _from_server(seen: Seen) -> Record:
    """For an execution that nobody has recorded: started by a Temporal client, and no worker has seen it yet."""
    by_name = "" if seen.workflow_type == EXECUTION_TYPE else seen.workflow_type
    return blank_record(
        {
            "ExecutionId": seen.execution_id,
            "FirstRunId": seen.first_run_id,
            "TemplateName": seen.attributes.get(OOS_TEMPLATE_NAME, by_name),
            "Status": seen.attributes.get(OOS_STATUS, "Started"),
            "ExecutedBy": seen.attributes.get(OOS_EXECUTED_BY, ""),
            "CreateDate": seen.started,
            "StartDate": seen.started,
            "UpdateDate": seen.started,
        }
    )


def _ended(record: Record, seen: Seen) -> Record:
    if seen.running or record.get("Status") in FINAL_STATUSES:
        return record
    status, message = _ENDED.get(seen.status, ("Failed", "The workflow has ended in Temporal."))
    return {
        **record,
        "Status": status,
        "StatusMessage": message,
        "StatusReason": seen.status.name.title().replace("_", ""),
        "EndDate": seen.ended,
        "WaitingStatus": "",
        "Waiting": [],
        "CurrentTasks": [],
    }


def _date_of(record: Record) -> str:
    return str(record.get("UpdateDate") or record.get("CreateDate") or "unknown")
