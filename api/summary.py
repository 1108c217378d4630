"""What watchers are told of an execution: the part of its record that changes while it runs, and no more.

Small, because it is sent again with every change: no parameters, outputs, properties or calls; those are in the record,
which whoever watches reads at the end.
"""

import hashlib
import json
from typing import Any

from caboose.oos.problems import shortened

Record = dict[str, Any]

_PLAIN = (
    "ExecutionId",
    "FirstRunId",
    "TemplateName",
    "Status",
    "StatusMessage",
    "StatusReason",
    "WaitingStatus",
    "Counters",
    "Progress",
    "CurrentTasks",
    "EndDate",
    "Notes",
    "Warnings",
    "AsOf",
)
_OF_A_TASK = ("TaskExecutionId", "TaskName", "TaskAction", "Status", "CreateDate", "EndDate", "Loop")
_MOST = 50
_MAX_MESSAGE = 1_000


def summary(record: Record) -> Record:
    """The summary: the last of its tasks and decisions, the first of its waits, each without what can be large."""
    told = {name: record[name] for name in _PLAIN if name in record}
    message = shortened(str(record.get("StatusMessage") or ""), _MAX_MESSAGE)
    return {
        **told,
        "StatusMessage": message,
        "Notes": _last(record, "Notes"),
        "Warnings": _last(record, "Warnings"),
        "Waiting": [_brief(wait) for wait in (record.get("Waiting") or [])[:_MOST]],
        "WaitingCount": len(record.get("Waiting") or []),
        "Decisions": [_brief(decision) for decision in _last(record, "Decisions")],
        "Approvals": [_approval(approval) for approval in _last(record, "Approvals")],
        "Tasks": [_task(task) for task in _last(record, "Tasks")],
    }


def summary_id(told: Record) -> str:
    """The same for the same summary, wherever and whenever it is made: a watcher that has it isn't told again."""
    text = json.dumps(told, sort_keys=True)
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:20]


def _last(record: Record, name: str) -> list[Any]:
    return list(record.get(name) or [])[-_MOST:]


def _brief(document: Record) -> Record:
    return {**document, "Message": shortened(str(document.get("Message") or ""), _MAX_MESSAGE)}


def _approval(approval: Record) -> Record:
    names = ("TaskName", "TaskExecutionId", "Attempt", "Status", "Notification", "Decision", "Required", "Votes")
    return {name: approval[name] for name in names if name in approval}


def _task(task: Record) -> Record:
    message = shortened(str(task.get("StatusMessage") or ""), _MAX_MESSAGE)
    return {**{name: task[name] for name in _OF_A_TASK if name in task}, "StatusMessage": message}
