"""Watching an execution: polls its record and tells what changed, in lines; loops get a progress bar on a
terminal.

Everything printed comes from the difference of two records, so a poll that fails or comes late loses nothing.
The execution doesn't know that it is watched: an API or worker that restarts meanwhile is waited for, and
stopping to watch changes nothing. Road not taken: a stream from the API. A record every half second is enough
for an eye, and it works the same for an execution that ended last week.
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
from caboose.cli.errors import ApiError, CliError, Unreachable, problem_text
from caboose.cli.output import cell, clean, console

FINAL = ("Success", "Failed", "Cancelled")
_ENDED = (*FINAL, "Skipped")
_POLL_SECONDS = 0.5
_PATIENCE_SECONDS = 60


def watch(client: Client, execution_id: str, *, stderr: bool = False) -> dict[str, Any]:
    """Tell what happens until the execution ends; returns its last record.

    Raises:
        CliError: when the API refuses, or hasn't answered for a minute.
    """
    with story(console(stderr=stderr)) as tell:
        for record in records(client, execution_id):
            tell.update(record)
    return record


def records(client: Client, execution_id: str) -> Iterator[dict[str, Any]]:
    """The record, again and again, up to and with the final one."""
    answered = time.monotonic()
    while True:
        try:
            record: dict[str, Any] = client.get(execution_path(execution_id))["Execution"]
        except (Unreachable, ApiError) as error:
            if isinstance(error, ApiError) and error.status < 500:
                raise
            if time.monotonic() - answered > _PATIENCE_SECONDS:
                raise CliError(f"no longer watching {execution_id}, which goes on: {error}") from None
        else:
            answered = time.monotonic()
            yield record
            if record["Status"] in FINAL:
                return
        time.sleep(_POLL_SECONDS)


@contextmanager
def story(out: Console) -> Iterator["Story"]:
    """A Story on a console, with a live progress display when it is a terminal."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[detail]}"),
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
        if record["Status"] in FINAL and self._changed("end", record["Status"]):
            self._end(record)

    def _changed(self, key: Any, value: Any) -> bool:
        before, self._seen[key] = self._seen.get(key), value
        return bool(before != value)

    def _line(self, text: str, status: str = "") -> None:
        line = Text(clean(text))
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
        done = (loop.get("Success") or 0) + (loop.get("Failed") or 0)
        total = loop.get("Total") or 0
        detail = f"{loop.get('Failed') or 0} failed, {loop.get('Running') or 0} running"
        if loop.get("Waiting"):
            detail += f", {loop['Waiting']} waiting"
        ident = task["TaskExecutionId"]
        if self._bar and task["Status"] not in _ENDED:
            if ident not in self._bars:
                self._bars[ident] = self._bar.add_task(f"{indent}  {clean(task['TaskName'])}", total=total, detail="")
            self._bar.update(self._bars[ident], completed=done, total=total, detail=detail)
        elif self._changed(("loop", ident), (done, total, detail)):
            self._line(f"{indent}  {done} of {total} done, {detail}")
        if self._bar and task["Status"] in _ENDED and ident in self._bars:
            self._bar.remove_task(self._bars.pop(ident))

    def _notification(self, approval: dict[str, Any]) -> None:
        notification = approval.get("Notification") or {}
        key = ("notification", approval["TaskExecutionId"], notification.get("Number"))
        for name in ("Warning", "Message"):
            wrong = name == "Warning" or notification.get("Delivered") is False
            if wrong and notification.get(name) and self._changed((*key, name), notification[name]):
                self._line(f"    message to the approvers: {notification[name]}")

    def _waiting(self, record: dict[str, Any], waiting: dict[str, Any]) -> None:
        item = waiting.get("LoopItem")
        key = (waiting["TaskExecutionId"], waiting.get("Attempt"), json.dumps(item))
        if not self._changed(("waiting", *key), waiting.get("Since") or True):
            return
        what = waiting["TaskName"] + (f" {item if isinstance(item, str) else json.dumps(item)}" if item else "")
        if waiting["Kind"] == "Approve":
            self._line(f"    {what} waits for a decision:")
            self._line(f"    {waiting.get('ApprovalLink') or 'the link is in the message to the approvers'}")
            return
        self._line(f"    {what}: {waiting.get('Message') or 'nobody knows whether the call was carried out'}")
        for verb in ("retry", "skip"):
            command = f"caboose executions {verb} {record['ExecutionId']}"
            self._line(f"    {command} --task {waiting['TaskExecutionId']}")

    def _decision(self, decision: dict[str, Any]) -> None:
        if not self._changed(("decision", decision["DecisionId"]), True):
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
            self._line("Outputs " + json.dumps(record["Outputs"], indent=2, ensure_ascii=False))
