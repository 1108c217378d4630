"""Watching an execution: what has changed, in lines; a loop that runs has a bar on a terminal.

Everything printed comes from the difference of two records or summaries, so one that fails or comes late loses nothing.
The execution doesn't know that it is watched: an API or worker that restarts meanwhile is waited for, and
stopping to watch changes nothing.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from caboose.cli.client import Client, execution_path
from caboose.cli.errors import ApiError, Unreachable, problem_text
from caboose.cli.events import FINAL, Patience, changes
from caboose.cli.output import cell, clean, console, entry

_ENDED = (*FINAL, "Skipped")
_POLL_SECONDS = 0.5
_COMMANDS = {
    "RetryTask": "retry {execution} --task {task}",
    "SkipTask": "skip {execution} --task {task}",
    "ExecuteTask": "execute-task {execution}",
    "CancelTask": "cancel-task {execution} --task {task}",
    "CompleteExecution": "complete {execution}",
}
"""How people decide what isn't decided by a link."""
_STEPS = 50
"""In a pipe a loop gets a line for each fiftieth of its items, not for each item."""


def watch(client: Client, execution_id: str, *, stderr: bool = False) -> dict[str, Any]:
    """Tell what happens until the execution ends; returns its last record.

    Raises:
        CliError: when the API refuses, or hasn't answered for a minute.
    """
    with story(console(stderr=stderr)) as tell:
        for summary in changes(client, execution_id):
            if summary["Status"] not in FINAL:
                tell.update(summary)
        record = _patiently(client, execution_id)
        tell.update(record)
    return record


def _patiently(client: Client, execution_id: str) -> dict[str, Any]:
    """The record, from an API that may be away for a moment."""
    return next(records(client, execution_id))


def records(client: Client, execution_id: str) -> Iterator[dict[str, Any]]:
    """The record, again and again, up to and with the final one; for whoever has something to do in between."""
    patience = Patience(execution_id)
    while True:
        try:
            record: dict[str, Any] = client.get(execution_path(execution_id))["Execution"]
        except (Unreachable, ApiError) as error:
            patience.spend(error)
            continue
        patience.renew()
        yield record
        if record["Status"] in FINAL:
            return
        time.sleep(_POLL_SECONDS)


@contextmanager
def story(out: Console) -> Iterator["Story"]:
    """A Story on a console, with a live progress display when it is a terminal."""
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[detail]}", markup=False),
        TimeElapsedColumn(),
        console=out,
        transient=True,
    )
    if out.is_terminal:
        with bar:
            yield Story(out, bar)
    else:
        yield Story(out, None)


