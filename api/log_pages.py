"""A page of an execution's log, for executions of any size.

Lines come in the order of time, task executions in the order in which they were made. So task executions are read in
that order, without those that had ended before the page begins, until the next one was made after the page ends. What
is in memory at a time is a page of lines and a page of task executions, however many items a loop has.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from api.context import Context
from api.logs import Key, Line, record_lines, task_lines
from api.records import Known
from api.task_lists import list_tasks
from caboose.store import TaskFilter
from caboose.store.paging import make_token, read_token

_LISTING = "logs"
_TASKS_AT_ONCE = 200


@dataclass(frozen=True)
class LogPage:
    """Some lines in order, and the token of the page after them ('' on the last page)."""

    lines: list[Line]
    next_token: str


async def log_page(ctx: Context, known: Known, within: str, size: int, token: str) -> LogPage:
    """A page of the log.

    Args:
        ctx: the API's parts.
        known: the execution's record.
        within: only what is about this task execution and what is below it; '' for everything.
        size: how many lines at most.
        token: that of an earlier page; '' for the first.

    Raises:
        InvalidNextToken: the token isn't one of a log.
    """
    after = _key(token)
    execution_id = known.record["ExecutionId"]
    only = TaskFilter(include_children=not within, within=within, not_ended_before=after[0], by_time=True)
    lines = _first(size, after, (line for line in record_lines(known.record) if _is_within(line, within)))
    tasks_token = ""
    while True:
        page = await list_tasks(ctx, known, only, _TASKS_AT_ONCE, tasks_token)
        new = (line for task in page.tasks for line in task_lines(execution_id, task))
        lines = _first(size, after, (*lines, *new))
        tasks_token = page.next_token
        full = len(lines) > size and bool(page.tasks) and page.tasks[-1]["CreateDate"] > lines[size].key[0]
        if full or not tasks_token:
            break
    shown = lines[:size]
    return LogPage(shown, make_token(_LISTING, shown[-1].key) if len(lines) > size else "")


def _key(token: str) -> Key:
    if not token:
        return "", "", ""
    time, place, number = read_token(_LISTING, token, 3)
    return time, place, number


def _first(size: int, after: Key, lines: Iterable[Line]) -> list[Line]:
    """The first lines after a key, one more than shown: it tells whether there is another page."""
    return heapq.nsmallest(size + 1, (line for line in lines if line.key > after), key=lambda line: line.key)


def _is_within(line: Line, within: str) -> bool:
    return not within or line.task_execution_id == within or line.task_execution_id.startswith(f"{within}.")
