"""An execution's log in sentences, made of its record and its task executions: ``ListExecutionLogs`` of OOS.

Nobody writes a log: whatever it says is in the record already, with its time. So it is there for an execution that runs
as for one that ended last year, and it can't say anything else than they do. Pure: from documents to lines.

Lines are sorted by time; within a second a task execution begins before, and ends after, what is below it.
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from caboose.oos.task_ids import position

Record = dict[str, Any]
Key = tuple[str, str, str]

_LAST = "~"
"""Sorts after everything that is below the same task execution."""
_BEGAN, _WARNED, _WAITED, _ASKED, _DECIDED, _CALLED, _ENDED = range(7)
_MAX_MESSAGE = 2_000
_IN_FLIGHT = "InFlight"
_OUTCOMES = {
    _IN_FLIGHT: "no answer yet",
    "Answered": "answered",
    "NotCarriedOut": "not carried out, and not sent again",
    "Unknown": "nobody knows whether it was carried out",
}
_ENDINGS = {"Success": "completed", "Failed": "failed", "Cancelled": "was cancelled", "Skipped": "was skipped"}


@dataclass(frozen=True)
class Line:
    """One line. ``key`` sorts it among all lines of its execution, and no two lines have the same."""

    key: Key
    message: str
    task_execution_id: str

    def as_record(self) -> Record:
        """The line with OOS's field names."""
        return {
            "LogType": "System",
            "Message": self.message if len(self.message) <= _MAX_MESSAGE else self.message[: _MAX_MESSAGE - 1] + "…",
            "TaskExecutionId": self.task_execution_id,
            "Timestamp": self.key[0],
        }


@dataclass(frozen=True)
class _Place:
    """The execution, or one of its task executions, that lines are about."""

    execution_id: str
    task_execution_id: str = ""

    def line(self, time: str, kind: int, message: str, number: int = 0) -> Line:
        """A line; ``number`` tells it from others of its kind in the same second, and stays the same for ever."""
        task = self.task_execution_id
        place = position(self.execution_id, task) if task else ""
        sorted_by = (time, place + _LAST if kind == _ENDED else place, f"{kind}{number:010d}")
        return Line(sorted_by, _sentence(message), task)


def record_lines(record: Record) -> Iterator[Line]:
    """What an execution's record tells: its beginning, its warnings, its messages, who decided what, how it ended."""
    own = _Place(record["ExecutionId"])
    created, ended = record.get("CreateDate") or "", record.get("EndDate") or ""
    yield own.line(created, _BEGAN, _beginning(record))
    for number, warning in enumerate(record.get("Warnings") or []):
        place = f" ({warning['Path']})" if warning.get("Path") else ""
        yield own.line(created, _WARNED, f"Warning {warning.get('Id')}: {warning.get('Message')}{place}", number)
    yield from _messages(record)
    yield from _decisions(record)
    if ended:
        notes = record.get("Notes") or []
        for number, note in enumerate(notes):
            yield own.line(ended, _ENDED, f"Note: {note}", number)
        yield own.line(ended, _ENDED, f"The execution ended: {record.get('Status')}{_because(record)}", len(notes))


def _beginning(record: Record) -> str:
    version = f" {record['TemplateVersion']}" if record.get("TemplateVersion") else ""
    template = f"template {record['TemplateName']}{version}" if record.get("TemplateName") else "a template"
    by = f", started by {record['ExecutedBy']}" if record.get("ExecutedBy") else ""
    settings = [record.get(name) for name in ("Mode", "RegionId") if record.get(name)]
    return f"The execution began: {template}{by}" + (f" ({', '.join(map(str, settings))})" if settings else "")


def _messages(record: Record) -> Iterator[Line]:
    """What became of the messages that asked for approvals."""
    for approval in record.get("Approvals") or []:
        if told := _delivery(approval):
            place = _Place(record["ExecutionId"], approval["TaskExecutionId"])
            yield place.line(
                approval["Since"], _ASKED, f"The message about {approval['TaskName']} {told}", approval["Attempt"]
            )


def _delivery(approval: Record) -> str:
    notification = approval.get("Notification") or {}
    if notification.get("Delivered") is None:
        return ""
    if not notification["Delivered"]:
        return f"was not delivered: {notification.get('Message') or 'for an unknown reason'}"
    return "was delivered" + (f" ({notification['Warning']})" if notification.get("Warning") else "")


