"""The record of an execution, and the shorter one that the store keeps."""

from dataclasses import dataclass, field
from typing import Any

from caboose.engine.record.progress import progress, status_message
from caboose.engine.record.shown import (
    LEFT_OUT,
    MAX_BRIEF,
    MAX_RECORD_BYTES,
    Hide,
    Veil,
    bare,
    bounded,
    brief,
)
from caboose.engine.record.tasks import is_nested, loop_workflows, task_record, waiting_parts
from caboose.engine.record.waits import approval_fields, outcome_fields, wait_fields
from caboose.engine.retrying import retry_fields
from caboose.engine.state import FAILED, FINAL, OUTCOME_UNKNOWN, SUCCESS, WAITING, Approval, ExecutionState
from caboose.oos.problems import Problem, shortened
from caboose.oos.start import Start
from caboose.oos.values import json_size

MAX_TASKS = 200
MAX_APPROVALS = 20
MAX_OPEN_APPROVALS = 100
CATEGORY = "Other"
"""OOS files executions by what they are for, which templates don't say here."""


@dataclass(frozen=True)
class Header:
    """What is known of an execution from its start on; ``tasks`` are the names of its template's tasks, ``retry_of``
    is the execution that it retries."""

    first_run_id: str
    start: Start | None = None
    executed_by: str = ""
    warnings: list[Problem] = field(default_factory=list)
    template_name: str = ""
    tasks: tuple[str, ...] = ()
    retry_of: str = ""


def execution_record(state: ExecutionState, header: Header, *, now: str, revision: int, hide: Hide) -> dict[str, Any]:
    """The execution's record.

    Args:
        state: the execution's state.
        header: what is known of it from its start on.
        now: the execution's time.
        revision: grows with every record of an execution, so that an older one never replaces a newer one in the store.
        hide: takes the values of secret parameters out of a text.
    """
    veil = Veil(hide)
    record = {
        **_identity(state, header, revision),
        **_status(state, header),
        **_start(header),
        "Outputs": bounded(state.outputs),
        "CreateDate": state.created,
        "StartDate": state.started or state.created,
        "EndDate": state.ended,
        "UpdateDate": now,
        "Notes": list(state.notes),
    }
    return _fitted({**veil.fields(record), **_counts(state, header), **_parts(state, header, veil)})


def _identity(state: ExecutionState, header: Header, revision: int) -> dict[str, Any]:
    start = header.start
    return {
        "ExecutionId": state.execution_id,
        "FirstRunId": header.first_run_id,
        "Revision": revision,
        "ParentExecutionId": "",
        "RetryOf": header.retry_of,
        "Category": CATEGORY,
        "IsParent": any(is_nested(run) for run in state.runs.values()),
        "TemplateName": start.template_name if start else header.template_name,
        "TemplateVersion": start.template_version if start else "",
        "TemplateHash": start.template_hash if start else "",
    }


def _status(state: ExecutionState, header: Header) -> dict[str, Any]:
    waits = [wait for wait in state.waits.values() if wait.answer is None]
    unknown = any(wait.kind == OUTCOME_UNKNOWN for wait in waits)
    return {
        "Status": state.status,
        "StatusMessage": status_message(state, header.tasks),
        "StatusReason": state.reason or (OUTCOME_UNKNOWN if unknown else ""),
        "WaitingStatus": waits[0].kind if state.status == WAITING else "",
    }


def _start(header: Header) -> dict[str, Any]:
    start = header.start
    return {
        "Mode": start.mode if start else "",
        "LoopMode": start.loop_mode if start else "",
        "SafetyCheck": start.safety_check if start else "",
        "ExecutedBy": header.executed_by,
        "RegionId": start.region_id if start else "",
        "RamRole": start.ram_role if start else "",
        "Description": start.description if start else "",
        "Tags": start.tags if start else {},
        "Parameters": bounded(start.public_parameters) if start else {},
    }


def _counts(state: ExecutionState, header: Header) -> dict[str, Any]:
    runs = list(state.top_runs())
    return {
        "Counters": {
            "Failed": sum(run.status == FAILED for run in runs),
            "Success": sum(run.status == SUCCESS for run in runs),
            "Total": len(runs),
        },
        "Progress": progress(state, header.tasks),
        "Retry": retry_fields(state),
    }


