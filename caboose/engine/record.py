"""The record: an execution's state as the world sees it, with OOS's field names (reference section 8.5).

Plain JSON, redacted. The query answers with it while the execution runs; the store keeps it for afterwards. It travels
in one message, so it has a largest size: what doesn't fit is left out, the least needed first, never the status.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from caboose.engine.state import (
    CANCELLED,
    FAILED,
    OUTCOME_UNKNOWN,
    SUCCESS,
    WAITING,
    Approval,
    ExecutionState,
    TaskRun,
    Wait,
)
from caboose.oos.problems import Problem, shortened
from caboose.oos.redact import redact
from caboose.oos.start import Start
from caboose.oos.values import json_size

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
    waiting = waiting_parts(state)
    record = {
        "ExecutionId": state.execution_id,
        "FirstRunId": header.first_run_id,
        "Revision": revision,
        "TemplateName": start.template_name if start else header.template_name,
        "TemplateVersion": start.template_version if start else "",
        "TemplateHash": start.template_hash if start else "",
        "Status": state.status,
        "StatusMessage": state.message or _waiting_message(state),
        "StatusReason": state.reason or (OUTCOME_UNKNOWN if _unknown(state) else ""),
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
        "Tasks": [task_record(run, waiting) for run in runs[:MAX_TASKS]],
    }
    redacted: dict[str, Any] = redact(record)
    return _fitted(redacted)


def task_record(run: TaskRun, waiting: Counter[str]) -> dict[str, Any]:
    """One task execution; ``waiting`` says of which ids how many parts wait (``waiting_parts``)."""
    record: dict[str, Any] = {
        "TaskExecutionId": run.id,
        "TaskName": run.name,
        "TaskAction": run.action,
        "Status": WAITING if waiting[run.id] and not run.ended else run.status,
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
        loop = {"".join(part.title() for part in key.split("_")): value for key, value in asdict(run.loop).items()}
        record["Loop"] = {**loop, "Waiting": waiting[run.id]}
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
    waiting = waiting_parts(state)
    page = _within(redact(task_record(run, waiting)) for run in runs[begin : begin + size])
    end = begin + len(page)
    return {"TaskExecutions": page, "NextToken": str(end) if end < len(runs) else ""}


def for_store(record: dict[str, Any]) -> dict[str, Any]:
    """The record as the store keeps it: written often, it has the last of the decisions and the first of the waits."""
    return {
        **record,
        "Decisions": _last_decisions(record["Decisions"]),
        "Waiting": [_brief(wait) for wait in record["Waiting"][:MAX_APPROVALS]],
    }


def _last_decisions(decisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last ones, in order; refused ones only as far as accepted ones leave room."""
    by_worth = sorted(enumerate(decisions), key=lambda each: (each[1]["Accepted"], each[0]))
    return [decision for _, decision in sorted(by_worth[-MAX_APPROVALS:], key=lambda each: each[0])]


class StoredTasks:
    """The task executions for the store, each when it has changed: all but the inner ones of items that went well.

    A record is written often while people decide item by item, and each time the whole of a large loop would fill the
    execution's history. ``left`` says that some didn't fit into the last message.
    """

    def __init__(self) -> None:
        self._sent: dict[str, dict[str, Any]] = {}
        self.left = False

    def changed(self, state: ExecutionState) -> list[dict[str, Any]]:
        """Those that have changed since the last call and fit into one message; the others come with the next call."""
        waiting = waiting_parts(state)
        records = (task_record(run, waiting) for run in state.runs.values() if self._worth_keeping(run, state))
        changed = [each for each in records if each != self._sent.get(each["TaskExecutionId"])]
        shown: list[dict[str, Any]] = [redact(each) for each in changed]
        if json_size(shown) > MAX_RECORD_BYTES:
            shown = [_bare(each) for each in shown]
        kept = _within(shown)
        self._sent.update((each["TaskExecutionId"], each) for each in changed[: len(kept)])
        self.left = len(kept) < len(changed)
        return kept

    def forget(self, tasks: list[dict[str, Any]]) -> None:
        """These were not written after all: they come with the next record."""
        for task in tasks:
            self._sent.pop(task["TaskExecutionId"], None)

    def _worth_keeping(self, run: TaskRun, state: ExecutionState) -> bool:
        """What was sent as Running must not stay so; and of an item that ended badly people ask what was done."""
        if not run.parent_id or run.has_item or run.status != SUCCESS or run.extra or run.id in self._sent:
            return True
        return state.runs[run.parent_id].status in (CANCELLED, FAILED)


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


def waiting_parts(state: ExecutionState) -> Counter[str]:
    """How many waits there are at each task execution and below it: a task of which a part waits is Waiting itself."""
    parts: Counter[str] = Counter()
    for wait in state.waits.values():
        steps = wait.run.id.removeprefix(state.execution_id).split(".")
        parts.update(state.execution_id + ".".join(steps[:end]) for end in range(2, len(steps) + 1))
    return parts


def _waiting_message(state: ExecutionState) -> str:
    messages = [wait.message for wait in state.waits.values() if wait.answer is None]
    if not messages:
        return ""
    more = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
    return messages[0] + more


def _unknown(state: ExecutionState) -> bool:
    return any(wait.kind == OUTCOME_UNKNOWN and wait.answer is None for wait in state.waits.values())


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
        ("Decisions", _last_decisions(record["Decisions"])),
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
