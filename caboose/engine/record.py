"""The record: an execution's state as the world sees it, with OOS's field names (reference section 8.5).

Plain JSON, redacted. The query answers with it while the execution runs; the store keeps it for afterwards. It travels
in one message, so it has a largest size: what doesn't fit is left out, the least needed first, never the status.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from caboose.engine.state import FAILED, FINAL, SUCCESS, WAITING, Approval, ExecutionState, TaskRun, Wait
from caboose.oos.problems import Problem, shortened
from caboose.oos.redact import redact
from caboose.oos.resolve import json_size
from caboose.oos.start import Start

MAX_TASKS = 200
MAX_APPROVALS = 20
MAX_RECORD_BYTES = 700_000
_MAX_OUTPUT = 20_000
_MAX_ITEM = 2_000
_MAX_BRIEF = 300
_LEFT_OUT = "(left out: the record would be too large)"
_DEFAULT_PAGE, _MAX_PAGE = 50, 1_000


@dataclass(frozen=True)
class Header:
    """What is known of an execution from its start on."""

    first_run_id: str
    start: Start | None = None
    executed_by: str = ""
    warnings: list[Problem] = field(default_factory=list)
    template_name: str = ""


def execution_record(state: ExecutionState, header: Header, *, now: str, revision: int) -> dict[str, Any]:
    """The execution's record; ``revision`` grows with every record of an execution, so that an older one never
    replaces a newer one in the store."""
    start = header.start
    runs = list(state.top_runs())
    record = {
        "ExecutionId": state.execution_id,
        "FirstRunId": header.first_run_id,
        "Revision": revision,
        "TemplateName": start.template_name if start else header.template_name,
        "TemplateVersion": start.template_version if start else "",
        "TemplateHash": start.template_hash if start else "",
        "Status": state.status,
        "StatusMessage": state.message or _waiting_message(state),
        "StatusReason": state.reason or ("OutcomeUnknown" if _unknown(state) else ""),
        "Mode": start.mode if start else "",
        "LoopMode": start.loop_mode if start else "",
        "SafetyCheck": start.safety_check if start else "",
        "ExecutedBy": header.executed_by,
        "RegionId": start.region_id if start else "",
        "RamRole": start.ram_role if start else "",
        "Description": start.description if start else "",
        "Tags": start.tags if start else {},
        "Parameters": _bounded(start.public_parameters) if start else {},
        "Outputs": _bounded(state.outputs),
        "Counters": {
            "Failed": sum(run.status == FAILED for run in runs),
            "Success": sum(run.status == SUCCESS for run in runs),
            "Total": len(runs),
        },
        "CurrentTasks": [
            {"TaskName": run.name, "TaskAction": run.action, "TaskExecutionId": run.id} for run in runs if not run.ended
        ],
        "CreateDate": state.created,
        "StartDate": state.started or state.created,
        "EndDate": state.ended,
        "UpdateDate": now,
        "Warnings": [problem.as_record() for problem in header.warnings],
        "Notes": list(state.notes),
        "Waiting": [_waiting(wait) for wait in state.waits.values() if wait.answer is None],
        "Approvals": [_approval(approval) for approval in state.approvals[-MAX_APPROVALS:]],
        "Decisions": [_decision(each) for each in state.decisions],
        "Tasks": [task_record(state, run) for run in runs[:MAX_TASKS]],
    }
    redacted: dict[str, Any] = redact(record)
    return _fitted(redacted)


def task_record(state: ExecutionState, run: TaskRun) -> dict[str, Any]:
    """One task execution."""
    record: dict[str, Any] = {
        "TaskExecutionId": run.id,
        "TaskName": run.name,
        "TaskAction": run.action,
        "Status": _run_status(state, run),
        "StatusMessage": run.message,
        "CreateDate": run.created,
        "StartDate": run.created,
        "EndDate": run.ended,
        "Outputs": _bounded(run.outputs),
        "ParentTaskExecutionId": run.parent_id,
        "ExtraData": dict(run.extra),
        "RequestId": run.request_id,
    }
    if run.has_item:
        record["LoopItem"] = _shown_item(run.item)
    if run.loop:
        waiting = sum(wait.run.id.startswith(run.id + ".") for wait in state.waits.values())
        loop = {"".join(part.title() for part in key.split("_")): value for key, value in asdict(run.loop).items()}
        record["Loop"] = {**loop, "Waiting": waiting}
    return record


def task_page(state: ExecutionState, query: Any) -> dict[str, Any]:
    """The answer to the query ListTaskExecutions: a page of task executions, in the order in which they started.

    Args:
        state: the execution's state.
        query: ``{MaxResults, NextToken, IncludeChildTaskExecution, ParentTaskExecutionId}``, all of them optional.
    """
    query = query if isinstance(query, dict) else {}
    parent = query.get("ParentTaskExecutionId")
    if parent:
        runs = [run for run in state.runs.values() if run.parent_id == parent]
    elif query.get("IncludeChildTaskExecution"):
        runs = list(state.runs.values())
    else:
        runs = list(state.top_runs())
    size, token = query.get("MaxResults"), query.get("NextToken")
    size = min(size, _MAX_PAGE) if isinstance(size, int) and size > 0 else _DEFAULT_PAGE
    begin = int(token) if isinstance(token, str) and token.isascii() and token.isdigit() and len(token) < 10 else 0
    page = _within(redact(task_record(state, run)) for run in runs[begin : begin + size])
    end = begin + len(page)
    return {"TaskExecutions": page, "NextToken": str(end) if end < len(runs) else ""}


def stored_tasks(state: ExecutionState) -> list[dict[str, Any]]:
    """The task executions that the store keeps: all but the inner ones of items that went well.

    When they are too large for one message, they lose their outputs, and after that the last of them are left out.
    """
    tasks: list[dict[str, Any]] = [redact(task_record(state, run)) for run in _worth_keeping(state.runs.values())]
    if json_size(tasks) > MAX_RECORD_BYTES:
        tasks = [_bare(task) for task in tasks]
    return _within(tasks)


def _within(tasks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first of them, as many as one message holds; at least one, so that who pages gets on."""
    room = MAX_RECORD_BYTES
    kept: list[dict[str, Any]] = []
    for task in tasks:
        room -= json_size(task) + 2
        if room < 0 and kept:
            break
        kept.append(task)
    return kept


