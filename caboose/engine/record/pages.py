"""Lists of task executions by page: the answer to the query ListTaskExecutions.

A page goes on after a key, not after a number of rows: the lists of an execution, of its large loops' workflows and of
the store have the same order, and whoever reads one list made of them all can go on in each.
"""

from typing import Any

from caboose.engine.record.shown import Hide, Veil, row
from caboose.engine.record.shown import within as as_many_as_fit
from caboose.engine.record.tasks import task_record, waiting_parts
from caboose.engine.state import ExecutionState, TaskRun
from caboose.oos.task_ids import position

_DEFAULT_PAGE, _MAX_PAGE = 50, 1_000
_BY_TIME = "CreateDate"

Key = tuple[str, ...]


def task_page(state: ExecutionState, query: Any, hide: Hide) -> dict[str, Any]:
    """A page of task executions.

    Args:
        state: the execution's state.
        query: ``ParentTaskExecutionId`` and ``IncludeChildTaskExecution`` say which: those of the parent, by default of
            the execution itself, alone or with all that is below them; ``WithinTaskExecutionId``: that one and all
            below it. ``OrderBy: CreateDate`` lists them by time, by default they come in the order of their ids'
            numbers; ``NotEndedBefore`` leaves out what had ended then. ``MaxResults``; ``NextToken`` as an earlier page
            gave it. All of them optional, of any shape.
        hide: takes the values of secret parameters out of a text.
    """
    query = query if isinstance(query, dict) else {}
    by_time = query.get("OrderBy") == _BY_TIME
    listed = [(_key(run, state, by_time=by_time), run) for run in _meant(state, query)]
    listed.sort(key=lambda each: each[0])
    after = _after(state, query.get("NextToken"), by_time=by_time)
    size = query.get("MaxResults")
    size = min(size, _MAX_PAGE) if isinstance(size, int) and size > 0 else _DEFAULT_PAGE
    rest = [(key, run) for key, run in listed if key > after]
    waiting, veil = waiting_parts(state), Veil(hide)
    page = as_many_as_fit(row(task_record(run, waiting, veil)) for _, run in rest[:size])
    last = rest[len(page) - 1][1] if 0 < len(page) < len(rest) else None
    return {"TaskExecutions": page, "NextToken": _token(last, by_time=by_time) if last else ""}


def _meant(state: ExecutionState, query: dict[str, Any]) -> list[TaskRun]:
    parent = query.get("ParentTaskExecutionId") or ""
    within = query.get("WithinTaskExecutionId") or ""
    since = query.get("NotEndedBefore") or ""
    if within:
        found = [run for run in state.runs.values() if run.id == within or run.id.startswith(f"{within}.")]
    elif query.get("IncludeChildTaskExecution"):
        found = [run for run in state.runs.values() if not parent or run.id.startswith(f"{parent}.")]
    else:
        found = [run for run in state.runs.values() if run.parent_id == parent]
    return [run for run in found if not run.ended or run.ended >= str(since)]


def _key(run: TaskRun, state: ExecutionState, *, by_time: bool) -> Key:
    place = position(state.execution_id, run.id)
    return (run.created, place) if by_time else (place,)


def _token(run: TaskRun, *, by_time: bool) -> str:
    return f"{run.created} {run.id}" if by_time else run.id


def _after(state: ExecutionState, token: Any, *, by_time: bool) -> Key:
    """The key in a token; one that nobody gave is the beginning."""
    created, _, identifier = str(token or "").rpartition(" ")
    if not identifier.startswith(f"{state.execution_id}.") or bool(created) != by_time:
        return ()
    place = position(state.execution_id, identifier)
    return (created, place) if by_time else (place,)