class Story:
    """Prints the difference between each record and the one before."""

    def __init__(self, out: Console, bar: Progress | None) -> None:
        self._out = out
        self._bar = bar
        self._bars: dict[str, TaskID] = {}
        self._seen: dict[Any, Any] = {}

    def update(self, record: dict[str, Any]) -> None:
        """Tell what is new in this record."""
        if self._changed("execution", record["ExecutionId"]):
            self._begin(record)
        for decision in record.get("Decisions") or []:
            self._decision(decision)
        for task in record.get("Tasks") or []:
            self._task(task)
        for approval in record.get("Approvals") or []:
            self._notification(approval)
        for waiting in record.get("Waiting") or []:
            self._waiting(record, waiting)
        self._notes(record)
        if self._changed("as of", record.get("AsOf") or None) and record.get("AsOf"):
            self._line(f"no worker answers: this is as of {record['AsOf']}")
        if record["Status"] in FINAL and self._changed("end", record["Status"]):
            self._end(record)

    def _changed(self, key: Any, value: Any) -> bool:
        before, self._seen[key] = self._seen.get(key), value
        return bool(before != value)

    def _line(self, text: str, status: str = "") -> None:
        line = Text(entry(text))
        if status:
            line.append(" ").append_text(cell(status))
        self._out.print(line, soft_wrap=True)

    def _begin(self, record: dict[str, Any]) -> None:
        self._line(f"{record['ExecutionId']}  {record.get('TemplateName') or ''}".rstrip())
        for warning in record.get("Warnings") or []:
            self._line(f"warning: {problem_text(warning)}")

    def _notes(self, record: dict[str, Any]) -> None:
        for note in record.get("Notes") or []:
            if self._changed(("note", note), True):
                self._line(f"note: {note}")

    def _task(self, task: dict[str, Any]) -> None:
        ident, status = task["TaskExecutionId"], task["Status"]
        indent = "  " * ident.count(".")
        if status != "Pending" and self._changed(("task", ident), status):
            message = task.get("StatusMessage") or ""
            self._line(f"{indent}{task['TaskName']} ({task['TaskAction']})", status)
            if message and status != "Success":
                self._line(f"{indent}  {message}")
        if loop := task.get("Loop"):
            self._loop(task, loop, indent)

    def _loop(self, task: dict[str, Any], loop: dict[str, Any], indent: str) -> None:
        ident, ended = task["TaskExecutionId"], task["Status"] in _ENDED
        if self._bar and not ended:
            total, done, detail = loop.get("Total") or 0, _done(loop), _progress_of(loop)
            if ident not in self._bars:
                self._bars[ident] = self._bar.add_task(f"{indent}  {clean(task['TaskName'])}", total=total, detail="")
            self._bar.update(self._bars[ident], completed=done, total=total, detail=detail, refresh=True)
        else:
            self._loop_line(ident, loop, indent, ended=ended)
        if self._bar and ended and ident in self._bars:
            self._bar.remove_task(self._bars.pop(ident))

    def _loop_line(self, ident: str, loop: dict[str, Any], indent: str, *, ended: bool) -> None:
        done, total = _done(loop), loop.get("Total") or 0
        detail = f"{loop.get('Failed') or 0} failed, {loop.get('Running') or 0} running"
        if loop.get("Waiting"):
            detail += f", {loop['Waiting']} waiting"
        if total <= _STEPS or ended:
            news: Any = (done, total, detail)
        else:
            news = (done * _STEPS // total, loop.get("Failed"), loop.get("Waiting"))
        if self._changed(("loop", ident), news):
            self._line(f"{indent}  {done} of {total} done, {detail}")

    def _notification(self, approval: dict[str, Any]) -> None:
        notification = approval.get("Notification") or {}
        key = ("notification", approval["TaskExecutionId"], notification.get("Number"))
        for name in ("Warning", "Message"):
            wrong = name == "Warning" or notification.get("Delivered") is False
            if wrong and notification.get(name) and self._changed((*key, name), notification[name]):
                self._line(f"    message to the approvers: {notification[name]}")

    def _waiting(self, record: dict[str, Any], waiting: dict[str, Any]) -> None:
        item = waiting.get("LoopItem")
        key = (waiting["TaskExecutionId"], waiting["Kind"], waiting.get("Attempt"), json.dumps(item))
        if not self._changed(("waiting", *key), waiting.get("Since") or True):
            return
        what = waiting["TaskName"] + (f" {item if isinstance(item, str) else json.dumps(item)}" if item else "")
        accepts = waiting.get("Accepts") or ()
        if waiting["Kind"] == "Approve":
            self._line(f"    {what} waits for a decision:")
        else:
            self._line(f"    {what}: {waiting.get('Message') or 'nobody knows whether the call was carried out'}")
        if "Approve" in accepts:
            self._line(f"    {waiting.get('ApprovalLink') or 'the link is in the message to the approvers'}")
        for command in (_COMMANDS[each] for each in accepts if each in _COMMANDS):
            written = command.format(execution=record["ExecutionId"], task=waiting["TaskExecutionId"])
            self._line(f"    caboose executions {written}")

    def _decision(self, decision: dict[str, Any]) -> None:
        names = ("DecisionId", "At", "NotifyType", "TaskExecutionId", "Message")
        if not self._changed(("decision", *(decision.get(name) for name in names)), True):
            return
        by = f" by {decision['By']}".replace(" by by ", " by ") if decision.get("By") else ""
        note = f': "{decision["Note"]}"' if decision.get("Note") else ""
        verdict = "" if decision.get("Accepted") else f" refused: {decision.get('Message') or decision.get('Code')}"
        self._line(f"    {decision.get('NotifyType')}{by}{note}{verdict}")

    def _end(self, record: dict[str, Any]) -> None:
        self._line(record["ExecutionId"], record["Status"])
        if record.get("StatusMessage"):
            self._line(record["StatusMessage"])
        if record.get("Outputs") is not None:
            outputs = json.dumps(record["Outputs"], indent=2, ensure_ascii=False)
            self._out.print(Text(clean(f"Outputs {outputs}")), soft_wrap=True)


def _done(loop: dict[str, Any]) -> int:
    """Items that are over."""
    return sum(loop.get(name) or 0 for name in ("Success", "Failed", "Skipped", "Cancelled"))


def _progress_of(loop: dict[str, Any]) -> str:
    """A loop's numbers beside its bar; those that wait are among the remaining ones."""
    counts = {
        "succeeded": loop.get("Success") or 0,
        "failed": loop.get("Failed") or 0,
        "skipped": loop.get("Skipped") or 0,
        "waiting": loop.get("Waiting") or 0,
        "remaining": max(0, (loop.get("Total") or 0) - _done(loop)),
    }
    return ", ".join(f"{number} {word}" for word, number in counts.items() if number or word != "skipped")