def _worth_keeping(runs: Iterable[TaskRun]) -> Iterable[TaskRun]:
    return (run for run in runs if not run.parent_id or run.has_item or run.status != SUCCESS or run.extra)


def _run_status(state: ExecutionState, run: TaskRun) -> str:
    """A task of which a part waits is Waiting itself."""
    if run.status in FINAL or not state.waits:
        return run.status
    waits = any(wait.run.id == run.id or wait.run.id.startswith(run.id + ".") for wait in state.waits.values())
    return WAITING if waits else run.status


def _waiting_message(state: ExecutionState) -> str:
    messages = [wait.message for wait in state.waits.values() if wait.answer is None]
    if not messages:
        return ""
    more = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
    return messages[0] + more


def _unknown(state: ExecutionState) -> bool:
    return any(wait.kind == "OutcomeUnknown" and wait.answer is None for wait in state.waits.values())


def _waiting(wait: Wait) -> dict[str, Any]:
    return {
        "Kind": wait.kind,
        "TaskName": wait.run.name,
        "TaskExecutionId": wait.run.id,
        "Attempt": wait.attempt,
        "LoopItem": _shown_item(wait.item),
        "Since": wait.since,
        "Accepts": list(wait.accepts),
        "Message": wait.message,
    }


def _approval(approval: Approval) -> dict[str, Any]:
    wait, answer = approval.wait, approval.wait.answer
    return {
        "TaskName": wait.run.name,
        "TaskExecutionId": wait.run.id,
        "Attempt": wait.attempt,
        "Since": wait.since,
        "Status": answer.notify_type if answer else "Cancelled" if approval.cancelled else "Waiting",
        "Message": approval.message,
        "Targets": approval.targets,
        "NextTasks": approval.next_tasks,
        "Notification": {
            "Delivered": approval.delivered,
            "Message": approval.delivery_message,
            "Warning": approval.delivery_warning,
            "Number": approval.number,
        },
        "Decision": {
            "Decision": answer.notify_type,
            "By": answer.by,
            "Note": answer.note,
            "At": answer.at,
            "DecisionId": answer.decision_id,
        }
        if answer
        else None,
    }


def _decision(outcome: Any) -> dict[str, Any]:
    return {"".join(part.title() for part in key.split("_")): value for key, value in asdict(outcome).items()}


def _bounded(values: dict[str, Any] | None) -> dict[str, Any] | None:
    """Values as the record shows them: a large one is named, not copied (the result of the workflow is whole)."""
    if values is None:
        return None
    sizes = {name: json_size(value) for name, value in values.items()}
    return {
        name: value if sizes[name] <= _MAX_OUTPUT else f"({sizes[name]} bytes, left out here)"
        for name, value in values.items()
    }


def _shown_item(item: Any) -> Any:
    return item if json_size(item) <= _MAX_ITEM else _LEFT_OUT


def _fitted(record: dict[str, Any]) -> dict[str, Any]:
    """The record within its largest size."""
    trims: tuple[tuple[str, Any], ...] = (
        ("Tasks", [_bare(task) for task in record["Tasks"]]),
        ("Decisions", record["Decisions"][-MAX_APPROVALS:]),
        ("Warnings", record["Warnings"][:MAX_APPROVALS]),
        ("Waiting", [_brief(wait) for wait in record["Waiting"][:MAX_TASKS]]),
        ("Outputs", dict.fromkeys(list(record["Outputs"] or {})[:MAX_TASKS], _LEFT_OUT)),
        ("Parameters", dict.fromkeys(list(record["Parameters"])[:MAX_TASKS], _LEFT_OUT)),
        ("Notes", record["Notes"][:MAX_APPROVALS]),
        ("Tags", {}),
        ("Approvals", record["Approvals"][-1:]),
        ("Tasks", [_bare(task) for task in record["Tasks"][-MAX_APPROVALS:]]),
        ("Waiting", [_brief(wait) for wait in record["Waiting"][:MAX_APPROVALS]]),
    )
    for name, less in trims:
        if json_size(record) <= MAX_RECORD_BYTES:
            break
        record[name] = less
    return record


def _bare(task: dict[str, Any]) -> dict[str, Any]:
    """A task execution without the parts that templates make large."""
    outputs = {"": _LEFT_OUT} if task["Outputs"] else {}
    return {**task, "Outputs": outputs, "StatusMessage": shortened(task["StatusMessage"], _MAX_BRIEF)}


def _brief(wait: dict[str, Any]) -> dict[str, Any]:
    return {**wait, "Message": shortened(wait["Message"], _MAX_BRIEF)}