def _parts(state: ExecutionState, header: Header, veil: Veil) -> dict[str, Any]:
    """What the record has lists of."""
    waiting = waiting_parts(state)
    runs = list(state.top_runs())
    return {
        "CurrentTasks": [
            {"TaskName": run.name, "TaskAction": run.action, "TaskExecutionId": run.id} for run in runs if not run.ended
        ],
        "Warnings": [veil.fields(problem.as_record()) for problem in header.warnings],
        "Waiting": [wait_fields(wait, veil) for wait in state.waits.values() if wait.answer is None],
        "Approvals": [approval_fields(approval, veil) for approval in _shown_approvals(state)],
        "Decisions": [outcome_fields(each, veil) for each in state.decisions],
        "LoopWorkflows": loop_workflows(state)[-MAX_TASKS:],
        "Tasks": [task_record(run, waiting, veil) for run in runs[-MAX_TASKS:]],
    }


def _shown_approvals(state: ExecutionState) -> list[Approval]:
    """Those that wait, because each has a page on which somebody decides, and the last of the others."""
    open_ones = [each for each in state.approvals if not each.wait.answer and not each.cancelled]
    chosen = [*open_ones[:MAX_OPEN_APPROVALS], *state.approvals[-MAX_APPROVALS:]]
    return [each for each in state.approvals if any(each is one for one in chosen)]


def _lean(approval: dict[str, Any]) -> dict[str, Any]:
    """An approval without its lists: a page that says less is better than none."""
    targets, call = approval["Targets"], approval["Call"]
    return {
        **approval,
        "Message": shortened(approval["Message"], MAX_BRIEF),
        "Call": {**call, "Parameters": bounded(call["Parameters"], MAX_BRIEF)} if call else None,
        "Targets": {**targets, "Items": [], "Missing": targets["Missing"][:MAX_APPROVALS]} if targets else None,
        "NextTasks": [],
        "Approvers": approval["Approvers"][:MAX_APPROVALS],
    }


def for_store(record: dict[str, Any]) -> dict[str, Any]:
    """The record as the store keeps it: written often, it has the last of the decisions and the first of the waits;
    the final one has them all."""
    if record["Status"] in FINAL:
        return record
    return {
        **record,
        "Decisions": _last_decisions(record["Decisions"]),
        "Waiting": [brief(wait) for wait in record["Waiting"][:MAX_APPROVALS]],
        "Approvals": record["Approvals"][-MAX_APPROVALS:],
    }


def _last_decisions(decisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last ones, in order; refused ones only as far as accepted ones leave room."""
    by_worth = sorted(enumerate(decisions), key=lambda each: (each[1]["Accepted"], each[0]))
    return [decision for _, decision in sorted(by_worth[-MAX_APPROVALS:], key=lambda each: each[0])]


def _fitted(record: dict[str, Any]) -> dict[str, Any]:
    """The record within its largest size."""
    trims: tuple[tuple[str, Any], ...] = (
        ("Tasks", [bare(task) for task in record["Tasks"]]),
        ("Decisions", _last_decisions(record["Decisions"])),
        ("Warnings", record["Warnings"][:MAX_APPROVALS]),
        ("Waiting", [brief(wait) for wait in record["Waiting"][:MAX_TASKS]]),
        ("Outputs", dict.fromkeys(list(record["Outputs"] or {})[:MAX_TASKS], LEFT_OUT)),
        ("Parameters", dict.fromkeys(list(record["Parameters"])[:MAX_TASKS], LEFT_OUT)),
        ("Notes", record["Notes"][:MAX_APPROVALS]),
        ("Tags", {}),
        ("Approvals", [*(_lean(each) for each in record["Approvals"][:-1]), *record["Approvals"][-1:]]),
        ("Approvals", record["Approvals"][-1:]),
        ("Tasks", [bare(task) for task in record["Tasks"][-MAX_APPROVALS:]]),
        ("Waiting", [brief(wait) for wait in record["Waiting"][:MAX_APPROVALS]]),
    )
    for name, less in trims:
        if json_size(record) <= MAX_RECORD_BYTES:
            break
        record[name] = less
    return record
