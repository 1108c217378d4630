"""Which task executions the store needs to hear of, each when it has changed.

All but those within a loop item that went well: the item itself keeps what they called. A record is written often while
people decide item by item, and each time the whole of a loop would fill the execution's history.
"""

from typing import Any

from caboose.engine.record.shown import MAX_RECORD_BYTES, MAX_ROW, Hide, Veil, bare, within
from caboose.engine.record.tasks import task_record, waiting_parts
from caboose.engine.state import CANCELLED, FAILED, SUCCESS, ExecutionState, TaskRun
from caboose.oos.values import json_size

_MOST_MESSAGES = 4
"""At the end of an execution: a loop's worth of large outputs must not keep it from ending."""


class StoredTasks:
    """The task executions for the store. ``left`` says that some didn't fit into the last message."""

    def __init__(self) -> None:
        self._sent: dict[str, Any] = {}
        self.left = False

    def changed(self, state: ExecutionState, hide: Hide) -> list[dict[str, Any]]:
        """Those that have changed since the last call and fit into one message; the others come with the next call.

        Args:
            state: the execution's state.
            hide: takes the values of secret parameters out of a text.
        """
        waiting, veil = waiting_parts(state), Veil(hide)
        new: dict[str, Any] = {}
        records = []
        for run in state.runs.values():
            sent = self._sent.get(run.id)
            if (run.ended and sent == _end_of(run)) or not self._worth_keeping(run, state):
                continue
            record = task_record(run, waiting, veil)
            if record != sent:
                new[run.id] = _end_of(run) if run.ended else record
                records.append(record)
        kept = within(_of_bearable_size(records))
        self._sent.update((each["TaskExecutionId"], new[each["TaskExecutionId"]]) for each in kept)
        self.left = len(kept) < len(records)
        return kept

    def forget(self, tasks: list[dict[str, Any]]) -> None:
        """These were not written after all: they come with the next record."""
        for task in tasks:
            self._sent.pop(task["TaskExecutionId"], None)

    def _worth_keeping(self, run: TaskRun, state: ExecutionState) -> bool:
        """What was sent as Running must not stay so; and of an item that ended badly people ask what was done."""
        if run.has_item or run.status != SUCCESS or run.extra or run.waits or run.id in self._sent:
            return True
        item = _item_around(run, state)
        return item is None or item.status in (CANCELLED, FAILED)


def _of_bearable_size(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The task executions; where they are too much together, those with more than their share lose their outputs."""
    share = min(MAX_ROW, _MOST_MESSAGES * MAX_RECORD_BYTES // max(1, len(records)))
    return [record if json_size(record) <= share else bare(record) for record in records]


def _item_around(run: TaskRun, state: ExecutionState) -> TaskRun | None:
    """The loop item within which a task execution is."""
    around = state.runs.get(run.parent_id)
    while around is not None and not around.has_item:
        around = state.runs.get(around.parent_id)
    return around


def _end_of(run: TaskRun) -> tuple[Any, ...]:
    """What says that a task execution that has ended is still as it was; much less than its record."""
    return run.ended, run.status, run.message, run.attempt, len(run.calls), len(run.waits)