def _decisions(record: Record) -> Iterator[Line]:
    """Decisions that were taken, and refused ones with the reason. The list loses some of them in the course of time:
    so what they say is their number."""
    for decision in record.get("Decisions") or []:
        place = _Place(record["ExecutionId"], decision.get("TaskExecutionId") or "")
        who = f"{decision.get('NotifyType') or 'A decision'} {decision.get('By') or 'by somebody'}"
        note = f': "{decision["Note"]}"' if decision.get("Note") else ""
        why = decision.get("Message") or decision.get("Code")
        text = f"{who} was accepted{note}" if decision.get("Accepted") else f"{who} was refused: {why}"
        yield place.line(decision.get("At") or "", _DECIDED, text, zlib.crc32(json.dumps(decision).encode()))


def task_lines(execution_id: str, task: Record) -> Iterator[Line]:
    """What a task execution tells: its beginning, what was called for it, what it waited for, how it ended."""
    place = _Place(execution_id, task["TaskExecutionId"])
    created, ended = task.get("CreateDate") or "", task.get("EndDate") or ""
    yield place.line(created, _BEGAN, f"{_named(task)} began{_of_item(task)}")
    for number, call in enumerate(task.get("Calls") or [] if _keeps_calls(task) else []):
        yield place.line(call.get("At") or created, _CALLED, _called(call, over=bool(ended)), number)
    for number, wait in enumerate(task.get("Waits") or []):
        why = f"{_named(task)} waits{_of_item(task)} ({wait.get('Kind')}): {wait.get('Message')}"
        yield place.line(wait.get("Since") or created, _WAITED, why, number)
    if ended:
        yield place.line(ended, _ENDED, f"{_named(task)} {_ending(task)}{_of_item(task)}{_because(task)}")


def _keeps_calls(task: Record) -> bool:
    """Calls of inner tasks are kept with the loop item, or with the task of the template, that they are made for."""
    return "LoopItem" in task or not task.get("ParentTaskExecutionId")


def _named(task: Record) -> str:
    return f"The task {task.get('TaskName')} ({task.get('TaskAction')})"


def _of_item(task: Record) -> str:
    if "LoopItem" not in task:
        return ""
    item = task["LoopItem"]
    number = task["TaskExecutionId"].rpartition(".i")[2].lstrip("0")
    attempt = f", attempt {task['Attempt']}" if task.get("Attempt", 1) > 1 else ""
    return f" for item {number}{attempt}" + (f", {item!s:.100}" if isinstance(item, str | int | float) else "")


def _called(call: Record, *, over: bool) -> str:
    """A call; ``over``: the task execution has ended, and what hasn't answered by then was cut off."""
    service, api, outcome = call.get("Service"), call.get("API"), call.get("Outcome") or _IN_FLIGHT
    summary = str(call.get("Summary") or "").replace(f" {api}", "", 1)
    about = f" ({summary})" if summary else ""
    request = f", RequestId {call['RequestId']}" if call.get("RequestId") else ""
    told = (
        "its answer was not awaited" if over and outcome == _IN_FLIGHT else _OUTCOMES.get(outcome, f"failed, {outcome}")
    )
    return f"Called {service} {api}{about}: {told}{request}"


def _ending(task: Record) -> str:
    word = _ENDINGS.get(task.get("Status") or "", f"ended as {task.get('Status')}")
    loop = task.get("Loop")
    if not loop:
        return word
    counts = [(loop.get("Success"), "succeeded"), (loop.get("Failed"), "failed"), (loop.get("Skipped"), "were skipped")]
    counts += [(loop.get("Cancelled"), "were cut off"), (loop.get("NotStarted"), "never started")]
    told = ", ".join(f"{number} {what}" for number, what in counts if number)
    return f"{word}: of {loop.get('Total')} items {told}" if told else word


def _because(document: Record) -> str:
    """What there is to say of an end, with the cloud's RequestId where it went wrong."""
    message, request = document.get("StatusMessage") or "", document.get("RequestId") or ""
    proof = (document.get("ExtraData") or {}).get("Outcome")
    told = [message] if message else []
    if request and document.get("Status") != "Success" and request not in message:
        told.append(f"RequestId {request}")
    if proof:
        told.append(str(proof))
    return f": {'; '.join(told)}" if told else ""


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", '"', "…")) else f"{text}."
