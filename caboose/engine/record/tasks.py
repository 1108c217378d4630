"""One task execution as the record shows it: OOS's fields, and what was called for it."""

from collections import Counter
from typing import Any

from caboose.engine.record.shown import Veil, bounded, shown_item
from caboose.engine.state import WAITING, ExecutionState, LoopCounters, TaskRun
from caboose.oos.actions import ACTIONS

LOOP_WORKFLOW = "LoopWorkflowId"
"""In ExtraData of a large loop: the Temporal workflow that runs it and lists its items."""
_MAX_PROPERTY = 4_000


def task_record(run: TaskRun, waiting: Counter[str], veil: Veil) -> dict[str, Any]:
    """One task execution; ``waiting`` says of which ids how many parts wait (``waiting_parts``)."""
    extra = {**run.extra, LOOP_WORKFLOW: run.workflow_id} if run.workflow_id else run.extra
    record: dict[str, Any] = {
        "TaskExecutionId": run.id,
        "TaskName": run.name,
        "TaskAction": run.action,
        "Status": WAITING if waiting[run.id] and not run.ended else run.status,
        "StatusMessage": veil.text(run.message),
        "CreateDate": run.created,
        "StartDate": run.created,
        "EndDate": run.ended,
        "Properties": veil.properties(bounded(run.properties, _MAX_PROPERTY)),
        "Outputs": veil.value(bounded(run.outputs)),
        "ParentTaskExecutionId": run.parent_id,
        "ChildExecutionId": _child_id(run) if is_nested(run) else "",
        "ExtraData": veil.value(extra),
        "RequestId": run.request_id,
        "Attempt": run.attempt,
        "Calls": [veil.fields(call) for call in run.calls],
        "Waits": [veil.fields(wait) for wait in run.waits],
    }
    if run.has_item:
        record["LoopItem"] = veil.value(shown_item(run.item))
        record["LoopBatchNumber"] = run.batch
    if run.loop:
        record["Loop"] = loop_fields(run.loop, waiting[run.id])
    return record


def loop_fields(loop: LoopCounters, waiting: int) -> dict[str, int]:
    """A loop's settings and how far it is; items that wait are among the running ones."""
    return {
        "Total": loop.total,
        "Concurrency": loop.concurrency,
        "MaxErrors": loop.max_errors,
        "Success": loop.success,
        "Failed": loop.failed,
        "Skipped": loop.skipped,
        "Cancelled": loop.cancelled,
        "Running": loop.running,
        "Waiting": waiting,
        "NotStarted": loop.not_started,
        "Batch": loop.batch,
        "Batches": loop.batches,
    }


def loop_answer(state: ExecutionState, run: TaskRun) -> dict[str, Any]:
    """What the workflow of a large loop answers to the query GetExecution: the counters as they are now.

    Args:
        state: the state in that workflow.
        run: the loop's task execution in it.
    """
    waiting = waiting_parts(state)[run.id]
    return {
        "TaskExecutionId": run.id,
        "Loop": loop_fields(run.loop, waiting) if run.loop else {},
        "Waiting": waiting,
        "CallsInFlight": state.in_flight,
        "LoopWorkflows": loop_workflows(state),
    }


def loop_workflows(state: ExecutionState) -> list[dict[str, str]]:
    """The large loops that were begun: their items' task executions are in the store and in these workflows."""
    return [
        {"TaskExecutionId": run.id, "WorkflowId": run.workflow_id, "Status": run.status}
        for run in state.runs.values()
        if run.workflow_id
    ]


def is_nested(run: TaskRun) -> bool:
    """Whether a task execution is a child execution too: that of a nested template. A loop's has one for each item."""
    return run.loop is None and (run.action == "ACS::Template" or run.action not in ACTIONS)


def _child_id(run: TaskRun) -> str:
    """What ``{{ ACS::ExecutionId }}`` is in there: another one for each attempt."""
    return run.id if run.attempt == 1 else f"{run.id}.a{run.attempt}"


def waiting_parts(state: ExecutionState) -> Counter[str]:
    """How many waits there are at each task execution and below it: a task of which a part waits is Waiting itself."""
    parts: Counter[str] = Counter()
    for wait in state.waits.values():
        steps = wait.run.id.removeprefix(state.execution_id).split(".")
        parts.update(state.execution_id + ".".join(steps[:end]) for end in range(2, len(steps) + 1))
    return parts
