"""What holds of every execution, at every moment and at its end, whatever its template says."""

import json
from typing import Any

from caboose.engine.record import MAX_RECORD_BYTES, Header, StoredTasks, execution_record, for_store, task_page
from caboose.engine.state import CANCELLED, FAILED, FINAL, RUNNING, SKIPPED, SUCCESS, WAITING, ExecutionState, TaskRun
from caboose.oos.values import json_fault
from tests.generator.words import SECRET

_MANY_PAGES = 2_000


def assert_adds_up(state: ExecutionState) -> None:
    """At any moment: counters are of what there is, and what waits accepts something."""
    for run in state.runs.values():
        if run.loop:
            _assert_counted(run, state)
    for name, wait in state.waits.items():
        assert wait.accepts, f"{name} waits for nothing"
        assert wait.run.id == name
        assert wait.run.status == WAITING or wait.answer, f"{name} waits and is {wait.run.status}"
    assert state.status in (*FINAL, RUNNING, WAITING, "Started")


def _assert_counted(run: TaskRun, state: ExecutionState) -> None:
    loop = run.loop
    assert loop
    numbers = (loop.success, loop.failed, loop.skipped, loop.cancelled, loop.running, loop.not_started)
    assert min(numbers) >= 0, f"{run.id}: {loop}"
    assert sum(numbers) == loop.total, f"{run.id}: {loop}"
    assert 1 <= loop.batch <= max(1, loop.batches), f"{run.id}: {loop}"
    assert loop.running <= max(loop.concurrency, 1), f"{run.id}: more at once than it may: {loop}"
    if not run.workflow_id and not run.ended:
        items = [each for each in state.runs.values() if each.parent_id == run.id and each.has_item]
        running = sum(not each.ended for each in items)
        assert running <= loop.running + loop.cancelled, f"{run.id}: {running} items run: {loop}"


def assert_ended_well(state: ExecutionState) -> None:
    """At the end: everything has ended, nobody is asked any more, and the status says why."""
    assert state.final_status in FINAL
    assert state.ended
    assert not state.waits
    assert state.final_status == SUCCESS or state.message, "it didn't end well, and nothing says why"
    for run in state.runs.values():
        assert run.ended, f"{run.id} is {run.status}"
        assert run.status in (SUCCESS, FAILED, CANCELLED, SKIPPED), f"{run.id} is {run.status}"
        assert run.loop is None or not run.loop.running, f"{run.id}: {run.loop}"
        assert run.status != FAILED or run.message, f"{run.id} failed, and nothing says why"
    for approval in state.approvals:
        assert approval.wait.answer or approval.cancelled, f"the page of {approval.wait.run.id} still asks"


def assert_shown_well(state: ExecutionState, header: Header, hide: Any, at: str) -> dict[str, Any]:
    """The record is JSON of a bearable size without secrets; every task execution is on a page, once."""
    record = execution_record(state, header, now=at, revision=1, hide=hide)
    for each in (record, for_store(record)):
        text = json.dumps(each, allow_nan=False)
        assert len(text) <= MAX_RECORD_BYTES * 1.1, f"the record has {len(text)} bytes"
        assert SECRET not in text, "the record shows a secret"
        assert json_fault(each) == ""
    assert record["Status"] == state.status
    shown, token = [], ""
    for _ in range(_MANY_PAGES):
        query = {"IncludeChildTaskExecution": True, "MaxResults": 500, "NextToken": token}
        page = task_page(state, query, hide)
        text = json.dumps(page, allow_nan=False)
        assert SECRET not in text, "a page shows a secret"
        shown += [each["TaskExecutionId"] for each in page["TaskExecutions"]]
        token = page["NextToken"]
        if not token:
            break
    assert sorted(shown) == sorted(state.runs), "the pages together have each task execution once"
    json.dumps(StoredTasks().changed(state, hide), allow_nan=False)
    return record


def assert_failed_for_a_reason(state: ExecutionState, critical: set[str]) -> None:
    """An execution that ended well has no task that failed and was critical."""
    if state.final_status != SUCCESS or state.mode == "Debug":
        return
    failed = [run.name for run in state.top_runs() if run.status == FAILED and run.name in critical]
    assert not failed, f"{failed} failed, and the execution is a Success"
