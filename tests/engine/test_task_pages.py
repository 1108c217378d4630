"""Task executions by page: one order wherever they are kept, and pages that go on after a key."""

from typing import Any

from caboose.engine.record import nothing_hidden, task_page
from caboose.engine.state import ExecutionState, TaskRun
from caboose.oos.task_ids import position


def at(second: int) -> str:
    """A time in the minute after eight."""
    return f"2026-01-31T08:00:{second:02d}Z"


def state_of(*runs: tuple[str, int, int]) -> ExecutionState:
    """A state with task executions (id, second of the beginning, second of the end or 0), kept in this order."""
    state = ExecutionState("exec-1", created=at(0), started=at(0))
    for name, begin, end in runs:
        identifier = f"exec-1.{name}"
        parent = identifier.rpartition(".")[0] if "." in name else ""
        run = TaskRun(identifier, name, "x", at(begin), parent)
        if end:
            run.end("Success", at(end))
        state.runs[run.id] = run
    return state


def names(state: ExecutionState, **query: Any) -> list[str]:
    """The names on all pages of one."""
    found, token = [], ""
    while True:
        page = task_page(state, {"MaxResults": 1, **query, "NextToken": token}, nothing_hidden)
        found += [task["TaskName"] for task in page["TaskExecutions"]]
        token = page["NextToken"]
        if not token:
            return found


def test_positions_sort_by_number_and_what_is_below_follows_at_once() -> None:
    ids = ["t0001", "t0002", "t0002.i0001", "t0002.i0001.t0001", "t0002.i0002", "t0002.i100000", "t9999", "t10000"]
    assert sorted(ids, key=lambda name: position("exec-9", f"exec-9.{name}")) == ids
    assert position("exec-1", "exec-1.t0002.i12") == ".t0000000002.i0000000012"


RUNS = (("t0001", 1, 2), ("t0002", 2, 0), ("t0002.i0002", 3, 6), ("t0002.i0001", 4, 5), ("t0002.i0001.t0001", 5, 5))


def test_they_come_in_the_order_of_their_numbers() -> None:
    everything = ["t0001", "t0002", "t0002.i0001", "t0002.i0001.t0001", "t0002.i0002"]
    assert names(state_of(*RUNS), IncludeChildTaskExecution=True) == everything
    below = names(state_of(*RUNS), ParentTaskExecutionId="exec-1.t0002", IncludeChildTaskExecution=True)
    assert below == everything[2:]
    assert names(state_of(*RUNS), ParentTaskExecutionId="exec-1.t0002") == ["t0002.i0001", "t0002.i0002"]
    assert names(state_of(*RUNS), WithinTaskExecutionId="exec-1.t0002") == everything[1:]


def test_or_in_the_order_of_time() -> None:
    by_time = {"IncludeChildTaskExecution": True, "OrderBy": "CreateDate"}
    assert names(state_of(*RUNS), **by_time) == ["t0001", "t0002", "t0002.i0002", "t0002.i0001", "t0002.i0001.t0001"]
    assert names(state_of(*RUNS), **by_time, NotEndedBefore=at(6)) == ["t0002", "t0002.i0002"]


def test_what_comes_while_somebody_pages_moves_nothing() -> None:
    state = state_of(("t0001", 1, 1), ("t0002", 1, 0), ("t0002.i0003", 1, 0))
    query = {"IncludeChildTaskExecution": True, "MaxResults": 2}
    first = task_page(state, query, nothing_hidden)
    for number in (1, 4):
        run = TaskRun(f"exec-1.t0002.i{number:04d}", "late", "x", at(9), "exec-1.t0002")
        state.runs[run.id] = run
    second = task_page(state, {**query, "NextToken": first["NextToken"]}, nothing_hidden)
    ids = [task["TaskExecutionId"] for task in (*first["TaskExecutions"], *second["TaskExecutions"])]
    assert ids == [f"exec-1.{name}" for name in ("t0001", "t0002", "t0002.i0001", "t0002.i0003")]
    assert second["NextToken"] == "exec-1.t0002.i0003"
